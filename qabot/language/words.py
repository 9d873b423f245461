"""Words of a text, and the skeleton that spellings of one name share."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

_WORD = re.compile(r"([^\W_]+(?:['’](?![sS]\b)[^\W_]+)*)(?:['’][sS]\b)?")
# Function words: BM25 gives them next to nothing, and at 100,000 passages they are most of its cost.
STOP_WORDS = frozenset(
    """
    a about after all also am an and any are as at be because been before being but by can could did do does doing
    for from had has have having he her here hers him his how i if in into is it its just like many may me might more
    most much my no nor not now of on once one only or other our out over own said say says she should so some such
    tell than that the their them then there these they this those to too under up us very was we were what when
    where which while who whom whose why will with would you your
    """.split()
)

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
    return _DOUBLED.sub(r"\1", _VOWELS.sub("a", _plain(word.casefold())))


def _plain(word: str) -> str:
    """Without accents, which people leave off."""
    if word.isascii():
        return word
    return "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))


@functools.lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """Porter's second stemmer for English (snowballstem.org), in lower case and without accents; "negotiate" and
    "negotiations" share one, as do "Schröder" and "Schroder"."""
    return str(_stemmer().stemWord(_plain(word.casefold())))


@functools.cache
def _stemmer() -> Any:
    import Stemmer

    return Stemmer.Stemmer("english")


# The same sentences are looked at several times for a question, and again for the next in a conversation.
@functools.lru_cache(maxsize=2048)
def folded_words(text: str) -> frozenset[str]:
    return frozenset(word.casefold() for word in words_of(text))


@functools.lru_cache(maxsize=2048)
def stems_of(text: str) -> frozenset[str]:
    return frozenset(map(stem, folded_words(text)))
