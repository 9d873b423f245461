"""Whose words a question asks for."""

from __future__ import annotations

import re

from qabot.language import stem, words_of

_SPEAKER_ASKED = re.compile(
    r"\b(?:what|how|why|when|where)?\s*(?:did|does|do|has|have|is|was)\s+(?P<who>(?:the |mr\.? |ms\.? |mrs\.? )?[\w’'.-]+(?: [\w’'.-]+){0,3}?)\s+"
    r"(?:say|said|saying|think|claim|argue|warn|deny|reply|respond|react|predict|tell|told|believe|answer)\b",
    re.IGNORECASE,
)
# "A quote from the mayor on talks", "Ann Poole quotes".
_QUOTE_ASKED = re.compile(
    r"\bquotes? (?:from|by|of) (?P<who>(?:the )?[\w’'.-]+(?: [\w’'.-]+){0,2}?)(?=\W*$| (?:on|about|regarding|concerning)\b)"
    r"|^\W*(?P<whose>[\w’'.-]+(?: [\w’'.-]+)?) quotes?(?=\W*$| (?:on|about)\b)",
    re.IGNORECASE,
)
_NOT_A_SPEAKER = frozenset(
    "the a an mr ms mrs they he she it we you i people anyone anybody someone articles reports article report".split()
)


def speaker_asked(question: str) -> frozenset[str]:
    """The stems of the name of whoever's words are asked for: of "what did gordon brown say about it" his."""
    found = _SPEAKER_ASKED.search(question)
    quote = None if found else _QUOTE_ASKED.search(question)
    who = found["who"] if found else (quote["who"] or quote["whose"]) if quote else ""
    words = [word for word in words_of(who) if word.casefold() not in _NOT_A_SPEAKER]
    return frozenset(stem(word) for word in words[-1:])
