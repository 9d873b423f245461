"""Hits -> the text of an answer: the best sentences as they stand, each with its marker."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from qabot.answers.answer import Citation, RankedPassage
from qabot.retrieval import Hit

MAX_SENTENCES = 2
_FROM_HITS = 3
# A second sentence this much worse than the first is more of something else.
_SCORE_SHARE = 0.8


def compose(hits: Sequence[Hit]) -> tuple[str, tuple[Citation, ...]]:
    """The answer with its markers, and the citations that they name."""
    chosen = sorted(
        ((sentence, hit) for hit in hits[:_FROM_HITS] for sentence in hit.sentences),
        key=lambda pair: -pair[0].score,
    )[:MAX_SENTENCES]
    chosen = [pair for pair in chosen if pair[0].score >= _SCORE_SHARE * chosen[0][0].score]
    # Within an article sentences are read in its order; the best one's article comes first.
    first = chosen[0][1].article.id
    chosen.sort(key=lambda pair: (pair[1].article.id != first, pair[1].article.id, pair[0].start))
    citations = []
    for number, (sentence, hit) in enumerate(chosen, 1):
        quote = hit.text[sentence.start - hit.start : sentence.end - hit.start]
        metadata = hit.article.metadata
        citations.append(
            Citation(
                id=number,
                article=hit.article.path,
                title=metadata.title,
                outlet=metadata.outlet,
                author=metadata.author,
                published=metadata.published,
                quote=quote,
                start=sentence.start,
                end=sentence.end,
            )
        )
    text = " ".join(f"{' '.join(citation.quote.split())} [{citation.id}]" for citation in citations)
    return text, tuple(citations)


def compose_abstention(hits: Sequence[Hit], articles: int) -> str:
    """Says that the articles do not say, and what is nearest."""
    over = "the one article" if articles == 1 else f"the {articles} articles"
    text = f"Not found in {over}."
    if hits:
        best = hits[0].best
        nearest = " ".join(hits[0].text[best.start - hits[0].start : best.end - hits[0].start].split())
        text += f" Nearest, but not an answer ({hits[0].article.path}): “{nearest}”"
    return text


def ranked_passages(hits: Sequence[Hit]) -> tuple[RankedPassage, ...]:
    return tuple(RankedPassage(hit.article.path, hit.text, hit.start, hit.end, round(hit.score, 4)) for hit in hits)


def verified(citations: Sequence[Citation], text_of: Callable[[str], str]) -> bool:
    """Whether every quote stands in its article's text where its citation says."""
    return all(text_of(citation.article)[citation.start : citation.end] == citation.quote for citation in citations)
