"""Capitalised names in a text: which there are, of whom, and which stand for one another."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection
from pathlib import Path

from qabot.language.openings import OPENERS
from qabot.language.words import words_of

_DATA = tomllib.loads(Path(__file__).with_name("bodies.toml").read_text(encoding="utf-8"))
_ALIKE = tomllib.loads(Path(__file__).with_name("alike.toml").read_text(encoding="utf-8"))["alike"]
_SAME = tuple(frozenset(group.split()) for group in (*_DATA["same"], *_ALIKE))
_COUNTRY = {word: group.split()[0] for group in _DATA["same"] for word in group.split()}
_SPELT_OUT = re.compile("|".join(_DATA["spelt_out"]), re.IGNORECASE)
_ORGANISATION = re.compile(rf"\b(?:{'|'.join(_DATA['organisations'].split())})\b|^[A-Z]{{2,}}$")
_NAME = re.compile(r"(?:[A-Z][\w’'.-]*[\w]|[A-Z]{2,})(?: (?:of the |of |de |van |von )?[A-Z][\w’'.-]*\w)*")
# Words that names begin with too: New York, Great Britain, First Republic.
_IN_NAMES = frozenset("new great old big little good first second third new top major key will may mine".split())
# Words that a capital makes no name of.
NOT_NAMES = (OPENERS - _IN_NAMES) | frozenset(
    "who whom whose what which when where why how did does do is are was were has have had can could will would should "
    "the a an and but or in on at according since after before by of for to from with about i monday tuesday wednesday "
    "thursday friday saturday sunday january february march april may june july august september october november "
    "december name list tell show give compare earlier mr mrs ms".split()
)


def names(text: str) -> list[str]:
    """Capitalised names in the order of the text; a capital that only opens the sentence is none."""
    found = []
    for match in _NAME.finditer(text):
        words = match.group().split()
        while words and words[0].casefold().strip("'’.") in NOT_NAMES:
            words = words[1:]
        name = re.sub(r"['’]s$", "", " ".join(words))
        if name and name.casefold() not in NOT_NAMES:
            found.append(name)
    return found


def is_organisation(name: str) -> bool:
    """Whether a name is of a body, a country or a people rather than of a person, as far as its words tell."""
    return bool(_ORGANISATION.search(name))


def country_of(name: str) -> str:
    """The first of the names that news reports have for the country (or alliance) of ``name``; nothing for others."""
    if spelt_out := _SPELT_OUT.search(name):
        name = _DATA["spelt_out"][spelt_out.group().casefold()]
    return next((_COUNTRY[word.casefold()] for word in words_of(name) if word.casefold() in _COUNTRY), "")


def countries_in(text: str) -> frozenset[str]:
    """The countries and alliances that stand there with a capital, as ``country_of`` gives them: "told us" has none."""
    words = (word.casefold() for word in words_of(text) if word[0].isupper())
    return frozenset(_COUNTRY[word] for word in words if word in _COUNTRY)


def words_for(terms: Collection[str]) -> dict[str, frozenset[str]]:
    """For each of the terms that has them, the words that news reports use for the same: another name of a country or
    body, or another word."""
    found = {
        term: frozenset[str]().union(*(group for group in _SAME if not group.isdisjoint(_forms(term))))
        for term in terms
    }
    return {term: words - {term} for term, words in found.items() if words}


def _forms(term: str) -> tuple[str, ...]:
    """ "Canadians" are Canadian."""
    return (term, term[:-1]) if term.endswith("ns") and len(term) > 4 else (term,)
