"""Whether a sentence has what a question asks for by its form: a sum, a number, somebody's own words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from qabot.answers.candidates import Candidate, Coverage
from qabot.language import STOP_WORDS, folded_words, stem, stems_of, words_of
from qabot.language.answer_type import MONEY_FIGURES, SUM_ASKED, value_kinds
from qabot.language.pronouns import BETWEEN
from qabot.language.speech import SAYING, SAYING_WITH_MORE
from qabot.language.values import Value, values_in
from qabot.questions.polar import is_polar
from qabot.questions.speaker import speaker_asked
from qabot.retrieval import Query

_OF_WHAT_WAS = re.compile(
    r"^(?:and |but |so )?how (?:many|much)\b.*?\b(?:did|was|were|lost|died|killed|[a-z]{2,}ed)\b", re.IGNORECASE
)
_OF_WHAT_MAY_BE = re.compile(
    r"\b(?:will|would|could|may|might|can|should|going to|expected|planned|forecast\w*|predict\w*|need\w*)\b",
    re.IGNORECASE,
)
_NEAR = 50  # characters
_ONLY_MAY = re.compile(r"\b(?:could|may|might)\b", re.IGNORECASE)
_COUNTED = re.compile(
    rf"\bhow (?:many|much)\b(?! (?:time|longer|faster|bigger)\b)|{SUM_ASKED}|{MONEY_FIGURES}", re.IGNORECASE
)
_AGE_ASKED = re.compile(r"\bhow old (?:is|was|are|were)\b", re.IGNORECASE)
_WHOSE_AGE = re.compile(r"\bhow old (?:is|was) (?P<who>[\w.’' -]+?)[\s?!.]*$", re.IGNORECASE)
_AGE_GIVEN = re.compile(
    r"\baged?\b|\b(?:years?|months?)[ -]old\b|\byears\b|\bborn\b|, \d{1,3}[,.]|\d(?:th|st|nd|rd) birthday",
    re.IGNORECASE,
)
# "How many physicians do so?" is answered by "10% of physicians" too.
# ... and not by "10% more physicians".
_NUMBER_OF = re.compile(
    r"\d[\d,.]*(?:(?:%| per ?cent)(?! (?:more|fewer|less)\b))?(?: of)?(?P<counted>(?: (?!\d)[\w-]+){1,4})"
)
_OPINIONS = re.compile(r"\b(?:think|believe|say|support|oppose|approve|favou?r|trust)s?\b", re.IGNORECASE)
# "The judge", "his lawyer": sentences call them by their names.
_BY_OFFICE = re.compile(r"\b(?:did|does|do|has|have) (?:the|a|an|his|her|its|their)\b", re.IGNORECASE)
_BESIDE, _FAR_BESIDE = 6, 16  # words between somebody's name and what says that they speak
# Articles and figures "show", "find" and "report" too.
_OF_THINGS = frozenset("shows showed finds found points pointed reports reported continued estimates estimated".split())
_REPORTS = frozenset(stem(word) for word in (SAYING | SAYING_WITH_MORE) - _OF_THINGS) | set(
    "reveal joke tell accord account view".split()
)


# "Mr Ebbers, 63, is accused" counts no years that he gets.
_AGE_BESIDE = re.compile(r"[A-Z][\w’'-]+, $")


_UNDISCLOSED = re.compile(
    r"\bnot (?:been )?disclosed\b|\b(?:undisclosed|unspecified|no details)\b|"
    r"\b(?:did|would|does|could) not (?:say|disclose|reveal|comment|give details|specify)\b|"
    r"\b(?:declined|refused|unavailable) (?:to|for) (?:comment|say|disclose|reveal|confirm)\b|"
    r"\bnot (?:yet )?(?:been )?(?:decided|certain|clear|known|announced|revealed|confirmed)\b|"
    r"\b(?:neither confirm\w*|confirm n?or deny)\b|\bremains? (?:unclear|unknown|to be seen)\b",
    re.IGNORECASE,
)


def says_it_is_not_told(text: str) -> bool:
    """Whether it says that something is not known or was not disclosed, which answers "for how much?" too."""
    return _UNDISCLOSED.search(text) is not None


@dataclass(frozen=True, slots=True)
class Given:
    """The value that a sentence gives as the answer, in its words."""

    text: str
    value: Value


def value_given(candidate: Candidate, kinds: frozenset[str]) -> Given | None:
    """The sentence's value of one of ``kinds`` in the words that answer, as the cross-encoder reads them."""
    reading = candidate.reading
    if reading is None or not kinds or not candidate.span:
        return None
    sentence, _, _ = candidate.in_context.partition(BETWEEN)
    for value in values_in(sentence):
        within = value.start < reading.end and value.end > reading.start
        if within and value.kind in kinds and not _is_age_beside(value, sentence):
            return Given(sentence[value.said_from : value.end], value)
    return None


def _is_age_beside(value: Value, text: str) -> bool:
    return text.startswith(",", value.end) and _AGE_BESIDE.search(text[: value.start]) is not None


def counted_kinds(question: str) -> frozenset[str]:
    """The kinds of value where a sum, number or share is asked for. A date is told in too many ways."""
    return value_kinds(question) - {"date"} if _COUNTED.search(question) else frozenset()


def lacks_value(question: str, candidate: Candidate) -> bool:
    """Whether a sum, number, share or age is asked for, and neither the sentence nor those beside it have any."""
    return _has_none(question, candidate.with_neighbours)


def lacks_own_value(question: str, candidate: Candidate) -> bool:
    """Whether the sentence itself has none."""
    return _has_none(question, candidate.in_context)


def _has_none(question: str, text: str) -> bool:
    if is_polar(question):
        return False  # yes or no is an answer to "did they say how much"
    if _AGE_ASKED.search(question):
        return not _AGE_GIVEN.search(text)
    kinds = counted_kinds(question)
    if not kinds:
        return False
    if _OPINIONS.search(question):
        kinds |= {"percent"}
    given = (value for value in values_in(text) if value.kind in kinds and not _is_age_beside(value, text))
    if any(given) or says_it_is_not_told(text):
        return False
    return "count" not in kinds or not _counts(text, stems_of(question))


def only_may_have(question: str, candidate: Candidate) -> bool:
    """Whether it is asked how many did something, and the sentence tells how many could."""
    if not _OF_WHAT_WAS.search(question) or _OF_WHAT_MAY_BE.search(question):
        return False
    kinds = counted_kinds(question)
    found = [value for value in values_in(candidate.text) if value.kind in kinds]
    beside = [candidate.text[max(0, value.start - _NEAR) : value.end + _NEAR] for value in found]
    return bool(beside) and all(_ONLY_MAY.search(text) for text in beside)


def gives_age(question: str, text: str) -> bool:
    """Whether somebody's age is asked for, and the sentence has it beside their name."""
    asked = _WHOSE_AGE.search(question)
    if asked is None:
        return False
    name = re.escape(asked["who"].split()[-1].removesuffix("'s"))
    return re.search(rf"(?i:\b{name}),? (?:\(?\d{{1,3}}\b[),]|aged \d|(?:is|was|turned) \d{{1,3}}\b)", text) is not None


# A sum that was given, one that is asked for, and what is left of one are three things.
_STAGES = tuple(
    re.compile(rf"(?<!\bto )\b(?:{words})\b", re.IGNORECASE)
    for words in (
        "given|gave|gives?|spen[dt]s?|spending|sent|sends?|provided?|provides|committed|commits?|invested|invests?|donated?|disbursed",
        "ask(?:s|ed|ing)?|request(?:s|ed|ing)?|seek(?:s|ing)?|sought|propos(?:e|es|ed|al|als)|additional|want(?:s|ed)?|wish(?:es)?",
        "left|remain(?:s|ed|ing)?|run(?:s|ning)? out|unspent",
    )
)


def tells_of_another_stage(question: str, text: str) -> bool:
    """Whether it is asked how much money was given, is asked for or is left, and the sentence tells of the others."""
    if "money" not in value_kinds(question):
        return False
    asked = {n for n, stage in enumerate(_STAGES) if stage.search(question)}
    told = {n for n, stage in enumerate(_STAGES) if stage.search(text)}
    return len(asked) == 1 and bool(told) and asked.isdisjoint(told)


def _counts(text: str, asked: frozenset[str]) -> bool:
    """Whether a number of something asked about stands there, be it a share or like a year: "2000 guests"."""
    words = (word for found in _NUMBER_OF.finditer(text) for word in found["counted"].split())
    return any(word.islower() and word not in STOP_WORDS and stem(word) in asked for word in words)


def lacks_speaker(question: str, query: Query, candidate: Candidate) -> bool:
    """Whether the words of somebody are asked for by name, and the sentence is another's or nobody's."""
    asked = speaker_asked(question)
    if _BY_OFFICE.search(question):
        return False
    named = {stem(spelt) for name in query.names if stem(name) in asked for spelt in (name, *query.terms[name])}
    if not named or is_polar(question):
        return False
    said_by = candidate.sentence.said_by
    if said_by:
        # "The former chancellor" may be the one who is named beside it.
        by_name = any(word[:1].isupper() for word in said_by.split())
        return named.isdisjoint(stems_of(said_by if by_name else candidate.with_neighbours))
    written = list(words_of(candidate.in_context))
    words = [stem(word) for word in written]
    spoken = [at for at, word in enumerate(words) if word in _REPORTS]
    # "It is time to talk" is nothing that the Times says.
    theirs = [at for at, word in enumerate(words) if word in named and not written[at].islower()]
    return not any(_beside(at, verb, words) for at in theirs for verb in spoken)


def _beside(name: int, verb: int, words: Sequence[str]) -> bool:
    """Whether somebody named there is who speaks: next to it, or before an "and" that goes on with what they did."""
    return abs(name - verb) <= _BESIDE or (0 < verb - name <= _FAR_BESIDE and words[verb - 1] in ("and", "but"))


_LEAST_OF_MATTER = 0.3  # of its words, by idf: a passage on the Xbox is none on Xbox power cables
_MATTER = re.compile(r"\b(?:about|on|of|to|regarding)\b (?P<matter>.+)", re.IGNORECASE)


def lacks_matter(question: str, query: Query, ranked: Sequence[Candidate]) -> bool:
    """Whether it is asked what somebody said about a thing, and the best sentence's passage has none of its names, or
    next to nothing of it.

    "About winning" is no thing: what is done has more names than things have.
    """
    matter = _MATTER.search(question) if speaker_asked(question) else None
    if matter is None:
        return False
    words = folded_words(matter["matter"])
    terms = frozenset(term for term in query.terms if term in words)
    there = frozenset[str]().union(*(c.nearby for c in ranked if c.hit is ranked[0].hit))
    named = terms & query.names
    if named and named.isdisjoint(there):
        return True
    if any(term.endswith("ing") for term in terms):
        return False
    share = Coverage(query).share
    return bool(terms) and share(terms & there) <= _LEAST_OF_MATTER * share(terms)
