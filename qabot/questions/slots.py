"""The pronouns of a question, and how well what was mentioned may stand for each."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from qabot.language.months import MONTHS
from qabot.language.names import country_of, is_organisation
from qabot.language.people import OFFICES
from qabot.questions.mentions import COUNTED, Mention
from qabot.questions.relevance import mention_speaks

_PERSONAL = re.compile(
    r"\b(?:he|she|him|her|his|hers)\b|\b(?:that|this|the) (?:guy|man|woman|lady|dude|fellow|person)\b(?! (?:who|that|with|from|of|in)\b)",
    re.IGNORECASE,
)
_PLURAL = re.compile(r"\b(?:they|them|their|theirs)\b", re.IGNORECASE)
_THING = re.compile(
    r"\b(?:it|its)\b(?! (?:true|possible|likely|like that|take|that|seems?)\b)|\b(?:that|this) one\b|"
    r"(?<=\b(?:of|to|in|on|by)\s)(?:that|this)\b(?=\W*$)|(?<=\b(?:than|with|from)\s)(?:that|this)\b(?=\W*$)|(?<=\babout\s)(?:that|this)\b(?=\W*$)|"
    r"(?<=^is )(?:that|this)\b(?= (?:a|the|an|enough|much|more|less|good|bad|normal|usual|legal|new)\b)|\b(?:that|this)\b(?= (?:compare|work|cost|mean|affect|help|happen|end|start)s?\b)",
    re.IGNORECASE,
)
# "Who said it is time to talk", "says its a stalemate": nothing is pointed at.
_EXPLETIVE = re.compile(
    r"\b(?:said|say|says|saying|think|thinks|thought|claims?|claimed|den(?:y|ies|ied)|believes?|argues?|that) "
    r"(?:it is|it was|it['’]s|its) (?:a|an|the|time|too|no|not)\b",
    re.IGNORECASE,
)
# "When did he say it": what was said stands for that, and no name does for what is denied or thought of.
_SAYING_IT = re.compile(r"\b(?:say|says|said|saying) $", re.IGNORECASE)
_OF_AN_EVENT = re.compile(
    r"\b(?:den(?:y|ies|ied)|confirm(?:s|ed)?|admit(?:s|ted)?|accept(?:s|ed)?|disput(?:es?|ed)|(?:think|say|says|said|feel) (?:about|of)|behind"
    r"|against|oppos(?:e|es|ed)|support(?:s|ed)?|stop(?:s|ped)?) $",
    re.IGNORECASE,
)
_SIZED = re.compile(r"\bhow (?:much|high|large) (?:is|was|are|were) $", re.IGNORECASE)
# "How much was it that Biden wanted".
_CLEFT = re.compile(r"\b(?:is|was) it (?P<next>[\w.’'-]+) \w", re.IGNORECASE)
_OPENS_CLAUSE = frozenset("that who when he she they we".split())
_SPEAKING_TO = frozenset("tell told ask asked warn warned urge urged".split())
_DAYS = frozenset("monday tuesday wednesday thursday friday saturday sunday today tomorrow yesterday".split())
_POSSESSIVE = frozenset({"his", "hers", "their", "theirs", "its"})
# Only people and bodies do that: "do they want peace?" is not asked of the talks.
_MINDED = re.compile(
    r"^ (?:really |still |also |even |all |now |ever |actually )?(?:want|wanted|think|thought|say|said|believe|believed|know|knew|agree|agreed|disagree|disagreed|deny|denied|claim|claimed|plan|planned|expect|expected|hope|hoped|fear|feared|like|hate|need to|have to|decide|decided|respond|responded|reply|replied|accept|accepted|refuse|refused|reject|rejected|ask|asked|blame|blamed|intend|try|tried|against)\b",
    re.IGNORECASE,
)
_INSIDE = re.compile(r"\b(?:about|of|to|for|with|on|from|against|by|in) $", re.IGNORECASE)
_PLURAL_BEFORE = re.compile(
    r"(?<!\bwho )\b(?!does\b|was\b|this\b|is\b|has\b|its\b|his\b|whos\b|whats\b|hows\b|says\b)\w{2,}s (?:\w+ )*$",
    re.IGNORECASE,
)
# Nouns of people: "she" may be the blogger, and never the bridge or the manpower.
_NO_PEOPLE = frozenset(
    "manpower power firepower paper newspaper water order border offer number matter letter quarter summer winter computer "
    "carrier server printer counter center charter chapter corner cover danger dinner disaster factor sector floor monitor "
    "motor error door color colour flavor harbor labor favor plant restaurant grant warrant fee coffee committee degree "
    "guarantee tower river tanker launcher helicopter cruiser tender takeover transfer merger remainder "
    "answer weather cancer fiber fibre timber rubber silver copper career layer poster banner register list".split()
)
# What "how many" and "what" ask for and nobody speaks of as "it".
_MEASURES = frozenset(
    "percentage percent proportion share number amount sum kind sort type date figure part level degree size rate".split()
)
_COMPOUNDED = ("computer", "power", "paper", "tower")  # supercomputer
_AT_PLACES, _BY_FIRMS = frozenset({"in", "at", "near", "across"}), frozenset({"by", "from", "for", "with"})
_OF_MANY = frozenset(
    "people troops forces allies critics authorities firms companies banks countries nations states".split()
)
_PEOPLE = re.compile(
    r"(?:er|or|ist|ant|man|woman|person|boy|girl|wife|mother|father|son|brother|sister|chief|head|king|queen|boss|guy|lady|ee|ian|general|president)$"
)


@dataclass(frozen=True, slots=True)
class Slot:
    """A pronoun of the question, and how well a mention fits it: 0 where it may not stand for it, 1 where it may."""

    start: int
    end: int
    fit: Callable[[Mention], float]
    possessive: bool
    of_people: bool


def slots(question: str, has_name: Callable[[str], bool]) -> list[Slot]:
    """Those that nothing before them in the question stands for; people first, since least else fits them."""
    slots = []
    for pattern, fit in ((_PERSONAL, _as_person), (_PLURAL, _as_several), (_THING, _as_thing)):
        found = pattern.search(question)
        if found is None or (pattern is _THING and _is_no_pronoun(question, has_name)):
            continue
        before, pronoun = question[: found.start()], found.group().casefold()
        inside = bool(_INSIDE.search(before))
        # "What does Arden want from him": nobody names himself so.
        another = (inside or pronoun not in ("it", "its")) if pattern is _THING else pronoun in ("him", "them")
        if has_name(before) and not another:
            continue
        if pattern is _PLURAL and _PLURAL_BEFORE.search(before):
            continue
        if pattern is _THING and _SAYING_IT.search(before):
            continue
        # "asked her" is an object, "her plan" a possessive.
        possessive = pronoun in _POSSESSIVE or (
            pronoun == "her" and re.match(r"\s+[a-z]", question[found.end() :]) is not None
        )
        fitting = _as_minded if pattern is _PLURAL and _MINDED.match(question[found.end() :]) else fit
        # "Is that a lot?" and "who denies it?" are never asked of a country.
        if pattern is _THING and (_OF_AN_EVENT.search(before) or pronoun in ("that", "this")):
            fitting = _as_event
        # ... and "how much was it?" of an offer, and of nobody who makes one.
        if pattern is _THING and _SIZED.search(before):
            fitting = _as_sum
        slots.append(Slot(found.start(), found.end(), fitting, possessive, pattern is not _THING))
    return slots


def _is_no_pronoun(question: str, has_name: Callable[[str], bool]) -> bool:
    """Whether "it" points at nothing."""
    cleft = _CLEFT.search(question)
    opens = cleft is not None and (cleft["next"].casefold() in _OPENS_CLAUSE or has_name(cleft["next"]))
    return opens or _EXPLETIVE.search(question) is not None


def _is_of_people(noun: str) -> bool:
    return _PEOPLE.search(noun) is not None and noun not in _NO_PEOPLE and not noun.endswith(_COMPOUNDED)


def _is_time(mention: Mention) -> bool:
    return mention.key in MONTHS or mention.key in _DAYS


def _as_person(mention: Mention) -> float:
    if _is_time(mention):
        return 0.0
    if not mention.is_name:
        person = any(o.heads for o in mention.occurrences) and _is_of_people(mention.key)
        return 4.0 if person and asked_of(mention) else 0.5 if person else 0.0
    if mention.key[:1].isdigit() or is_organisation(mention.text) or country_of(mention.text):
        return 0.0
    if mention_speaks(mention) or _is_spoken_to(mention):
        return 3.0 if asked_of(mention) else 2.0
    if any((o.article and o.phrase == o.text) or o.before in _AT_PLACES for o in mention.occurrences):
        return 0.0
    if len(mention.words) == 1 and all(o.before in _BY_FIRMS for o in mention.occurrences):
        return 0.0  # "fired by Delta"
    # A surname alone, as people type it, is of somebody more likely than of anything else that they ask about.
    return 1.5 if len(mention.words) > 1 or asked_of(mention) else 0.7


def _as_several(mention: Mention) -> float:
    if mention.is_name:
        if mention.key[:1].isdigit() or mention_speaks(mention):
            return 0.0
        return 0.3 if _is_place(mention) else 1.0  # of "who met Ann Poole in Norvik?" they are not Norvik
    if not mention.key.endswith("s") or not any(o.heads for o in mention.occurrences):
        return 0.0
    asked = [o.turn for o in mention.occurrences if o.heads and not o.in_answer]
    return (8.0 if 0 in asked else 2.0) if asked else 1.0


def _as_minded(mention: Mention) -> float:
    noun = mention.key.removesuffix("s")
    people = mention.is_name or noun in OFFICES or mention.key in _OF_MANY or _is_of_people(noun)
    return _as_several(mention) if people else 0.0


def _as_event(mention: Mention) -> float:
    asked_in = any(not o.in_answer and o.before in _AT_PLACES for o in mention.occurrences)
    no_event = country_of(mention.text) or is_organisation(mention.text) or _is_place(mention) or asked_in
    return 0.0 if mention.is_name and no_event else _as_thing(mention)


def _is_spoken_to(mention: Mention) -> bool:
    """Whether a question has somebody tell it something: "what did he tell Quist?"."""
    return mention.is_name and any(o.before in _SPEAKING_TO and not o.in_answer for o in mention.occurrences)


def _as_sum(mention: Mention) -> float:
    return 0.0 if mention.is_name else _as_thing(mention)


def _is_place(mention: Mention) -> bool:
    """Whether something was said to be or happen there, and nothing else of it."""
    return all(occurrence.before in _AT_PLACES for occurrence in mention.occurrences)


def _as_thing(mention: Mention) -> float:
    if _is_time(mention):
        return 0.0
    if mention.is_name:
        if mention.key[:1].isdigit() or mention_speaks(mention) or _is_spoken_to(mention):
            return 0.0
        person = len(mention.words) == 2 and not is_organisation(mention.text) and not asked_of(mention)
        return 0.4 if person else 1.0
    if not any(o.heads for o in mention.occurrences) or mention.key in OFFICES or mention.key in _MEASURES:
        return 0.0
    if mention.key.endswith("s") and _is_of_people(mention.key.removesuffix("s")):
        return 0.0
    if _is_of_people(mention.key):
        return 1.5 if any(o.heads and not o.in_answer and o.turn == 0 for o in mention.occurrences) else 0.5
    asked = [o for o in mention.occurrences if o.heads and not o.in_answer and o.turn == 0]
    several = 0.3 if mention.key.endswith(("s", "people")) else 1.0
    return several * (5.0 if any(o.before in COUNTED for o in asked) else 2.5 if asked else 1.0)


def asked_of(mention: Mention) -> bool:
    """Whether it was in a question, as a phrase of its own."""
    return any(not o.in_answer and (o.heads or mention.is_name) for o in mention.occurrences)
