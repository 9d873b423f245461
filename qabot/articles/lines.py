"""A text -> its lines and the groups they stand in, with offsets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_LINE = re.compile(r"[^\n\r\v\f\x85\u2028\u2029]+")
_BREAK = re.compile(r"\r\n|[\n\r\v\f\x85\u2028\u2029]")

# Lines of a wrapped paragraph are no longer than this, and most of them stop in mid-sentence.
_WRAPPED_AT_MOST = 110
_MID_SENTENCE_SHARE = 0.6
_SENTENCE_ENDS = tuple(".!?:;…\"”'’)")


@dataclass(frozen=True, slots=True)
class Line:
    """``text[start:end]`` without outer white space; never empty.

    ``group`` counts runs of lines without a blank one between.
    """

    start: int
    end: int
    text: str
    group: int


def read_lines(text: str, start: int = 0) -> Iterator[Line]:
    """The lines that hold something, from ``start`` on."""
    group, before = 0, start
    for found in _LINE.finditer(text, start):
        raw = found.group()
        stripped = raw.strip()
        if not stripped:
            continue
        begin = found.start() + len(raw) - len(raw.lstrip())
        if len(_BREAK.findall(text, before, begin)) > 1:
            group += 1
        before = begin + len(stripped)
        yield Line(begin, before, stripped, group)


def join_wrapped(lines: list[Line], text: str) -> list[Line]:
    """Lines of a paragraph that was wrapped at a column, as one; others as they are."""
    joined: list[Line] = []
    position = 0
    while position < len(lines):
        stop = position + 1
        while stop < len(lines) and lines[stop].group == lines[position].group:
            stop += 1
        group = lines[position:stop]
        position = stop
        if _is_wrapped(group):
            start, end = group[0].start, group[-1].end
            joined.append(Line(start, end, text[start:end], group[0].group))
        else:
            joined.extend(group)
    return joined


def _is_wrapped(group: list[Line]) -> bool:
    if len(group) < 2 or max(len(line.text) for line in group) > _WRAPPED_AT_MOST:
        return False
    if any(line.text.startswith(("#", "- ", "* ", "• ", "|", ">")) for line in group):
        return False
    # A short first line above a long text is a heading or a name, not the start of a wrapped paragraph.
    if len(group[0].text) < 0.5 * max(len(line.text) for line in group):
        return False
    open_ended = sum(not line.text.endswith(_SENTENCE_ENDS) for line in group[:-1])
    return open_ended >= _MID_SENTENCE_SHARE * (len(group) - 1)
