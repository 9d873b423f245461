"""A sentence and its near-twins in other articles: whether they differ in the very words that answer.

Retellings of one report copy most of its words. Aligned word by word, what differs is either the answer itself - two
versions of it - or nothing that matters, and then the other article bears the answer out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Literal

from qabot.answers.candidates import Candidate
from qabot.index import IndexSnapshot, StoredArticle, StoredPassage
from qabot.language import STOP_WORDS, stem, words_of
from qabot.language.answer_type import AnswerType, answer_type
from qabot.language.values import differ, values_in
from qabot.retrieval import Hit, ScoredSentence

_NEAREST = 12
_COSINE = 0.8
# Of the words of both, those that are the same and in the same order (difflib's ratio).
_ALIKE = 0.6
_MOST_DIFFERING = 6  # words, of either

Verdict = Literal["agrees", "differs", "unlike"]


@dataclass(frozen=True, slots=True)
class Twin:
    """A sentence of another article. ``says`` are its words in the place of ``instead_of``, where it differs."""

    candidate: Candidate
    verdict: Verdict
    says: str = ""
    instead_of: str = ""


def twins_of(candidate: Candidate, question: str, index: IndexSnapshot, within: set[int] | None) -> list[Twin]:
    """Near-twins that agree with the candidate or differ from it, nearest first, one an article."""
    vector = index.sentence_vector(candidate.sentence.id)
    if vector is None:
        return []
    ids = [int(i) for i in index.nearest(vector, _NEAREST, within)[0] if int(i) != candidate.sentence.id]
    cosines = dict(zip(ids, index.cosines(vector, ids)[0].tolist(), strict=True)) if ids else {}
    near = [i for i in ids if cosines[i] >= _COSINE]
    found: list[Twin] = []
    seen = {candidate.hit.article.id}
    passages = index.passages(near)
    for i in near:
        passage = passages[i]
        if passage.article_id in seen:
            continue
        text = index.article_text(passage.article_id)[passage.start : passage.end]
        verdict, says, instead_of = compare(candidate.text, text, question, candidate.span)
        if verdict != "unlike":
            seen.add(passage.article_id)
            own = _candidate(passage, index.article(passage.article_id), text, candidate)
            found.append(Twin(own, verdict, says, instead_of))
    return found


def _candidate(passage: StoredPassage, article: StoredArticle, text: str, like: Candidate) -> Candidate:
    """The passage as a candidate of its own; it is as good an answer as the one it is like."""
    sentence = ScoredSentence(
        passage.start,
        passage.end,
        like.sentence.score,
        like.sentence.features,
        like.sentence.terms,
        passage.paragraph,
        passage.said_by,
        passage.denies,
        passage.announces,
        passage.ordinal,
        passage.id,
    )
    hit = Hit(article, passage.start, passage.end, text, like.hit.score, like.hit.coverage, (sentence,))
    return replace(like, hit=hit, sentence=sentence, text=text, before="", before_start=passage.start, reading=None)


def compare(own: str, other: str, question: str, answering: str) -> tuple[Verdict, str, str]:
    """How ``other`` stands to ``own``, of which the words ``answering`` answer the question; and in which words."""
    first, second = _Words(own), _Words(other)
    matcher = SequenceMatcher(None, first.folded, second.folded, autojunk=False)
    if matcher.ratio() < _ALIKE:
        return "unlike", "", ""
    asked = {stem(word) for word in words_of(question)}
    answer = {word.casefold() for word in words_of(answering)} - STOP_WORDS
    differing: list[tuple[str, str]] = []
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind != "replace":
            continue  # what one of them leaves out contradicts nothing
        telling = any(map(_telling, (*first.words[a:b], *second.words[c:d])))
        answering_word = not answer.isdisjoint(first.folded[a:b]) and b - a <= 2 and d - c <= 2
        if telling or answering_word:
            differing.append((first.between(a, b), second.between(c, d)))
    if not differing:
        return "agrees", "", ""
    if len(differing) > 1:
        return "unlike", "", ""
    ((ours_said, theirs_said),) = differing
    words = {word.casefold() for word in words_of(ours_said)}
    if any(stem(word) in asked for word in words) or max(len(words), len(theirs_said.split())) > _MOST_DIFFERING:
        return "unlike", "", ""
    ours, theirs = values_in(ours_said), values_in(theirs_said)
    if ours and theirs and not any(differ(x, y) for x in ours for y in theirs):
        return "agrees", "", ""
    if answer.isdisjoint(words) and not _answer_in_kind(ours_said, theirs_said, answer_type(question)):
        return "unlike", "", ""
    return "differs", theirs_said, ours_said


def _answer_in_kind(ours: str, theirs: str, wanted: AnswerType) -> bool:
    """Whether both are what the question asks for: a person for a person, a value for a value of its kind."""
    if wanted == "person":
        return all(text[:1].isupper() and not any(c.isdigit() for c in text) for text in (ours, theirs))
    kinds = {"money": {"money"}, "date": {"date"}, "number": {"count", "percent"}}.get(wanted, set())
    return all(any(value.kind in kinds for value in values_in(text)) for text in (ours, theirs))


def _telling(word: str) -> bool:
    """Names and numbers: where they differ, something else is told."""
    return word[0].isdigit() or word[0].isupper()


class _Words:
    def __init__(self, text: str) -> None:
        self._text = text
        self._spans = [(m.start(), m.end()) for m in re.finditer(r"[$€£]?\w[\w.,'’-]*\w%?|[$€£]?\w%?", text)]
        self.words = [text[start:end] for start, end in self._spans]
        self.folded = [word.casefold() for word in self.words]

    def between(self, first: int, last: int) -> str:
        return self._text[self._spans[first][0] : self._spans[last - 1][1]] if last > first else ""


def bearing_out(twins: Sequence[Twin], most: int = 2) -> list[Candidate]:
    return [twin.candidate for twin in twins if twin.verdict == "agrees"][:most]
