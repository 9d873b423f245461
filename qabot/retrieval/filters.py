"""Filters on articles: outlet, author, dates, path."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from qabot.errors import NoMatchError, UsageError
from qabot.index import StoredArticle

_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?$")


@dataclass(frozen=True, slots=True)
class Filters:
    """``outlet`` and ``author`` match a part of the name in any case; ``since`` and ``until`` are inclusive ISO
    dates, of which the day or the month may be left off; ``article`` is a glob on the path. ``only`` are
    paths beside which nothing is asked, ``without`` paths that are not asked whatever else is said. Raises UsageError
    for one that is empty and for a date that is none."""

    outlet: str | None = None
    author: str | None = None
    since: str | None = None
    until: str | None = None
    article: str | None = None
    only: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        for name in ("outlet", "author", "article"):
            value = getattr(self, name)
            if value is not None and not value.strip():
                # An empty one would leave what has an outlet at all: a shell variable that was not set, most likely.
                raise UsageError(f"{name} is empty.", "Say which, or leave it off.")
        for name in ("since", "until"):
            value = getattr(self, name)
            if value is not None and not _is_date(value):
                raise UsageError(f"{name} {value!r} is not a date.", "Write it as 2023-11-04, 2023-11 or 2023.")
        if self.since and self.until and self.since > self.until and not self.since.startswith(self.until):
            raise UsageError(f"since {self.since} is after until {self.until}.", "Exchange the two.")


def _is_date(value: str) -> bool:
    """Whether it names a year, a month or a day that there is."""
    if not _DATE.match(value):
        return False
    try:
        date.fromisoformat(f"{value}-01-01"[:10] if len(value) == 4 else f"{value}-01"[:10])
    except ValueError:
        return False
    return True


def select_articles(filters: Filters, articles: Sequence[StoredArticle]) -> set[int] | None:
    """The ids that pass, or ``None`` where nothing is filtered. An article without a date passes no date filter.

    Raises NoMatchError that says what there is.
    """
    if filters == Filters():
        return None
    passing = {article.id for article in articles if _passes(filters, article)}
    if not passing:
        raise NoMatchError(f"No article matches {_described(filters)}.", _what_there_is(articles))
    return passing


def _passes(filters: Filters, article: StoredArticle) -> bool:
    metadata = article.metadata
    published = metadata.published
    return (
        article.path not in filters.without
        and (not filters.only or article.path in filters.only)
        and (filters.outlet is None or _contains(metadata.outlet, filters.outlet))
        and (filters.author is None or _contains(metadata.author, filters.author))
        # "2023-11" covers its whole month: compare as much of the date as was given.
        and (filters.since is None or (published is not None and published[: len(filters.since)] >= filters.since))
        and (filters.until is None or (published is not None and published[: len(filters.until)] <= filters.until))
        and (filters.article is None or fnmatch.fnmatch(article.path, filters.article))
    )


def _contains(value: str | None, part: str) -> bool:
    return value is not None and part.casefold() in value.casefold()


def _described(filters: Filters) -> str:
    names = ("outlet", "author", "since", "until", "article")
    return ", ".join(f"{name} {getattr(filters, name)!r}" for name in names if getattr(filters, name) is not None)


def _what_there_is(articles: Sequence[StoredArticle]) -> str:
    outlets = sorted({article.metadata.outlet for article in articles if article.metadata.outlet})
    dates = sorted(article.metadata.published for article in articles if article.metadata.published)
    undated = sum(article.metadata.published is None for article in articles)
    parts = [f"There are {len(articles)} articles" + (f" from {_some(outlets)}" if outlets else ", no outlet known")]
    if dates:
        parts.append(f"dated {dates[0]} to {dates[-1]}")
    if undated:
        parts.append(f"{undated} without a date")
    return ", ".join(parts) + "."


def _some(names: Sequence[str], most: int = 8) -> str:
    rest = len(names) - most
    return ", ".join(names[:most]) + (f" and {rest} more" if rest > 0 else "")
