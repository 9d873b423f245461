"""More questions to train on, out of the formats of public collections: articles like those of training_pairs.py.

SelQA (Jurczyk and others 2016), QED (Lamm and others 2020), MultiSpanQA (Li and others 2022), QAMR (Michael and others
2018) and QADiscourse (Pyatkin and others 2020): the second and third hold questions that people searched with, the last
two and their sentences are half of Wikinews.
"""

from __future__ import annotations

import csv
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from qabot.evaluation.training_pairs import TrainingArticle, TrainingQuestion, content_of

_BRACKETS = {"-LRB-": "(", "-RRB-": ")", "-LSB-": "[", "-RSB-": "]", "-LCB-": "{", "-RCB-": "}", "``": '"', "''": '"'}
_JOINED = (
    (re.compile(r"\s+(?=(?:[,.;:!?%)\]}]|n't\b|['’](?:s|re|ve|ll|d|m)?(?:\s|$)))"), ""),
    (re.compile(r"(?<=[(\[{$£€#])\s+"), ""),
    (re.compile(r"(?<=[A-Za-z])\s+-\s+(?=[A-Za-z])"), "-"),
    (re.compile(r"\s*--\s*"), " - "),
    (re.compile(r'(?<!\S)" ([^"]*?) "'), r'"\1"'),
    (re.compile(r"\s+"), " "),
)
_QUESTIONS_A_SENTENCE = 8
_OWN_WORDS = 2  # of a question have to stand in its sentence: "who would be prepared?" is asked of nothing


def joined(tokens: str) -> str:
    """Text as people write it, of ``tokens`` that spaces part: ``the " yard " , it 's`` -> ``the "yard", it's``."""
    text = " ".join(_BRACKETS.get(token, token) for token in tokens.split())
    for pattern, instead in _JOINED:
        text = pattern.sub(instead, text)
    return text.strip()


def read_articles(folder: Path) -> list[TrainingArticle]:
    """Articles without questions, each file's first line its title."""
    articles = []
    for file in sorted(folder.glob("*.txt")):
        title, _, text = file.read_text(encoding="utf-8", errors="replace").strip().partition("\n")
        articles.append(TrainingArticle(title.strip(), (text,), ()))
    return articles


def read_selqa(file: Path) -> list[TrainingArticle]:
    """Questions with the sentences of a section, one or more of which answer: the words that do are not told."""
    paragraphs: dict[str, list[str]] = defaultdict(list)
    asked: dict[str, list[TrainingQuestion]] = defaultdict(list)
    for row in json.loads(file.read_text(encoding="utf-8")):
        title, sentences = row["article"], [" ".join(text.split()) for text in row["candidates"]]
        if len(row["answers"]) != 1:
            continue  # which of them is the better answer is not told
        text = " ".join(sentences)
        if text not in paragraphs[title]:
            paragraphs[title].append(text)
        number, answer = paragraphs[title].index(text), sentences[row["answers"][0]]
        found = ((answer, number, text.index(answer)),)
        asked[title].append(TrainingQuestion(row["question"].strip(), found, words_known=False))
    return [TrainingArticle(title, tuple(own), tuple(asked[title])) for title, own in paragraphs.items()]


def read_qed(file: Path) -> list[TrainingArticle]:
    """Searched-for questions with the paragraph of an encyclopedia in one sentence of which the answer stands."""
    articles = []
    for line in filter(str.strip, file.read_text(encoding="utf-8").split("\n")):
        row = json.loads(line)
        explained = row["annotation"]
        if explained["explanation_type"] != "single_sentence" or not explained["answer"]:
            continue
        sentence = joined(explained["selected_sentence"]["string"])
        answer = joined(explained["answer"][0]["paragraph_reference"]["string"])
        article = _asked_once(row["title_text"], joined(row["paragraph_text"]), sentence, answer, row["question_text"])
        articles += article
    return articles


def read_multi_span_qa(file: Path) -> list[TrainingArticle]:
    """Searched-for questions that more than one thing answers, of those where all stand in one sentence."""
    articles = []
    for row in json.loads(file.read_text(encoding="utf-8"))["data"]:
        tokens, places = row["context"], [n for n, label in enumerate(row["label"]) if label != "O"]
        if not places or any(token in (".", "?", "!") for token in tokens[places[0] : places[-1]]):
            continue
        ends = [n for n, token in enumerate(tokens) if token in (".", "?", "!")]
        first = max((n + 1 for n in ends if n < places[0]), default=0)
        last = min((n + 1 for n in ends if n >= places[-1]), default=len(tokens))
        sentence = joined(" ".join(tokens[first:last]))
        answer = joined(" ".join(tokens[places[0] : places[-1] + 1]))
        articles += _asked_once("", joined(" ".join(tokens)), sentence, answer, " ".join(row["question"]))
    return articles


def _asked_once(title: str, text: str, sentence: str, answer: str, question: str) -> list[TrainingArticle]:
    begin = text.find(sentence)
    at = sentence.find(answer)
    if begin < 0 or at < 0:
        return []
    return [TrainingArticle(title, (text,), (TrainingQuestion(joined(question), ((answer, 0, begin + at),)),))]


def read_qamr(folder: Path) -> list[TrainingArticle]:
    """Sentences of ``wiki-sentences.tsv``, an article each document's, with the questions of the other files there
    on which the answers of at least two people overlap."""
    sentences: dict[str, dict[str, str]] = defaultdict(dict)
    for line in (folder / "wiki-sentences.tsv").read_text(encoding="utf-8").splitlines():
        name, _, text = line.partition("\t")
        sentences[_document(name)][name] = text
    asked: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for file in sorted(folder.glob("*.tsv")):
        if file.name != "wiki-sentences.tsv":
            for name, question, answer in _judged(file, sentences):
                if all(question != other for other, _ in asked[name]):
                    asked[name].append((question, answer))
    articles = []
    for own in sentences.values():
        ordered = sorted(own, key=lambda name: [int(part) for part in name.split(":")[-2:]])
        articles.append(_of_sentences((joined(own[name]), _spread(asked[name])) for name in ordered))
    return articles


# As people ask for what QADiscourse asks for in words that leave no doubt.
_ASKED_PLAINLY = (
    (re.compile(r"^In what manner ", re.IGNORECASE), "How "),
    (re.compile(r"^After what ", re.IGNORECASE), "When "),
    (re.compile(r"^In what case ", re.IGNORECASE), "When "),
    (re.compile(r"^What is the reason "), "Why "),
    (re.compile(r"^What is the result of "), "What came of "),
)


def read_qa_discourse(file: Path) -> list[TrainingArticle]:
    """Sentences with questions on reason, manner, result and time; an article each document's that are asked about."""
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    sentences: dict[str, dict[str, list[tuple[str, str]]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        question, answer = row["full_question"].replace("\\'", "'"), joined(row["answer"] or "")
        if not question or question.startswith("_") or len(content_of(question)) <= _OWN_WORDS:
            continue
        for pattern, instead in _ASKED_PLAINLY:
            question = pattern.sub(instead, question)
        sentences[_document(row["qasrl_id"])][joined(row["sentence"])].append((question, answer))
    return [_of_sentences(own.items()) for own in sentences.values()]


def _of_sentences(asked: Iterable[tuple[str, Sequence[tuple[str, str]]]]) -> TrainingArticle:
    """An article of sentences, a line each, with the questions of each whose answers stand in it."""
    text, questions = "", []
    for sentence, own in asked:
        for question, answer in own:
            if answer and answer in sentence:
                questions.append(TrainingQuestion(question, ((answer, 0, len(text) + sentence.index(answer)),)))
        text += sentence + "\n"
    return TrainingArticle("", (text,), tuple(questions))


def _document(name: str) -> str:
    return name.rsplit(":", 2)[0]


def _judged(file: Path, sentences: dict[str, dict[str, str]]) -> Iterator[tuple[str, str, str]]:
    for line in file.read_text(encoding="utf-8").splitlines():
        fields = line.split("\t")
        name, question, tokens = fields[0], fields[5].strip(), {int(n) for n in fields[6].split()}
        sentence = sentences.get(_document(name), {}).get(name)
        judged = [{int(n) for n in field.partition(":")[2].split()} for field in fields[7:9]]
        if sentence is None or not tokens or not any(tokens & other for other in judged):
            continue
        answer = joined(" ".join(sentence.split()[min(tokens) : max(tokens) + 1]))
        own = content_of(question)
        if len(own & content_of(sentence)) >= _OWN_WORDS and answer.casefold() not in question.casefold():
            yield name, question, answer


def _spread(asked: Sequence[tuple[str, str]]) -> Sequence[tuple[str, str]]:
    """A few of many, from the first to the last: those that stand together ask for much the same."""
    step = max(1, len(asked) // _QUESTIONS_A_SENTENCE)
    return asked[::step][:_QUESTIONS_A_SENTENCE]
