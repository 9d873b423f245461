"""What programs meet: pipes, JSON lines, exit codes, options anywhere, shell completion."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from qabot import Answer, Filters, SeedsError, UsageError
from qabot.cli import app
from qabot.engine import Engine
from qabot.terminal.batch import answer_batch
from qabot.terminal.chat import chat_json, chat_lines
from qabot.terminal.conversations import kept_conversations
from qabot.terminal.piped import piped_lines
from qabot.terminal.screen import Screen
from qabot.terminal.session import Session
from qabot.wire import BatchQuestion
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


def test_an_error_keeps_its_lines_id_whatever_else_the_line_holds(news: Engine) -> None:
    lines = [
        '{"question": "Who?", "filters": {"since": "soon"}, "id": 9}',
        '{"question": 3, "id": "b"}',
        '{"id": 7}',
        '{"question": "Who?", "filters": {"outlett": "Daily Courier"}, "id": 10}',
        '{"question": "Who?", "filters": {"outlet": ""}, "id": 11}',
        '{"question": 3, "id": [1]}',
        "[" * 20_000,
    ]
    out = io.StringIO()
    assert chat_json(Session(news), lines, out) == 2
    errors = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [error.get("id") for error in errors] == [9, "b", 7, 10, 11, None, None]
    assert "outlett" in errors[3]["error"] and "outlet is empty" in errors[4]["error"]


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_line_that_is_too_long_is_one_error_and_the_next_is_answered(news: Engine, mark: str) -> None:
    right = {"question": "Who opened the tunnel in Haifa?", "id": "h"}
    stream = io.StringIO("\n".join([mark + "x" * 2_500_000, json.dumps(right), "y" * 999_000, "z" * 1_000_000]))
    out = io.StringIO()
    assert chat_json(Session(news), piped_lines(stream), out) == 2
    first, second, third, fourth = [json.loads(line) for line in out.getvalue().splitlines()]
    assert "1,000,000 characters or more" in first["error"] and "1,000,000 characters or more" in fourth["error"]
    assert second["id"] == "h" and second["status"] == "answered" and "no question" in third["error"]


def test_a_piped_chat_ends_in_silence_where_nobody_reads_it_any_more(collection: Path) -> None:
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    asking = "for i in $(seq 9); do echo 'Who opened the tunnel in Haifa?'; done"
    command = f"{asking} | {sys.executable} -m qabot --no-refresh chat | head -1"
    done = subprocess.run(command, shell=True, cwd=collection, env=environ, capture_output=True, text=True)
    assert done.stdout == "> Who opened the tunnel in Haifa?\n" and done.stderr == ""
    full = subprocess.run(
        f"{asking} | {sys.executable} -m qabot --no-refresh chat > /dev/full",
        shell=True, cwd=collection, env=environ, capture_output=True, text=True,
    )  # fmt: skip
    assert full.returncode == 1 and full.stderr == "qabot: The output cannot be written: No space left on device.\n"


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
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "empty.txt").write_text("")
    for wrong, told in {
        "more": "qabot: more is a folder.\nName the files in it: qabot import more/*\n",
        "more/gone.txt": "qabot: There is no file more/gone.txt.\nName one that there is: qabot import FILE...\n",
        "more/empty.txt": "qabot: more/empty.txt: the file is empty\nPut a text into it, or remove it.\n",
    }.items():
        assert CliRunner().invoke(app, ["import", wrong]).stderr == told


def completed(where: Path, shell: str, line: str) -> str:
    """What a shell is given for a line whose last word is being typed."""
    words = line.split(" ")
    environ = {
        "_QABOT_COMPLETE": f"{shell}_complete",
        "COMP_WORDS": line,
        "COMP_CWORD": words[-1] if shell == "fish" else str(len(words) - 1),
    }
    script = "import sys; sys.argv[0] = 'qabot'; from qabot.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=where,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environ},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0 and not done.stderr, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("shell", "line", "offered"),
    [
        ("bash", "qabot ch", "plain,changes\nplain,chat\n"),
        ("bash", "qabot ask --outlet Ev", "plain,Evening Ledger\n"),
        ("fish", "qabot ask --author Wri", "plain,A. Writer\n"),
        ("zsh", "qabot search --since 2021-", "plain\n2021-03\n_\nplain\n2021-03-10\n_\nplain\n2021-03-11\n_\n"),
        ("fish", "qabot search --article tok", "plain,tokyo.md\n"),
        ("bash", "qabot status --article hai", "plain,haifa.md\n"),
        ("zsh", "qabot ask --e", "plain\n--explain\nWhy this answer, or why none: a table on stderr.\n"),
        ("bash", "qabot eval gold", "file,gold\n"),
        ("bash", "qabot ask who --no-refresh --seeds nowhere --embeddings nowhere --outlet Ev", "\n"),
    ],
)
def test_shells_complete_commands_options_names_and_files(
    collection: Path, shell: str, line: str, offered: str
) -> None:
    assert completed(collection, shell, line) == offered


def test_a_shell_completes_kept_conversations(news: Engine, tmp_path: Path) -> None:
    session = Session(news, kept_conversations().begin(news.settings.seeds), clock=lambda: 1e9)
    session.accept(session.ask("Who opened the tunnel in Haifa?"))
    (kept,) = kept_conversations().past()
    assert completed(tmp_path, "bash", "qabot chat --resume 2") == f"plain,{kept.id}\n"
    assert completed(tmp_path, "bash", "qabot chat --resume x") == "\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_what_the_shell_evaluates(shell: str) -> None:
    error, printed = invoked("completion", shell)
    assert error is None and f"_QABOT_COMPLETE={shell}_complete" in printed


def test_ctrl_c_exits_with_130(collection: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "qabot", "chat"],
        cwd=collection,
        env={**os.environ, "PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with process:
        assert process.stdin and process.stdout and process.stderr
        process.stdin.write(b"Who opened the tunnel in Haifa?\n")
        process.stdin.flush()
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
        assert process.stderr.read() == b""


class InterruptedImport:
    """An engine whose extensions meet Ctrl-C while they are imported, as pybind11 tells it."""

    def ask(self, *_: object) -> Answer:
        raise ImportError("initialization failed") from KeyboardInterrupt()

    explain = ask


def test_ctrl_c_that_an_import_turned_into_an_error_is_ctrl_c() -> None:
    session = Session(InterruptedImport())  # type: ignore[arg-type]
    with pytest.raises(KeyboardInterrupt):
        chat_lines(session, Screen(io.StringIO()), ["Why?\n"], echo=True)
    with pytest.raises(KeyboardInterrupt):
        chat_json(session, ['{"question": "Why?"}\n'], io.StringIO())
    with pytest.raises(KeyboardInterrupt):
        answer_batch(InterruptedImport(), [BatchQuestion(1, "Why?")], Filters(), io.StringIO())  # type: ignore[arg-type]


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


@pytest.mark.parametrize(
    ("redirected", "code", "told"),
    [(">&-", 1, "stdout is closed"), ("2>&-", 0, ""), ("> /dev/full", 1, "cannot be written: No space")],
)
def test_output_that_is_closed_or_full_is_no_traceback(collection: Path, redirected: str, code: int, told: str) -> None:
    command = f"{sys.executable} -m qabot --no-refresh ask 'Who opened the tunnel in Haifa?' {redirected}"
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, shell=True, cwd=collection, env=environ, capture_output=True, text=True)
    assert done.returncode == code and told in done.stderr and "Traceback" not in done.stderr
