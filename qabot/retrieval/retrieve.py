"""A question -> ranked hits."""

from __future__ import annotations

from qabot.embedding import Encoder
from qabot.index import SqliteFaissReader
from qabot.retrieval.filters import Filters, select_articles
from qabot.retrieval.fusion import score_passages
from qabot.retrieval.hit import Hit
from qabot.retrieval.query import Query, make_query
from qabot.retrieval.widen import make_hits
from qabot.settings import RetrievalSettings


def retrieve(
    question: str, index: SqliteFaissReader, encoder: Encoder, settings: RetrievalSettings, filters: Filters, most: int
) -> tuple[Query, list[Hit]]:
    """What was searched for, and at most ``most`` hits, best first.

    Inside a snapshot of the index. ``question`` is as ``clean_question`` gives it. Raises NoMatchError.
    """
    within = select_articles(filters, index.articles())
    query = make_query(question, index)
    scores = score_passages(query, encoder.encode_query(query.text), index, settings.candidates, within)
    return query, make_hits(scores, index, most, settings.passage_characters)
