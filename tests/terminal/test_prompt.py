from __future__ import annotations

import stat
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.completion import CompleteEvent, DummyCompleter
from prompt_toolkit.document import Document
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.input import PipeInput, create_pipe_input
from prompt_toolkit.output import DummyOutput

from qabot.engine import Engine
from qabot.terminal import prompt
from qabot.terminal.completion import LineCompleter
from qabot.terminal.prompt import Leaving, Prompt, kept_history
from qabot.terminal.session import Session

LEAVE = "\x04"


@contextmanager
def typing(
    answer: Callable[[str], Callable[[], None]],
    cancelled: Callable[[], None] = lambda: None,
    history: History | None = None,
    echoed: Callable[[str], None] = lambda line: None,
) -> Iterator[tuple[Prompt, PipeInput]]:
    with create_pipe_input() as keys, create_app_session(input=keys, output=DummyOutput()):
        yield (
            Prompt(answer, echoed, cancelled, lambda columns: "told", DummyCompleter(), history or InMemoryHistory()),
            keys,
        )


def sent(keys: str, history: History | None = None) -> list[str]:
    """The lines that are answered when these keys are pressed."""
    lines: list[str] = []
    with typing(lambda line: lambda: lines.append(line), history=history) as (reading, pressed):
        pressed.send_text(keys + LEAVE)
        reading.run()
    return lines


def test_enter_sends_and_alt_enter_begins_another_line() -> None:
    assert sent("who?\rand\x1b\rwhy?\r") == ["who?", "and\nwhy?"]


def test_what_is_pasted_keeps_its_lines_and_sends_nothing_by_itself() -> None:
    assert sent("\x1b[200~first\nsecond\x1b[201~ third\r") == ["first\nsecond third"]


def test_ten_thousand_pasted_characters_arrive_whole() -> None:
    text = "word " * 2000
    assert sent(f"\x1b[200~{text}\x1b[201~\r") == [text.strip()]


def test_empty_lines_are_not_asked() -> None:
    assert sent("\r  \r\x1b\r\r") == []


def test_ctrl_c_clears_the_line_and_ctrl_d_leaves() -> None:
    assert sent("half a quest\x03who?\r") == ["who?"]


def test_ctrl_c_on_an_empty_line_says_how_to_leave() -> None:
    with typing(lambda line: lambda: None) as (reading, keys):
        keys.send_text("\x03" + LEAVE)
        reading.run()
        assert "Ctrl-D" in reading._toolbar()[0][1]


def test_what_was_asked_before_leaving_is_answered_in_turn() -> None:
    assert sent("one?\rtwo?\rthree?\r") == ["one?", "two?", "three?"]


def test_ctrl_c_cancels_a_running_answer_and_what_waits() -> None:
    going, begun, shown = threading.Event(), threading.Event(), []

    def answer(line: str) -> Callable[[], None]:
        if line == "slow?":
            begun.set()
            going.wait(10)
        return lambda: shown.append(line)

    with typing(answer, cancelled=lambda: shown.append("cancelled")) as (reading, keys):

        def press() -> None:
            keys.send_text("slow?\r")
            begun.wait(10)
            # The prompt is there while the answer is made: what is typed is kept.
            keys.send_text("waits?\r\x03next?\r" + LEAVE)

        pressing = threading.Thread(target=press)
        pressing.start()
        reading.run()
        going.set()
        pressing.join()
    assert shown == ["cancelled", "next?"]


def test_a_question_is_shown_again_where_its_answer_comes_below_another() -> None:
    begun, shown = threading.Event(), []

    def answer(line: str) -> Callable[[], None]:
        if line == "first?":
            begun.wait(10)
        return lambda: shown.append(f"answer to {line}")

    with typing(answer, echoed=lambda line: shown.append(line)) as (reading, keys):

        def press() -> None:
            keys.send_text("first?\r")
            keys.send_text("second?\r")
            while reading._above is None or reading._above.line != "second?":
                time.sleep(0.01)
            begun.set()
            while len(shown) < 4:
                time.sleep(0.01)
            keys.send_text("third?\r" + LEAVE)

        pressing = threading.Thread(target=press)
        pressing.start()
        reading.run()
        pressing.join()
    assert shown[:4] == ["first?", "answer to first?", "second?", "answer to second?"]
    assert shown[4:] == ["answer to third?"]


def test_what_leaves_ends_the_prompt() -> None:
    def answer(line: str) -> Callable[[], None]:
        def show() -> None:
            raise Leaving

        return show

    with typing(answer) as (reading, keys):
        keys.send_text("/quit\r")
        reading.run()


def test_history_lasts_is_private_and_is_searched(tmp_path: Path) -> None:
    file = tmp_path / "state" / "history"
    assert sent("who opened the tunnel?\rwhy?\r", kept_history(file)) == ["who opened the tunnel?", "why?"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600 and stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert sent("\x1b[A\x1b[A\r", kept_history(file)) == ["who opened the tunnel?"]
    assert sent("\x12tunnel\r\r", kept_history(file)) == ["who opened the tunnel?"]


def test_history_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prompt, "_HISTORY_BYTES", 1000)
    file = tmp_path / "history"
    file.write_text("".join(f"\n# 2026-01-01 00:00:00\n+question {number}?\n" for number in range(100)))
    kept = list(kept_history(file).load_history_strings())
    assert kept[0] == "question 99?" and len(kept) < 20 and all(line.startswith("question ") for line in kept)


def test_a_history_that_cannot_be_kept_is_in_memory(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert isinstance(kept_history(tmp_path / "file" / "history"), InMemoryHistory)


def test_a_full_disk_keeps_nobody_from_asking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: FileHistory, string: str) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(FileHistory, "store_string", full)
    history = kept_history(tmp_path / "history")
    assert sent("who?\rwhy?\r", history) == ["who?", "why?"]
    assert history.get_strings()[-2:] == ["who?", "why?"]


def test_a_damaged_history_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    file = tmp_path / "history"
    file.write_bytes(b"\xff\x00garbage\n\n# 2026-01-01\n+who?\n\n# 2026\n+\x1b[2Jwhy?\xfe\n+cut sh")
    assert list(kept_history(file).load_history_strings())[1] == "who?"
    assert sent("\x1b[A\x03and?\r", kept_history(file)) == ["and?"]


def test_a_tab_in_the_same_instant_as_the_letters_before_it_completes(news: Engine) -> None:
    lines: list[str] = []
    completer = LineCompleter(Session(news), lambda: [])
    with create_pipe_input() as keys, create_app_session(input=keys, output=DummyOutput()):
        reading = Prompt(
            lambda line: lambda: lines.append(line), print, print, lambda columns: "", completer, InMemoryHistory()
        )
        keys.send_text("/outl\tcour\t\r/ver\t\r" + LEAVE)
        reading.run()
    assert lines == ["/outlet Daily Courier", "/verify"]


def offered(engine: Engine, typed: str, session: Session | None = None) -> list[str]:
    completer = LineCompleter(session or Session(engine), lambda: ["What burned?"])
    return [found.text for found in completer.get_completions(Document(typed, len(typed)), CompleteEvent())]


def test_commands_and_what_they_take_are_completed(news: Engine, tmp_path: Path) -> None:
    assert offered(news, "/s") == ["show ", "sources", "since ", "search ", "save "]
    assert offered(news, "/outlet e") == ["Evening Ledger", "Daily Courier"]
    assert offered(news, "/outlet courier") == ["Daily Courier"]
    assert offered(news, "/author ") == ["A. Writer"]
    assert offered(news, "/since 2021-") == ["2021-03", "2021-03-10", "2021-03-11"]
    assert offered(news, "/article tok") == ["tokyo.md"]
    assert offered(news, "/help ret") == ["retry"]
    assert offered(news, "/nothing x") == [] and offered(news, "who opened") == []
    (tmp_path / "talk.md").write_text("")
    assert offered(news, f"/save {tmp_path}/ta") == ["lk.md"]


def test_on_an_empty_line_questions_are_offered_and_sources_by_number(news: Engine) -> None:
    assert offered(news, "") == ["What burned?"]
    session = Session(news)
    session.accept(session.ask("How many people died in the fire on the ferry?"))
    assert offered(news, "/show ", session) == ["1", "2"]


def test_nothing_is_offered_while_there_is_no_index(engine: Engine) -> None:
    assert offered(engine, "/outlet ") == []
