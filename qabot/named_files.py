"""Files that a person names or puts in a known place: read whole and within bounds, whatever they turn out to be."""

from __future__ import annotations

import os
import select
import stat
import time
from pathlib import Path

from qabot.errors import UsageError

MOST_BYTES = 256 * 1024 * 1024
# Seconds. A named pipe into which nobody writes by then is not being written to.
_WRITER_WITHIN = 5.0


def is_there(file: Path) -> bool:
    """Whether anything has this name, also a folder, a link to nothing, and what may not be looked at: what somebody
    put there and cannot be read is to be told, not to be taken for absent."""
    try:
        file.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        pass
    return True


def read_named(file: Path, remedy: str) -> bytes:
    """Its bytes; of a pipe, as process substitution makes one, all that is written into it.

    Raises UsageError naming the file and what is wrong with it, with ``remedy``.
    """
    try:
        descriptor = os.open(file, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        try:
            mode = os.fstat(descriptor).st_mode
            if stat.S_ISDIR(mode):
                raise UsageError(f"{file} is a folder.", remedy)
            raw = _read(descriptor, waits=stat.S_ISFIFO(mode))
        finally:
            os.close(descriptor)
    except (OSError, ValueError) as error:  # ValueError for a NUL in the path
        raise UsageError(f"{file} cannot be read: {getattr(error, 'strerror', None) or error}.", remedy) from error
    if raw is None:
        raise UsageError(f"{file} is a named pipe into which nobody writes.", remedy)
    if len(raw) > MOST_BYTES:
        raise UsageError(f"{file} has more than {MOST_BYTES:,} bytes.", remedy)
    return raw


def read_named_text(file: Path, remedy: str) -> str:
    """Its text, without a byte order mark, line ends as they are. Raises UsageError, also where it is not UTF-8."""
    raw = read_named(file, remedy)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise UsageError(f"{file}, line {line}: this is not UTF-8.", "Save it as UTF-8.") from error


def _read(descriptor: int, *, waits: bool) -> bytes | None:
    """At most one byte more than allowed; ``None`` for a pipe that nobody writes into."""
    chunks: list[bytes] = []
    size = 0
    deadline = time.monotonic() + _WRITER_WITHIN
    while size <= MOST_BYTES:
        try:
            chunk = os.read(descriptor, min(1 << 20, MOST_BYTES + 1 - size))
        except BlockingIOError:
            waits = False  # somebody holds the other end, and has written nothing yet
            select.select([descriptor], [], [])
            continue
        if chunk:
            waits = False
            chunks.append(chunk)
            size += len(chunk)
        elif not waits:
            break
        elif time.monotonic() > deadline:
            return None
        else:
            time.sleep(0.02)
    return b"".join(chunks)
