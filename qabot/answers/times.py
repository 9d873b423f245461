"""The time asked about: articles of it, and sentences about it before others."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from qabot.answers.candidates import Candidate
from qabot.index import StoredArticle
from qabot.questions import Period
from qabot.retrieval import Filters

_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
# Odds by which a sentence of the time asked about is preferred, and one of another year put back.
_IN_TIME, _OUT_OF_TIME, _NEWEST = 2.5, 0.4, 3.0


def narrowed(filters: Filters, period: Period | None, articles: Sequence[StoredArticle]) -> tuple[Filters, str]:
    """The filters with the period of publication in them; or as they were, and why, where nothing would be left."""
    if period is None or not period.of_reporting or filters.since or filters.until:
        return filters, ""
    wanted = replace(filters, since=period.since, until=period.until)
    if any(_published_in(article, period) for article in articles):
        return wanted, ""
    return filters, f"No article is known to be of that time (“{period.phrase}”); all were asked."


def by_period(ranked: Sequence[Candidate], period: Period | None) -> list[Candidate]:
    """Sentences of the time asked about before others; of likely answers the newest first, where that is asked.

    An article without a date is neither of the time nor new.
    """
    if period is None or not ranked:
        return list(ranked)
    newest = sorted({c.hit.article.metadata.published for c in ranked if c.hit.article.metadata.published})
    wanted = newest[-1] if newest and period.order > 0 else newest[0] if newest and period.order < 0 else None

    def odds(candidate: Candidate) -> float:
        factor = 1.0
        if period.since or period.until:
            years = set(_YEAR.findall(candidate.text))
            in_time = any(_year_within(year, period) for year in years)
            if in_time or _published_in(candidate.hit.article, period):
                factor *= _IN_TIME
            elif years:
                factor *= _OUT_OF_TIME
        if wanted and candidate.hit.article.metadata.published == wanted:
            factor *= _NEWEST
        return factor

    read = [c for c in ranked if c.reading] or list(ranked)
    rest = [c for c in ranked if not c.reading] if len(read) < len(ranked) else []
    return [*sorted(read, key=lambda c: -c.score * odds(c)), *rest]


def _published_in(article: StoredArticle, period: Period) -> bool:
    published = article.metadata.published
    return (
        published is not None
        and (period.since is None or published[: len(period.since)] >= period.since)
        and (period.until is None or published[: len(period.until)] <= period.until)
    )


def _year_within(year: str, period: Period) -> bool:
    return (period.since is None or year >= period.since[:4]) and (period.until is None or year <= period.until[:4])
