"""The question with what it leaves out: pronouns replaced, the rest added as a person would write it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from qabot.language import stem
from qabot.questions.mentions import Mention, Occurrence, bare_words, content_words
from qabot.questions.relevance import Chosen, mention_speaks
from qabot.questions.slots import Slot, asked_of, slots

# Probabilities from which a mention stands for a pronoun that it fits, is added beside one, and is added for a topic.
PRONOUN_FROM = 0.1
ASKED_FROM = 0.03  # ... where a question had it
OWNER_FROM = 0.3  # whose the thing is that a common noun stands for
BESIDE_FROM = 0.7
ANSWERED_FROM = 0.5  # of what no question had
TOPIC_FROM = 0.12
_MOST_ADDED = 2

_SPEAKING = re.compile(
    r"\b(?:say|says|said|think|thinks|comment|feel|feels|know|knows|claims?|find|found|reply|respond|want|wants|do|doing|decide|decided|mean|means|agree|disagree|react|argue|object|warn)\W*$",
    re.IGNORECASE,
)
_IS_NOUN = re.compile(r"\b(?:is|are|was|were|who['’]?s|what['’]?s) (?:the|a|an) (?:\w+ ){0,3}\w+\W*$", re.IGNORECASE)
_OFFICE_SPEAKS = re.compile(r"\b(?:do|does|did) the (?:\w+ ){1,3}(?:say|think)\W*$", re.IGNORECASE)
# "Do they" and "does the Kremlin".
_ONE_DOES = {"do": "does", "are": "is", "were": "was", "have": "has"}
_SEVERAL_DO = re.compile(r"\b(?:do|are|were|have)(?= $)", re.IGNORECASE)
_ANYBODY = frozenset("anyone anybody anything everyone everybody someone somebody nobody people else".split())
# "Did anyone go to jail?" and "who was arrested?" are asked of what was talked about.
OF_ANYBODY = re.compile(
    r"^(?:and |but |so )?(?:(?:is|are|was|were|do|does|did|has|have|had|will) (?:anyone|anybody|someone|somebody|everyone|people)\b"
    r"|who (?:was|were|is|are|got|has been) [a-z]+ed\W*$)",
    re.IGNORECASE,
)
_MARKS = " ?!."
_ABOUT = frozenset({"about", "on"})
_PLACING = frozenset("in at on during after before against".split())  # "given to Ukraine" is the verb's


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
    if matter and _is_thin(question, has_name) and _asks_of_a_speaker(question, has_name):
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
        from_probability = ASKED_FROM if fitting is not None and asked_of(fitting.mention) else PRONOUN_FROM
        if fitting is None or fits[id(fitting)] < from_probability:
            continue
        standing[slot] = fitting.mention
        free.remove(fitting)
    owner = None
    if not has_name(question) and not any(has_name(_phrase(mention)) for mention in standing.values()):
        owner = next(
            (c for c in free if c.probability >= OWNER_FROM and c.mention.is_name and asked_of(c.mention)), None
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
        if slot.of_people and mention.is_name and (not phrase.endswith("s") or phrase.endswith("ss")):
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
_ONLY_ANSWERED, _WAS_ASKED = 4.0, 0.02
_JUST_ASKED = 2.5  # of whom the last question named, where others were named before


def _answering(mention: Mention, slot: Slot, asked_who: bool) -> float:
    if not slot.of_people or not mention.is_name:
        return 1.0
    if not asked_who:
        return _JUST_ASKED if any(o.turn == 0 and not o.in_answer for o in mention.occurrences) else 1.0
    last = [o.in_answer for o in mention.occurrences if o.turn == 0]
    return (_ONLY_ANSWERED if all(last) else _WAS_ASKED) if last else 1.0


def _wanted(
    question: str, free: Sequence[Chosen], threshold: float, has_name: Callable[[str], bool], *, stands: bool
) -> list[Mention]:
    """What is to be added: the likely ones, and to a question of next to no content what the talk is of."""
    content = content_words(question)
    thin = _is_thin(question, has_name) and not (stands and content)
    spoken_of = [c.mention for c in free if c.probability >= TOPIC_FROM and asked_of(c.mention)]
    if thin and _asks_of_a_speaker(question, has_name):
        # "What does Kagan think?" wants what others were asked about, and not them.
        matters = [m for m in spoken_of if not mention_speaks(m)]
        return sorted(matters, key=lambda m: all(o.preposition not in _ABOUT for o in m.occurrences))[:1]
    beside = BESIDE_FROM if stands else threshold
    likely = [
        c.mention for c in free if c.probability >= (beside if asked_of(c.mention) else max(beside, ANSWERED_FROM))
    ]
    if not likely and OF_ANYBODY.match(question) and not has_name(question):
        named = [c.mention for c in free if c.mention.is_name and asked_of(c.mention)]
        return (named or spoken_of)[:1]
    return likely or (spoken_of[:1] if thin else [])


def _asks_of_a_speaker(question: str, has_name: Callable[[str], bool]) -> bool:
    """Whether it ends with what somebody says or thinks who is called by name or office: "what does Poole think?"."""
    return bool(_SPEAKING.search(question) and (has_name(question) or _OFFICE_SPEAKS.search(question)))


def _is_thin(question: str, has_name: Callable[[str], bool]) -> bool:
    """Whether it has next to no content beside its names."""
    speaks = 2 if _OFFICE_SPEAKS.search(question) else 0
    return len([word for word in content_words(question) if not has_name(word) and word not in _ANYBODY]) <= 1 + speaks


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
    owned = re.search(r"[’']s? ", shown.phrase)  # "Norvik's unemployment"
    article = shown.article or ("the" if not mention.is_name and shown.heads and not owned else "")
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
        lead = lead or _preposition_for(question, mention)
        added.append(f"{lead} {phrase}" if lead else f"({phrase})")
    return added


def _preposition_for(question: str, mention: Mention) -> str:
    """Nothing where any would be a guess: "when was that (Ann Poole)?"."""
    closing = _SPEAKING.search(question)
    if closing:
        verb = closing.group().strip(_MARKS).casefold()
        return "to" if verb == "object" else "with" if verb.endswith("agree") and mention.is_name else "about"
    return "of" if _IS_NOUN.search(question) else ""
