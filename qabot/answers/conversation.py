"""What was asked before, and a follow-up made into a question that stands alone."""

from __future__ import annotations

import re
from dataclasses import dataclass

# Enough for "and before that?"; a longer memory drags old topics along.
MAX_TURNS = 8

_LINKS = re.compile(
    r"^(and|but|or|so|then|also)\b|^(what|how) about\b|"
    r"^(why|how so|when|where|who|since when|until when)( not)?\s*\?*$",
    re.IGNORECASE,
)
# Words that point back. "it" after "is"/"was" in "how long is it" counts, "there" in "is there" does not.
_POINTS_BACK = re.compile(
    r"\b(he|she|they|him|her|his|hers|them|their|theirs|it|its|this|these|those|that one|the same|said that|say that|"
    r"do that|did that|there too|that (?:figure|number|amount|report|claim|statement|meeting|poll|plan|idea|view)|"
    r"the (?:former|latter|other|others))\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Turn:
    question: str
    searched_for: str


@dataclass(frozen=True, slots=True)
class Conversation:
    """The last turns, oldest first; each surface keeps its own."""

    turns: tuple[Turn, ...] = ()

    def after(self, question: str, searched_for: str) -> Conversation:
        return Conversation((*self.turns, Turn(question, searched_for))[-MAX_TURNS:])


def standalone(question: str, conversation: Conversation) -> str:
    """The question with what it follows up on put before it, where it points back; else the question itself."""
    if not conversation.turns or not (_LINKS.search(question) or _POINTS_BACK.search(question)):
        return question
    before = conversation.turns[-1].searched_for
    # One question's worth of context: what the one before carried along itself is left behind.
    return f"{before[-300:]} {question}"
