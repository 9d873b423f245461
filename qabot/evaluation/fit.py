"""`python -m qabot.evaluation.fit --gold SEEDS QUESTIONS ...`: the weights that choose sentences and decide to answer.

Logistic regression (scikit-learn), cross-validated: a question is scored by weights, and where fold adapters are
given by a cross-encoder, that saw nothing of its article. Writes qabot/answers/weights.json with the figures.
"""

from __future__ import annotations

import argparse
import re
import shutil
import tempfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from statistics import median

import msgspec
import numpy as np

from qabot.answers.abstain import AnswerabilityFeatures, answerability
from qabot.answers.candidates import FEATURES, Candidate, make_candidates
from qabot.answers.choose import choose
from qabot.answers.score import (
    MANY_ARTICLES,
    READ,
    WEIGHTS_FILE,
    Linear,
    ReadingFeatures,
    Thresholds,
    Weights,
    probability,
    rank_retrieved,
    reading_features,
    with_readings,
)
from qabot.embedding import CrossEncoder, find_model
from qabot.engine import Engine
from qabot.evaluation.gold import GoldQuestion, read_gold
from qabot.questions import Conversation, understand
from qabot.retrieval import Filters, Query, retrieve
from qabot.settings import DEFAULT_MODEL, PathSettings, Settings

FOLDS = 6
WRONG_ABSTENTION_COST = 3
READ_FEATURES = (*FEATURES, *(field.name for field in fields(ReadingFeatures)))
ANSWERABLE_FEATURES = tuple(field.name for field in fields(AnswerabilityFeatures))
_OF_READINGS = frozenset({"relevance", "top_relevance", "relevance_lead", "span_off_kind", "echo"})


@dataclass(frozen=True, slots=True)
class Example:
    """A gold question with every sentence of its hits, each read; ``group`` never straddles two folds."""

    gold: GoldQuestion
    asked: str
    several: bool
    query: Query
    candidates: tuple[Candidate, ...]
    group: str
    collection: str
    many_articles: bool = False

    @property
    def fold(self) -> int:
        return zlib.crc32(self.group.encode()) % FOLDS

    def holds(self, text: str) -> bool:
        return all(re.search(pattern, text.casefold()) for pattern in self.gold.answer)


def collect(
    engine: Engine,
    questions: Sequence[GoldQuestion],
    collection: str,
    reader_of: Mapping[str, CrossEncoder],
    default: CrossEncoder,
) -> list[Example]:
    """Asks the index for each question; ``reader_of`` maps an article's prefix to the cross-encoder to read it with."""
    engine.prepare()
    encoder = engine.encoder
    examples = []
    for gold in questions:
        conversation = Conversation()
        for earlier in gold.history:
            conversation = conversation.after(engine.ask(earlier, conversation))
        understood = understand(gold.question, conversation)
        wanted, several = engine.settings.retrieval, understood.several
        with engine.index.snapshot() as snapshot:
            query, hits = retrieve(understood, snapshot, encoder, wanted, Filters(), wanted.passages)
        asked = understood.wording if understood.focus else query.text
        candidates = make_candidates(asked, query, hits)
        # Unanswerable questions name no article: the one they come nearest to.
        group = gold.docs[0] if gold.docs else candidates[0].hit.article.path[:3] if candidates else ""
        several_topics = len(engine.articles()) > MANY_ARTICLES
        candidates = with_readings(asked, candidates, reader_of.get(group, default))
        examples.append(
            Example(
                gold,
                asked,
                several,
                query,
                tuple(candidates),
                group if several_topics else gold.question,
                collection,
                several_topics,
            )
        )
    return examples


def fit_linear(
    rows: Sequence[Sequence[float]], labels: Sequence[bool], names: Sequence[str], strength: float
) -> Linear:
    from sklearn.linear_model import LogisticRegression

    learned = LogisticRegression(C=strength, max_iter=5000).fit(np.array(rows), np.array(labels))
    weights = {name: round(float(weight), 3) for name, weight in zip(names, learned.coef_[0], strict=True)}
    return Linear(round(float(learned.intercept_[0]), 3), weights)


def fit_sentences(examples: Sequence[Example]) -> tuple[Linear, Linear]:
    """The weights that rank retrieved sentences, and those that rank the ones read."""
    asked = [e for e in examples if e.gold.type in ("fact", "alias") and any(e.holds(c.text) for c in e.candidates)]
    rows = [list(asdict(c.features).values()) for e in asked for c in e.candidates]
    labels = [e.holds(c.text) for e in asked for c in e.candidates]
    retrieved = fit_linear(rows, labels, FEATURES, 1.0)
    rows, labels = [], []
    for example in asked:
        read = rank_retrieved(example.candidates, retrieved)[:READ]
        for candidate, features in zip(read, reading_features(example.asked, read), strict=True):
            rows.append([*asdict(candidate.features).values(), *asdict(features).values()])
            labels.append(example.holds(candidate.text))
    return retrieved, fit_linear(rows, labels, READ_FEATURES, 1.0)


def ranked(example: Example, retrieved: Linear, read: Linear | None) -> list[Candidate]:
    """As ``score.rank`` does, from the readings that the example holds; without them where ``read`` is None."""
    order = rank_retrieved([c if read else replace(c, reading=None) for c in example.candidates], retrieved)
    if read is None:
        return order
    first = order[:READ]
    features = reading_features(example.asked, first)
    scored = [
        replace(c, score=probability(read.logit(asdict(c.features) | asdict(f))))
        for c, f in zip(first, features, strict=True)
    ]
    return sorted(scored, key=lambda c: -c.score) + [replace(c, reading=None) for c in order[READ:]]


def fit_answerable(examples: Sequence[Example], orders: Sequence[Sequence[Candidate]], read: bool) -> Linear:
    names = [name for name in ANSWERABLE_FEATURES if read or name not in _OF_READINGS]
    rows, labels = [], []
    for example, order in zip(examples, orders, strict=True):
        features = answerability(example.asked, example.query, order, example.several)
        if features is not None:
            values = asdict(features)
            rows.append([values[name] for name in names])
            labels.append(example.gold.answerable)
    return fit_linear(rows, labels, names, 0.5)


def cross_validated(examples: Sequence[Example], *, read: bool) -> list[tuple[Example, list[Candidate], float]]:
    """Each example with its ranking and its probability of being answerable, from weights fitted without its fold."""
    scored = []
    for fold in range(FOLDS):
        rest = [example for example in examples if example.fold != fold]
        retrieved, reading = fit_sentences(rest)
        orders = [ranked(example, retrieved, reading if read else None) for example in rest]
        answerable = fit_answerable(rest, orders, read)
        for example in (example for example in examples if example.fold == fold):
            order = ranked(example, retrieved, reading if read else None)
            features = answerability(example.asked, example.query, order, example.several)
            scored.append((example, order, probability(answerable.logit(asdict(features))) if features else 0.0))
    return scored


def threshold(scored: Sequence[tuple[Example, list[Candidate], float]]) -> float:
    """The probability at which unanswerable questions caught, less three times the wrong abstentions, is greatest.

    Shares of each collection, averaged: a large one does not decide for a small one.
    """

    def worth(answer_from: float) -> float:
        total = 0.0
        for collection in collections:
            own = [(e.gold.answerable, value) for e, _, value in scored if e.collection == collection]
            caught = [value < answer_from for answerable, value in own if not answerable]
            wrong = [value < answer_from for answerable, value in own if answerable]
            total += _mean(caught) - WRONG_ABSTENTION_COST * _mean(wrong)
        return total

    collections = list(dict.fromkeys(example.collection for example, *_ in scored))
    return max((round(0.01 * step, 2) for step in range(5, 80)), key=worth)


def thresholds(scored: Sequence[tuple[Example, list[Candidate], float]]) -> Thresholds:
    """One for collections of few articles, one for those of many."""
    few = [row for row in scored if not row[0].many_articles]
    many = [row for row in scored if row[0].many_articles]
    return Thresholds(threshold(few or scored), threshold(many or scored))


def figures(scored: Sequence[tuple[Example, list[Candidate], float]], answer_from: Thresholds) -> dict[str, float]:
    found: dict[str, float] = {}
    for collection in dict.fromkeys(example.collection for example, *_ in scored):
        own = [row for row in scored if row[0].collection == collection]
        limit = answer_from.of(many_articles=own[0][0].many_articles)
        single = [row for row in own if row[0].gold.answerable and row[0].gold.type != "multi"]
        chosen = [choose(example.asked, order) for example, order, _ in single]
        texts = [" ".join(c.text for c in picked) for picked in chosen]
        found[f"{collection}: best sentence holds the answer"] = _mean([e.holds(o[0].text) for e, o, _ in single])
        found[f"{collection}: best two hold it"] = _mean(
            [e.holds(" ".join(c.text for c in o[:2])) for e, o, _ in single]
        )
        found[f"{collection}: chosen sentences hold it"] = _mean(
            [e.holds(text) for (e, _, _), text in zip(single, texts, strict=True)]
        )
        found[f"{collection}: characters, median"] = float(median(len(text) for text in texts))
        caught = [value < limit for e, _, value in own if not e.gold.answerable]
        found[f"{collection}: unanswerable caught"] = _mean(caught)
        found[f"{collection}: wrong abstentions"] = _mean([v < limit for e, _, v in own if e.gold.answerable])
    return found


def fit(examples: Sequence[Example]) -> Weights:
    scored, unread = cross_validated(examples, read=True), cross_validated(examples, read=False)
    answer_from, answer_from_unread = thresholds(scored), thresholds(unread)
    retrieved, read = fit_sentences(examples)
    without = figures(unread, answer_from_unread)
    return Weights(
        retrieved=retrieved,
        read=read,
        answerable=fit_answerable(examples, [ranked(e, retrieved, read) for e in examples], True),
        answerable_unread=fit_answerable(examples, [ranked(e, retrieved, None) for e in examples], False),
        answer_from=answer_from,
        answer_from_unread=answer_from_unread,
        figures={
            **figures(scored, answer_from),
            **{f"without cross-encoder, {name}": v for name, v in without.items()},
        },
    )


def _reader_with(adapter: Path, models: Path, folder: str) -> CrossEncoder:
    """The cross-encoder that another adapter makes of the default model."""
    from qabot.embedding.cross_encoder_export import export_cross_encoder

    target = Path(folder)
    target.mkdir()
    shutil.copy(next(models.glob("*/tokenizer.json")), target)
    return CrossEncoder(export_cross_encoder(find_model(DEFAULT_MODEL), target, adapter), target)


def _mean(values: Sequence[bool]) -> float:
    return round(sum(values) / len(values), 4) if values else 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gold", nargs=2, action="append", metavar=("SEEDS", "QUESTIONS"), type=Path, required=True)
    parser.add_argument(
        "--fold-adapter",
        nargs=2,
        action="append",
        metavar=("FILE", "DOCS"),
        default=[],
        help="an adapter trained without these articles (their prefixes, comma-separated), to read them with",
    )
    parser.add_argument("--out", type=Path, default=WEIGHTS_FILE)
    arguments = parser.parse_args()
    examples: list[Example] = []
    with tempfile.TemporaryDirectory() as scratch:
        for number, (seeds, gold) in enumerate(arguments.gold):
            engine = Engine(Settings(paths=PathSettings(str(seeds), f"{scratch}/{number}")), say=print)
            engine.prepare()
            default = engine.cross_encoder
            if default is None:
                parser.error("the default model is not here, and nothing else reads an adapter")
            left_out: dict[str, CrossEncoder] = {}
            if len(engine.articles()) > MANY_ARTICLES:
                for fold, (file, docs) in enumerate(arguments.fold_adapter):
                    reader = _reader_with(Path(file), engine.settings.embeddings / "models", f"{scratch}/fold-{fold}")
                    left_out |= dict.fromkeys(docs.split(","), reader)
            examples += collect(engine, read_gold(gold), f"{seeds.parent.name}/{gold.stem}", left_out, default)
    weights = fit(examples)
    arguments.out.write_bytes(msgspec.json.format(msgspec.json.encode(weights), indent=2) + b"\n")
    for name, value in weights.figures.items():
        print(f"{value:8.3f}  {name}")


if __name__ == "__main__":
    main()
