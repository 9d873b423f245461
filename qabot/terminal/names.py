"""Names in the collection that a person may want to type."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from qabot import StoredArticle
from qabot.terminal.text import one_line

Named = Literal["outlet", "author", "date", "article"]

_MOST = 50


def names_of(what: Named, articles: Sequence[StoredArticle]) -> list[str]:
    """Outlets, authors, paths, or dates by year, month and day; sorted."""
    if what == "article":
        return sorted({one_line(article.path) for article in articles})
    if what == "date":
        dates = {article.metadata.published for article in articles if article.metadata.published}
        return sorted({date[:length] for date in dates for length in (4, 7, 10)})
    values = {getattr(article.metadata, what) for article in articles}
    return sorted({one_line(value) for value in values if value}, key=str.casefold)


def matching(names: Sequence[str], typed: str) -> list[str]:
    """Those that begin with what was typed, then those that have it in them; at most fifty."""
    wanted = typed.casefold()
    begin = [name for name in names if name.casefold().startswith(wanted)]
    return [*begin, *(name for name in names if wanted in name.casefold() and name not in begin)][:_MOST]
