"""qabot answers questions about a folder of news reporting, from its own words.

>>> with Engine(load_settings()) as engine:
...     engine.prepare()
...     print(engine.ask("How much did Biden ask Congress for?").answer)
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qabot.answers import (
        Answer,
        Citation,
        Disagreement,
        IndexState,
        Position,
        RankedPassage,
        Span,
        Statement,
    )
    from qabot.answers.reply import Reply
    from qabot.answers.verify import Checked, Evidence
    from qabot.articles import LeftOut, Metadata
    from qabot.doctor import CheckResult
    from qabot.embedding import Encoders, begin_loading
    from qabot.engine import Engine
    from qabot.errors import (
        IndexMismatchError,
        IndexUnavailableError,
        ModelError,
        NoIndexError,
        NoMatchError,
        QabotError,
        SeedsError,
        UsageError,
    )
    from qabot.index import ArticleChange, IndexStatus, RefreshReport, StoredArticle
    from qabot.questions import Conversation, clean_question
    from qabot.retrieval import Filters, Hit
    from qabot.settings import DiscordSettings, Settings, load_settings

__version__ = "0.1.0"

# Loaded when first used: `import qabot` costs nothing, and the errors are there without NumPy.
_HOMES = {
    "qabot.answers": ("Answer Citation Disagreement IndexState Position RankedPassage Span Statement"),
    "qabot.answers.reply": "Reply",
    "qabot.answers.verify": "Checked Evidence",
    "qabot.articles": "LeftOut Metadata",
    "qabot.embedding": "Encoders begin_loading",
    "qabot.doctor": "CheckResult",
    "qabot.engine": "Engine",
    "qabot.errors": (
        "IndexMismatchError IndexUnavailableError ModelError NoIndexError NoMatchError QabotError SeedsError UsageError"
    ),
    "qabot.index": "ArticleChange IndexStatus RefreshReport StoredArticle",
    "qabot.questions": "Conversation clean_question",
    "qabot.retrieval": "Filters Hit",
    "qabot.settings": "DiscordSettings Settings load_settings",
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names.split()}

__all__ = [
    "Answer",
    "ArticleChange",
    "CheckResult",
    "Checked",
    "Citation",
    "Conversation",
    "Disagreement",
    "DiscordSettings",
    "Encoders",
    "Engine",
    "Evidence",
    "Filters",
    "Hit",
    "IndexMismatchError",
    "IndexState",
    "IndexStatus",
    "IndexUnavailableError",
    "LeftOut",
    "Metadata",
    "ModelError",
    "NoIndexError",
    "NoMatchError",
    "Position",
    "QabotError",
    "RankedPassage",
    "RefreshReport",
    "Reply",
    "SeedsError",
    "Settings",
    "Span",
    "Statement",
    "StoredArticle",
    "UsageError",
    "begin_loading",
    "clean_question",
    "load_settings",
]


def __getattr__(name: str) -> Any:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module 'qabot' has no attribute {name!r}")
    return getattr(importlib.import_module(home), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
