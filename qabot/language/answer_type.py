"""The kind of answer that a question asks for, and the kinds that a sentence offers."""

from __future__ import annotations

import functools
import re
from typing import Literal

AnswerType = Literal["person", "date", "number", "money", "place", "reason", "other"]

SUM_ASKED = r"\bwhat (?:salary|wage|price|fee|fine|bonus|reward|compensation|payout)\b"

MONEY_FIGURES = (
    r"\b(?:aid|money|funding|spending|costs?|prices?|budget|loans?|debts?|profits?|losses|revenues?|salary) "
    r"(?:figures|numbers|estimates|totals)\b"
)

# In the order tried: "how many dollars" is about money, "in what year" about a date.
_ASKED: tuple[tuple[AnswerType, re.Pattern[str]], ...] = (
    ("money", re.compile(r"\bhow (?:much|many) (?:\w+ ){0,3}(?:money|dollars|euros|pounds|aid|funding|cost|spent|paid|worth|billions?|millions?)\b|"
                         r"\bhow much (?:\w+ ){0,2}(?:did|does|do|has|have|was|is|were) .*\b(?:cost|spen[dt]|pa(?:y|id)|give|gave|invest|provide|worth|raise|offer|bid|charge|earn|owe|fined?)|"
                         r"\bhow much (?:did|does|do|has|have|is|are|was|were|will) .*\b(?:want(?:s|ed)?|seek(?:s|ing)?|sought|ask(?:s|ed|ing)?|demand(?:s|ed|ing)?|claim(?:s|ed|ing)?|suing|sued?|after(?=\W*$))(?! to\b)|"
                         rf"{SUM_ASKED}|"
                         r"\bwhat (?:was|is|were|are) the (?:\w+ ){0,2}(?:price|cost|budget|value|sums?|amounts?|totals? of \w+ spending)\b|\b(?:sums|amounts|billions|how much money)\b|"
                         rf"{MONEY_FIGURES}")),
    ("date", re.compile(r"(?:^|[,:;?] |\b(?:and|or|but|so|ok|since|until|by|from|exactly|know|say|said|tell me) )(?:and )?when\b|\b(?:what|which|in what|in which|on what|on which) (?:\w+ )?(?:year|month|day|date|century|decade|week|weekday)\b|"
                        r"\b(?:until|since|by) when\b|\bhow long ago\b")),
    ("number", re.compile(r"\bhow (?:many|much|long|old|far|often|tall|large|big|high|deep|fast|heavy|wide)\b|\bhow (?:\w+ )?(?:percent)|"
                          r"\bwhat (?:percent|percentage|share|proportion|fraction|number|size|age|rate|population|distance|speed|figure)\b|"
                          r"\bwhat (?:was|is|were|are) the (?:\w+ ){0,2}(?:number|population|size|age|rate|percentage|share|length|height|score|toll|figure|count|estimate)s?\b|"
                          r"\b(?:figures|casualty counts?|death tolls?|estimates)\b")),
    ("person", re.compile(r"\bwho(?:m|se)?\b|\b(?:what|which) (?:\w+ )?(?:person|official|officials|president|general|minister|leader|senator|spokes\w+|man|woman|king|queen|author|reporter|name|names|company|group|team|organi[sz]ation|country|outlet)\b")),
    ("place", re.compile(r"\bwhere\b|\b(?:what|which|in what|in which) (?:\w+ )?(?:city|town|place|location|region|state|area|river|street|building|venue|province|continent)\b")),
    ("reason", re.compile(r"\bwhy\b|\bhow come\b|\b(?:what|for what|for which) (?:was the |is the |were the )?(?:reason|cause|purpose|motive)s?\b|\bwhat (?:caused|led|made|prompted)\b")),
)  # fmt: skip

_MONTH = r"jan(?:uary)?|feb(?:ruary)?|march|april|may|june|july|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
_OFFERED: tuple[tuple[AnswerType, re.Pattern[str]], ...] = (
    ("money", re.compile(r"[$€£¥]\s?\d|\b\d[\d,.]*\s?(?:million|billion|trillion)?\s?(?:dollars|euros|pounds|yen|USD|EUR)\b", re.I)),
    ("date", re.compile(rf"\b(?:1\d|20)\d\d\b|\b(?:{_MONTH})\b(?! (?:be|have|not|also))|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|\b\d+(?:st|nd|rd|th) century\b|"
                        r"\b(?:yesterday|today|last (?:week|month|year|fall|summer|spring|winter)|this (?:week|month|year|fall)|(?:weeks?|months?|years?|days?) (?:ago|later|earlier|before|after))\b", re.I)),
    ("number", re.compile(r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozens?|hundreds?|thousands?|millions?|billions?|half|third|quarter|percent|twice|double|several|no)\b", re.I)),
    ("person", re.compile(r"(?<=[a-z,;\"”’] )[A-Z][a-z]+|^[A-Z][a-z]+ [A-Z][a-z]+|\b(?:officials?|president|general|minister|spokes\w+|diplomats?|sources?|aides?)\b")),
    ("place", re.compile(r"\b(?:in|at|near|from|to|of|across|outside|around) (?:the )?(?:[a-z]+ )?[A-Z][a-z]+|\b(?:north|south|east|west)\w*\b")),
    ("reason", re.compile(r"\b(?:because|since|due to|owing to|as a result|so that|in order to|caused?|reasons?|led to|therefore|thus|driven by|prompted|amid|given|after|fear\w*|concern\w*|worr\w+)\b|\bto [a-z]+\b", re.I)),
)  # fmt: skip


def answer_type(question: str) -> AnswerType:
    lowered = question.casefold()
    return next((kind for kind, pattern in _ASKED if pattern.search(lowered)), "other")


def offers(sentence: str, kind: AnswerType) -> bool:
    """Whether the sentence holds something of that kind; always for "other"."""
    return kind == "other" or any(kind == own and pattern.search(sentence) for own, pattern in _OFFERED)


_SHARE = re.compile(r"\b(?:per ?cent|percentage|share|proportion|fraction|rate|part|growth|rise|fall|drop|by how)\b|%")
_SHARE_ALONE = re.compile(
    r"\b(?:what|which) (?:per ?cent|percentage|share|proportion|fraction)\b|\bhow many per ?cent\b"
)


_PART_OWNED = re.compile(
    r"\bhow much of (?:the )?[\w&.’' -]+? (?:own|owns|owned|hold|holds|held|control|controls|controlled)\b"
)
_EXTENT = re.compile(r"\bhow (?:long|old|far|often|tall|high|deep|fast|heavy|wide)\b")


@functools.lru_cache(maxsize=256)  # asked anew for every sentence of a question
def value_kinds(question: str) -> frozenset[str]:
    """The kinds of value (qabot.language.values) that answer it; none where it asks for something else."""
    wanted = answer_type(question)
    if wanted == "number":
        lowered = question.casefold()
        if _SHARE_ALONE.search(lowered):
            return frozenset({"percent"})
        if _EXTENT.search(lowered) or ("how many" in lowered and not _SHARE.search(lowered)):
            return frozenset({"count"})
        if _PART_OWNED.search(lowered):
            return frozenset({"percent"})
        # A fall may be told as a share and as a sum.
        return frozenset(
            {"count", "percent"}
            if _SHARE.search(lowered) and "how much" not in lowered
            else {"count", "percent", "money"}
        )
    return frozenset({wanted} & {"money", "date"})


def is_of_kind(words: str, question_kind: AnswerType) -> bool:
    """Whether the answering words themselves are of the kind; stricter than what a sentence offers."""
    if question_kind in ("other", "reason"):
        return True
    if question_kind in ("person", "place"):
        return bool(
            re.search(r"[A-Z]", words)
            or re.search(
                r"\b(?:officials?|president|general|minister|spokes\w+|diplomats?|sources?|aides?|leaders?|military|agency|government|people|republicans|democrats|border|region|villages?|cit(?:y|ies)|coast)\b",
                words,
            )
        )
    return offers(words, question_kind)
