"""Sentence cosine, passage cosine and BM25 -> one score a passage."""

from __future__ import annotations

import numpy as np

from qabot.embedding import Vectors
from qabot.index import IndexReader
from qabot.retrieval.hit import Features
from qabot.retrieval.query import Query

# Chosen by `qabot --seeds ../shared/devset/seeds eval ../shared/devset/qa.jsonl`, 612 questions, recall@1/3/5 with
# passages of 800 characters: sentence cosine alone .887/.974/.992, passage cosine alone .889/.977/.990, BM25 alone
# .915/.972/.977; these weights .948/.987/.998. BM25 at .2 to .5 and the cosines at .3 to .7 stay within .01.
SENTENCE_WEIGHT = 0.5
PASSAGE_WEIGHT = 0.5
BM25_WEIGHT = 0.3
# Passages that a word brings in; a word with more than these says little.
_MATCHES_A_WORD = 4000


def score_passages(
    query: Query, vector: Vectors, index: IndexReader, candidates: int, within: set[int] | None
) -> dict[int, tuple[float, Features]]:
    """Passage id -> its score (0 to 1) and what it is made of, for the best of each of the three searches."""
    by_sentence, by_passage = index.nearest(vector, candidates, within)
    matching = index.matching(query.spellings, _MATCHES_A_WORD, within)
    by_words = sorted(matching, key=lambda i: (-matching[i], i))[:candidates]
    ids = sorted({*by_sentence.tolist(), *by_passage.tolist(), *by_words})
    if not ids:
        return {}
    sentence_cosines, passage_cosines = index.cosines(vector, ids)
    best = max(matching.values(), default=0.0)
    bm25 = np.array([matching.get(i, 0.0) for i in ids]) / (best or 1.0)
    weights = SENTENCE_WEIGHT + PASSAGE_WEIGHT + BM25_WEIGHT
    scores = SENTENCE_WEIGHT * sentence_cosines + PASSAGE_WEIGHT * passage_cosines + BM25_WEIGHT * bm25
    return {
        i: (float(score / weights), Features(float(sentence), float(passage), float(match)))
        for i, score, sentence, passage, match in zip(ids, scores, sentence_cosines, passage_cosines, bm25, strict=True)
    }
