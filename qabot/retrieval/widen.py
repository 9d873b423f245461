"""The best passages -> hits: each widened to about a paragraph, none overlapping, copies folded into one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from qabot.index import SqliteFaissReader, StoredPassage, words_of
from qabot.retrieval.hit import Features, Hit, ScoredSentence, Source

Scores = Mapping[int, tuple[float, Features]]

# Sentences to either side that may come into one hit; 800 characters hold no more.
_REACH = 16
# Shared three-word runs, of the shorter hit's, from which two hits are the same words: wire copies differ in a
# sentence or two, retellings of one report share fewer than a third.
_COPY_SHARE = 0.75


def make_hits(scores: Scores, index: SqliteFaissReader, most: int, characters: int) -> list[Hit]:
    """At most ``most`` hits of at most ``characters`` characters, best first."""
    order = sorted(scores, key=lambda i: (-scores[i][0], i))
    passages = index.passages(order)
    used: set[int] = set()
    hits: list[Hit] = []
    shingles: list[set[tuple[str, ...]]] = []
    texts: dict[int, str] = {}
    for i in order:
        if len(hits) == most:
            break
        if i in used:
            continue
        passage = passages[i]
        span = _widen(passage, index.section(passage, _REACH), scores, used, characters)
        used.update(member.id for member in span)
        if passage.article_id not in texts:
            texts[passage.article_id] = index.article_text(passage.article_id)
        hit = _hit(span, scores, index, texts[passage.article_id], scores[i][0])
        runs = _shingles(hit.text)
        copied = next((n for n, other in enumerate(shingles) if _are_copies(runs, other)), None)
        if copied is None:
            hits.append(hit)
            shingles.append(runs)
        elif hits[copied].article.id != hit.article.id:
            hits[copied] = replace(
                hits[copied], also=(*hits[copied].also, Source(hit.article, hit.start, hit.end))
            )
    return hits


def _widen(
    passage: StoredPassage, section: Sequence[StoredPassage], scores: Scores, used: set[int], characters: int
) -> Sequence[StoredPassage]:
    """Takes in neighbours while they fit: those of the same paragraph first, then the better scored."""
    first = last = next(n for n, other in enumerate(section) if other.id == passage.id)
    while True:
        neighbours = []
        if first > 0 and section[last].end - section[first - 1].start <= characters:
            neighbours.append((section[first - 1], first - 1, last))
        if last + 1 < len(section) and section[last + 1].end - section[first].start <= characters:
            neighbours.append((section[last + 1], first, last + 1))
        neighbours = [choice for choice in neighbours if choice[0].id not in used]
        if not neighbours:
            return section[first : last + 1]
        _, first, last = max(
            neighbours,
            key=lambda choice: (choice[0].paragraph == passage.paragraph, scores.get(choice[0].id, (0.0,))[0]),
        )


def _hit(span: Sequence[StoredPassage], scores: Scores, index: SqliteFaissReader, text: str, score: float) -> Hit:
    start, end = span[0].start, span[-1].end
    sentences = []
    for member in span:
        value, features = scores.get(member.id, (0.0, None))
        sentences.append(ScoredSentence(member.start, member.end, value, features))
    return Hit(index.article(span[0].article_id), start, end, text[start:end], score, tuple(sentences))


def _shingles(text: str) -> set[tuple[str, ...]]:
    words = [word.casefold() for word in words_of(text)]
    return {tuple(words[n : n + 3]) for n in range(max(1, len(words) - 2))}


def _are_copies(one: set[tuple[str, ...]], other: set[tuple[str, ...]]) -> bool:
    return len(one & other) >= _COPY_SHARE * min(len(one), len(other))
