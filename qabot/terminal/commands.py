"""What a line that begins with a slash does: a table of names, arguments, help and functions."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from qabot import UsageError
from qabot.phrases import counted
from qabot.terminal.evidence import evidence_view, sources_view, verified_view
from qabot.terminal.explain import render_explanation
from qabot.terminal.saving import answer_text, quote_text, save
from qabot.terminal.screen import Screen
from qabot.terminal.session import FilterName, Given, Session
from qabot.terminal.tables import articles_view, hits_view
from qabot.terminal.text import one_line
from qabot.terminal.view import GAP, LinkOf, View, filters_text, rows, titled, words

Completes = Literal["", "outlet", "author", "date", "article", "source", "command", "file"]


@dataclass(frozen=True, slots=True)
class Shown:
    """What comes of a line: an answer that is now accepted, ``again`` in the last one's place, or a view; the view of
    what may be long is ``paged``. ``copied`` goes to the clipboard; ``leaves`` ends the conversation."""

    view: View
    given: Given | None = None
    again: bool = False
    paged: bool = False
    copied: str | None = None
    leaves: bool = False


Run = Callable[[Session, Screen, str], Shown]


@dataclass(frozen=True, slots=True)
class Command:
    """``completes`` is what its argument may be completed with."""

    name: str
    argument: str
    help: str
    run: Run
    completes: Completes = ""

    @property
    def written(self) -> str:
        return f"/{self.name} {self.argument}".rstrip()


def answer_line(line: str, session: Session, screen: Screen) -> Shown:
    """What comes of a line that was typed: a question's answer, or what a command does. Changes nothing on the screen.

    Raises UsageError for a command that there is not, and any QabotError of what it does.
    """
    if not line.startswith("/"):
        return Shown([], session.ask(line))
    name, _, argument = line[1:].partition(" ")
    command = COMMANDS.get(name.strip().casefold())
    if command is None:
        near = difflib.get_close_matches(name.casefold(), COMMANDS, n=1)
        advice = f"Did you mean /{near[0]}?" if near else "/help lists them."
        raise UsageError(f"There is no command /{one_line(name)}.", advice)
    return command.run(session, screen, argument.strip())


def _show(session: Session, screen: Screen, argument: str) -> Shown:
    evidence = session.engine.evidence(session.citation(_number(argument or "1")))
    return Shown(evidence_view(evidence, _links(session, screen), marked=screen.styled), paged=True)


def _sources(session: Session, screen: Screen, argument: str) -> Shown:
    return Shown(sources_view(session.last.answer, _links(session, screen)), paged=True)


def _why(session: Session, screen: Screen, argument: str) -> Shown:
    last = session.last
    if last.reply is None:
        raise UsageError("There is nothing to explain: the last answer was not searched for here.", "Ask on.")
    told = render_explanation(last.reply, screen.width if screen.for_the_eye else None)
    verdict, *tables, legend = told.split("\n")
    return Shown([words(verdict), *rows("\n".join(tables)), words(legend, "dim")], paged=True)


def _more(session: Session, screen: Screen, argument: str) -> Shown:
    if not session.conversation.turns:
        raise UsageError("There is nothing to see more of.", "Ask a question first.")
    return Shown([], session.ask("Show me more"))


def _retry(session: Session, screen: Screen, argument: str) -> Shown:
    return Shown([], session.ask_again(), again=True)


def _narrow(name: FilterName) -> Run:
    def narrow(session: Session, screen: Screen, argument: str) -> Shown:
        session.narrow(name, argument or None)
        return _filters(session, screen, "")

    return narrow


def _filters(session: Session, screen: Screen, argument: str) -> Shown:
    left = counted(len(session.engine.articles(session.filters)), "article")
    only = filters_text(session.filters)
    return _said(f"Only {only} ({left})." if only else f"No filters: all {left} are asked.")


def _clear(session: Session, screen: Screen, argument: str) -> Shown:
    session.clear()
    return _said("No filters, and a new topic.")


def _articles(session: Session, screen: Screen, argument: str) -> Shown:
    found = session.engine.articles(session.filters)
    return Shown(articles_view(found, _links(session, screen)), paged=True)


def _search(session: Session, screen: Screen, argument: str) -> Shown:
    if not argument:
        raise UsageError("What is to be searched for?", "/search peace talks")
    hits = session.engine.search(argument, filters=session.filters)
    return Shown(hits_view(hits, _links(session, screen)), paged=True)


def _verify(session: Session, screen: Screen, argument: str) -> Shown:
    answers = [given.answer for given in session.given]
    return Shown(verified_view([(answer, session.engine.verify(answer)) for answer in answers]), paged=True)


def _copy(session: Session, screen: Screen, argument: str) -> Shown:
    if not screen.styled:
        raise UsageError("Only a terminal has a clipboard.", "/save FILE.md writes a file.")
    text = quote_text(session.citation(_number(argument))) if argument else answer_text(session.last.answer)
    what = f"quote {_number(argument)} with its source" if argument else "the answer with its sources"
    told = f"Sent {what} to the clipboard ({counted(len(text), 'character')}), where the terminal allows it."
    return Shown([words(told, "dim")], copied=text)


def _save(session: Session, screen: Screen, argument: str) -> Shown:
    file = save([given.answer for given in session.given], argument)
    return _said(f"Saved {counted(len(session.given), 'answer')} in {file}.")


def _good(session: Session, screen: Screen, argument: str) -> Shown:
    session.vote("helpful", argument)
    return _said("Noted as helpful. `qabot feedback` lists the votes.")


def _bad(session: Session, screen: Screen, argument: str) -> Shown:
    session.vote("wrong", argument)
    return _said("Noted as wrong or missing. `qabot feedback` lists the votes.")


def _help(session: Session, screen: Screen, argument: str) -> Shown:
    wanted = argument.removeprefix("/").casefold()
    if wanted and wanted not in COMMANDS:
        raise UsageError(f"There is no command /{one_line(wanted)}.", "/help lists them.")
    return Shown(help_view([COMMANDS[wanted]] if wanted else list(COMMANDS.values()), keys=not wanted), paged=True)


def _quit(session: Session, screen: Screen, argument: str) -> Shown:
    return Shown([], leaves=True)


def _number(text: str) -> int:
    number = text.strip("[]")
    if not (number.isascii() and number.isdecimal()) or len(number) > 6:
        raise UsageError(f"{one_line(text)!r} is no source's number.", "The numbers are those in the answer: /show 1")
    return int(number)


def _said(text: str) -> Shown:
    return Shown([words(text, "dim")])


def _links(session: Session, screen: Screen) -> LinkOf:
    seeds = session.engine.settings.seeds
    return lambda path: screen.link_to(seeds / path)


_KEYS = (
    ("Enter", "sends; Alt-Enter begins another line, and so does a line break in what is pasted"),
    ("Tab", "completes commands, outlets, authors, dates and paths; on an empty line, questions to begin with"),
    ("Up, Ctrl-R", "what was typed before; Right takes what is suggested in grey"),
    ("Ctrl-X Ctrl-E", "opens the line in your editor"),
    ("Ctrl-C", "cancels the answer, or clears the line"),
    ("Ctrl-D", "leaves"),
)


def help_view(commands: Sequence[Command], *, keys: bool) -> View:
    """A line a command; with the keys after them."""
    wide = 2 + max(len(command.written) for command in commands)
    view: View = [titled(command.written, command.help, wide) for command in commands]
    return [*view, GAP, *(titled(key, does, wide) for key, does in _KEYS)] if keys else view


COMMANDS = {
    command.name: command
    for command in (
        Command("show", "[N]", "source N: the quote in its surroundings, and whether it still stands", _show, "source"),
        Command("sources", "", "every quote of the answer, whole", _sources),
        Command("why", "", "why this answer, or why none", _why),
        Command("more", "", "more about the same", _more),
        Command("retry", "", "the last question again, with the filters as they are now", _retry),
        Command("outlet", "[X]", "ask only this outlet; without X, all", _narrow("outlet"), "outlet"),
        Command("author", "[X]", "ask only this author; without X, all", _narrow("author"), "author"),
        Command("since", "[D]", "ask only articles since 2023-11-04, 2023-11 or 2023", _narrow("since"), "date"),
        Command("until", "[D]", "ask only articles until that date", _narrow("until"), "date"),
        Command("article", "[GLOB]", "ask only articles of such a path", _narrow("article"), "article"),
        Command("filters", "", "what is asked", _filters),
        Command("clear", "", "no filters, and a new topic", _clear),
        Command("articles", "", "the articles that are asked", _articles),
        Command("search", "Q", "passages, without an answer", _search),
        Command("verify", "", "whether all quotes of this conversation still stand", _verify),
        Command("copy", "[N]", "the answer, or source N, to the clipboard", _copy, "source"),
        Command("save", "FILE", "this conversation: .md to read, .json for programs", _save, "file"),
        Command("good", "", "the answer helped", _good),
        Command("bad", "[REASON]", "the answer is wrong, or lacks something", _bad),
        Command("help", "[COMMAND]", "this", _help, "command"),
        Command("quit", "", "leave; so does Ctrl-D", _quit),
    )
}
