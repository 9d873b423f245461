"""The values in a text - money, counts, shares, dates - in a form that can be compared."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from qabot.language.months import MONTH, MONTHS
from qabot.language.words import stem

ValueKind = Literal["money", "percent", "count", "date"]

_SCALES = {
    "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12,
    "k": 1e3, "m": 1e6, "mn": 1e6, "bn": 1e9, "tn": 1e12,
}  # fmt: skip
_WORDS = {
    w: n for n, w in enumerate("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen".split())
} | {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
     "hundred": 100, "dozen": 12, "half a million": 500_000, "half a billion": 5e8}  # fmt: skip
_SIGNS = {"$": "$", "€": "€", "£": "£", "¥": "yen"}
_COINS = {"dollar": "$", "usd": "$", "euro": "€", "eur": "€", "pound": "£", "gbp": "£"} | {
    coin: coin for coin in ("yen", "yuan", "rouble", "ruble", "rupee", "baht", "franc", "hryvnia")
}
_CURRENCIES = _SIGNS | _COINS
_COIN = "|".join(_COINS)
_NUMBER_WORD = "|".join(sorted((re.escape(word) for word in _WORDS), key=len, reverse=True))
_AMOUNT = re.compile(
    r"(?P<currency>[$€£¥])?\s?(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?(?!\d|(?:st|nd|rd|th)\b)|\b(?:"
    + _NUMBER_WORD
    + r")\b(?:-(?:one|two|three|four|five|six|seven|eight|nine)\b)?)"
    r"(?:(?:[\s-]|(?<=\d)(?=[bkmt]))(?P<scale>thousand|million|billion|trillion|[bmt]n|m|k)\b)?"
    r"(?:\s?(?P<percent>%|percent\b|per cent\b))?"
    rf"(?:[\s-](?P<money>{_COIN})s?\b)?",
    re.IGNORECASE,
)
# "They may 5 times": a verb in lower case is a month only beside a year, or after what leads to a date.
_TO_A_DATE = "|".join(rf"(?<=\b{word}\s)" for word in "on in by of since until before after from".split())
_CAPITAL = (
    r"(?-i:M(?:ay|arch|ar|AY|ARCH))|(?:may|march)(?=,?\s(?:of\s)?(?:1\d|20)\d\d\b)"
    rf"|(?:{_TO_A_DATE})(?:may|march)(?=\s\d)"
)
_OTHER_MONTH = "|".join(name for name in MONTH.split("|") if name not in ("may", "march", "mar"))
_MONTH = rf"\b(?P<month>{_CAPITAL}|{_OTHER_MONTH})\b\.?"
_ANY_MONTH = rf"(?P<month>{MONTH})\b\.?"
_DATES = (
    re.compile(_MONTH + r"\s(?P<day>\d{1,2})(?:st|nd|rd|th)?\b(?:,?\s(?P<year>(?:1\d|20)\d\d)\b)?", re.IGNORECASE),
    re.compile(
        r"\b(?P<day>\d{1,2})(?:st|nd|rd|th)?\s(?:of\s)?" + _MONTH + r"(?:,?\s(?P<year>(?:1\d|20)\d\d)\b)?",
        re.IGNORECASE,
    ),
    re.compile(_MONTH + r",?\s(?:of\s)?(?P<year>(?:1\d|20)\d\d)\b", re.IGNORECASE),
    re.compile(r"\b(?P<year>(?:1\d|20)\d\d)-(?P<iso>\d\d)(?:-(?P<day>\d\d))?\b"),
    re.compile(
        r"\b(?P<year>(?:1[5-9]|20)\d\d)\b(?!\s?(?:" + "people|men|troops|soldiers|dollars|pieces|%" + r"))",
        re.IGNORECASE,
    ),
)
_WEEKDAY = re.compile(r"\b(monday|tuesday|wednesday|thursday|friday|saturday|sunday)\b", re.IGNORECASE)
_BARE_MONTH = re.compile(r"\b(?:in|last|since|by|until|of|early|late|mid-?)\s" + _ANY_MONTH, re.IGNORECASE)
_AT_LEAST = re.compile(
    r"\b(?:more than|over|at least|no (?:fewer|less) than|above|upwards of|not less than)\s(?:an? )?(?:estimated )?$",
    re.IGNORECASE,
)
_AT_MOST = re.compile(
    r"\b(?:less than|fewer than|under|up to|at most|below|no more than|nearly|almost|close to)\s(?:an? )?(?:estimated )?$",
    re.IGNORECASE,
)
_ABOUT = re.compile(
    r"\b(?:about|around|roughly|some|approximately|an estimated|estimated|as many as|as much as)\s$", re.IGNORECASE
)
_UNIT = re.compile(r"\s+(?:of\s+(?:the\s+)?)?(?P<words>(?:[a-z][\w-]*\s*(?:and\s+)?){1,4})", re.IGNORECASE)
_GLUED = re.compile(r"(?:[kcm]m|kg|[kmgt]b(?:ps)?|[kmg]hz|[mk]ph|ft)\b", re.IGNORECASE)  # 6km
_SKIPPED = frozenset(
    "more further additional another other of the its their new extra ukrainian russian american u.s. own last first".split()
)


@dataclass(frozen=True, slots=True)
class Value:
    """``low`` to ``high`` is the range that the words allow: "nearly 100" is 95 to 100, "more than 100" 100 to 125.

    A date is compared by ``parts`` (year, month, day; ``None`` where it is not said). ``unit`` is a currency or
    what is counted, ``step`` what the last digit stands for: 6.8 may be 6.75 rounded.
    """

    kind: ValueKind
    start: int
    end: int
    low: float
    high: float
    unit: str = ""
    parts: tuple[int | None, int | None, int | None] = (None, None, None)
    weekday: str = ""
    hedged_from: int = -1
    step: float = 0.0

    @property
    def said_from(self) -> int:
        """Where the value begins with what qualifies it: at the "more than" of "more than 100"."""
        return self.start if self.hedged_from < 0 else self.hedged_from


def values_in(text: str) -> list[Value]:
    """In the order of the text, none overlapping."""
    found: list[Value] = []
    taken: set[int] = set()
    for pattern in (*_DATES, _BARE_MONTH):
        for match in pattern.finditer(text):
            if taken.isdisjoint(range(*match.span())):
                taken.update(range(*match.span()))
                found.append(_date(match))
    for match in _WEEKDAY.finditer(text):
        found.append(Value("date", *match.span(), 0, 0, weekday=match[1].casefold()))
    found.extend(
        _with_ranges(text, [match for match in _AMOUNT.finditer(text) if taken.isdisjoint(range(*match.span()))])
    )
    return sorted(found, key=lambda value: value.start)


_TO = re.compile(r"(?: to |[-–—])$")
_BETWEEN = re.compile(r"\bbetween\s$", re.IGNORECASE)
_FROM = re.compile(r"\bfrom\s$", re.IGNORECASE)


def _with_ranges(text: str, matches: list[re.Match[str]]) -> list[Value]:
    """The amounts, "between 50 and 60" and "50 to 60" as one; "from 50 to 60" may be a change and is two."""
    found: list[Value] = []
    n = 0
    while n < len(matches):
        value = _amount(matches[n], text)
        if value is not None and n + 1 < len(matches):
            whole = _range(text, value, matches[n], matches[n + 1])
            if whole is not None:
                found.append(whole)
                n += 2
                continue
        if value is not None:
            found.append(value)
        n += 1
    return found


def _range(text: str, first: Value, match: re.Match[str], following: re.Match[str]) -> Value | None:
    second = _amount(following, text)
    if second is None:
        return None
    before = text[max(0, first.said_from - 20) : first.said_from]
    linked, between = text[first.end : second.start], _BETWEEN.search(before)
    if not (linked == " and " if between else _TO.match(linked) and not _FROM.search(before)):
        return None
    shared = _SCALES[following["scale"].casefold()] if following["scale"] and not match["scale"] else 1.0
    low = first.low * shared
    if not low < second.high or (first.kind == "money" and second.kind == "percent"):
        return None
    kind: ValueKind = "money" if "money" in (first.kind, second.kind) else second.kind
    unit = second.unit if second.kind == kind else first.unit
    offset = len(before) - between.start() if between else 0
    return Value(
        kind, first.start, second.end, low, second.high, unit,
        hedged_from=first.said_from - offset if between else first.hedged_from,
    )  # fmt: skip


def differ(one: Value, other: Value) -> bool:
    """Whether both cannot be right about one thing; ``False`` where they are not comparable."""
    if one.kind != other.kind:
        return False
    if one.kind == "date":
        if one.weekday or other.weekday:
            return bool(one.weekday and other.weekday and one.weekday != other.weekday)
        pairs = [(a, b) for a, b in zip(one.parts, other.parts, strict=True) if a is not None and b is not None]
        return any(a != b for a, b in pairs)
    if not same_unit(one, other):
        return False
    coarse, fine = (one, other) if one.step >= other.step else (other, one)
    rounded = coarse.step / 2 if coarse.step > fine.step else 0.0
    return coarse.low - rounded > fine.high * 1.0001 or fine.low > (coarse.high + rounded) * 1.0001


def same_unit(one: Value, other: Value, *, other_nouns: bool = False) -> bool:
    """Whether the two count the same: "dead" is not "dead and wounded", but a bare number may be anything.

    ``other_nouns`` takes nouns that are not known to mean different things for the same.
    """
    if one.kind != other.kind:
        return False
    if one.kind == "money":
        return one.unit == other.unit or not (one.unit and other.unit)
    if one.kind == "percent" or not (one.unit and other.unit):
        return True
    first, second = set(one.unit.split()), set(other.unit.split())
    if (first ^ second) & _QUALIFIERS:
        return False
    if _classes(one.unit) and _classes(other.unit):
        return bool(_classes(one.unit) & _classes(other.unit))
    return other_nouns or not {stem(word) for word in first}.isdisjoint(map(stem, second))


_QUALIFIERS = frozenset("civilian civilians".split())
_CLASSES = (
    frozenset("killed dead deaths died fatalities lives".split()),
    frozenset("wounded injured injuries hurt".split()),
    frozenset("casualties losses victims".split()),
    frozenset("people persons men women soldiers troops residents civilians".split()),
)


def _classes(unit: str) -> frozenset[int]:
    words = set(unit.split())
    found = frozenset(n for n, group in enumerate(_CLASSES[:3]) if words & group)
    if {0, 1} <= found:
        return frozenset({2})  # killed and wounded together are casualties
    return found


def _date(match: re.Match[str]) -> Value:
    groups = match.groupdict()
    month = (
        MONTHS[groups["month"][:3].casefold()]
        if groups.get("month")
        else int(groups["iso"])
        if groups.get("iso")
        else None
    )
    year, day = (int(groups[name]) if groups.get(name) else None for name in ("year", "day"))
    return Value("date", *match.span(), 0, 0, parts=(year, month, day))


def _amount(match: re.Match[str], text: str) -> Value | None:
    start, end = match.start("currency") if match["currency"] else match.start("number"), match.end()
    written = match["number"].casefold()
    if written[0].isdigit():
        number = float(written.replace(",", ""))
    else:
        tens, _, ones = written.partition("-")
        number = float(_WORDS.get(written, _WORDS.get(tens, 0) + _WORDS.get(ones, 0)))
    if match["scale"]:
        number *= _SCALES[match["scale"].casefold()]
    currency = match["currency"] or _CURRENCIES.get((match["money"] or "").casefold().rstrip("s"), "")
    kind: ValueKind = "money" if currency else "percent" if match["percent"] else "count"
    unit = currency
    if kind == "count":
        glued, follows = _GLUED.match(text, end), _UNIT.match(text, end)
        words = [word for word in (follows["words"].casefold().split() if follows else []) if word not in _SKIPPED]
        unit = glued.group().casefold() if glued else " ".join(words[:3])
        if written in ("one", "hundred") and not match["scale"]:
            return None  # "one of them", "hundreds of": no count that could be compared
    before = text[max(0, start - 40) : start]
    slack = 0.0 if kind == "percent" else 0.05 if _ABOUT.search(before) else 0.0
    low, high = number * (1 - slack), number * (1 + slack)
    if _AT_LEAST.search(before):
        high = number * 1.25
    elif _AT_MOST.search(before):
        low = number * 0.9
    offset = max(0, start - 40)
    hedge = _AT_LEAST.search(before) or _AT_MOST.search(before) or _ABOUT.search(before)
    scale = _SCALES[match["scale"].casefold()] if match["scale"] else 1.0
    step = scale * 10.0 ** -len(written.partition(".")[2]) if written[0].isdigit() else scale
    return Value(kind, start, end, low, high, unit, hedged_from=offset + hedge.start() if hedge else -1, step=step)
