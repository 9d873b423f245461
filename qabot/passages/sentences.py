"""A paragraph -> its sentences, as spans."""

from __future__ import annotations

from collections.abc import Iterator

# A "sentence" longer than this is a table, a list or a missing full stop: it is cut at white space,
# so that it still fits what may be shown and what the model reads.
MAX_SENTENCE_CHARACTERS = 600

# nupunkt looks around each full stop; it is given a long paragraph in pieces so that memory stays flat.
_PIECE_CHARACTERS = 100_000


def sentence_spans(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Spans ``(start, end)`` in characters of ``text``, within ``text[start:end]``, without outer white space."""
    import nupunkt

    for piece_start, piece_end in _cut(text, start, end, _PIECE_CHARACTERS):
        piece = text[piece_start:piece_end]
        for sentence_start, sentence_end in nupunkt.sent_spans(piece):
            yield from _cut(text, piece_start + sentence_start, piece_start + sentence_end, MAX_SENTENCE_CHARACTERS)


def _cut(text: str, start: int, end: int, most: int) -> Iterator[tuple[int, int]]:
    """The span in pieces of at most ``most`` characters, cut at white space where there is some."""
    while start < end:
        while start < end and text[start].isspace():
            start += 1
        stop = end
        if end - start > most:
            space = max(text.rfind(" ", start, start + most), text.rfind("\n", start, start + most))
            stop = space if space > start else start + most
        trimmed = stop
        while trimmed > start and text[trimmed - 1].isspace():
            trimmed -= 1
        if trimmed > start:
            yield start, trimmed
        start = stop
