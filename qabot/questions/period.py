""" "In November 2023", "before the summer of 2022", "the latest": what of a question is about time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from qabot.language.months import MONTH, month_number

_WHEN = (
    rf"(?:(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s(?:of\s)?)?(?P<month>{MONTH})\b\.?,?\s(?:(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?,?\s)?(?:of\s)?)?"
    r"(?P<year>(?:19|20)\d\d)(?:-(?P<iso>\d\d)(?:-(?P<isoday>\d\d))?)?\b"
)
_DATED = re.compile(
    r"\b(?P<relation>before|until|till|prior to|after|since|in|during|on|as of|from|of|by|at|early|late)\s+"
    r"(?:(?:early|late|mid)[\s-])?(?:the\s)?(?:(?P<part>spring|summer|autumn|fall|winter|end|close|beginning|start|middle)\s(?:of\s)?)?"
    rf"(?:the\s(?:year|month)\s(?:of\s)?)?{_WHEN}",
    re.IGNORECASE,
)
# The months in which a season begins; the winter of 2022 ends in 2023.
_SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
_SEASON_MONTHS = 3
_ENDS, _BEGINNINGS = frozenset({"end", "close"}), frozenset({"beginning", "start"})
_REPORTING = re.compile(
    r"\b(?:articles?|reports?|reporting|coverage|stories|news|outlets?|published|reported|wrote|written)\b",
    re.IGNORECASE,
)
_LATEST = re.compile(
    r"\b(?:latest|most recent(?:ly)?|newest|up to date|as of now|currently|at the moment)\b", re.IGNORECASE
)
_EARLIEST = re.compile(r"\b(?:earliest|oldest|first (?:report|article|story))\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Period:
    """``since`` and ``until`` are inclusive ISO dates, perhaps without day or month; ``of_reporting`` narrows to
    articles published then, otherwise sentences about that time are preferred. ``order`` puts the newest first."""

    phrase: str
    since: str | None = None
    until: str | None = None
    of_reporting: bool = False
    order: int = 0  # 1 newest first, -1 oldest first


def period_of(question: str) -> Period | None:
    """What the question says about time, if anything."""
    order = 1 if _LATEST.search(question) else -1 if _EARLIEST.search(question) else 0
    found = _DATED.search(question)
    if not found:
        named = _LATEST.search(question) or _EARLIEST.search(question)
        return Period(named.group(), order=order) if named else None
    first, last = _span(found)
    part = (found["part"] or "").casefold()
    relation = found["relation"].casefold()
    since: str | None = first
    until: str | None = last
    if relation in ("before", "prior to"):
        since, until = None, last if part in _ENDS else _shifted(first, -1)
    elif relation in ("until", "till", "by", "as of"):
        since, until = None, first if part in _BEGINNINGS else last
    elif relation == "after":
        since, until = (first if part in _BEGINNINGS else _shifted(last, 1)), None
    elif relation == "since":
        since, until = (_last_month(last) if part in _ENDS else first), None
    return Period(found.group(), since, until, bool(_REPORTING.search(question[: found.start()])), order)


def _span(found: re.Match[str]) -> tuple[str, str]:
    """The first and the last of what is named: of a year, a month and a day the same, of a season two months."""
    year = int(found["year"])
    season = _SEASONS.get((found["part"] or "").casefold())
    if season and not found["month"]:
        first = f"{year}-{season:02}"
        return first, _shifted(first, _SEASON_MONTHS - 1)
    month = month_number(found["month"]) if found["month"] else int(found["iso"] or 0)
    day = int(found["day"] or found["day2"] or found["isoday"] or 0)
    iso = f"{year}" + (f"-{month:02}" if month else "") + (f"-{day:02}" if month and day else "")
    return iso, iso


def _last_month(iso: str) -> str:
    return f"{iso}-12" if len(iso) == len("2023") else iso


def _shifted(iso: str, step: int) -> str:
    """The next or the last one: before 2023 it is 2022, before 2023-01 2022-12, before 2023-11-04 2023-11-03."""
    parts = [int(part) for part in iso.split("-")]
    if len(parts) == 1:
        return str(parts[0] + step)
    if len(parts) == 2:
        months = parts[0] * 12 + parts[1] - 1 + step
        return f"{months // 12}-{months % 12 + 1:02}"
    try:
        return (date(*parts) + timedelta(days=step)).isoformat()
    except ValueError:
        return iso
