"""What programs meet: pipes, JSON lines, exit codes, options anywhere, shell completion."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from qabot import SeedsError, UsageError
from qabot.cli import app
from qabot.engine import Engine
from qabot.terminal.chat import chat_json, chat_lines
from qabot.terminal.screen import Screen
from qabot.terminal.session import Session
from qabot.terminal.start import kept_conversations
from tests.conftest import ROOT
from tests.test_cli import qabot

GOLDEN = Path(__file__).parent / "golden"
QUESTIONS = """\
How many people died in the fire on the ferry?
and who ordered the evacuation?
Which valley of Corvo flooded?
/show 1
/outlet courier
/filters
/sorces
Who won the chess title?
"""


def compare(name: str, text: str) -> None:
    """With WRITE_GOLDEN set, writes what is compared with later."""
    file = GOLDEN / name
    if os.environ.get("WRITE_GOLDEN"):
        file.write_text(text, encoding="utf-8", newline="")
    assert text.encode() == file.read_bytes()


def test_piped_questions_give_the_same_bytes_each_time(collection: Path) -> None:
    done = qabot("chat", where=collection, stdin=QUESTIONS)
    assert done.returncode == 0 and "\x1b" not in done.stdout
    assert "There is no command /sorces." in done.stderr and "/sources" in done.stderr
    compare("piped.txt", done.stdout)


def test_json_lines_in_and_out(collection: Path) -> None:
    lines = [
        {"question": "How many people died in the fire on the ferry?", "id": "a"},
        {"question": "and how many were aboard?", "id": 2},
        {"question": "who opened it?", "new": True, "filters": {"outlet": "הארץ"}},
        {"question": "", "id": "d"},
        {"question": "Who?", "filters": {"since": "soon"}},
        {"query": "no question"},
    ]
    stdin = "\n".join(
        [*map(json.dumps, lines), "not JSON", '{"question": "Who opened the tunnel in Haifa?", "id": "h"}']
    )
    done = qabot("chat", "--json", where=collection, stdin=stdin)
    assert done.returncode == 0
    masked = re.sub(r'("(?:took_ms|confidence|score)":)[0-9.e-]+', r"\g<1>0", done.stdout)
    compare("chat.jsonl", re.sub(r'("built":)"[^"]*"', r'\g<1>""', masked))
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer.get("id") for answer in answers] == ["a", 2, None, "d", None, None, None, "h"]
    assert "ferry" in answers[1]["searched_for"] and "ferry" not in answers[2]["searched_for"]
    assert [("error" in answer) for answer in answers] == [False, False, False, True, True, True, True, False]


def test_the_exit_code_is_that_of_the_last_questions_error(news: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    right, wrong = "Who opened the tunnel in Haifa?", "who? " * 5000
    for lines, code in (([right, wrong], 2), ([wrong, right], 0), (["/nothing"], 2), ([wrong, "/quit", wrong], 2)):
        assert chat_lines(Session(news), Screen(io.StringIO(), environ={}), lines, echo=True) == code
    json_lines = [json.dumps({"question": right}), json.dumps({"question": wrong})]
    assert chat_json(Session(news), json_lines, io.StringIO()) == 2


def test_options_stand_before_or_after_the_command_and_a_question_comes_from_stdin(collection: Path) -> None:
    where = collection / "seeds"
    place = ["--seeds", ".", "--embeddings=../embeddings"]
    for arguments in (["--no-refresh", *place, "ask", "-"], ["ask", "-", *place, "--no-refresh"]):
        done = qabot(*arguments, where=where, stdin="Who opened the tunnel in Haifa?\n")
        assert done.returncode == 0 and "tunnel" in done.stdout and "haifa.md:" in done.stdout, done.stderr
    assert qabot("index", "--no-refresh", *place, where=where).returncode == 2


def invoked(*arguments: str, **environ: str) -> tuple[BaseException | None, str]:
    """What a command raises and prints, in this process."""
    done = CliRunner().invoke(app, arguments, env=environ)
    return done.exception, done.stdout


def test_a_misspelt_variable_is_an_error() -> None:
    error, _ = invoked("status", QABOT_EMBEDINGS="x")
    assert isinstance(error, UsageError) and "QABOT_EMBEDINGS" in error.problem and "QABOT_EMBEDDINGS" in error.remedy


def test_qabot_alone_says_what_it_needs_and_init_makes_it(tmp_path: Path) -> None:
    alone = qabot(where=tmp_path)
    assert alone.returncode == 1 and "seeds" in alone.stderr and "qabot init" in alone.stderr and not alone.stdout
    assert invoked("init")[1].count(": made") == 3
    (tmp_path / "seeds" / ".qabotignore").write_text("mine")
    assert invoked("init")[1].count("there already") == 3
    assert (tmp_path / "seeds" / ".qabotignore").read_text() == "mine"
    error, _ = invoked()
    assert isinstance(error, SeedsError) and "no articles" in error.problem


def test_import_heeds_the_settings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "long.txt").write_text("A long article. " * 100)
    error, _ = invoked("import", "long.txt", QABOT_ARTICLES_MAX_BYTES="1000")
    assert isinstance(error, SystemExit) and not (tmp_path / "seeds").exists()
    assert "long.txt -> seeds/" in invoked("import", "long.txt")[1]


@pytest.mark.parametrize(
    ("shell", "line", "offered"),
    [
        ("bash", "qabot ask --outlet Ev", "Evening Ledger"),
        ("fish", "qabot search --article tok", "tokyo.md"),
        ("zsh", "qabot ch", "chat"),
    ],
)
def test_shells_complete_commands_outlets_and_paths(collection: Path, shell: str, line: str, offered: str) -> None:
    words = line.split()
    environ = {
        "_QABOT_COMPLETE": f"complete_{shell}",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(words) - 1),
        "_TYPER_COMPLETE_ARGS": line,
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
    }
    script = "import sys; sys.argv[0] = 'qabot'; from qabot.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=collection,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environ},
        capture_output=True,
        text=True,
    )
    assert offered in done.stdout, done.stderr


def test_kept_conversations_are_listed_and_forgotten(news: Engine, tmp_path: Path) -> None:
    assert "No conversation is kept" in invoked("chat", "--list")[1]
    for wrong in (["--continue"], ["--resume"], ["--resume", "nothing"], ["--list", "--forget"], ["nothing"]):
        assert isinstance(invoked("chat", *wrong)[0], UsageError), wrong
    kept = kept_conversations()
    for number in range(2):
        session = Session(news, kept.begin(news.settings.seeds), clock=lambda number=number: 1e9 + number)
        session.accept(session.ask("Who opened the tunnel in Haifa?"))
    (tmp_path / "state" / "qabot" / "history").write_text("typed")
    first, second = invoked("chat", "--list")[1].splitlines()
    assert "1 question · Who opened the tunnel in Haifa?" in first
    assert "Forgot 1 conversation." in invoked("chat", "--forget", second.split()[0])[1]
    assert "Forgot 1 conversation and what was typed." in invoked("chat", "--forget")[1]
    assert not (tmp_path / "state" / "qabot" / "history").exists()
