"""`python -m qabot.evaluation.fit --gold SEEDS QUESTIONS ...`: the weights that choose sentences and decide to answer.

Every question goes the way that serving goes: ``understand``, ``retrieve``, ``make_candidates``, ``rank``. Ranking is
learned by conditional logit, deciding and confidence by logistic regression (scikit-learn). Cross-validated by
collection: what scores one was fitted on the others. Writes qabot/answers/weights.json with the figures.
"""

from __future__ import annotations

import argparse
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

import msgspec
import numpy as np

from qabot.answers.candidates import FEATURES, Candidate, make_candidates
from qabot.answers.choose import choose
from qabot.answers.decide import FEATURES as ANSWERABILITY
from qabot.answers.decide import OF_READINGS, AnswerabilityFeatures, answerability
from qabot.answers.prefer import preferred
from qabot.answers.rank import (
    READ,
    READ_FEATURES,
    rank_read,
    rank_retrieved,
    reading_features,
    with_readings,
)
from qabot.answers.weights import MANY_ARTICLES, WEIGHTS_FILE, Linear, Thresholds, Weights, probability
from qabot.embedding import CrossEncoder
from qabot.engine import Engine
from qabot.evaluation.gold import GoldQuestion, read_gold
from qabot.evaluation.measure import fold
from qabot.questions import Asked, Conversation
from qabot.retrieval import READ_HITS, Filters, Query, retrieve
from qabot.settings import PathSettings, Settings

MOST_WRONG_ABSTENTIONS = 0.06
L2 = 20.0  # of the conditional logit, over standardised features; 1 and 5 rank no better over collections left out
_RIGHT = ("answerable", "score", "relevance", "list")


@dataclass(frozen=True, slots=True)
class Example:
    """A gold question with the sentences that serving would read, each read; ``holds`` tells for each of them which
    of the answer's patterns stand in it, ``bool[sentences, patterns]``."""

    gold: GoldQuestion
    asked: Asked
    question: str
    query: Query
    candidates: tuple[Candidate, ...]
    holds: Any
    collection: str
    many_articles: bool
    answerable: bool

    @property
    def ranks(self) -> bool:
        """Whether it can teach to rank: some of its sentences hold the answer and some don't."""
        held = self.holds.any(axis=1)
        return self.answerable and bool(held.any()) and not bool(held.all())


def collect(engine: Engine, questions: Sequence[GoldQuestion], collection: str) -> Iterator[Example]:
    """Each question as it is, and each that is answered once more without the articles that answer it: a topic that
    the collection has and an answer that it has not."""
    engine.prepare()
    reader = engine.cross_encoder
    assert reader is not None
    articles = len(engine.articles())
    for gold in questions:
        conversation = Conversation()
        for earlier in gold.history:
            conversation = conversation.after(engine.ask(earlier, conversation))
        with engine.index.snapshot() as snapshot:
            asked = engine.understand(gold.question, conversation, snapshot)
        if asked.of_bot is not None or asked.kind not in ("question", "opinion"):
            continue  # nothing is ranked for it
        example = _example(engine, reader, gold, asked, Filters(), collection, articles > MANY_ARTICLES)
        yield example
        if example.answerable and not gold.history:
            told = {
                c.hit.article.path
                for c, held in zip(example.candidates, example.holds.any(axis=1), strict=True)
                if held or _tells(gold, c.hit.text)
            }
            if told and len(told) < articles:
                without = _example(
                    engine, reader, gold, asked, Filters(without=frozenset(told)), collection, articles > MANY_ARTICLES
                )
                if not without.holds.any():
                    yield replace(without, answerable=False)


def _tells(gold: GoldQuestion, text: str) -> bool:
    return any(re.search(pattern, fold(text), re.IGNORECASE) for pattern in gold.answer)


def _example(
    engine: Engine,
    reader: CrossEncoder,
    gold: GoldQuestion,
    asked: Asked,
    filters: Filters,
    collection: str,
    many_articles: bool,
) -> Example:
    with engine.index.snapshot() as snapshot:
        settings = engine.settings.retrieval
        query, hits = retrieve(asked, snapshot, engine.encoder, settings, filters, READ_HITS)
    question = query.text
    # In an order that no fitted weight decides: more than enough of them are read.
    candidates = sorted(make_candidates(question, query, hits), key=_likely, reverse=True)
    read = with_readings(question, candidates[: 2 * READ], reader) if candidates else []
    holds = np.array(
        [
            [re.search(p, fold(c.text), re.IGNORECASE) is not None for p in gold.answer]
            for c in (*read, *candidates[2 * READ :])
        ]
    ).reshape(len(candidates), len(gold.answer))
    return Example(
        gold,
        asked,
        question,
        query,
        (*read, *candidates[2 * READ :]),
        holds,
        collection,
        many_articles,
        gold.answerable,
    )


def _likely(candidate: Candidate) -> float:
    features = candidate.features
    return features.sentence_cosine + features.passage_cosine + features.covered_nearby


def conditional_logit(rows: Sequence[Any], held: Sequence[Any], names: Sequence[str], strength: float = L2) -> Linear:
    """``rows`` are ``float[sentences, features]`` a question, ``held`` which of its sentences answer.

    The weights under which the answering sentences have most of the softmax (McFadden 1974), by L-BFGS.
    """
    from scipy.optimize import minimize

    everything = np.vstack(rows)
    mean, deviation = everything.mean(axis=0), everything.std(axis=0) + 1e-6
    standard = [(np.asarray(own) - mean) / deviation for own in rows]

    def cost(weights: Any) -> tuple[float, Any]:
        value, slope = 0.5 * strength * float(weights @ weights), strength * weights
        for own, answers in zip(standard, held, strict=True):
            logits = own @ weights
            odds = np.exp(logits - logits.max())
            share = odds / odds.sum()
            right = share * answers
            value -= float(np.log(right.sum() + 1e-12))
            slope = slope - own.T @ (right / (right.sum() + 1e-12) - share)
        return value, slope

    weights = minimize(cost, np.zeros(len(names)), jac=True, method="L-BFGS-B").x / deviation
    return Linear(0.0, {name: round(float(weight), 4) for name, weight in zip(names, weights, strict=True)})


def logistic(
    rows: Sequence[Sequence[float]],
    labels: Sequence[bool],
    names: Sequence[str],
    strength: float,
    *,
    balanced: bool = True,
) -> Linear:
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler().fit(np.array(rows))
    learned = LogisticRegression(C=strength, max_iter=5000, class_weight="balanced" if balanced else None).fit(
        scaler.transform(np.array(rows)), np.array(labels)
    )
    weights = learned.coef_[0] / np.where(scaler.scale_ > 0, scaler.scale_, 1.0)
    intercept = float(learned.intercept_[0] - weights @ scaler.mean_)
    return Linear(round(intercept, 4), {n: round(float(w), 4) for n, w in zip(names, weights, strict=True)})


def fit_ranking(examples: Sequence[Example]) -> tuple[Linear, Linear]:
    """The weights that rank retrieved sentences, and those that rank the ones read."""
    rank_on = [example for example in examples if example.ranks]
    rows = [np.array([list(asdict(c.features).values()) for c in e.candidates]) for e in rank_on]
    retrieved = conditional_logit(rows, [e.holds.any(axis=1) for e in rank_on], FEATURES)
    rows, held = [], []
    for example in rank_on:
        read = [c for c in rank_retrieved(example.candidates, retrieved) if c.reading][:READ]
        own = _held(example, read)
        if own.any() and not own.all():
            features = reading_features(example.question, read)
            rows.append(
                np.array(
                    [[*asdict(c.features).values(), *asdict(f).values()] for c, f in zip(read, features, strict=True)]
                )
            )
            held.append(own)
    return retrieved, conditional_logit(rows, held, READ_FEATURES)


def _held(example: Example, candidates: Sequence[Candidate]) -> Any:
    at = {(c.hit.article.id, c.sentence.start): held for c, held in zip(example.candidates, example.holds, strict=True)}
    return np.array([at[c.hit.article.id, c.sentence.start].any() for c in candidates])


def ranked(example: Example, retrieved: Linear, read: Linear | None) -> list[Candidate]:
    """As serving ranks, from the readings that the example holds; without them where ``read`` is None."""
    order = rank_retrieved(example.candidates, retrieved)
    if read is None:
        return preferred([replace(c, reading=None) for c in order], example.question, example.asked, example.query)
    first = [c for c in order if c.reading][:READ]
    rest = [replace(c, reading=None) for c in order if c not in first]
    return preferred([*rank_read(example.question, first, read), *rest], example.question, example.asked, example.query)


def _features(example: Example, order: Sequence[Candidate]) -> AnswerabilityFeatures | None:
    return answerability(example.question, example.query, order, several=example.asked.several)


def fit_answerable(examples: Sequence[Example], orders: Sequence[Sequence[Candidate]], *, read: bool) -> Linear:
    names = [name for name in ANSWERABILITY if read or name not in OF_READINGS]
    rows, labels = [], []
    for example, order in zip(examples, orders, strict=True):
        features = _features(example, order)
        if features is not None:
            values = asdict(features)
            rows.append([values[name] for name in names])
            labels.append(example.answerable)
    return logistic(rows, labels, names, 0.05)


@dataclass(frozen=True, slots=True)
class Scored:
    """An example with its ranking and its probability of being answerable, by weights that saw no question of its
    collection."""

    example: Example
    order: list[Candidate]
    probability: float
    features: AnswerabilityFeatures | None

    @property
    def right(self) -> bool:
        """Whether the sentences that serving chooses hold the answer."""
        return self.example.answerable and self.holds(choose(self.example.question, self.example.query, self.order))

    def holds(self, chosen: Sequence[Candidate]) -> bool:
        text = fold(" ".join(candidate.text for candidate in chosen))
        return all(re.search(pattern, text, re.IGNORECASE) for pattern in self.example.gold.answer)


def score(examples: Sequence[Example], fitted_on: Sequence[Example], *, read: bool) -> list[Scored]:
    retrieved, reading = fit_ranking(fitted_on)
    used = reading if read else None
    answerable = fit_answerable(fitted_on, [ranked(e, retrieved, used) for e in fitted_on], read=read)
    scored = []
    for example in examples:
        order = ranked(example, retrieved, used)
        features = _features(example, order)
        value = probability(answerable.logit(asdict(features))) if features else 0.0
        scored.append(Scored(example, order, value, features))
    return scored


def cross_validated(examples: Sequence[Example], fitting: Callable[[str], bool], *, read: bool) -> list[Scored]:
    """Each collection by weights of the others; ``fitting`` tells which collections are fitted on at all."""
    scored = []
    for collection in dict.fromkeys(example.collection for example in examples):
        rest = [e for e in examples if e.collection != collection and fitting(e.collection)]
        scored += score([e for e in examples if e.collection == collection], rest, read=read)
    return scored


def threshold(scored: Sequence[Scored]) -> float:
    """The greatest probability at which wrong abstentions are at most ``MOST_WRONG_ABSTENTIONS``.

    A share of each collection, averaged: a large one does not decide for a small one.
    """

    def wrong(answer_from: float, collection: str) -> float:
        own = [row for row in scored if row.example.collection == collection and row.example.answerable]
        return _mean([row.probability < answer_from for row in own])

    collections = {row.example.collection for row in scored}
    steps = (round(0.01 * step, 2) for step in range(2, 90))
    fair = [v for v in steps if sum(wrong(v, c) for c in collections) <= MOST_WRONG_ABSTENTIONS * len(collections)]
    return max(fair, default=0.02)


def thresholds(scored: Sequence[Scored]) -> Thresholds:
    """One for collections of few articles, one for those of many."""
    few = [row for row in scored if not row.example.many_articles]
    many = [row for row in scored if row.example.many_articles]
    return Thresholds(threshold(few or scored), threshold(many or scored))


def fit_right(scored: Sequence[Scored]) -> Linear:
    """The confidence: whether what is answered is right."""
    rows = [row for row in scored if row.features is not None]
    return logistic([_of_right(row) for row in rows], [row.right for row in rows], _RIGHT, 0.05, balanced=False)


def _of_right(row: Scored) -> list[float]:
    assert row.features is not None
    value = min(max(row.probability, 1e-6), 1 - 1e-6)
    return [float(np.log(value / (1 - value))), row.features.best_score, row.features.relevance, row.features.list]


def reliability(scored: Sequence[Scored], answer_from: Thresholds, fitting: Callable[[str], bool]) -> dict[str, float]:
    """How often answers of a confidence are right, each collection by a confidence that the others taught."""
    pairs: list[tuple[float, bool]] = []
    for collection in dict.fromkeys(row.example.collection for row in scored):
        right = fit_right([r for r in scored if r.example.collection != collection and fitting(r.example.collection)])
        for row in scored:
            limit = answer_from.of(many_articles=row.example.many_articles)
            if row.example.collection == collection and row.features is not None and row.probability >= limit:
                values = dict(zip(_RIGHT, _of_right(row), strict=True))
                pairs.append((probability(right.logit(values)), row.right))
    found = {"confidence, right against wrong answers, area under the curve": area(*zip(*pairs, strict=True))}
    for low in (0.0, 0.2, 0.4, 0.6, 0.8):
        inside = [right for value, right in pairs if low <= value < low + 0.2]
        if inside:
            found[f"right where the confidence is {low:.1f} to {low + 0.2:.1f}, of {len(inside)}"] = _mean(inside)
    return found


def figures(scored: Sequence[Scored], answer_from: Thresholds) -> dict[str, float]:
    found: dict[str, float] = {}
    for collection in dict.fromkeys(row.example.collection for row in scored):
        own = [row for row in scored if row.example.collection == collection]
        limit = answer_from.of(many_articles=own[0].example.many_articles)
        single = [row for row in own if row.example.answerable and row.example.gold.type != "multi"]
        chosen = [choose(row.example.question, row.example.query, row.order) for row in single]
        found[f"{collection}: best sentence holds the answer"] = _mean([r.holds(r.order[:1]) for r in single])
        found[f"{collection}: best three hold it"] = _mean([r.holds(r.order[:3]) for r in single])
        found[f"{collection}: chosen sentences hold it"] = _mean(
            [r.holds(c) for r, c in zip(single, chosen, strict=True)]
        )
        found[f"{collection}: characters, median"] = float(
            median(sum(len(c.text) + 1 for c in picked) for picked in chosen)
        )
        asked_without = [
            row.probability < limit for row in own if not row.example.answerable and not row.example.gold.answerable
        ]
        removed = [row.probability < limit for row in own if not row.example.answerable and row.example.gold.answerable]
        found[f"{collection}: unanswerable caught"] = _mean(asked_without)
        found[f"{collection}: caught where the answering articles are left out"] = _mean(removed)
        found[f"{collection}: wrong abstentions"] = _mean([r.probability < limit for r in own if r.example.answerable])
        found[f"{collection}: answerable or not, area under the curve"] = area(
            [r.probability for r in own], [r.example.answerable for r in own]
        )
    return found


def area(values: Sequence[float], labels: Sequence[bool]) -> float:
    """Area under the ROC curve; 0 where there is one label only."""
    right, wrong = ([v for v, own in zip(values, labels, strict=True) if own == which] for which in (True, False))
    if not right or not wrong:
        return 0.0
    return sum((a > b) + 0.5 * (a == b) for a in right for b in wrong) / (len(right) * len(wrong))


def fit(examples: Sequence[Example], fitting: Callable[[str], bool] = lambda collection: True) -> Weights:
    scored, unread = (cross_validated(examples, fitting, read=read) for read in (True, False))
    fitted = [example for example in examples if fitting(example.collection)]
    deciding = [row for row in scored if fitting(row.example.collection)]
    # On what is only measured as well: a threshold cannot be learned by heart.
    answer_from, answer_from_unread = thresholds(scored), thresholds(unread)
    retrieved, read = fit_ranking(fitted)
    without = figures(unread, answer_from_unread)
    return Weights(
        retrieved=retrieved,
        read=read,
        answerable=fit_answerable(fitted, [ranked(e, retrieved, read) for e in fitted], read=True),
        answerable_unread=fit_answerable(fitted, [ranked(e, retrieved, None) for e in fitted], read=False),
        right=fit_right(deciding),
        answer_from=answer_from,
        answer_from_unread=answer_from_unread,
        figures={
            name: round(value, 4)
            for name, value in (
                figures(scored, answer_from)
                | reliability(scored, answer_from, fitting)
                | {f"{name}, without readings": value for name, value in without.items()}
            ).items()
        },
    )


def _mean(values: Sequence[bool]) -> float:
    return float(np.mean(values)) if values else 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--gold", nargs=2, action="append", required=True, metavar=("SEEDS", "QUESTIONS"), type=Path,
        help="articles, and gold questions over them in either format of docs/evaluation.md",
    )  # fmt: skip
    parser.add_argument("--measure", nargs=2, action="append", default=[], metavar=("SEEDS", "QUESTIONS"), type=Path,
                        help="the same, to measure and choose thresholds on, and not to fit weights on")  # fmt: skip
    parser.add_argument("--out", type=Path, default=WEIGHTS_FILE)
    arguments = parser.parse_args()
    if len(arguments.gold) < 2:
        parser.error("cross-validation leaves out one collection after the other: name two with --gold, at least")
    examples: list[Example] = []
    measured: set[str] = set()
    for seeds, questions in (*arguments.gold, *arguments.measure):
        name = questions.stem if questions.stem not in ("questions", "qa") else questions.parent.name
        if [seeds, questions] in arguments.measure:
            measured.add(name)
        with tempfile.TemporaryDirectory() as scratch:
            settings = Settings(paths=PathSettings(seeds=str(seeds), embeddings=f"{scratch}/embeddings"))
            with Engine(settings) as engine:
                examples += collect(engine, read_gold(questions), name)
    weights = fit(examples, lambda collection: collection not in measured)
    arguments.out.write_bytes(msgspec.json.format(msgspec.json.encode(weights), indent=2) + b"\n")
    for name, value in weights.figures.items():
        print(f"{value:8.3f}  {name}")


if __name__ == "__main__":
    main()
