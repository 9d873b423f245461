"""Sentences that lean on the one before, and what they lean on."""

from __future__ import annotations

import re

_MAX_BEFORE = 160

_PERSONAL = re.compile(r"\b(he|she|they|him|his|her|hers|their|them)\b", re.IGNORECASE)
_OPENING = re.compile(
    r"^\W*(?:(?:and|but|so|yet|still|however|also|then|instead|meanwhile|later|since then|even so),?\s+)?"
    r"(it|its|this|that|these|those|both|such|neither|the latter|the former)\b",
    re.IGNORECASE,
)


def leans_on_before(sentence: str) -> bool:
    """Whether a pronoun in the sentence may stand for something the sentence does not name."""
    return bool(_PERSONAL.search(sentence) or _OPENING.match(sentence))


def in_context(before: str, sentence: str) -> str:
    """The sentence, after the end of the one before where it leans on it; white space made single."""
    sentence = " ".join(sentence.split())
    if not before or not leans_on_before(sentence):
        return sentence
    before = " ".join(before.split())
    if len(before) > _MAX_BEFORE:
        # The beginning names the subject more often than the end.
        before = before[:_MAX_BEFORE].rsplit(" ", 1)[0] + " ..."
    return f"{before} {sentence}"
