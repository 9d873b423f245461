"""Hits -> an Answer: composed, cited, verified, or none."""

from qabot.answers.abstain import ANSWER_FROM, confidence
from qabot.answers.answer import Answer, Citation, Disagreement, IndexState, Position, RankedPassage
from qabot.answers.compose import compose, compose_abstention, ranked_passages, verified
from qabot.answers.conversation import Conversation, standalone

__all__ = [
    "ANSWER_FROM",
    "Answer",
    "Citation",
    "Conversation",
    "Disagreement",
    "IndexState",
    "Position",
    "RankedPassage",
    "compose",
    "compose_abstention",
    "confidence",
    "ranked_passages",
    "standalone",
    "verified",
]
