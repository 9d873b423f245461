"""Through a pseudo-terminal, looking at its screen."""

from __future__ import annotations

import shutil
import termios
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.terminal.terminal import Terminal


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
    terminal.until("1 article · outlet courier")
    # A pasted escape sequence is shown.
    terminal.type("\x1b[200~\x1b[2Jwho?\x1b[201~")
    assert "Only outlet courier" in terminal.until("^[[2Jwho?")
    terminal.type("\x03\x03")
    terminal.until("Ctrl-D or /quit leaves.")
    terminal.type("\x04")
    assert terminal.ended() == 0


def test_a_key_pressed_while_an_answer_is_printed_is_not_lost(collection: Path, terminals: list[Terminal]) -> None:
    terminal = Terminal("chat", "--no-refresh", "--private", where=collection)
    terminals.append(terminal)
    terminal.until("Tab completes")
    terminal.type("Who opened the tunnel in Haifa?\r")
    # Below the first words of the answer, above the prompt that comes after it.
    terminal.process.expect_exact("on Monday")
    terminal.type("\x04")
    assert terminal.ended() == 0


def test_the_terminal_is_left_as_it_was_where_one_leaves_while_an_answer_is_made(
    collection: Path, terminals: list[Terminal]
) -> None:
    terminal = Terminal("chat", "--no-refresh", "--private", where=collection)
    terminals.append(terminal)
    terminal.until("Tab completes")
    terminal.type("Who opened the tunnel in Haifa?\r")
    terminal.read(0.05)
    terminal.type("\x04")
    assert terminal.ended() == 0
    flags = termios.tcgetattr(terminal.process.child_fd)[3]
    assert flags & termios.ICANON and flags & termios.ECHO


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


def test_a_conversation_is_picked_from_a_list(collection: Path, terminals: list[Terminal]) -> None:
    for question in ("Who opened the tunnel in Haifa?", "Which valley of Corvo flooded?"):
        terminal = Terminal("--no-refresh", where=collection)
        terminals.append(terminal)
        terminal.until("Tab completes")
        terminal.type(f"{question}\r")
        terminal.until("1 of 5 articles")
        terminal.type("\x04")
        assert terminal.ended() == 0
    picking = Terminal("chat", "--resume", "--no-refresh", where=collection)
    terminals.append(picking)
    shown = picking.until("Haifa?")
    assert "Which conversation?" in shown and shown.index("Corvo") < shown.index("Haifa")
    picking.type("\x1b[B\r")
    picking.until("opened the tunnel on Monday. [1]")
    picking.until("Tab completes")
    picking.type("\x04")
    assert picking.ended() == 0
    # Ctrl-C picks none.
    none = Terminal("chat", "--resume", "--no-refresh", where=collection)
    terminals.append(none)
    none.until("Which conversation?")
    none.type("\x03")
    assert none.ended() == 130 and "Traceback" not in none.text


def test_the_toolbar_says_that_an_answer_is_made_also_of_the_next_in_turn(
    collection: Path, terminals: list[Terminal]
) -> None:
    terminal = Terminal("chat", "--no-refresh", "--private", where=collection)
    terminals.append(terminal)
    terminal.until("Tab completes")
    for _ in range(10):
        terminal.type("How many people died in the fire on the ferry?\r")
    terminal.until("of 5 articles · index")
    terminal.until("Answering ... Ctrl-C cancels.")
    terminal.until("Tab completes")
    terminal.type("\x04")
    assert terminal.ended() == 0


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
