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
from qabot.language import STOP_WORDS, folded_words, stem, stems_of
from qabot.language.alignment import Replaced, align
from qabot.language.answer_type import answer_type, value_kinds
from qabot.language.names import country_of
from qabot.language.values import differ, values_in
from qabot.retrieval import Hit, ScoredSentence

_NEAREST = 12
# Of the words of both, those that are the same and in the same order (difflib's ratio): of sentences whose vectors are
# close, and of others, where a single word that differs may be the whole story.
_COSINE, _ALIKE = 0.8, 0.6
_FAR_COSINE, _VERY_ALIKE = 0.5, 0.75
_PARAPHRASED = 2  # words said otherwise in a sentence that still says the same
_MOST_DIFFERING = 6  # words, of either
_LONG, _SPELLED_ALIKE = 5, 0.7  # letters; difflib's ratio of them

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
    ids = [int(i) for i in index.searcher(within)("sentence", vector, _NEAREST) if int(i) != candidate.sentence.id]
    cosines = dict(zip(ids, index.cosines(vector, ids)[0].tolist(), strict=True)) if ids else {}
    near = [i for i in ids if cosines[i] >= _FAR_COSINE]
    found: list[Twin] = []
    seen = {candidate.hit.article.id}
    passages = index.passages(near)
    for i in near:
        passage = passages[i]
        if passage.article_id in seen:
            continue
        text = index.article_text(passage.article_id)[passage.start : passage.end]
        alike = _ALIKE if cosines[i] >= _COSINE else _VERY_ALIKE
        verdict, says, instead_of = compare(candidate.text, text, question, candidate.span, alike)
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


def compare(own: str, other: str, question: str, answering: str, at_least: float = _ALIKE) -> tuple[Verdict, str, str]:
    """How ``other`` stands to ``own``, of which the words ``answering`` answer the question; and in which words.

    ``at_least`` is the share of their words, from 0 to 1, that two retellings of one sentence have in common.
    """
    aligned = align(own, other)
    if aligned.alike < at_least:
        return "unlike", "", ""
    asked = stems_of(question)
    own_words, other_words = ({word.casefold() for word in words} for words in (aligned.first, aligned.second))
    answer = (folded_words(answering) - STOP_WORDS) & own_words
    kinds = value_kinds(question)
    answers: list[Replaced] = []
    paraphrased = 0
    for place in aligned.replaced:
        if _says_the_same(place.ours_said, place.theirs_said):
            continue
        in_answer = any(word.casefold() in answer for word in place.ours)
        if _answer_in_kind(place.ours_said, place.theirs_said, question) or (
            in_answer and not _of_other_kind(place.ours_said, kinds)
        ):
            answers.append(place)
        elif any(map(_telling, (*place.ours, *place.theirs))) and not _spelled_alike(place.ours, place.theirs):
            return "unlike", "", ""
        else:
            paraphrased += max(len(place.ours), len(place.theirs))
    if not answers:
        agrees = answer <= other_words and paraphrased <= _PARAPHRASED
        return ("agrees" if agrees else "unlike"), "", ""
    said = answers[0]
    replaced = [word for word in said.ours if word.casefold() not in STOP_WORDS]
    if len(answers) > 1 or max(len(replaced), len(said.theirs)) > _MOST_DIFFERING:
        return "unlike", "", ""
    if not _comparable(said.ours_said, said.theirs_said):
        return "unlike", "", ""
    named = [word for word in replaced if stem(word) in asked]
    if len(named) == len(replaced) or any(word[0].isdigit() for word in named):
        return "unlike", "", ""  # it is about another one than the question is
    return "differs", _whole(other, said.theirs_said), _whole(own, said.ours_said)


_ADDS = re.compile(r"(?:and|or|but|as well as)\b", re.IGNORECASE)
_HELPS = re.compile(r"(?:is|are|was|were|has|have|had|been)\b", re.IGNORECASE)


def _comparable(ours: str, theirs: str) -> bool:
    """Whether one can stand for the other: neither adds to what both have before it, nor has a number or an auxiliary
    alone, as "was declared insolvent" does beside "collapsed"."""
    both = (ours, theirs)
    with_number = {bool(values_in(text)) or any(char.isdigit() for char in text) for text in both}
    with_auxiliary = {bool(_HELPS.match(text)) for text in both}
    return not any(map(_ADDS.match, both)) and len(with_number) == len(with_auxiliary) == 1


def _whole(text: str, said: str) -> str:
    """ "£9.4 million" where the words that differ are "£9.4" of it."""
    values = (text[value.said_from : value.end] for value in values_in(text))
    return next((value for value in values if said in value), said)


def _says_the_same(ours: str, theirs: str) -> bool:
    """Whether the words are the same but for their form, or give one value in two ways."""
    first, second = (stems_of(text) - STOP_WORDS for text in (ours, theirs))
    if first <= second or second <= first:
        return True
    values, others = values_in(ours), values_in(theirs)
    if _digits(ours) and len(_digits(ours)) == len(_digits(theirs)):
        return _digits(ours) == _digits(theirs)  # equally exact: none is the other rounded
    return bool(values and others) and not any(differ(one, other) for one in values for other in others)


def _digits(text: str) -> str:
    """With the point of "9.4", without the comma of "9,400"."""
    return re.sub(r"[^\d.]|\.(?!\d)", "", text)


def _answer_in_kind(ours: str, theirs: str, question: str) -> bool:
    """Whether both are what the question asks for: a person for a person, a value for a value of its kind."""
    if answer_type(question) == "person":
        return all(text[:1].isupper() and not any(c.isdigit() for c in text) for text in (ours, theirs))
    kinds = value_kinds(question)
    return all(any(value.kind in kinds for value in values_in(text)) for text in (ours, theirs))


_YEAR = re.compile(r"\b(?:1\d|20)\d\ds?\b")


def _of_other_kind(said: str, kinds: frozenset[str]) -> bool:
    """Whether a value is asked for, and what is said is one of another kind."""
    values = values_in(said)
    if not kinds or not values or ("date" in kinds and _YEAR.search(said)):
        return False
    return all(value.kind not in kinds for value in values)


def _telling(word: str) -> bool:
    """Names and numbers: where they differ, something else is told."""
    return word[0].isdigit() or word[0].isupper()


def _spelled_alike(ours: Sequence[str], theirs: Sequence[str]) -> bool:
    """Whether two names may be one, mistyped by one of them: "Jupiter" and "Juniper", not "Austria" and "Australia"."""
    if len(ours) != 1 or len(theirs) != 1:
        return False
    one, other = ours[0].casefold(), theirs[0].casefold()
    return (
        min(len(one), len(other)) >= _LONG
        and one[0] == other[0]
        and one.isalpha()
        and other.isalpha()
        and not (country_of(one) or country_of(other))
        and SequenceMatcher(None, one, other).ratio() >= _SPELLED_ALIKE
    )


def bearing_out(twins: Sequence[Twin], most: int = 2) -> list[Candidate]:
    return [twin.candidate for twin in twins if twin.verdict == "agrees"][:most]
