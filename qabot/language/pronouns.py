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


# "The drug is used to treat ...", "Terms of the deal were not ...": somebody or something described, and not named.
_DESCRIBING = re.compile(r"^\W*\w+[^A-Z]{40}")
_DEFINITE = re.compile(r"\b(?:the|this|these|those|such|another|others?|both)\b", re.IGNORECASE)
BETWEEN = " | "


def leans_on_before(sentence: str) -> bool:
    """Whether a pronoun in the sentence may stand for something the sentence does not name."""
    return bool(_PERSONAL.search(sentence) or _OPENING.match(sentence))


def describes(sentence: str) -> bool:
    """Whether it begins with what it does not name, and has an article to show that this was named before."""
    found = _DESCRIBING.match(sentence)
    return found is not None and _DEFINITE.search(found.group()) is not None


def in_context(before: str, sentence: str) -> str:
    """The sentence, and after it the beginning of the one before where it leans on that; white space made single.

    The sentence comes first: what is cut off is cut off the other, and what stands before ``BETWEEN`` is the sentence.
    """
    # A bar of its own, as tables have them, is none that parts: it gives way to another mark of one character.
    sentence = " ".join(sentence.split()).replace(BETWEEN, " / ")
    if not before or not (leans_on_before(sentence) or describes(sentence)):
        return sentence
    before = " ".join(before.split())
    if len(before) > _MAX_BEFORE:
        # The beginning names the subject more often than the end.
        before = before[:_MAX_BEFORE].rsplit(" ", 1)[0] + " ..."
    return f"{sentence}{BETWEEN}{before}"
