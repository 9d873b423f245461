"""Hits -> what is replied: ranked, decided, chosen, set side by side or composed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from qabot.answers.answer import Citation, Disagreement, Form, Statement
from qabot.answers.candidates import Candidate, make_candidates
from qabot.answers.choose import (
    MAX_SENTENCES,
    choose,
    choose_several,
    denials,
    other_side,
    same_words,
    with_what_follows,
)
from qabot.answers.compose import (
    borne_out,
    collection_described,
    compose,
    compose_conflict,
    in_reading_order,
    nearest,
    one_source,
    quoted,
)
from qabot.answers.decide import Decision, confidence, decide
from qabot.answers.disagree import find_conflict
from qabot.answers.prefer import preferred, wished
from qabot.answers.rank import rank
from qabot.answers.suggest import suggest
from qabot.answers.twins import Twin, bearing_out
from qabot.answers.weights import MANY_ARTICLES, Weights
from qabot.embedding import CrossEncoder
from qabot.index import StoredArticle
from qabot.language import STOP_WORDS, stems_of
from qabot.questions import Asked
from qabot.questions.conversation import Status
from qabot.questions.each import each_of
from qabot.questions.parts import parts_of, stands_alone
from qabot.retrieval import Hit, Query
from qabot.retrieval.query import query_of


@dataclass(frozen=True, slots=True)
class Reply:
    """``ranked`` are all candidates, best first; ``chosen`` those in the answer."""

    status: Status
    statements: tuple[Statement, ...]
    citations: tuple[Citation, ...]
    decision: Decision
    confidence: float
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
    twins: Callable[[Candidate], Sequence[Twin]] = lambda candidate: (),
) -> Reply:
    """``articles`` are those asked; ``twins`` gives what other articles have in nearly the words of a sentence.

    ``shown`` are the quotes, by path and start, that are not to be given again.
    """
    # Where a word was mistyped, what is asked is spelled as the collection spells it.
    question = query.text
    ranked, decision = consider(question, asked, query, hits, cross_encoder, weights, len(articles))
    ranked = _unshown(ranked, shown, by_others=asked.others)
    sure = confidence(decision, weights.right)
    each = [] if asked.several else each_of(question, query.names.__contains__, partial(_speaks, hits))
    parts = each or ([] if asked.several else parts_of(question))
    if len(parts) > 1:
        considered = [
            (part, *consider(part, asked, query_of(part, query), hits, cross_encoder, weights, len(articles)))
            for part in parts
        ]
        covered = [(part, own, made) for part, own, made in considered if own and made.says]
        lacking = set(parts) - {part for part, *_ in covered}
        # "And what did he say?" is no question by itself: it is covered where the whole is.
        if covered and (each or not decision.says or all(stands_alone(part) for part in lacking)):
            whole = [] if lacking or each else choose(question, query, ranked)
            if each:
                sure = min(confidence(made, weights.right) for *_, made in covered)
            return _of_parts([part for part, *_ in considered], covered, whole, sure)
    if not decision.says or not ranked:
        statements, citations = nearest(ranked[0] if ranked else None)
        return Reply(
            "abstained", statements, citations, decision, sure, tuple(ranked), (),
            notes=(f"The articles do not say ({collection_described(articles)}).",),
            suggestions=tuple(suggest(ranked, cross_encoder)),
        )  # fmt: skip
    conflict = find_conflict(question, query, ranked, twins, several=asked.several) if not shown else None
    if conflict is not None:
        chosen = tuple(candidate for _, held in conflict.positions for candidate in held)
        more = [c for c in choose_several(question, ranked) if c not in chosen] if asked.several else []
        statements, citations, disagreement = compose_conflict(conflict, more)
        held = {candidate.hit.article.id: candidate.hit.article for candidate in (*chosen, *more)}
        return Reply(
            "answered", statements, citations, decision, sure, tuple(ranked), chosen,
            form="list", notes=one_source(list(held.values())), disagreements=(disagreement,),
        )  # fmt: skip
    denied = denials(ranked) if asked.wants_denial else []
    if denied and asked.polar and not asked.several:
        picked = [max(denied, key=lambda c: c.features.sentence_cosine)]
    elif asked.several:
        # Who says the opposite is none of those who deny it.
        picked = with_what_follows(choose_several(question, denied or ranked), ranked)
    else:
        picked = with_what_follows(choose(question, query, denied or ranked), ranked)
    certainty = asked.kind == "certainty"  # who asks again wants to see who says so, and who does not
    other = other_side(picked, ranked, query.names) if certainty or asked.polar else None
    if other is not None:
        picked = [*picked[: MAX_SENTENCES - 1], other]
    elif certainty:
        picked = picked[:MAX_SENTENCES]
    quotes = in_reading_order([quoted(candidate) for candidate in picked])
    statements, citations = compose(quotes, as_list=asked.several)
    statements, citations = borne_out(
        statements, citations, picked[0], bearing_out(() if asked.several else twins(picked[0]))
    )
    return Reply(
        "answered", statements, citations, decision, sure, tuple(ranked), tuple(picked),
        form="list" if asked.several else "prose",
        notes=one_source([q.article for q in quotes]) if asked.several else (),
    )  # fmt: skip


def _speaks(hits: Sequence[Hit], name: str) -> bool:
    """Whether anything there is said by one of that name."""
    named = stems_of(name) - STOP_WORDS
    return any(not named.isdisjoint(stems_of(s.said_by)) for hit in hits for s in hit.sentences if s.said_by)


def _unshown(ranked: Sequence[Candidate], shown: frozenset[tuple[str, int]], *, by_others: bool) -> list[Candidate]:
    """Without what was ``shown``; ``by_others`` leaves out what is said by those who say that, too."""
    there = {(c.hit.article.path, c.sentence.start): c for c in ranked}
    speakers = {there[place].sentence.said_by for place in shown & there.keys()} - {None} if by_others else set()
    return [c for place, c in there.items() if place not in shown and c.sentence.said_by not in speakers]


def consider(
    question: str,
    asked: Asked,
    query: Query,
    hits: Sequence[Hit],
    cross_encoder: CrossEncoder | None,
    weights: Weights,
    articles: int,
) -> tuple[list[Candidate], Decision]:
    """The sentences of the hits, ranked, and whether they answer ``question``: what is asked or a part of it."""
    read = cross_encoder is not None
    linear = weights.answerable if read else weights.answerable_unread
    thresholds = weights.answer_from if read else weights.answer_from_unread
    candidates = make_candidates(question, query, hits)
    ranked = rank(question, candidates, cross_encoder, weights, wished(question, asked, query, hits))
    ranked = preferred(ranked, question, asked, query)
    answer_from = thresholds.of(many_articles=articles > MANY_ARTICLES)
    deniable = asked.polar or asked.wants_denial
    decision = decide(question, query, ranked, linear, answer_from, several=asked.several, deniable=deniable)
    return ranked, decision


def _of_parts(
    parts: Sequence[str],
    covered: Sequence[tuple[str, list[Candidate], Decision]],
    whole: Sequence[Candidate],
    sure: float,
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
    return Reply(status, statements, citations, decision, sure, tuple(ranked), tuple(picked), notes=notes)
