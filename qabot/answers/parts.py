"""The part of a question that the evidence does not cover."""

from __future__ import annotations

import re
from collections.abc import Sequence

from qabot.answers.candidates import Candidate
from qabot.embedding import CrossEncoder
from qabot.retrieval import Query

_JOINED = re.compile(r",?\s+and\s+(?=(?:what|who|whom|when|where|why|how|which)\b)", re.IGNORECASE)
# Logits: a part is answered from the first on, and is not covered below the second.
_ANSWERED, _NOT_COVERED = 0.5, -2.5
_READ = 4


def parts_of(question: str) -> list[str]:
    """ "Who said it, and when was it said?" in two; one part for most questions."""
    return [part.strip(" ,?") + "?" for part in _JOINED.split(question.strip()) if part.strip(" ,?")]


def uncovered(question: str, query: Query, ranked: Sequence[Candidate], cross_encoder: CrossEncoder | None) -> str:
    """The part that no candidate answers although another part is answered, as asked; empty for none."""
    parts = parts_of(question)
    if len(parts) < 2 or cross_encoder is None:
        return ""
    texts = [candidate.in_context for candidate in ranked[:_READ]]
    best = [max(reading.relevance for reading in cross_encoder.read(part, texts)) for part in parts]
    if max(best) < _ANSWERED:
        return ""
    lacking = [part for part, relevance in zip(parts, best, strict=True) if relevance < _NOT_COVERED]
    return " ".join(part[0].lower() + part[1:] for part in lacking)
