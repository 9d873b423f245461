"""The database's hash is there whenever nobody writes, and what differs from it is not answered from."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from qabot import Engine
from qabot.errors import IndexDamagedError
from qabot.index.seal import DATABASE, seal_file, seal_of, written
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


def test_a_full_disk_leaves_the_database_without_a_seal(indexed: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("qabot.index.seal.write_sums", full)
    write(indexed, "harbour.txt", HARBOUR)
    indexed.refresh()
    assert seal_of(indexed.settings.embeddings) == "none"
    assert "Belmont" in best(indexed, "What closed the harbour of Belmont?")
