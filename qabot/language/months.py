"""The months by name."""

from __future__ import annotations

_NAMES = "january february march april may june july august september october november december".split()

# In full and by their first three letters, in lower case, as 1 to 12.
MONTHS = {written: number for number, name in enumerate(_NAMES, 1) for written in (name, name[:3])} | {"sept": 9}

# A regular expression without groups, to be used with re.IGNORECASE; longer spellings first.
MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))


def month_number(name: str) -> int:
    """1 for "January", "jan" and "Jan."; ``name`` is what ``MONTH`` matches, in any case."""
    return MONTHS[name[:3].casefold()]
