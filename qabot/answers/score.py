"""Candidates -> candidates ranked by how likely each holds the answer.

Two linear steps (logistic regression): all sentences by what retrieval knows of them, then the first few by what
the cross-encoder reads in them as well. The weights are in weights.json, written by `python -m qabot.evaluation.fit`.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import msgspec

from qabot.answers.candidates import Candidate
from qabot.embedding import CrossEncoder
from qabot.language import words_of
from qabot.language.answer_type import answer_type, offers

WEIGHTS_FILE = Path(__file__).with_name("weights.json")
# Sentences that are read: each takes 5 ms. Six instead of four give .007 more of the devset's answers and take 40 ms.
READ = 4
READ_FOR_SEVERAL = 10
MANY_ARTICLES = 10  # more than these are many


@dataclass(frozen=True, slots=True)
class ReadingFeatures:
    """What the linear scorer sees of a reading. Relevance is a logit divided by 4."""

    relevance: float
    relevance_gap: float  # to the best read, never above 0
    echo: float  # share of the answering words that the question has itself
    answers_in_kind: float  # the answering words are of the kind asked for


class Linear(msgspec.Struct, frozen=True):
    """``intercept + sum(weight * feature)`` is a logit."""

    intercept: float
    weights: dict[str, float]

    def logit(self, features: Mapping[str, float]) -> float:
        return self.intercept + sum(weight * features[name] for name, weight in self.weights.items())


class Thresholds(msgspec.Struct, frozen=True):
    """The probabilities from which there is an answer, in collections of few and of many articles.

    Few articles tell of one thing, and much is near any question; among many, what is answered stands out.
    """

    few_articles: float
    many_articles: float

    def of(self, *, many_articles: bool) -> float:
        return self.many_articles if many_articles else self.few_articles


class Weights(msgspec.Struct, frozen=True):
    """``retrieved`` and ``read`` rank sentences; ``answerable`` decides, ``answerable_unread`` without readings.

    ``figures`` are what was measured.
    """

    retrieved: Linear
    read: Linear
    answerable: Linear
    answerable_unread: Linear
    answer_from: Thresholds
    answer_from_unread: Thresholds
    figures: dict[str, float]


@functools.cache
def load_weights() -> Weights:
    return msgspec.json.decode(WEIGHTS_FILE.read_bytes(), type=Weights)


def probability(logit: float) -> float:
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, logit))))


def rank(
    question: str,
    candidates: Sequence[Candidate],
    cross_encoder: CrossEncoder | None,
    weights: Weights,
    *,
    several: bool = False,
) -> list[Candidate]:
    """Best first, each with its probability as ``score``; those that were read come before the others."""
    order = rank_retrieved(candidates, weights.retrieved)
    if cross_encoder is None:
        return order
    first = _of_each_article(order)[:READ_FOR_SEVERAL] if several else order[:READ]
    read = with_readings(question, first, cross_encoder)
    scored = [
        replace(candidate, score=probability(weights.read.logit(asdict(candidate.features) | asdict(features))))
        for candidate, features in zip(read, reading_features(question, read), strict=True)
    ]
    return sorted(scored, key=lambda candidate: -candidate.score) + [c for c in order if c not in first]


def _of_each_article(order: Sequence[Candidate]) -> list[Candidate]:
    """The best three of each article first, in their order, then the others."""
    seen: dict[int, int] = {}
    first: list[Candidate] = []
    rest: list[Candidate] = []
    for candidate in order:
        article = candidate.hit.article.id
        seen[article] = seen.get(article, 0) + 1
        (first if seen[article] <= 3 else rest).append(candidate)
    return first + rest


def rank_retrieved(candidates: Sequence[Candidate], linear: Linear) -> list[Candidate]:
    scored = [replace(c, score=probability(linear.logit(asdict(c.features)))) for c in candidates]
    return sorted(scored, key=lambda candidate: -candidate.score)


def with_readings(question: str, candidates: Sequence[Candidate], cross_encoder: CrossEncoder) -> list[Candidate]:
    readings = cross_encoder.read(question, [candidate.in_context for candidate in candidates])
    return [replace(candidate, reading=reading) for candidate, reading in zip(candidates, readings, strict=True)]


def reading_features(question: str, candidates: Sequence[Candidate]) -> list[ReadingFeatures]:
    """One each; every candidate has been read."""
    kind = answer_type(question)
    asked = {word.casefold() for word in words_of(question)}
    relevances = [candidate.reading.relevance if candidate.reading else 0.0 for candidate in candidates]
    best = max(relevances, default=0.0)
    features = []
    for candidate, relevance in zip(candidates, relevances, strict=True):
        words = [word.casefold() for word in words_of(candidate.span)]
        features.append(
            ReadingFeatures(
                relevance=relevance / 4,
                relevance_gap=(relevance - best) / 4,
                echo=sum(word in asked for word in words) / len(words) if words else 1.0,
                answers_in_kind=float(kind != "other" and offers(candidate.span, kind)),
            )
        )
    return features
