"""Whether quotes still stand where their citations say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from qabot.answers.answer import Citation

State = Literal["holds", "moved", "changed", "gone"]


@dataclass(frozen=True, slots=True)
class Checked:
    """``start`` and ``end`` are where the quote stands now: elsewhere if moved, ``None`` if changed or gone."""

    citation: Citation
    state: State
    start: int | None
    end: int | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """A quote as it was cited, and what stands before and after its place in today's article."""

    checked: Checked
    before: str
    quote: str
    after: str


def check(citations: Sequence[Citation], text_of: Callable[[str], str | None]) -> list[Checked]:
    """``text_of`` gives an article's text of today by path, ``None`` where there is no such article."""
    return [_check(citation, text_of(citation.article)) for citation in citations]


def surrounding(checked: Checked, text: str | None, reach: int) -> Evidence:
    """The quote in up to ``reach`` characters to either side, as the article stands today.

    Where the words are no longer there, what stands in their place; of an article that is gone, the quote alone.
    """
    citation = checked.citation
    if text is None:
        return Evidence(checked, "", citation.quote, "")
    start, end = (checked.start, checked.end) if checked.start is not None else (citation.start, citation.end)
    assert end is not None
    before, after = text[max(0, start - reach) : start], text[end : end + reach]
    return Evidence(checked, before, citation.quote, after)


def _check(citation: Citation, text: str | None) -> Checked:
    if text is None:
        return Checked(citation, "gone", None, None)
    if citation.quote and text[citation.start : citation.end] == citation.quote:
        return Checked(citation, "holds", citation.start, citation.end)
    at = text.find(citation.quote) if citation.quote else -1
    if at < 0:
        return Checked(citation, "changed", None, None)
    return Checked(citation, "moved", at, at + len(citation.quote))
