"""The people of an article: their full names, and for whom "he" or "she" may stand."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from qabot.language import words_of
from qabot.language.names import is_organisation
from qabot.language.openings import OPENERS
from qabot.language.people import OFFICES, TITLES
from qabot.language.speech import SAYING, SAYING_WITH_MORE
from qabot.passages.speakers import Speaker

_FULL_NAME = re.compile(
    r"(?<![\w.])(?:[A-Z][\w’'-]*[a-z]|[A-Z]\.)(?: [A-Z]\.)?(?: (?:de|van|von|al|bin|der|da|le|la|el))*"
    r"(?: [A-Z][\w’'-]*\w){1,2}"
)
# "The general" is the one general whom an article names; there are many officials and analysts.
_HELD = (
    "general president chancellor minister premier senator congressman congresswoman secretary chairman governor mayor"
).split()
_HOLDER = re.compile(rf"the (?:[a-z][\w-]* ){{0,3}}({'|'.join(_HELD)})$")
_HOLDING = re.compile(
    # A dot ends an initial; behind anything else it ends the sentence.
    rf"\b(?i:({'|'.join(_HELD)}|gen\.|sen\.)) ((?:(?:[A-Z]\.|[A-Z][\w’'-]*) )*[A-Z][\w’'-]*[a-z])\b(?!['’]s [A-Z])"
)
_SHORT = {"gen.": "general", "sen.": "senator"}
_OFFICE = "|".join(sorted(OFFICES))
_WITH_NAME = "|".join(sorted({*TITLES, *OFFICES, *(office.capitalize() for office in OFFICES)}))
_OF_ANOTHER = re.compile(r"\W*(?:He|She)\b")  # "He called Ann Poole a friend": whoever speaks is not her
_SUBJECT = re.compile(r"[A-Z][\w’'.-]*\w\.?(?: [A-Z][\w’'.-]*\w\.?)*(?=,| [a-z])")
_BEFORE_NAMES = OPENERS | OFFICES | SAYING | SAYING_WITH_MORE | frozenset(title.casefold() for title in TITLES)
_MALE, _FEMALE = frozenset({"mr", "sir", "lord"}), frozenset({"mrs", "ms", "mme", "mlle", "lady", "dame", "baroness"})


class People:
    """The full names of an article by their last word, and which of its names are people."""

    def __init__(self, text: str, found: Sequence[Speaker]) -> None:
        self._by_last: dict[str, set[str]] = defaultdict(set)
        for match in _FULL_NAME.finditer(text):
            words = match[0].split()
            while len(words) > 1 and words[0].casefold() in _BEFORE_NAMES:
                words = words[1:]
            if len(words) > 1:
                name = re.sub(r"['’]s$", "", " ".join(words))
                self._by_last[name.split()[-1]].add(name)
        self._people = (
            {
                match[1].split()[-1]
                for match in re.finditer(rf"\b(?:{_WITH_NAME})\.? ((?:[A-Z][\w’'.-]*\w )?[A-Z][\w’'-]*[a-z])\b", text)
            }
            | {
                match[1]
                for match in re.finditer(
                    rf"([A-Z][\w’'-]*[a-z]), (?:(?:an?|the|its|his) )?(?:[\w’'-]+ ){{0,5}}(?:{_OFFICE})\b", text
                )
            }
            | {speaker.words.split()[-1] for speaker in found if speaker.title}
            | {speaker.words for speaker in found if speaker.kind == "name" and speaker.words in self._by_last}
        )
        self._holders: dict[str, set[str]] = defaultdict(set)
        for office, name in _HOLDING.findall(text):
            held = office.casefold()
            self._holders[_SHORT.get(held, held)].add(name.split()[-1])
        self._called: dict[str, str] = {}
        self._titled = {speaker.words.split()[-1]: speaker.title for speaker in found if speaker.title}

    def full(self, speaker: Speaker) -> str:
        """The name as the article has it in full, where only one there ends in this one."""
        if speaker.kind != "name" or " " in speaker.words:
            return speaker.words
        known = [name for name in self._by_last.get(speaker.words, ()) if not is_organisation(name)]
        if len(known) == 1:
            return known[0]
        return f"{speaker.title.capitalize()} {speaker.words}" if speaker.title else speaker.words

    def holding(self, words: str) -> str | None:
        """The person for whom "the general" stands, where the article names one general only."""
        office = _HOLDER.match(words)
        holders = self._holders.get(office[1], set()) if office else set()
        return self.full(Speaker(next(iter(holders)), "name", 0, 0)) if len(holders) == 1 else None

    def may_be(self, name: str, pronoun: str) -> bool:
        """Whether "he" or "she" may stand for the name; the one that was found to is remembered."""
        title = self._titled.get(name.split()[-1], "")
        if title in (_FEMALE if pronoun == "he" else _MALE):
            return False
        if is_organisation(name) or name.startswith("the ") or not (title or " " in name or name in self._people):
            return False
        return self._called.setdefault(name, pronoun) == pronoun

    def subject(self, sentence: str) -> str | None:
        """The person whom a sentence begins with, or begins with after what stands before its first comma; else the
        only one whom it names. Nothing where it begins with a name of which nobody knows whether it is a person's."""
        unknown = False
        for part in (sentence, sentence.partition(", ")[2]):
            found = _SUBJECT.match(part.lstrip("“\"'‘ "))
            if found is None:
                continue
            words = found[0].split()
            while words and words[0].casefold().rstrip(".") in _BEFORE_NAMES:
                words = words[1:]
            name = " ".join(words)
            if words and words[-1] in self._people and not is_organisation(name):
                return self.full(Speaker(name, "name", 0, 0, self._titled.get(words[-1], "")))
            unknown |= len(words) > 1 and name in self._by_last.get(words[-1], ())
        if unknown:
            return ""
        named = {
            word
            for word in words_of(sentence)
            if word in self._people and word.casefold() not in OPENERS and not is_organisation(word)
        }
        if len(named) != 1 or _OF_ANOTHER.match(sentence):
            return None
        (only,) = named
        return self.full(Speaker(only, "name", 0, 0, self._titled.get(only, "")))
