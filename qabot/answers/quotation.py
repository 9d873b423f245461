"""A quotation shown whole: the sentences that hold it, the marks that are missing, and who says it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from qabot.answers.answer import Span
from qabot.language import folded_words, words_of
from qabot.passages.marks import MARKS, Quoting, opens, quoting
from qabot.retrieval import Hit, ScoredSentence

# A quotation that is longer than this with its neighbours is shown in part, with the missing mark added.
MOST_CHARACTERS = 450
_LONGEST_NAME = 80

# Footnotes of an article would read as markers of ours; the quote in the citation has them. They stand at a word or at
# the end; any other number in brackets is part of what is said.
_FOOTNOTE = re.compile(r"(?:\s*\[\d{1,3}\])+\s*$|(?<=\S)\[\d{1,3}\]")
_NUMBER_IN_BRACKETS = re.compile(r"\[(\d{1,3})\]")
_CLOSING_OF = {"“": "”", "„": "“", "«": "»", '"': '"'}
_OPENING_OF = {"”": "“", "»": "«", "“": "“", "„": "„", '"': '"', "«": "«"}

Addition = tuple[int, str]  # words of ours, and where in the article's they come


def shown(text: str) -> str:
    """In one line, without an article's own footnote marks, and nothing else that looks like a marker."""
    return " ".join(_NUMBER_IN_BRACKETS.sub(r"(\1)", _FOOTNOTE.sub("", text)).split())


def quoting_in(hit: Hit) -> list[Quoting]:
    """How each of the hit's sentences stands to quotation marks."""
    # A mark with a blank on either side may open and may close; and nothing is open where an article begins.
    first = next((at for at, mark in enumerate(hit.text) if mark in MARKS and not _stands_apart(hit.text, at)), None)
    inside = first is not None and not opens(hit.text, first) and bool(hit.sentences[0].ordinal)
    spans = [(sentence.start - hit.start, sentence.end - hit.start) for sentence in hit.sentences]
    return quoting(hit.text, spans, (sentence.paragraph for sentence in hit.sentences), inside=inside)


def _stands_apart(text: str, at: int) -> bool:
    return text[at] == '"' and text[max(0, at - 1) : at + 2].strip() == '"'


def whole(hit: Hit, marks: Sequence[Quoting], first: int, last: int) -> tuple[int, int]:
    """The hit's sentences ``first`` to ``last`` and those that belong to what they quote, where all is short enough."""
    wider = _with_announced(hit, *_with_quotation(marks, first, last))
    wider = _with_quotation(marks, *wider)
    for chosen in (wider, _with_announced(hit, first, last)):
        if hit.sentences[chosen[1]].end - hit.sentences[chosen[0]].start <= MOST_CHARACTERS:
            return chosen
    return first, last


def _with_quotation(marks: Sequence[Quoting], first: int, last: int) -> tuple[int, int]:
    while first > 0 and marks[first].opened_before and marks[first - 1].open_after:
        first -= 1
    while last + 1 < len(marks) and marks[last].open_after and marks[last + 1].opened_before:
        last += 1
    return first, last


def _with_announced(hit: Hit, first: int, last: int) -> tuple[int, int]:
    """With what a lead-in announces, or with the lead-in to what is said."""
    sentences = hit.sentences
    if sentences[last].announces and _ends_in_colon(hit, last):
        last = min(last + 1, len(sentences) - 1)
    elif last + 1 < len(sentences) and sentences[last + 1].announces and not _ends_in_colon(hit, last + 1):
        last += sentences[last + 1].said_by == sentences[last].said_by
    if sentences[first].announces and not _ends_in_colon(hit, first):
        said_by = sentences[first].said_by
        first = max(first - 1, 0)
        while first > 0 and _same_speech(sentences[first - 1], sentences[first], said_by):
            first -= 1
    elif first > 0 and sentences[first - 1].announces and _ends_in_colon(hit, first - 1):
        said_by = sentences[first].said_by
        first -= said_by is not None and said_by == sentences[first - 1].said_by
    return first, last


def _same_speech(one: ScoredSentence, other: ScoredSentence, said_by: str | None) -> bool:
    return one.paragraph == other.paragraph and one.said_by == other.said_by == said_by


def _ends_in_colon(hit: Hit, n: int) -> bool:
    return hit.text[: hit.sentences[n].end - hit.start].endswith(":")


def missing_marks(text: str, inside: bool) -> list[Addition]:
    """The quotation marks that ``text`` lacks; ``inside`` is that it begins within a quotation."""
    found: list[Addition] = []
    marks = [(at, character) for at, character in enumerate(text) if character in MARKS]
    # Where it begins with a quotation of its own, the one before was never closed.
    inside = inside and not (marks and not text[: marks[0][0]].strip() and opens(text, marks[0][0]))
    opened = _OPENING_OF[marks[0][1]] if inside and marks else "“"
    if inside:
        found.append((0, opened))
    free = 0  # where a quotation may have begun
    for at, character in marks:
        if opens(text, at):
            if inside:
                found.append((len(text[:at].rstrip()), _CLOSING_OF[opened]))
            inside, opened = True, character
        elif inside:
            inside = False
        else:
            found.append((free, _OPENING_OF[character]))
        free = at + 1 + (len(text[at + 1 :]) - len(text[at + 1 :].lstrip()))
    if inside:
        found.append((len(text.rstrip()), _CLOSING_OF[opened]))
    return found


def naming(text: str, inside: bool, speaker: str | None) -> list[Addition]:
    """The speaker's name in brackets, where the words outside quotation marks do not give it."""
    if speaker is None or len(speaker) > _LONGEST_NAME:
        return []
    plain = quoting(text, [(0, len(text))], [0], inside=inside)[0].plain
    name = list(words_of(speaker))[-1:]
    if not name or name[0].casefold() in folded_words(plain):
        return []
    from qabot.passages.speakers import speakers  # few answers come to this

    # "He" and "the general" are explained where they stand.
    stands_for = next((f for f in speakers(plain) if f.kind == "pronoun" or f.words.startswith("the ")), None)
    return [(0, f"[{shown(speaker)}:] ")] if stands_for is None else [(stands_for.end, f" [{shown(speaker)}]")]


def with_additions(text: str, additions: Sequence[Addition]) -> tuple[str, tuple[Span, ...]]:
    """``text`` as it is shown, with words of ours put in, and where those stand."""
    result, spans, done = "", [], 0
    for at, words in sorted(additions, key=lambda addition: addition[0]):
        result, done = _followed_by(result, text[done:at]), at
        start = len(result) + len(words) - len(words.lstrip())
        result += words
        spans.append(Span(start, len(result.rstrip())))
    return _followed_by(result, text[done:]).rstrip(), tuple(spans)


def _followed_by(before: str, piece: str) -> str:
    if not piece.strip():
        return before + (" " if piece and before and not before.endswith(" ") else "")
    space = " " if piece[0].isspace() and before and not before.endswith(" ") else ""
    return before + space + shown(piece) + (" " if piece[-1].isspace() else "")
