"""Ranked candidates -> the one to three sentences that carry the answer, as few as do."""

from __future__ import annotations

from collections.abc import Sequence

from qabot.answers.candidates import Candidate
from qabot.language.answer_type import answer_type, offers

MAX_SENTENCES = 3
# Sentences are added until the answer is among them with this probability, as far as the scores tell, or until
# they are this long. Measured by `python -m qabot.evaluation.fit`.
ENOUGH = 0.86
MAX_CHARACTERS = 620


def choose(question: str, ranked: Sequence[Candidate]) -> list[Candidate]:
    """Best first; at least one of a list that is not empty."""
    # A score without a reading is on another scale.
    shown = [c for c in ranked if c.reading] or list(ranked[:6])
    total = sum(candidate.score for candidate in shown)
    chosen: list[Candidate] = []
    held, characters = 0.0, 0
    for candidate in shown:
        if chosen and (held >= ENOUGH * total or len(chosen) == MAX_SENTENCES):
            break
        if chosen and characters + len(candidate.text) > MAX_CHARACTERS:
            continue
        if any(same_words(candidate, other) for other in chosen):
            total -= candidate.score
            continue
        chosen.append(candidate)
        held += candidate.score
        characters += len(candidate.text)
    return chosen


MAX_LINES = 5
# A line's probability, as a share of the best one's: of an article that is not in the list yet, and of one that is.
_OF_BEST_ELSEWHERE, _OF_BEST = 0.02, 0.12


def choose_several(question: str, ranked: Sequence[Candidate]) -> list[Candidate]:
    """For a list: the best of each article, then what else is likely, at most five; best first."""
    kind = answer_type(question)
    shown = [c for c in ranked if c.reading] or list(ranked[:10])
    # A list of sums is not helped by a sentence without any.
    shown = [c for c in shown if offers(c.text, kind)] or shown
    articles: set[int] = set()
    first: list[Candidate] = []
    others: list[Candidate] = []
    for candidate in shown:
        known = candidate.hit.article.id in articles
        if candidate.score >= (_OF_BEST if known else _OF_BEST_ELSEWHERE) * shown[0].score:
            (others if known else first).append(candidate)
        articles.add(candidate.hit.article.id)
    chosen: list[Candidate] = []
    for candidate in [*first, *others]:
        if len(chosen) < MAX_LINES and not any(same_words(candidate, other) for other in chosen):
            chosen.append(candidate)
    return chosen


def same_words(one: Candidate, other: Candidate) -> bool:
    """Whether one is the other again: a copy in another article, or a caption repeating the text."""
    first, second = set(one.text.casefold().split()), set(other.text.casefold().split())
    return len(first & second) >= 0.8 * min(len(first), len(second))
