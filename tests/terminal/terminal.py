"""A pseudo-terminal to type on, and its screen."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pexpect
import pyte

from tests.conftest import ROOT


class Terminal:
    """A process on a pseudo-terminal, and the screen that a person would see."""

    def __init__(self, *arguments: str, where: Path, columns: int = 100, **environ: str) -> None:
        self.screen = pyte.HistoryScreen(columns, 50, history=1000)
        self._stream = pyte.Stream(self.screen)
        environment = {
            name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "COLUMNS", "LINES")
        }
        environment |= {"PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1", "TERM": "xterm-256color", **environ}
        self.process = pexpect.spawn(
            sys.executable, ["-m", "qabot", *arguments], cwd=str(where), env=environment, dimensions=(50, columns),
            encoding="utf-8", timeout=10,
        )  # fmt: skip
        self.process.delaybeforesend = 0

    def type(self, keys: str) -> None:
        self.process.send(keys)

    def resize(self, columns: int) -> None:
        self.screen.resize(50, columns)
        self.process.setwinsize(50, columns)

    @property
    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self.screen.display)

    def until(self, text: str, seconds: float = 20) -> str:
        """The screen once it shows ``text``."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.read()
            if text in self.text:
                return self.text
        raise AssertionError(f"{text!r} was not shown within {seconds} s:\n{self.text}")

    def ended(self) -> int | None:
        """Its exit code, once it has ended."""
        end = time.monotonic() + 10
        while time.monotonic() < end and self.process.isalive():
            self.read()
        assert not self.process.isalive(), self.text
        return self.process.exitstatus

    def read(self, seconds: float = 0.05) -> None:
        """What comes within that time goes to the screen."""
        try:
            got = self.process.read_nonblocking(65_536, timeout=seconds)
        except pexpect.TIMEOUT:
            return
        except pexpect.EOF:
            return
        if "\x1b[6n" in got:  # where is the cursor?
            self._stream.feed(got)
            self.process.send(f"\x1b[{self.screen.cursor.y + 1};{self.screen.cursor.x + 1}R")
        else:
            self._stream.feed(got)
