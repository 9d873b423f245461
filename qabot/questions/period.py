""" "In November 2023", "before the summer of 2022", "the latest": what of a question is about time."""

from __future__ import annotations

import re
from dataclasses import dataclass

_MONTHS = {
    m: n
    for n, m in enumerate(
        "january february march april may june july august september october november december".split(), 1
    )
}
_MONTH = "|".join(_MONTHS)
_WHEN = rf"(?:(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s)?(?P<month>{_MONTH})\s(?:(?P<day2>\d{{1,2}}),?\s)?)?(?P<year>(?:19|20)\d\d)(?:-(?P<iso>\d\d)(?:-(?P<isoday>\d\d))?)?\b"
_DATED = re.compile(
    rf"\b(?P<relation>before|until|prior to|after|since|in|during|on|as of|from|of|by|at the end of|in early|in late|early|late)\s+(?:the (?:spring|summer|autumn|fall|winter|end|beginning|start) of )?{_WHEN}",
    re.IGNORECASE,
)
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
    iso = found["year"]
    month = _MONTHS[found["month"].casefold()] if found["month"] else int(found["iso"]) if found["iso"] else None
    day = found["day"] or found["day2"] or found["isoday"]
    if month:
        iso += f"-{month:02}" + (f"-{int(day):02}" if day else "")
    relation = found["relation"].casefold()
    of_reporting = bool(_REPORTING.search(question[: found.start()]))
    if relation in ("before", "prior to"):
        return Period(found.group(), None, _before(iso), of_reporting, order)
    if relation in ("until", "by", "as of"):
        return Period(found.group(), None, iso, of_reporting, order)
    if relation == "after":
        return Period(found.group(), _after(iso), None, of_reporting, order)
    if relation == "since":
        return Period(found.group(), iso, None, of_reporting, order)
    return Period(found.group(), iso, iso, of_reporting, order)


def _before(iso: str) -> str:
    """The last moment before: of 2023 it is 2022, of 2023-01 2022-12, of 2023-11-04 2023-11-03."""
    return _shifted(iso, -1)


def _after(iso: str) -> str:
    return _shifted(iso, 1)


def _shifted(iso: str, step: int) -> str:
    from datetime import date, timedelta

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
