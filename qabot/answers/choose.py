"""Ranked candidates -> the one to three sentences that carry the answer, as few as do."""

from __future__ import annotations

import re
from collections.abc import Sequence, Set

from qabot.answers.asked_for import Given, says_it_is_not_told, tells_of_another_stage, value_given
from qabot.answers.candidates import Candidate, Coverage
from qabot.answers.disagree import of_another_measure
from qabot.answers.introduces import describes_its_speaker, introduces, somebody_asked_of
from qabot.answers.office import tells_leader
from qabot.language import folded_words, words_of
from qabot.language.answer_type import answer_type, offers, value_kinds
from qabot.language.values import Value, differ, same_unit, values_in
from qabot.retrieval import Query

MAX_SENTENCES = 3
# Sentences are added until the answer is among them with this probability, as far as the scores tell, or until they
# are this long; one that is less likely than the floor is not added. Measured by `python -m qabot.evaluation.fit`; the
# floor and the room of the unlikely by asking ../shared/natural and ../shared/news: right answers against their length.
ENOUGH = 0.82
MAX_CHARACTERS, MAX_CHARACTERS_UNLIKELY = 450, 370
LIKELY = 0.15  # of what the scores hold: one that is less likely has less room
FLOOR = 0.08
# Where a value is asked for and given, what gives another one is added, in other articles and in the same down to
# these, and no more.
FLOOR_VALUES, FLOOR_VALUES_BESIDE = 0.01, 0.06


def choose(question: str, query: Query, ranked: Sequence[Candidate]) -> list[Candidate]:
    """Best first; at least one of a list that is not empty."""
    shown = [c for c in ranked if c.reading] or list(ranked[:6])
    somebody = somebody_asked_of(question)
    if shown and somebody and introduces(shown[0].text, somebody) and _names(shown[0].text, somebody):
        return shown[:1]
    if shown and tells_leader(question, shown[0].text):
        return shown[:1]
    described = _described_beside(shown[0], ranked) if shown and somebody else None
    if described is not None:
        return [shown[0], described]
    kinds = value_kinds(question)
    if shown and value_given(shown[0], kinds) is not None:
        return _choose_values(question, shown, kinds, ranked)
    untold = _untold_beside(shown[0], ranked) if shown and kinds - {"date"} else None
    if untold is not None:
        return [shown[0], untold]
    total = sum(candidate.score for candidate in shown)
    chosen: list[Candidate] = []
    held, characters = 0.0, 0
    for candidate in shown:
        if chosen and (held >= ENOUGH * total or len(chosen) == MAX_SENTENCES or candidate.score < FLOOR * total):
            break
        room = MAX_CHARACTERS if candidate.score >= LIKELY * total else MAX_CHARACTERS_UNLIKELY
        if chosen and characters + len(candidate.text) > room:
            continue
        if any(same_words(candidate, other) for other in chosen):
            total -= candidate.score
            continue
        if chosen and (_of_others(candidate, chosen[0], query) or _reads_worse(candidate, chosen[0], query)):
            continue
        chosen.append(candidate)
        held += candidate.score
        characters += len(candidate.text)
    return chosen


_TURNS = 3  # sentences between a speaker's name and their office, where a report gives the one and then the other


def _described_beside(best: Candidate, ranked: Sequence[Candidate]) -> Candidate | None:
    """What is said near the best sentence, which names its speaker, by one whose office is told instead of a name."""
    near = _within(_TURNS, best, ranked) if best.sentence.said_by else []
    described = [c for c in near if describes_its_speaker(c.text)]
    return min(described, key=lambda c: abs(c.sentence.ordinal - best.sentence.ordinal), default=None)


def _untold_beside(best: Candidate, ranked: Sequence[Candidate]) -> Candidate | None:
    """The sentence next to the best one that says that the sum or number is not told."""
    return next((c for c in _within(1, best, ranked) if says_it_is_not_told(c.text)), None)


def _within(reach: int, best: Candidate, ranked: Sequence[Candidate]) -> list[Candidate]:
    """The others in its article that are at most ``reach`` sentences from it, as they are ranked."""
    return [
        c
        for c in ranked
        if c.hit.article.id == best.hit.article.id and 0 < abs(c.sentence.ordinal - best.sentence.ordinal) <= reach
    ]


def _of_others(candidate: Candidate, best: Candidate, query: Query) -> bool:
    """Whether the sentence, in another article, is not about one whom the question names and the best one is about."""
    return candidate.hit.article.id != best.hit.article.id and bool((query.names & best.nearby) - candidate.nearby)


# Logits by which a further sentence may be read as answering less than the best one, unless it is read as an answer.
_READ_BEHIND = 3.0


def _reads_worse(candidate: Candidate, best: Candidate, query: Query) -> bool:
    if candidate.reading is None or best.reading is None:
        return False
    if candidate.reading.relevance >= min(0.0, best.reading.relevance - _READ_BEHIND):
        return False
    there = Coverage(query).terms_in
    return there(candidate.text) <= there(best.text)  # one with more of the question's words may answer the rest of it


def _choose_values(
    question: str, shown: Sequence[Candidate], kinds: frozenset[str], ranked: Sequence[Candidate]
) -> list[Candidate]:
    """The best sentence and those that give another value of the same measure."""
    total = sum(candidate.score for candidate in shown)
    # What is left is told only where nothing is on what was given.
    of_stage = [c for c in shown if not tells_of_another_stage(question, c.text)]
    if any(value_given(c, kinds) and c.score >= FLOOR_VALUES_BESIDE * total for c in of_stage):
        shown = of_stage
    chosen: list[Candidate] = []
    values: list[Given] = []
    for candidate in shown:
        given = value_given(candidate, kinds)
        elsewhere = candidate.hit.article.id not in {other.hit.article.id for other in chosen}
        if given is None or candidate.score < (FLOOR_VALUES if elsewhere else FLOOR_VALUES_BESIDE) * total:
            continue
        if any(_agree(given.value, other.value) for other in values):
            continue
        # A share of the land is asked for, and no number of rounds.
        if chosen and given.value.kind != values[0].value.kind:
            continue
        if chosen and of_another_measure(chosen[0], values[0], candidate, given):
            continue
        characters = sum(len(other.text) for other in (*chosen, candidate))
        if chosen and (len(chosen) == MAX_SENTENCES or characters > MAX_CHARACTERS):
            continue
        chosen.append(candidate)
        values.append(given)
    if len(chosen) < MAX_SENTENCES:
        after = {(c.hit.article.id, c.sentence.ordinal): c for c in ranked}
        for candidate, given in zip(tuple(chosen), values, strict=True):
            following = after.get((candidate.hit.article.id, candidate.sentence.ordinal + 1))
            if following is not None and following not in chosen and _tells_another(following.text, given.value):
                return [*chosen, following]
    return chosen


# "A previous prediction put the figure at 4.6 million": of the same thing as the sentence before.
_OF_THE_SAME = re.compile(
    r"\b(?:the|that|this|previous|earlier|another) (?:\w+ )?"
    r"(?:figure|number|total|estimate|prediction|forecast|cost|share|toll|sum)s?\b"
    r"|\bput (?:it|them|this) at\b|\bothers?\b[\w\s-]{0,30}\b(?:say|said|put|estimated?)\b",
    re.IGNORECASE,
)


def _tells_another(text: str, value: Value) -> bool:
    return _OF_THE_SAME.search(text) is not None and any(
        other.kind == value.kind and differ(value, other) for other in values_in(text)
    )


def _agree(one: Value, other: Value) -> bool:
    return same_unit(one, other) and not differ(one, other)


def _names(text: str, somebody: str) -> bool:
    words = folded_words(text)
    return words.issuperset(word.casefold() for word in words_of(somebody))


# "Two camps." says that there are some, and what follows which.
_COUNTS = re.compile(
    r"\b(?:two|three|four|five|six|several|following)\s(?:[a-z-]+\s){0,2}[a-z]+s[\s.:\"”'’)]*$", re.IGNORECASE
)
_FOLLOWING = 2


def with_what_follows(chosen: Sequence[Candidate], ranked: Sequence[Candidate]) -> list[Candidate]:
    """The sentences after the first one too, where it only counts what they tell."""
    best = chosen[0]
    if not _COUNTS.search(best.text):
        return list(chosen)
    after = {c.sentence.ordinal: c for c in ranked if c.hit.article.id == best.hit.article.id}
    following = [after.get(best.sentence.ordinal + n) for n in range(1, _FOLLOWING + 1)]
    return [best, *(c for c in following if c is not None)]


MAX_LINES, MAX_LINES_CHARACTERS = 5, 560
# A line's probability, as a share of the best one's: of an article that is not in the list yet, and of one that is.
_OF_BEST_ELSEWHERE, _OF_BEST = 0.08, 0.12


def choose_several(question: str, ranked: Sequence[Candidate]) -> list[Candidate]:
    """For a list: the best of each article, then what else is likely, at most five; best first."""
    wanted = answer_type(question)
    shown = [c for c in ranked if c.reading] or list(ranked[:10])
    # A list of sums is not helped by a sentence without any.
    shown = [c for c in shown if offers(c.text, wanted)] or shown
    kinds = value_kinds(question)
    values: list[Value] = []
    articles: set[int] = set()
    first: list[Candidate] = []
    others: list[Candidate] = []
    for candidate in shown:
        known = candidate.hit.article.id in articles
        given = value_given(candidate, kinds)
        another = given is not None and not any(_agree(given.value, other) for other in values)
        least = FLOOR_VALUES if another else _OF_BEST if known else _OF_BEST_ELSEWHERE
        if candidate.score >= least * shown[0].score:
            (others if known else first).append(candidate)
            values += [given.value] if given else []
        articles.add(candidate.hit.article.id)
    chosen: list[Candidate] = []
    for candidate in [*first, *others]:
        characters = sum(len(other.text) for other in (*chosen, candidate))
        if chosen and (len(chosen) == MAX_LINES or characters > MAX_LINES_CHARACTERS):
            break
        if not any(same_words(candidate, other) for other in chosen):
            chosen.append(candidate)
    return chosen


# A denial is of what is asked where it is as near to the question as this share of the nearest sentence, and its
# passage as this share of the nearest passage.
_DENIAL_NEAR, _DENIAL_PASSAGE_NEAR = 0.45, 0.75


def denials(ranked: Sequence[Candidate]) -> list[Candidate]:
    """Those that were read and deny something about what is asked, in their order."""
    read = [c.features for c in ranked if c.reading]
    near = _DENIAL_NEAR * max((features.sentence_cosine for features in read), default=0.0)
    passage_near = _DENIAL_PASSAGE_NEAR * max((features.passage_cosine for features in read), default=0.0)
    return [
        c
        for c in ranked
        if c.reading
        and c.sentence.denies
        and c.features.sentence_cosine >= near
        and c.features.passage_cosine >= passage_near
    ]


# What the other side must have of the best sentence: of its share of the question's words, how far its reading may be
# behind, a logit, and where it was not read of its cosine.
_OF_COVERED, _BEHIND, _OF_COSINE = 0.55, 4.5, 0.75
_OTHER_COSINE = 0.5


def other_side(chosen: Sequence[Candidate], ranked: Sequence[Candidate], names: Set[str]) -> Candidate | None:
    """The likeliest sentence that denies what the chosen ones affirm, or affirms what they deny, by somebody else.

    ``names`` are the question's: in another article one of them has to be near. None where they show both already, or
    where nothing about the same stands in the articles.
    """
    best, others = chosen[0], chosen[1:]
    for candidate in (*others, *ranked):
        if (
            candidate.sentence.denies != best.sentence.denies
            and candidate.features.covered_nearby >= _OF_COVERED * best.features.covered_nearby
            and _as_near(candidate, best)
            and candidate.features.sentence_cosine >= _OTHER_COSINE * best.features.sentence_cosine
            and not _same_voice(candidate, best)
            and (candidate.hit.article.id == best.hit.article.id or _shares(candidate, best, names))
        ):
            return None if any(same_words(candidate, other) for other in others) else candidate
    return None


def _as_near(candidate: Candidate, best: Candidate) -> bool:
    if candidate.reading and best.reading:
        return candidate.reading.relevance >= best.reading.relevance - _BEHIND
    return candidate.features.sentence_cosine >= _OF_COSINE * best.features.sentence_cosine


def _shares(candidate: Candidate, best: Candidate, names: Set[str]) -> bool:
    """Whether one of the names that are near ``best`` is near the other too, where any is."""
    near = names & best.nearby
    return not near or not near.isdisjoint(candidate.nearby)


def _same_voice(one: Candidate, other: Candidate) -> bool:
    if one.sentence.said_by or other.sentence.said_by:
        return one.sentence.said_by == other.sentence.said_by
    return one.hit.article.id == other.hit.article.id


def same_words(one: Candidate, other: Candidate) -> bool:
    """Whether one is the other again: a copy in another article, or a caption repeating the text."""
    first, second = set(one.text.casefold().split()), set(other.text.casefold().split())
    return len(first & second) >= 0.8 * min(len(first), len(second))
