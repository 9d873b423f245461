"""Small things that every surface says alike: days and counts."""

from __future__ import annotations

from datetime import date


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
