"""Which of what a conversation mentioned a follow-up leaves out: term classification, as QuReTeC does it
(Voskarides et al. 2020), by a logistic regression over what a mention and the question look like."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import msgspec

from qabot.language import stem
from qabot.language.names import is_organisation
from qabot.questions.conversation import Turn
from qabot.questions.mentions import COUNTED, Mention, bare_words, content_words, mentions_of, words_with_places

WEIGHTS_FILE = Path(__file__).with_name("follow_up_weights.json")

_KINDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("person", re.compile(r"\b(?:he|she|him|her|his|hers|himself|herself)\b", re.IGNORECASE)),
    ("they", re.compile(r"\b(?:they|them|their|theirs|themselves)\b", re.IGNORECASE)),
    ("it", re.compile(r"\b(?:it|its|itself)\b", re.IGNORECASE)),
    ("that", re.compile(r"\b(?:this|these|those)\b|\bthat\b(?=[\s?.!]*$| (?:was|is|did|does|had|has|would|will)\b)|(?<=about )that\b|(?<=of )that\b|(?<=after )that\b|(?<=(?<!\w)[a-z]{2} )that\b", re.IGNORECASE)),
    ("there", re.compile(r"\bthere\b(?<!is there)(?<!are there)(?<!was there)(?<!were there)|\bthen\b|\bhere\b", re.IGNORECASE)),
    ("other", re.compile(r"\b(?:other|another|else|more|besides|also|others|additional|different)\b", re.IGNORECASE)),
)  # fmt: skip
_VERB = re.compile(
    r"\b(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|may|might|must|said|says|\w+ed)\b|'s\b|’s\b",
    re.IGNORECASE,
)
_LINK = re.compile(r"^(?:and|but|or|so|then|also|what about|how about)\b", re.IGNORECASE)
_DEFINITE = re.compile(r"\b(?:the|this|that|these|those) (?:\w+ )?(\w{3,})\b", re.IGNORECASE)
_PERSON_HINT = re.compile(r"\b(?:he|she|his|her|him|who|mr|mrs|ms|president|general|born)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Chosen:
    mention: Mention
    probability: float


@dataclass(frozen=True, slots=True)
class Lacking:
    """What a question shows of leaving something out. ``kinds`` are the kinds of its pronouns."""

    kinds: frozenset[str]
    elliptic: bool
    links: bool
    content: frozenset[str]
    definite: frozenset[str]
    has_name: bool
    words: int


class LinearWeights(msgspec.Struct, frozen=True):
    intercept: float
    weights: dict[str, float]
    threshold: float
    figures: dict[str, float]


@cache
def load_weights() -> LinearWeights:
    return msgspec.json.decode(WEIGHTS_FILE.read_bytes(), type=LinearWeights)


def lacking(question: str, known_name: Callable[[str], bool]) -> Lacking:
    kinds = frozenset(kind for kind, pattern in _KINDS if pattern.search(question))
    words = words_with_places(question)
    own = mentions_of([Turn(question, question, "answered")], known_name)
    return Lacking(
        kinds,
        not _VERB.search(question),
        bool(_LINK.match(question)),
        frozenset(stem(word) for word in content_words(question)),
        frozenset(stem(found[1].casefold()) for found in _DEFINITE.finditer(question)),
        any(mention.is_name for mention in own),
        len(words),
    )


def scored_mentions(
    question: str, turns: Sequence[Turn], known_name: Callable[[str], bool], weights: LinearWeights
) -> list[Chosen]:
    """All mentions that the question has not itself, likeliest first."""
    scored = []
    for mention, features in candidates(question, turns, known_name):
        logit = weights.intercept + sum(weights.weights.get(name, 0.0) * value for name, value in features.items())
        scored.append(Chosen(mention, 1 / (1 + math.exp(-logit))))
    return sorted(scored, key=lambda chosen: -chosen.probability)


def candidates(
    question: str, turns: Sequence[Turn], known_name: Callable[[str], bool]
) -> list[tuple[Mention, dict[str, float]]]:
    needs = lacking(question, known_name)
    own = bare_words(question)
    found = mentions_of(turns, known_name)
    return [(m, _features(m, needs, own, len(turns))) for m in found if not m.words <= own]


def _features(mention: Mention, needs: Lacking, own: set[str], turns: int) -> dict[str, float]:
    latest = mention.occurrences[0]
    spread = {occurrence.turn for occurrence in mention.occurrences}
    last = [occurrence for occurrence in mention.occurrences if occurrence.turn == 0]
    last_answer = [occurrence for occurrence in last if occurrence.in_answer]
    in_first = any(o.turn == turns - 1 and not o.in_answer for o in mention.occurrences)
    shared = max((len(o.neighbours & needs.content) for o in mention.occurrences), default=0)
    near_shared = max((len(o.neighbours & needs.content) for o in last), default=0)
    words = len(mention.key.split())
    number = mention.key[:1].isdigit()
    name = mention.is_name
    kind = (
        "number" if number else "body" if name and is_organisation(mention.text) else "full" if name and words > 1 else
        "name" if name else "plural" if mention.key.endswith("s") else "noun"
    )  # fmt: skip
    basic: dict[str, float] = {
        kind: 1.0,
        "last question": float(any(not o.in_answer for o in last)),
        "last answer": float(bool(last_answer)),
        "opens last answer": float(any(o.place < 0.15 for o in last_answer)),
        "closes last answer": float(any(o.place > 0.75 for o in last_answer)),
        "first question": float(in_first),
        "turns since": min(latest.turn, 4) / 4,
        "only last": float(spread == {0}),
        "often": math.log(len(mention.occurrences)),
        "spread": math.log(len(spread)),
        "after preposition": float(any(o.before in _PREPOSITIONS for o in mention.occurrences[:2])),
        "after article": float(any(o.before in _ARTICLES for o in mention.occurrences[:2])),
        "counted": float(any(o.before in COUNTED and not o.in_answer for o in last)),
        "heads": float(any(o.heads for o in mention.occurrences)),
        "asked as phrase": float(any(o.heads and not o.in_answer for o in mention.occurrences)),
        "verbal": float(not name and bool(re.search(r"(?:ed|ing|ly)$", mention.key))),
        "overlaps": float(any(w in own for w in mention.words)),
        "next to definite": float(any(o.neighbours & needs.definite for o in mention.occurrences)),
        "shares": min(shared, 3) / 3,
        "shares last": min(near_shared, 3) / 3,
        "speaks": float(mention_speaks(mention)),
        "short": float(len(mention.key) < 5),
    }
    features = dict(basic)
    asking = [*needs.kinds] or ["none"]
    if needs.elliptic:
        asking.append("elliptic")
    if needs.links:
        asking.append("links")
    if needs.has_name:
        asking.append("has name")
    if len(needs.content) <= 1:
        asking.append("few")
    elif len(needs.content) >= 4:
        asking.append("many")
    if needs.definite:
        asking.append("definite")
    for asked in asking:
        features[asked] = 1.0
        for feature in _CROSSED:
            if basic.get(feature):
                features[f"{feature} & {asked}"] = basic[feature]
    for one, other in _PAIRS:
        if basic.get(one) and basic.get(other):
            features[f"{one} & {other}"] = basic[one] * basic[other]
    return {feature: value for feature, value in features.items() if value}


def mention_speaks(mention: Mention) -> bool:
    """Whether something was said by it, or it bears a title: a person, mostly."""
    return mention.is_name and (
        mention.key.partition(" ")[0] in _TITLES
        or any(
            o.after in _SAYS or o.before in _TITLES or (o.in_answer and o.before in _SAID) for o in mention.occurrences
        )
    )


_SAYS = frozenset("said says told wrote argued claimed added warned insisted who".split())
_SAID = frozenset({"said", "says"})  # "..., said Ann Poole"
_TITLES = frozenset(
    "mr mrs ms dr president general minister senator secretary spokesman spokeswoman professor representative chancellor "
    "reporter journalist analyst director".split()
)
_PREPOSITIONS = frozenset("in on at of for from with by about against after before during".split())
_ARTICLES = frozenset("the a an this that his her its their".split())
_CROSSED = (
    "speaks",
    "counted",
    "heads",
    "asked as phrase",
    "number", "body", "full", "name", "plural", "noun", "last question", "last answer", "opens last answer", "closes last answer",
    "first question", "turns since", "only last", "often", "spread", "after preposition", "after article", "verbal",
    "next to definite", "shares", "shares last", "overlaps",
)  # fmt: skip
_PAIRS = (
    ("full", "first question"), ("name", "first question"), ("noun", "last answer"), ("noun", "last question"),
    ("full", "last answer"), ("name", "last answer"), ("noun", "after article"), ("noun", "first question"),
    ("noun", "after preposition"), ("number", "last answer"), ("first question", "often"), ("last answer", "next to definite"),
    ("last answer", "shares last"), ("noun", "next to definite"), ("full", "often"), ("name", "often"),
)  # fmt: skip
