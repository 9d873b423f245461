"""A question of two parts: each decided by itself, so that half an answer is given where half is covered."""

from __future__ import annotations

import re

from qabot.language import STOP_WORDS, words_of

_MOST = 4
_JOINED = re.compile(
    r",?\s+and\s+(?=(?:(?:for|at|by|to|in|from|with|since|until) )?(?:what|who|whom|when|where|why|how|which)\b)",
    re.IGNORECASE,
)
_POINTS_BACK = re.compile(r"\b(?:he|she|they|him|her|his|their|them|its?|this|that|these|those|one)\b", re.IGNORECASE)


def parts_of(question: str) -> list[str]:
    """ "Who said it, and when was it said?" in two; one part for most questions, and for one of more than four."""
    parts = [part.strip(" ,?") + "?" for part in _JOINED.split(question.strip()) if part.strip(" ,?")]
    # Each is read for itself, and nobody means that many.
    return parts if len(parts) <= _MOST else [question]


def stands_alone(part: str) -> bool:
    """Whether the part says by itself what it is about: "when was it said?" and "why?" do not."""
    return not _POINTS_BACK.search(part) and any(word.casefold() not in STOP_WORDS for word in words_of(part))
