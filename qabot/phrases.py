"""Small things that every surface says alike: days, counts and quotes."""

from __future__ import annotations

from datetime import date

_MARKS = tuple('“”"„«»')


def day(published: str) -> str:
    """ "2023-11-04" as "4 Nov 2023"; anything else as it is, which its surface makes harmless."""
    try:
        when = date.fromisoformat(published)
    except ValueError:
        return published
    return f"{when.day} {when:%b %Y}"


def counted(number: int, thing: str) -> str:
    """ "1 article", "1,412 articles"."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def quoted(text: str, shown: str = "") -> str:
    """``text`` in quotation marks, but where it begins or ends with its own: a pair of them reads like a mistake.

    ``shown`` is how it is written, where that differs.
    """
    own = text[:1] in _MARKS or text[-1:] in _MARKS
    return (shown or text) if own else f"“{shown or text}”"
