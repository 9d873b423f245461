"""Going back a generation: what each one replaced is kept, to a bound, in the tables of index.sqlite.

The cost follows the change: an edited article's rows before, and the vectors that nothing else needs.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Any

import msgspec

# How many generations one can go back from.
KEPT = 3

_ARTICLE = "path, content_hash, title, outlet, author, published, language, via, url, text, left_out"
_PASSAGE = 'ordinal, paragraph, section, "start", "end", said_by, denies, announces, sentence_key, window_key'


class ArticleRows(msgspec.Struct, frozen=True, array_like=True):
    """An article as the tables have it: its own row, its passages' and theirs in the full-text index, in one order."""

    article: tuple[Any, ...]
    passages: list[tuple[Any, ...]]
    texts: list[tuple[str, str, str]]

    @property
    def content_hash(self) -> str:
        return str(self.article[1])


def rows_of(connection: sqlite3.Connection, article: int) -> ArticleRows:
    passages = connection.execute(
        f"SELECT id, {_PASSAGE} FROM passages WHERE article_id = ? ORDER BY id", (article,)
    ).fetchall()
    texts = connection.execute(
        "SELECT title, sentence, passage FROM passages_fts WHERE rowid IN "
        "(SELECT id FROM passages WHERE article_id = ?) ORDER BY rowid",
        (article,),
    ).fetchall()
    row = connection.execute(f"SELECT {_ARTICLE} FROM articles WHERE id = ?", (article,)).fetchone()
    return ArticleRows(row, [passage[1:] for passage in passages], texts)


def put_rows(connection: sqlite3.Connection, rows: ArticleRows) -> list[tuple[int, bytes, bytes]]:
    """Inserts them under new ids; gives each passage's id with the keys of its vectors."""
    article = connection.execute(
        f"INSERT INTO articles ({_ARTICLE}) VALUES ({_marks(len(rows.article))})", rows.article
    ).lastrowid
    placed = []
    for passage, texts in zip(rows.passages, rows.texts, strict=True):
        number = connection.execute(
            f"INSERT INTO passages (article_id, {_PASSAGE}) VALUES ({_marks(len(passage) + 1)})", (article, *passage)
        ).lastrowid
        assert number is not None
        connection.execute(
            "INSERT INTO passages_fts (rowid, title, sentence, passage) VALUES (?, ?, ?, ?)", (number, *texts)
        )
        placed.append((number, passage[-2], passage[-1]))
    return placed


def remember(connection: sqlite3.Connection, generation: int, path: str, before: ArticleRows | None) -> None:
    """``before`` is what stood at ``path`` until ``generation``; the first that is said of a path counts."""
    kept = None if before is None else msgspec.msgpack.encode(before)
    connection.execute("INSERT OR IGNORE INTO undo VALUES (?, ?, ?)", (generation, path, kept))


def remembered(connection: sqlite3.Connection, generation: int) -> dict[str, ArticleRows | None]:
    """By path, what stood there until ``generation``."""
    rows = connection.execute("SELECT path, before FROM undo WHERE generation = ?", (generation,))
    return {path: None if kept is None else msgspec.msgpack.decode(kept, type=ArticleRows) for path, kept in rows}


def note_unused(connection: sqlite3.Connection, generation: int, keys: Iterable[bytes]) -> None:
    """The vectors that passages taken out with ``generation`` had; one that is still in use stays in any case."""
    connection.executemany("INSERT OR IGNORE INTO unused_vectors VALUES (?, ?)", [(key, generation) for key in keys])


def forget(connection: sqlite3.Connection, newest: int) -> None:
    """Drops what goes back further than the bound, and the vectors that nothing needs any more."""
    last = newest - KEPT
    connection.execute("DELETE FROM undo WHERE generation <= ?", (last,))
    connection.execute("DELETE FROM generations WHERE number < ?", (last,))
    connection.execute(
        "DELETE FROM vectors WHERE key IN (SELECT key FROM unused_vectors WHERE generation <= ?1) "
        "AND NOT EXISTS (SELECT 1 FROM unused_vectors AS u WHERE u.key = vectors.key AND u.generation > ?1) "
        "AND NOT EXISTS (SELECT 1 FROM passages WHERE sentence_key = vectors.key) "
        "AND NOT EXISTS (SELECT 1 FROM passages WHERE window_key = vectors.key)",
        (last,),
    )
    connection.execute("DELETE FROM unused_vectors WHERE generation <= ?", (last,))


def went_back(connection: sqlite3.Connection, undone: int) -> None:
    """After a generation that holds what the one before ``undone`` did: what led to that one leads to the new one now,
    two numbers on, and ``undone`` is no longer there to be undone."""
    connection.execute("DELETE FROM undo WHERE generation = ?", (undone,))
    connection.execute("DELETE FROM generations WHERE number >= ?", (undone - 1,))
    for table, column, before in (
        ("undo", "generation", undone),
        ("unused_vectors", "generation", undone),
        ("generations", "number", undone - 1),
    ):
        # By way of negative numbers, since two on may be taken by one that has yet to move.
        connection.execute(f"UPDATE {table} SET {column} = -({column} + 2) WHERE {column} < ?", (before,))
        connection.execute(f"UPDATE OR REPLACE {table} SET {column} = -{column} WHERE {column} < 0")


def sweep(connection: sqlite3.Connection) -> None:
    """Drops the vectors that neither a passage nor a generation to go back to needs: a killed build leaves such."""
    connection.execute(
        "DELETE FROM vectors WHERE NOT EXISTS (SELECT 1 FROM passages WHERE sentence_key = vectors.key) "
        "AND NOT EXISTS (SELECT 1 FROM passages WHERE window_key = vectors.key) "
        "AND NOT EXISTS (SELECT 1 FROM unused_vectors WHERE unused_vectors.key = vectors.key)"
    )


def _marks(count: int) -> str:
    return ", ".join("?" * count)
