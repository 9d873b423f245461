"""Questions with the sentences that compete to answer them: one that does and those that come nearest, or only the
latter.

From articles with questions (training_pairs.py, training_sources.py), asked roughly, and from articles of which the
questions are made.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import log

import numpy as np

from qabot.embedding import Encoder
from qabot.evaluation.made_questions import make_polar_question, make_question
from qabot.evaluation.rough import mistyped, roughen
from qabot.evaluation.training_pairs import TrainingArticle, content_of, lay_out, names_in, swapped
from qabot.language.pronouns import BETWEEN, in_context
from qabot.passages.sentences import sentence_spans

SIZE = 4  # sentences of a group
_NEAREST = 20  # competing sentences that are known of each question
_WITH_TITLE = 0.5  # of the groups are read with their articles' titles, which no sentence then needs to repeat
_TITLE_CHARACTERS = 60
_LEAST_CHARACTERS = 50  # of a sentence of which questions are made


@dataclass(frozen=True, slots=True)
class Sentence:
    title: str
    text: str
    before: str  # the sentence before it in its paragraph


@dataclass(frozen=True, slots=True)
class Asked:
    """``home`` is the sentence that answers, in ``span`` where that is told, or None; ``others`` are those of the same
    article that come nearest without having the answer's words, ``far`` those of other articles; ``names`` may be
    swapped in."""

    text: str
    home: Sentence | None
    span: tuple[int, int] | None
    others: tuple[Sentence, ...]
    far: tuple[Sentence, ...] = ()
    names: tuple[str, ...] = ()
    made: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """``texts`` as they are read; where it is ``answered``, the first answers, in its ``span`` if that is told."""

    question: str
    texts: tuple[str, ...]
    answered: bool
    span: tuple[int, int] | None


def asked_of_articles(articles: Sequence[TrainingArticle], encoder: Encoder) -> list[Asked]:
    everything: list[tuple[int, Sentence]] = []
    asked: list[Asked] = []
    lacking: list[_Lacking] = []
    for number, article in enumerate(articles):
        laid = lay_out(article, encoder)
        title = article.title.replace("_", " ")
        sentences = [Sentence(title, *both) for both in zip(laid.texts, laid.before, strict=True)]
        everything += [(number, sentence) for sentence in sentences]
        names = tuple(names_in(laid.texts))
        for placed in laid.questions:
            if not placed.answered:
                near = tuple(sentences[n] for n in placed.order[:_NEAREST])
                asked.append(Asked(placed.question, None, None, near, names=names))
                continue
            begin = -1 if placed.home is None else laid.texts[placed.home].find(placed.answer, max(0, placed.at))
            if placed.home is None or begin < 0:
                continue
            others = tuple(sentences[n] for n in laid.competing(placed)[:_NEAREST])
            if len(others) < SIZE:
                lacking.append(_Lacking(len(asked), number, placed.answer.casefold()))
            span = (begin, begin + len(placed.answer)) if placed.words_known else None
            asked.append(Asked(placed.question, sentences[placed.home], span, others, names=names))
    if lacking:
        vectors = encoder.encode([sentence.text for _, sentence in everything])
        of_questions = encoder.encode([asked[one.place].text for one in lacking])
        for one, vector in zip(lacking, of_questions, strict=True):
            nearest = (everything[int(n)] for n in np.argsort(-(vector @ vectors.T))[: 4 * SIZE])
            far = [own for number, own in nearest if number != one.article and one.answer not in own.text.casefold()]
            asked[one.place] = replace(asked[one.place], far=tuple(far[:SIZE]))
    return asked


@dataclass(frozen=True, slots=True)
class _Lacking:
    """The question at ``place`` of those asked, whose article is too short to have enough that competes."""

    place: int
    article: int
    answer: str


def made_of_articles(
    articles: Sequence[TrainingArticle], encoder: Encoder, chance: random.Random, *, polar: bool = False, each: int = 2
) -> Iterator[Asked]:
    """Up to ``each`` questions a sentence, made of it; or one that yes or no would answer, with ``polar``."""
    sentences: list[list[Sentence]] = []
    for article in articles:
        own: list[Sentence] = []
        for line in (line for paragraph in article.paragraphs for line in paragraph.split("\n")):
            texts = [line[start:end] for start, end in sentence_spans(line, 0, len(line))]
            own += [Sentence(article.title, text, before) for text, before in zip(texts, ["", *texts], strict=False)]
        sentences.append(own)
    everything = [sentence for own in sentences for sentence in own]
    home_of = [number for number, own in enumerate(sentences) for _ in own]
    holders = Counter(word for own in sentences for word in {w for s in own for w in content_of(s.text)})

    def rarity(word: str) -> float:
        return log(len(articles) / (1 + holders[word.casefold()])) / log(max(2, len(articles)))

    def questions_of(sentence: str) -> Iterator[tuple[str, tuple[int, int] | None]]:
        if polar:
            asks = make_polar_question(sentence, chance)
            if asks is not None:
                yield asks, None
            return
        for _ in range(each):
            question = make_question(sentence, rarity, chance)
            if question is not None:
                yield question.text, (question.start, question.end)

    made = [
        (n, *question)
        for n, sentence in enumerate(everything)
        if len(sentence.text) >= _LEAST_CHARACTERS
        for question in questions_of(sentence.text)
    ]
    vectors = encoder.encode([sentence.text for sentence in everything])
    asked = encoder.encode([question for _, question, _ in made])
    words = [content_of(sentence.text) for sentence in everything]
    for row, (home, question, span) in enumerate(made):
        own_words = content_of(question)
        cosines = asked[row] @ vectors.T
        answer = everything[home].text[slice(*(span or (0, None)))].casefold()
        here = [n for n, number in enumerate(home_of) if number == home_of[home] and n != home]
        here.sort(key=lambda n: -(cosines[n] + 0.25 * len(own_words & words[n]) / max(1, len(own_words))))
        far = [int(n) for n in np.argsort(-cosines)[:8] if home_of[n] != home_of[home]]
        others, elsewhere = (
            tuple(everything[n] for n in those if answer not in everything[n].text.casefold())
            for those in (here[:8], far[:4])
        )
        if (others or elsewhere) and len(question.split()) > 1:
            yield Asked(question, everything[home], span, others, elsewhere, made=True)


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
        nearest = [*asked.others[:2], *_sample([*asked.others[2:12], *asked.far], 2, chance)]
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
    answered = answers and not left_out and asked.home is not None
    span = None
    if answered and asked.home is not None and asked.span:
        answer = " ".join(asked.home.text[slice(*asked.span)].split())
        begin = texts[0].partition(BETWEEN)[0].find(answer)
        span = (begin, begin + len(answer)) if begin >= 0 else None
    return Group(question, tuple(texts), answered, span)


def _unanswered(asked: Asked, chance: random.Random) -> str | None:
    """The question about another name, number or date, or of another kind, than its sentence answers."""
    assert asked.home is not None
    answer = asked.home.text[slice(*asked.span)] if asked.span else ""
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
    own, between, before = text.partition(BETWEEN)
    return f"{own}{BETWEEN}{title}{': ' if between else ''}{before}"


def _sample(sentences: Sequence[Sentence], most: int, chance: random.Random) -> list[Sentence]:
    return chance.sample(list(sentences), min(most, len(sentences)))
