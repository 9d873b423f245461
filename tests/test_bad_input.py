"""Bad input to every command: an exit code and a message, never a traceback, a hang or a raw control character."""

from __future__ import annotations

import io
import itertools
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from qabot.cli import main
from qabot.engine import Engine
from tests.conftest import ROOT, over
from tests.test_cli import qabot

MAYOR = "The mayor of Arden opened the new bridge on Monday. It cost 40 million crowns. Engineers had warned of delays."
ESCAPE = "\x1b]0;owned\x07\x1b[31m"
# All but newlines and tabs: C0, delete, C1, and marks that change direction.
RAW = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
CODES = {0, 1, 2, 3, 4, 5}


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str
    seconds: float


Run = Callable[..., Ran]


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Path:
    """seeds/ and embeddings/ with an index, articles of unfriendly names among them, and a saved answer."""
    folder = tmp_path_factory.mktemp("collection")
    seeds = folder / "seeds"
    seeds.mkdir()
    (seeds / "mayor.md").write_text(f"---\noutlet: The Post\n---\n\n{MAYOR}\n")
    (seeds / f"na{ESCAPE}me\n\u202e.md").write_text(
        '---\ntitle: "A\\e[31m title\\x9b2J\\u202e"\noutlet: "The\\e]0;x\\a Herald"\n---\n\nThe harbour of Belmont\x1b[2J was closed\u2028by a storm.\n'
    )
    (seeds / "empty.txt").write_text("")
    made: Engine = over(seeds, folder / "embeddings", models)
    from qabot.wire import answer_json

    (folder / "answer.json").write_text(answer_json(made.ask("What closed the harbour of Belmont?")) + "\n")
    (folder / "gold.jsonl").write_text(
        '{"id": "1", "type": "fact", "question": "Who opened the bridge?", "answerable": true, "answer": ["mayor"]}\n'
    )
    return folder


@pytest.fixture
def run(
    collection: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Run]:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))

    def ran(*arguments: str, stdin: bytes = b"", here: bool = True, **environ: str) -> Ran:
        where = ["--seeds", str(collection / "seeds"), "--embeddings", str(collection / "embeddings")] if here else []
        began = time.monotonic()
        with monkeypatch.context() as patch:
            for name, value in environ.items():
                patch.setenv(name, value)
            patch.setattr(sys, "argv", ["qabot", *where, *arguments])
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
            with pytest.raises(SystemExit) as left:
                main()
        out, err = capsys.readouterr()
        code = left.value.code
        assert isinstance(code, int)
        return Ran(code, out, err, time.monotonic() - began)

    yield ran


def check(ran: Ran, what: object, *, fails: bool = False) -> None:
    assert ran.code in CODES, what
    assert "Traceback" not in ran.err + ran.out, what
    assert "failed inside" not in ran.err + ran.out, (what, ran.err, ran.out)
    assert "details are in" not in ran.err, (what, ran.err)
    assert (raw := RAW.search(ran.out + ran.err)) is None, (what, raw)
    assert ran.seconds < 10, (what, ran.seconds)
    if fails:
        assert ran.code not in (0, 3) and ran.err.strip(), (what, ran)


DEEP = 20_000
CONTENTS: dict[str, bytes] = {
    "nothing": b"",
    "blanks": b" \n\n\t\n",
    "NUL": b"\0",
    "binary": bytes(range(256)) * 20,
    "not UTF-8": b'{"id": "1", "question": "caf\xe9?"}\n',
    "UTF-16": '{"id": "1", "question": "who?"}'.encode("utf-16"),
    "deep list": b"[" * DEEP,
    "deep closed list": b"[" * DEEP + b"]" * DEEP,
    "deep object": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "deep within": b'{"id": "1", "question": "x", "history": ' + b"[" * DEEP + b"]" * DEEP + b"}",
    "null": b"null\n",
    "number": b"1\n",
    "huge number": b"9" * 10_000 + b"\n",
    "huge exponent": b"1e999999999\n",
    "string": b'"who?"\n',
    "list": b"[1, 2]\n",
    "object": b"{}\n",
    "wrong types": b'{"id": [], "question": {}, "history": 3}\n',
    "half": b'{"id": "1", "question": "who',
    "control characters": b'{"id": "\x1b[31m", "question": "who?"}\n',
    "escaped control characters": b'{"id": "\\u001b[31m\\u009b2J\\u202e", "question": 3, "type": "\\u001b[31m"}\n',
    "lone surrogate": b'{"id": "\\ud800", "question": "\\udfff who?"}\n',
    "key of control characters": b'{"\\u001b[31m": 1, "id": 1}\n',
    "TOML": b"[paths]\nseeds = 1\n",
    "carriage returns": b'{"id": "1"}\r{"id": "2"}\r',
    "one long line": b"x" * 1_000_000,
    "many lines": b"x\n" * 10_000,
    "byte order mark alone": b"\xef\xbb\xbf",
}
READS_A_FILE: dict[str, tuple[str, ...]] = {
    "batch": ("ask", "--batch"),
    "verify": ("verify",),
    "verify --json": ("verify", "--json"),
    "eval": ("eval",),
    "config": ("status", "--config"),
}


@pytest.mark.parametrize("command", READS_A_FILE)
def test_a_file_that_is_not_what_is_asked_for(run: Run, tmp_path: Path, command: str) -> None:
    for what, content in CONTENTS.items():
        file = tmp_path / "file"
        file.write_bytes(content)
        empty = command == "config" and not content.strip().strip(b"\xef\xbb\xbf")
        # A batch of no questions is one, and a batch's error is a line of its own.
        check(run(*READS_A_FILE[command], str(file)), (command, what), fails=command != "batch" and not empty)


def test_earlier_figures_that_are_none(run: Run, collection: Path, tmp_path: Path) -> None:
    for what, content in CONTENTS.items():
        (tmp_path / "file").write_bytes(content)
        fails = what != "object"
        if fails:
            ran = run("eval", str(collection / "gold.jsonl"), "--compare", str(tmp_path / "file"))
            check(ran, what, fails=True)


@pytest.mark.parametrize("command", [*READS_A_FILE, "import", "seeds", "embeddings"])
def test_a_path_that_leads_nowhere_good(run: Run, tmp_path: Path, command: str) -> None:
    (tmp_path / "dangling").symlink_to(tmp_path / "missing")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("x")
    (tmp_path / f"es{ESCAPE}cape").write_text("" if command == "import" else "x")
    given = {"import": ("import",), "seeds": ("search", "who?", "--seeds"), "embeddings": ("status", "--embeddings")}
    arguments = READS_A_FILE.get(command) or given[command]
    for path in (
        "", "missing", "dangling", "loop", "folder", "file/below", "x" * 300, "/".join(["y" * 200] * 30), f"es{ESCAPE}cape",
        f"mis{ESCAPE}sing", "/dev/null", "/proc/self/mem", os.fsdecode(b"caf\xe9"), "~nouser/x", "\u202ereversed",
    ):  # fmt: skip
        ran = run(*arguments, path, here=command not in ("seeds", "embeddings"))
        check(ran, (command, path), fails=not (path == "/dev/null" and command in ("batch", "config")))
    if command != "config":
        endless = run(*arguments, "/dev/zero", here=command not in ("seeds", "embeddings"))
        check(endless, (command, "/dev/zero"), fails=True)


TOML = [
    "x = " + "[" * DEEP, "x = " + "{a=" * 500, "a." * 5000 + "b = 1", "[" + "a." * 5000 + "b]", "x = " + "9" * 10_000, "x = 1e99999",
    "[paths]\nseeds = ''", "[paths]\nseeds = '~nouser/seeds'", '[paths]\nseeds = "a\\u0000b"', "[paths]\nseeds = 3",
    '[paths]\nseeds = "\\u001b[31m\\u009b"', "[paths]\nembeddings = '~nouser'", '[paths]\nembeddings = "\\u0000"',
    "[paths]\nseeds = []", "paths = 3", "[nowhere]", '["\\u001b[31m"]', '[paths]\n"\\u001b[31m" = 1', "[articles]\nmax_bytes = -1",
    "[articles]\nmax_seconds = nan", "[articles]\nmax_seconds = 1.5", "[articles]\nmax_passages = 99999999999999999999",
    "[retrieval]\npassages = 1979-05-27", "[embedding]\nmodel = '~nouser/model'", '[embedding]\nmodel = "\\u0000"',
    "[discord]\nstore = '~nouser'", '[discord]\ntoken_file = "\\u0000"', "[discord]\nguilds = [1]", "[discord]\nguilds = 'x'",
    "[retrieval]\npassages = true", "[[paths]]", "[paths]\n[paths]", "= 1", "\x00", "a = '\x1b'",
]  # fmt: skip


def test_settings_that_cannot_be(run: Run, tmp_path: Path) -> None:
    for text in TOML:
        (tmp_path / "my.toml").write_text(text)
        ran = run("status", "--config", "my.toml", here=False)
        check(ran, text[:80], fails=True)
        (tmp_path / "my.toml").write_bytes(b"\xef\xbb\xbf" + text.encode())
        check(run("status", "--config", "my.toml", here=False), text[:80], fails=True)


@pytest.mark.parametrize(
    "value", ["", "~nouser", "x\x1b[31m", "99999999999999999999", "-1", "nan", "\udce9", "[]", "1e5"]
)
def test_variables_that_cannot_be(run: Run, value: str) -> None:
    names = ("QABOT_SEEDS", "QABOT_EMBEDDINGS", "QABOT_CONFIG", "QABOT_ARTICLES_MAX_SECONDS", "QABOT_RETRIEVAL_PASSAGES",
             "QABOT_EMBEDDING_MODEL", "QABOT_DISCORD_GUILDS", "QABOT_NO_SUCH", "QABOT_EMBEDDING_THREADS")  # fmt: skip
    for name in names:
        check(run("status", here=name not in names[:2], **{name: value}), (name, value))


COMMANDS = (
    "ask",
    "search",
    "chat",
    "status",
    "index",
    "verify",
    "eval",
    "import",
    "feedback",
    "init",
    "completion",
    "bot",
    "",
)


def test_arguments_that_no_command_has(run: Run) -> None:
    for command, argument in itertools.product(
        COMMANDS,
        (
            f"--no{ESCAPE}such",
            "--no-such",
            f"-{ESCAPE}",
            "-\u202e",
            "--\udce9",
            f"--seeds{ESCAPE}",
            "--config",
            "--json=x\x9b",
        ),
    ):
        check(run(*([command] if command else []), argument, here=False), (command, argument), fails=True)
    for argument in (f"no{ESCAPE}such", "\u202e", "\udce9", "", " ", "x" * 100_000):
        check(run(argument), argument[:20], fails=True)
    for command in ("status", "index", "feedback", "init", "bot", "completion"):
        for extra in (f"mo{ESCAPE}re", "\udce9"):
            check(run(command, extra, extra, here=False), (command, extra), fails=True)


def test_questions_and_filters_that_cannot_be_used(run: Run) -> None:
    for question in ("", " ", "\x00"[:0], ESCAPE[:0], "\u200b\u202e", "\udce9", "\x1b", "x" * 2001, "\u2028"):
        for command in ("ask", "search"):
            for more in ((), ("--json",)):
                check(run(command, question, *more), (command, question[:20]), fails=True)
    for option, value in itertools.product(
        ("--since", "--until"),
        (
            "",
            "yesterday",
            "2023-02-30",
            "0000",
            "2023-13",
            "99999-01-01",
            ESCAPE,
            "２０２３",
            "2023-1-1",
            "-1",
            "\udce9",
            "2023\n",
        ),
    ):
        check(run("search", "who?", option, value), (option, value), fails=True)
    check(run("search", "who?", "--since", "2024", "--until", "2023"), "the wrong way round", fails=True)
    for option, value in itertools.product(
        ("--outlet", "--author", "--article"),
        (f"no{ESCAPE}body", "\udce9nobody", "[", "[!", "[z-a]x", "*" * 50 + "x", "(" * 500),
    ):
        check(run("search", "who?", option, value), (option, value), fails=True)
    for value in ("", "0", "101", "-1", "x", "1e3", "9" * 5000, ESCAPE, "١٢٣"):
        check(run("search", "who?", "-k", value), value[:20], fails=True)
    for value in ("", "missing.txt", "../mayor.md", f"na{ESCAPE}", "\udce9", "x" * 5000):
        check(run("status", "--article", value), value[:20], fails=True)
        check(run("status", "--article", value, "--json"), value[:20], fails=True)


def test_ids_of_conversations_that_there_are_not(run: Run) -> None:
    for value in ("", "..", "../../x", ESCAPE, "\udce9", "x" * 5000, "20200101-000000", "/", "١"):
        for option in ("--resume", "--forget"):
            check(run("chat", option, "--", value), (option, value[:20]), fails=True)
    for more in (("--continue", "--resume"), ("--list", "--forget"), ("some-id",), (ESCAPE,), ("--resume",)):
        check(run("chat", *more), more, fails=True)


def test_shells_that_there_are_not(run: Run) -> None:
    for value in ("", "powershell", ESCAPE, "\udce9"):
        check(run("completion", value), value, fails=True)


def test_gold_questions_of_bad_patterns(run: Run, tmp_path: Path) -> None:
    for pattern in (
        "(",
        "[",
        "*",
        "(?P<a",
        "(?<=a*)b",
        "a{99999999999}",
        "\\",
        "(?z)",
        "(" * 3000,
        "\x1b[",
        "(?P<\udce9>)"[:4],
    ):
        gold = {
            "id": ESCAPE,
            "type": "fact",
            "question": "Who opened the bridge?",
            "answerable": True,
            "answer": [pattern],
        }
        (tmp_path / "gold.jsonl").write_text(json.dumps(gold) + "\n")
        check(run("eval", "gold.jsonl"), pattern[:20], fails=True)
    hours = {
        "id": "1",
        "type": "fact",
        "question": "Who opened the new bridge of Arden?",
        "answerable": True,
        "answer": ["(.|.)*(.*)*§"],
    }
    (tmp_path / "gold.jsonl").write_text(json.dumps(hours) + "\n")
    ran = run("eval", "gold.jsonl")
    check(ran, "a pattern that searches for hours", fails=True)
    assert "for more than 2 seconds" in ran.err


def test_lines_that_a_chat_cannot_use(run: Run) -> None:
    lines = b"\n".join(
        (
            b"\xef\xbb\xbf/nosuch", b"/\x1b[31m", b"/show \x1b[31m", b"/show 99999999999", b"/show", b"/save", b"/save ~nouser/x.md",
            b"/save /nowhere/x.md", b"/save x\0y.md", b"/since yesterday", b"/since \x1b[2J", b"/outlet nob\x1b[31mody", b"/article [",
            b"/copy", b"/copy 9", b"/help nosuch", b"/", b"//", b"/ x", b"/why", b"/more", b"/retry", b"/verify", b"/sources", b"/good",
            b"/search", b"/search \x1b", b"\xff\xfe", b"\0", b"\xe2\x80\xa8", b"x" * 3000, b"/author \xff", b"/bad \x9b",
            "/save \u202e.md".encode(),
        )
    )  # fmt: skip
    check(run("chat", stdin=lines), "lines of a chat")
    for line in lines.split(b"\n"):
        check(run("chat", "--json", "--no-refresh", stdin=line), ("chat --json", line[:20]))
    for content in CONTENTS.values():
        ran = run("chat", "--json", "--no-refresh", stdin=content)
        check(ran, ("chat --json", content[:20]))
        assert all(isinstance(json.loads(line), dict) for line in ran.out.splitlines())


def test_a_piped_line_that_does_not_end(run: Run) -> None:
    for arguments in (("chat",), ("ask", "-")):
        check(run(*arguments, stdin=b"x" * 3_000_000), arguments, fails=True)
    ran = run("chat", "--json", stdin=b"x" * 3_000_000)
    check(ran, "chat --json")
    assert ran.code == 2 and "1,000,000 characters or more" in json.loads(ran.out)["error"]


def test_names_of_articles_reach_no_terminal_and_no_json_raw(run: Run, collection: Path) -> None:
    saved = str(collection / "answer.json")
    for arguments in (
        ("status",), ("status", "--json"), ("index",), ("search", "harbour of Belmont"), ("search", "harbour of Belmont", "--json"),
        ("ask", "What closed the harbour of Belmont?"), ("ask", "What closed the harbour of Belmont?", "--json", "--explain"),
        ("verify", saved), ("verify", saved, "--json"), ("search", "who?", "--outlet", "nobody"),
        ("status", "--article", f"na{ESCAPE}me\n\u202e.md"), ("status", "--article", f"na{ESCAPE}me\n\u202e.md", "--json"),
        ("--embeddings", f"em{ESCAPE}", "status", "--no-refresh"), ("--seeds", f"se{ESCAPE}", "search", "x"),
    ):  # fmt: skip
        check(run(*arguments), arguments)
    chat = b"What closed the harbour of Belmont?\n/show 1\n/sources\n/articles\n/why\n/search harbour\n/verify\n/outlet x\n"
    check(run("chat", stdin=chat), "chat")


def test_a_collection_whose_folder_is_not_utf8_is_read(run: Run, collection: Path) -> None:
    folder = collection / os.fsdecode(b"caf\xe9")
    if not folder.exists():
        (folder / "seeds").mkdir(parents=True)
        (folder / "seeds" / "mayor.txt").write_text(MAYOR)
    embeddings = collection / "others"
    embeddings.mkdir(exist_ok=True)
    if not (embeddings / "models").exists():
        (embeddings / "models").symlink_to(collection / "embeddings" / "models")
    where = ("--seeds", str(folder / "seeds"), "--embeddings", str(embeddings))
    for arguments in (("index",), ("status",), ("search", "mayor", "--json")):
        ran = run(*arguments, *where, here=False)
        check(ran, arguments)
        assert ran.code == 0
    chat = run("chat", *where, here=False, stdin=b"Who opened the new bridge of Arden?\n/show 1\n/articles\n")
    check(chat, "chat")
    assert "mayor" in chat.out
    for arguments in (("index",), ("status",)):
        check(run(*arguments, "--embeddings", str(folder)), arguments, fails=True)


def test_a_separator_within_a_string_is_no_end_of_a_line(run: Run, collection: Path, tmp_path: Path) -> None:
    line = json.dumps({"id": "1", "question": "Who opened\u2028the new\u0085bridge of Arden?"}, ensure_ascii=False)
    (tmp_path / "batch.jsonl").write_bytes(b"\xef\xbb\xbf" + f"{line}\r\n{line}\n".encode())
    ran = run("ask", "--batch", "batch.jsonl")
    answers = [json.loads(answer) for answer in ran.out.splitlines()]
    assert ran.code == 0 and [answer["status"] for answer in answers] == ["answered", "answered"]
    (tmp_path / "answers.jsonl").write_text(ran.out)
    assert run("verify", "answers.jsonl").code == 0
    gold = {
        "id": "1",
        "type": "fact",
        "question": "Who opened\u2028the bridge?",
        "answerable": True,
        "answer": ["mayor"],
    }
    (tmp_path / "gold.jsonl").write_bytes(b"\xef\xbb\xbf" + json.dumps(gold, ensure_ascii=False).encode())
    assert run("eval", "gold.jsonl").code == 0


def test_what_nobody_foresaw_is_told_in_a_line_that_names_the_details(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def broken(self: Engine) -> None:
        raise KeyError(ESCAPE)

    monkeypatch.setattr(Engine, "status", broken)
    ran = run("status")
    assert ran.code == 1 and ran.err.count("\n") == 1 and "Traceback" not in ran.err and RAW.search(ran.err) is None
    details = Path(ran.err.split("The details are in ")[1].strip())
    assert (
        details.is_relative_to(tmp_path) and "KeyError" in details.read_text() and details.stat().st_mode & 0o077 == 0
    )


def test_the_details_go_elsewhere_where_they_cannot_be_kept(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(Engine, "status", lambda self: 1 / 0)
    (tmp_path / "state").write_text("a file where a folder would have to be")
    ran = run("status")
    details = Path(ran.err.split("The details are in ")[1].strip())
    assert "ZeroDivisionError" in details.read_text()
    details.unlink()


SHELL = [sys.executable, "-m", "qabot"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_an_output_that_cannot_be_written_is_told(collection: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_STATE_HOME": str(tmp_path / "state")}
    command = (
        f"{sys.executable} -m qabot --seeds {collection / 'seeds'} --embeddings {collection / 'embeddings'} status"
    )
    for redirected, says in {
        ">/dev/full": "The output cannot be written: No space left on device",
        ">&-": "The output cannot be written: stdout is closed",
        "| true": "",
        "2>&-": "",
        "<&-": "",
        "2>/dev/full >/dev/full": "",
    }.items():
        done = subprocess.run(
            ["sh", "-c", f"{command} {redirected}"], env=environment, capture_output=True, text=True, timeout=60
        )
        assert says in done.stderr and "Traceback" not in done.stderr and "Exception ignored" not in done.stderr, (
            redirected
        )
        if says:
            assert done.returncode == 1 and done.stderr.count("\n") == 1


@pytest.mark.skipif(sys.platform == "win32", reason="no such limit here")
def test_a_full_disk_leaves_nothing_half_written(tmp_path: Path) -> None:
    (tmp_path / "long.txt").write_text(MAYOR * 100)
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    # Of files of a kilobyte at most, as a disk has room for when it is all but full.
    for arguments in ("init", "import long.txt"):
        command = f"ulimit -f 1; {sys.executable} -m qabot {arguments} 2>&1 >/dev/null | cat"
        done = subprocess.run(
            ["bash", "-c", command], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60
        )
        assert "File too large" in done.stdout and "Traceback" not in done.stdout and "None" not in done.stdout
    assert not (tmp_path / "config" / "qabot.toml").exists()
    assert [file.name for file in (tmp_path / "seeds").iterdir()] == [".qabotignore"]


def test_an_output_of_ascii_gets_the_nearest_characters(collection: Path) -> None:
    arguments = ("--seeds", str(collection / "seeds"), "--embeddings", str(collection / "embeddings"), "status")
    done = qabot(*arguments, where=collection, PYTHONIOENCODING="ascii", LC_ALL="C", PYTHONUTF8="0")
    assert done.returncode == 0 and done.stdout.isascii() and "Traceback" not in done.stderr
