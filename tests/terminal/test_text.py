from __future__ import annotations

import codecs
import io
import sys
from pathlib import Path

import pytest

from qabot.terminal.progress import Progress
from qabot.terminal.text import fit_streams, visible


def test_what_a_terminal_lacks_is_shown_by_the_nearest_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="iso-8859-1", write_through=True))
    fit_streams()
    print("“Zoë’s café” – 3 · 5 … 東")
    assert raw.getvalue().decode("iso-8859-1") == '"Zoë\'s café" - 3 · 5 ... \\u6771\n'
    assert codecs.lookup_error("nearest")


def test_line_breaks_of_any_kind_are_newlines() -> None:
    assert visible("a\r\nb\u2028c\x0bd\x85e\tf") == "a\nb\nc\nd\ne\tf"


def test_progress_says_nothing_that_acts_on_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    Progress().say("\x1b[2Jevil\u202e.txt changed")
    assert capsys.readouterr().err == "[2Jevil.txt changed\n"


def test_what_init_writes_is_the_example_of_every_setting() -> None:
    root = Path(__file__).parents[2]
    assert (root / "qabot" / "qabot.toml").read_text() == (root / "config" / "qabot.toml").read_text()
