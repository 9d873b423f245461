"""How a conversation begins: a new one or one of those kept, at a terminal, on a pipe or as JSON."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from qabot import Engine, RefreshReport, UsageError
from qabot.phrases import counted
from qabot.terminal.chat import chat_json, chat_lines, chat_typed, replay, typed_plainly
from qabot.terminal.conversations import Conversations, Log, Past, kept_conversations, state_folder
from qabot.terminal.piped import piped_lines
from qabot.terminal.screen import Screen
from qabot.terminal.session import Session
from qabot.terminal.text import one_line, shortened
from qabot.terminal.wanted import Wanted

Prepared = Callable[[], "tuple[Engine, RefreshReport | None]"]


def start(prepared: Prepared, seeds: Path, wanted: Wanted) -> int:
    """Converses until the input ends; gives the exit code. ``prepared`` makes the engine. Raises any QabotError."""
    typed = sys.stdin.isatty() and not wanted.json
    kept = kept_conversations()
    past = _past(kept, seeds, wanted)
    log = _log(kept, past, seeds, wanted, typed=typed)
    engine, report = prepared()
    with engine:
        session = Session(engine, log)
        session.restore(kept.answers(past.id) if past else [])
        screen = Screen(sys.stdout)
        if wanted.json:
            return chat_json(session, piped_lines(sys.stdin), sys.stdout)
        if past:
            replay(session, screen)
        if typed and screen.styled:
            history = None if wanted.private else state_folder() / "history"
            chat_typed(session, screen, report, history)
            return 0
        return chat_lines(session, screen, typed_plainly() if typed else piped_lines(sys.stdin), echo=not typed)


def _past(kept: Conversations, seeds: Path, wanted: Wanted) -> Past | None:
    if not (wanted.last or wanted.resume):
        return None
    if wanted.id is not None:
        found = next((past for past in kept.past() if past.id == wanted.id), None)
        if found is None:
            raise UsageError(f"There is no conversation {wanted.id}.", "`qabot chat --list` shows them.")
        return found
    past = kept.past(seeds)
    if not past:
        raise UsageError(f"No conversation over {seeds} is kept.", "`qabot chat` begins one.")
    if wanted.last:
        return past[0]
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("Which conversation?", "Name one: qabot chat --resume ID. `qabot chat --list` shows them.")
    return _picked(past)


def _picked(past: Sequence[Past]) -> Past:
    from prompt_toolkit.shortcuts import choice

    shown = past[: max(3, os.get_terminal_size().lines - 4)]
    width = max(20, os.get_terminal_size().columns - 8)
    options = [(found, shortened(line_about(found), width)) for found in shown]
    return choice("Which conversation? Up and Down choose, Enter takes it.", options=options)


def _log(kept: Conversations, past: Past | None, seeds: Path, wanted: Wanted, *, typed: bool) -> Log | None:
    if wanted.private:
        return None
    if past is not None:
        return kept.go_on(past.id, seeds)
    # What a program asks is the program's to keep.
    return kept.begin(seeds) if typed else None


def line_about(past: Past) -> str:
    """ "24 Nov 2026 18:30 · 3 questions · How much did ...?"."""
    try:
        when = datetime.fromtimestamp(past.updated)
        told = f"{when.day} {when:%b %Y %H:%M}"
    except (ValueError, OverflowError, OSError):
        told = "no date"  # the file was damaged
    return f"{told} · {counted(past.questions, 'question')} · {shortened(past.first, 80)}"


def list_lines(past: Sequence[Past]) -> str:
    """A conversation a line, with its id and its folder."""
    if not past:
        return "No conversation is kept."
    return "\n".join(f"{found.id}  {line_about(found)}  ({one_line(found.seeds)})" for found in past)


def forget(conversation: str | None) -> str:
    """Removes one conversation, or all and what was typed; gives what is said of that. Raises UsageError."""
    kept = kept_conversations()
    ids = [conversation] if conversation is not None else [past.id for past in kept.past()]
    kept.forget(ids)
    if conversation is None:
        (state_folder() / "history").unlink(missing_ok=True)
    told = counted(len(ids), "conversation")
    return f"Forgot {told}." if conversation is not None else f"Forgot {told} and what was typed."
