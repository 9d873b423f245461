"""Whether a sentence tells who holds an office: "who is the chief executive of Arden Steel?" asks for that."""

from __future__ import annotations

import re
from collections.abc import Set

from qabot.answers.candidates import Candidate
from qabot.language import folded_words, words_of
from qabot.language.names import NOT_NAMES, country_of, is_organisation, names
from qabot.language.people import LEADER_OF, OFFICES
from qabot.retrieval import Query

_OPENS = r"^(?:and |but |so |ok )*"
_OFFICES = "|".join(sorted(OFFICES | {"ceo", "cfo", "executive"}, key=len, reverse=True))
_ROLE = rf"(?P<role>(?:[\w-]+ ){{0,3}}?(?:{_OFFICES}))"
_ASKED = tuple(
    re.compile(rf"{_OPENS}{pattern}", re.IGNORECASE)
    for pattern in (
        rf"who(?:['’]?s| is| was| are| were) (?:the |a )?(?:current |new |former |then )?{_ROLE} (?:of|at|for) "
        r"(?P<body>.+?)[\s?!.]*$",
        rf"who(?:['’]?s| is| was) (?P<body>[\w.’' -]+?)['’]s? (?:current |new |former )?{_ROLE}[\s?!.]*$",
        r"who (?P<does>runs|run|heads|leads|founded|started|chairs) (?P<body>.+?)[\s?!.]*$",
    )
)
_FOUNDED = r"founders?|co-founders?|found(?:ed|ing)|set up|start(?:ed|ing)|creat(?:ed|or)|launch(?:ed|ing)"
# The same office in other words.
_FOUNDER, *_SAME = (
    re.compile(rf"\b(?:{words})\b", re.IGNORECASE)
    for words in (
        _FOUNDED,
        "chief executives?|ceo|boss|bosses|head|heads|chief",
        "chair(?:man|woman)?|chairs|chairmanship",
        "owners?|owns|owned",
        "chief financial officer|cfo|finance (?:director|chief)",
        "spokes(?:man|woman|person)",
    )
)
# What any office at the top of a body may be called: the head of the CIA is its director.
_ANY_LEADER = frozenset("head boss leader chief".split())
_VERBS = frozenset("founded founding created started launched runs heads headed leads led owns owned chairs".split())
_PAST = re.compile(r"\b(?:was|were|former|ex|then)\b", re.IGNORECASE)
_FORMER = re.compile(r"\b(?:former|ex|late|then)[ -](?:[\w-]+ )?$", re.IGNORECASE)
_NEAR = 40  # characters
_LEADING = re.compile(
    r"\b(?:chief executive|ceo|boss|head|chief|chair(?:man|woman)?|president|director|leader|minister|governor|runs"
    r"|heads|headed|leads|led|manag\w+|owner|mayor|general|commander)\b",
    re.IGNORECASE,
)


_LEADS_COUNTRY = re.compile(
    r"\b(?:president|leader|head|boss|chief|premier|prime minister|chancellor|ruler|king)$", re.IGNORECASE
)


def tells_leader(question: str, text: str) -> bool:
    """Whether it is asked who leads a country, and the text has "Norvik's president Ann Poole"."""
    asked = _asked(question)
    country = country_of(asked["body"]) if asked else ""
    if asked is None or not country:
        return False
    groups = asked.groupdict()
    role, does = groups.get("role") or "", (groups.get("does") or "").casefold()
    # "Who is the president or leader of Norvik?", as "who runs Norvik?" is asked.
    if not (does in ("runs", "run", "heads", "leads", "led") or _LEADS_COUNTRY.search(role)):
        return False
    return any(country_of(found["of"]) == country for found in LEADER_OF.finditer(text))


def _asked(question: str) -> re.Match[str] | None:
    return next((found for pattern in _ASKED if (found := pattern.match(question))), None)


def lacks_office(question: str, query: Query, candidate: Candidate) -> bool:
    """Whether it is asked who holds an office of a body, and neither the sentence nor those beside it speak of both."""
    asked = _asked(question)
    if asked is None or tells_leader(question, candidate.text):
        return False
    body = folded_words(asked["body"]) & query.terms.keys()
    if not body:
        return False
    # "Europe" alone is not Lycos Europe.
    if max(body, key=lambda word: query.idf.get(word, 0.0)) not in candidate.nearby:
        return True
    text = candidate.with_neighbours
    today = _PAST.search(question) is None
    told = [
        found
        for found in _role(asked).finditer(text)
        if not _of_another_body(found, body, country_of(asked["body"]))
        and not (today and _FORMER.search(text[: found.start()][-_NEAR:]))
    ]
    return not told or not any(
        not is_organisation(name) and body.isdisjoint(word.casefold() for word in words_of(name))
        for name in names(text)
    )


# "The president of the Norvik chamber", "Arden chief executive Brian Hale".
_OF_BODY = re.compile(r" (?:of|at|for) (?:the )?(?P<body>(?:[\w&.’'-]+ ?){1,4})")
_BODY_BEFORE = re.compile(r"(?P<body>[A-Z][\w&’'-]*?)(?:['’]s)? $")
# "Prime Minister", "General Manager" are of no body by their first words.
_OF_OFFICES = OFFICES | frozenset(
    "prime vice executive managing foreign finance federal acting former interim assistant senior first defence "
    "defense home interior economy trade press national security".split()
)


def _of_another_body(role: re.Match[str], body: Set[str], country: str) -> bool:
    """``country`` is the one that is asked about, if one is."""
    text = role.string
    after = _OF_BODY.match(text, role.end())
    before = _BODY_BEFORE.search(text[max(0, role.start() - _NEAR) : role.start()])
    if after and re.search(r"[A-Z]", after["body"]):
        return body.isdisjoint(word.casefold() for word in words_of(after["body"]))
    if before is None or role.group().casefold() in _VERBS:
        return False
    if of := country_of(before["body"]):
        return bool(country) and of != country
    return before["body"].casefold() not in body | _OF_OFFICES | NOT_NAMES


def _role(asked: re.Match[str]) -> re.Pattern[str]:
    """What tells of the office that is asked about."""
    groups = asked.groupdict()
    does = (groups.get("does") or "").casefold()
    if does in ("founded", "started"):
        return _FOUNDER
    if does:
        return _LEADING
    role = groups["role"]
    if role.casefold() in _ANY_LEADER:
        return _LEADING
    same = next((pattern for pattern in (_FOUNDER, *_SAME) if pattern.search(role)), None)
    return same or re.compile(rf"\b{re.escape(role.split()[-1])}s?\b", re.IGNORECASE)
