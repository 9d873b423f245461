"""What is on disk in embeddings/: how it is built, brought up to date and read."""

from qabot.index.protocol import Index, IndexSnapshot, IndexStatus, Stamp, StoredArticle, StoredPassage, TermMatches
from qabot.index.reader import SqliteFaissIndex
from qabot.index.refreshing import RefreshReport, behind, mismatch, refresh

__all__ = [
    "Index",
    "IndexSnapshot",
    "IndexStatus",
    "RefreshReport",
    "SqliteFaissIndex",
    "Stamp",
    "StoredArticle",
    "StoredPassage",
    "TermMatches",
    "behind",
    "mismatch",
    "refresh",
]
