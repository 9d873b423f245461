"""Hits -> what is replied: ranked, decided, chosen, set side by side or composed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from qabot.answers.abstain import AnswerabilityFeatures, answerability
from qabot.answers.answer import Citation, Disagreement, Status
from qabot.answers.candidates import Candidate, make_candidates
from qabot.answers.choose import choose, choose_several
from qabot.answers.compose import compose, compose_abstention, compose_conflict, in_reading_order, one_source, state
from qabot.answers.disagree import find_conflict
from qabot.answers.parts import uncovered
from qabot.answers.score import MANY_ARTICLES, Linear, Weights, probability, rank
from qabot.answers.suggest import suggest
from qabot.answers.times import Period, by_period
from qabot.embedding import CrossEncoder
from qabot.index import StoredArticle
from qabot.retrieval import Hit, Query


@dataclass(frozen=True, slots=True)
class Decision:
    """Why there is an answer or none: ``probability`` against ``answer_from``, and what it was made from."""

    probability: float
    answer_from: float
    features: AnswerabilityFeatures | None
    weights: dict[str, float]


@dataclass(frozen=True, slots=True)
class Reply:
    """``ranked`` are all candidates, best first; ``chosen`` those in the answer."""

    status: Status
    text: str
    citations: tuple[Citation, ...]
    disagreements: tuple[Disagreement, ...]
    decision: Decision
    ranked: tuple[Candidate, ...]
    chosen: tuple[Candidate, ...]


def reply(
    question: str,
    query: Query,
    hits: Sequence[Hit],
    cross_encoder: CrossEncoder | None,
    weights: Weights,
    articles: Sequence[StoredArticle],
    several: bool,
    period: Period | None = None,
    shown: frozenset[tuple[str, int]] = frozenset(),
) -> Reply:
    """``question`` is what is to be answered, ``several`` whether with a list; ``articles`` are those asked.

    ``shown`` are the quotes, by path and start, that are not to be given again.
    """
    candidates = make_candidates(question, query, hits)
    ranked = by_period(rank(question, candidates, cross_encoder, weights, several=several), period)
    thresholds = weights.answer_from if cross_encoder is not None else weights.answer_from_unread
    linear = weights.answerable if cross_encoder is not None else weights.answerable_unread
    answer_from = thresholds.of(many_articles=len(articles) > MANY_ARTICLES)
    decision = _decide(answerability(question, query, ranked, several), linear, answer_from)
    fresh = [c for c in ranked if (c.hit.article.path, c.sentence.start) not in shown]
    if decision.probability < decision.answer_from or not fresh:
        nearest = fresh[0] if fresh else None
        text, citations = compose_abstention(articles, nearest, suggest(ranked, cross_encoder))
        return Reply("abstained", text, citations, (), decision, tuple(ranked), ())
    conflict = find_conflict(question, ranked, several=several) if not shown else None
    if conflict is not None:
        chosen = tuple(candidate for _, held in conflict.positions for candidate in held)
        more = [c for c in choose_several(question, fresh) if c not in chosen] if several else []
        text, citations, disagreement = compose_conflict(conflict, more)
        return Reply("answered", text, citations, (disagreement,), decision, tuple(ranked), chosen)
    picked = choose_several(question, fresh) if several else choose(question, fresh)
    statements = in_reading_order([state(candidate) for candidate in picked])
    text, citations = compose(statements, as_list=several)
    shared = one_source([statement.article for statement in statements]) if several else ""
    if shared:
        text += f"\n({shared})"
    lacking = uncovered(question, query, ranked, cross_encoder)
    if lacking:
        text += f"\nThe articles do not say: {lacking}"
    return Reply("partial" if lacking else "answered", text, citations, (), decision, tuple(ranked), tuple(picked))


def _decide(features: AnswerabilityFeatures | None, linear: Linear, answer_from: float) -> Decision:
    value = probability(linear.logit(asdict(features))) if features else 0.0
    return Decision(value, answer_from, features, linear.weights)
