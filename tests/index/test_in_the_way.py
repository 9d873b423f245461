"""Something else where a file of the index was: taken away for what can be made again, told where it cannot."""

from __future__ import annotations

import os
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from qabot import Engine, QabotError
from qabot.doctor import examine, mend
from qabot.errors import IndexDamagedError, IndexUnavailableError
from qabot.files import make_way
from qabot.index.seal import DATABASE, seal_of
from tests.index.test_refresh import MAYOR, best, write

pytestmark = pytest.mark.skipif(os.name != "posix", reason="other kinds of files")
QUESTION = "Who opened the bridge?"


def folder(path: Path) -> None:
    path.mkdir()


def full_folder(path: Path) -> None:
    path.mkdir()
    (path / "mine.txt").write_text("mine")


def circle(path: Path) -> None:
    path.symlink_to(path.name)


def to_nothing(path: Path) -> None:
    path.symlink_to(path.with_name("not there") / "at all")


def pipe(path: Path) -> None:
    os.mkfifo(path)


def endless(path: Path) -> None:
    path.symlink_to("/dev/zero")


Put = Callable[[Path], None]


@pytest.fixture(autouse=True)
def _nothing_waits() -> Iterator[None]:
    """Nobody writes into a pipe, and a device has no end: what reads them would not come back."""

    def waited(*_: object) -> None:
        pytest.fail("it waits")

    before = signal.signal(signal.SIGALRM, waited)
    signal.alarm(60)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def indexed(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Engine:
    monkeypatch.setattr("qabot.index.reader.COMPARED_ALL", 0)  # so few passages would be compared without FAISS
    write(engine, "mayor.txt", MAYOR)
    engine.refresh()
    return engine


def put(engine: Engine, name: str, kind: Put) -> Path:
    file = next(engine.settings.embeddings.glob(name), engine.settings.embeddings / name)
    make_way(file)
    kind(file)
    return file


@pytest.mark.parametrize("kind", [folder, full_folder, circle, to_nothing, pipe, endless])
@pytest.mark.parametrize(
    "name",
    [
        f"{DATABASE}.sha256",
        f"{DATABASE}-wal",
        f"{DATABASE}-shm",
        "sentence-*.faiss",
        ".lock",
        ".checked.json",
        ".writer",
    ],
)
def test_what_stands_beside_a_sound_database_keeps_nobody_from_it_and_goes(
    indexed: Engine, name: str, kind: Put
) -> None:
    file = put(indexed, name, kind)
    assert "Arden" in best(Engine(indexed.settings, auto_refresh=False), QUESTION)
    with Engine(indexed.settings) as other:
        assert other.refresh().embedded == 0
        assert "Arden" in best(other, QUESTION)
    assert not file.is_symlink() and (file.is_file() or not file.exists())
    assert seal_of(indexed.settings.embeddings, thorough=True) == "holds"
    # What somebody put into the folder is theirs.
    aside = [found.read_text() for found in indexed.settings.embeddings.glob("*.set-aside-*/*/mine.txt")]
    assert aside == (["mine"] if kind is full_folder else [])


@pytest.mark.parametrize("kind", [folder, full_folder, pipe, endless])
def test_what_is_no_file_in_the_databases_place_is_damage_and_heals(indexed: Engine, kind: Put) -> None:
    file = put(indexed, DATABASE, kind)
    with pytest.raises(IndexDamagedError, match=rf"{DATABASE} is a (folder|named pipe|device)[\s\S]*--rebuild"):
        Engine(indexed.settings, auto_refresh=False).prepare()
    assert Engine(indexed.settings).refresh().added == ("mayor.txt",)
    assert file.is_file() and "Arden" in best(Engine(indexed.settings), QUESTION)


@pytest.mark.parametrize("kind", [circle, to_nothing])
def test_a_link_without_its_database_stays_until_somebody_says_so(indexed: Engine, kind: Put) -> None:
    file = put(indexed, DATABASE, kind)
    for attempt in (Engine(indexed.settings).prepare, Engine(indexed.settings).refresh):
        with pytest.raises(IndexUnavailableError, match=rf"{DATABASE} is a link[\s\S]*--rebuild"):
            attempt()
    assert file.is_symlink()  # its disk may come back
    Engine(indexed.settings).refresh(rebuild=True)
    assert not file.is_symlink() and "Arden" in best(Engine(indexed.settings), QUESTION)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        (DATABASE, folder),
        (DATABASE, to_nothing),
        (f"{DATABASE}.sha256", folder),
        (f"{DATABASE}-wal", folder),
        ("window-*.faiss", folder),
        ("window-*.faiss", circle),
        (".lock", circle),
    ],
)
def test_the_doctor_heals_it(indexed: Engine, name: str, kind: Put) -> None:
    put(indexed, name, kind)
    mend(indexed.settings, examine(indexed.settings), say=lambda line: None)
    assert not [found for found in examine(indexed.settings) if found.severity in ("warning", "error")]
    assert "Arden" in best(Engine(indexed.settings), QUESTION)


@pytest.mark.parametrize("kind", [Path.touch, circle, to_nothing])
def test_what_stands_in_the_folders_place_is_told_and_left(
    engine: Engine, kind: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(engine, "mayor.txt", MAYOR)
    embeddings = engine.settings.embeddings
    embeddings.rename(embeddings.with_name("before"))
    kind(embeddings)
    monkeypatch.setattr("qabot.embedding.load.load_build_encoder", lambda *_, **__: pytest.fail("nothing to load for"))
    with pytest.raises(QabotError, match=r"not a folder[\s\S]*--embeddings"):
        engine.refresh()
    mend(engine.settings, examine(engine.settings), say=lambda line: None)
    (found,) = (one for one in examine(engine.settings) if one.name == "permissions")
    assert found.severity == "error" and "not a folder" in found.message and os.path.lexists(embeddings)


def test_a_log_that_is_none_and_a_database_that_waits_for_one_are_told(indexed: Engine) -> None:
    embeddings = indexed.settings.embeddings
    with closing(sqlite3.connect(embeddings / DATABASE, isolation_level=None)) as other:
        other.execute("INSERT INTO meta VALUES ('told', 'yes')")
        content = (embeddings / f"{DATABASE}-wal").read_bytes()
    (embeddings / f"{DATABASE}-wal").write_bytes(content)
    put(indexed, f"{DATABASE}-shm", folder)
    with pytest.raises(IndexUnavailableError, match=rf"{DATABASE}-shm is a folder; `qabot index` takes it away"):
        Engine(indexed.settings, auto_refresh=False).prepare()
