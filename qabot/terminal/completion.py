"""What Tab offers: commands and what they take, from the collection; on an empty line, questions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from prompt_toolkit.completion import CompleteEvent, Completer, Completion, PathCompleter
from prompt_toolkit.document import Document

from qabot import QabotError
from qabot.terminal.commands import COMMANDS, Completes
from qabot.terminal.names import matching, names_of
from qabot.terminal.session import Session
from qabot.terminal.text import one_line
from qabot.terminal.view import described


class LineCompleter(Completer):
    """``questions`` gives those to begin with; it may take its time, and is asked in a thread of its own."""

    def __init__(self, session: Session, questions: Callable[[], Sequence[str]]) -> None:
        self._session = session
        self._questions = questions
        self._paths = PathCompleter(expanduser=True)

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        line = document.text_before_cursor
        try:
            if not line.startswith("/"):
                yield from self._to_ask(line)
                return
            name, space, argument = line[1:].partition(" ")
            if not space:
                yield from _commands(name)
            elif name.casefold() in COMMANDS:
                yield from self._argument(COMMANDS[name.casefold()].completes, argument.lstrip(), complete_event)
        except QabotError:
            return  # the index is being made: there is nothing to offer yet

    def _to_ask(self, typed: str) -> Iterable[Completion]:
        if typed.strip() and "\n" not in typed:
            return
        suggested = self._session.given[-1].answer.suggestions if self._session.given else ()
        for question in dict.fromkeys([*suggested, *self._questions()]):
            yield Completion(one_line(question), -len(typed))

    def _argument(self, completes: Completes, typed: str, event: CompleteEvent) -> Iterable[Completion]:
        if completes == "file":
            yield from self._paths.get_completions(Document(typed, len(typed)), event)
        elif completes == "command":
            yield from _commands(typed.removeprefix("/"))
        elif completes == "source":
            citations = self._session.given[-1].answer.citations if self._session.given else ()
            for citation in citations:
                if str(citation.id).startswith(typed):
                    yield Completion(str(citation.id), -len(typed), display_meta=described(citation))
        elif completes:
            for name in matching(names_of(completes, self._session.engine.articles()), typed):
                yield Completion(name, -len(typed))


def _commands(typed: str) -> Iterable[Completion]:
    for command in COMMANDS.values():
        if command.name.startswith(typed.casefold()):
            space = " " if command.argument else ""
            yield Completion(command.name + space, -len(typed), display=command.written, display_meta=command.help)
