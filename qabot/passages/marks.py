"""Quotation marks: which characters of a text stand between them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

MARKS = frozenset('“”„"«»')
_BEFORE_OPENING = frozenset(" \t\n\r\xa0([{–—-/")


@dataclass(frozen=True, slots=True)
class Quoting:
    """How a sentence stands to quotation marks; ``plain`` is it with quoted characters and marks as U+FFFC."""

    opened_before: bool
    open_after: bool
    quotes: bool
    plain: str

    @property
    def only_quoted(self) -> bool:
        """Whether every word of the sentence is inside quotation marks."""
        return (self.quotes or self.opened_before) and not any(character.isalnum() for character in self.plain)


QUOTED = "￼"


def opens(text: str, at: int) -> bool:
    """Whether the quotation mark ``text[at]`` opens a quotation, by what stands around it."""
    mark = text[at]
    if mark in "”»":
        return False
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    starts = not before or before in _BEFORE_OPENING
    if mark in "“„«":
        # Some pages close with the opening mark.
        return starts or (after.isalnum() and not before.isalnum())
    return starts and bool(after) and not after.isspace()


def quoting(
    text: str, spans: Sequence[tuple[int, int]], paragraphs: Iterable[int], *, inside: bool = False
) -> list[Quoting]:
    """For each sentence; a quotation open at a paragraph's end goes on only where the next begins with a mark.

    ``inside`` is that one is open at the beginning of the first.
    """
    found = []
    last = None
    for (start, end), paragraph in zip(spans, paragraphs, strict=True):
        if last is not None and paragraph != last and not (text[start] in MARKS and opens(text, start)):
            inside = False
        last = paragraph
        before, seen, plain = inside, inside, []
        for at in range(start, end):
            if text[at] in MARKS:
                inside = opens(text, at)
                seen = True
                plain.append(QUOTED)
            else:
                plain.append(QUOTED if inside else text[at])
        found.append(Quoting(before, inside, seen, "".join(plain)))
    return found
