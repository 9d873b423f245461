"""Sentence cosine, passage cosine and BM25 -> one score a passage."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from qabot.embedding import Encoder, Vectors
from qabot.index import Ids, IndexSnapshot, TermMatches
from qabot.retrieval.hit import Features
from qabot.retrieval.query import Query

# Chosen by `qabot --seeds ../shared/devset/seeds eval ../shared/devset/qa.jsonl`, 612 questions, recall@1/3/5 with
# passages of 800 characters: sentence cosine alone .889/.974/.992, passage cosine alone .851/.967/.989, BM25 alone
# .913/.971/.980; these weights and the coverage in widen.py .946/.987/.997. BM25 at .1 to .4: within .006 at rank 1;
# .3 is as good there and loses two points of recall@3 over news retellings, where names are everywhere.
SENTENCE_WEIGHT = 0.5
PASSAGE_WEIGHT = 0.5
BM25_WEIGHT = 0.2
# BM25 is computed of so many passages, those in which most of the question stands by idf, and of those as good as the
# last of them. At 100,000 passages it takes FTS5 a microsecond a word and passage, ten times what finding them takes.
WEIGHED = 1000


@dataclass(frozen=True, slots=True)
class Scores:
    """``passages`` maps a passage's id to its score, 0 to 1, and what it is made of. ``terms`` are the question's
    words with where they stand."""

    passages: Mapping[int, tuple[float, Features]]
    terms: Mapping[str, TermMatches]

    def of(self, passage: int) -> float:
        return self.passages[passage][0] if passage in self.passages else 0.0

    def coverage(self, passages: Iterable[int]) -> float:
        """The share, by idf, of the question's words that stand in or next to any of the passages; 0 to 1."""
        ids = set(passages)
        total = sum(found.idf for found in self.terms.values())
        return (
            sum(found.idf for found in self.terms.values() if not ids.isdisjoint(found.passages)) / total
            if total
            else 0.0
        )

    def terms_in(self, passage: int) -> frozenset[str]:
        return frozenset(term for term, found in self.terms.items() if passage in found.passages)


def score_passages(
    query: Query, encoder: Encoder, index: IndexSnapshot, candidates: int, within: set[int] | None
) -> Scores:
    """Scores the best ``candidates`` of each of the three searches.

    The question is embedded, and its vector searched for, in another thread while this one searches for its words.
    """
    nearest = index.searcher(within)

    def by_vector() -> tuple[Vectors, Ids]:
        vector = encoder.encode_query(query.text)
        return vector, np.union1d(nearest("sentence", vector, candidates), nearest("window", vector, candidates))

    with ThreadPoolExecutor(1, thread_name_prefix="qabot-embedding") as beside:
        searching = beside.submit(by_vector)
        terms = {term: index.standing((term, *others), within) for term, others in query.terms.items()}
        covering = _most_covering(terms.values())
        matching = _bm25(index, terms.values(), covering)
        vector, near = searching.result()
    for passage, score in _bm25(index, terms.values(), np.setdiff1d(near, covering)).items():
        matching[passage] = score
    by_words = sorted(matching, key=lambda i: (-matching[i], i))[:candidates]
    ids = sorted({*near.tolist(), *by_words})
    if not ids:
        return Scores({}, terms)
    sentence_cosines, passage_cosines = index.cosines(vector, ids)
    best = max(matching.values(), default=0.0)
    bm25 = np.array([matching.get(i, 0.0) for i in ids]) / (best or 1.0)
    weights = SENTENCE_WEIGHT + PASSAGE_WEIGHT + BM25_WEIGHT
    scores = (SENTENCE_WEIGHT * sentence_cosines + PASSAGE_WEIGHT * passage_cosines + BM25_WEIGHT * bm25) / weights
    features = map(Features, sentence_cosines.tolist(), passage_cosines.tolist(), bm25.tolist())
    return Scores(dict(zip(ids, zip(scores.tolist(), features, strict=True), strict=True)), terms)


def _bm25(index: IndexSnapshot, terms: Iterable[TermMatches], passages: Ids) -> dict[int, float]:
    """Of each of the passages in which one of the terms stands, the sum."""
    sums: dict[int, float] = {}
    for term in terms:
        for passage, score in index.bm25(term, passages).items():
            sums[passage] = sums.get(passage, 0.0) + score
    return sums


def _most_covering(terms: Collection[TermMatches]) -> Ids:
    """The passages in which most of the terms stand, by idf."""
    last = max((int(ids[-1]) for term in terms for ids in term.by_spelling.values() if len(ids)), default=0)
    weights = np.zeros(last + 1)
    for term in terms:
        stands = np.zeros(len(weights), dtype=bool)
        for ids in term.by_spelling.values():
            stands[ids] = True
        weights += term.idf * stands
    passages: Ids = np.flatnonzero(weights)
    if len(passages) <= WEIGHED:
        return passages
    least = np.partition(weights[passages], -WEIGHED)[-WEIGHED]
    passages = passages[weights[passages] >= least]
    return passages
