"""Whether articles give different values for the same thing, and which."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from qabot.answers.asked_for import Given, value_given
from qabot.answers.candidates import Candidate, Coverage
from qabot.answers.twins import Twin
from qabot.language import STOP_WORDS, folded_words, stem, words_of
from qabot.language.answer_type import value_kinds
from qabot.language.months import MONTH
from qabot.language.names import names
from qabot.language.values import Value, differ, same_unit, values_in
from qabot.retrieval import Query

# A sentence that may answer as well: how far its reading may be behind the best one's, a logit; the words that it and
# the sentence before share with the best, of the fewer; and of what the best covers of the question.
_BEHIND = 5.5
_ALIKE, _ALIKE_WITHOUT_NAMES = 0.25, 0.35
_SAME_COVERED = 0.7
# How many sentences are held beside their near-twins, and how likely each must be, as a share of the best one's score.
_LIKELY, _OF_BEST = 3, 0.4


@dataclass(frozen=True, slots=True)
class Conflict:
    """``positions`` are what is said, and the sentences that say so; the best sentence's first."""

    about: str
    positions: tuple[tuple[str, tuple[Candidate, ...]], ...]


def find_conflict(
    question: str,
    query: Query,
    ranked: Sequence[Candidate],
    twins: Callable[[Candidate], Sequence[Twin]],
    *,
    several: bool = False,
) -> Conflict | None:
    """Compares the best sentences with their near-twins, then the best with likely ones of other articles.

    ``None`` where they agree or cannot be compared.
    """
    read = [candidate for candidate in ranked if candidate.reading]
    if not read:
        return None
    best = read[0]
    kinds = value_kinds(question)
    own = value_given(best, kinds)
    if own is not None and _BY_HOW_MUCH.search(question) and not _is_change(best, own):
        return None  # how much it is, is no answer to differ in
    for candidate in () if several else read[:_LIKELY]:
        if candidate.score < _OF_BEST * best.score:
            break
        differing = next((twin for twin in twins(candidate) if twin.verdict == "differs"), None)
        if differing is not None:
            positions = ((differing.instead_of, (candidate,)), (differing.says, (differing.candidate,)))
            return Conflict(question.rstrip(" ?"), positions)
    if own is None or several:
        return None
    held: list[tuple[Given, list[Candidate]]] = [(own, [best])]
    for other in read[1:]:
        said = value_given(other, kinds)
        if said is None or not _about_the_same(best, other, query):
            continue
        if not same_unit(own.value, said.value) or of_another_measure(best, own, other, said):
            continue
        if _is_to_be(best, own) != _is_to_be(other, said):
            continue
        # One that has the other's value too, or follows on it, tells of both, as "revised from 157,000 to 133,000" does.
        if _has(_with_before(other), own.value) or _has(_with_before(best), said.value):
            continue
        agreeing = next((place for place in held if not differ(place[0].value, said.value)), None)
        if agreeing is not None:
            agreeing[1].append(other)
        elif other.hit.article.id not in {c.hit.article.id for _, those in held for c in those}:
            held.append((said, [other]))
    if len(held) < 2:
        return None
    return Conflict(question.rstrip(" ?"), tuple((said.text, tuple(those)) for said, those in held))


def _with_before(candidate: Candidate) -> str:
    return f"{candidate.before} {candidate.text}"


def _has(text: str, value: Value) -> bool:
    # What is counted is said in more ways than a currency is.
    return any(
        own.kind == value.kind and (own.kind == "count" or same_unit(own, value)) and not differ(own, value)
        for own in values_in(text)
    )


_WHEN = re.compile(
    rf"\b(?:1[0-9]\d\d|20\d\d|{MONTH}|(?:first|second|third|fourth|last) (?:quarter|half)|spring|summer|autumn|fall|winter)\b",
    re.IGNORECASE,
)


def _about_the_same(best: Candidate, other: Candidate, query: Query) -> bool:
    """Whether two sentences speak of one thing at one time: as much of the question, its names, and words of each
    other."""
    if other.hit.article.id == best.hit.article.id or not other.reading or not best.reading:
        return False
    if other.reading.relevance < best.reading.relevance - _BEHIND:
        return False
    if other.features.covered_nearby < _SAME_COVERED * best.features.covered_nearby:
        return False
    if (query.names & best.nearby) - other.nearby:
        return False
    if not _does_the_same(best, other, query):
        return False
    if _at_different_times(best.text, other.text):
        return False
    first, second = map(_with_before, (best, other))
    if _at_different_times(first, second):
        return False
    if _unshared(best.text, other.text) and _unshared(other.text, best.text):
        return False  # each of somebody else
    own, others = _content(first), _content(second)
    if not (own & others) - _content(query.text):
        return False  # nothing in common but what was asked
    alike = len(own & others) / max(1, min(len(own), len(others)))
    return alike >= (_ALIKE if query.names else _ALIKE_WITHOUT_NAMES)


# "In the last quarter" is another time than the year that it is of; "cut by £200m" is no sum that was paid.
_PART_OF_YEAR = re.compile(
    r"\b(?:quarter(?:ly)?|half[- ]year|(?:first|second) half|(?:three|six|nine|few) months|monthly|weekly|week|month-on-month)\b",
    re.IGNORECASE,
)
_NEAR, _BEFORE = 40, 70  # characters to either side of a value, and before it
_BY_HOW_MUCH = re.compile(r"\bby how (?:much|many)\b", re.IGNORECASE)
_CHANGED = re.compile(r"\b(?:by|up|down|(?:rise|fall|cut|increase|drop|reduction) of)(?: \w+){0,2} $", re.IGNORECASE)


def of_another_measure(one: Candidate, given: Given, other: Candidate, said: Given) -> bool:
    """Whether one value is of a part of the year and the other of all of it, or one is a change of a sum and the other
    a sum."""
    in_part = (bool(_PART_OF_YEAR.search(_beside(*pair))) for pair in ((one, given), (other, said)))
    if len(set(in_part)) > 1:
        return True
    if given.value.kind == "percent":
        return False
    return _is_change(one, given) != _is_change(other, said)


def _is_change(candidate: Candidate, given: Given) -> bool:
    return _CHANGED.search(candidate.in_context[: given.value.start]) is not None


def _beside(candidate: Candidate, given: Given) -> str:
    return candidate.in_context[max(0, given.value.start - _NEAR) : given.value.end + _NEAR]


# What is talked of, hoped for or forecast is no sum that is paid.
_NOT_YET = re.compile(
    r"\b(?:could|may|might|would|should|will|expected|forecast|predict\w*|talk|rumou?r\w*|speculat\w+|possible|potential"
    r"|hop(?:e|es|ed|ing)|targets?|aims?|plans?|once)\b",
    re.IGNORECASE,
)


def _is_to_be(candidate: Candidate, given: Given) -> bool:
    return _NOT_YET.search(candidate.in_context, max(0, given.value.start - _BEFORE), given.value.start) is not None


_PAST = re.compile(
    r"\w+ed|sold|lost|won|cut|hit|paid|sent|spent|shot|built|bought|left|made|gave|took|got|rose|fell|grew"
)


def _does_the_same(best: Candidate, other: Candidate, query: Query) -> bool:
    """Whether what was done by the best one's words, and is asked about, is done by the other's too: "closed 12,000
    cafes" and "all 110,000 cafes" are two things."""
    coverage = Coverage(query)
    done = {word for word in folded_words(best.text) if _PAST.fullmatch(word)}
    asked = coverage.terms_in(" ".join(done)) - query.names
    return asked <= coverage.terms_in(other.text)


def _at_different_times(one: str, other: str) -> bool:
    when, then = (
        # A month by its first three letters, a year whole.
        {found if found.isdigit() else found.casefold()[:3] for found in _WHEN.findall(text)}
        for text in (one, other)
    )
    return bool(when and then) and when.isdisjoint(then)


def _unshared(text: str, other: str) -> bool:
    """Whether a name in the one has no part in the other."""
    there = folded_words(other)
    return any(there.isdisjoint(word.casefold() for word in words_of(name)) for name in names(text))


_EMPTY = STOP_WORDS | frozenset("million billion trillion per cent percent".split())


def _content(text: str) -> set[str]:
    return {
        stem(word)
        for word in words_of(text)
        if len(word) > 1 and not word[0].isdigit() and word.casefold() not in _EMPTY
    }
