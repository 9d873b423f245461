"""An answer's parts in Discord's markup: each statement, source and note as one piece of text, everything inert."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from qabot import Answer, Citation, Filters, Statement
from qabot.discord_bot.inert import inert, one_line, shortened
from qabot.phrases import counted, day, quoted

_TITLE, _NAME = 120, 60  # characters of a title, and of an outlet's or author's name, in a line about a source

STATUS = {"answered": "Answered", "partial": "Answered in part", "abstained": "Not found in these articles"}
STANDS = {
    "holds": "**Holds.** The article has these words here.",
    "moved": "**Moved.** The article has these words elsewhere now.",
    "changed": "**Changed.** The article no longer has these words.",
    "gone": "**Gone.** This article is no longer there.",
}


def markers(numbers: Sequence[int]) -> str:
    return " ".join(f"[{number}]" for number in numbers)


def statement_text(statement: Statement, *, sourced: bool = True) -> str:
    """The article's words in quotation marks, ours in italics, then the markers; ``sourced`` with the source before."""
    text, spans = statement.text, list(statement.added)
    prefix = ""
    if spans and spans[0].start == 0:
        first = spans.pop(0)
        prefix = text[: first.end].strip()
        if first.end >= len(text):
            return f"*{inert(prefix)}* {markers(statement.citations)}"
        text, shift = text[first.end :], first.end
    else:
        shift = 0
    pieces, at = [], 0
    for span in spans:
        pieces.append(inert(text[at : span.start - shift]))
        pieces.append(f"*{inert(text[span.start - shift : span.end - shift])}*")
        at = span.end - shift
    pieces.append(inert(text[at:]))
    quote = quoted(text, "".join(pieces))
    before = f"*{inert(prefix)}* " if prefix and sourced else ""
    return f"{before}{quote} {markers(statement.citations)}"


def disagreement_text(answer: Answer) -> str:
    """ "Reports differ: A says “14” [1] · B says “19” [2]"; empty where they do not."""
    by_number = {citation.id: citation for citation in answer.citations}
    lines = []
    for disagreement in answer.disagreements:
        sides = []
        for position in disagreement.positions:
            who = ", ".join(dict.fromkeys(source_name(by_number[n]) for n in position.citations if n in by_number))
            sides.append(f"{who} says “{inert(shortened(position.says, 200))}” {markers(position.citations)}")
        lines.append(f"**Reports differ:** {' · '.join(sides)}")
    return "\n".join(lines)


def source_name(citation: Citation) -> str:
    """Outlet, author, title or path: the first that is known."""
    name = citation.outlet or citation.author
    return one_line(shortened(name, _NAME) if name else shortened(citation.title or citation.article, _TITLE))


def source_text(numbers: Sequence[int], citation: Citation) -> str:
    """ "**[1]** The Example · A. Writer · 4 Nov 2023", and the title under it."""
    known = [source_name(citation)]
    if citation.author and citation.outlet:
        known.append(one_line(shortened(citation.author, _NAME)))
    known.append(one_line(day(citation.published)) if citation.published else "undated")
    line = f"**{markers(numbers)}** {' · '.join(known)}"
    named_by_title = not (citation.outlet or citation.author)
    if citation.title and not named_by_title:
        line += f"\n-# {one_line(shortened(citation.title, _TITLE))}"
    return line


def filters_text(filters: Filters) -> str:
    """ "only: Breitbart, until 2022"; empty where all articles are asked."""
    only = [filters.outlet, filters.author, filters.article]
    parts = [one_line(shortened(part, _NAME)) for part in only if part]
    parts += [f"{name} {value}" for name, value in (("since", filters.since), ("until", filters.until)) if value]
    return f"only: {', '.join(parts)}" if parts else ""


def instant(iso: str) -> str:
    """ "24 Nov 2026, 23:35 UTC"; anything else as it is."""
    try:
        when = datetime.fromisoformat(iso)
    except ValueError:
        return one_line(iso)
    return f"{when.day} {when:%b %Y, %H:%M} UTC"


def footer_text(answer: Answer, *, filtered: bool) -> str:
    """ "Answered · 3 of 412 articles · index of 24 Nov 2026 · 38 ms"."""
    articles = counted(answer.index.articles_asked, "article")
    cited = len({citation.article for citation in answer.citations})
    if answer.status != "abstained" and cited:
        articles = counted(cited, "article") if filtered else f"{cited} of {articles}"
    parts = [STATUS[answer.status]]
    # How many were asked where not all were is said by the answer itself.
    parts += [] if answer.status == "abstained" and filtered else [articles]
    built = instant(answer.index.built).split(",")[0]
    parts.append(f"index of {built}" + (", behind the articles" if answer.index.stale else ""))
    parts.append(f"{answer.took_ms:.0f} ms")
    return f"-# {' · '.join(parts)}"


def sources(answer: Answer) -> list[tuple[list[int], Citation]]:
    """Each cited article once, with the numbers of its citations, in the order of the answer."""
    found: dict[str, list[Citation]] = {}
    for citation in answer.citations:
        found.setdefault(citation.article, []).append(citation)
    return [([citation.id for citation in own], own[0]) for own in found.values()]


def plain_text(answer: Answer) -> str:
    """The whole answer and its sources without any markup, for a file."""
    lines = [answer.question, "", answer.answer, ""]
    for citation in answer.citations:
        known = [citation.outlet, citation.author, citation.published, citation.title]
        about = " · ".join(value for value in known if value)
        lines += [f"[{citation.id}] {about}".rstrip(), f"    {citation.article}:{citation.start}-{citation.end}"]
        lines += [f"    {citation.url}"] if citation.url else []
        lines += [f"    {quoted(citation.quote)}"]
    return "\n".join(lines) + "\n"
