"""A follow-up made into a question that stands alone, before anything is searched."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from qabot.language import STOP_WORDS, words_of
from qabot.language.names import is_organisation, names
from qabot.questions.conversation import Conversation, Turn

Intent = Literal["question", "more", "published", "source"]

_SHORT = 9  # words
_FEW = 2  # content words: a question with more has a topic of its own
_MAX_BEFORE = 300  # characters of the question before: one question's worth of context

_MORE = re.compile(
    r"^(?:please )?(?:(?:show|tell|give) (?:me |us )?(?:some )?more|(?:some )?more(?: please| details?)?|go on|continue|"
    r"(?:what|anything|something) else|is there (?:anything )?(?:more|else)|next)\b(?: (?:about|on) (?:it|that|this))?[\s.?!]*$",
    re.IGNORECASE,
)
_PUBLISHED = re.compile(
    r"^(?:and )?(?:when (?:was|were|did) (?:that|this|it|they|those|these|the (?:article|report|story|piece)s?) "
    r"(?:published|reported|written|posted|come out|appear)|(?:what|which)(?: is|'s| was)? the date(?: of (?:that|this|it|the (?:article|report|story)))?|"
    r"how (?:recent|old|new) is (?:it|(?:that|this|the)(?: (?:article|report|story|information|news))?)|what date is (?:that|this) from|when is (?:that|this) from)[\s.?!]*$",
    re.IGNORECASE,
)
_SOURCE = re.compile(
    r"^(?:and )?(?:who (?:reported|wrote|published) (?:that|this|it)|(?:which|what) (?:outlet|paper|newspaper|article|source|site)(?: (?:was|is) (?:that|this|it)(?: from| in)?| (?:says|said|reported|wrote|published) (?:that|this|it|so))?|"
    r"(?:what|which)(?: is|'s| are| was) (?:your|the) sources?(?: (?:for|of) (?:that|this|it))?|where (?:did you get|does) (?:that|this|it)(?: come)?(?: from)?|says who|source)[\s.?!]*$",
    re.IGNORECASE,
)
_WHO_SAID = re.compile(
    r"^(?:and |but )?who (?:said|says|claims|claimed|told \w+) (?:that|this|it|so)[\s.?!]*$", re.IGNORECASE
)
_FRAGMENT = re.compile(
    r"^(?:and|but|or|so|then|also)?[\s,]*(?:what about|how about|and|or)?[\s,]*(?P<rest>.+?)[\s.?!]*$", re.IGNORECASE
)
_ELLIPSIS = re.compile(r"^(?:and|but|or|so|then|also)\b|^(?:what|how) about\b", re.IGNORECASE)
_LINK = re.compile(r"^(?:and|but|or|so|then|also)\b[\s,]*", re.IGNORECASE)
_BARE = re.compile(
    r"^(?:(?:and|but|so) )?(?:why|how|how so|when|where|who|which ones?|since when|until when|by whom|how (?:many|much|long|often|come)|to whom|with whom|"
    r"for what|what for|what (?:happened|came) (?:next|then|after(?:wards?| that)?))(?: not| exactly| then)?[\s?!.]*$",
    re.IGNORECASE,
)
_VERB = re.compile(
    r"\b(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|may|might|must|said|says|say|wants?|"
    r"happened|happens|gave|gives|made|makes|took|takes|met|meets)\b",
    re.IGNORECASE,
)
_QUESTION_WORD = re.compile(r"\b(?:who|whom|whose|what|which|when|where|why|how)\b", re.IGNORECASE)
_PERSONAL = re.compile(r"\b(he|she|him|her|his|hers)\b", re.IGNORECASE)
_POSSESSIVE = frozenset({"his", "her", "hers"})
_PLURAL = re.compile(r"\b(?:they|them|their|theirs)\b", re.IGNORECASE)
# "it" after "is"/"was" in "how long is it" counts, "there" in "is there" does not.
_POINTS_BACK = re.compile(
    r"\b(it|its|this|these|those|that one|the same|said that|say that|do that|did that|there too|after that|before that|to that|about that|of that|"
    r"(?:of|in|to|for|about|with|on|by|from|at|was|is|were|are|did|does|do|has|have|had) (?:that|this|these|those) [a-z]+|"
    r"that (?:figure|number|amount|report|claim|statement|meeting|poll|plan|idea|view|war|deal|official|money|sum|time|day|request|article)|"
    r"the (?:former|latter|other|others|second|first one|second one))\b",
    re.IGNORECASE,
)
_YEAR = re.compile(r"\b(?:1\d|20)\d\d\b")


@dataclass(frozen=True, slots=True)
class FollowUp:
    """``text`` stands alone and is searched for; ``asked`` is the question within it that is to be answered;
    ``about`` is the turn it follows up on, ``None`` where it starts a topic of its own."""

    text: str
    asked: str
    intent: Intent = "question"
    about: Turn | None = None


def standalone(question: str, conversation: Conversation) -> FollowUp:
    """``question`` with what it leaves out, taken from what was asked and answered; or as it is, on a new topic."""
    if not conversation.turns:
        return FollowUp(question, question)
    turn = conversation.turns[-1]
    for intent, pattern in _INTENTS:
        if pattern.match(question):
            return FollowUp(turn.searched_for, _topic(turn), intent, turn)
    # "When was that published?" leaves the topic where it was.
    turn = next((t for t in reversed(conversation.turns) if _intent(t.question) == "question"), turn)
    before = _topic(turn)
    if _WHO_SAID.match(question):
        said = _first_statement(turn)
        return FollowUp(f"{before} {question}", f"Who said: {said}" if said else question, about=turn)
    if _BARE.match(question):
        word = question.strip(" ?!.")
        return FollowUp(f"{before} {question}", f"{word[0].upper()}{word[1:]}? {before}", about=turn)
    if _ELLIPSIS.match(question):
        found = _FRAGMENT.match(question)
        rest = found["rest"] if found else question
        if not _VERB.search(rest) and not _QUESTION_WORD.search(rest):
            text = _replaced(before, rest)
            return FollowUp(text, text, about=turn)
        if not _points_back(rest):
            return FollowUp(f"{before} {question}", f"{rest[0].upper()}{rest[1:]}?", about=turn)
    if not _VERB.search(question) and not _QUESTION_WORD.search(question) and len(question.split()) <= 4:
        text = _replaced(before, question.strip(" ?!."))
        # A bare name is a search of its own where nothing in the question before could be replaced by it.
        return FollowUp(text, text, about=turn) if question.rstrip().endswith("?") else FollowUp(question, question)
    if _points_back(question):
        asked = _resolved(_LINK.sub("", question), turn)
        asked = asked[0].upper() + asked[1:]
        return FollowUp(f"{before} {asked}", asked, about=turn)
    own = _content(question)
    spoken_of = {_stem(word) for word in _content(" ".join([turn.searched_for, *turn.statements]))}
    shared = len(question.split()) <= _SHORT and any(_stem(word) in spoken_of for word in own)
    if not names(question) and not _YEAR.search(question) and (len(own) <= _FEW or shared):
        # "What was used to hit the bridge?" is about the bridge just spoken of, and "How many victims were there in
        # the end?" names nothing that it could be about by itself.
        return FollowUp(f"{before} {question}", question, about=turn)
    return FollowUp(question, question)


def _topic(turn: Turn) -> str:
    """The last two questions of what was searched for: what they carried along themselves is left behind."""
    questions = re.findall(r"[^?]+\??", turn.searched_for[-2 * _MAX_BEFORE :])
    return "".join(questions[-2:]).strip()[-_MAX_BEFORE:]


_INTENTS: tuple[tuple[Intent, re.Pattern[str]], ...] = (("more", _MORE), ("published", _PUBLISHED), ("source", _SOURCE))


def _content(question: str) -> list[str]:
    return [word for word in words_of(question.casefold()) if word not in STOP_WORDS]


def _stem(word: str) -> str:
    return re.sub(r"(?:ies|es|s|ed|ing)$", "", word)


def _intent(question: str) -> Intent:
    return next((intent for intent, pattern in _INTENTS if pattern.match(question)), "question")


def _points_back(question: str) -> bool:
    personal = _PERSONAL.search(question)
    if personal:
        # "What did Milley say of his plans?" has whom it means before the pronoun.
        return not names(question[: personal.start()])
    plural = _PLURAL.search(question)
    if plural:
        earlier = question[: plural.start()]
        return not (names(earlier) or re.search(r"\b(?:the )?\w{3,}s\b(?<!does)(?<!was)(?<!this)", earlier))
    found = _POINTS_BACK.search(question)
    if found and found[1].casefold() in ("it", "its"):
        return not names(question[: found.start()]) or bool(re.search(r"\b(?:about|to|of|for|with|on) it\b", question))
    return bool(found)


def _resolved(question: str, turn: Turn) -> str:
    """The question with "he" or "she" replaced by the last person named before, where there is one."""
    personal = _PERSONAL.search(question)
    if not personal:
        return question
    person = _person(turn)
    if not person:
        return question
    pronoun = personal[1].casefold()
    # "asked her" is an object, "her plan" a possessive.
    possessive = pronoun == "his" or (
        pronoun == "her" and re.match(r"\s+[a-z]", question[personal.end() :]) is not None
    )
    return question[: personal.start()] + (f"{person}'s" if possessive else person) + question[personal.end() :]


def _person(turn: Turn) -> str:
    """Whom the turn was about: the last name in its question, or the first full name in its answer."""
    asked_for_one = re.match(
        r"(?:who|whom|whose|which|what (?:\w+ )?(?:official|person|general|minister))\b", turn.question, re.IGNORECASE
    )
    last = re.findall(r"[^?]+\??", turn.searched_for)[-1:]
    in_question = [name for name in names("".join(last)) if not is_organisation(name)]
    in_answer = [name for name in names(_first_statement(turn)) if not is_organisation(name)]
    if asked_for_one and in_answer:
        known = " ".join(in_question)
        full = [name for name in in_answer if " " in name and name not in known]
        if full:
            return full[0]
    people = [name for name in in_question if name in " ".join(in_answer) or not name.isupper()]
    return (people or in_question or in_answer or [""])[0]


def _first_statement(turn: Turn) -> str:
    return turn.statements[0] if turn.statements and turn.status != "abstained" else ""


def _replaced(before: str, fragment: str) -> str:
    """The question before, about ``fragment`` instead: in the place of its year, or of its only name."""
    year = _YEAR.search(before)
    if year and _YEAR.fullmatch(fragment.removeprefix("in ").strip()):
        return before[: year.start()] + fragment.removeprefix("in ").strip() + before[year.end() :]
    own, there = names(fragment), names(before)
    if len(own) == 1 and len(there) == 1 and own[0] not in before:
        new = fragment
        at = before.index(there[0])
        # "the CIA" gives way to "the Pentagon" with its article.
        if before[:at].endswith("the ") and fragment.casefold().startswith("the "):
            new = fragment[4:]
        return before[:at] + new + before[at + len(there[0]) :]
    return f"{before.rstrip(' ?!.')}, {fragment}?"
