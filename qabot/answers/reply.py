"""Hits -> what is replied: ranked, decided, chosen, set side by side or composed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from qabot.answers.abstain import AnswerabilityFeatures, answerability
from qabot.answers.answer import Citation, Disagreement, Status
from qabot.answers.candidates import Candidate, make_candidates
from qabot.answers.choose import MAX_SENTENCES, choose, choose_several, same_words
from qabot.answers.compose import compose, compose_abstention, compose_conflict, in_reading_order, one_source, state
from qabot.answers.disagree import find_conflict
from qabot.answers.parts import parts_of, query_of, stands_alone
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

    @property
    def says(self) -> bool:
        """Whether the articles say."""
        return self.probability >= self.answer_from


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
    thresholds = weights.answer_from if cross_encoder is not None else weights.answer_from_unread
    linear = weights.answerable if cross_encoder is not None else weights.answerable_unread
    answer_from = thresholds.of(many_articles=len(articles) > MANY_ARTICLES)

    def consider(asked: str, query: Query) -> tuple[list[Candidate], Decision]:
        candidates = make_candidates(asked, query, hits)
        ranked = by_period(rank(asked, candidates, cross_encoder, weights, several=several), period)
        decision = _decide(answerability(asked, query, ranked, several), linear, answer_from)
        return [c for c in ranked if (c.hit.article.path, c.sentence.start) not in shown], decision

    ranked, decision = consider(question, query)
    parts = [] if several else parts_of(question)
    if len(parts) > 1:
        considered = [(part, *consider(part, query_of(part, query))) for part in parts]
        covered = [(part, own, made) for part, own, made in considered if own and made.says]
        lacking = set(parts) - {part for part, *_ in covered}
        # "And what did he say?" is no question by itself: it is covered where the whole is.
        if covered and (not decision.says or all(stands_alone(part) for part in lacking)):
            whole = [] if lacking else choose(question, ranked)
            return _of_parts([part for part, *_ in considered], covered, whole)
    if not decision.says or not ranked:
        text, citations = compose_abstention(articles, ranked[0] if ranked else None, suggest(ranked, cross_encoder))
        return Reply("abstained", text, citations, (), decision, tuple(ranked), ())
    conflict = find_conflict(question, ranked, several=several) if not shown else None
    if conflict is not None:
        chosen = tuple(candidate for _, held in conflict.positions for candidate in held)
        more = [c for c in choose_several(question, ranked) if c not in chosen] if several else []
        text, citations, disagreement = compose_conflict(conflict, more)
        return Reply("answered", text, citations, (disagreement,), decision, tuple(ranked), chosen)
    picked = choose_several(question, ranked) if several else choose(question, ranked)
    text, citations = _composed(picked, as_list=several)
    return Reply("answered", text, citations, (), decision, tuple(ranked), tuple(picked))


def _of_parts(
    parts: Sequence[str], covered: Sequence[tuple[str, list[Candidate], Decision]], whole: Sequence[Candidate]
) -> Reply:
    """The best sentence for each part that is covered, what answers the ``whole``, and the part that is not."""
    picked: list[Candidate] = []
    for candidate in (*(ranked[0] for _, ranked, _ in covered), *whole):
        if len(picked) < MAX_SENTENCES and not any(same_words(candidate, other) for other in picked):
            picked.append(candidate)
    text, citations = _composed(picked, as_list=False)
    answered = {part for part, *_ in covered}
    lacking = [part[0].lower() + part[1:] for part in parts if part not in answered]
    if lacking:
        text += f"\nThe articles do not say: {' '.join(lacking)}"
    _, ranked, decision = max(covered, key=lambda part: part[2].probability)
    return Reply("partial" if lacking else "answered", text, citations, (), decision, tuple(ranked), tuple(picked))


def _composed(picked: Sequence[Candidate], *, as_list: bool) -> tuple[str, tuple[Citation, ...]]:
    statements = in_reading_order([state(candidate) for candidate in picked])
    text, citations = compose(statements, as_list=as_list)
    shared = one_source([statement.article for statement in statements]) if as_list else ""
    return (f"{text}\n({shared})" if shared else text), citations


def _decide(features: AnswerabilityFeatures | None, linear: Linear, answer_from: float) -> Decision:
    value = probability(linear.logit(asdict(features))) if features else 0.0
    return Decision(value, answer_from, features, linear.weights)
