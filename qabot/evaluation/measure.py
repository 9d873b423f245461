"""One answer against its gold question, and the figures over many."""

from __future__ import annotations

import re
import signal
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean, median

from qabot.answers import Answer
from qabot.errors import UsageError
from qabot.evaluation.gold import GoldQuestion

_SEARCH_SECONDS = 2.0  # an answer is a few hundred characters
_TYPOGRAPHIC = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "‑": "-", "−": "-"})


@dataclass(frozen=True, slots=True)
class Outcome:
    """``recall`` is the share of needed pieces in the first 1, 3 and 5 passages; ``exact_quotes`` how many of
    ``quotes`` stand in their file where they say."""

    question: GoldQuestion
    recall: tuple[float, float, float]
    answer_hit: bool
    abstained: bool
    quotes: int
    exact_quotes: int
    characters: int
    disagreements: int


@dataclass(frozen=True, slots=True)
class Figures:
    """Shares from 0 to 1; ``None`` where no question of the kind was asked. ``characters`` is a median;
    ``disagreements`` the share of answerable questions to whose answer positions are set side by side."""

    questions: int
    recall_at_1: float | None
    recall_at_3: float | None
    recall_at_5: float | None
    answer_hit: float | None
    wrong_abstentions: float | None
    caught: float | None
    exact_quotes: float | None
    characters: float | None
    disagreements: float | None


def measure(question: GoldQuestion, answer: Answer, exact_quotes: int) -> Outcome:
    folded = [fold(passage.text) for passage in answer.passages]
    return Outcome(
        question=question,
        recall=(_recall(question, folded[:1]), _recall(question, folded[:3]), _recall(question, folded[:5])),
        answer_hit=answer.status != "abstained"
        and all(_matches(pattern, answer.answer.casefold(), question.id) for pattern in question.answer),
        abstained=answer.status == "abstained",
        quotes=len(answer.citations),
        exact_quotes=exact_quotes,
        characters=len(answer.answer),
        disagreements=len(answer.disagreements),
    )


def _matches(pattern: str, text: str, question: str) -> bool:
    """Raises UsageError for a pattern that would search for hours, where the system can end that."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        return re.search(pattern, text) is not None

    def end(*_: object) -> None:
        raise UsageError(
            f"Question {question}: {pattern!r} searches one answer for more than {_SEARCH_SECONDS:g} seconds.",
            "Write it without repetitions in repetitions.",
        )

    before = signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, _SEARCH_SECONDS)
    try:
        return re.search(pattern, text) is not None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def fold(text: str) -> str:
    """Case, white space, typographic quotes and dashes made alike."""
    return " ".join(text.casefold().translate(_TYPOGRAPHIC).split())


def _recall(question: GoldQuestion, passages: Sequence[str]) -> float:
    if not question.need:
        return 0.0
    found = sum(any(fold(one) in text for one in piece for text in passages) for piece in question.evidence)
    return min(1.0, found / question.need)


def figures(outcomes: Sequence[Outcome]) -> Figures:
    answerable = [outcome for outcome in outcomes if outcome.question.answerable]
    quotes = sum(outcome.quotes for outcome in outcomes)
    recall = [_mean([outcome.recall[k] for outcome in answerable]) for k in range(3)]
    answered = [outcome.characters for outcome in answerable if not outcome.abstained]
    return Figures(
        questions=len(outcomes),
        recall_at_1=recall[0],
        recall_at_3=recall[1],
        recall_at_5=recall[2],
        answer_hit=_mean([outcome.answer_hit for outcome in answerable]),
        wrong_abstentions=_mean([outcome.abstained for outcome in answerable]),
        caught=_mean([outcome.abstained for outcome in outcomes if not outcome.question.answerable]),
        exact_quotes=sum(outcome.exact_quotes for outcome in outcomes) / quotes if quotes else None,
        characters=float(median(answered)) if answered else None,
        disagreements=_mean([outcome.disagreements > 0 for outcome in answerable]),
    )


def _mean(values: Sequence[float]) -> float | None:
    return round(mean(values), 4) if values else None
