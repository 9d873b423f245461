"""What is said about an article outside its text: front matter, and the table in seeds/articles.toml."""

from __future__ import annotations

import difflib
import hashlib
import re
import reprlib
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path

from qabot.articles.article import Metadata
from qabot.errors import ArticleError, UsageError
from qabot.language.months import MONTH, MONTHS
from qabot.named_files import is_there, read_named, read_named_text

OVERRIDES_FILE = "articles.toml"
_OVERRIDES_REMEDY = "Put a readable file there, or remove it."
Overrides = Mapping[str, Mapping[str, object]]

_FENCED = re.compile(r"\ufeff?---[ \t]*\r?\n(?P<yaml>.*?)^(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
# Longer than any; YAML takes a second for so many characters.
_MOST_CHARACTERS = 64 * 1024
_NEVER_CLOSED = re.compile(r"\ufeff?---[ \t]*\r?\n(?:title|headline|outlet|source|authors?|published|date)[ \t]*:[ \t]")
_NOTHING: tuple[object, ...] = (None, "", "~", "null", [])
_MISSPELT = 0.8  # as difflib measures likeness: "authr" and "publishd", not "subtitle" or "updated"
_NAMES = {
    "title": ("title", "headline"),
    "outlet": ("outlet", "source", "publisher", "site", "sitename"),
    "author": ("author", "authors", "by", "byline"),
    "published": ("published", "date", "published_at"),
    "language": ("language", "lang"),
    "via": ("via",),
    "url": ("url", "link"),
}


def read_front_matter(text: str) -> tuple[Metadata, int]:
    """What it says, and the offset in characters where the text below it starts; 0 where there is none.

    Raises ArticleError naming the line of broken YAML.
    """
    values, end = front_values(text)
    return metadata_from(values), end


def front_values(text: str) -> tuple[Mapping[str, object], int]:
    """As ``read_front_matter``, with the values as they stand there."""
    found = _FENCED.match(text)
    if found is None:
        if _NEVER_CLOSED.match(text):
            raise ArticleError("broken front matter, line 1: it is never closed", "Put a line of --- below it.")
        return {}, 0
    if found.end() > _MOST_CHARACTERS:
        return {}, 0  # two rules, far apart
    import yaml

    try:
        # Every value stays the text it is: to YAML's other loaders `language: no` is false and `title: 1e3` a number.
        values = yaml.load(found["yaml"], Loader=yaml.BaseLoader)
    except yaml.YAMLError as error:
        line = _line_of(error, found["yaml"])
        what = getattr(error, "problem", None) or getattr(error, "reason", None) or "not YAML"
        raise ArticleError(f"broken front matter, line {line}: {what}", "Mend that line.") from error
    except RecursionError as error:
        raise ArticleError("broken front matter, line 2: it is nested too deeply", "Mend it.") from error
    if values is None or values == "":
        return {}, found.end()
    if not isinstance(values, dict):
        # Two rules around a paragraph look the same and are not front matter.
        return {}, 0
    return values, found.end()


def _line_of(error: Exception, front: str) -> int:
    """The line in the file, from 1; the fence is line 1."""
    mark = getattr(error, "problem_mark", None)
    if mark is not None:
        return int(mark.line) + 2
    return front.count("\n", 0, getattr(error, "position", 0)) + 2


def metadata_from(values: Mapping[str, object]) -> Metadata:
    """Known names taken, whatever their case, dates made ISO, lists joined."""
    values = {str(name).casefold(): value for name, value in values.items()}
    known = {
        field: next((value for name in names if (value := _value(values.get(name), field)) is not None), None)
        for field, names in _NAMES.items()
    }
    return Metadata(**known)


def not_understood(values: Mapping[str, object], *, others: bool) -> Iterator[str]:
    """What ``metadata_from`` does not take of them: values that are none of their field, and names that are misspelt,
    or any others unless there may be ``others``."""
    fields = {name: field for field, names in _NAMES.items() for name in names}
    for name, value in values.items():
        field = fields.get(str(name).casefold())
        if field is not None:
            if value not in _NOTHING and _value(value, field) is None:
                # A list can stand for billions.
                yield f"{name} = {reprlib.repr(value)}" if isinstance(value, str | int) else str(name)
            continue
        nearest = difflib.get_close_matches(str(name).casefold(), fields, n=1, cutoff=_MISSPELT)
        if nearest or not others:
            yield f"{name}, for {nearest[0]} perhaps" if nearest else str(name)


def read_overrides(seeds: Path) -> Overrides:
    """The tables of seeds/articles.toml by path. Raises UsageError where it cannot be read, naming the line of broken
    TOML."""
    file = seeds / OVERRIDES_FILE
    if not is_there(file):
        return {}
    text = read_named_text(file, _OVERRIDES_REMEDY)
    import tomllib

    try:
        tables: dict[str, dict[str, object]] = tomllib.loads(text)
    except RecursionError as error:
        raise UsageError(f"{file} is not valid TOML: it is nested too deeply.", "Mend it.") from error
    except ValueError as error:  # also for a number of more digits than Python reads
        raise UsageError(f"{file} is not valid TOML: {error}.", "Mend that line.") from error
    for path, table in tables.items():
        if not isinstance(table, dict):
            raise UsageError(f"{file}: {path!r} is not a table.", f'Write ["{path}"] above its values.')
    return tables


def overrides_hash(seeds: Path) -> str:
    """SHA-256 of seeds/articles.toml, empty where there is none. Raises UsageError where it cannot be read."""
    file = seeds / OVERRIDES_FILE
    return hashlib.sha256(read_named(file, _OVERRIDES_REMEDY)).hexdigest() if is_there(file) else ""


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def _value(value: object, field: str) -> str | None:
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, date):
        return value.isoformat()
    parts = [part.get("name") if isinstance(part, dict) else part for part in _listed(value)]
    # Lists in lists are no one's name, and a few lines of YAML can stand for billions of them.
    text = ", ".join(" ".join(str(part).split()) for part in parts if isinstance(part, str | int | float))
    # YAML can spell half a character, which nothing can store.
    text = text.encode("utf-8", "replace").decode()
    if text in ("~", "null"):
        return None
    if field == "published":
        return iso_date(text)
    return text or None


_DATES = (
    re.compile(r"\b(?P<year>\d{4})-(?P<month>\d{2})(?:-(?P<day>\d{2}))?(?![\d-])"),
    re.compile(rf"\b(?P<month>{MONTH})\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}})\b", re.IGNORECASE),
    re.compile(
        rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\.?\s+(?P<month>{MONTH})\.?,?\s+(?P<year>\d{{4}})\b", re.IGNORECASE
    ),
    re.compile(rf"\b(?P<month>{MONTH})\.?,?\s+(?P<year>\d{{4}})\b", re.IGNORECASE),
)


def iso_date(text: str) -> str | None:
    """The first date written out in ``text``, as precise as it is: ``2023-11-04``, ``2023-11`` or ``2023``."""
    for pattern in _DATES:
        if found := pattern.search(text):
            parts = found.groupdict()
            month = parts["month"]
            number = int(month) if month.isdigit() else MONTHS[month.casefold()]
            year, day = int(parts["year"]), parts.get("day")
            try:
                date(year, number, int(day or 1))
            except ValueError:
                return None
            return f"{year:04}-{number:02}-{int(day):02}" if day else f"{year:04}-{number:02}"
    return text if re.fullmatch(r"\d{4}", text) else None
