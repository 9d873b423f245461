"""Whether the articles say: a probability, from how well the best sentence answers and what it lacks."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from qabot.answers.candidates import Candidate, share
from qabot.language import words_of
from qabot.language.answer_type import answer_type, is_of_kind
from qabot.language.names import also_named, names
from qabot.retrieval import Hit, Query

_NUMBER = re.compile(r"\d[\d,.]*\d|\d")


@dataclass(frozen=True, slots=True)
class AnswerabilityFeatures:
    """What the decision is made from. Without readings, ``relevance`` and ``relevance_lead`` are 0."""

    best_score: float  # the best candidate's, a logit divided by 4
    relevance: float  # the best candidate's reading
    top_relevance: float  # the best of all readings
    relevance_lead: float  # of the best reading over the mean of the others
    sentence_cosine: float  # the best of all
    passage_cosine: float
    covered: float  # share of the question's words, by idf, in the best candidate
    covered_nearby: float
    covered_hit: float  # in its hit
    rarest_missing: float  # idf of the rarest word that the hit lacks, over the rarest word's
    unknown: float  # share of the words, by idf, that stand nowhere in the collection
    names_missing: float  # share of the question's names that the best candidate's neighbourhood lacks
    names_missing_hit: float  # that its hit lacks
    numbers_missing: float  # 1 where a number of the question is not in its hit
    lacks_kind: float
    words: float  # how many the question has, by 10
    span_off_kind: float  # the answering words are not of the kind asked for
    echo: float  # share of the answering words that the question has itself
    several: float  # the question asks for a list
    pool_cosine: float  # the mean over all candidates: how much the collection is about this at all


def answerability(
    question: str, query: Query, ranked: Sequence[Candidate], several: bool = False
) -> AnswerabilityFeatures | None:
    """``None`` where there is no candidate at all."""
    if not ranked:
        return None
    best = ranked[0]
    relevances = sorted((c.reading.relevance for c in ranked if c.reading), reverse=True)
    rest = relevances[1:]
    in_hit = _terms(best.hit) | also_named(query.terms, best.hit.text)
    rarest = max(query.idf.values(), default=0.0)
    missing = [idf for term, idf in query.idf.items() if term not in in_hit]
    anywhere = frozenset().union(*(_terms(candidate.hit) for candidate in ranked))
    nearby = _near(best) | also_named(query.terms, f"{best.before} {best.text}")
    asked = [name for name in names(question)]
    kind = answer_type(question)
    own = {word.casefold() for word in words_of(question)}
    spanned = [word.casefold() for word in words_of(best.span)]
    score = min(max(best.score, 1e-6), 1 - 1e-6)
    hit_text = best.hit.text
    return AnswerabilityFeatures(
        best_score=math.log(score / (1 - score)) / 4,
        relevance=best.reading.relevance / 4 if best.reading else 0.0,
        top_relevance=relevances[0] / 4 if relevances else 0.0,
        relevance_lead=(relevances[0] - sum(rest) / len(rest)) / 4 if rest else 0.0,
        sentence_cosine=max(c.features.sentence_cosine for c in ranked),
        passage_cosine=max(c.features.passage_cosine for c in ranked),
        covered=best.features.covered,
        covered_nearby=best.features.covered_nearby,
        covered_hit=share(query, in_hit),
        rarest_missing=max(missing, default=0.0) / rarest if rarest else 0.0,
        unknown=1 - share(query, anywhere),
        names_missing=_share_missing(asked, query, nearby),
        names_missing_hit=_share_missing(asked, query, in_hit),
        numbers_missing=float(any(number not in hit_text for number in _NUMBER.findall(question))),
        lacks_kind=best.features.lacks_kind,
        words=len(query.terms) / 10,
        span_off_kind=float(best.reading is not None and not is_of_kind(best.span, kind)),
        echo=sum(word in own for word in spanned) / len(spanned) if spanned else float(best.reading is not None),
        several=float(several),
        pool_cosine=sum(c.features.sentence_cosine for c in ranked) / len(ranked),
    )


def missing_words(query: Query, ranked: Sequence[Candidate], chosen: Sequence[Candidate]) -> list[str]:
    """The question's names and numbers that neither the chosen sentences nor their hits hold, as asked."""
    held = frozenset().union(*(_terms(candidate.hit) for candidate in chosen)) if chosen else frozenset()
    return [term for term in query.terms if term not in held]


def _terms(hit: Hit) -> frozenset[str]:
    return frozenset[str]().union(*(sentence.terms for sentence in hit.sentences))


def _near(candidate: Candidate) -> frozenset[str]:
    sentences = candidate.hit.sentences
    at = sentences.index(candidate.sentence)
    return frozenset[str]().union(*(sentence.terms for sentence in sentences[max(0, at - 1) : at + 2]))


def _share_missing(asked: Sequence[str], query: Query, held: frozenset[str]) -> float:
    """The share of the names of which a word that is searched for is not held."""
    words = [[w.casefold() for w in words_of(name) if w.casefold() in query.terms] for name in asked]
    words = [own for own in words if own]
    return sum(any(word not in held for word in own) for own in words) / len(words) if words else 0.0
