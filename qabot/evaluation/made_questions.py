"""Questions made of news itself: one thing that a sentence tells is asked for, in some of its other words.

What the sentences beside it share with it are the topic and the words; what it alone has is the thing asked for.
No question and no key of anybody's is needed, so any folder of articles will do.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from qabot.language import STOP_WORDS
from qabot.language.months import MONTHS

# Written with a capital: "they may" is no month.
_MONTH = f"(?:{'|'.join(sorted({name.capitalize() for name in MONTHS if name.isalpha()}, key=len, reverse=True))})"
_DAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
_PERSON = r"(?:(?:Mr|Mrs|Ms|Dr) )?[A-Z][a-z]+(?: [A-Z][a-z'-]+)*"
_THINGS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "when",
        re.compile(
            r"\b(?:(?:on|in|by|since|from|until|before|after|during) )?(?:(?:early|late|mid-?)\s?)?"
            rf"(?:\d{{1,2}} {_MONTH}(?: \d{{4}})?|{_MONTH}(?: \d{{4}}| \d{{1,2}})?|{_DAY}|(?:19|20)\d\d"
            r"|(?:this|last|next) (?:week|month|year|summer|autumn|spring|winter)"
            r"|the (?:first|second|third|fourth) quarter)\b"
        ),
    ),
    ("money", re.compile(r"[$£€]\s?\d[\d,.]*(?:\s?(?:bn|m|million|billion|trillion|tn))?\b")),
    ("share", re.compile(r"\b\d[\d.]*(?:%| percent| per cent)")),
    (
        "number",
        re.compile(
            r"\b\d[\d,.]*(?:\s(?:million|billion|m|bn))?\b"
            r"|\b(?:two|three|four|five|six|seven|eight|nine|ten|dozens|hundreds|thousands)\b"
        ),
    ),
    (
        "who",
        re.compile(
            r"(?<![A-Za-z])(?:(?:Mr|Mrs|Ms|Dr|Sir|President|Chancellor|Minister|analyst|chairman|chief executive) )?"
            r"[A-Z][a-z]+(?: (?:[A-Z]\.|de|van|von|al))*(?: [A-Z][a-zA-Z'-]+)+|\bMr [A-Z][a-z]+"
        ),
    ),
    ("where", re.compile(rf"(?:(?<=\bin )|(?<=\bat ))(?:the )?(?!{_MONTH})[A-Z][a-z]+(?: [A-Z][a-z]+)?")),
    (
        "why",
        re.compile(
            r"\b(?:because(?: of)?|due to|as a result of|amid|thanks to|on the back of|following|after|in order to"
            r"|owing to) [^,.;]{12,90}"
        ),
    ),
    (
        "what",
        re.compile(
            r"(?<=\bthe )(?:[a-z-]+ ){1,3}[a-z]+(?= (?:of|for|to|in|by|from|on)\b)"
            r"|(?<=\bto )[a-z]+ (?:the |its |a |an |their )?(?:[a-z-]+ ){0,3}[a-z]{4,}"
        ),
    ),
    ("said", re.compile(r'["“][^"”]{25,200}["”]')),
)
_SPEAKER = re.compile(rf"{_PERSON}(?= (?:said|told|added|warned))|(?<=said ){_PERSON}")
_ASKED = {
    "when": ("when", "when", "when", "when did", "what date"),
    "money": ("how much", "how much", "how much money", "what price", "how much is", "what sum"),
    "share": ("how much", "what percentage", "by how much", "what share", "how many percent"),
    "who": ("who", "who", "who", "whos", "who is", "which person"),
    "where": ("where", "where", "where", "in which country", "which place"),
    "why": ("why", "why", "why", "why did", "how come", "what caused", "reason"),
    "what": ("what", "what", "what is", "what did", "which"),
    "said": ("what did {} say", "what does {} think of", "{} said about", "{} on", "what {} says"),
}
_SMALL = STOP_WORDS | frozenset("says said would will also that which who than".split())
_PLAIN = tuple(
    (re.compile(ending), instead)
    for ending, instead in (
        (r"ies$", "y"),
        (r"(?<=[a-z]{3})es$", "e"),
        (r"(?<=[a-z]{3}[^s])s$", ""),
        (r"(?<=[a-z]{4})ed$", ""),
        (r"(?<=[a-z]{4})ing$", ""),
    )
)
_MOST_BETWEEN = 12  # words of one stretch


@dataclass(frozen=True, slots=True)
class MadeQuestion:
    """``sentence[start:end]`` answers it."""

    text: str
    start: int
    end: int


def make_question(sentence: str, rarity: Callable[[str], float], chance: random.Random) -> MadeQuestion | None:
    """``rarity`` of a word, 0 to 1: rare ones are the likelier to be kept. None where nothing can be asked for."""
    found = [(kind, match) for kind, pattern in _THINGS for match in pattern.finditer(sentence)]
    if not found:
        return None
    kind = chance.choice(sorted({kind for kind, _ in found}))
    match = chance.choice([match for own, match in found if own == kind])
    rest = f"{sentence[: match.start()]} {sentence[match.end() :]}"
    if kind == "said":
        speaker = _SPEAKER.search(rest)
        if not speaker:
            return None
        kept = _kept(_words(match.group()), rarity, chance, least=1)[:3]
        asked = chance.choice(_ASKED[kind]).format(speaker.group().replace("Mr ", ""))
        text = " ".join([asked, *(kept if chance.random() < 0.8 else ())])
        return MadeQuestion(text, match.start(), match.end())
    kept = _kept(_words(rest), rarity, chance, least=2)
    if not kept:
        return None
    if chance.random() < 0.15:
        chance.shuffle(kept)
    if kind == "number":
        counted = re.match(r"\s+([a-z][a-z-]{2,})", sentence[match.end() :])
        asked = f"how many {counted[1]}" if counted and counted[1] not in _SMALL else "how many"
    else:
        asked = chance.choice(_ASKED[kind])
    place = chance.random()
    if kind in ("what", "who") and place < 0.25:
        return MadeQuestion(" ".join(kept), match.start(), match.end())
    words = [asked, *kept] if place < 0.85 else [*kept, asked]
    return MadeQuestion(" ".join(words), match.start(), match.end())


_AUXILIARIES = "is|are|was|were|has|have|had|will|would|can|could|should|may|might|must"
_STATEMENT = re.compile(
    r"^(?P<subject>(?:[\w'’$£%&-]+ ){1,6}?)(?:"
    rf"(?P<auxiliary>{_AUXILIARIES})(?: not|n['’]t)? (?:also |now |already |still |reportedly )?"
    r"|(?:did not |didn['’]t )|(?P<past>[a-z]{3,}ed) )(?P<rest>[^;:]+?)(?=, |[;:]|$)"
)
_UNNAMED = frozenset(
    "it he she they this that these those there who which what i we you one if when as while but and".split()
)
_LEAST_SAID, _MOST_SAID = 2, 9  # words after the verb
_PAST = re.compile(r"(?<=[^aeiou]e)d$|(?<=[iuvcszg]e)d$|ed$")


def make_polar_question(sentence: str, chance: random.Random) -> str | None:
    """ "has the yard cut 1,200 jobs" of "The yard has not cut 1,200 jobs, ...": one that the sentence answers by yes or
    by no. None where its subject is not named or its verb not found."""
    found = _STATEMENT.match(sentence)
    if found is None:
        return None
    subject = found["subject"].split()
    rest = _words(found["rest"])
    if any(word.lower() in _UNNAMED for word in subject) or len(rest) < _LEAST_SAID:
        return None
    if subject[0].lower() in _SMALL:
        subject[0] = subject[0].lower()
    said = rest[: chance.randint(min(len(rest), _LEAST_SAID + 1), min(len(rest), _MOST_SAID))]
    if past := found["past"]:
        said = [f"{past[:-3]}y" if past.endswith("ied") else _PAST.sub("", past), *said]
    said = [_loosened(word, chance) for word in said if word.lower() not in _SMALL or chance.random() < 0.8]
    auxiliary = found["auxiliary"] or "did"
    return " ".join([auxiliary, *subject, *said])


def _words(text: str) -> list[str]:
    return [bare for word in text.split() if (bare := word.strip('.,;:"“”()'))]


def _kept(words: Sequence[str], rarity: Callable[[str], float], chance: random.Random, least: int) -> list[str]:
    """A few words in their order: rare ones, or a stretch with its small words."""
    telling = [n for n, word in enumerate(words) if len(word) > 1 and word.lower() not in _SMALL]
    if len(telling) < least:
        return []
    most = min(chance.choice([1, 2, 2, 3, 3, 4, 5, 6]), len(telling))
    if chance.random() < 0.5:
        first = chance.randrange(len(telling))
        places = telling[first : first + most]
        if chance.random() < 0.5 and places[-1] - places[0] < _MOST_BETWEEN:
            places = list(range(places[0], places[-1] + 1))
    else:
        # A weighted sample without putting back (Efraimidis and Spirakis 2006).
        keys = {n: chance.random() ** (1 / (0.3 + rarity(words[n]))) for n in telling}
        places = sorted(sorted(telling, key=lambda n: -keys[n])[:most])
    return [_loosened(words[n], chance) for n in places]


def _loosened(word: str, chance: random.Random) -> str:
    """Some words without their ending, so that not every one is the sentence's own."""
    if word.islower() and chance.random() < 0.25:
        for ending, instead in _PLAIN:
            if ending.search(word):
                return ending.sub(instead, word)
    return word
