"""Questions of a word or a name, made whole by the question before: "why?", "and the Pentagon?"."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from qabot.language.names import country_of, is_organisation
from qabot.questions.conversation import Turn
from qabot.questions.mentions import DETERMINERS, PREPOSITIONS, Mention, mentions_of, words_with_places

_AUXILIARIES = "is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|may|might|must"
_PREPOSITION = r"(?:for|about|with|to|from|on|in|against|of|by|at|under)"
_BARE = re.compile(
    r"^(?:(?:and|but|so|ok) )?(?P<asked>why|how|how so|how come|when|where|who|whom|what|which ones?|since when|until when|by whom|"
    r"(?:for|at|by) (?:how much|how many|what price)|(?:who|where|when|how) else|how (?:many|much|long|often|big|old|far)|how many times|"
    rf"{_PREPOSITION} "
    r"(?:what(?: [a-z]+)?|whom?|where|which [a-z]+)|by how much|what for|why not|where exactly|when exactly|why exactly|how exactly)"
    r"(?: exactly| then| though)?[\s?!.]*$",
    re.IGNORECASE,
)
_ASKING = re.compile(
    rf"^(?:and |but |so )?(?:(?:who|whom|what|which|when|where|why|how)\b(?:(?!\b(?:{_AUXILIARIES})\b)[^?])*?\s)?(?P<rest>(?P<auxiliary>{_AUXILIARIES})\s.+)$",
    re.IGNORECASE,
)
# What an earlier "why?" left.
_ASKED_BESIDE = re.compile(
    rf"(?:, and (?:why(?: not)?|when|where|how(?: (?:much|many|long))?|{_PREPOSITION} (?:what|whom|where|which [a-z]+)))+$",
    re.IGNORECASE,
)
# Of "who denied that the bridge is late?" the subject is asked for, and "and the mayor?" is another one.
_WHO_DOES = re.compile(
    rf"^(?:and |but |so )?who(?: (?P<auxiliary>{_AUXILIARIES})|['’]?s)? (?P<rest>.+)$", re.IGNORECASE
)
_WHO_SAYS = re.compile(
    r"^(?:and |but |so )?who (?:\w+ )?(?:denie[sd]|den(?:y|ying)|sa(?:id|ys?)|claim(?:s|ed)?|insist(?:s|ed)?|confirm(?:s|ed)?|think(?:s)?|believe[sd]?) (?:that )?\w+",
    re.IGNORECASE,
)
# "What did the minister say of it?", and then "and Ann Poole?", who speaks too.
_SAID_BY_OFFICE = re.compile(
    r"\b(?:do|does|did) (?P<who>the (?:[\w-]+ ){0,2}?[\w-]+)(?= (?:say|think|claim|want|argue|believe|deny|warn|expect|predict)\b)",
    re.IGNORECASE,
)
# "Did they ask for more money", and how much of it.
_OF_MONEY = re.compile(
    r" (?:for )?(?:more |extra |additional )?(?P<noun>money|aid|cash|funding|funds|troops)\b", re.IGNORECASE
)
_COUNTED_ONES = re.compile(
    r"^ (?!is\b|was\b|has\b|does\b)[a-z]+s\b(?=\W*$| (?:were|are|have|had|did|do|was|died|lost)\b)"
)
_YEAR = re.compile(r"\b(?:1\d|20)\d\d\b")
_PRONOUN = re.compile(r"\b(?:he|she|it|they|that|this|him|them|those)\b(?=[\s?.!,]*$| \w)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Swapped:
    """``question`` has no mark at its end; ``lacks`` where it was made of one that leaned on those before it."""

    question: str
    lacks: bool


def bare_word(question: str) -> str:
    """ "why" of "and why exactly?"; nothing where the question is more than a question word."""
    found = _BARE.match(question)
    return found["asked"].casefold() if found else ""


# "Tell me about the bridge", and then "how long?".
_TOLD_ABOUT = re.compile(
    r"^(?:please )?(?:tell me|what do you know|what is there|anything|more) about (?P<thing>.+)$", re.IGNORECASE
)


def asked_of_the_same(word: str, before: str) -> str:
    """The question before, asked by another word: "why" and "How much did GM pay?" is "Why did GM pay?"."""
    before = without_aside(before)
    if told := _TOLD_ABOUT.match(before) if word.startswith("how ") else None:
        return f"{word.capitalize()} is {told['thing']}?"
    found = _ASKING.match(before)
    if word == "why not":
        return f"{before}, and why not?"
    if done := _DOING_COUNTED.match(before) if word == "why" else None:
        return f"Why is it that {done['clause']}?"
    # What is asked for in an object stays to be asked: "What does Kagan think, and why?"
    if found is None or re.match(r"(?:and |but |so )?(?:who|whom|what|which)\b", before, re.IGNORECASE):
        return f"{before}, and {word}?"
    asked_for = _OF_MONEY.search(found["rest"])
    if word in ("how much", "how many") and asked_for:
        rest = found["rest"].replace(asked_for.group(), " for" if " for " in asked_for.group() else "", 1)
        return f"{word.capitalize()} {asked_for['noun']} {rest[0].lower()}{rest[1:].strip()}?"
    counted = re.match(r"(?:and |but |so )?how (?:many|much) (?!(?:" + _AUXILIARIES + r")\b)", before, re.IGNORECASE)
    of_counted = _asked_of_counted(word, before) if counted else ""
    if of_counted:
        return of_counted
    if counted or word.startswith(("how many", "how much")):
        # What is counted is not said: "How many drones?" is not the "How many" of drones shot down.
        return f"{before}, and {word}?"
    rest = found["rest"]
    return f"{word[0].upper()}{word[1:]} {rest[0].lower()}{rest[1:]}?"


# "How many cafes did they close?" counts what was done to, "how many cafes were closed?" what it was done to as well.
_OBJECT_COUNTED = re.compile(
    r"^(?:and |but |so )?how (?:many|much) (?P<noun>[\w-]+(?: [\w-]+){0,2}?) "
    r"(?P<rest>(?:do|does|did) .+|(?:is|was) (?:the )?(?:[\w.’'-]+ ){1,3}[a-z]+ing)$",
    re.IGNORECASE,
)
_SUBJECT_COUNTED = re.compile(
    r"^(?:and |but |so )?how (?:many|much) (?P<noun>[\w-]+(?: [\w-]+){0,2}?) (?P<auxiliary>is|are|was|were) (?P<rest>.+)$",
    re.IGNORECASE,
)
_DOING_COUNTED = re.compile(
    rf"^(?:and |but |so )?how many (?P<clause>(?!of\b)[\w-]+ (?!.*\b(?:{_AUXILIARIES})\b).+)$", re.IGNORECASE
)


def _asked_of_counted(word: str, before: str) -> str:
    """ "Why did they close cafes?", where it was asked how many."""
    if word not in ("why", "when", "where", "how"):
        return ""
    if found := _OBJECT_COUNTED.match(before):
        return f"{word.capitalize()} {found['rest']} {found['noun']}?"
    if found := _SUBJECT_COUNTED.match(before):
        return f"{word.capitalize()} {found['auxiliary']} {found['noun']} {found['rest']}?"
    return ""


def without_aside(question: str) -> str:
    """Without what an earlier "why?" left at its end, and without its mark."""
    return _ASKED_BESIDE.sub("", question.strip(" ?!."))


def like_for_like(fragment: str, turns: Sequence[Turn], known_name: Callable[[str], bool]) -> Swapped | None:
    """The latest question with ``fragment`` in the place of what is like it: a year, a name of the same kind, a noun
    phrase with the same head, or a pronoun. ``None`` where nothing is."""
    bare = fragment.removeprefix("in ").removeprefix("the ").strip()
    new = [mention for mention in _names(fragment, known_name)]
    asked_who = _WHO_DOES.match(without_aside(turns[-1].searched_for))
    if asked_who and new and _WHO_SAYS.match(asked_who.group()):
        return Swapped(_of_another(asked_who, fragment), False)
    alike = _with_its_noun(fragment, turns[-1])
    if alike is not None:
        return alike
    said = _SAID_BY_OFFICE.search(turns[-1].searched_for)
    if said and new and not country_of(new[0].text):
        asked = turns[-1].searched_for
        return Swapped(f"{asked[: said.start('who')]}{fragment}{asked[said.end('who') :]}".rstrip(" ?!."), False)
    for turn in reversed(turns):
        before = without_aside(turn.searched_for)
        if _YEAR.fullmatch(bare):
            year = _YEAR.search(before)
            if year:
                return Swapped(f"{before[: year.start()]}{bare}{before[year.end() :]}", False)
            continue
        if not new:
            break
        old = _names(turn.question, known_name) or _names(before, known_name)
        likest = max(old, key=lambda mention: _likeness(mention, new[0]), default=None)
        if likest is not None and likest.words.isdisjoint(new[0].words):
            whole = _swapped(before, _replaced(likest, fragment), fragment)
            if whole is not None:
                return Swapped(whole, False)
    latest = turns[-1].question
    pronoun = _PRONOUN.search(latest)
    if pronoun and turns[-1].searched_for != latest:
        return Swapped(f"{latest[: pronoun.start()]}{fragment}{latest[pronoun.end() :]}".rstrip(" ?"), True)
    return Swapped(_of_another(asked_who, fragment), False) if asked_who and new else None


_OWNED = re.compile(r"\b(?P<owner>his|her|its|their) [\w-]+\b", re.IGNORECASE)


def _with_its_noun(fragment: str, turn: Turn) -> Swapped | None:
    """The question with ``fragment`` for a phrase of the same noun - "the senior official", "the western official" - or
    of the same owner: "his dad", "his mom"."""
    words = [word.bare for word in words_with_places(fragment)]
    if not words:
        return None
    latest = turn.question
    same_noun = rf"\b(?:the|a|an|his|her|its|their) (?:[\w-]+ ){{0,3}}?{re.escape(words[-1])}\b"
    found = re.search(same_noun, latest, re.IGNORECASE) if len(words) > 1 else None
    owned = _OWNED.search(latest)
    if found is None and owned and len(words) == 2 and words[0] == owned["owner"].casefold():
        found = owned
    if found is None:
        return None
    return Swapped(f"{latest[: found.start()]}{fragment}{latest[found.end() :]}".rstrip(" ?"), True)


def _of_another(asked_who: re.Match[str], fragment: str) -> str:
    """ "who opposes talks" and "the mayor": "the mayor opposes talks"; "who is against it": "is the mayor against it"."""
    auxiliary = asked_who["auxiliary"]
    return f"{auxiliary} {fragment} {asked_who['rest']}" if auxiliary else f"{fragment} {asked_who['rest']}"


def _replaced(old: Mention, fragment: str) -> str:
    """What of the old name's phrase gives way: with an article of its own, "the Pentagon" stands for the whole of "the
    Western official"."""
    last = old.occurrences[-1]
    starts = fragment.split()[0].casefold() in ("the", "a", "an")
    return last.phrase if starts and last.phrase.casefold().startswith(last.text.casefold()) else last.text


def _names(text: str, known_name: Callable[[str], bool]) -> list[Mention]:
    return [m for m in mentions_of([Turn(text, text, "answered")], known_name) if m.is_name and not m.key.isdigit()]


def _likeness(old: Mention, new: Mention) -> float:
    """Names of countries are likest, then of bodies, then those that stand behind the same preposition."""
    same_country = bool(country_of(old.text)) == bool(country_of(new.text))
    same_body = is_organisation(old.text) == is_organisation(new.text)
    same_place = bool(old.occurrences[0].preposition) == bool(new.occurrences[0].preposition)
    return 4 * same_country + 2 * same_body + same_place - 0.1 * old.occurrences[0].place


def _swapped(question: str, old: str, new: str) -> str | None:
    found = re.search(
        rf"(?P<before>\b\w+ )?(?P<article>\bthe )?(?P<old>\b{re.escape(old)}\b(?:/\w+)*)(?:['’]s\b)?",
        question,
        re.IGNORECASE,
    )
    if found is None:
        return None
    new = re.sub(r"['’]s$", "", new)  # "Arden's port", and then "and Norvik's?"
    first, _, rest = new.partition(" ")
    preposition = found["before"] or ""
    # "in America" gives way to "in Europe", also where only "Europe" was asked.
    if rest and first.casefold() in PREPOSITIONS and preposition.strip().casefold() in PREPOSITIONS:
        preposition = ""
    has_article = new.split()[0].casefold() in DETERMINERS | PREPOSITIONS
    # "the Kremlin" and then "Putin", who is no "the Putin".
    keeps_article = found["article"] and not has_article and is_organisation(new) and not country_of(new)
    article = found["article"] if keeps_article else ""
    possessive = "'s" if re.search(r"['’]s$", found.group()) else ""
    after = question[found.end() :]
    if new.endswith("s") and not old.endswith("s") and not rest:
        after = _COUNTED_ONES.sub("", after)  # "Russian soldiers" and then "Ukrainians"
    return f"{question[: found.start()]}{preposition}{article}{new}{possessive}{after}"
