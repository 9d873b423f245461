"""Whether a sentence says who somebody is, and not only that they did something."""

from __future__ import annotations

import re

from qabot.language.people import HONORIFICS, OFFICES, TITLES

_WHO_IS = re.compile(
    r"^(?:and |but |so )*who(?:['’]?s| is| was) (?!.*\band\b)(?P<name>[\w.’'-]+(?: [\w.’'-]+){0,3})\W*$", re.IGNORECASE
)
_NO_NAME = re.compile(
    r"^(?:the|a|an|this|that|his|her|their|its|it|he|she|they|in|to|on|right|next|there|here)\b", re.IGNORECASE
)
_OFFICE = rf"\b(?:{'|'.join(sorted(map(re.escape, {*OFFICES, *TITLES} - HONORIFICS), key=len, reverse=True))})s?\b"
_BESIDE = r"(?: \([^)]*\))?"  # "(R-Maryland)"
# "The architect Ann Poole", and not "the port sacked Ann Poole".
_SOME_NOUN = (
    r"\b(?:the|a|an) (?-i:(?:[a-z-]+ )?(?!(?:[a-z-]+ed|said|told|met|and|of|by|with|to|for|in|at) )[a-z-]+ (?=[A-Z]))"
)
_NOUN_PHRASE = r"(?:the|a|an|one|who|then|former|now)\b"


# "Says the Arden professor": whoever speaks beside it is meant, as reports take turns between a name and an office.
_SAYS = (
    r"(?:says|said|adds|added|told \w+|argues|argued|warns|warned|explains|explained|notes|noted|claims|claimed"
    r"|believes)"
)
_BY_OFFICE = rf"(?-i:[Tt]he) (?:(?!of\b|and\b)[\w’'-]+ ){{0,4}}{_OFFICE}"
_DESCRIBED_SPEAKER = re.compile(rf"\b{_SAYS} {_BY_OFFICE}(?! (?-i:[A-Z]))|{_BY_OFFICE} {_SAYS}\b", re.IGNORECASE)


def somebody_asked_of(question: str) -> str:
    """The name in "Who is Ann Poole?"; nothing for another question."""
    found = _WHO_IS.match(question)
    return "" if found is None or _NO_NAME.match(found["name"]) else found["name"]


def introduces(text: str, name: str) -> bool:
    """True for "Mayor Ann Poole", "Ann Poole, who leads the town", "Poole is the mayor of Arden"."""
    full = rf"(?:(?-i:[A-Z])[\w.’'-]+ ){{0,3}}{re.escape(name.split()[-1])}\b"
    before = rf"{_OFFICE},?{_BESIDE} {full}|{_SOME_NOUN}{full}"
    after = rf"{full}{_BESIDE}(?:,| is| was) (?:{_NOUN_PHRASE}|(?:[\w.’'-]+ ){{0,5}}{_OFFICE})"
    return re.search(f"{before}|{after}", text, re.IGNORECASE) is not None


def describes_its_speaker(text: str) -> bool:
    """Whether its words are those of one who is called by office alone, as in "says the Arden professor"."""
    return _DESCRIBED_SPEAKER.search(text) is not None
