"""Through a pseudo-terminal, looking at its screen."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pyte
import pytest

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
            self._read()
            if text in self.text:
                return self.text
        raise AssertionError(f"{text!r} was not shown within {seconds} s:\n{self.text}")

    def ended(self) -> int | None:
        """Its exit code, once it has ended."""
        end = time.monotonic() + 10
        while time.monotonic() < end and self.process.isalive():
            self._read()
        assert not self.process.isalive(), self.text
        return self.process.exitstatus

    def _read(self) -> None:
        try:
            got = self.process.read_nonblocking(65_536, timeout=0.05)
        except pexpect.TIMEOUT:
            return
        except pexpect.EOF:
            return
        if "\x1b[6n" in got:  # where is the cursor?
            self._stream.feed(got)
            self.process.send(f"\x1b[{self.screen.cursor.y + 1};{self.screen.cursor.x + 1}R")
        else:
            self._stream.feed(got)


@pytest.fixture
def terminals() -> Iterator[list[Terminal]]:
    """Those opened in a test; they are ended after it."""
    opened: list[Terminal] = []
    yield opened
    for terminal in opened:
        terminal.process.close(force=True)


def test_a_conversation_from_the_first_key_to_ctrl_d(collection: Path, terminals: list[Terminal]) -> None:
    terminal = Terminal("--no-refresh", where=collection)
    terminals.append(terminal)
    terminal.until("Tab completes")
    terminal.type("How many people died in the fi")
    terminal.until("> How many people died in the fi")
    terminal.resize(60)
    terminal.type("re on the ferry?")
    terminal.until("ferry?")
    terminal.resize(120)
    terminal.type("\r")
    answered = terminal.until("2 of 5 articles")
    assert "Reports differ:" in answered and any(" │ " in line and "14" in line for line in answered.splitlines())
    assert "[2] Daily Courier · A. Writer · 10 Mar 2021 · Ferry burns off Norvik" in answered
    # An article full of escape sequences changes neither the title nor the screen.
    terminal.type("Which valley of Corvo flooded?\r")
    terminal.until("[31mred[0m valley of Corvo flooded")
    assert terminal.screen.title == "" and "How many people died" in terminal.text
    # Filters are in the toolbar, commands complete.
    terminal.type("/outl")
    terminal.until("ask only this outlet")
    terminal.type("\t")
    terminal.until("> /outlet")
    terminal.type("courier\r")
    terminal.until("5 articles · outlet courier")
    # A pasted escape sequence is shown.
    terminal.type("\x1b[200~\x1b[2Jwho?\x1b[201~")
    assert "Only outlet courier" in terminal.until("^[[2Jwho?")
    terminal.type("\x03\x03")
    terminal.until("Ctrl-D or /quit leaves.")
    terminal.type("\x04")
    assert terminal.ended() == 0


def test_ten_thousand_characters_are_pasted_and_a_conversation_is_resumed(
    collection: Path, terminals: list[Terminal]
) -> None:
    terminal = Terminal("--no-refresh", where=collection)
    terminals.append(terminal)
    terminal.until("Tab completes")
    terminal.type("\x1b[200~" + "tunnel of Haifa " * 625 + "\x1b[201~")
    terminal.until("tunnel of Haifa tunnel of Haifa")
    terminal.type("\r")
    terminal.until("at most 2,000 are taken")
    terminal.type("Who opened the tunnel in Haifa?\r")
    terminal.until("opened the tunnel on Monday. [1]")
    terminal.type("/quit\r")
    assert terminal.ended() == 0
    again = Terminal("chat", "--continue", "--no-refresh", where=collection)
    terminals.append(again)
    again.until("Tab completes")
    assert "opened the tunnel on Monday. [1]" in again.text
    again.type("How much did it cost?\r")
    again.until("40 million shekels")
    # What was typed in the run before is there.
    again.type("\x1b[A\x1b[A")
    again.until("> Who opened the tunnel in Haifa?")
    again.type("\x03\x04")
    assert again.ended() == 0


def test_a_first_run_shows_its_progress_and_what_there_is(
    collection: Path, terminals: list[Terminal], tmp_path: Path
) -> None:
    shutil.copytree(collection / "seeds", tmp_path / "seeds")
    (tmp_path / "embeddings").mkdir()
    (tmp_path / "embeddings" / "models").symlink_to((collection / "embeddings" / "models").resolve())
    terminal = Terminal("chat", "--private", where=tmp_path)
    terminals.append(terminal)
    terminal.until("Tab completes", 40)
    told = terminal.text
    assert "embedding" in told and "Worth asking" in told and told.count("\n  - ") == 3
    terminal.type("\x04")
    assert terminal.ended() == 0 and not (tmp_path / "state").exists()


def test_a_dumb_terminal_gets_plain_lines(collection: Path, terminals: list[Terminal]) -> None:
    terminal = Terminal("chat", "--no-refresh", "--private", where=collection, TERM="dumb")
    terminals.append(terminal)
    terminal.until(">")
    terminal.type("Who opened the tunnel in Haifa?\r")
    terminal.until("1 of 5 articles")
    terminal.type("\x03")
    terminal.until("Ctrl-D or /quit leaves.")
    terminal.type("\x04")
    assert terminal.ended() == 0
