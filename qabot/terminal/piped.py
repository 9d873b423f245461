"""What is piped in: lines and texts within bounds, without a byte order mark."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TextIO

from qabot import UsageError

# More than any question, with its filters and id, has.
_MOST_CHARACTERS = 1_000_000
_BYTE_ORDER_MARK = "\ufeff"


def piped_lines(stream: TextIO) -> Iterator[str]:
    """Lines as they come. Raises UsageError for one that does not end."""
    first = True
    while line := stream.readline(_MOST_CHARACTERS):
        if len(line) == _MOST_CHARACTERS and not line.endswith("\n"):
            raise _too_long()
        yield line.removeprefix(_BYTE_ORDER_MARK) if first else line
        first = False


def read_piped(stream: TextIO) -> str:
    """All of it. Raises UsageError for more than there can be."""
    text = stream.read(_MOST_CHARACTERS)
    if len(text) == _MOST_CHARACTERS:
        raise _too_long()
    return text.removeprefix(_BYTE_ORDER_MARK)


def _too_long() -> UsageError:
    return UsageError(f"What is piped in has a line of {_MOST_CHARACTERS:,} characters or more.", "Pipe in questions.")
