"""What is shown of an Answer and its parts: blocks of styled pieces, the same for every kind of terminal.

Whatever comes from articles, questions, names or settings is made harmless where it becomes a piece.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from qabot import Answer, Citation, Filters, Position, Statement
from qabot.phrases import counted, day
from qabot.terminal.text import one_line, shortened, spaced

Style = Literal["", "dim", "ours", "marker", "strong", "mark", "alarm", "question"]
# The address of an article's file; ``None`` where there is nothing to link.
LinkOf = Callable[[str], "str | None"]

_TITLE = 120  # characters of a title in a line about a source


@dataclass(frozen=True, slots=True)
class Piece:
    """``text`` is harmless already, in one line or as it is to be broken."""

    text: str
    style: Style = ""
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, wrapped; ``hang`` are the columns that its later lines begin at. ``crop`` cuts it to one line where
    it is for the eye alone; ``laid_out`` is never wrapped: a row of a table."""

    pieces: tuple[Piece, ...] = ()
    indent: int = 0
    hang: int = 0
    crop: bool = False
    laid_out: bool = False


@dataclass(frozen=True, slots=True)
class Sides:
    """Beside one another where there is room, else one below the other."""

    columns: tuple[tuple[Block, ...], ...] = field(default=())


View = list["Block | Sides"]
GAP = Block()


def words(text: str, style: Style = "", *, indent: int = 0, hang: int = 0, crop: bool = False) -> Block:
    """A paragraph of one style."""
    return Block((Piece(one_line(text), style),), indent, indent + hang, crop)


def titled(heading: str, text: str, width: int, style: Style = "strong") -> Block:
    """A heading in a column of its own, the text beside it."""
    return Block((Piece(one_line(heading).ljust(width), style), Piece(one_line(text))), 0, width)


def rows(table: str) -> View:
    """A harmless text that is laid out in columns."""
    return [Block((Piece(line),), laid_out=True) for line in table.split("\n")]


def asked_view(question: str) -> View:
    """A question as it was typed, each of its lines."""
    first, *others = [line for line in question.splitlines() if line.strip()] or [""]
    return [words(f"> {first}", "question", hang=2), *(words(line, "question", indent=2) for line in others)]


def answer_view(answer: Answer, link_of: LinkOf, *, for_the_eye: bool) -> View:
    """The answer, whole. ``for_the_eye`` has a footer with what changes from run to run, and sources cropped to a line;
    what is read by a program has their paths instead."""
    view: View = []
    if answer.searched_for != answer.question:
        view += [words(f"searched for: {answer.searched_for}", "dim", hang=2)]
    notes = [words(note, "ours") for note in answer.notes]
    if answer.status == "abstained":
        view += notes[:1]
        view += [_statement(statement, "Closest passage: ") for statement in answer.statements]
        view += notes[1:]
    else:
        view += [*_told(answer), *notes]
    if answer.suggestions:
        view.append(words("They do answer:", "ours"))
        view += [words(f"- {question}", indent=2, hang=2) for question in answer.suggestions]
    if answer.citations:
        view += [GAP, *(_source(own, link_of, for_the_eye=for_the_eye) for own in sources(answer))]
    elif answer.passages and answer.status == "abstained":
        nearest = dict.fromkeys(passage.article for passage in answer.passages)
        view += [GAP, words(f"Nearest coverage: {', '.join(nearest)}", "dim", hang=2)]
    if for_the_eye:
        view += [GAP, words(footer(answer), "dim", crop=True)]
    return view


def _told(answer: Answer) -> View:
    """The statements; those in which the reports differ side by side."""
    on_a_side = {n for differ in answer.disagreements for side in differ.positions for n in side.citations}
    plain = [statement for statement in answer.statements if not on_a_side.intersection(statement.citations)]
    view: View = []
    if answer.form == "list" and len(answer.statements) > 1:
        view += [_statement(statement, "- ", hang=2) for statement in plain]
    elif plain:
        pieces: list[Piece] = []
        for statement in plain:
            pieces += [Piece(" ")] if pieces else []
            pieces += _pieces(statement)
        view.append(Block(tuple(pieces)))
    for differ in answer.disagreements:
        view.append(words("Reports differ:", "strong"))
        view.append(Sides(tuple(_side(position, answer) for position in differ.positions)))
    return view


def _side(position: Position, answer: Answer) -> tuple[Block, ...]:
    """What one position comes to, who takes it, and the statements that do."""
    taking = [statement for statement in answer.statements if set(statement.citations) & set(position.citations)]
    who = dict.fromkeys(_who(citation) for citation in answer.citations if citation.id in position.citations)
    said = [Block((*_pieces(statement, sourced=False),)) for statement in taking]
    return (words(position.says, "strong"), words("; ".join(who), "dim"), *said)


def _who(citation: Citation) -> str:
    """ "The Example, 4 Nov 2023"."""
    name = citation.outlet or citation.author or citation.title or citation.article
    return ", ".join([shortened(name, _TITLE), *([day(citation.published)] if citation.published else [])])


def _statement(statement: Statement, before: str, *, hang: int = 0) -> Block:
    return Block((Piece(before, "ours" if before.strip("- ") else ""), *_pieces(statement)), 0, hang)


def _pieces(statement: Statement, *, sourced: bool = True) -> list[Piece]:
    """The article's words as they are, qabot's own set off, then the markers; ``sourced`` with the source before."""
    text, at = statement.text, 0
    spans = list(statement.added)
    if spans and spans[0].start == 0 and not sourced:
        at = spans.pop(0).end
        at += len(text[at:]) - len(text[at:].lstrip())
    pieces = []
    for span in spans:
        pieces += [Piece(spaced(text[at : span.start])), Piece(spaced(text[span.start : span.end]), "ours")]
        at = span.end
    pieces += [Piece(spaced(text[at:])), Piece(" "), _markers(statement.citations)]
    return [piece for piece in pieces if piece.text]


def _markers(numbers: Sequence[int]) -> Piece:
    return Piece(" ".join(f"[{number}]" for number in numbers), "marker")


def sources(answer: Answer) -> list[list[Citation]]:
    """The citations by article, in the order of the answer: one article quoted twice is one source."""
    found: dict[str, list[Citation]] = {}
    for citation in answer.citations:
        found.setdefault(citation.article, []).append(citation)
    return list(found.values())


def _source(own: Sequence[Citation], link_of: LinkOf, *, for_the_eye: bool) -> Block:
    first = own[0]
    markers = _markers([citation.id for citation in own])
    about = described(first)
    if not for_the_eye:
        places = ", ".join(f"{citation.start}-{citation.end}" for citation in own)
        about = " · ".join([about, f"{one_line(first.article)}:{places}"] if first.title else [f"{about}:{places}"])
    return Block((markers, Piece(" "), Piece(about, link=link_of(first.article))), hang=4, crop=for_the_eye)


def described(citation: Citation) -> str:
    """ "The Example · A. Writer · 4 Nov 2023 · What the officials said"; the path where there is no title."""
    known = [citation.outlet, citation.author, day(citation.published) if citation.published else None]
    title = shortened(citation.title, _TITLE) if citation.title else one_line(citation.article)
    return " · ".join([*(one_line(value) for value in known if value), title])


def footer(answer: Answer) -> str:
    """Of the articles that were asked: "2 of 412 articles · index built 3 days ago · 38 ms"."""
    cited = len({citation.article for citation in answer.citations})
    articles = counted(answer.index.articles_asked, "article")
    parts = [f"{cited} of {articles}" if cited and answer.status != "abstained" else articles]
    parts.append(f"index built {age(answer.index.built)}" + (", behind the articles" if answer.index.stale else ""))
    return " · ".join([*parts, f"{answer.took_ms:.0f} ms"])


def age(iso: str, now: datetime | None = None) -> str:
    """ "just now", "5 minutes ago", "3 days ago"; anything but an instant as it is."""
    try:
        seconds = ((now or datetime.now(UTC)) - datetime.fromisoformat(iso)).total_seconds()
    except (ValueError, TypeError):
        return one_line(iso)
    for name, length in (("day", 86_400), ("hour", 3600), ("minute", 60)):
        if seconds >= length:
            return f"{counted(int(seconds // length), name)} ago"
    return "just now"


def filters_text(filters: Filters) -> str:
    """ "outlet Breitbart · until 2022"; empty where all articles are asked."""
    named = [(name, getattr(filters, name)) for name in ("outlet", "author", "since", "until", "article")]
    return " · ".join(f"{name} {one_line(value)}" for name, value in named if value)
