"""Tidy questions made as rough as people type them: lower case, key words only, typing errors, "whats"."""

from __future__ import annotations

import random
import re

from qabot.language import STOP_WORDS

_ASKING = frozenset("who whom whose what which when where why how many much long old".split())
_SMALL = frozenset("did does do is are was were the a an of has have had to in for by".split())
_EMPTY = STOP_WORDS | _ASKING | _SMALL
_JOINED = tuple(
    (re.compile(rf"^(who|what|where|when|how|why) {verbs} ", re.IGNORECASE), joined)
    for verbs, joined in (("(?:is|was)", r"\1s "), ("(?:are|were)", r"\1 "))
)
# On a keyboard's row, the key to the right.
_BESIDE = dict(zip("qwertyuiopasdfghjklzxcvbnm", "wqertyuioasdfghjklpzxcvbmn", strict=True))


def roughen(question: str, chance: random.Random, *, keep_asking: bool = False) -> str:
    """``keep_asking`` leaves in who, when, how many: where they decide whether a sentence answers."""
    text = question.strip()
    if chance.random() < 0.85:
        text = text.rstrip(" ?.!")
    if chance.random() < 0.85:
        text = text.lower()
    style = chance.random()
    words = text.split()
    if style < (0.1 if keep_asking else 0.35):
        words = _key_words(words, chance, keep_asking=keep_asking)
    elif style < 0.6:
        words = [word for word in words if word.lower() not in _SMALL or chance.random() > 0.5]
    elif style < 0.75:
        for pattern, joined in _JOINED:
            text = pattern.sub(joined, text)
        words = text.split()
    elif style < 0.85 and words and words[0].lower() in _ASKING:
        words = [*words[2:], *words[:2]] if words[0].lower() == "how" and len(words) > 2 else [*words[1:], words[0]]
    words = [re.sub(r"['’]", "", word) if chance.random() < 0.5 else word for word in words]
    for _ in range(chance.choice([0, 0, 0, 1, 1, 2])):
        words = mistyped(words, chance)
    if chance.random() < 0.08:
        words = [chance.choice(["so", "and", "ok", "pls", "hey"]), *words]
    return " ".join(words) or text


def _key_words(words: list[str], chance: random.Random, *, keep_asking: bool) -> list[str]:
    asking = keep_asking or chance.random() < 0.4
    kept = [word for word in words if (bare := word.lower().strip("?,.")) not in _EMPTY or (asking and bare in _ASKING)]
    while len(kept) > 3 and chance.random() < 0.3:
        others = [n for n, word in enumerate(kept) if word.lower() not in _ASKING]
        if len(others) < 3:
            break
        del kept[chance.choice(others)]
    if len(kept) < 2:
        return words
    if chance.random() < 0.15 and len(kept) > 2:
        chance.shuffle(kept)
    return kept


def mistyped(words: list[str], chance: random.Random) -> list[str]:
    """One longer word with two letters swapped, one left out, doubled or missed."""
    longer = [n for n, word in enumerate(words) if len(word) > 4 and word.isalpha()]
    if not longer:
        return words
    n = chance.choice(longer)
    word = words[n]
    at = chance.randrange(1, len(word) - 1)
    letters = chance.choice(
        [word[at + 1] + word[at], word[at + 1], 2 * word[at] + word[at + 1], _beside(word[at]) + word[at + 1]]
    )
    return [*words[:n], word[:at] + letters + word[at + 2 :], *words[n + 1 :]]


def _beside(letter: str) -> str:
    return _BESIDE.get(letter.lower(), letter)
