"""The weights that choose and decide: weights.json, written by `python -m qabot.evaluation.fit`."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

WEIGHTS_FILE = Path(__file__).with_name("weights.json")
MANY_ARTICLES = 100  # more than these are many; measured over 5 and 24, and over 401 and 510


class Linear(msgspec.Struct, frozen=True):
    """``intercept + sum(weight * feature)`` is a logit."""

    intercept: float
    weights: dict[str, float]

    def logit(self, features: Mapping[str, float]) -> float:
        return self.intercept + sum(weight * features[name] for name, weight in self.weights.items())


def by_name(features: Any) -> dict[str, float]:
    """The fields of a dataclass of features; ``dataclasses.asdict`` copies each, which takes ten times as long."""
    return {name: getattr(features, name) for name in features.__slots__}


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

    ``right`` is the confidence that an answer is right. ``figures`` are what was measured.
    """

    retrieved: Linear
    read: Linear
    answerable: Linear
    answerable_unread: Linear
    right: Linear
    answer_from: Thresholds
    answer_from_unread: Thresholds
    figures: dict[str, float]


@functools.cache
def load_weights() -> Weights:
    return msgspec.json.decode(WEIGHTS_FILE.read_bytes(), type=Weights)


def probability(logit: float) -> float:
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, logit))))
