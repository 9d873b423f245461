"""A question -> ranked hits."""

from __future__ import annotations

from dataclasses import replace

from qabot.embedding import Encoder
from qabot.index import IndexSnapshot
from qabot.questions import Asked
from qabot.retrieval.filters import Filters, select_articles
from qabot.retrieval.fusion import score_passages
from qabot.retrieval.hit import Hit
from qabot.retrieval.query import Query, make_query, without_denials, without_outlets
from qabot.retrieval.widen import make_hits
from qabot.settings import RetrievalSettings

# An answer is looked for in so many hits, however few are shown.
READ_HITS = 12


def retrieve(
    asked: Asked,
    index: IndexSnapshot,
    encoder: Encoder,
    settings: RetrievalSettings,
    filters: Filters,
    most: int,
) -> tuple[Query, list[Hit]]:
    """What was searched for, and at most ``most`` hits, best first.

    A list prefers hits of different articles. Inside a snapshot of the index. Raises NoMatchError.
    """
    within = select_articles(filters, index.articles())
    query = make_query(asked.searched_for, index)
    if asked.named.paths:
        query = without_outlets(query, asked.named.names)
    scores = score_passages(query, encoder, index, settings.candidates, within)
    hits = make_hits(scores, index, most, settings.passage_characters, across_articles=asked.several)
    return without_denials(replace(query, idf={term: found.idf for term, found in scores.terms.items()})), hits
