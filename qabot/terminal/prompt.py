"""The line that is typed on: its keys, history and toolbar, while answers are made beside it."""

from __future__ import annotations

import asyncio
import functools
import os
import signal
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prompt_toolkit import PromptSession
from prompt_toolkit.application import run_in_terminal
from prompt_toolkit.auto_suggest import AutoSuggestFromHistory
from prompt_toolkit.completion import CompleteEvent, Completer, get_common_complete_suffix
from prompt_toolkit.filters import Condition
from prompt_toolkit.formatted_text import FormattedText
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.styles import Style

from qabot.files import make_private, only_a_file, read_own, write_whole

Answered = Callable[[], None]

_HISTORY_BYTES = 512 * 1024
_STYLE = Style.from_dict({"bottom-toolbar": "noreverse dim", "bottom-toolbar.text": "", "auto-suggestion": "dim"})
_SETTLED = 0.2  # seconds; loading a model before the prompt is drawn would hold it up
# Seconds that an answer's thread holds the interpreter while a key waits for it, several times over (Python's own are
# 5 ms; benchmarks/prompt.py).
_HOLDS = 0.001
_LEAVES = "Ctrl-D or /quit leaves."
_CANCELS = "Answering ... Ctrl-C cancels."


class Leaving(Exception):
    """The conversation is over."""


@contextmanager
def _keys_read_singly() -> Iterator[None]:
    """Read by the line, as for a program, the terminal takes a Ctrl-D that is pressed while an answer is printed for
    the end of a line, and drops it."""
    try:
        import termios

        flags = termios.tcgetattr(sys.stdin)
    except (ImportError, OSError, termios.error):  # Windows, which hands keys over as they are; no terminal
        yield
        return
    singly = [*flags[:3], flags[3] & ~(termios.ICANON | termios.ECHO), *flags[4:]]
    termios.tcsetattr(sys.stdin, termios.TCSANOW, singly)
    try:
        yield
    finally:
        with suppress(OSError, termios.error):
            termios.tcsetattr(sys.stdin, termios.TCSANOW, flags)


@dataclass(frozen=True, eq=False)
class _Entered:
    """A line that was sent; the same words sent again are another."""

    line: str


class Prompt:
    """Reads lines and has each answered in turn, beside the typing.

    ``answer`` makes an answer, in a thread of its own, and gives what shows it; that is called between two prompts, and
    raises Leaving at the end. ``echo`` shows a line again whose answer comes below another's; ``cancelled`` says that
    an answer was. ``told`` is what the toolbar tells, for so many columns.
    """

    def __init__(
        self,
        answer: Callable[[str], Answered],
        echo: Callable[[str], None],
        cancelled: Answered,
        told: Callable[[int], str],
        completer: Completer,
        history: History,
    ) -> None:
        self._answer = answer
        self._echo = echo
        self._show_cancelled = cancelled
        self._told = told
        self._lines: asyncio.Queue[_Entered | None] = asyncio.Queue()
        # The line that an answer printed now would stand below.
        self._above: _Entered | None = None
        self._cancel: asyncio.Event | None = None
        self._left = False
        self._hint = ""
        # One that was cancelled goes on to its end, unheard; the next question does not wait for it.
        self._threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="qabot-answer")
        self._session: PromptSession[str] = PromptSession(
            "> ",
            multiline=True,
            prompt_continuation="  ",
            key_bindings=self._keys(),
            completer=completer,
            complete_in_thread=True,
            complete_while_typing=Condition(lambda: self._session.default_buffer.text.startswith("/")),
            auto_suggest=AutoSuggestFromHistory(),
            history=history,
            bottom_toolbar=self._toolbar,
            enable_open_in_editor=True,
            tempfile_suffix=".txt",
            style=_STYLE,
        )

    def run(self, warm_up: Answered = lambda: None) -> None:
        """Until the person leaves, once what was asked is answered. ``warm_up`` runs when the prompt is there."""
        before = sys.getswitchinterval()
        sys.setswitchinterval(_HOLDS)
        try:
            with _keys_read_singly():  # between two prompts as well
                asyncio.run(self._run(warm_up))
        finally:
            sys.setswitchinterval(before)
            self._threads.shutdown(wait=False, cancel_futures=True)

    async def _run(self, warm_up: Answered) -> None:
        asyncio.get_running_loop().call_later(_SETTLED, self._threads.submit, warm_up)
        with suppress(NotImplementedError):  # where there are no such signals, Ctrl-C is a key alone
            asyncio.get_running_loop().add_signal_handler(signal.SIGINT, self._interrupt)
        answering = asyncio.create_task(self._answer_in_turn())
        while not self._left:
            try:
                line = await self._session.prompt_async()
            except EOFError:
                break
            self._hint = ""
            if line.strip():
                self._above = _Entered(line.strip())
                self._lines.put_nowait(self._above)
        self._lines.put_nowait(None)
        await answering

    async def _answer_in_turn(self) -> None:
        while (entered := await self._lines.get()) is not None and not self._left:
            self._cancel = asyncio.Event()
            self._session.app.invalidate()  # the toolbar says so
            work = self._threads.submit(self._answer, entered.line)
            cancelled = asyncio.create_task(self._cancel.wait())
            awaited: list[asyncio.Future[Any]] = [asyncio.wrap_future(work), cancelled]
            await asyncio.wait(awaited, return_when=asyncio.FIRST_COMPLETED)
            self._cancel = None
            cancelled.cancel()
            show = work.result() if work.done() else self._show_cancelled
            try:
                await run_in_terminal(functools.partial(self._show, entered, show))
            except Leaving:
                self._left = True
                if self._session.app.is_running:
                    self._session.app.exit(exception=EOFError)

    def _show(self, entered: _Entered, show: Answered) -> None:
        if self._above is not entered:
            self._echo(entered.line)
        self._above = None
        with _keys_read_singly():
            show()

    def _interrupt(self) -> bool:
        """Cancels what is answered and what waits; whether there was anything."""
        if self._cancel is None:
            return False
        while not self._lines.empty():
            self._lines.get_nowait()
        self._cancel.set()
        return True

    def _toolbar(self) -> FormattedText:
        columns = self._session.app.output.get_size().columns
        said = self._hint or (_CANCELS if self._cancel is not None else self._told(columns))
        return FormattedText([("", said[: columns - 1])])

    def _keys(self) -> KeyBindings:
        keys = KeyBindings()

        @keys.add("enter", filter=Condition(lambda: not self._session.app.current_buffer.name.startswith("SEARCH")))
        def _(event: KeyPressEvent) -> None:
            buffer = event.current_buffer
            if buffer.complete_state is not None and buffer.complete_state.current_completion is not None:
                buffer.complete_state = None
            else:
                buffer.validate_and_handle()

        @keys.add("tab", filter=Condition(lambda: self._session.default_buffer.text.startswith("/")))
        def _(event: KeyPressEvent) -> None:
            # At once: what completes while typing may be under way still, and would swallow a Tab.
            buffer = event.current_buffer
            if buffer.complete_state is not None and buffer.complete_state.current_completion is not None:
                buffer.complete_next()
                return
            found = list(buffer.completer.get_completions(buffer.document, CompleteEvent(completion_requested=True)))
            common = get_common_complete_suffix(buffer.document, found)
            if len(found) == 1:
                buffer.apply_completion(found[0])
            elif common:
                buffer.insert_text(common)
            elif buffer.complete_state is not None:
                buffer.complete_next()
            else:
                buffer.start_completion(select_first=False)

        @keys.add("escape", "enter")
        def _(event: KeyPressEvent) -> None:
            event.current_buffer.insert_text("\n")

        @keys.add("c-c")
        @keys.add("<sigint>")
        def _(event: KeyPressEvent) -> None:
            self._hint = ""
            if self._interrupt():
                return
            if event.current_buffer.text:
                event.current_buffer.reset()
            else:
                self._hint = _LEAVES

        return keys


def kept_history(file: Path) -> History:
    """What was typed in earlier runs, for nobody else to read; in memory where it cannot be kept. Bounded."""
    try:
        make_private(file.parent)
        os.close(only_a_file(str(file), os.O_CREAT | os.O_APPEND))
        if file.stat().st_size > _HISTORY_BYTES:
            kept = read_own(file)[-_HISTORY_BYTES // 2 :]
            write_whole(file, kept[max(0, kept.find(b"\n# ")) :], private=True)
    except OSError:
        return InMemoryHistory()
    return _KeptHistory(str(file))


class _KeptHistory(FileHistory):
    """Goes on in memory where the disk is full."""

    def store_string(self, string: str) -> None:
        with suppress(OSError):
            super().store_string(string)
