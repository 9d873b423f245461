"""Whose wish, demand or fear a sentence tells: "what does Arden want?" is not answered by what is wanted of Arden."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Literal

from qabot.answers.candidates import Candidate
from qabot.language import STOP_WORDS, folded_words
from qabot.language.names import country_of, words_for
from qabot.language.people import LEADER_OF
from qabot.language.wishing import Kind, holders
from qabot.questions.polar import is_polar
from qabot.retrieval import Query

Told = Literal["own", "another's", "nobody's"]

_WISHES = (
    r"want(?:s|ed)?|wish(?:es)?|hopes?|seek|demands?|insist(?: on)?|call for|ask for|request|require(?:ments?)?"
    r"|propos(?:e|als?)|aims?|goals?|(?:pre)?conditions?|terms|need|prefer|asking for|seeking|demanding"
)
_FEARS = r"fears?|worry|worries|worried about|afraid of|concerns?"
_NOT = re.compile(r"\bnot\b|n['’]t\b", re.IGNORECASE)
_WHO = r"(?P<who>(?:the )?[\w.’'-]+(?: [\w.’'-]+){0,3}?)"
_ASKED = rf"(?:(?P<wish>{_WISHES})|(?P<fear>{_FEARS}))\b"
_QUESTIONS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\bwhat(?: else| exactly)? (?:do|does|did|is|are|was|were|has|have|had) {_WHO} {_ASKED}",
        rf"^(?:and |but |so )?(?:do|does|did|is|are|has|have) {_WHO} (?:really |still )?{_ASKED}(?! (?:by|from)\b)",
        rf"\bwhat {_WHO} (?:(?P<wish>wants|wanted|demands|demanded|needs)|(?P<fear>fears|feared))\b",
        rf"\b{_WHO}['’]s? (?:\w+ )?{_ASKED}",
        rf"\b{_ASKED} (?:of|by|from) {_WHO}(?= for\b| to\b|\W*$)",
    )
)


def whose_wish(question: str, query: Query, texts: Iterable[str]) -> Callable[[Candidate], Told] | None:
    """Tells of a sentence whose wish it tells, as seen from the one whose wish or fear is asked for; ``None`` where
    nobody's is, or that of one whom nothing shows to be somebody.

    ``texts`` are those that tell which country somebody leads.
    """
    found = next((found for pattern in _QUESTIONS if (found := pattern.search(question))), None)
    if found is None:
        return None
    own = _words_of(found["who"], query, texts)
    denied = is_polar(question) or _NOT.search(question) is not None
    kind: Kind = "wish" if found["wish"] else "fear"

    def told(candidate: Candidate) -> Told:
        those = holders(candidate.text, kind, candidate.sentence.said_by, denied=denied)
        if any(own & holder for holder in those):
            return "own"
        return "another's" if any(those) else "nobody's"

    return told if own else None


def _words_of(who: str, query: Query, texts: Iterable[str]) -> frozenset[str]:
    """By which somebody, or a country and who leads it, is called; none where ``who`` is neither."""
    words = folded_words(re.sub(r"['’]s?$", "", who)) - STOP_WORDS
    country = country_of(who)
    if not country and query.names.isdisjoint(words):
        return frozenset()
    words = words.union(*(query.terms.get(word, ()) for word in words), *words_for(words).values())
    leaders, led = set[str](), set[str]()
    # What a president wants is as good as what the country wants, and the other way about.
    for found in (found for text in texts for found in LEADER_OF.finditer(text)):
        of, name = country_of(found["of"]), found["name"].split()[-1].casefold()
        if of and of == country:
            leaders.add(name)
        elif of and name in words:
            led |= {of, *words_for([of])[of]}
    return words | leaders | led
