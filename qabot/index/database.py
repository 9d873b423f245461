"""index.sqlite: opened, checked for its version, and made where there is none."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import msgspec

from qabot.errors import IndexUnavailableError, NoIndexError
from qabot.index.protocol import Stamp
from qabot.index.schema import SCHEMA, SCHEMA_VERSION

DATABASE = "index.sqlite"


def open_for_reading(embeddings: Path) -> sqlite3.Connection:
    """Raises NoIndexError where nothing was built, IndexUnavailableError where it is damaged or of another version."""
    file = embeddings / DATABASE
    if not file.is_file():
        raise NoIndexError(f"There is no index in {embeddings}.", "Run `qabot index`.")
    # A folder that cannot be written has no room for WAL's side files; nobody writes there either.
    immutable = "" if os.access(embeddings, os.W_OK) else "&immutable=1"
    try:
        connection = sqlite3.connect(
            f"file:{_quoted(file)}?mode=ro{immutable}", uri=True, isolation_level=None, check_same_thread=False
        )
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        built = version and connection.execute("SELECT count(*) FROM meta WHERE key = 'generation'").fetchone()[0]
    except sqlite3.DatabaseError as error:
        raise damaged(embeddings, error) from error
    if not built:
        connection.close()
        raise NoIndexError(f"The index in {embeddings} was never finished.", "Run `qabot index`.")
    if version != SCHEMA_VERSION:
        connection.close()
        raise NoIndexError(f"The index in {embeddings} is of another version of qabot.", "Run `qabot index --rebuild`.")
    return connection


def open_for_writing(embeddings: Path) -> sqlite3.Connection:
    """Makes the tables where they are missing. Raises IndexUnavailableError for another version, else sqlite3.Error."""
    connection = sqlite3.connect(embeddings / DATABASE, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA foreign_keys = ON")
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version not in (0, SCHEMA_VERSION):
        raise IndexUnavailableError(
            f"The index in {embeddings} is of another version of qabot.", "Run `qabot index --rebuild`."
        )
    if version == 0:
        connection.executescript(f"BEGIN IMMEDIATE; {SCHEMA} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;")
    return connection


def remove_index(embeddings: Path) -> None:
    """Deletes what `qabot index` makes, apart from the exported model."""
    for file in embeddings.glob(f"{DATABASE}*"):
        file.unlink()
    for file in embeddings.glob("*.faiss"):
        file.unlink()


def damaged(embeddings: Path, error: Exception) -> IndexUnavailableError:
    return IndexUnavailableError(
        f"The index in {embeddings} is damaged: {error}.",
        "Run `qabot index --rebuild`, which makes it anew from the articles.",
    )


def read_meta(connection: sqlite3.Connection, key: str) -> str | None:
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return None if row is None else str(row[0])


def read_stamp(connection: sqlite3.Connection) -> Stamp | None:
    stored = read_meta(connection, "stamp")
    try:
        return None if stored is None else msgspec.json.decode(stored, type=Stamp)
    except msgspec.ValidationError:
        return None


def _quoted(file: Path) -> str:
    from urllib.parse import quote

    return quote(str(file.absolute()))
