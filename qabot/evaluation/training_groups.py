"""Questions with the sentences that compete to answer them: one that does and those that come nearest, or only the
latter.

From the encyclopedia articles of training_pairs.py, asked roughly, and from news, of which the questions are made.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log
from pathlib import Path

import numpy as np

from qabot.embedding import Encoder
from qabot.evaluation.made_questions import make_question
from qabot.evaluation.rough import mistyped, roughen
from qabot.evaluation.training_pairs import TrainingArticle, content_of, lay_out, names_in, swapped
from qabot.language.pronouns import in_context
from qabot.passages.sentences import sentence_spans

SIZE = 4  # sentences of a group
_NEAREST = 20  # competing sentences that are known of each question
_WITH_TITLE = 0.35  # of the groups are read with their articles' titles, which no sentence then needs to repeat
_TITLE_CHARACTERS = 60


@dataclass(frozen=True, slots=True)
class Sentence:
    title: str
    text: str
    before: str  # the sentence before it in its paragraph


@dataclass(frozen=True, slots=True)
class Asked:
    """``home`` is the sentence that answers, in ``span``, or None; ``others`` are those of the same article that come
    nearest without having the answer's words, ``far`` those of other articles; ``names`` may be swapped in."""

    text: str
    home: Sentence | None
    span: tuple[int, int]
    others: tuple[Sentence, ...]
    far: tuple[Sentence, ...] = ()
    names: tuple[str, ...] = ()
    made: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """``texts`` as they are read; the first answers in its ``span``, or none does where that is ``None``."""

    question: str
    texts: tuple[str, ...]
    span: tuple[int, int] | None


def asked_of_articles(articles: Sequence[TrainingArticle], encoder: Encoder) -> Iterator[Asked]:
    for article in articles:
        laid = lay_out(article, encoder)
        title = article.title.replace("_", " ")
        sentences = [Sentence(title, *both) for both in zip(laid.texts, laid.before, strict=True)]
        names = tuple(names_in(laid.texts))
        for placed in laid.questions:
            if not placed.answered:
                near = tuple(sentences[n] for n in placed.order[:_NEAREST])
                yield Asked(placed.question, None, (0, 0), near, names=names)
                continue
            begin = -1 if placed.home is None else laid.texts[placed.home].find(placed.answer, max(0, placed.at))
            if placed.home is None or begin < 0:
                continue
            others = tuple(sentences[n] for n in laid.competing(placed)[:_NEAREST])
            span = (begin, begin + len(placed.answer))
            yield Asked(placed.question, sentences[placed.home], span, others, names=names)


def asked_of_news(folder: Path, encoder: Encoder, chance: random.Random, each: int = 2) -> Iterator[Asked]:
    """Up to ``each`` questions a sentence, made of it. A file's first line is its title."""
    articles: list[list[Sentence]] = []
    for file in sorted(folder.glob("*.txt")):
        title, *lines = [
            line for line in file.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()
        ]
        own: list[Sentence] = []
        for line in lines:
            texts = [line[start:end] for start, end in sentence_spans(line, 0, len(line))]
            own += [Sentence(title, text, before) for text, before in zip(texts, ["", *texts], strict=False)]
        articles.append(own)
    everything = [sentence for own in articles for sentence in own]
    home_of = [number for number, own in enumerate(articles) for _ in own]
    holders = Counter(word for own in articles for word in {w for s in own for w in content_of(s.text)})

    def rarity(word: str) -> float:
        return log(len(articles) / (1 + holders[word.casefold()])) / log(max(2, len(articles)))

    made = [
        (n, question)
        for n, sentence in enumerate(everything)
        if len(sentence.text) >= 50
        for _ in range(each)
        if (question := make_question(sentence.text, rarity, chance)) is not None
    ]
    vectors = encoder.encode([sentence.text for sentence in everything])
    asked = encoder.encode([question.text for _, question in made])
    words = [content_of(sentence.text) for sentence in everything]
    for row, (home, question) in enumerate(made):
        own_words = content_of(question.text)
        cosines = asked[row] @ vectors.T
        answer = everything[home].text[question.start : question.end].casefold()
        here = [n for n, number in enumerate(home_of) if number == home_of[home] and n != home]
        here.sort(key=lambda n: -(cosines[n] + 0.25 * len(own_words & words[n]) / max(1, len(own_words))))
        far = [int(n) for n in np.argsort(-cosines)[:8] if home_of[n] != home_of[home]]
        others, elsewhere = (
            tuple(everything[n] for n in those if answer not in everything[n].text.casefold())
            for those in (here[:8], far[:4])
        )
        if others and len(question.text.split()) > 1:
            yield Asked(question.text, everything[home], (question.start, question.end), others, elsewhere, made=True)


def make_group(asked: Asked, chance: random.Random) -> Group:
    """Another one each time: other competitors, another spelling, now and then a question that none answers."""
    answers = asked.home is not None
    if asked.made:
        near = [*asked.others[:3], *_sample(asked.others[3:], 1, chance), *asked.far[:2]]
        competing = _sample(near, SIZE - 1, chance)
        question = asked.text.lower() if chance.random() < 0.5 else asked.text
        if chance.random() < 0.25:
            question = " ".join(mistyped(question.split(), chance))
    else:
        nearest = [*asked.others[:2], *_sample(asked.others[2:12], 2, chance)]
        competing = [*nearest[:2], *_sample(nearest[2:], SIZE - 3, chance)]
        question = asked.text
        if asked.home is not None and chance.random() < 0.22:
            other = _unanswered(asked, chance)
            if other is not None:
                question, answers = other, False
        if chance.random() < 0.65:
            question = roughen(question, chance, keep_asking=not answers)
    left_out = answers and chance.random() < 0.12
    read = competing if asked.home is None or left_out else [asked.home, *competing[: SIZE - 1]]
    titled = chance.random() < _WITH_TITLE
    texts = [_as_read(sentence, titled) for sentence in read]
    span = None
    if answers and not left_out and asked.home is not None:
        answer = " ".join(asked.home.text[slice(*asked.span)].split())
        length = len(" ".join(asked.home.text.split()))
        begin = texts[0].find(answer, len(texts[0]) - length)
        span = (begin, begin + len(answer)) if begin >= 0 else None
        answers = span is not None
    return Group(question, tuple(texts), span)


def _unanswered(asked: Asked, chance: random.Random) -> str | None:
    """The question about another name, number or date, or of another kind, than its sentence answers."""
    assert asked.home is not None
    answer = asked.home.text[slice(*asked.span)]
    if chance.random() < 0.7:
        other = swapped(asked.text, asked.home.text, answer, asked.names, chance)
        if other is not None:
            return other
    return _of_another_kind(asked.text, asked.home.text, chance)


_OF_VERB = re.compile(r"^(When|Where|Why|How) (?=(?:did|does|do|was|were|is|are|has|have|had|would|will|can)\b)")
_OF_NOUN = re.compile(r"^(?:What|Which) (?=[a-z]+s (?:did|does|do|were|are|have|had|would|will|can)\b)")
# Where a sentence has none of these, it does not answer such a question.
_SIGNS = {
    "When": re.compile(
        r"\d|\b(?:century|year|decade|day|week|month|morning|night|spring|summer|autumn|fall|winter|[A-Z][a-z]+day"
        r"|(?:Jan|Febr)uary|March|April|May|June|July|August|(?:Septem|Octo|Novem|Decem)ber|when|after|before|during"
        r"|until|since|once|age|era|period|war)"
    ),
    "Why": re.compile(
        r"\b(?:because|due|so|since|as|for|to|reason|owing|caus\w+|result\w*|therefore|thus|after|by|led|given|from"
        r"|allow\w*|motivat\w+|fear\w*|concern\w*|want\w*|believ\w+|with)\b",
        re.IGNORECASE,
    ),
    "How many": re.compile(
        r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|\w+teen|\w+ty|dozens?|hundreds?|thousands?|millions?"
        r"|billions?|both|several|many|few|half|third|pair|single|couple|all|most|no|none|twice|double|triple)\b",
        re.IGNORECASE,
    ),
}


def _of_another_kind(question: str, sentence: str, chance: random.Random) -> str | None:
    match = _OF_VERB.match(question)
    if match:
        kinds = [kind for kind in ("When", "Why") if kind != match[1] and not _SIGNS[kind].search(sentence)]
    else:
        match = _OF_NOUN.match(question)
        kinds = ["How many"] if match and not _SIGNS["How many"].search(sentence) else []
    return f"{chance.choice(kinds)} {question[match.end() :]}" if match and kinds else None


def _as_read(sentence: Sentence, titled: bool) -> str:
    text = in_context(sentence.before, sentence.text)
    if not titled or not sentence.title:
        return text
    title = " ".join(sentence.title.split())
    if len(title) > _TITLE_CHARACTERS:
        title = title[:_TITLE_CHARACTERS].rsplit(" ", 1)[0] + " ..."
    return f"{title}: {text}"


def _sample(sentences: Sequence[Sentence], most: int, chance: random.Random) -> list[Sentence]:
    return chance.sample(list(sentences), min(most, len(sentences)))
