"""The object that every surface renders, and that `--json` prints as it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Status = Literal["answered", "partial", "abstained"]


@dataclass(frozen=True, slots=True)
class Citation:
    """A quote and where it stands: ``article_text[start:end] == quote``, in characters."""

    id: int
    article: str
    title: str | None
    outlet: str | None
    author: str | None
    published: str | None
    quote: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class RankedPassage:
    """A piece of an article of at most 800 characters, ``article_text[start:end] == text``."""

    article: str
    text: str
    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class Position:
    says: str
    citations: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Disagreement:
    about: str
    positions: tuple[Position, ...]


@dataclass(frozen=True, slots=True)
class IndexState:
    """What was asked: ``built`` is ISO 8601 in UTC, ``stale`` that the articles have changed since."""

    generation: int
    articles: int
    passages: int
    built: str
    stale: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """``answer`` holds markers such as [1] that name citations; ``confidence`` is a probability, 0 to 1;
    ``passages`` are in rank order; ``took_ms`` is milliseconds."""

    question: str
    searched_for: str
    status: Status
    confidence: float
    answer: str
    citations: tuple[Citation, ...]
    passages: tuple[RankedPassage, ...]
    disagreements: tuple[Disagreement, ...]
    index: IndexState
    took_ms: float
