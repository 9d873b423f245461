"""What is piped in: lines and texts within bounds, without a byte order mark."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TextIO

from qabot import UsageError

# More than any question, with its filters and id, has.
_MOST_CHARACTERS = 1_000_000
_BYTE_ORDER_MARK = "\ufeff"
_READ = _MOST_CHARACTERS + len(_BYTE_ORDER_MARK)


def piped_lines(stream: TextIO) -> Iterator[str]:
    """Lines as they come; of one that is too long only so much that ``within_bounds`` refuses it."""
    first = True
    while line := stream.readline(_READ):
        yield line.removeprefix(_BYTE_ORDER_MARK) if first else line
        first = False
        # Told before the rest of it is read, which need not end.
        while len(line) == _READ and not line.endswith("\n"):
            line = stream.readline(_READ)


def read_piped(stream: TextIO) -> str:
    """All of it. Raises UsageError for more than there can be."""
    return within_bounds(stream.read(_READ).removeprefix(_BYTE_ORDER_MARK))


def within_bounds(text: str) -> str:
    """The text itself. Raises UsageError for more than there can be."""
    if len(text) >= _MOST_CHARACTERS:
        problem = f"What is piped in has a line of {_MOST_CHARACTERS:,} characters or more."
        raise UsageError(problem, "Pipe in questions.")
    return text
