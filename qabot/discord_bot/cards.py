"""What is sent to Discord: cards of components, or plain text, that fit its limits whole.

Nothing is ever cut within a quote or a marker: what does not fit is behind More, or in an attached file.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import discord
from discord import ui

from qabot import Evidence
from qabot.discord_bot.identifiers import Deed
from qabot.discord_bot.inert import UNSEEN, inert, one_line, shortened
from qabot.discord_bot.wording import (
    STANDS,
    disagreement_text,
    filters_text,
    footer_text,
    plain_text,
    source_text,
    sources,
    statement_text,
)
from qabot.store import Kept
from qabot.wire import read_filters

# Discord's own are 4,000 characters over all text displays and about 10,170 bytes (discord-api-docs#8554), and 2,000
# characters for plain content.
MAX_CHARACTERS, MAX_BYTES, BYTES_A_TEXT = 4000, 9500, 12
MAX_CONTENT = 1950
_SOURCES_SHOWN = 3
_SOURCES_A_PAGE = 6
_QUESTION, _SEARCHED_FOR = 240, 160  # characters
_CLOSEST = "Closest passage:"
_HIDDEN = "-# {} more behind More."
_MOST_PASSAGES = 12  # of a search; each takes two components
_COLOURS = {"answered": 0x2E8B57, "partial": 0xC9A227, "abstained": 0x808080}
NOTICE_COLOUR = 0x4F6D8F

Button = ui.Button[Any]
Item = ui.Item[Any]


@dataclass(frozen=True, slots=True)
class Card:
    """``view`` is a card where ``content`` is only its preview; plain, ``content`` is what is shown.

    ``file`` is a name and a text to attach.
    """

    view: ui.LayoutView | ui.View | None
    content: str
    file: tuple[str, str] | None = None

    @property
    def plain(self) -> bool:
        return not isinstance(self.view, ui.LayoutView)

    def attachments(self) -> list[discord.File]:
        """New ones for each try at sending: discord.py reads them once."""
        return [discord.File(io.BytesIO(self.file[1].encode()), self.file[0])] if self.file else []


class Room:
    """How much text a card still takes."""

    def __init__(self, characters: int = MAX_CHARACTERS, octets: int = MAX_BYTES) -> None:
        self._characters, self._bytes = characters, octets

    def take(self, text: str) -> bool:
        """Whether it fits; if so, its room is taken."""
        octets = len(text.encode()) + BYTES_A_TEXT + 1
        # Discord counts a character outside the basic plane as two.
        characters = len(text.encode("utf-16-le")) // 2 + 1
        if characters > self._characters or octets > self._bytes:
            return False
        self._characters -= characters
        self._bytes -= octets
        return True


def notice_card(text: str, *, plain: bool = False, file: tuple[str, str] | None = None) -> Card:
    """A word from the bot itself; ``text`` is markup."""
    text = text if text.strip() else UNSEEN
    text = text if _content_length(text) <= MAX_CONTENT or Room().take(text) else shortened(text, MAX_CONTENT // 2)
    if plain:
        return Card(None, text[:MAX_CONTENT], file)
    return Card(_layout([ui.TextDisplay(text)], NOTICE_COLOUR), text[:MAX_CONTENT], file)


def answer_card(kept: Kept, *, can_thread: bool, plain: bool) -> Card:
    return _plain_answer(kept, can_thread=can_thread) if plain else _answer(kept, can_thread=can_thread)


def _answer(kept: Kept, *, can_thread: bool) -> Card:
    answer = kept.answer
    room = Room()
    head, foot = _heading(kept), _footer(kept)
    differ = disagreement_text(answer)
    cited = sources(answer)
    told = [source_text(numbers, citation) for numbers, citation in cited[:_SOURCES_SHOWN]]
    for text in (head, foot, *told):
        room.take(text)
    cut = bool(differ) and not room.take(differ)
    if cut:
        differ = "**Reports differ**; see More."
    notes = [note for note in _notes(kept) if room.take(note)]
    room.take(_HIDDEN.format(len(answer.statements)))
    lines, hidden = _fitting(statement_lines(kept), room, f"{_CLOSEST}\n" if answer.status == "abstained" else "- ")
    more = cut or bool(hidden) or len(cited) > _SOURCES_SHOWN or len(notes) < len(answer.notes)
    if answer.status == "abstained":
        body = "\n".join([*notes[:1], *(f"{_CLOSEST}\n{line}" for line in lines), *notes[1:]])
    else:
        # Running text in one paragraph, a list a line each.
        joined = "\n".join(f"- {line}" for line in lines) if _is_list(kept) else " ".join(lines)
        body = "\n".join([part for part in (joined, *notes) if part])
    if hidden:
        body += f"\n{_HIDDEN.format(len(hidden))}"
    items: list[Item] = [ui.TextDisplay(head), ui.TextDisplay(body or "-# Nothing fits here; see More.")]
    if differ:
        items += [ui.Separator(), ui.TextDisplay(differ)]
    if told:
        items.append(ui.Separator())
    for text, (numbers, _) in zip(told, cited, strict=False):
        items.append(ui.Section(text, accessory=_evidence_button(kept.id, numbers[0])))
    items += [ui.Separator(), ui.TextDisplay(foot)]
    rows = [_suggestions(kept)] if answer.suggestions else []
    rows.append(_deeds(kept, can_thread=can_thread, more=more))
    view = _layout([*items, *rows], _COLOURS[answer.status])
    return Card(view, preview(kept))


def statement_lines(kept: Kept) -> list[str]:
    # Where reports differ, who says what is set side by side below the quotes.
    sourced = not kept.answer.disagreements
    return [statement_text(statement, sourced=sourced) for statement in kept.answer.statements]


def _is_list(kept: Kept) -> bool:
    return kept.answer.form == "list" and len(kept.answer.statements) > 1


def _heading(kept: Kept) -> str:
    answer = kept.answer
    head = f"### {one_line(shortened(answer.question, _QUESTION))}"
    if answer.searched_for != answer.question:
        head += f"\n-# searched for: {one_line(shortened(answer.searched_for, _SEARCHED_FOR))}"
    only = filters_text(read_filters(kept.filters))
    return f"{head}\n-# {only}" if only else head


def _footer(kept: Kept) -> str:
    return footer_text(kept.answer, filtered=bool(filters_text(read_filters(kept.filters))))


def _notes(kept: Kept) -> list[str]:
    return [f"*{inert(note)}*" for note in kept.answer.notes]


def _told(kept: Kept, *, upright: bool = False) -> list[str]:
    """Statements and notes in the order that they are read in, each whole; ``upright`` without italics for notes."""
    lines = statement_lines(kept)
    notes = [inert(note) for note in kept.answer.notes] if upright else _notes(kept)
    if kept.answer.status == "abstained":
        return [*notes[:1], *(f"{_CLOSEST}\n{line}" for line in lines), *notes[1:]]
    if _is_list(kept):
        lines = [f"- {line}" for line in lines]
    return [*lines, *notes]


def _fitting(lines: Sequence[str], room: Room, before: str) -> tuple[list[str], list[str]]:
    """The first lines that fit whole, and the others; a list is not continued after a gap."""
    shown: list[str] = []
    for line in lines:
        if not room.take(before + line):
            break
        shown.append(line)
    return shown, list(lines[len(shown) :])


def preview(kept: Kept) -> str:
    """What a notification shows: the answer in plain content, as much of it as fits whole."""
    text = ""
    # A notification shows markup as it is written.
    for line in _told(kept, upright=True):
        joined = f"{text}\n{line}" if text else line
        if _content_length(joined) > MAX_CONTENT:
            break
        text = joined
    return text or "The answer is too long for a line: it is in the card."


def _content_length(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _plain_answer(kept: Kept, *, can_thread: bool) -> Card:
    """Text and, under it, the buttons; the whole answer attached where it does not fit."""
    answer = kept.answer
    tail = [disagreement_text(answer)] if answer.disagreements else []
    tail += [f"{source_text(numbers, citation)}".replace("\n-# ", " · ") for numbers, citation in sources(answer)]
    parts = [_heading(kept), *_told(kept), *tail, _footer(kept)]
    text, whole = "", True
    for part in parts:
        joined = f"{text}\n{part}" if text else part
        if _content_length(joined) > MAX_CONTENT - 60:
            whole = False
            break
        text = joined
    if not whole:
        text += "\n-# The whole answer is in the attached file."
    deeds = _deed_buttons(kept, can_thread=can_thread, more=False)
    if answer.citations:
        deeds.insert(0, _evidence_button(kept.id, answer.citations[0].id))
    rows = [ui.ActionRow(*deeds), *([_suggestions(kept)] if answer.suggestions else [])]
    return Card(_plain_view(rows), text, None if whole else ("answer.txt", plain_text(answer)))


def more_card(kept: Kept, page: int, *, plain: bool = False) -> Card:
    """Page ``page`` of all statements and sources; what no page can hold is attached as a file."""
    file = ("answer.txt", plain_text(kept.answer))
    if plain:
        return Card(None, "The whole answer is in the attached file.", file)
    pages, whole = more_pages(kept)
    page = min(page, len(pages) - 1)
    items: list[Item] = [ui.TextDisplay(f"### {one_line(shortened(kept.answer.question, _QUESTION))}")]
    for text, number in pages[page]:
        if number is None:
            items.append(ui.TextDisplay(text))
        else:
            items.append(ui.Section(text, accessory=_evidence_button(kept.id, number)))
    if len(pages) > 1:
        items.append(ui.TextDisplay(f"-# {page + 1} of {len(pages)}"))
        items.append(_pager("morep", kept.id, page, 0, len(pages) - 1))
    return Card(_layout(items, _COLOURS[kept.answer.status]), "", None if whole else file)


def more_pages(kept: Kept) -> tuple[list[list[tuple[str, int | None]]], bool]:
    """Texts a page, each with the number of a citation where it is a source; and whether that is all of it."""
    answer = kept.answer
    blocks: list[tuple[str, int | None]] = []
    whole = True
    for text in (*_told(kept), disagreement_text(answer)):
        if text and Room(MAX_CHARACTERS - 500, MAX_BYTES - 1500).take(text):
            blocks.append((text, None))
        elif text:
            whole = False
            blocks.append(("-# A part that is too long to be shown here is in the attached file.", None))
    blocks += [(source_text(numbers, citation), numbers[0]) for numbers, citation in sources(answer)]
    pages: list[list[tuple[str, int | None]]] = [[]]
    room, sections = Room(MAX_CHARACTERS - 400, MAX_BYTES - 1200), 0
    for text, number in blocks:
        sections += number is not None
        if len(pages[-1]) >= 20 or sections > _SOURCES_A_PAGE or not room.take(text):
            pages.append([])
            room, sections = Room(MAX_CHARACTERS - 400, MAX_BYTES - 1200), int(number is not None)
            room.take(text)
        pages[-1].append((text, number))
    return pages, whole


def evidence_card(kept: Kept, number: int, evidence: Evidence, *, plain: bool = False) -> Card:
    """A quote, marked, in its surroundings; where it stands, and whether it still does."""
    numbers = [citation.id for citation in kept.answer.citations]
    position = numbers.index(number) + 1
    checked, citation = evidence.checked, evidence.checked.citation
    place = f"{one_line(shortened(citation.article, 200))} · characters {citation.start}–{citation.end}"
    if checked.state == "moved":
        place += f" · now {checked.start}–{checked.end}"
    if len(numbers) > 1:
        place += f" · quote {position} of {len(numbers)}"
    head = f"{source_text([number], citation)}\n-# {place}\n{STANDS[checked.state]}"
    room = Room(MAX_CONTENT - 100) if plain else Room()
    room.take(head)
    quote, file = f"**{inert(evidence.quote.strip()) or UNSEEN}**", None
    if not room.take(quote):
        file = ("quote.txt", evidence.quote + "\n")
        quote = "-# The quote is too long to be shown here: it is in the attached file."
        room.take(quote)
    before, after = _around(evidence, room)
    texts = [head, before, quote, after]
    if evidence.instead:
        instead = f"In its place now:\n{inert(shortened(evidence.instead, 900))}"
        texts.append(instead if room.take(instead) else "")
    texts = [text for text in texts if text]
    link = _link_button(citation.url)
    row = None
    if len(numbers) > 1:
        row = _pager("evp", kept.id, position, 1, len(numbers), link)
    elif link:
        row = ui.ActionRow(link)
    if plain:
        return Card(_plain_view([row] if row else []), "\n".join(texts), file)
    items: list[Item] = [ui.TextDisplay(head), ui.Separator(), *(ui.TextDisplay(text) for text in texts[1:])]
    return Card(_layout([*items, *([row] if row else [])], NOTICE_COLOUR), "", file)


def _around(evidence: Evidence, room: Room) -> tuple[str, str]:
    """What stands before and after the quote, as much as there is room for; dots where the article goes on."""
    for most in (1000, 300, 120):
        before, after = evidence.before[-most:].lstrip(), evidence.after[:most].rstrip()
        more_before = evidence.more_before or len(evidence.before) > most
        more_after = evidence.more_after or len(evidence.after) > most
        texts = (
            f"{'… ' if more_before else ''}{inert(before.rstrip())}" if before.strip() else "",
            f"{inert(after.lstrip())}{' …' if more_after else ''}" if after.strip() else "",
        )
        if room.take("\n".join(texts)):
            return texts
    return "", ""


def _plain_view(rows: Sequence[ui.ActionRow[Any]]) -> ui.View | None:
    """Buttons under plain text; ``None`` for none."""
    if not rows:
        return None
    view = ui.View(timeout=None)
    for number, row in enumerate(rows):
        for button in list(row.children):
            row.remove_item(button)
            button.row = number
            view.add_item(button)
    view.stop()
    return view


def search_card(query: str, passages: Sequence[tuple[str, str]], *, plain: bool) -> Card:
    """``passages`` are a line about each and its text; whole ones, as many as fit, the rest in a file."""
    room = Room(MAX_CONTENT - 80) if plain else Room()
    head = f"### {one_line(shortened(query, _QUESTION))}"
    room.take(head)
    room.take("-# The other passages are in the attached file.")
    shown = []
    for about, text in passages[:_MOST_PASSAGES]:
        piece = f"{about}\n{inert(text)}"
        if not room.take(piece):
            break
        shown.append(piece)
    rest = passages[len(shown) :]
    file = ("passages.txt", "\n\n".join(f"{about}\n{text}" for about, text in passages) + "\n") if rest else None
    if not passages:
        shown = ["Nothing found."]
    tail = ["-# The other passages are in the attached file."] if rest else []
    if plain:
        return Card(None, "\n".join([head, *shown, *tail]), file)
    items: list[Item] = [ui.TextDisplay(head)]
    for piece in shown:
        items += [ui.Separator(), ui.TextDisplay(piece)]
    items += [ui.TextDisplay(text) for text in tail]
    return Card(_layout(items, NOTICE_COLOUR), "", file)


def _layout(items: Sequence[Item], colour: int) -> ui.LayoutView:
    view = ui.LayoutView(timeout=None)
    view.add_item(ui.Container(*items, accent_colour=colour))
    # A stopped view is not kept by discord.py: its buttons are told apart by what they say of themselves.
    view.stop()
    return view


def _evidence_button(answer: str, number: int) -> Button:
    return ui.Button(label="Evidence", custom_id=Deed("ev", answer, number).custom_id)


def _deeds(kept: Kept, *, can_thread: bool, more: bool) -> ui.ActionRow[Any]:
    return ui.ActionRow(*_deed_buttons(kept, can_thread=can_thread, more=more))


def _deed_buttons(kept: Kept, *, can_thread: bool, more: bool) -> list[Button]:
    def button(label: str, name: str, style: discord.ButtonStyle = discord.ButtonStyle.secondary) -> Button:
        return ui.Button(label=label, style=style, custom_id=Deed(name, kept.id).custom_id)

    buttons = [button("Ask a follow-up", "fu", discord.ButtonStyle.primary)]
    if can_thread:
        buttons.append(button("Open a thread", "th"))
    buttons += [button("Helpful", "up"), button("Wrong or missing", "down")]
    if more:
        buttons.append(button("More", "more"))
    return buttons


def _suggestions(kept: Kept) -> ui.ActionRow[Any]:
    return ui.ActionRow(*_suggestion_buttons(kept))


def _suggestion_buttons(kept: Kept) -> list[Button]:
    return [
        ui.Button(label=shortened(question, 80), custom_id=Deed("sg", kept.id, number).custom_id)
        for number, question in enumerate(kept.answer.suggestions[:3])
    ]


def _pager(name: str, answer: str, at: int, first: int, last: int, link: Button | None = None) -> ui.ActionRow[Any]:
    back: Button = ui.Button(
        label="‹", custom_id=Deed(name, answer, max(first, at - 1)).custom_id, disabled=at <= first
    )
    # Two buttons of a message may not say the same of themselves, also where both lead nowhere.
    following = Deed(name, answer, at + 1).custom_id
    on: Button = ui.Button(label="›", custom_id=following, disabled=at >= last)
    return ui.ActionRow(back, on, *([link] if link else []))


def _link_button(url: str | None) -> Button | None:
    """To the article on the web, where its front matter says so."""
    if not url or len(url) > 512 or not url.startswith(("https://", "http://")) or any(c.isspace() for c in url):
        return None
    return ui.Button(label="Open the article", url=url)
