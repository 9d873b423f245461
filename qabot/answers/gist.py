"""The gist of articles, in their own sentences: central ones, each of another matter, that can stand alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qabot.answers.compose import OPENS_LEANING, Quoted
from qabot.answers.quotation import shown
from qabot.embedding import Vectors
from qabot.index import IndexSnapshot, StoredArticle
from qabot.language import words_of
from qabot.language.names import names

Floats = NDArray[np.floating[Any]]

# Articles, those on a topic, and sentences of each by how many articles there are; characters of all together.
MOST_ARTICLES, MOST_ON_TOPIC = 8, 4
_OF_EACH = {1: 3, 2: 2}
_MOST_CHARACTERS = 1400
_SHORTEST, _LONGEST = 50, 420  # characters of a sentence
# Of one sentence of each: shorter the more articles there are, but not than this.
_TOGETHER, _LEAST_EACH = 1500, 200
# LexRank's share of chance, here of the preference (Erkan and Radev 2004 have .1 to .2 with an even one), and how much
# of the order is newness (Carbonell and Goldstein 1998). Set once and kept after
# reading the gists of 21 articles; other values were not compared.
_PREFERRED = 0.3
_NOVELTY = 0.4
_ROUNDS = 60
_SAME = 0.82  # a cosine from which two sentences say the same
_EARLY = 12  # sentences after which the preference for the beginning is a half

_ENDS = re.compile(r"[.!…][\"”'’)]*$")
_LINKS = re.compile(
    r"^\W*(?:And|But|So|Yet|However|Nevertheless|Nonetheless|Also|Instead|Then|Moreover|Meanwhile|Still|Therefore|Thus|In addition|Additionally|"
    r"For example|For instance|As a result|In contrast|Despite this|Another|Other|One of them|Here|There|Now|Later|Earlier|According to (?:him|her|them|it))\b"
)
_PRONOUN_FIRST = re.compile(r"^\W*(?:[\w’'-]+ ){0,4}(?:them|him|it)\b")
_PERSONAL = re.compile(r"\b(?:he|she|him|his|her|hers)\b", re.IGNORECASE)
_QUOTED = re.compile(r"[“\"][^”\"]*(?:[”\"]|$)")
_LEAST_OWN = 4  # words outside of quotation marks


@dataclass(frozen=True, slots=True)
class _Sentence:
    article: StoredArticle
    number: int  # in its article, from 0
    start: int
    end: int
    text: str


def gist_of(index: IndexSnapshot, articles: Sequence[StoredArticle], topic: Vectors | None = None) -> list[Quoted]:
    """Three sentences of one article, two of each of two, one of each of more; each article's in reading order.

    With a ``topic``, by its vector, the sentences near to it. At most eight articles, of a topic four.
    """
    asked = articles[: MOST_ARTICLES if topic is None else MOST_ON_TOPIC]
    each = _OF_EACH.get(len(asked), 1)
    longest = _LONGEST if len(asked) <= len(_OF_EACH) else max(_LEAST_EACH, _TOGETHER // len(asked))
    quotes: list[Quoted] = []
    told = np.empty((0, index.summary().stamp.model.dimension), dtype=np.float32)
    for article in asked:
        sentences, vectors = _sentences(index, article, longest)
        if not sentences:
            continue
        # The one sentence of each has to say what the article is about.
        preference = _early(sentences) ** (1 if each > 1 else 2) * _like_title(sentences)
        near = np.ones(len(sentences)) if topic is None else np.clip(vectors @ topic, 0.01, 1.0)
        # One article is on the topic throughout; of several, each has a part that is.
        worth = (
            _centrality(vectors, preference * near)
            if len(asked) == 1
            else _centrality(vectors, preference * near**2) * near
        )
        chosen = _choose(worth / worth.max(), vectors, told, each)
        told = np.concatenate([told, vectors[chosen]])
        quotes += [Quoted(s.article, s.start, s.end, s.text, shown(s.text)) for s in (sentences[n] for n in chosen)]
    return _within(quotes)


def _sentences(index: IndexSnapshot, article: StoredArticle, longest: int) -> tuple[list[_Sentence], Vectors]:
    """Those of at most ``longest`` characters that can stand alone, with their vectors; all where none can."""
    passages, vectors = index.sentence_vectors(article.id)
    text = index.article_text(article.id)
    found = [_Sentence(article, n, p.start, p.end, text[p.start : p.end]) for n, p in enumerate(passages)]
    able = [sentence for sentence in found if stands_alone(sentence.text)]
    kept = [sentence for sentence in able if len(sentence.text) <= longest] or able or found
    return kept, vectors[[sentence.number for sentence in kept]]


def stands_alone(sentence: str) -> bool:
    """Whether a reader understands the sentence without the one before, and hears the report in it, not only a voice."""
    text = " ".join(sentence.split())
    own = _QUOTED.sub(" ", text)
    return (
        _SHORTEST <= len(text) <= _LONGEST
        and bool(_ENDS.search(text))
        and text.count("“") == text.count("”")
        and text.count('"') % 2 == 0
        and not OPENS_LEANING.match(text)
        and not _LINKS.match(text)
        and not _PRONOUN_FIRST.match(text)
        and not _of_nobody_named(text)
        and not text[:1].islower()
        and len(own.split()) >= _LEAST_OWN
        and len(own) >= 0.5 * len(text)
    )


def _of_nobody_named(text: str) -> bool:
    """Whether "he" or "her" stands where nobody was named before it."""
    found = _PERSONAL.search(text)
    # The first word has its capital from opening the sentence.
    return found is not None and not names(text[: found.start()].partition(" ")[2])


def _centrality(vectors: Vectors, preference: Floats) -> Floats:
    """LexRank over cosines, ``float[n]`` with the greatest 1; chance leads to where ``preference`` does.

    Erkan and Radev 2004, section 3.3, continuous; the preference as in Otterbacher, Erkan and Radev 2005.
    """
    similarity = np.clip(vectors @ vectors.T, 0.0, 1.0)
    step = similarity / similarity.sum(axis=1, keepdims=True)
    chance = preference / preference.sum()
    rank = chance
    for _ in range(_ROUNDS):
        rank = _PREFERRED * chance + (1 - _PREFERRED) * step.T @ rank
    return np.asarray(rank / rank.max())


def _early(sentences: Sequence[_Sentence]) -> Floats:
    return np.array([1 / (1 + sentence.number / _EARLY) for sentence in sentences])


def _like_title(sentences: Sequence[_Sentence]) -> Floats:
    """1 to 2, by the share of the title's words that a sentence has."""
    title = {word.casefold() for word in words_of(sentences[0].article.metadata.title or "") if len(word) > 3}
    return np.array([1 + len(title & {w.casefold() for w in words_of(s.text)}) / max(1, len(title)) for s in sentences])


def _choose(worth: Floats, vectors: Vectors, told: Vectors, most: int) -> list[int]:
    """The most worth telling, by maximal marginal relevance, in reading order; none says what was ``told`` already."""
    chosen: list[int] = []
    while len(chosen) < most:
        before = np.concatenate([told, vectors[chosen]])
        likest = (vectors @ before.T).max(axis=1) if len(before) else np.zeros(len(vectors))
        value = np.where(likest < _SAME, (1 - _NOVELTY) * worth - _NOVELTY * likest, -np.inf)
        best = int(value.argmax())
        if not np.isfinite(value[best]):
            break
        chosen.append(best)
    return sorted(chosen)


def _within(quotes: Sequence[Quoted]) -> list[Quoted]:
    """As many as are short enough together; one at least."""
    kept: list[Quoted] = []
    for quote in quotes:
        if not kept or sum(len(q.text) for q in (*kept, quote)) <= _MOST_CHARACTERS:
            kept.append(quote)
    return kept
