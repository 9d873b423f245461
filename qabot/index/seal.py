"""The database's hashes, from one write to the next: so damage in any page is noticed before it is answered from.

SQLite keeps no checksums of its pages. `PRAGMA quick_check` reads them all at every start, and still takes a flipped
bit in an article's text or in a vector for what was written; a checksum a row would cover rows, and neither the
full-text index nor the B-trees that lead to them. So every 64 KiB of the file have a hash, listed beside it whenever
nobody writes: the listing is taken away before the first write and put back after the last, when the log is worked in.
The log says which pages were written, so an edit costs the hashes of what it changed, and a question a look at the
file's size and times (qabot/checksums.py).

A database without one is asked as it is: its writer was killed, or others read it just then. The next refresh makes it.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import struct
import threading
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager, suppress
from io import FileIO
from pathlib import Path
from typing import Literal

import msgspec

from qabot.checksums import is_as_made, note_made
from qabot.files import in_the_way, make_way, only_a_file, read_own, write_whole

DATABASE = "index.sqlite"
# A log that is begun anew has forgotten the pages before: the writer's may grow to these many, 64 MiB, within a write.
LOG_PAGES = 16_384
# Bytes. The 150 pages that an edit writes lie all over the file: in nearly each MiB of ten thousand passages' 58.
_BLOCK = 1 << 16
_HASH_CHARACTERS = 32  # of a SHA-256: enough against accidents
_WAIT_FOR_READERS = 500  # milliseconds, for the log to be worked in; a question reads for some tens of them

Seal = Literal["holds", "broken", "none"]


class Listing(msgspec.Struct, frozen=True):
    """What the database was when its writer left it: its size in bytes, and each block's hash."""

    size: int
    blocks: tuple[str, ...]

    @property
    def sha256(self) -> str:
        """Of all of it."""
        return hashlib.sha256(f"{self.size} {_BLOCK} {' '.join(self.blocks)}".encode()).hexdigest()


def seal_of(embeddings: Path, *, thorough: bool = False) -> Seal:
    """Whether the database is as its last writer left it; ``thorough`` computes its hashes in any case.

    Raises OSError where it cannot be read.
    """
    file = embeddings / DATABASE
    if not file.exists():
        return "none"
    while (promised := _promised(embeddings)) is not None:
        # A log beside a sealed file is none of its writer's, and SQLite would take from it whatever it can.
        if not _logged(file) and is_as_made(file, promised.sha256, thorough=thorough, compute=_sha256_of):
            return "holds"
        if _promised(embeddings) == promised:  # or it was written meanwhile
            return "broken"
    return "none"


@contextmanager
def written(embeddings: Path, *, new: bool = False) -> Iterator[None]:
    """Without a seal until the block ends; for the one that has the lock.

    Its connection is to outlive the block, since SQLite deletes the log with the last one. ``new`` is a database that
    it has just made. Raises OSError.
    """
    before = None if _logged(embeddings / DATABASE) else _promised(embeddings)
    checked = before is None and not new
    make_way(seal_file(embeddings))
    try:
        yield
    except sqlite3.Error:
        raise  # damage is not sealed, nor is what a full disk interrupted: the next writer looks at it
    except BaseException:
        _make(embeddings, before, checked=checked)
        raise
    _make(embeddings, before, checked=checked)


def seal_file(embeddings: Path) -> Path:
    return embeddings / f"{DATABASE}.sha256"


def _promised(embeddings: Path) -> Listing | None:
    """``None`` where there is none that can be read, or it is damaged: what it says of itself does not hold."""
    try:
        sha256, listing = msgspec.json.decode(read_own(seal_file(embeddings)), type=tuple[str, Listing])
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return None
    return listing if listing.sha256 == sha256 else None


def _make(embeddings: Path, before: Listing | None, *, checked: bool) -> None:
    """Nothing where readers keep the log from being worked in, SQLite finds damage, or the disk is full."""
    file = embeddings / DATABASE
    with suppress(OSError, sqlite3.Error):
        places = _written_in(log_of(file))
        if not (_worked_in(file) and (not checked or _is_whole(file))):
            return
        listing = _listing(file) if before is None or places is None else _listing(file, before, places)
        write_whole(seal_file(embeddings), msgspec.json.encode((listing.sha256, listing)))
        note_made(file, listing.sha256)


def _sha256_of(file: Path) -> str:
    return _listing(file).sha256


def _listing(file: Path, before: Listing | None = None, written: Collection[int] = ()) -> Listing:
    """The hashes of the file as it is; those that ``before`` has only where a byte of ``written`` stands.

    Raises OSError.
    """
    with _opened(file) as stream:
        size = os.fstat(stream.fileno()).st_size
        known: dict[int, str] = {}
        if before is not None:
            known = dict(enumerate(before.blocks[: min(before.size, size) // _BLOCK]))
        for place in written:
            known.pop(place // _BLOCK, None)
        return Listing(size, tuple(known.get(block) or _hash_at(stream, block) for block in range(-(-size // _BLOCK))))


def _hash_at(stream: FileIO, block: int) -> str:
    stream.seek(block * _BLOCK)
    digest, left = hashlib.sha256(), _BLOCK
    while left and (read := stream.read(left)):
        digest.update(read)
        left -= len(read)
    return digest.hexdigest()[:_HASH_CHARACTERS]


# POSIX takes away all of a process's locks on a file when the process closes any descriptor of it. A question that
# hashed the database and closed it would free those that are read beside it, and another process's writer would delete
# the log under them (sqlite.org/howtocorrupt.html, section 2.2). So the last few databases stay open.
_KEPT_OPEN = 8 if os.name == "posix" else 0
_streams: dict[tuple[int, int], FileIO] = {}
_hashing = threading.Lock()


@contextmanager
def _opened(file: Path) -> Iterator[FileIO]:
    """For one thread at a time. Raises OSError."""
    with _hashing:
        there = file.stat()
        stream = _streams.pop((there.st_dev, there.st_ino), None) or FileIO(file, opener=only_a_file)
        opened = os.fstat(stream.fileno())
        _streams[opened.st_dev, opened.st_ino] = stream
        try:
            yield stream
        finally:
            while len(_streams) > _KEPT_OPEN:
                _streams.pop(next(iter(_streams))).close()


# sqlite.org/fileformat2.html, section 4.1: a header, then frames of a header and a page.
_LOG_HEADER = struct.Struct(">8x II Q 8x")  # page size in bytes, how often the log was begun anew, salt
_FRAME_HEADER = struct.Struct(">I 4x Q 8x")  # page number, from 1; salt


def _written_in(log: Path) -> set[int] | None:
    """Where the pages in the log begin in the database, in bytes; ``None`` where it was begun anew. Raises OSError."""
    try:
        with open(log, "rb", opener=only_a_file) as stream:
            header = stream.read(_LOG_HEADER.size)
            if not header:
                return set()
            page, anew, salt = _LOG_HEADER.unpack(header)
            places: set[int] = set()
            while len(frame := stream.read(_FRAME_HEADER.size)) == _FRAME_HEADER.size:
                number, its_salt = _FRAME_HEADER.unpack(frame)
                if its_salt != salt:
                    break
                places.add((number - 1) * page)
                stream.seek(page, os.SEEK_CUR)
            return None if anew else places
    except FileNotFoundError:
        return set()


def log_of(file: Path) -> Path:
    """Where SQLite keeps the log: beside the database that a link leads to; it follows none on Windows."""
    return Path(f"{file if os.name == 'nt' else os.path.realpath(file)}-wal")


def beside(file: Path) -> tuple[Path, Path]:
    """The log, and what those who read it share."""
    log = log_of(file)
    return log, log.with_name(f"{log.name.removesuffix('-wal')}-shm")


def _worked_in(file: Path) -> bool:
    """Whether the file is the whole database: its log is empty, or can be emptied now."""
    if not _logged(file):
        return True
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute(f"PRAGMA busy_timeout = {_WAIT_FOR_READERS}")
        return bool(connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0)


def _logged(file: Path) -> int:
    """The size of its log in bytes."""
    log = log_of(file)
    try:
        return 0 if in_the_way(log) else log.stat().st_size
    except FileNotFoundError:
        return 0


def _is_whole(file: Path) -> bool:
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        return bool(connection.execute("PRAGMA integrity_check(1)").fetchone()[0] == "ok")
