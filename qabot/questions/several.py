"""Questions that want a list: several things, or what several reports say."""

from __future__ import annotations

import re

_PLURAL = r"(?:articles|outlets|reports|accounts|newspapers|stories|media|publications)"
_EACH = r"(?:each|every|whichever|any)(?: of the)? (?:articles?|outlets?|reports?|accounts?|newspapers?|story|stories)"
_WHICH = r"(?:the |both |all |these |those |various |different |several |two |three |of ){0,4}"
_REPORTS = rf"(?:{_WHICH}{_PLURAL}|{_EACH})"
# "Which banks were sued", "which five studios back it"; of "which series is it" there is one.
_NO_PLURALS = r"(?:series|news|species|times)"
_PLURALS = (
    rf"^(?:and |so )?which (?:[\w-]+ )?(?!{_NO_PLURALS})(?:[a-z-]+(?<![sui])s|people|men|women) "
    r"(?:are|were|is|was|do|does|did|have|has|will|would|could|can|got|get|say|said|want|back|use|make)\b"
)
_SEVERAL = re.compile(
    rf"{_PLURALS}|"
    rf"\b(?:which|what) (?:[\w-]+ ){{0,3}}(?:figures|sums|amounts|estimates|counts|totals|tolls|{_PLURAL}|positions|views|opinions|claims|roles)\b|"
    r"\bwhich (?:[\w-]+ ){0,3}(?:officials|people|critics|sources|names)\b|"
    rf"\b(?:in|by|across|between|among|from|do|does|did|to|of) {_REPORTS}\b|\b{_EACH}\b|"
    r"\bwho (?:all )?(?:says|claims|thinks|believes|argues|denies|has begun|is quoted|are quoted)\b(?! (?:that|this|it|so)\b)|"
    r"^\W*(?:please )?(?:list|compare)\b|\blist (?:them|all)\b|\b(?:differ|differs|differing|differently|conflicting|contradict\w*)\b|\bhow many \w+ .*\beach (?:article|outlet|report)",
    re.IGNORECASE,
)
# What such a question says about the articles rather than about the world.
_ABOUT_REPORTS = (
    rf",?\s*\b(?:in|by|across|between|among|from|according to|per)\s+{_REPORTS}\b(?:'s|s')?(?: (?:count|account|figure|telling|that (?:quote|mention|discuss)\w* (?:him|her|it|them)))?",
    rf"\b(?:do|does|did) {_REPORTS}\s+(?:all |each |differently )?(?:say|report|give|describe|write|state|mention|put|tell us|quote)s?\b(?: about| on| as| of)?",
    rf"\b(?:do|does|did) {_REPORTS} (?:differ|disagree|agree) (?:about|on|over)",
    rf"\b(?:what|which) {_PLURAL} (?:say|report|give|describe|write|mention)\b(?: about| on| that)?",
    r"\b(?:are|is) (?:being )?quoted as\b",
    r"^\W*(?:please )?(?:list|compare|name|give)\b(?: me)?(?: all)?(?: of)?",
    r",? (?:please )?list (?:them|all of them)\b",
    r"\b(?:differing|conflicting|differently)\b",
    r"\bdiffer\b",
)


# "On whether the bridge is late" asks whether it is.
_WHETHER = re.compile(
    r"^.*\b(?:whether|if) (?P<subject>(?:[\w’'.-]+ ){1,5}?)(?P<verb>is|are|was|were|has|have|had|will|would|can|could|should) (?P<rest>.+)$",
    re.IGNORECASE,
)


def asks_for_several(question: str) -> bool:
    """Whether the question wants a list, one line a source."""
    return bool(_SEVERAL.search(question))


def subject_of(question: str) -> str:
    """What a list question asks about, without what it says about articles and outlets.

    "How do the casualty counts for Ukraine differ between the articles?" is about the casualty counts for Ukraine.
    """
    text = question
    for phrase in _ABOUT_REPORTS:
        text = re.sub(phrase, " ", text, flags=re.IGNORECASE)
    if text != question:
        text = re.sub(r"^\W*what\s+(?=[\w-]+\W*$)", "What is said about ", text, flags=re.IGNORECASE)
    text = re.sub(
        r"^\W*how (?:do|does|did) (?=the\b)|^\W*what\s+(?=(?:a|an|the)\b)", "", text.strip(), flags=re.IGNORECASE
    )
    words = " ".join(text.split()).strip(" ,.?!")
    whether = _WHETHER.match(words)
    if whether:
        words = f"{whether['verb'].capitalize()} {whether['subject']}{whether['rest']}"
    if words[:4].casefold() == "the ":
        words = f"What are {words}"
    return f"{words}?" if len(words.split()) > 1 else question
