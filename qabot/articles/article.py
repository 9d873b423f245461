"""The type that leaves this room: one article, its text untouched, with the spans that count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph or a heading: ``article.text[start:end]``, in characters, without outer white space."""

    start: int
    end: int
    kind: Literal["paragraph", "heading", "title"]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A span that is kept out of the passages, and why."""

    start: int
    end: int
    reason: str


@dataclass(frozen=True, slots=True)
class Metadata:
    """Who reported it and when; ``None`` where nobody says, never guessed. Dates are ISO (``2023-11-04``)."""

    title: str | None = None
    outlet: str | None = None
    author: str | None = None
    published: str | None = None
    language: str | None = None
    via: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Article:
    """A file of the collection as it was read.

    ``text`` is the decoded file for .txt and .md (front matter included in the count, newlines as they
    are) and the extracted text for .html and .pdf. ``blocks`` and ``left_out`` are in reading order and
    do not overlap.
    """

    path: str
    text: str
    metadata: Metadata
    blocks: tuple[Block, ...]
    left_out: tuple[LeftOut, ...]
    content_hash: str
