"""The type that leaves this room: a ranked piece of reporting, with where it stands."""

from __future__ import annotations

from dataclasses import dataclass

from qabot.index import StoredArticle


@dataclass(frozen=True, slots=True)
class Features:
    """What a sentence was ranked by: cosines with the question, and BM25 as a share of the best match's."""

    sentence_cosine: float
    passage_cosine: float
    bm25: float


@dataclass(frozen=True, slots=True)
class ScoredSentence:
    """A sentence of a hit, ``text[start:end]`` of its article; ``score`` is 0 to 1 for all practical purposes.

    ``terms`` are the question's terms that stand in it, in any spelling; ``paragraph`` and ``ordinal`` count within
    the article, ``id`` is the passage's in the index.
    ``said_by`` is who says what it reports or quotes; ``denies`` that it denies or doubts something, ``announces`` that
    it only leads in to what is said elsewhere.
    """

    start: int
    end: int
    score: float
    features: Features | None
    terms: frozenset[str] = frozenset()
    paragraph: int = 0
    said_by: str | None = None
    denies: bool = False
    announces: bool = False
    ordinal: int = 0
    id: int = 0


@dataclass(frozen=True, slots=True)
class Source:
    """Where the same words stand too."""

    article: StoredArticle
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Hit:
    """``text`` is ``article_text[start:end]``, in characters; ``sentences`` are in reading order.

    ``coverage`` is the share, by idf, of the question's words that stand in it or right beside it, 0 to 1.
    ``also`` lists near-duplicates in other places: wire copies, reposts.
    """

    article: StoredArticle
    start: int
    end: int
    text: str
    score: float
    coverage: float
    sentences: tuple[ScoredSentence, ...]
    also: tuple[Source, ...] = ()

    @property
    def best(self) -> ScoredSentence:
        return max(self.sentences, key=lambda sentence: sentence.score)
