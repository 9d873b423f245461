"""A text -> the blocks of its reporting, and what stands between them: marked, never rewritten."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from qabot.articles.article import Block, LeftOut
from qabot.articles.boilerplate import (
    byline_names,
    is_comment_stamp,
    is_credit,
    is_end_matter,
    is_teaser_label,
    reason_to_leave_out,
)
from qabot.articles.lines import Line, join_wrapped, read_lines

# A page with fewer is not taken to have a comment section: one "3 days ago" may be reporting.
_FEWEST_COMMENTS = 3
_MOST_LABELS = 8
_MOST_CAPTION_LINES = 3
_MOST_TITLE, _MOST_HEADING, _MOST_HEADING_WORDS = 200, 100, 14
_TOP = 12  # lines among which a page's head is looked for
_MARKDOWN_HEADING = re.compile(r"#{1,6}[ \t]+(?=\S)")
_LIST_ITEM = re.compile(r"(?:[-*•·+>|]|\d+[.)])\s")
_DATELINE = re.compile(r"^[A-Z][A-Za-z .,'()/]{2,50}\s[—–-]+\s")
_ENDS = tuple(".!;:,…”\"')]’")


def mark_body(text: str, start: int = 0, title: str | None = None) -> tuple[tuple[Block, ...], tuple[LeftOut, ...]]:
    """Blocks and left-out spans of ``text[start:]``, in reading order; what is before ``start`` is front matter.

    Together they hold every character that is not white space. ``title`` is one known from elsewhere.
    """
    left_out = [LeftOut(0, len(text[:start].rstrip()), "front matter")] if text[:start].strip() else []
    if start == 0 and text.startswith("\ufeff"):
        left_out.append(LeftOut(0, 1, "byte order mark"))
        start = 1
    lines = list(read_lines(text, start))
    lines, after = _without_end(lines)
    left_out += after
    lines = join_wrapped(lines, text, _is_furniture)
    reasons = _reasons(lines)
    kept = [line for line, reason in zip(lines, reasons, strict=True) if reason is None]
    left_out += [
        LeftOut(line.start, line.end, why) for line, why in zip(lines, reasons, strict=True) if why is not None
    ]
    blocks, syntax = _blocks(kept, title)
    return blocks, tuple(sorted((*left_out, *syntax), key=lambda span: span.start))


def _without_end(lines: list[Line]) -> tuple[list[Line], list[LeftOut]]:
    """The lines above a comment section or a page's end matter, and that as left out."""
    left_out: list[LeftOut] = []
    stamps = [number for number, line in enumerate(lines) if is_comment_stamp(line.text)]
    # A page that opens with stamps lists stories; comments have an article above them.
    if len(stamps) >= _FEWEST_COMMENTS and any(_is_sentence(line.text) for line in lines[: stamps[0]]):
        first = stamps[0]
        # Names, ranks and labels stand above the first stamp.
        while first > max(1, stamps[0] - _MOST_LABELS) and _is_label(lines[first - 1].text):
            first -= 1
        left_out.append(LeftOut(lines[first].start, lines[-1].end, "reader comments"))
        lines = lines[:first]
    size = sum(len(line.text) for line in lines)
    before = 0
    for number, line in enumerate(lines):
        # Where more follows than has been, the label is a heading of the article.
        if number and is_end_matter(line.text) and 3 * before >= 2 * size:
            left_out.append(LeftOut(line.start, lines[-1].end, "end of the page"))
            return lines[:number], left_out
        before += len(line.text)
    return lines, left_out


def _is_label(line: str) -> bool:
    return len(line) <= 40 and not line.endswith((".", "!", "?", "”", '"'))


def _is_sentence(line: str) -> bool:
    return len(line) > 40 and line.endswith((".", "!", "?", "”", '"', "’", ")"))


def _is_furniture(line: str) -> bool:
    return byline_names(line) is not None or reason_to_leave_out(line) is not None


def _reasons(lines: Sequence[Line]) -> list[str | None]:
    """For each line why it is left out, or ``None``."""
    reasons = [reason_to_leave_out(line.text) for line in lines]
    authors: list[str] = []
    for number, line in enumerate(lines[:_TOP]):
        if names := byline_names(line.text):
            reasons[number] = "byline"
            authors += re.split(r",\s*(?:and\s+)?|\s+and\s+|\s*&\s*", names)
    sizes = Counter(line.group for line in lines)
    for number, line in enumerate(lines):
        if is_credit(line.text) and len(line.text) <= 100:
            # A caption stands right above or below its credit, and blank lines around the two. Where each paragraph
            # is a line there are none, and what is beside a credit may be reporting; the first line may be a title.
            for other in (number - 1, number + 1):
                if not (0 < other < len(lines) and lines[other].group == line.group and len(lines[other].text) <= 300):
                    continue
                if sizes[line.group] <= _MOST_CAPTION_LINES and (other < number or not _is_sentence(lines[other].text)):
                    reasons[other] = reasons[other] or "photo caption"
        elif number and _names_its_photographer(lines[number - 1], line, sizes) and not reasons[number]:
            reasons[number] = "photo credit" if reasons[number - 1] == "photo caption" else None
    _teasers_on_the_way(lines, reasons)
    _repeats_at_the_top(lines, reasons)
    for number in range(max(0, len(lines) - 4), len(lines)):
        text = lines[number].text
        if reasons[number] is None and len(text) <= 300 and any(_is_about(text, author) for author in authors):
            reasons[number] = "about the author"
    return reasons


def _names_its_photographer(caption: Line, line: Line, sizes: Mapping[int, int]) -> bool:
    """Whether ``line`` ends the few lines of which ``caption`` may be one, and is a name rather than a sentence."""
    return (
        caption.group == line.group
        and sizes[line.group] <= _MOST_CAPTION_LINES
        and len(line.text) <= 100
        and _is_label(line.text[-40:])
    )


def _teasers_on_the_way(lines: Sequence[Line], reasons: list[str | None]) -> None:
    """A label of links above the end of the article, with the headline and the cut-off teaser under it."""
    for number, line in enumerate(lines):
        if not is_teaser_label(line.text):
            continue
        reasons[number] = "link to another article"
        for end in range(number + 1, min(number + 3, len(lines))):
            if lines[end].text.endswith(("…", "...")):
                for other in range(number + 1, end + 1):
                    reasons[other] = "link to another article"
                break


def _repeats_at_the_top(lines: Sequence[Line], reasons: list[str | None]) -> None:
    """A headline given twice, and a standfirst that is the first paragraph without its dateline."""
    top = [number for number in range(min(_TOP, len(lines))) if reasons[number] is None]
    for place, number in enumerate(top):
        text = _folded(lines[number].text)
        for other in top[place + 1 :]:
            repeated = lines[other].text
            if text == _folded(repeated):
                reasons[other] = "repeats the title" if len(text) <= _MOST_TITLE else "repeats a paragraph"
            elif len(text) > 60 and text == _folded(_DATELINE.sub("", repeated, count=1)):
                reasons[number] = "repeats the first paragraph"


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _is_about(text: str, author: str) -> bool:
    return bool(author) and bool(
        re.match(rf"{re.escape(author)}\s+(?:is|was|covers|reports|writes|joined|has)\b", text)
    )


def _blocks(lines: Sequence[Line], title: str | None) -> tuple[tuple[Block, ...], list[LeftOut]]:
    blocks: list[Block] = []
    syntax: list[LeftOut] = []
    seen_title = False
    for number, line in enumerate(lines):
        start = line.start
        following = lines[number + 1] if number + 1 < len(lines) else None
        if found := _MARKDOWN_HEADING.match(line.text):
            start += found.end()
            syntax.append(LeftOut(line.start, line.start + len(found.group().rstrip()), "markdown syntax"))
            kind = "title" if not blocks and not seen_title else "heading"
        elif not blocks and _is_title(line.text, following, title):
            kind = "title"
        elif _looks_like_heading(line.text) and following and not _looks_like_heading(following.text):
            kind = "heading"
        else:
            kind = "paragraph"
        seen_title = seen_title or kind == "title"
        blocks.append(Block(start, line.end, kind))  # type: ignore[arg-type]
    return tuple(blocks), syntax


def _is_title(text: str, following: Line | None, title: str | None) -> bool:
    if title is not None and _folded(text) == _folded(title):
        return True
    ends = text.removesuffix(")")  # "Sky (United Kingdom)"
    return (
        following is not None
        and len(text) <= _MOST_TITLE
        and not ends.endswith(_ENDS)
        and ". " not in text[:-1].replace("U.S. ", "")
    )


def _looks_like_heading(text: str) -> bool:
    return (
        len(text) <= _MOST_HEADING
        and len(text.split()) <= _MOST_HEADING_WORDS
        and not text.endswith(_ENDS)
        and not _LIST_ITEM.match(text)
        and not text[:1].islower()
        and (text[:1].isalnum() or text[:1] in "“\"'‘#")
        and not re.search(r"[a-z]{2}[.!?] [A-Z]", text)
    )
