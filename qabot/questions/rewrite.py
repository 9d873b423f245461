"""The question with what it leaves out: pronouns replaced, the rest added as a person would write it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from qabot.language import stem
from qabot.language.names import country_of, is_organisation
from qabot.language.people import OFFICES
from qabot.questions.mentions import COUNTED, Mention, Occurrence, bare_words, content_words
from qabot.questions.relevance import Chosen, mention_speaks

# Probabilities from which a mention stands for a pronoun that it fits, is added beside one, and is added for a topic.
PRONOUN_FROM = 0.1
ASKED_FROM = 0.03  # ... where a question had it
OWNER_FROM = 0.3  # whose the thing is that a common noun stands for
BESIDE_FROM = 0.7
ANSWERED_FROM = 0.5  # of what no question had
TOPIC_FROM = 0.12
_MOST_ADDED = 2

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
_POSSESSIVE = frozenset({"his", "hers", "their", "theirs", "its"})
_SPEAKING = re.compile(
    r"\b(?:say|says|said|think|thinks|comment|feel|feels|know|knows|claims?|find|found|reply|respond|want|wants|do|doing|decide|decided|mean|means|agree|disagree|react|argue|object|warn)\W*$",
    re.IGNORECASE,
)
_IS_NOUN = re.compile(r"\b(?:is|are|was|were|who['’]?s|what['’]?s) (?:the|a|an) (?:\w+ ){0,3}\w+\W*$", re.IGNORECASE)
# Only people and bodies do that: "do they want peace?" is not asked of the talks.
_MINDED = re.compile(
    r"^ (?:really |still |also |even |all |now |ever |actually )?(?:want|wanted|think|thought|say|said|believe|believed|know|knew|agree|agreed|disagree|disagreed|deny|denied|claim|claimed|plan|planned|expect|expected|hope|hoped|fear|feared|like|hate|need to|decide|decided|respond|responded|reply|replied|accept|accepted|refuse|refused|reject|rejected|ask|asked|blame|blamed|intend|try|tried|against)\b",
    re.IGNORECASE,
)
# "Do they" and "does the Kremlin".
_ONE_DOES = {"do": "does", "are": "is", "r": "is", "were": "was", "have": "has"}
_SEVERAL_DO = re.compile(r"\b(?:do|are|r|were|have)(?= $)", re.IGNORECASE)
_INSIDE = re.compile(r"\b(?:about|of|to|for|with|on|from|against|by|in) $", re.IGNORECASE)
_PLURAL_BEFORE = re.compile(
    r"\b(?!does\b|was\b|this\b|is\b|has\b|its\b|his\b|whos\b|whats\b|hows\b|says\b)\w{2,}s (?:\w+ )*$", re.IGNORECASE
)
_MARKS = " ?!."
_ABOUT = frozenset({"about", "on"})
_PLACING = frozenset("in at on during after before against about".split())  # "given to Ukraine" is the verb's
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


def whole(
    question: str,
    scored: Sequence[Chosen],
    threshold: float,
    has_name: Callable[[str], bool],
    matter: str,
    *,
    asked_who: bool = False,
) -> str:
    """The question made whole; ``scored`` are the mentions, likeliest first.

    ``has_name`` tells whether a text has a name, which a pronoun behind it may stand for. ``matter`` is what the talk
    is of, where a question asked whether it is so. ``asked_who`` is that the question before asked for somebody, whom
    the answer names and whom "he" and "they" mean then.
    """
    if matter and has_name(question) and _is_thin(question, has_name) and _SPEAKING.search(question):
        return f"{question.rstrip(_MARKS)} about {matter}?"
    own = {stem(word) for word in content_words(question)}
    free = [
        c
        for c in scored
        if own.isdisjoint(map(stem, c.mention.words)) and _initials(c.mention) not in bare_words(question)
    ]
    standing: dict[Slot, Mention] = {}
    for slot in slots(question, has_name):
        fits = {id(c): c.probability * slot.fit(c.mention) * _answering(c.mention, slot, asked_who) for c in free}
        fitting = max(free, key=lambda c: fits[id(c)], default=None)
        from_probability = ASKED_FROM if fitting is not None and _asked_of(fitting.mention) else PRONOUN_FROM
        if fitting is None or fits[id(fitting)] < from_probability:
            continue
        standing[slot] = fitting.mention
        free.remove(fitting)
    owner = None
    if not has_name(question) and not any(has_name(_phrase(mention)) for mention in standing.values()):
        owner = next(
            (c for c in free if c.probability >= OWNER_FROM and c.mention.is_name and _asked_of(c.mention)), None
        )
    if owner is not None and standing:
        free.remove(owner)
    replaced = question
    for slot, mention in sorted(standing.items(), key=lambda pair: -pair[0].start):
        phrase = _phrase(mention)
        if owner is not None:
            # "the bid" alone could be anyone's.
            phrase = f"{_owning(owner.mention)} {re.sub('^(?:the|an?) ', '', phrase)}"
            owner = None
        if slot.possessive:
            phrase += "'" if phrase.endswith("s") and not mention.is_name else "'s"
        before = replaced[: slot.start]
        if slot.of_people and mention.is_name and not phrase.endswith("s"):
            before = _SEVERAL_DO.sub(lambda verb: _ONE_DOES[verb.group().casefold()], before)
        replaced = before + phrase + replaced[slot.end :]
    added = _added(replaced, _wanted(question, free, threshold, has_name, stands=bool(standing)), stands=bool(standing))
    if added:
        cut = len(replaced.rstrip(_MARKS))
        replaced = f"{replaced[:cut]} {' '.join(added)}{replaced[cut:].strip() or '?'}"
    changed = bool(standing or added)
    return replaced if not changed or replaced[-1] in "?!." else f"{replaced}?"


def _initials(mention: Mention) -> str:
    """ "lse" of "London Stock Exchange", which a question that has the one needs no more; nothing for a short name."""
    words = mention.key.split()
    return "".join(word[0] for word in words) if mention.is_name and len(words) > 1 else ""


# Of somebody whom only the answer names, and of one whom the question had, where it was asked who did something.
_ONLY_ANSWERED, _WAS_ASKED = 4.0, 0.25


def _answering(mention: Mention, slot: Slot, asked_who: bool) -> float:
    if not asked_who or not slot.of_people or not mention.is_name:
        return 1.0
    last = [o.in_answer for o in mention.occurrences if o.turn == 0]
    return (_ONLY_ANSWERED if all(last) else _WAS_ASKED) if last else 1.0


def _wanted(
    question: str, free: Sequence[Chosen], threshold: float, has_name: Callable[[str], bool], *, stands: bool
) -> list[Mention]:
    """What is to be added: the likely ones, and to a question of next to no content what the talk is of."""
    content = content_words(question)
    thin = _is_thin(question, has_name) and not (stands and content)
    spoken_of = [c.mention for c in free if c.probability >= TOPIC_FROM and _asked_of(c.mention)]
    if thin and has_name(question) and _SPEAKING.search(question):
        # "What does Kagan think?" wants what others were asked about, and not them.
        matters = [m for m in spoken_of if not mention_speaks(m)]
        return sorted(matters, key=lambda m: all(o.preposition not in _ABOUT for o in m.occurrences))[:1]
    beside = BESIDE_FROM if stands else threshold
    likely = [
        c.mention for c in free if c.probability >= (beside if _asked_of(c.mention) else max(beside, ANSWERED_FROM))
    ]
    return likely or (spoken_of[:1] if thin else [])


def _is_thin(question: str, has_name: Callable[[str], bool]) -> bool:
    """Whether it has next to no content beside its names."""
    return len([word for word in content_words(question) if not has_name(word)]) <= 1


def _asked_of(mention: Mention) -> bool:
    """Whether it was in a question, as a phrase of its own."""
    return any(not o.in_answer and (o.heads or mention.is_name) for o in mention.occurrences)


def slots(question: str, has_name: Callable[[str], bool]) -> list[Slot]:
    """Those that nothing before them in the question stands for; people first, since least else fits them."""
    slots = []
    for pattern, fit in ((_PERSONAL, _as_person), (_PLURAL, _as_several), (_THING, _as_thing)):
        found = pattern.search(question)
        if found is None or (pattern is _THING and _EXPLETIVE.search(question)):
            continue
        before, pronoun = question[: found.start()], found.group().casefold()
        inside = bool(_INSIDE.search(before))
        if has_name(before) and not (pattern is _THING and (inside or pronoun not in ("it", "its"))):
            continue
        if pattern is _PLURAL and _PLURAL_BEFORE.search(before):
            continue
        # "asked her" is an object, "her plan" a possessive.
        possessive = pronoun in _POSSESSIVE or (
            pronoun == "her" and re.match(r"\s+[a-z]", question[found.end() :]) is not None
        )
        fitting = _as_minded if pattern is _PLURAL and _MINDED.match(question[found.end() :]) else fit
        slots.append(Slot(found.start(), found.end(), fitting, possessive, pattern is not _THING))
    return slots


def _is_of_people(noun: str) -> bool:
    return _PEOPLE.search(noun) is not None and noun not in _NO_PEOPLE and not noun.endswith(_COMPOUNDED)


def _as_person(mention: Mention) -> float:
    if not mention.is_name:
        person = any(o.heads for o in mention.occurrences) and _is_of_people(mention.key)
        return 4.0 if person and _asked_of(mention) else 0.5 if person else 0.0
    if mention.key[:1].isdigit() or is_organisation(mention.text) or country_of(mention.text):
        return 0.0
    if mention_speaks(mention):
        return 2.0
    if any(
        (o.article and o.phrase == o.text) or o.before in ("in", "at", "near", "across") for o in mention.occurrences
    ):
        return 0.0
    return 1.5 if len(mention.words) > 1 else 0.7


def _as_several(mention: Mention) -> float:
    if mention.is_name:
        return 0.0 if mention.key[:1].isdigit() or mention_speaks(mention) else 1.0
    if not mention.key.endswith("s") or not any(o.heads for o in mention.occurrences):
        return 0.0
    asked = [o.turn for o in mention.occurrences if o.heads and not o.in_answer]
    return (8.0 if 0 in asked else 2.0) if asked else 1.0


def _as_minded(mention: Mention) -> float:
    noun = mention.key.removesuffix("s")
    people = mention.is_name or noun in OFFICES or mention.key in _OF_MANY or _is_of_people(noun)
    return _as_several(mention) if people else 0.0


def _as_thing(mention: Mention) -> float:
    if mention.is_name:
        if mention.key[:1].isdigit() or mention_speaks(mention):
            return 0.0
        person = len(mention.words) == 2 and not is_organisation(mention.text) and not _asked_of(mention)
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


def _shown(mention: Mention) -> Occurrence:
    """The occurrence that is written: the fullest form of a name, the phrase that a noun heads; of a question first."""
    if mention.is_name:
        full = [o for o in mention.occurrences if o.text.casefold() == mention.key] or mention.occurrences
        return max(full, key=lambda o: (not o.in_answer, o.phrase != o.text, not o.text.islower(), -o.turn))
    return max(mention.occurrences, key=lambda o: (o.heads, not o.in_answer, o.phrase != o.text, -o.turn))


def _phrase(mention: Mention) -> str:
    shown = _shown(mention)
    phrase = shown.phrase
    if mention.is_name and mention.text.casefold() in phrase.casefold():
        # As the collection writes it, where the question was typed in small letters.
        phrase = re.sub(re.escape(mention.text), lambda _: mention.text, phrase, flags=re.IGNORECASE)
    article = shown.article or ("the" if not mention.is_name and shown.heads else "")
    return f"{article} {phrase}".strip()


def _owning(mention: Mention) -> str:
    shown = _shown(mention)
    the = "the " if shown.article == "the" and shown.phrase == shown.text else ""
    return f"{the}{mention.text}'s"


def _added(question: str, mentions: Sequence[Mention], *, stands: bool) -> list[str]:
    """What of the mentions the question has not yet, as phrases with a preposition or in brackets, likeliest first."""
    there = bare_words(question)
    added: list[str] = []
    for mention in mentions:
        shown = _shown(mention)
        phrase = _phrase(mention)
        new = set(content_words(phrase))
        if new & there or not (mention.is_name or shown.heads) or len(added) == _MOST_ADDED:
            continue
        there |= new
        lead = shown.preposition if shown.preposition in _PLACING else ""
        if _SPEAKING.search(question) and lead not in _PLACING:
            lead = "" if added else _preposition_for(question, mention)
        if (not lead and (added or stands)) or (lead in _ABOUT and not there.isdisjoint(_ABOUT)):
            continue
        lead = lead or ("" if added else _preposition_for(question, mention))
        added.append(f"{lead} {phrase}" if lead else f"({phrase})")
    return added


def _preposition_for(question: str, mention: Mention) -> str:
    """Nothing where any would be a guess: "when was that (Ann Poole)?"."""
    closing = _SPEAKING.search(question)
    if closing:
        verb = closing.group().strip(_MARKS).casefold()
        return "to" if verb == "object" else "with" if verb.endswith("agree") and mention.is_name else "about"
    return "of" if _IS_NOUN.search(question) else ""
