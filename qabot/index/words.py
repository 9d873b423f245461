"""Words of a text, and the skeleton that spellings of one name share."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

_WORD = re.compile(r"([^\W_]+(?:['’](?![sS]\b)[^\W_]+)*)(?:['’][sS]\b)?")
_VOWELS = re.compile(r"[aeiouy]+")
_DOUBLED = re.compile(r"(.)\1+")


def words_of(text: str) -> Iterator[str]:
    """The words of a text as written, without a possessive ending."""
    for found in _WORD.finditer(text):
        yield found[1]


def skeleton(word: str) -> str:
    """A word with its vowels made alike and doubled letters single: transliterations differ there.

    Kyiv and Kiev share one, as do Zelensky, Zelenskyy and Zelenskyi, Donbas and Donbass.
    """
    plain = "".join(c for c in unicodedata.normalize("NFKD", word.casefold()) if not unicodedata.combining(c))
    return _DOUBLED.sub(r"\1", _VOWELS.sub("a", plain))
