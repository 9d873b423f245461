"""The database's hash is there whenever nobody writes, and what differs from it is not answered from."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from qabot import Engine
from qabot.errors import IndexDamagedError
from qabot.index import seal
from qabot.index.seal import DATABASE, LOG_PAGES, seal_file, seal_of, written
from tests.index.test_refresh import HARBOUR, MAYOR, best, write


@pytest.fixture
def indexed(engine: Engine) -> Engine:
    write(engine, "mayor.txt", MAYOR)
    engine.refresh()
    return engine


def test_a_written_index_is_sealed_and_reading_it_leaves_the_seal(indexed: Engine) -> None:
    assert seal_of(indexed.settings.embeddings) == "holds"
    assert "Arden" in best(indexed, "Who opened the bridge?")
    assert seal_of(indexed.settings.embeddings, thorough=True) == "holds"


def test_a_flipped_bit_in_a_text_is_damage_and_the_next_index_heals_it(indexed: Engine) -> None:
    file = indexed.settings.embeddings / DATABASE
    content = file.read_bytes()
    assert content.count(b"40 million") >= 1
    file.write_bytes(content.replace(b"40 million", b"41 million"))
    with pytest.raises(IndexDamagedError, match=r"damaged[\s\S]*--rebuild"):
        Engine(indexed.settings, auto_refresh=False).ask("What did the bridge cost?")
    Engine(indexed.settings).refresh()
    assert "40 million" in Engine(indexed.settings).ask("What did the bridge cost?").answer


def test_a_database_that_was_deleted_is_made_anew_by_the_next_question(indexed: Engine) -> None:
    (indexed.settings.embeddings / DATABASE).unlink()
    assert seal_file(indexed.settings.embeddings).exists()
    with Engine(indexed.settings) as other:
        assert other.prepare() is not None
        assert "Arden" in best(other, "Who opened the bridge?")


def test_a_deleted_seal_is_made_with_the_next_index(indexed: Engine) -> None:
    seal_file(indexed.settings.embeddings).unlink()
    assert seal_of(indexed.settings.embeddings) == "none"
    assert "Arden" in best(Engine(indexed.settings, auto_refresh=False), "Who opened the bridge?")
    indexed.refresh()
    assert seal_of(indexed.settings.embeddings) == "holds"


def test_what_is_damaged_is_not_sealed(indexed: Engine) -> None:
    file = indexed.settings.embeddings / DATABASE
    seal_file(indexed.settings.embeddings).unlink()
    content = bytearray(file.read_bytes())
    content[4096 * 2 :] = bytes(len(content) - 4096 * 2)
    file.write_bytes(content)
    with written(indexed.settings.embeddings):
        pass
    assert seal_of(indexed.settings.embeddings) == "none"


def test_while_somebody_reads_an_older_generation_the_index_goes_without_and_answers(indexed: Engine) -> None:
    embeddings = indexed.settings.embeddings
    with closing(sqlite3.connect(embeddings / DATABASE, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM articles").fetchone()
        write(indexed, "harbour.txt", HARBOUR)
        indexed.refresh()
        assert seal_of(embeddings) == "none"
        assert "Belmont" in best(indexed, "What closed the harbour of Belmont?")
    indexed.refresh()
    assert seal_of(embeddings) == "holds"


def test_a_log_that_is_not_the_writers_is_damage(indexed: Engine) -> None:
    (indexed.settings.embeddings / f"{DATABASE}-wal").write_bytes(b"x" * 8192)
    assert seal_of(indexed.settings.embeddings) == "broken"


@pytest.mark.skipif(os.name == "nt", reason="making links is for administrators")
def test_a_database_behind_a_link_is_written_and_sealed_where_it_is(indexed: Engine, tmp_path: Path) -> None:
    embeddings = indexed.settings.embeddings
    elsewhere = tmp_path / "large disk" / "articles.db"
    elsewhere.parent.mkdir()
    (embeddings / DATABASE).rename(elsewhere)
    (embeddings / DATABASE).symlink_to(elsewhere)
    write(indexed, "harbour.txt", HARBOUR)
    with Engine(indexed.settings) as other:
        report = other.refresh()
        assert (report.added, report.unchanged) == (("harbour.txt",), 1)
        assert seal_of(embeddings, thorough=True) == "holds"
    with closing(sqlite3.connect(elsewhere, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM articles").fetchone()
        write(indexed, "mayor.txt", MAYOR + " It is open.")
        Engine(indexed.settings).refresh()
        assert seal_of(embeddings) == "none"  # what is in the log is not in the file yet
    assert "Belmont" in best(Engine(indexed.settings, auto_refresh=False), "What closed the harbour of Belmont?")
    assert (embeddings / DATABASE).is_symlink()


def test_a_full_disk_leaves_the_database_without_a_seal(indexed: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("qabot.index.seal.write_whole", full)
    write(indexed, "harbour.txt", HARBOUR)
    indexed.refresh()
    assert seal_of(indexed.settings.embeddings) == "none"
    assert "Belmont" in best(indexed, "What closed the harbour of Belmont?")


WRITES = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("CREATE TABLE written (value)")
connection.close()
"""


@pytest.mark.skipif(os.name != "posix", reason="the locks of other systems belong to a handle")
def test_hashing_the_database_leaves_the_locks_of_those_who_read_it(indexed: Engine) -> None:
    file = indexed.settings.embeddings / DATABASE
    with closing(sqlite3.connect(file, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM articles").fetchone()
        assert seal_of(file.parent, thorough=True) == "holds"
        subprocess.run([sys.executable, "-c", WRITES, file], check=True)
        # SQLite deletes the log with the last connection: it knows that this is not the last.
        assert file.with_name(f"{DATABASE}-wal").exists()
        assert reader.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'written'").fetchone() == (0,)


@contextmanager
def writer(embeddings: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(embeddings / DATABASE, isolation_level=None)) as connection:
        connection.execute(f"PRAGMA wal_autocheckpoint = {LOG_PAGES}")
        with written(embeddings):
            yield connection


@pytest.fixture
def blocks(tmp_path: Path) -> Path:
    """A database of eight MiB, sealed."""
    with closing(sqlite3.connect(tmp_path / DATABASE, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE pieces (number INTEGER PRIMARY KEY, content BLOB)")
    with writer(tmp_path) as connection:
        connection.executemany("INSERT INTO pieces VALUES (?, randomblob(1024))", [(n,) for n in range(8000)])
    assert seal_of(tmp_path, thorough=True) == "holds"
    return tmp_path


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The blocks that were hashed since."""
    done: list[int] = []
    hash_at = seal._hash_at

    def counted(stream: seal.FileIO, block: int) -> str:
        done.append(block)
        return hash_at(stream, block)

    monkeypatch.setattr(seal, "_hash_at", counted)
    return done


def test_an_edit_hashes_the_blocks_that_it_wrote(blocks: Path, hashed: list[int]) -> None:
    with writer(blocks) as connection:
        connection.execute("UPDATE pieces SET content = randomblob(1024) WHERE number = 4000")
    assert len(hashed) <= 5 and any(40 < block < 100 for block in hashed)
    assert seal_of(blocks, thorough=True) == "holds"


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM pieces WHERE number > 5000; VACUUM",
        "INSERT INTO pieces (content) SELECT content FROM pieces",
        "DELETE FROM pieces",
    ],
)
def test_a_database_that_grew_or_shrank_is_sealed_as_it_is(blocks: Path, change: str) -> None:
    with writer(blocks) as connection:
        connection.executescript(change)
    assert seal_of(blocks, thorough=True) == "holds"


def test_where_the_log_was_begun_anew_all_is_hashed(blocks: Path, hashed: list[int]) -> None:
    with writer(blocks) as connection:
        connection.execute("UPDATE pieces SET content = randomblob(1024) WHERE number = 7000")
        connection.execute("PRAGMA wal_checkpoint(FULL)")
        connection.execute("UPDATE pieces SET content = randomblob(1024) WHERE number = 1")
    assert len(set(hashed)) == -(-(blocks / DATABASE).stat().st_size // seal._BLOCK)
    assert seal_of(blocks, thorough=True) == "holds"


def test_what_a_disk_lost_in_a_block_is_not_sealed_by_an_edit_of_another(blocks: Path) -> None:
    with writer(blocks) as connection:
        with (blocks / DATABASE).open("r+b") as stream:
            stream.seek(5 * 1024 * 1024 + 2000)
            stream.write(b"?")
        connection.execute("UPDATE pieces SET content = randomblob(1024) WHERE number = 1")
    assert seal_of(blocks, thorough=True) == "broken"
