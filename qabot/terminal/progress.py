"""Progress of a build on stderr: a bar in a terminal, plain lines when piped."""

from __future__ import annotations

import sys
import time
from typing import Any

from qabot.terminal.text import visible

_SECONDS_BETWEEN_LINES = 5.0


class Progress:
    """Called with texts embedded and how many there are; ``say`` puts a line without breaking the bar."""

    def __init__(self) -> None:
        self._bar: Any = None
        self._task: Any = None
        self._last_line = time.monotonic()

    def say(self, line: str) -> None:
        line = visible(line)
        if self._bar is not None:
            self._bar.console.print(line, markup=False, highlight=False)
        else:
            print(line, file=sys.stderr, flush=True)

    def __call__(self, done: int, total: int) -> None:
        if sys.stderr.isatty():
            self._advance(done, total)
        elif time.monotonic() - self._last_line > _SECONDS_BETWEEN_LINES:
            self._last_line = time.monotonic()
            print(f"embedded {done:,} of {total:,} texts", file=sys.stderr, flush=True)

    def _advance(self, done: int, total: int) -> None:
        if self._bar is None:
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

            columns = (TextColumn("embedding"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
            self._bar = Progress(*columns, console=Console(stderr=True))
            self._task = self._bar.add_task("embedding", total=total)
            self._bar.start()
        self._bar.update(self._task, completed=done, total=total)
        if done >= total:
            self._bar.stop()
            self._bar = None
