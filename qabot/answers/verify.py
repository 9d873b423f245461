"""Whether quotes still stand where their citations say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from qabot.answers.answer import Answer, Citation

State = Literal["holds", "moved", "changed", "gone"]


@dataclass(frozen=True, slots=True)
class Checked:
    """``start`` and ``end`` are where the quote stands now: elsewhere if moved, ``None`` if changed or gone."""

    citation: Citation
    state: State
    start: int | None
    end: int | None


def check(citations: Sequence[Citation], text_of: Callable[[str], str | None]) -> list[Checked]:
    """``text_of`` gives an article's text of today by path, ``None`` where there is no such article."""
    return [_check(citation, text_of(citation.article)) for citation in citations]


def without(answer: Answer, dropped: Sequence[Citation]) -> tuple[str, tuple[Citation, ...]]:
    """The answer's text and citations without the dropped ones and what was said on their account."""
    numbers = {citation.id for citation in dropped}
    text = answer.answer
    kept = tuple(citation for citation in answer.citations if citation.id not in numbers)
    for number in numbers:
        text = _cut(text, f"[{number}]")
    return text.strip(), kept


def _check(citation: Citation, text: str | None) -> Checked:
    if text is None:
        return Checked(citation, "gone", None, None)
    if citation.quote and text[citation.start : citation.end] == citation.quote:
        return Checked(citation, "holds", citation.start, citation.end)
    at = text.find(citation.quote) if citation.quote else -1
    if at < 0:
        return Checked(citation, "changed", None, None)
    return Checked(citation, "moved", at, at + len(citation.quote))


def _cut(text: str, marker: str) -> str:
    """The text without the marker and the statement that it ends: from the line's start or the marker before it."""
    lines = []
    for line in text.split("\n"):
        at = line.find(marker)
        if at >= 0:
            before = line[:at]
            begin = before.rfind("]") + 1
            line = (line[:begin] + line[at + len(marker) :]).strip()
            if line in ("", "-"):
                continue
        lines.append(line)
    return "\n".join(lines)
