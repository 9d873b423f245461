"""Abbreviations whose full stop does not end a sentence, by what follows each."""

from __future__ import annotations

import re

from qabot.language.openings import begins_clause
from qabot.language.people import TITLES

_NAME_FOLLOWS = re.compile(rf"(?:\b(?:{'|'.join(TITLES)}|Sec|Mt|Ft|vs|approx|cf|ca|viz)|\b(?:e\.g|i\.e))\.$")
_NUMBER_FOLLOWS = re.compile(r"\b(?:Nos?|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|pp?|Fig|Vol|Art)\.$")
_NOUN_FOLLOWS = re.compile(r"(?:\b[A-Z](?:\.[A-Z])+|\b(?:Inc|Co|Cos|Corp|Ltd|Bros|St|Jr|Sr|Ph\.D))\.$")
_CLOCK = re.compile(r"\b[ap]\.m\.$")
_ANY = re.compile(r"(?:\b[A-Za-z](?:\.[A-Za-z])+|\b(?:etc|al|est|approx))\.$")
_DAY_OR_ZONE = re.compile(
    r"\(?(?:[A-Z]{2,4}T?\b|GMT|Eastern|Central|Pacific|local|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b|"
    r"(?:Jan|Feb|March|April|May|June|July|Aug|Sept?|Oct|Nov|Dec)[a-z]*\.? \d)"
)


def stops_short(before: str, after: str) -> bool:
    """Whether the full stop that ``before`` ends in only abbreviates, and ``after`` goes on with the sentence."""
    if _NAME_FOLLOWS.search(before):
        return True
    if _NUMBER_FOLLOWS.search(before):
        return after[:1].isdigit()
    if _CLOCK.search(before):
        return bool(_DAY_OR_ZONE.match(after)) or after[:1].islower()
    if _NOUN_FOLLOWS.search(before):
        return not begins_clause(after)
    return bool(_ANY.search(before)) and after[:1].islower()
