"""Hits -> what is replied: ranked, decided, chosen, set side by side or composed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from qabot.answers.abstain import AnswerabilityFeatures, answerability
from qabot.answers.answer import Citation, Disagreement, Form, Statement
from qabot.answers.candidates import Candidate, make_candidates
from qabot.answers.choose import MAX_SENTENCES, choose, choose_several, same_words
from qabot.answers.compose import (
    collection_described,
    compose,
    compose_conflict,
    in_reading_order,
    nearest,
    one_source,
    quoted,
)
from qabot.answers.disagree import find_conflict
from qabot.answers.score import MANY_ARTICLES, Linear, Weights, probability, rank
from qabot.answers.suggest import suggest
from qabot.answers.times import by_period
from qabot.embedding import CrossEncoder
from qabot.index import StoredArticle
from qabot.questions import Asked
from qabot.questions.conversation import Status
from qabot.questions.parts import parts_of, stands_alone
from qabot.retrieval import Hit, Query
from qabot.retrieval.query import query_of


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
    statements: tuple[Statement, ...]
    citations: tuple[Citation, ...]
    decision: Decision
    ranked: tuple[Candidate, ...]
    chosen: tuple[Candidate, ...]
    form: Form = "prose"
    notes: tuple[str, ...] = ()
    suggestions: tuple[str, ...] = ()
    disagreements: tuple[Disagreement, ...] = ()


def reply(
    asked: Asked,
    query: Query,
    hits: Sequence[Hit],
    cross_encoder: CrossEncoder | None,
    weights: Weights,
    articles: Sequence[StoredArticle],
    shown: frozenset[tuple[str, int]] = frozenset(),
) -> Reply:
    """``articles`` are those asked.

    ``shown`` are the quotes, by path and start, that are not to be given again.
    """
    # Where a word was mistyped, what is asked is spelled as the collection spells it.
    question = asked.wording if asked.focus else query.text
    several = asked.several
    thresholds = weights.answer_from if cross_encoder is not None else weights.answer_from_unread
    linear = weights.answerable if cross_encoder is not None else weights.answerable_unread
    answer_from = thresholds.of(many_articles=len(articles) > MANY_ARTICLES)

    def consider(part: str, query: Query) -> tuple[list[Candidate], Decision]:
        candidates = make_candidates(part, query, hits)
        ranked = by_period(rank(part, candidates, cross_encoder, weights, several=several), asked.period)
        decision = _decide(answerability(part, query, ranked, several), linear, answer_from)
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
        statements, citations = nearest(ranked[0] if ranked else None)
        return Reply(
            "abstained", statements, citations, decision, tuple(ranked), (),
            notes=(f"The articles do not say ({collection_described(articles)}).",),
            suggestions=tuple(suggest(ranked, cross_encoder)),
        )  # fmt: skip
    conflict = find_conflict(question, ranked, several=several) if not shown else None
    if conflict is not None:
        chosen = tuple(candidate for _, held in conflict.positions for candidate in held)
        more = [c for c in choose_several(question, ranked) if c not in chosen] if several else []
        statements, citations, disagreement = compose_conflict(conflict, more)
        held = {candidate.hit.article.id: candidate.hit.article for candidate in (*chosen, *more)}
        return Reply(
            "answered", statements, citations, decision, tuple(ranked), chosen,
            form="list", notes=one_source(list(held.values())), disagreements=(disagreement,),
        )  # fmt: skip
    picked = choose_several(question, ranked) if several else choose(question, ranked)
    quotes = in_reading_order([quoted(candidate) for candidate in picked])
    statements, citations = compose(quotes, as_list=several)
    return Reply(
        "answered", statements, citations, decision, tuple(ranked), tuple(picked),
        form="list" if several else "prose", notes=one_source([q.article for q in quotes]) if several else (),
    )  # fmt: skip


def _of_parts(
    parts: Sequence[str], covered: Sequence[tuple[str, list[Candidate], Decision]], whole: Sequence[Candidate]
) -> Reply:
    """The best sentence for each part that is covered, what answers the ``whole``, and the part that is not."""
    picked: list[Candidate] = []
    for candidate in (*(ranked[0] for _, ranked, _ in covered), *whole):
        if len(picked) < MAX_SENTENCES and not any(same_words(candidate, other) for other in picked):
            picked.append(candidate)
    statements, citations = compose(in_reading_order([quoted(candidate) for candidate in picked]))
    answered = {part for part, *_ in covered}
    lacking = [part[0].lower() + part[1:] for part in parts if part not in answered]
    notes = (f"The articles do not say: {' '.join(lacking)}",) if lacking else ()
    _, ranked, decision = max(covered, key=lambda part: part[2].probability)
    status: Status = "partial" if lacking else "answered"
    return Reply(status, statements, citations, decision, tuple(ranked), tuple(picked), notes=notes)


def _decide(features: AnswerabilityFeatures | None, linear: Linear, answer_from: float) -> Decision:
    value = probability(linear.logit(asdict(features))) if features else 0.0
    return Decision(value, answer_from, features, linear.weights)
