"""Whether a sentence has what a question asks for by its form: a sum, a number, somebody's own words."""

from __future__ import annotations

import re
from dataclasses import dataclass

from qabot.answers.candidates import Candidate
from qabot.language import stem, stems_of
from qabot.language.answer_type import value_kinds
from qabot.language.speech import SAYING, SAYING_WITH_MORE
from qabot.language.values import Value, values_in
from qabot.questions.polar import is_polar
from qabot.questions.speaker import speaker_asked
from qabot.retrieval import Query

_COUNTED = re.compile(r"\bhow (?:many|much)\b(?! (?:time|longer|faster|bigger)\b)", re.IGNORECASE)
# "How many think so?" is answered by a share.
_OPINIONS = re.compile(r"\b(?:think|believe|say|support|oppose|approve|favou?r|trust)s?\b", re.IGNORECASE)
# "The judge", "his lawyer": sentences call them by their names.
_BY_OFFICE = re.compile(r"\b(?:did|does|do|has|have) (?:the|a|an|his|her|its|their)\b", re.IGNORECASE)
_REPORTS = frozenset(stem(word) for word in SAYING | SAYING_WITH_MORE) | {"reveal", "joke", "tell"}


# "Mr Ebbers, 63, is accused" counts no years that he gets.
_AGE = re.compile(r"[A-Z][\w’'-]+, $")


@dataclass(frozen=True, slots=True)
class Given:
    """The value that a sentence gives as the answer, in its words."""

    text: str
    value: Value


def value_given(candidate: Candidate, kinds: frozenset[str]) -> Given | None:
    """The value of one of ``kinds`` in the words that answer, as the cross-encoder reads them."""
    reading = candidate.reading
    if reading is None or not kinds or not candidate.span:
        return None
    sentence = candidate.in_context
    for value in values_in(sentence):
        if value.kind in kinds and value.start < reading.end and value.end > reading.start:
            if _AGE.search(sentence[: value.start]) and sentence.startswith(",", value.end):
                continue
            return Given(sentence[value.said_from : value.end], value)
    return None


def lacks_value(question: str, candidate: Candidate) -> bool:
    """Whether a sum, number or share is asked for, and neither the sentence nor those beside it have any.

    A date is told in too many ways, and yes or no is an answer to "did they say how much".
    """
    kinds = value_kinds(question) - {"date"}
    if not kinds or not _COUNTED.search(question) or is_polar(question):
        return False
    if _OPINIONS.search(question):
        kinds |= {"percent"}
    hit = candidate.hit
    n = next((n for n, other in enumerate(hit.sentences) if other.start == candidate.sentence.start), None)
    if n is None:
        return not any(value.kind in kinds for value in values_in(candidate.text))
    beside = hit.sentences[max(0, n - 1) : n + 2]
    text = hit.text[beside[0].start - hit.start : beside[-1].end - hit.start]
    return not any(value.kind in kinds for value in values_in(text))


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
        return named.isdisjoint(stems_of(said_by))
    words = stems_of(candidate.in_context)
    return named.isdisjoint(words) or _REPORTS.isdisjoint(words)
