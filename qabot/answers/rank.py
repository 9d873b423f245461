"""Candidates -> candidates ranked by how likely each is the one that answers.

Two conditional logits (McFadden 1974): all sentences by what retrieval knows of them, then the first few by what the
cross-encoder reads in them as well. The weights are in weights.json, written by `python -m qabot.evaluation.fit`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace

from qabot.answers.candidates import FEATURES, Candidate
from qabot.answers.weights import Linear, Weights, by_name
from qabot.embedding import CrossEncoder
from qabot.language import STOP_WORDS, folded_words, stem, stems_of, words_of
from qabot.language.answer_type import answer_type, is_of_kind

# Sentences that are read: the likeliest, and fewer where the rest are far behind.
READ = 10
READ_AT_LEAST = 5
READ_WISHED = 3
_ELSEWHERE = 3
_FAR_BEHIND = 0.02  # of the likeliest one's probability


@dataclass(frozen=True, slots=True)
class ReadingFeatures:
    """What the ranker sees of a reading, beside those of the other sentences read. Relevance is a logit by 4."""

    relevance: float
    relevance_gap: float  # to the best read, never above 0
    relevance_rank: float  # 1 by its place
    relevance_before: float  # of the sentence before, where that was read; else that of a poor one
    relevance_after: float
    echo: float  # share of the answering words that the question has itself
    span_of_type: float  # the answering words are of the type asked for
    span_off_type: float
    said_elsewhere: float  # the answering words stand in sentences of other articles too; up to three, by 3


READ_FEATURES = (*FEATURES, *(field.name for field in fields(ReadingFeatures)))
_UNREAD = -1.0


def rank(
    question: str,
    candidates: Sequence[Candidate],
    cross_encoder: CrossEncoder | None,
    weights: Weights,
    wished: Callable[[Candidate], bool] = lambda candidate: False,
) -> list[Candidate]:
    """Best first, each with its probability as ``score``; those that were read come before the others.

    Of the ``wished`` ones the likeliest are read wherever they stand.
    """
    order = rank_retrieved(candidates, weights.retrieved)
    if cross_encoder is None or not order:
        return order
    worth = sum(candidate.score >= _FAR_BEHIND * order[0].score for candidate in order)
    most = min(READ, max(READ_AT_LEAST, worth))
    first, rest = order[:most], list[Candidate]()
    for candidate in order[most:]:
        (first if len(first) < most + READ_WISHED and wished(candidate) else rest).append(candidate)
    return rank_read(question, with_readings(question, first, cross_encoder), weights.read) + rest


def rank_retrieved(candidates: Sequence[Candidate], linear: Linear) -> list[Candidate]:
    return _ranked(candidates, [linear.logit(by_name(c.features)) for c in candidates])


def rank_read(question: str, read: Sequence[Candidate], linear: Linear) -> list[Candidate]:
    """``read`` have each been read."""
    features = reading_features(question, read)
    return _ranked(read, [linear.logit(by_name(c.features) | by_name(f)) for c, f in zip(read, features, strict=True)])


def with_readings(question: str, candidates: Sequence[Candidate], cross_encoder: CrossEncoder) -> list[Candidate]:
    readings = cross_encoder.read(question, [candidate.in_context for candidate in candidates])
    return [replace(candidate, reading=reading) for candidate, reading in zip(candidates, readings, strict=True)]


def reading_features(question: str, candidates: Sequence[Candidate]) -> list[ReadingFeatures]:
    """One each; every candidate has been read."""
    wanted = answer_type(question)
    asked = stems_of(question)
    relevances = [candidate.reading.relevance if candidate.reading else 0.0 for candidate in candidates]
    best = max(relevances, default=0.0)
    places = {value: place for place, value in reversed(list(enumerate(sorted(relevances, reverse=True))))}
    ends = {
        (c.hit.article.id, c.sentence.ordinal): relevance for c, relevance in zip(candidates, relevances, strict=True)
    }
    folded = [(c.hit.article.id, folded_words(c.text)) for c in candidates]
    known = folded_words(question) | STOP_WORDS
    features = []
    for candidate, relevance in zip(candidates, relevances, strict=True):
        article, ordinal = candidate.hit.article.id, candidate.sentence.ordinal
        words = [stem(word) for word in words_of(candidate.span)]
        new = folded_words(candidate.span) - known
        elsewhere = sum(new <= there for other, there in folded if other != article) if new else 0
        of_type = is_of_kind(candidate.span, wanted)
        features.append(
            ReadingFeatures(
                relevance=relevance / 4,
                relevance_gap=(relevance - best) / 4,
                relevance_rank=1 / (1 + places[relevance]),
                relevance_before=ends.get((article, ordinal - 1), 4 * _UNREAD) / 4,
                relevance_after=ends.get((article, ordinal + 1), 4 * _UNREAD) / 4,
                echo=sum(word in asked for word in words) / len(words) if words else 1.0,
                span_of_type=float(wanted != "other" and of_type),
                span_off_type=float(not of_type),
                said_elsewhere=min(_ELSEWHERE, elsewhere) / _ELSEWHERE,
            )
        )
    return features


def _ranked(candidates: Sequence[Candidate], logits: Sequence[float]) -> list[Candidate]:
    """Best first, with the softmax of the logits as scores."""
    best = max(logits, default=0.0)
    odds = [math.exp(logit - best) for logit in logits]
    total = sum(odds)
    scored = [replace(c, score=own / total) for c, own in zip(candidates, odds, strict=True)]
    return sorted(scored, key=lambda candidate: -candidate.score)
