"""Whether the articles say: a probability, from how well the best sentence answers and what it lacks."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, fields

from qabot.answers.asked_for import gives_age, lacks_matter, lacks_speaker, lacks_value
from qabot.answers.candidates import Candidate, Coverage
from qabot.answers.office import lacks_office, tells_leader
from qabot.answers.weights import Linear, by_name, probability
from qabot.language import STOP_WORDS, stem, stems_of, words_of
from qabot.language.answer_type import answer_type, is_of_kind
from qabot.questions.speaker import speaker_asked
from qabot.retrieval import Query

_NUMBER = re.compile(r"\d[\d,.]*\d|\d")
_BEST = 3
_DENIED_FROM = 0.4  # of the question's words, by idf, in a denial and beside it


@dataclass(frozen=True, slots=True)
class AnswerabilityFeatures:
    """What the decision is made from. Without readings, those of ``relevance`` are 0.

    What is asked about must be there: a name that stands nowhere near the best sentences is the strongest sign that
    nothing is said.
    """

    relevance: float  # the best candidate's reading, a logit by 4
    top_relevance: float  # the best of all readings
    relevance_lead: float  # of the best reading over the mean of the others
    best_score: float  # the best candidate's share of what the ranker gives to all
    sentence_cosine: float  # the best candidate's
    top_cosine: float  # the best of all
    passage_cosine: float  # the best candidate's
    cosine_lead: float  # of the best candidate over the mean of all
    covered: float  # share of the question's words, by idf, in the best candidate
    covered_nearby: float  # in it, beside it and in the title
    covered_hit: float
    covered_best: float  # by the best three and what stands beside them
    rarest_missing: float  # idf of the rarest word not nearby, over the rarest word's
    unknown: float  # share of the words, by idf, that stand in no hit
    names_missing: float  # share of the question's names that are not nearby
    names_missing_hit: float  # nor in the hit or the title
    names_missing_all: float  # nor in any hit
    rest_missing: float  # share of the words that are no names, by idf, that are not nearby
    speaker_missing: float  # what somebody said is asked, and nobody of that name says the sentence
    numbers_missing: float  # 1 where a number of the question is not in its hit
    lacks_type: float
    span_off_type: float  # the answering words are not of the type asked for
    echo: float  # share of the answering words that the question has itself
    words: float  # how many the question has, by 10
    list: float  # the question asks for a list
    agreement: float  # of the best three by rank, those in the best one's article


FEATURES = tuple(field.name for field in fields(AnswerabilityFeatures))
OF_READINGS = frozenset({"relevance", "top_relevance", "relevance_lead", "span_off_type", "echo"})


@dataclass(frozen=True, slots=True)
class Decision:
    """Why there is an answer or none: ``probability`` against ``answer_from``, and what it was made from.

    ``lacks`` is what is asked for and not to be had, whatever the probability; empty where nothing is lacking.
    """

    probability: float
    answer_from: float
    features: AnswerabilityFeatures | None
    weights: dict[str, float]
    lacks: str = ""

    @property
    def says(self) -> bool:
        """Whether the articles say."""
        return not self.lacks and self.probability >= self.answer_from


def decide(
    question: str,
    query: Query,
    ranked: Sequence[Candidate],
    linear: Linear,
    answer_from: float,
    *,
    several: bool,
    deniable: bool,
) -> Decision:
    """``several`` is that a list is asked for, ``deniable`` that a denial of what is asked about is an answer to it."""
    features = answerability(question, query, ranked, several=several)
    if features is None:
        return Decision(0.0, answer_from, None, linear.weights)
    value = probability(linear.logit(by_name(features)))
    denied = deniable and ranked[0].sentence.denies and features.covered_nearby >= _DENIED_FROM
    if denied or gives_age(question, ranked[0].text) or tells_leader(question, ranked[0].text):
        value = max(value, answer_from)
    lacks = _lacking(question, query, ranked)
    return Decision(value, answer_from, features, linear.weights, lacks)


def _lacking(question: str, query: Query, ranked: Sequence[Candidate]) -> str:
    """What the best sentence, sought for what is asked for by its form, has none of."""
    if not any(len(term) > 1 and term not in STOP_WORDS for term in query.terms):
        return "anything to look for"
    if lacks_value(question, ranked[0]):
        return "a sum or number"
    if lacks_speaker(question, query, ranked[0]):
        return "the words of whom is asked about"
    if lacks_office(question, query, ranked[0]):
        return "who holds the office that is asked about"
    return "words on what is asked about" if lacks_matter(question, query, ranked) else ""


def answerability(
    question: str, query: Query, ranked: Sequence[Candidate], *, several: bool = False
) -> AnswerabilityFeatures | None:
    """``None`` where there is no candidate at all."""
    if not ranked:
        return None
    best = ranked[0]
    relevances = sorted((c.reading.relevance for c in ranked if c.reading), reverse=True)
    rest = relevances[1:]
    coverage = Coverage(query)
    in_hit, anywhere, nearby_best = (
        frozenset[str]().union(*(c.nearby for c in those))
        for those in ([c for c in ranked if c.hit is best.hit], ranked, ranked[:_BEST])
    )
    names = query.names
    others = frozenset(query.terms) - names
    rarest = max(query.idf.values(), default=0.0)
    asked = stems_of(question)
    spanned = [stem(word) for word in words_of(best.span)]
    wanted = answer_type(question)
    speaker = speaker_asked(question)
    cosines = [candidate.features.sentence_cosine for candidate in ranked]
    features = best.features

    def missing(terms: frozenset[str], held: frozenset[str]) -> float:
        return 1 - coverage.share(terms & held) / share if (share := coverage.share(terms)) else 0.0

    return AnswerabilityFeatures(
        relevance=best.reading.relevance / 4 if best.reading else 0.0,
        top_relevance=relevances[0] / 4 if relevances else 0.0,
        relevance_lead=(relevances[0] - sum(rest) / len(rest)) / 4 if rest else 0.0,
        best_score=best.score,
        sentence_cosine=features.sentence_cosine,
        top_cosine=max(cosines),
        passage_cosine=features.passage_cosine,
        cosine_lead=features.sentence_cosine - sum(cosines) / len(cosines),
        covered=features.covered,
        covered_nearby=features.covered_nearby,
        covered_hit=coverage.share(in_hit),
        covered_best=coverage.share(nearby_best),
        rarest_missing=max((query.idf.get(t, 0.0) for t in query.terms if t not in best.nearby), default=0.0) / rarest
        if rarest
        else 0.0,
        unknown=1 - coverage.share(anywhere),
        names_missing=missing(names, best.nearby),
        names_missing_hit=missing(names, in_hit),
        names_missing_all=missing(names, anywhere),
        rest_missing=missing(others, best.nearby),
        speaker_missing=float(bool(speaker) and speaker.isdisjoint(stems_of(best.sentence.said_by or ""))),
        numbers_missing=float(any(number not in best.hit.text for number in _NUMBER.findall(question))),
        lacks_type=features.lacks_type,
        span_off_type=float(best.reading is not None and not is_of_kind(best.span, wanted)),
        echo=sum(word in asked for word in spanned) / len(spanned) if spanned else float(best.reading is not None),
        words=len(query.terms) / 10,
        list=float(several),
        agreement=sum(c.hit.article.id == best.hit.article.id for c in ranked[:_BEST]) / _BEST,
    )


def confidence(decision: Decision, right: Linear) -> float:
    """The probability that what is answered is right, or that there is nothing to answer; 0 to 1."""
    if decision.features is None:
        return 1.0
    value = min(max(decision.probability, 1e-6), 1 - 1e-6)
    logit = right.logit(
        {
            "answerable": math.log(value / (1 - value)),
            "score": decision.features.best_score,
            "relevance": decision.features.relevance,
            "list": decision.features.list,
        }
    )
    return probability(logit)
