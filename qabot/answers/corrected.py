"""What an answer's articles put right about themselves: corrections they carry, and what an edit made of a figure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from qabot.answers.answer import Citation
from qabot.index import ArticleChange
from qabot.language.alignment import align

# "CORRECTION: An earlier version of this article ...", at the beginning of a line; "Updated: 4 Nov 2023" is a date.
_CORRECTION = re.compile(
    r"^[ \t>*_(\[]*(?:corrections?|clarifications?|update|editor[’']s note)\b[^\n:—–.]{0,40}[:—–.][ \t*_]*"
    r"(?P<said>[^\n]*)",
    re.IGNORECASE | re.MULTILINE,
)
_OF_THE_ARTICLE = re.compile(
    r"\b(?:(?:earlier|previous) version|(?:this|the) (?:article|story|report|post|piece))\b", re.IGNORECASE
)
_A_SENTENCE = 5  # words
_MOST_SHOWN = 240  # characters
_SAYS_SOMETHING = re.compile(r"\d|^[A-Z]")


def corrections(citations: Sequence[Citation], text_of: Callable[[str], str | None]) -> list[str]:
    """A note for each cited article that carries a correction, in its own words."""
    notes = []
    for citation in _first_of_each(citations):
        for found in _CORRECTION.finditer(text_of(citation.article) or ""):
            said = found["said"].split()
            if len(said) >= _A_SENTENCE and any(word.islower() for word in said):
                notes.append(f"The article of [{citation.id}] carries a note: “{_shortened(found.group().strip())}”")
                break
    return notes


def is_of_its_article(sentence: str) -> bool:
    """Whether it says what was wrong in its article, which is shown beside an answer and answers nothing itself."""
    return bool(_CORRECTION.match(sentence) and _OF_THE_ARTICLE.search(sentence))


def edits(citations: Sequence[Citation], history_of: Callable[[str], Sequence[ArticleChange]]) -> list[str]:
    """A note for each quote in which an edit of its article put another figure or name than stood there before."""
    notes = []
    for citation in citations:
        for change in reversed(history_of(citation.article)):
            pairs = [(was, now) for was, now in change.sentences if citation.quote in now or now in citation.quote]
            replaced = [place for was, now in pairs for place in align(was, now).replaced if _says(place.theirs)]
            if replaced:
                said = ", ".join(f"“{place.ours_said}” became “{place.theirs_said}”" for place in replaced[:2])
                notes.append(f"What [{citation.id}] quotes was edited by {change.at[:10]}: {said}.")
                break
    return notes


def _says(words: Sequence[str]) -> bool:
    return any(_SAYS_SOMETHING.search(word) for word in words)


def _first_of_each(citations: Sequence[Citation]) -> list[Citation]:
    """The first citation of each article."""
    return list({citation.article: citation for citation in reversed(citations)}.values())[::-1]


def _shortened(text: str) -> str:
    return text if len(text) <= _MOST_SHOWN else text[:_MOST_SHOWN].rsplit(" ", 1)[0] + " …"
