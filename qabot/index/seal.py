"""The database's hash, from one write to the next: so damage in any page of it is noticed before it is answered from.

SQLite keeps no checksums of its pages. `PRAGMA quick_check` reads them all at every start, and still takes a flipped
bit in an article's text or in a vector for what was written; a checksum a row would cover rows, and neither the
full-text index nor the B-trees that lead to them. So the whole file has one, beside it, whenever nobody writes: it is
taken away before the first write and made anew after the last, from the file with its log worked in. That costs a
refresh 0.8 ms a MB, and a question a look at the file's size and times (qabot/checksums.py).

A database without one is asked as it is: its writer was killed, or others read it just then. The next refresh makes it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Literal

from qabot.checksums import is_as_made, note_made, read_sums, sha256_of, write_sums

DATABASE = "index.sqlite"
_WAIT_FOR_READERS = 500  # milliseconds, for the log to be worked in; a question reads for some tens of them

Seal = Literal["holds", "broken", "none"]


def seal_of(embeddings: Path, *, thorough: bool = False) -> Seal:
    """Whether the database is as its last writer left it; ``thorough`` computes its hash in any case.

    Raises OSError where it cannot be read.
    """
    file = embeddings / DATABASE
    if not file.exists():
        return "none"
    while (promised := _promised(embeddings)) is not None:
        # A log beside a sealed file is none of its writer's, and SQLite would take from it whatever it can.
        if not _logged(file) and is_as_made(file, promised, thorough=thorough):
            return "holds"
        if _promised(embeddings) == promised:  # or it was written meanwhile
            return "broken"
    return "none"


@contextmanager
def written(embeddings: Path) -> Iterator[None]:
    """Without a seal until the block ends; for the one that has the lock. Raises OSError."""
    sealed = seal_file(embeddings).is_file() or not (embeddings / DATABASE).exists()
    seal_file(embeddings).unlink(missing_ok=True)
    try:
        yield
    except sqlite3.Error:
        raise  # damage is not sealed, nor is what a full disk interrupted: the next writer looks at it
    except BaseException:
        _make(embeddings, checked=not sealed)
        raise
    _make(embeddings, checked=not sealed)


def seal_file(embeddings: Path) -> Path:
    return embeddings / f"{DATABASE}.sha256"


def _promised(embeddings: Path) -> str | None:
    return (read_sums(seal_file(embeddings)) or {}).get(DATABASE)


def _make(embeddings: Path, *, checked: bool) -> None:
    """Nothing where readers keep the log from being worked in, SQLite finds damage, or the disk is full."""
    file = embeddings / DATABASE
    with suppress(OSError, sqlite3.Error):
        if not (_worked_in(file) and (not checked or _is_whole(file))):
            return
        sha256 = sha256_of(file)
        write_sums(seal_file(embeddings), {DATABASE: sha256})
        note_made(file, sha256)


def _worked_in(file: Path) -> bool:
    """Whether the file is the whole database: its log is empty, or can be emptied now."""
    if not _logged(file):
        return True
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute(f"PRAGMA busy_timeout = {_WAIT_FOR_READERS}")
        return bool(connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0)


def _logged(file: Path) -> int:
    """The size of its log in bytes."""
    try:
        return file.with_name(f"{file.name}-wal").stat().st_size
    except FileNotFoundError:
        return 0


def _is_whole(file: Path) -> bool:
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        return bool(connection.execute("PRAGMA integrity_check(1)").fetchone()[0] == "ok")
