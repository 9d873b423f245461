"""A text -> its lines and the groups they stand in, with offsets."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_LINE = re.compile(r"[^\n\r\v\f\x85\u2028\u2029]+")
_BREAK = re.compile(r"\r\n|[\n\r\v\f\x85\u2028\u2029]")

# The columns at which text is wrapped, in characters; most lines of a wrapped paragraph stop in mid-sentence.
_NARROWEST, _WIDEST = 40, 110
_MID_SENTENCE_SHARE = 0.5
_OPENS = re.compile(r"#|[|>]|[-*•·+]\s|\d{1,3}[.)]\s")
_LIST_ITEM = re.compile(r"[-*•·+]\s|\d{1,3}[.)]\s")
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


def join_wrapped(lines: list[Line], text: str, alone: Callable[[str], bool]) -> list[Line]:
    """Lines of a paragraph that was wrapped at a column, as one; others as they are.

    ``alone`` tells of a line that is none of a paragraph's: nothing is joined to it.
    """
    joined: list[Line] = []
    position = 0
    while position < len(lines):
        stop = position + 1
        while stop < len(lines) and lines[stop].group == lines[position].group:
            stop += 1
        group = lines[position:stop]
        position = stop
        first = 0
        goes_on = _goes_on(group, alone)
        for number in range(len(group)):
            if not goes_on[number]:
                start, end = group[first].start, group[number].end
                joined.append(group[number] if first == number else Line(start, end, text[start:end], group[0].group))
                first = number + 1
    return joined


def _goes_on(group: list[Line], alone: Callable[[str], bool]) -> list[bool]:
    """For each line of the group whether the next one is the same paragraph's."""
    apart = [False] * len(group)
    width = max(len(line.text) for line in group)
    if len(group) < 2 or not _NARROWEST <= width <= _WIDEST:
        return apart
    starts = [_OPENS.match(line.text) is None and not alone(line.text) for line in group]
    free = [starts[number] or _LIST_ITEM.match(line.text) is not None for number, line in enumerate(group)]
    goes_on = [
        free[number] and starts[number + 1] and _is_full(group[number].text, group[number + 1].text, width)
        for number in range(len(group) - 1)
    ]
    full = [line.text for line, on in zip(group, goes_on, strict=False) if on]
    # Paragraphs of one line each happen to be of one length; they stop where sentences do.
    if sum(not line.endswith(_SENTENCE_ENDS) for line in full) < _MID_SENTENCE_SHARE * len(full):
        return apart
    return [*goes_on, False]


def _is_full(line: str, following: str, width: int) -> bool:
    """Whether ``line`` stops where it does because the next word had no room in ``width`` characters."""
    wanted = len(line) + 1 + len(following.split(maxsplit=1)[0])
    if line.endswith(_SENTENCE_ENDS):
        return wanted > width
    # The lines of a PDF are of one width in print, not in characters.
    return wanted > (0.6 if following[0].islower() else 0.9) * width
