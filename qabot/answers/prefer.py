"""What a question wishes of its answer beyond its words: a time, a speaker, a denial, another side."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence, Set
from dataclasses import replace

from qabot.answers.asked_for import (
    counted_kinds,
    gives_age,
    lacks_own_value,
    lacks_speaker,
    lacks_value,
    only_may_have,
    says_it_is_not_told,
    tells_of_another_stage,
)
from qabot.answers.candidates import Candidate
from qabot.answers.corrected import is_of_its_article
from qabot.answers.introduces import introduces, somebody_asked_of
from qabot.answers.office import lacks_office, tells_leader
from qabot.answers.wishes import whose_wish
from qabot.index import StoredArticle
from qabot.language import folded_words, stems_of, words_of
from qabot.language.answer_type import value_kinds
from qabot.language.names import countries_in, country_of
from qabot.language.values import values_in
from qabot.questions import Asked, Period
from qabot.questions.speaker import speaker_asked
from qabot.retrieval import Filters, Hit, Query

_WHERE = re.compile(r"\b(?:in|across|within) (?:the )?(?P<where>[\w.]+)", re.IGNORECASE)
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
# Odds by which a sentence of the time asked about is preferred, and one of another year put back; by which the asked
# speaker's words are, and another's put back; and a denial where one is asked for.
_IN_TIME, _OUT_OF_TIME, _NEWEST = 2.5, 0.4, 3.0
_OWN_WORDS, _OTHER_WORDS = 3.0, 0.03
_DENIAL, _OF_ANYTHING = 60.0, 0.2  # the more so, the more of what is denied stands in it
# A number where one is asked for, unless the sentence without one is about three times as likely to answer: that the
# best one has none is how it is known that none is told. A share is told in one way; and a number that only stands
# beside the sentence answers by its own.
_NO_VALUE, _NO_SHARE, _VALUE_BESIDE = 0.35, 0.1, 0.02
# That a sum was not disclosed where one is asked for, that nothing is decided where it is asked whether.
_SUM_UNTOLD, _UNDECIDED = 8.0, 2.0
# Where somebody's wish is told: theirs, another's, and what is nobody's.
_WISHES = {"own": 6.0, "another's": 0.03, "nobody's": 0.2}
# "Could cost 50,000 jobs" is not how many were lost; "Dr Poole, 79," is how old she is.
_ONLY_POSSIBLE, _AGE_GIVEN = 0.15, 50.0
_ANSWERS = 1.0  # the logit of a sentence that answers rather than not
_NO_OFFICE = 0.1  # where it is asked who holds one
_ANOTHER_STAGE = 0.1  # a sum that is left where one that was given is asked for
_OF_OTHERS = 0.2  # in an article with none of the question's names, where another has one
_CORRECTION = 0.05  # what an article says of its own mistakes
# Of a time long gone, and of another thing of the name: "the war" is not the First World War.
_LONG_GONE, _OF_ANOTHER_NAME = 0.1, 0.2
_LONG = 25  # years
_OF_HISTORY = re.compile(r"\b(?:ever|first|history|historical|founded|born|originally|record|since)\b", re.IGNORECASE)
_ELSEWHERE = 0.3  # in another country than the one that is asked about
_INTRODUCED = 100.0  # what says who somebody is, where that is asked


def preferred(ranked: Sequence[Candidate], question: str, asked: Asked, query: Query) -> list[Candidate]:
    """The sentences that were read, by the question's wishes as well; their scores again add up to what they did."""
    read = [c for c in ranked if c.reading] or list(ranked)
    rest = [c for c in ranked if not c.reading] if len(read) < len(ranked) else []
    speaker = speaker_asked(question)
    somebody = somebody_asked_of(question)
    newest = _newest(read, asked.period)
    untold = _untold_odds(question, asked)
    about = {c.hit.article.id for c in read if query.names & c.nearby}
    countries = {country_of(found["where"]) for found in _WHERE.finditer(question)} - {""}
    long_gone = _long_gone(question, query, read)
    reporter = _reporter_asked(question, query)
    heard = {id(c) for c in read if reporter & folded_words(c.with_neighbours)} if reporter else set[int]()
    common = query.terms.keys() - query.names
    beginnings = {word.casefold()[:_ALIKE] for word in words_of(question)}
    held = sum(candidate.score for candidate in read)
    wish_of = whose_wish(question, query, {c.hit.text for c in ranked})
    wishes = [wish_of(candidate) for candidate in read] if wish_of else []
    # Where a sentence with a number reads as an answer by itself, one without is none.
    answered = any(_reads_right(c) and not lacks_own_value(question, c) for c in read)
    no_value = _NO_SHARE if answered or counted_kinds(question) == {"percent"} else _NO_VALUE
    scores = []
    for n, candidate in enumerate(read):
        score = candidate.score * _time_odds(candidate, asked.period, newest)
        if speaker and not speaker.isdisjoint(stems_of(candidate.sentence.said_by or "")):
            score *= _OWN_WORDS
        elif lacks_speaker(question, query, candidate):
            score *= _OTHER_WORDS
        if "own" in wishes:
            score *= _WISHES[wishes[n]]
        if lacks_value(question, candidate):
            score *= no_value
        elif lacks_own_value(question, candidate):
            score *= _VALUE_BESIDE
        if lacks_office(question, query, candidate):
            score *= _NO_OFFICE
        if only_may_have(question, candidate):
            score *= _ONLY_POSSIBLE
        if gives_age(question, candidate.text):
            score *= _AGE_GIVEN
        if tells_of_another_stage(question, candidate.text):
            score *= _ANOTHER_STAGE
        if is_of_its_article(candidate.text):
            score *= _CORRECTION
        if about and candidate.hit.article.id not in about:
            score *= _OF_OTHERS
        if heard and id(candidate) not in heard:
            score *= _OTHER_WORDS
        if countries and _is_elsewhere(candidate.text, countries):
            score *= _ELSEWHERE
        if long_gone and _is_before(candidate.text, long_gone):
            score *= _LONG_GONE
        if _is_of_another_name(candidate.text, common, beginnings):
            score *= _OF_ANOTHER_NAME
        if untold != 1.0 and says_it_is_not_told(candidate.text):
            score *= untold
        if asked.wants_denial and candidate.sentence.denies:
            score *= _DENIAL * (_OF_ANYTHING + candidate.features.rest_covered)
        if (somebody and introduces(candidate.text, somebody)) or tells_leader(question, candidate.text):
            score *= _INTRODUCED
        scores.append(score)
    total = sum(scores) or 1.0
    scored = [replace(c, score=score / total * held) for c, score in zip(read, scores, strict=True)]
    return [*sorted(scored, key=lambda c: -c.score), *rest]


def _reads_right(candidate: Candidate) -> bool:
    return candidate.reading is not None and candidate.reading.relevance >= _ANSWERS


def _long_gone(question: str, query: Query, read: Sequence[Candidate]) -> int:
    """The year before which is long before the reports, which "the war" does not mean; 0 where it may mean it."""
    if query.names or _YEAR.search(question) or _OF_HISTORY.search(question):
        return 0
    years = [int(year) for c in read for year in _YEAR.findall(f"{c.text} {c.hit.article.metadata.published or ''}")]
    return max(years, default=0) - _LONG


_REPORTER_ASKED = re.compile(
    r"\bwhat (?:did|does|do|has|have) (?:the )?(?P<who>[\w.’'& -]+?)(?: report)? "
    r"(?:report|reported|write|publish|reveal|find|found)\b",
    re.IGNORECASE,
)


def _reporter_asked(question: str, query: Query) -> frozenset[str]:
    """The spellings of the name of whoever's report is asked for: of "what did CNN report?" CNN's."""
    found = _REPORTER_ASKED.search(question)
    names = folded_words(found["who"]) & query.names if found else frozenset[str]()
    return names.union(*(query.terms[name] for name in names))


def _is_elsewhere(text: str, countries: set[str]) -> bool:
    told = countries_in(text)
    return bool(told) and told.isdisjoint(countries)


def _is_before(text: str, year: int) -> bool:
    told = [int(found) for found in _YEAR.findall(text)]
    return bool(told) and max(told) < year


_ALIKE = 5  # letters: the Crimean Bridge is Crimea's
_NAME = re.compile(r"\b[A-Z][\w’'-]*(?: [A-Z][\w’'-]*)+")


def _is_of_another_name(text: str, common: Set[str], asked: Set[str]) -> bool:
    """Whether one of the question's ``common`` nouns stands there only within a longer name that the question has not;
    ``asked`` are the beginnings of its words."""
    within: set[str] = set()
    bare = text
    for name in _NAME.findall(text):
        own = folded_words(name)
        if own & common and not {word[:_ALIKE] for word in own} <= asked:
            within |= own & common
            bare = bare.replace(name, " ")
    return bool(within) and not within <= folded_words(bare)


def wished(question: str, asked: Asked, query: Query, hits: Sequence[Hit]) -> Callable[[Candidate], bool]:
    """Tells whether a sentence is of the asked speaker, a denial where another side is to be shown, has a sum or number
    or somebody's wish where that is asked for, or says that what is asked is not told."""
    speaker = speaker_asked(question)
    denial = asked.polar or asked.wants_denial or asked.kind == "certainty"
    somebody = somebody_asked_of(question)
    untold = _untold_odds(question, asked) != 1.0
    kinds = counted_kinds(question)
    wish_of = whose_wish(question, query, {hit.text for hit in hits})

    def is_wished(candidate: Candidate) -> bool:
        sentence = candidate.sentence
        if (somebody and introduces(candidate.text, somebody)) or tells_leader(question, candidate.text):
            return True
        if untold and says_it_is_not_told(candidate.text):
            return True
        if wish_of and wish_of(candidate) == "own":
            return True
        if kinds and any(value.kind in kinds for value in values_in(candidate.text)):
            return not tells_of_another_stage(question, candidate.text)
        return (denial and sentence.denies) or not speaker.isdisjoint(stems_of(sentence.said_by or ""))

    return is_wished


def _untold_odds(question: str, asked: Asked) -> float:
    if value_kinds(question) - {"date"}:
        return _SUM_UNTOLD  # "did they say how much" too
    return _UNDECIDED if asked.polar else 1.0


def narrowed(filters: Filters, period: Period | None, articles: Sequence[StoredArticle]) -> tuple[Filters, str]:
    """The filters with the period of publication in them; or as they were, and why, where nothing would be left."""
    if period is None or not period.of_reporting or filters.since or filters.until:
        return filters, ""
    wanted = replace(filters, since=period.since, until=period.until)
    if any(_published_in(article, period) for article in articles):
        return wanted, ""
    return filters, f"No article is known to be of that time (“{period.phrase}”); all were asked."


def _newest(candidates: Sequence[Candidate], period: Period | None) -> str | None:
    """The date of publication that is asked for: the latest there is, or the earliest."""
    if period is None or not period.order:
        return None
    dates = sorted({c.hit.article.metadata.published for c in candidates if c.hit.article.metadata.published})
    return (dates[-1] if period.order > 0 else dates[0]) if dates else None


def _time_odds(candidate: Candidate, period: Period | None, newest: str | None) -> float:
    """An article without a date is neither of the time nor new."""
    if period is None:
        return 1.0
    odds = 1.0
    if period.since or period.until:
        years = set(_YEAR.findall(candidate.text))
        if any(_year_within(year, period) for year in years) or _published_in(candidate.hit.article, period):
            odds *= _IN_TIME
        elif years:
            odds *= _OUT_OF_TIME
    if newest and candidate.hit.article.metadata.published == newest:
        odds *= _NEWEST
    return odds


def _published_in(article: StoredArticle, period: Period) -> bool:
    published = article.metadata.published
    return (
        published is not None
        and (period.since is None or published[: len(period.since)] >= period.since)
        and (period.until is None or published[: len(period.until)] <= period.until)
    )


def _year_within(year: str, period: Period) -> bool:
    return (period.since is None or year >= period.since[:4]) and (period.until is None or year <= period.until[:4])
