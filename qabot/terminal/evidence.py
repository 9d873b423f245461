"""Quotes in a terminal: in their surroundings, with their sources, and whether they still stand."""

from __future__ import annotations

from collections.abc import Sequence

from qabot import Answer, Checked, Evidence
from qabot.phrases import counted, quoted
from qabot.terminal.text import one_line, shortened, visible
from qabot.terminal.view import GAP, Block, LinkOf, Piece, Style, View, described, words

STANDS = {
    "holds": "holds",
    "moved": "moved: the same words stand elsewhere now",
    "changed": "changed: the article no longer has these words",
    "gone": "gone: there is no such article",
}


def evidence_view(evidence: Evidence, link_of: LinkOf, *, marked: bool) -> View:
    """The quote in its surroundings, where it is, and whether it still stands. ``marked`` is whether styles are seen:
    without, the quote stands between arrows."""
    checked = evidence.checked
    citation = checked.citation
    stands = checked.state in ("holds", "moved")
    place = one_line(citation.article)
    place += f", line {evidence.line}" if evidence.line else f", characters {citation.start}-{citation.end}"
    view: View = [
        Block((Piece(f"[{citation.id}] ", "marker"), Piece(described(citation), "strong")), hang=4),
        Block((Piece(place, "dim", link_of(citation.article)),), 4, 4),
        words(STANDS[checked.state], "dim" if stands else "alarm", indent=4),
        GAP,
    ]
    before = ("… " if evidence.more_before else "") + visible(evidence.before)
    after = visible(evidence.after) + (" …" if evidence.more_after else "")
    quote = visible(evidence.quote)
    view += _paragraphs([(before, ""), (quote if marked else f">>> {quote} <<<", "mark"), (after, "")])
    if evidence.instead:
        view += [GAP, words("In its place now:", "strong"), *_paragraphs([(visible(evidence.instead), "")])]
    return view


def _paragraphs(texts: Sequence[tuple[str, Style]]) -> View:
    """Running text of several styles, broken where the article breaks it."""
    paragraphs: list[list[Piece]] = [[]]
    for text, style in texts:
        for number, line in enumerate(text.split("\n")):
            if number:
                paragraphs.append([])
            paragraphs[-1].append(Piece(line, style))
    view: View = []
    for pieces in paragraphs:
        if any(piece.text.strip() for piece in pieces):
            view += [GAP] if view else []
            view.append(Block(tuple(pieces), 2, 2))
    return view


def sources_view(answer: Answer, link_of: LinkOf) -> View:
    """Each citation: whose it is, where, and the quote."""
    if not answer.citations:
        return [words("The answer cites nothing.", "dim")]
    view: View = []
    for citation in answer.citations:
        place = f"{one_line(citation.article)}:{citation.start}-{citation.end}"
        view += [
            Block((Piece(f"[{citation.id}] ", "marker"), Piece(described(citation), "strong")), hang=4),
            Block((Piece(place, "dim", link_of(citation.article)),), 4, 4),
            *([words(citation.url, "dim", indent=4)] if citation.url else []),
            words(quoted(citation.quote), indent=4),
        ]
    return view


def verified_view(checked: Sequence[tuple[Answer, Sequence[Checked]]]) -> View:
    """Whether the quotes of each answer still stand, and how many do."""
    view: View = []
    total = standing = 0
    for answer, quotes in checked:
        if quotes:
            view.append(words(answer.question, "question"))
        for found in quotes:
            stands = found.state in ("holds", "moved")
            total += 1
            standing += stands
            citation = found.citation
            place = f"{one_line(citation.article)}:{citation.start}-{citation.end}"
            now = f" ({found.start}-{found.end})" if found.state == "moved" else ""
            about = f"{place} · {quoted(shortened(citation.quote, 60))}"
            state = Piece(f"{STANDS[found.state]}{now} · ", "" if stands else "alarm")
            view.append(Block((Piece(f"[{citation.id}] ", "marker"), state, Piece(about, "dim")), 0, 4))
    if not total:
        return [words("There is no quote to check yet.", "dim")]
    return [*view, GAP, words(f"{standing} of {counted(total, 'quote')} stand.", "strong")]


def changed_since(checked: Sequence[Checked]) -> View:
    """A line where quotes of an answer that is shown again no longer stand; nothing where all do."""
    lost = [found.citation for found in checked if found.state in ("changed", "gone")]
    if not lost:
        return []
    markers = " ".join(f"[{citation.id}]" for citation in lost)
    paths = ", ".join(dict.fromkeys(one_line(citation.article) for citation in lost))
    return [words(f"Changed since: {markers} no longer stands in {paths}; ask again for what it says now.", "alarm")]
