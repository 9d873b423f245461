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
    Told,
)

__all__ = [
    "Answer",
    "Citation",
    "Disagreement",
    "IndexState",
    "Position",
    "RankedPassage",
    "Span",
    "Statement",
    "Told",
]
