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
    """A quote as it was cited, and what stands around it in today's article.

    ``before`` and ``after`` begin and end with a whole word; ``more_before`` and ``more_after`` say whether the article
    goes on there. Where its words changed, nothing stands around the quote, and ``instead`` is what is there today.
    ``line`` is the file's line that the quote begins on, from 1, where the file is the text.
    """

    checked: Checked
    quote: str
    before: str = ""
    after: str = ""
    more_before: bool = False
    more_after: bool = False
    instead: str = ""
    line: int | None = None


def check(citations: Sequence[Citation], text_of: Callable[[str], str | None]) -> list[Checked]:
    """``text_of`` gives an article's text of today by path, ``None`` where there is no such article."""
    return [_check(citation, text_of(citation.article)) for citation in citations]


def surrounding(checked: Checked, text: str | None, reach: int, first: int = 0) -> Evidence:
    """The quote in up to ``reach`` characters to either side, as the article stands today; its body begins at
    ``first``."""
    citation = checked.citation
    if text is None:
        return Evidence(checked, citation.quote)
    if checked.start is None or checked.end is None:
        middle = max(first, min(citation.start, len(text)))
        before, _ = _end_of(text[first:middle], reach // 2)
        after, _ = _beginning_of(text[middle:], reach // 2 + len(citation.quote))
        return Evidence(checked, citation.quote, instead=(before + after).strip())
    before, more_before = _end_of(text[min(first, checked.start) : checked.start], reach)
    after, more_after = _beginning_of(text[checked.end :], reach)
    return Evidence(checked, citation.quote, before, after, more_before, more_after)


def _end_of(text: str, most: int) -> tuple[str, bool]:
    """The last ``most`` characters from a whole word on, and whether there are more before."""
    if len(text) <= most:
        return text, False
    kept = text[len(text) - most :]
    return kept[kept.find(" ") + 1 :], True


def _beginning_of(text: str, most: int) -> tuple[str, bool]:
    if len(text) <= most:
        return text, False
    kept = text[:most]
    return kept[: kept.rfind(" ")] if " " in kept else kept, True


def _check(citation: Citation, text: str | None) -> Checked:
    if text is None:
        return Checked(citation, "gone", None, None)
    if citation.quote and text[citation.start : citation.end] == citation.quote:
        return Checked(citation, "holds", citation.start, citation.end)
    at = text.find(citation.quote) if citation.quote else -1
    if at < 0:
        return Checked(citation, "changed", None, None)
    return Checked(citation, "moved", at, at + len(citation.quote))
