"""A disk that is full at each write of a refresh: injected at every statement, and a small real one."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from qabot.engine import Engine
from qabot.errors import IndexUnavailableError
from tests.index.test_refresh import HARBOUR, MAYOR, best, write


@pytest.fixture
def small_disk(tmp_path: Path, models: Path) -> Iterator[Path]:
    """A file system of its own, of 600 kilobytes, with room for an index of a few articles."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = shutil.which("mount") and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", str(disk)], capture_output=True
    )
    if not mounted or mounted.returncode != 0:
        pytest.skip("this machine lets nobody mount a file system")
    try:
        (disk / "models").symlink_to(models)
        yield disk
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=False)


@pytest.mark.parametrize("rebuild", [False, True])
def test_a_full_disk_leaves_the_index_that_answers_and_says_so(engine: Engine, small_disk: Path, rebuild: bool) -> None:
    settings = replace(engine.settings, paths=replace(engine.settings.paths, embeddings=str(small_disk)))
    engine = Engine(settings)
    write(engine, "mayor.txt", MAYOR)
    engine.prepare()
    write(engine, "long.txt", " ".join(f"Report {n} is of the town of Place{n} in spring." for n in range(120)))
    with pytest.raises(IndexUnavailableError, match=r"full|No space left") as told:
        engine.refresh(rebuild=rebuild)
    assert "damaged" not in str(told.value) and "--rebuild" not in str(told.value)
    (engine.settings.seeds / "long.txt").unlink()
    assert "Arden" in best(Engine(settings, auto_refresh=False), "Who opened the bridge?")
    assert not list(small_disk.glob("*.aside"))
    # Nothing that failed takes the room that the next one needs.
    write(engine, "harbour.txt", HARBOUR)
    assert engine.refresh().added == ("harbour.txt",)


STATEMENTS = ["INSERT INTO articles", "INSERT INTO passages ", "INSERT INTO passages_fts", "INSERT INTO undo", "COMMIT"]


class Failing:
    """A connection that fails at one kind of statement, as SQLite does."""

    def __init__(self, connection: sqlite3.Connection, at: str, error: sqlite3.Error) -> None:
        self._connection, self._at, self._error = connection, at, error

    def __getattr__(self, name: str) -> object:
        return getattr(self._connection, name)

    def execute(self, sql: str, *values: object) -> object:
        if sql.replace("OR IGNORE ", "").startswith(self._at):
            raise self._error
        return self._connection.execute(sql, *values)  # type: ignore[arg-type]


@pytest.mark.parametrize("at", STATEMENTS)
@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("database or disk is full", "disk is full"),
        ("disk I/O error", "disk I/O error"),
        ("attempt to write a readonly database", "readonly"),
        ("database is locked", "locked"),
    ],
)
def test_whatever_write_fails_the_generation_before_answers(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, at: str, said: str, told: str
) -> None:
    write(engine, "mayor.txt", MAYOR)
    engine.prepare()
    files = {file.name for file in engine.settings.embeddings.glob("*.faiss")}
    opened = "qabot.index.writer.open_for_writing"
    from qabot.index.database import open_for_writing

    monkeypatch.setattr(
        opened, lambda embeddings: Failing(open_for_writing(embeddings), at, sqlite3.OperationalError(said))
    )
    write(engine, "harbour.txt", HARBOUR)
    with pytest.raises(IndexUnavailableError, match=f"{told}[\\s\\S]*untouched"):
        engine.refresh()
    with Engine(engine.settings) as other:
        assert other.prepare() is None and other.stale  # it says so, and answers
        assert "Arden" in best(other, "Who opened the bridge?")
    assert {file.name for file in engine.settings.embeddings.glob("*.faiss")} == files
    monkeypatch.undo()
    assert engine.refresh().added == ("harbour.txt",)


def test_a_checkout_that_swaps_all_articles_is_one_rebuild_and_no_mixture(engine: Engine) -> None:
    before = {f"{n}.txt": f"The town of Place{n} chose Ann Poole{n} as its mayor." for n in range(5)}
    after = {f"{n}.txt": f"The town of Place{n} chose Bo Quist{n} as its mayor." for n in range(5)}
    for name, text in before.items():
        write(engine, name, text)
    engine.prepare()
    with Engine(engine.settings, beside=True) as watching:
        watching.prepare()
        watching.watch()
        for name, text in after.items():
            (engine.settings.seeds / name).unlink()
            write(engine, name, text)
        seen = set()
        for _ in range(40):
            for number in range(5):
                answer = watching.ask(f"Who is the mayor of Place{number}?")
                said = " ".join(statement.text for statement in answer.statements)
                assert not ("Poole" in said and "Quist" in said), said
                seen.add("new" if "Quist" in said else "old")
            if watching.status().generation > 1 and "new" in seen:
                break
        assert watching.status().generation == 2
        assert all(f"Quist{n}" in watching.ask(f"Who is the mayor of Place{n}?").answer for n in range(5))
    assert os.listdir(engine.settings.seeds)
