"""A paragraph -> its sentences, as spans."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from qabot.language.abbreviations import stops_short
from qabot.language.openings import OPENERS


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence ``[start, end)`` of an article's text, in characters, and where it stands.

    ``section`` grows where a heading or something left out comes before; ``context`` is the title and the heading.
    """

    start: int
    end: int
    paragraph: int
    section: int
    context: str = ""


# A "sentence" longer than this is a table, a list or a missing full stop: it is cut at white space,
# so that it still fits what may be shown and what the model reads.
MAX_SENTENCE_CHARACTERS = 600

# nupunkt looks around each full stop; it is given a long paragraph in pieces so that memory stays flat.
_PIECE_CHARACTERS = 100_000
# ... and what is no language at all, such as data, in small ones: within a "word" it looks back from each full stop.
_WORD_CHARACTERS = 1_000
_LONG_WORD = re.compile(rf"(?<!\S)\S{{{_WORD_CHARACTERS + 1},}}")

# Enough of a sentence to tell whether it is one.
_LOOK = 80

# Scraped pages lose the space between two sentences ("talks.The"). A host name or a product ("One.Tel") has a capital
# or another full stop before it, or no word of its own after it.
_GLUED = re.compile(r"(?:(?<![\w./@:-])[a-z][a-z’'-]{0,40}[a-z]{2}|(?P<name>\b[A-Z][a-z]{2,}|\d\d|[)%]))"
                    r"[.!?]+[”\"’)\]]*"
                    r"(?P<next>[“\"]?(?P<word>(?!(?:Com|Org|Net|Edu|Gov|Tel)\b)[A-Z][a-z’']*)(?=[ ,]))")  # fmt: skip
_CLOSING = re.compile(r"[”’)\]]+(?=\s|$|[A-Z“])|[\"'](?=\s|$)")
_LOWER_WORD = re.compile(r"[a-z]+(?![A-Za-z]*[A-Z])\b")


def sentence_spans(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Spans ``(start, end)`` in characters of ``text``, within ``text[start:end]``, without outer white space."""
    import nupunkt

    for piece_start, piece_end in _pieces(text, start, end):
        found = nupunkt.sent_spans(text[piece_start:piece_end])
        trimmed = (_trim(text, piece_start + first, piece_start + last) for first, last in found)
        parts = (part for span in trimmed for part in _unglued(text, *span))
        for span in _mended(text, parts):
            yield from _cut(text, *span, MAX_SENTENCE_CHARACTERS)


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for word in _LONG_WORD.finditer(text, start, end):
        yield from _cut(text, start, word.start(), _PIECE_CHARACTERS)
        yield from _cut(text, *word.span(), _WORD_CHARACTERS)
        start = word.end()
    yield from _cut(text, start, end, _PIECE_CHARACTERS)


def _unglued(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The span cut where two sentences stand without a space between them."""
    for found in _GLUED.finditer(text, start, end):
        if found["name"] is None or found["word"].casefold() in OPENERS:
            yield start, found.start("next")
            start = found.start("next")
    yield start, end


def _mended(text: str, spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The spans, those made one that are one sentence, and each with the marks that close it."""
    last: tuple[int, int] | None = None
    for start, end in spans:
        if last is not None and (closing := _CLOSING.match(text, start, end)):
            last = last[0], closing.end()
            start, end = _trim(text, closing.end(), end)
        if start == end:
            continue
        if last is not None and _goes_on(text[max(last[0], last[1] - _LOOK) : last[1]], text[start : start + _LOOK]):
            start = last[0]
        elif last is not None:
            yield last
        last = start, end
    if last is not None:
        yield last


def _goes_on(before: str, after: str) -> bool:
    if _LOWER_WORD.match(after) and before.endswith(("?", "!", "…", "...", "”", '"', "’", ")")):
        return True
    return before.endswith(".") and stops_short(before, after)


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _cut(text: str, start: int, end: int, most: int) -> Iterator[tuple[int, int]]:
    """The span in pieces of at most ``most`` characters, cut at white space where there is some."""
    while start < end:
        while start < end and text[start].isspace():
            start += 1
        stop = end
        if end - start > most:
            space = max(text.rfind(" ", start, start + most), text.rfind("\n", start, start + most))
            stop = space if space > start else start + most
        _, trimmed = _trim(text, start, stop)
        if trimmed > start:
            yield start, trimmed
        start = stop
