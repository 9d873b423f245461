"""A question -> ranked Hits."""

from qabot.retrieval.filters import Filters, select_articles
from qabot.retrieval.hit import Features, Hit, ScoredSentence, Source
from qabot.retrieval.query import Query, name_in
from qabot.retrieval.retrieve import READ_HITS, retrieve

__all__ = [
    "READ_HITS",
    "Features",
    "Filters",
    "Hit",
    "Query",
    "ScoredSentence",
    "Source",
    "name_in",
    "retrieve",
    "select_articles",
]
