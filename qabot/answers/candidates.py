"""Hits -> the sentences that may answer, each with what speaks for it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields

from qabot.embedding import Reading
from qabot.language import words_of
from qabot.language.answer_type import answer_type, offers
from qabot.language.pronouns import in_context, leans_on_before
from qabot.retrieval import Hit, Query, ScoredSentence

_CLOSERS = ".!?…\"”'’)]"
_SHORT = 40  # characters; a headline's tail, a caption's end


@dataclass(frozen=True, slots=True)
class SentenceFeatures:
    """What the linear scorer sees; each from about 0 to 1, flags 0 or 1."""

    sentence_cosine: float
    passage_cosine: float
    bm25: float
    covered: float  # share of the question's words, by idf, in the sentence
    covered_nearby: float  # in it, the sentence before and the one after
    rarest_covered: float  # whether the question's rarest word stands in the sentence or beside it
    cosine_gap: float  # to the best sentence's cosine, never above 0
    offers_kind: float  # the kind of answer asked for, where one is
    lacks_kind: float
    title: float  # share of the question's words in the article's title
    early: float  # 1 at the beginning of the article, 0 from 4,000 characters on
    length: float  # of the sentence, the natural logarithm of its characters by 100
    hit_score: float
    first_hit: float
    leans: float  # on the sentence before
    boilerplate: float  # short, unfinished, or a question itself


@dataclass(frozen=True, slots=True)
class Candidate:
    hit: Hit
    sentence: ScoredSentence
    text: str  # as it stands in the article
    before: str  # the sentence before it in the hit, if there is one
    features: SentenceFeatures
    reading: Reading | None = None  # the cross-encoder's, where it read this one
    score: float = 0.0
    before_start: int = 0  # where the sentence before begins; the sentence's own start where there is none

    @property
    def in_context(self) -> str:
        return in_context(self.before, self.text)

    @property
    def span(self) -> str:
        """The words that answer, as the cross-encoder reads it; empty where it did not."""
        if self.reading is None:
            return ""
        shown = self.in_context
        return shown[self.reading.start : self.reading.end]


FEATURES = tuple(field.name for field in fields(SentenceFeatures))


def make_candidates(question: str, query: Query, hits: Sequence[Hit]) -> list[Candidate]:
    """Every sentence of the hits with its features, in the order of the hits."""
    kind = answer_type(question)
    best_cosine = max((s.features.sentence_cosine for hit in hits for s in hit.sentences if s.features), default=0.0)
    rarest = max(query.idf, key=lambda term: query.idf[term], default="")
    candidates = []
    for rank, hit in enumerate(hits):
        title = {word.casefold() for word in words_of(hit.article.metadata.title or "")}
        in_title = frozenset(term for term, others in query.terms.items() if not title.isdisjoint((term, *others)))
        for n, sentence in enumerate(hit.sentences):
            text = hit.text[sentence.start - hit.start : sentence.end - hit.start]
            near = sentence.terms.union(*(other.terms for other in hit.sentences[max(0, n - 1) : n + 2]))
            previous = hit.sentences[n - 1] if n and hit.sentences[n - 1].paragraph == sentence.paragraph else None
            before = hit.text[previous.start - hit.start : previous.end - hit.start] if previous else ""
            own = sentence.features
            found = offers(text, kind)
            features = SentenceFeatures(
                sentence_cosine=own.sentence_cosine if own else 0.0,
                passage_cosine=own.passage_cosine if own else 0.0,
                bm25=own.bm25 if own else 0.0,
                covered=share(query, sentence.terms),
                covered_nearby=share(query, near),
                rarest_covered=float(rarest in near),
                cosine_gap=(own.sentence_cosine if own else 0.0) - best_cosine,
                offers_kind=float(kind != "other" and found),
                lacks_kind=float(not found),
                title=share(query, in_title),
                early=max(0.0, 1 - sentence.start / 4000),
                length=math.log(max(1, len(text)) / 100),
                hit_score=hit.score,
                first_hit=float(rank == 0),
                leans=float(leans_on_before(text)),
                boilerplate=float(
                    len(text) < _SHORT or text[-1] not in _CLOSERS or text.rstrip("\"”'’)").endswith("?")
                ),
            )
            candidates.append(
                Candidate(
                    hit, sentence, text, before, features, before_start=previous.start if previous else sentence.start
                )
            )
    return candidates


def share(query: Query, terms: frozenset[str]) -> float:
    """The share of the question's words, by idf, that are among ``terms``; 0 to 1."""
    total = sum(query.idf.values())
    return sum(idf for term, idf in query.idf.items() if term in terms) / total if total else 0.0
