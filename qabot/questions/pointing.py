"""What is wanted of the answer just given, where no new question is asked."""

from __future__ import annotations

import re
from typing import Literal

Intent = Literal["question", "more", "published", "source", "certainty"]

_MORE = re.compile(
    r"^(?:please )?(?:(?:show|tell|give) (?:me |us )?(?:some )?more|(?:some )?more(?: please| details?)?|go on|continue|"
    r"(?:what|anything|something) else|is there (?:anything )?(?:more|else)|next)\b(?: (?:about|on) (?:it|that|this))?[\s.?!]*$",
    re.IGNORECASE,
)
_PUBLISHED = re.compile(
    r"^(?:and )?(?:when (?:was|were|did) (?:that|this|it|they|those|these|the (?:article|report|story|piece)s?) "
    r"(?:published|reported|written|posted|come out|appear)|(?:what|which)(?: is|'s| was)? the date(?: of (?:that|this|it|the (?:article|report|story)))?|"
    r"how (?:recent|old|new) is (?:it|(?:that|this|the)(?: (?:article|report|story|information|news))?)|what date is (?:that|this) from|when is (?:that|this) from)[\s.?!]*$",
    re.IGNORECASE,
)
_SOURCE = re.compile(
    r"^(?:and )?(?:who (?:reported|wrote|published) (?:that|this|it)|(?:which|what) (?:outlet|paper|newspaper|article|source|site)(?: (?:was|is) (?:that|this|it)(?: from| in)?| (?:says|said|reported|wrote|published) (?:that|this|it|so))?|"
    r"(?:what|which)(?: is|'s| are| was) (?:your|the) sources?(?: (?:for|of) (?:that|this|it))?|where (?:did you get|does) (?:that|this|it)(?: come)?(?: from)?|source)[\s.?!]*$",
    re.IGNORECASE,
)
_CERTAINTY = re.compile(
    r"^(?:oh |and |but |so |wait |hm+ )?(?:really|seriously|for real|honestly|no way|says who|according to (?:who|whom)|who (?:said|says|claims|claimed|thinks|thought|told \w+)(?: (?:that|this|it|so))?|whose (?:number|figure|estimate|claim|word|quote)s? (?:is|was|are) (?:that|this|it|those)|who (?:gave|gives|made|makes|came up with|is behind|put out) (?:that|this|those|these) (?:number|figure|estimate|claim|statement|poll|forecast)s?|how do (?:you|we|they) know(?: (?:that|this))?|"
    r"(?:are|r) (?:you|u) (?:really |quite |absolutely )?(?:sure|certain)(?: (?:about|of) (?:that|this|it))?|"
    r"(?:is|was) (?:that|this|it) (?:really |actually |even )?(?:true|right|correct|certain|confirmed|reliable|a fact|so|a lot|much|many)|"
    r"who(?:['’]?s| is| was)? (?:right|wrong|lying|telling the truth)(?: (?:on|about) (?:that|this|it))?|"
    r"(?:how|so how) (?:sure|certain|reliable) (?:are you|is (?:that|this|it))(?: (?:about|of) (?:that|this|it))?)[\s.?!]*$",
    re.IGNORECASE,
)
_SMALL_TALK = re.compile(
    r"^(?:(?:oh|ok(?:ay)?|k|lol|lmao|rofl|ha(?:ha)+|heh|wow|nice|cool|great|good|perfect|awesome|excellent|brilliant|interesting|fine|right|sure|alright|"
    r"thanks|thank you|thx|ty|cheers|i see|got it|makes sense|understood|never ?mind|no problem|no thanks|yes|yep|yeah|no|nope|hm+|aha|ah|"
    r"a lot|so much|very much|very|one|job|work|bot|to know|that helps|good to know|that's (?:great|good|nice|interesting|all)|that is (?:great|good|interesting))\b[\s!.,?:;)(-]*)+$",
    re.IGNORECASE,
)
_OTHERS = re.compile(r"^(?:and |but |so |ok )*(?:who|whom|what|where|which \w+|anyone|anybody) else\b", re.IGNORECASE)
_INTENTS: tuple[tuple[Intent, re.Pattern[str]], ...] = (
    ("more", _MORE),
    ("published", _PUBLISHED),
    ("source", _SOURCE),
    ("certainty", _CERTAINTY),
)


def intent_of(question: str) -> Intent:
    """``question`` is anything that asks for something of its own."""
    return next((intent for intent, pattern in _INTENTS if pattern.match(question)), "question")


def asks_for_others(question: str) -> bool:
    """ "Who else says so?": not those who were just named."""
    return _OTHERS.match(question) is not None


def is_small_talk(question: str) -> bool:
    """ "Thanks", "ok?", "lol": said to the bot, and nothing asked."""
    return bool(_SMALL_TALK.match(question.replace("’", "'")))
