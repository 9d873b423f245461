"""`python -m qabot.evaluation.fit_follow_up CANARD`: the weights that choose what a follow-up leaves out.

CANARD (Elgohary et al. 2019) has follow-ups with rewrites by people. A mention is wanted where the rewrite adds at
least half of its words. Cross-validated by article; writes qabot/questions/follow_up_weights.json with the figures.
"""

from __future__ import annotations

import argparse
import re
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np

from qabot.questions.conversation import MAX_TURNS, Conversation, Turn
from qabot.questions.follow_up import no_names, standalone
from qabot.questions.relevance import WEIGHTS_FILE, LinearWeights, candidates, load_weights

FOLDS = 5
REGULARISATION = 0.3
THRESHOLD = 0.3  # the macro F1 is flat from 0.2 to 0.4; a word too many does more harm to a search
_CONNECTING = frozenset({"the", "of", "s", "and"})


class Item(msgspec.Struct, frozen=True, rename={"history": "History", "question": "Question", "rewrite": "Rewrite"}):
    """``history`` is an article's title, a section's, then questions and answers in turn."""

    history: list[str]
    question: str
    rewrite: str

    @property
    def fold(self) -> int:
        return zlib.crc32(self.history[0].encode()) % FOLDS

    @property
    def added(self) -> Counter[str]:
        return added_words(self.question, self.rewrite)

    def conversation(self) -> Conversation:
        title, section, *said = self.history
        turns = [Turn(title, title, "answered", (section,))]
        for question, answer in zip(said[::2], said[1::2], strict=True):
            unknown = answer.startswith("I don't know")
            turns.append(Turn(question, question, "abstained" if unknown else "answered", (answer,)))
        return Conversation(tuple(turns[-MAX_TURNS:]))


@dataclass(frozen=True, slots=True)
class Figures:
    """Of the words that people added, and of those that were added here; over all, and the mean over the questions."""

    recall: float
    precision: float
    mean_recall: float
    mean_precision: float

    @property
    def f1(self) -> float:
        return _harmonic(self.recall, self.precision)

    @property
    def mean_f1(self) -> float:
        return _harmonic(self.mean_recall, self.mean_precision)


def added_words(question: str, rewrite: str) -> Counter[str]:
    return Counter(_words(rewrite)) - Counter(_words(question))


def measure(items: Sequence[Item], weights: LinearWeights) -> Figures:
    """Over the items whose rewrite adds something."""
    right = given = wanted = 0
    recalls, precisions = [], []
    for item in items:
        people = item.added
        if not people:
            continue
        own = added_words(item.question, standalone(item.question, item.conversation(), weights=weights).text)
        both = (people & own).total()
        right, given, wanted = right + both, given + own.total(), wanted + people.total()
        recalls.append(both / people.total())
        precisions.append(both / own.total() if own else 0.0)
    return Figures(right / max(1, wanted), right / max(1, given), float(np.mean(recalls)), float(np.mean(precisions)))


def fit(items: Sequence[Item], threshold: float = THRESHOLD) -> LinearWeights:
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.linear_model import LogisticRegression

    rows, labels = [], []
    for item in items:
        people = item.added
        for mention, features in candidates(item.question, item.conversation().turns, no_names):
            words = [word for word in _words(mention.text) if word not in _CONNECTING] or _words(mention.text)
            rows.append(features)
            labels.append(sum(word in people for word in words) >= 0.5 * len(words))
    vectors = DictVectorizer()
    learned = LogisticRegression(C=REGULARISATION, max_iter=3000).fit(vectors.fit_transform(rows), labels)
    names = vectors.get_feature_names_out()
    weights = {str(n): round(float(w), 3) for n, w in zip(names, learned.coef_[0], strict=True) if abs(w) >= 0.01}
    return LinearWeights(round(float(learned.intercept_[0]), 3), weights, threshold, {})


def cross_validated(items: Sequence[Item]) -> Figures:
    """Each article's items by weights that saw nothing of it."""
    folds = []
    for fold in range(FOLDS):
        weights = fit([item for item in items if item.fold != fold])
        held_back = [item for item in items if item.fold == fold]
        folds.append((sum(bool(item.added) for item in held_back), measure(held_back, weights)))
    shares = [number for number, _ in folds]
    return Figures(
        *(
            float(np.average([getattr(figures, name) for _, figures in folds], weights=shares))
            for name in ("recall", "precision", "mean_recall", "mean_precision")
        )
    )


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _harmonic(one: float, other: float) -> float:
    return 2 * one * other / (one + other) if one + other else 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("canard", type=Path)
    parser.add_argument("--out", type=Path, default=WEIGHTS_FILE)
    parser.add_argument("--measure", action="store_true", help="only measure the weights that are there")
    arguments = parser.parse_args()
    items = msgspec.json.decode(arguments.canard.read_bytes(), type=list[Item])
    figures = measure(items, load_weights()) if arguments.measure else cross_validated(items)
    named = {
        "recall of added words": figures.recall,
        "precision": figures.precision,
        "F1": figures.f1,
        "recall, mean of questions": figures.mean_recall,
        "precision, mean of questions": figures.mean_precision,
        "F1 of the means": figures.mean_f1,
    }
    for name, value in named.items():
        print(f"{value:8.3f}  {name}")
    if not arguments.measure:
        weights = msgspec.structs.replace(fit(items), figures={name: round(value, 3) for name, value in named.items()})
        arguments.out.write_bytes(msgspec.json.format(msgspec.json.encode(weights), indent=2) + b"\n")


if __name__ == "__main__":
    main()
