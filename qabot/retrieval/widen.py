"""The best passages -> hits: each widened to about a paragraph, none overlapping, copies folded into one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from qabot.index import IndexSnapshot, StoredPassage
from qabot.language import STOP_WORDS, stems_of, words_of
from qabot.language.alignment import align
from qabot.retrieval.fusion import Scores
from qabot.retrieval.hit import Hit, ScoredSentence, Source

# Sentences to either side that may come into one hit; 800 characters hold no more.
_REACH = 16
# Shared three-word runs, of the shorter hit's, from which two hits are the same words: wire copies differ in a
# sentence or two, retellings of one report share fewer than a third.
_COPY_SHARE = 0.75


# Hits beyond those asked for that may still come to the front by covering more of the question, or be copies.
_SPARE = 7
_SPARE_ACROSS = 19
SPREAD = 0.05
COVERAGE_WEIGHT = 0.1  # measured with the weights in fusion.py; .2 and more cost recall@1


def make_hits(
    scores: Scores, index: IndexSnapshot, most: int, characters: int, *, across_articles: bool = False
) -> list[Hit]:
    """At most ``most`` hits of at most ``characters`` characters, best first; ``across_articles`` gives other
    articles' hits precedence over a third and fourth of one article."""
    order = sorted(scores.passages, key=lambda i: (-scores.of(i), i))
    used: set[int] = set()
    spans: list[tuple[float, float, Sequence[StoredPassage]]] = []
    spare = _SPARE_ACROSS if across_articles else _SPARE
    for i in order:
        if len(spans) == most + spare:
            break
        if i in used:
            continue
        passage = index.passages((i,))[i]
        span = _widen(passage, index.section(passage, _REACH), scores, used, characters)
        ids = [member.id for member in span]
        used.update(ids)
        coverage = scores.coverage(ids)
        spans.append(((1 - COVERAGE_WEIGHT) * scores.of(i) + COVERAGE_WEIGHT * coverage, coverage, span))
    spans.sort(key=lambda ranked: -ranked[0])
    if across_articles:
        spans = _spread(spans)
    return _without_copies((_hit(span, scores, index, score, coverage) for score, coverage, span in spans), most)


def _spread(
    spans: Sequence[tuple[float, float, Sequence[StoredPassage]]],
) -> list[tuple[float, float, Sequence[StoredPassage]]]:
    """Ordered anew, each further one of an article at a cost."""
    seen: dict[int, int] = {}
    lessened = []
    for score, coverage, span in spans:
        article = span[0].article_id
        lessened.append((score - SPREAD * seen.get(article, 0), coverage, span))
        seen[article] = seen.get(article, 0) + 1
    return sorted(lessened, key=lambda ranked: -ranked[0])


def _without_copies(hits: Iterable[Hit], most: int) -> list[Hit]:
    """The first ``most``, with near-duplicates folded into the one that comes first."""
    kept: list[Hit] = []
    shingles: list[set[tuple[str, ...]]] = []
    for hit in hits:
        runs = _shingles(hit.text)
        copied = next(
            (n for n, other in enumerate(shingles) if _shares(runs, other) and _agree(kept[n].text, hit.text)), None
        )
        if copied is None:
            if len(kept) == most:
                break
            kept.append(hit)
            shingles.append(runs)
        elif kept[copied].article.id != hit.article.id:
            source = Source(hit.article, hit.start, hit.end)
            kept[copied] = replace(kept[copied], also=(*kept[copied].also, source))
    return kept


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
            key=lambda choice: (choice[0].paragraph == passage.paragraph, scores.of(choice[0].id)),
        )


def _hit(span: Sequence[StoredPassage], scores: Scores, index: IndexSnapshot, score: float, coverage: float) -> Hit:
    start, end = span[0].start, span[-1].end
    sentences = []
    for member in span:
        score_of, features = scores.passages.get(member.id, (0.0, None))
        terms = scores.terms_in(member.id)
        sentences.append(
            ScoredSentence(
                member.start,
                member.end,
                score_of,
                features,
                terms,
                member.paragraph,
                member.said_by,
                member.denies,
                member.announces,
                member.ordinal,
                member.id,
            )
        )
    text = index.article_text(span[0].article_id)[start:end]
    return Hit(index.article(span[0].article_id), start, end, text, score, coverage, tuple(sentences))


def _shingles(text: str) -> set[tuple[str, ...]]:
    words = [word.casefold() for word in words_of(text)]
    return {tuple(words[n : n + 3]) for n in range(max(1, len(words) - 2))}


def _shares(one: set[tuple[str, ...]], other: set[tuple[str, ...]]) -> bool:
    return len(one & other) >= _COPY_SHARE * min(len(one), len(other))


def _agree(one: str, other: str) -> bool:
    """Whether neither says something where the other says something else: two versions are two hits."""
    return not any(
        stems_of(place.ours_said) - STOP_WORDS and stems_of(place.theirs_said) - STOP_WORDS
        for place in align(one, other).replaced
    )
