"""`qabot chat`: questions and commands, each line answered with what was asked before in mind."""

from __future__ import annotations

import functools
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from qabot import Engine, Filters, QabotError, RefreshReport
from qabot.terminal.commands import Shown, answer_line
from qabot.terminal.ending import interruptible
from qabot.terminal.evidence import changed_since
from qabot.terminal.once import view_of
from qabot.terminal.piped import within_bounds
from qabot.terminal.screen import Screen
from qabot.terminal.session import Given, Session
from qabot.terminal.text import OUTPUT, one_problem
from qabot.terminal.view import GAP, View, asked_view, filters_text, words
from qabot.terminal.welcome import first_welcome, short_welcome, toolbar
from qabot.wire import ChatQuestion, chat_answer_json, chat_error_json, chat_filters, read_chat_id, read_chat_question


def chat_typed(session: Session, screen: Screen, report: RefreshReport | None, history: Path | None) -> None:
    """At a terminal that prompt_toolkit can use; ``history`` is the file of what was typed, ``None`` keeps none."""
    from prompt_toolkit.history import InMemoryHistory

    from qabot.terminal.completion import LineCompleter
    from qabot.terminal.prompt import Answered, Leaving, Prompt, kept_history

    starters = functools.cache(session.engine.starters)
    screen.show(_welcome(session, report, starters() if _is_first(report) else ()))

    def answer(line: str) -> Answered:
        try:
            shown = answer_line(line, session, screen)
        except Exception as error:  # whatever went wrong, it was with this line
            problem = error
            return lambda: screen.show(problem_view(problem))

        def show() -> None:
            present(shown, session, screen)
            if shown.leaves:
                raise Leaving

        return show

    articles = session.engine.status().articles

    def told(columns: int) -> str:
        there = session.given[-1].answer.index.articles if session.given else articles
        filters = filters_text(session.filters)
        return screen.encodable(toolbar(session.left if filters and session.left else there, filters, columns))

    Prompt(
        answer,
        lambda line: screen.show(asked_view(line)),
        lambda: screen.show([words("Cancelled.", "dim"), GAP]),
        told,
        LineCompleter(session, starters),
        kept_history(history) if history else InMemoryHistory(),
    ).run(lambda: _warm_up(session.engine))


def chat_lines(session: Session, screen: Screen, lines: Iterable[str], *, echo: bool) -> int:
    """A line at a time, problems on stderr; gives the exit code of the last question's error, 0 where it had none.

    ``echo`` shows each question before its answer.
    """
    code = 0
    for line in lines:
        if not line.strip():
            continue
        try:
            line = within_bounds(line).strip()
            if echo:
                screen.show(asked_view(line))
            with interruptible():
                shown = answer_line(line, session, screen)
                present(shown, session, screen)
        except KeyboardInterrupt:
            if echo:
                raise
            print("Cancelled.", file=sys.stderr)
            continue
        except Exception as error:  # whatever went wrong, it was with this line
            if isinstance(error, OSError) and error.filename == OUTPUT:
                raise  # but for this: nothing can be shown any more
            print(one_problem(error), file=sys.stderr, flush=True)
            code = error.exit_code if isinstance(error, QabotError) else 1
            continue
        if shown.leaves:
            break
        # "The articles do not say" ends a question, not a conversation: that went well.
        code = 0
    return code


def typed_plainly() -> Iterator[str]:
    """Lines from a terminal that can do nothing but show them."""
    while True:
        try:
            # Not input(): its prompt goes where the answers go.
            print("> ", end="", file=sys.stderr, flush=True)
            line = sys.stdin.readline()
        except KeyboardInterrupt:
            print("\nCtrl-D or /quit leaves.", file=sys.stderr)
            continue
        if not line:
            return
        yield line


def chat_json(session: Session, lines: Iterable[str], out: TextIO) -> int:
    """JSON lines in and out; gives the exit code of the last line's error, 0 where it had none."""
    code = 0
    for line in lines:
        if not line.strip():
            continue
        asked: ChatQuestion | None = None
        try:
            asked = read_chat_question(within_bounds(line))
            filters = chat_filters(asked)
            if asked.new:
                session.clear()
            session.filters = filters
            with interruptible():
                given = session.ask(asked.question)
        except Exception as error:  # whatever went wrong, it was with this line
            code = error.exit_code if isinstance(error, QabotError) else 1
            problem = error.problem if isinstance(error, QabotError) else one_problem(error)
            id, question = (asked.id, asked.question) if asked else (read_chat_id(line), None)
            print(chat_error_json(id, question, problem), file=out, flush=True)
            continue
        session.accept(given)
        print(chat_answer_json(asked, given.answer), file=out, flush=True)
        code = 0
    return code


def replay(session: Session, screen: Screen) -> None:
    """Shows the conversation so far again, and what of it no longer stands."""
    for given in session.given:
        screen.show([*asked_view(given.answer.question), *_only(given.filters)])
        screen.show([*_answer(given, session, screen), *changed_since(session.engine.verify(given.answer)), GAP])


def present(shown: Shown, session: Session, screen: Screen) -> None:
    """Shows what came of a line; an answer becomes part of the conversation."""
    if shown.given is not None:
        screen.show([*_answer(shown.given, session, screen), GAP])
        try:
            session.accept(shown.given, again=shown.again)
        except QabotError as error:
            # It goes on, unkept.
            session.log = None
            screen.show(problem_view(error))
        return
    if shown.copied is not None:
        screen.copy(shown.copied)
    if shown.view:
        (screen.page if shown.paged else screen.show)([*shown.view, GAP])


def _answer(given: Given, session: Session, screen: Screen) -> View:
    return view_of(given.answer, session.engine.settings.seeds, screen)


def _only(filters: Filters) -> View:
    only = filters_text(filters)
    return [words(f"only {only}", "dim", hang=2)] if only else []


def problem_view(error: Exception) -> View:
    """What is wrong, and what to do about it."""
    if not isinstance(error, QabotError):
        return [words(one_problem(error), "alarm"), GAP]
    return [words(error.problem, "alarm"), *([words(error.remedy)] if error.remedy else []), GAP]


def _is_first(report: RefreshReport | None) -> bool:
    """Whether the index was made for the first time."""
    return report is not None and report.generation == 1


def _welcome(session: Session, report: RefreshReport | None, starters: Sequence[str]) -> View:
    engine = session.engine
    if session.given:
        return []  # what was said before is on the screen
    if not _is_first(report):
        return [*short_welcome(engine.status()), GAP]
    return [*first_welcome(engine.settings.seeds, engine.status(), engine.articles(), starters), GAP]


def _warm_up(engine: Engine) -> None:
    # The first question meets the same problem, and tells it.
    with suppress(QabotError, RuntimeError):
        engine.warm_up()
        engine.watch()
