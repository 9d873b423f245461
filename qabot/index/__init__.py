"""What is on disk in embeddings/: how it is built, brought up to date and read."""

from qabot.index.protocol import (
    ArticleChange,
    Ids,
    Index,
    IndexSnapshot,
    IndexStatus,
    Stamp,
    StoredArticle,
    StoredPassage,
    Summary,
    TermMatches,
)
from qabot.index.reader import SqliteFaissIndex
from qabot.index.refreshing import RefreshReport, behind, dry_run, mismatch, refresh, roll_back
from qabot.index.watching import watch

__all__ = [
    "ArticleChange",
    "Ids",
    "Index",
    "IndexSnapshot",
    "IndexStatus",
    "RefreshReport",
    "SqliteFaissIndex",
    "Stamp",
    "StoredArticle",
    "StoredPassage",
    "Summary",
    "TermMatches",
    "behind",
    "dry_run",
    "mismatch",
    "refresh",
    "roll_back",
    "watch",
]
