"""Questions over encyclopedia articles -> pairs of a question and a sentence, labelled whether it answers.

The material is SQuAD 2.0's and XQuAD's format: a question with the characters its answer stands at, and questions
that sound answerable and are not. A question with a name, a number or a date swapped is one more of those.
"""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from qabot.embedding import Encoder
from qabot.language import STOP_WORDS, words_of
from qabot.language.pronouns import BETWEEN, in_context
from qabot.passages.sentences import sentence_spans

NEGATIVES = 3  # other sentences that score best, for a question that has an answer
NEGATIVES_WITHOUT_ANSWER = 2

_NUMBER = re.compile(r"\b\d[\d,.]*\d\b|\b\d\b")
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]+(?: [A-Z][a-z]+)*")


@dataclass(frozen=True, slots=True)
class Pair:
    """``span`` is where the answer stands in ``text``, in characters; ``None`` where ``text`` does not answer."""

    article: str
    question: str
    text: str
    span: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class TrainingQuestion:
    """``answers`` are the words that answer, and the paragraph and character they stand at; none: unanswerable.
    ``words_known`` is false where they are a whole sentence, and which of its words answer is not told."""

    text: str
    answers: tuple[tuple[str, int, int], ...]
    words_known: bool = True


@dataclass(frozen=True, slots=True)
class TrainingArticle:
    title: str
    paragraphs: tuple[str, ...]
    questions: tuple[TrainingQuestion, ...]


def read_squad(file: Path, *, apart: bool = False) -> list[TrainingArticle]:
    """Articles in SQuAD's JSON format, 1.1 or 2.0; each paragraph by itself where they are ``apart``, as posts are."""
    articles = []
    data = json.loads(file.read_text(encoding="utf-8"))["data"]
    if apart:
        data = [{"title": "", "paragraphs": [paragraph]} for article in data for paragraph in article["paragraphs"]]
    for article in data:
        questions = []
        for number, paragraph in enumerate(article["paragraphs"]):
            for asked in paragraph["qas"]:
                found = () if asked.get("is_impossible") else tuple(
                    (answer["text"], number, answer["answer_start"]) for answer in asked["answers"]
                )  # fmt: skip
                questions.append(TrainingQuestion(asked["question"].strip(), found))
        texts = tuple(paragraph["context"] for paragraph in article["paragraphs"])
        articles.append(TrainingArticle(article["title"], texts, tuple(questions)))
    return articles


def read_gold_articles(seeds: Path, gold: Path) -> list[TrainingArticle]:
    """A folder of one-paragraph-a-line articles with gold questions, each answer found in its evidence."""
    asked: list[dict[str, Any]] = [json.loads(line) for line in gold.read_text(encoding="utf-8").splitlines()]
    articles = []
    for file in sorted(seeds.glob("*.txt")):
        text = file.read_text(encoding="utf-8")
        questions = []
        for question in asked:
            if file.name[:3] in question["docs"]:
                for piece in question["evidence"]:
                    start = text.find(piece[0])
                    match = re.search(question["answer"][0], piece[0], re.IGNORECASE)
                    if start >= 0 and match:
                        answers = ((match.group(), 0, start + match.start()),)
                        questions.append(TrainingQuestion(question["question"], answers))
                        break
        articles.append(TrainingArticle(file.stem[4:], (text,), tuple(questions)))
    without_docs = [question for question in asked if not question["answerable"]]
    questions_of = _unanswerable_by_article(articles, without_docs)
    return [
        TrainingArticle(article.title, article.paragraphs, (*article.questions, *questions_of[article.title]))
        for article in articles
    ]


def _unanswerable_by_article(
    articles: Sequence[TrainingArticle], asked: Sequence[dict[str, Any]]
) -> dict[str, list[TrainingQuestion]]:
    """Unanswerable questions name no article: the one whose words they share most."""
    words = {article.title: {w.casefold() for w in words_of(" ".join(article.paragraphs))} for article in articles}
    placed: dict[str, list[TrainingQuestion]] = {article.title: [] for article in articles}
    holders = {w: sum(w in own for own in words.values()) for own in words.values() for w in own}
    for question in asked:
        own = {w.casefold() for w in words_of(question["question"])}
        best = max(words, key=lambda title: sum(1 / holders[w] for w in own if w in words[title]))
        placed[best].append(TrainingQuestion(question["question"], ()))
    return placed


@dataclass(frozen=True, slots=True)
class Placed:
    """A question among its article's sentences: ``order`` are all, the nearest first; ``home`` is the one that answers,
    and ``at`` where the words of ``answer`` stand in it or later; ``answered`` tells whether the article answers, and
    ``words_known`` whether ``answer`` is less than its sentence."""

    question: str
    order: tuple[int, ...]
    home: int | None
    answered: bool
    answer: str = ""
    at: int = 0
    words_known: bool = True


@dataclass(frozen=True, slots=True)
class Laid:
    """An article's sentences, each with the one before it in its paragraph or "", and its questions among them."""

    texts: tuple[str, ...]
    before: tuple[str, ...]
    questions: tuple[Placed, ...]

    def competing(self, placed: Placed) -> list[int]:
        """The sentences that do not have the answer's words, the nearest first."""
        answer = placed.answer.casefold()
        return [n for n in placed.order if n != placed.home and answer not in self.texts[n].casefold()]


def lay_out(article: TrainingArticle, encoder: Encoder) -> Laid:
    """Nearness is the cosine and the words shared, rare ones of the article counting more."""
    spans = [
        (number, start, end)
        for number, paragraph in enumerate(article.paragraphs)
        for line in re.finditer(r"[^\n]+", paragraph)
        for start, end in sentence_spans(paragraph, line.start(), line.end())
    ]
    texts = [article.paragraphs[number][start:end] for number, start, end in spans]
    before = [texts[n - 1] if n and spans[n - 1][0] == spans[n][0] else "" for n in range(len(texts))]
    words = [content_of(text) for text in texts]
    holders = Counter(word for own in words for word in own)
    cosines = encoder.encode([question.text for question in article.questions]) @ encoder.encode(texts).T
    placed = []
    for row, question in enumerate(article.questions):
        own = content_of(question.text)
        overlap = np.array([sum(1 / holders[word] for word in own & there) for there in words])
        order = tuple(int(n) for n in np.argsort(-(cosines[row] + 0.2 * overlap / max(1e-9, overlap.max()))))
        if not question.answers:
            placed.append(Placed(question.text, order, None, False))
            continue
        answer, number, at = min(question.answers, key=lambda found: len(found[0]))
        home = next((n for n, (p, s, e) in enumerate(spans) if p == number and s <= at < e), None)
        begins = 0 if home is None else at - spans[home][1]
        placed.append(Placed(question.text, order, home, True, answer, begins, question.words_known))
    return Laid(tuple(texts), tuple(before), tuple(placed))


def content_of(text: str) -> set[str]:
    return {word.casefold() for word in words_of(text)} - STOP_WORDS


def make_pairs(article: TrainingArticle, encoder: Encoder, seed: int = 0) -> Iterator[Pair]:
    """Positives, hardest negatives, and swapped questions of one article."""
    chance = random.Random(f"{seed}-{article.title}")
    laid = lay_out(article, encoder)
    pool = names_in(laid.texts)

    def read(n: int) -> str:
        return in_context(laid.before[n], laid.texts[n])

    for placed in laid.questions:
        if not placed.answered:
            for n in placed.order[:NEGATIVES_WITHOUT_ANSWER]:
                yield Pair(article.title, placed.question, read(n), None)
            continue
        if placed.home is None:
            continue
        text, answer = read(placed.home), placed.answer
        begin = text.partition(BETWEEN)[0].find(answer)
        if begin < 0:
            continue
        yield Pair(article.title, placed.question, text, (begin, begin + len(answer)))
        for n in laid.competing(placed)[:NEGATIVES]:
            yield Pair(article.title, placed.question, read(n), None)
        other = swapped(placed.question, laid.texts[placed.home], answer, pool, chance)
        if other:
            yield Pair(article.title, other, text, None)


def names_in(texts: Sequence[str]) -> list[str]:
    return sorted({match.group() for text in texts for match in _NAME.finditer(text)})


def swapped(question: str, sentence: str, answer: str, pool: Sequence[str], chance: random.Random) -> str | None:
    """The question about another name, number or date than the sentence's; ``None`` where it shares none."""
    shared = [m for m in _NUMBER.finditer(question) if m.group() in sentence]
    shared += [m for m in _NAME.finditer(question) if m.group() in sentence]
    if not shared:
        return None
    match = chance.choice(shared)
    old = match.group()
    if old[0].isdigit():
        value = int(re.sub(r"\D", "", old))
        new = str(value + chance.choice([-7, -3, -2, -1, 1, 2, 3, 5, 8, 11])) if value > 20 else str(value + 2)
    else:
        others = [name for name in pool if name not in sentence and name not in question and name != answer]
        if not others:
            return None
        new = chance.choice(others)
    return question[: match.start()] + new + question[match.end() :]
