"""Hits -> the sentences that may answer, each with what retrieval says for it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields

from qabot.embedding import Reading
from qabot.language import STOP_WORDS, folded_words, stem, stems_of
from qabot.language.answer_type import answer_type, offers
from qabot.language.names import words_for
from qabot.language.pronouns import in_context, leans_on_before
from qabot.retrieval import Hit, Query, ScoredSentence

_CLOSERS = ".!?…\"”'’)]"
_LEAD = 2  # sentences in which a report says what it is about
_SHORT = 60  # characters; a headline's tail, a caption's end


@dataclass(frozen=True, slots=True)
class SentenceFeatures:
    """What the ranker sees of a sentence before it is read; each from about -1 to 1, flags 0 or 1.

    Ranks and gaps rather than raw scores where both are to be had: they mean the same in five articles and in five
    hundred.
    """

    sentence_cosine: float
    passage_cosine: float
    bm25: float
    cosine_gap: float  # to the best sentence's cosine, never above 0
    cosine_rank: float  # 1 by its place by cosine
    covered: float  # share of the question's words, by idf and stem, in the sentence
    covered_nearby: float  # in it, the sentence before, the one after and the title
    covered_hit: float  # in its hit and the title
    title: float  # in the article's title
    article_cosine_gap: float  # of the article's best sentence to the best of all
    article_first: float  # the best sentence by cosine is in this article
    article_share: float  # of all candidates, those in this article
    early: float  # 1 at the beginning of the article, 0 from 4,000 characters on
    length: float  # of the sentence, the natural logarithm of its characters by 100
    hit_score: float
    hit_rank: float  # 1 by the hit's place
    offers_type: float  # the type of answer asked for, where one is
    lacks_type: float
    adds: float  # words that the question does not have, by 10
    leans: float  # on the sentence before
    quotes: float
    unfinished: float  # short, without an end, only announcing, or a question itself
    names_covered: float  # share of the question's names, by idf, in the sentence
    rest_covered: float  # and of its other words
    lead: float  # the first or the second sentence of its article


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
    nearby: frozenset[str] = frozenset()  # of the question's terms, those in it, beside it or in the title

    @property
    def in_context(self) -> str:
        return in_context(self.before, self.text)

    @property
    def with_neighbours(self) -> str:
        """The sentence with those right before and after it in the hit."""
        hit = self.hit
        n = next((n for n, other in enumerate(hit.sentences) if other.start == self.sentence.start), None)
        if n is None:
            return self.text
        beside = hit.sentences[max(0, n - 1) : n + 2]
        return hit.text[beside[0].start - hit.start : beside[-1].end - hit.start]

    @property
    def span(self) -> str:
        """The words that answer, as the cross-encoder reads it; empty where it did not."""
        if self.reading is None:
            return ""
        shown = self.in_context
        return shown[self.reading.start : self.reading.end]


FEATURES = tuple(field.name for field in fields(SentenceFeatures))


class Coverage:
    """Which of a query's terms stand in a text: in any of their spellings, by stem, within a compound, or by another
    word for the same."""

    def __init__(self, query: Query) -> None:
        self._idf = query.idf
        self._total = sum(query.idf.values())
        self._others = words_for(query.terms)
        self._stems = {term: {stem(word) for word in (term, *others)} for term, others in query.terms.items()}

    def terms_in(self, text: str) -> frozenset[str]:
        folded, words = folded_words(text), stems_of(text)
        joined = "\n".join(words)
        found = {
            term
            for term, stems in self._stems.items()
            if not stems.isdisjoint(words) or any(len(own) > 4 and own in joined for own in stems)
        }
        found |= {term for term, others in self._others.items() if not others.isdisjoint(folded)}
        return frozenset(found)

    def share(self, terms: frozenset[str]) -> float:
        """Of the question's words, by idf; 0 to 1."""
        return sum(idf for term, idf in self._idf.items() if term in terms) / self._total if self._total else 0.0


def make_candidates(question: str, query: Query, hits: Sequence[Hit]) -> list[Candidate]:
    """Every sentence of the hits with its features, in the order of the hits."""
    wanted = answer_type(question)
    asked = stems_of(question)
    cosines = [(s.features.sentence_cosine if s.features else 0.0, hit) for hit in hits for s in hit.sentences]
    cosines.sort(key=lambda pair: -pair[0])
    best_cosine = cosines[0][0] if cosines else 0.0
    best_of: dict[int, float] = {}
    count_of: dict[int, int] = {}
    for cosine, hit in cosines:
        best_of.setdefault(hit.article.id, cosine)
        count_of[hit.article.id] = count_of.get(hit.article.id, 0) + 1
    places = {value: place for place, value in reversed(list(enumerate(cosine for cosine, _ in cosines)))}
    coverage = Coverage(query)
    others = frozenset(query.terms) - query.names
    share_of_names, share_of_others = coverage.share(query.names), coverage.share(others)
    candidates = []
    for rank, hit in enumerate(hits):
        in_title = coverage.terms_in(hit.article.metadata.title or "")
        texts = [hit.text[s.start - hit.start : s.end - hit.start] for s in hit.sentences]
        terms = [coverage.terms_in(text) for text in texts]
        covered_hit = coverage.share(in_title.union(*terms))
        for n, (sentence, text) in enumerate(zip(hit.sentences, texts, strict=True)):
            nearby = in_title.union(*terms[max(0, n - 1) : n + 2])
            if sentence.said_by:
                nearby |= coverage.terms_in(sentence.said_by)
            previous = hit.sentences[n - 1] if n and hit.sentences[n - 1].paragraph == sentence.paragraph else None
            own = sentence.features
            cosine = own.sentence_cosine if own else 0.0
            found = offers(text, wanted)
            new = {stem(word) for word in folded_words(text) - STOP_WORDS} - asked
            ending = text.rstrip("\"”'’) ")
            features = SentenceFeatures(
                sentence_cosine=cosine,
                passage_cosine=own.passage_cosine if own else 0.0,
                bm25=own.bm25 if own else 0.0,
                cosine_gap=cosine - best_cosine,
                cosine_rank=1 / (1 + places[cosine]),
                covered=coverage.share(terms[n]),
                covered_nearby=coverage.share(nearby),
                covered_hit=covered_hit,
                title=coverage.share(in_title),
                article_cosine_gap=best_of[hit.article.id] - best_cosine,
                article_first=float(hit.article.id == cosines[0][1].article.id),
                article_share=count_of[hit.article.id] / len(cosines),
                early=max(0.0, 1 - sentence.start / 4000),
                length=math.log(max(1, len(text)) / 100),
                hit_score=hit.score,
                hit_rank=1 / (1 + rank),
                offers_type=float(wanted != "other" and found),
                lacks_type=float(not found),
                adds=len(new) / 10,
                leans=float(leans_on_before(text)),
                quotes=float(any(mark in text for mark in '"“”')),
                unfinished=float(
                    len(text) < _SHORT or text[-1] not in _CLOSERS or ending.endswith(("?", ":")) or sentence.announces
                ),
                names_covered=coverage.share(terms[n] & query.names) / share_of_names if share_of_names else 0.0,
                rest_covered=coverage.share(terms[n] & others) / share_of_others if share_of_others else 0.0,
                lead=float(sentence.ordinal < _LEAD),
            )
            candidates.append(
                Candidate(
                    hit,
                    sentence,
                    text,
                    texts[n - 1] if previous else "",
                    features,
                    before_start=previous.start if previous else sentence.start,
                    nearby=nearby,
                )
            )
    return candidates
