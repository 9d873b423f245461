"""Two texts laid beside each other word by word: what is the same, and where one says something else."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from qabot.language.words import STOP_WORDS

_WORD = re.compile(r"[$€£]?\w[\w.,'’-]*\w%?|[$€£]?\w%?")


@dataclass(frozen=True, slots=True)
class Replaced:
    """``ours`` stands in the first text where the second has ``theirs``; neither is empty."""

    ours: tuple[str, ...]
    theirs: tuple[str, ...]
    ours_said: str
    theirs_said: str


@dataclass(frozen=True, slots=True)
class Alignment:
    """``alike`` is the share of the words of both that are the same and in the same order (difflib's ratio), 0 to 1."""

    first: tuple[str, ...]
    second: tuple[str, ...]
    alike: float
    replaced: tuple[Replaced, ...]


def align(one: str, other: str) -> Alignment:
    """Two places with but stop words between are one. What one of the texts leaves out is not replaced."""
    first, first_at = _words(one)
    second, second_at = _words(other)
    folded = [word.casefold() for word in first]
    matcher = SequenceMatcher(None, folded, [word.casefold() for word in second], autojunk=False)
    places: list[tuple[int, int, int, int]] = []
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind != "replace":
            continue
        if places and _only_between(places[-1], (a, c), folded):
            places[-1] = (places[-1][0], b, places[-1][2], d)
        else:
            places.append((a, b, c, d))
    replaced = tuple(
        Replaced(
            first[a:b],
            second[c:d],
            one[first_at[a][0] : first_at[b - 1][1]],
            other[second_at[c][0] : second_at[d - 1][1]],
        )
        for a, b, c, d in places
    )
    return Alignment(first, second, matcher.ratio(), replaced)


def _words(text: str) -> tuple[tuple[str, ...], list[tuple[int, int]]]:
    matches = list(_WORD.finditer(text))
    return tuple(match.group() for match in matches), [match.span() for match in matches]


def _only_between(last: tuple[int, int, int, int], begins: tuple[int, int], folded: Sequence[str]) -> bool:
    """Whether only stop words, the same in both, stand between a place and one that ``begins`` after it."""
    between = folded[last[1] : begins[0]]
    return 0 < len(between) == begins[1] - last[3] and STOP_WORDS.issuperset(between)
