"""A question -> ranked Hits."""

from qabot.retrieval.filters import Filters, select_articles
from qabot.retrieval.hit import Features, Hit, ScoredSentence, Source
from qabot.retrieval.query import Query
from qabot.retrieval.retrieve import retrieve

__all__ = [
    "Features",
    "Filters",
    "Hit",
    "Query",
    "ScoredSentence",
    "Source",
    "retrieve",
    "select_articles",
]
