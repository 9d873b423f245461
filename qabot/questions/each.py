"""A question about several names or sums at once: one question for each of them."""

from __future__ import annotations

import re
from collections.abc import Callable

from qabot.language import words_of
from qabot.language.names import country_of

_MOST = 4  # each is ranked and read by itself
_ITEM = r"(?:the )?[\w$£€][\w$£€’'.%-]*(?: (?!and\b|or\b|vs\b|versus\b)[\w’'.-]+){0,2}?"
_BETWEEN = r"(?:,? (?:and|or|&|vs\.?|versus) |, )"
_ITEMS = rf"{_ITEM}(?:{_BETWEEN}{_ITEM})*?,? (?:and|or|&|vs\.?|versus) {_ITEM}"
_TOPIC = r"(?:,? (?:on|about|over|regarding|when it comes to) (?P<topic>.+?))?\W*$"
_LEAD = (
    r"(?:what(?:['’]?s| is| are)? )?(?:the )?(?:main |key )?differences? between |compare |comparison (?:of|between) "
)
# "The difference between A and B on C", "how do A and B differ on C", "A vs B".
_COMPARED = tuple(
    re.compile(rf"^\W*{pattern}{_TOPIC}", re.IGNORECASE)
    for pattern in (
        rf"(?:{_LEAD})(?:the )?(?P<items>{_ITEMS})",
        rf"how (?:do|does|did) (?P<items>{_ITEMS}) (?:differ|compare)",
        rf"(?P<items>{_ITEM} (?:vs\.?|versus) {_ITEM})",
    )
)
_SAY = r"(?:say|said|think|thinks?|thought|want(?:s|ed)?|believe|claim|argue|propose|demand|ask|predict|promise|expect)"
# "What did A and B say of C?", "How many Greeks and Turks died?"
_ASKED_OF = tuple(
    re.compile(rf"^\W*(?:{_LEAD})?{pattern}", re.IGNORECASE)
    for pattern in (
        rf"(?P<before>what (?:did |do |does |has |have )?)(?P<items>{_ITEMS})(?P<after> {_SAY}\b.*)$",
        rf"(?P<before>how (?:many|much) )(?P<items>{_ITEMS})(?P<after> (?:\w+ed|die|are|were|was|is|has|have|had|did|do|does)\b.*)$",
    )
)
_SUM = r"[$£€]?\d[\d,.]*\d|[$£€]?\d"
_SUMS = re.compile(
    rf"^\W*(?:{_LEAD})(?P<before>.+? )(?P<items>(?:{_SUM})(?:,? (?:and|or) (?:{_SUM})|, (?:{_SUM}))+)(?P<after>(?: (?:million|billion|trillion|percent|per cent)\b|%)?.*)$",
    re.IGNORECASE,
)


def each_of(question: str, is_name: Callable[[str], bool], speaks: Callable[[str], bool]) -> list[str]:
    """A question for each name that is compared with another, or whose words are asked for along with another's; none
    for most questions, and for one of more than four. ``is_name`` tells it of a folded word, ``speaks`` whether anybody
    of a name says something."""
    found = list(dict.fromkeys(_each(question, is_name, speaks)))
    return found if len(found) <= _MOST else []


def _each(question: str, is_name: Callable[[str], bool], speaks: Callable[[str], bool]) -> list[str]:
    for pattern in _ASKED_OF:
        if found := pattern.match(question):
            names = _named(found["items"], is_name)
            before = "what does " if found["before"].casefold() == "what " else found["before"]
            return [f"{before}{name}{found['after'].rstrip(' ?')}?" for name in names]
    if found := _SUMS.match(question):
        sums = re.split(_BETWEEN, found["items"])
        return [f"{found['before']}{own}{found['after'].rstrip(' ?')}?" for own in sums]
    for pattern in _COMPARED:
        if found := pattern.match(question):
            return [_of_one(name, found["topic"], speaks) for name in _named(found["items"], is_name)]
    return []


def _named(items: str, is_name: Callable[[str], bool]) -> list[str]:
    """The items, where each is or has a name."""
    found = re.split(_BETWEEN, items)
    return (
        found if all(country_of(item) or any(is_name(w.casefold()) for w in words_of(item)) for item in found) else []
    )


def _of_one(name: str, topic: str | None, speaks: Callable[[str], bool]) -> str:
    if speaks(name):
        return f"What does {name} say about {topic}?" if topic else f"What does {name} say?"
    return f"{name} {topic}?" if topic else f"{name}?"
