"""Whether articles give different values for the same thing, and which."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from qabot.answers.candidates import Candidate
from qabot.language import STOP_WORDS, words_of
from qabot.language.answer_type import answer_type
from qabot.language.names import names
from qabot.language.values import Value, differ, same_unit, values_in

# From conflicting and agreeing pairs of stories (tests/gold/conflicts) and the devset, where every one is invented.
# A sentence that may answer: its share of the best one's probability, its probability, and the words that it and the
# sentence before share with the best, of the fewer. Nearly the same words need not be as likely.
_LIKELY, _LIKELY_AT_ALL, _ALIKE = 0.12, 0.05, 0.2
_LESS_LIKELY, _LESS_LIKELY_AT_ALL, _MORE_ALIKE = 0.02, 0.01, 0.4
_AS_LIKELY = 0.25
_ALIKE_FOR_NAMES = 0.3
_SAME_COVERED = 0.3  # of what the best sentence covers of the question


@dataclass(frozen=True, slots=True)
class Conflict:
    """``positions`` are what is said, and the sentences that say so; the best sentence's first."""

    about: str
    positions: tuple[tuple[str, tuple[Candidate, ...]], ...]


def find_conflict(question: str, ranked: Sequence[Candidate], *, several: bool = False) -> Conflict | None:
    """Compares the best sentence with likely ones of other articles; ``None`` where they agree or cannot be compared."""
    read = [candidate for candidate in ranked if candidate.reading]
    if not read:
        return None
    best = read[0]
    kind = answer_type(question)
    own = _said(best, kind)
    # Several people may well have said a thing: names contradict each other only where one is asked for.
    if own is None or (own.value is None and (several or _OF_MANY.search(question))):
        return None
    positions: list[tuple[_Said, list[Candidate]]] = [(own, [best])]
    for other in read[1:]:
        said = _said(other, kind)
        if (
            said is None
            or not _about_the_same(best, other, names=own.value is None)
            or not _comparable(own, said, other.score / best.score)
        ):
            continue
        agreeing = next((place for place in positions if not _contradict(place[0], said)), None)
        if agreeing is not None:
            agreeing[1].append(other)
        elif other.hit.article.id not in {c.hit.article.id for _, held in positions for c in held}:
            positions.append((said, [other]))
    if len(positions) < 2:
        return None
    return Conflict(question.rstrip(" ?"), tuple((said.text, tuple(held)) for said, held in positions))


_OF_MANY = re.compile(
    r"\bwho(?:m)? (?:all |else )?(?:say|said|call|told|think|believe|claim|deni|den|argue|want|oppose|support|warn)\w*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Said:
    """What a sentence gives as the answer: its words, and the value or the names in them."""

    text: str
    value: Value | None
    names: frozenset[str]


def _said(candidate: Candidate, kind: str) -> _Said | None:
    sentence, span = candidate.in_context, candidate.span
    if candidate.reading is None or not span:
        return None
    start, end = candidate.reading.start, candidate.reading.end
    wanted = {"money": ("money",), "date": ("date",), "number": ("count", "percent", "money")}.get(kind)
    values = [value for value in values_in(sentence) if wanted is None or value.kind in wanted]
    inside = [value for value in values if value.start < end and value.end > start]
    if inside:
        value = inside[0]
        return _Said(sentence[value.said_from : value.end], value, frozenset())
    if wanted is not None:
        return None
    if kind not in ("person", "place"):
        return None
    named = frozenset(word.casefold() for name in names("x " + span) for word in name.split()[-1:])
    if not named and kind == "place":
        named = frozenset(_content(span))
    return _Said(span, None, named) if named else None


def _comparable(one: _Said, other: _Said, likeness: float) -> bool:
    if one.value and other.value:
        # "Protesters" and "demonstrators" are the same to a question that both sentences answer about as well.
        return same_unit(one.value, other.value, other_nouns=likeness >= _AS_LIKELY)
    return bool(one.names and other.names and likeness >= _AS_LIKELY)


def _contradict(one: _Said, other: _Said) -> bool:
    if one.value and other.value:
        return differ(one.value, other.value)
    return one.names.isdisjoint(other.names)


def _about_the_same(best: Candidate, other: Candidate, *, names: bool) -> bool:
    """Whether two sentences speak of one thing: as much of the question, and words of each other."""
    if other.hit.article.id == best.hit.article.id:
        return False
    if other.features.covered_nearby < _SAME_COVERED * best.features.covered_nearby:
        return False
    first, second = (_content(f"{candidate.before} {candidate.text}") for candidate in (best, other))
    alike = len(first & second) / max(1, min(len(first), len(second)))
    likely = other.score >= max(_LIKELY * best.score, _LIKELY_AT_ALL)
    less = other.score >= max(_LESS_LIKELY * best.score, _LESS_LIKELY_AT_ALL)
    if names:
        return likely and alike >= _ALIKE_FOR_NAMES
    return (likely and alike >= _ALIKE) or (less and alike >= _MORE_ALIKE)


def _content(text: str) -> set[str]:
    words = {re.sub(r"(?:ing|ed|es|s)$", "", word.casefold()) for word in words_of(text)}
    return {word for word in words if word and word not in STOP_WORDS and not word[0].isdigit()}
