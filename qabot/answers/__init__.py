"""Hits -> an Answer: composed, cited, verified, or none."""

from qabot.answers.answer import (
    Answer,
    Citation,
    Disagreement,
    IndexState,
    Position,
    RankedPassage,
    Span,
    Statement,
)
from qabot.answers.conversation import Conversation
from qabot.answers.follow_up import FollowUp, standalone

__all__ = [
    "Answer",
    "Citation",
    "Conversation",
    "Disagreement",
    "FollowUp",
    "IndexState",
    "Position",
    "RankedPassage",
    "Span",
    "Statement",
    "standalone",
]
