"""Whose words a question asks for."""

from __future__ import annotations

import re

from qabot.language import stem, words_of

_SPEAKER_ASKED = re.compile(
    r"\b(?:what|how|why|when|where)?\s*(?:did|does|do|has|have|is|was)\s+(?P<who>(?:the |mr\.? |ms\.? |mrs\.? )?[\w’'.-]+(?: [\w’'.-]+){0,3}?)\s+"
    r"(?:say|said|saying|think|claim|argue|warn|deny|reply|respond|react|predict|tell|told|believe|answer)\b",
    re.IGNORECASE,
)
_NOT_A_SPEAKER = frozenset(
    "the a an mr ms mrs they he she it we you i people anyone anybody someone articles reports article report".split()
)


def speaker_asked(question: str) -> frozenset[str]:
    """The stems of the name of whoever's words are asked for: of "what did gordon brown say about it" his."""
    found = _SPEAKER_ASKED.search(question)
    if not found:
        return frozenset()
    words = [word for word in words_of(found["who"]) if word.casefold() not in _NOT_A_SPEAKER]
    return frozenset(stem(word) for word in words[-1:])
