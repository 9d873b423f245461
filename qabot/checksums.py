"""Whether a derived file is still as it was made: by its SHA-256, computed again only where the file changed since.

90 MB, the size of the default model's export, take SHA-256 75 ms on a machine whose whole cold answer takes 600, CRC-32
35 ms and a look at size and times 0.02 ms. So what was found right is remembered, by size, times and inode, in a file
beside it; since the hash is hardly ever computed, it is the one that `sha256sum -c` checks too. What the memory cannot
notice is a disk that loses bits by itself, without a write that moves the file's times: `qabot doctor` always computes.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import msgspec

from qabot.files import only_a_file, read_own, write_whole

MEMORY_FILE = ".checked.json"

# A write in the same tick of the file system's clock leaves the times as they are: what changed just now is not yet
# remembered. FAT's clock, the coarsest, ticks every two seconds.
_TICK = 2_000_000_000  # nanoseconds
_SUM = re.compile(r"([0-9a-f]{64})  ([^/\n]+)")


class Seen(msgspec.Struct, frozen=True, array_like=True):
    """A file that had this hash when it looked like this. On Windows ``ctime_ns`` is when it was made."""

    sha256: str
    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int


def sha256_of(file: Path) -> str:
    """Hexadecimal. Raises OSError."""
    with open(file, "rb", opener=only_a_file) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def is_as_made(
    file: Path, sha256: str, *, thorough: bool = False, compute: Callable[[Path], str] | None = None
) -> bool:
    """Whether the file has this hash, or what ``compute`` gives instead; a ``thorough`` look computes it in any case.

    False for a missing file. Raises OSError where it cannot be read.
    """
    try:
        before = _seen(file, sha256)
    except FileNotFoundError:
        return False
    if not thorough and _memory(file.parent).get(file.name) == before:
        return True
    if (compute or sha256_of)(file) != sha256:
        _forget(file)  # or nobody but a thorough look would find it
        return False
    if _seen(file, sha256) == before and time.time_ns() - max(before.mtime_ns, before.ctime_ns) > _TICK:
        _remember(file, before)
    return True


def note_made(file: Path, sha256: str) -> None:
    """Remembers a file that its maker, the only one to write it, has just put in place."""
    with suppress(OSError):
        _remember(file, _seen(file, sha256))


def write_sums(listing: Path, sums: Mapping[str, str]) -> None:
    """Hashes by file name, as `sha256sum` lists them. Raises OSError."""
    write_whole(listing, "".join(f"{sha256}  {name}\n" for name, sha256 in sums.items()).encode())


def read_sums(listing: Path) -> dict[str, str] | None:
    """``None`` where there is no listing, or it is damaged. Raises OSError where it cannot be read."""
    try:
        lines = read_own(listing).decode().splitlines()
    except (FileNotFoundError, UnicodeDecodeError):
        return None
    found = [_SUM.fullmatch(line) for line in lines]
    return {match[2]: match[1] for match in found if match} if lines and all(found) else None


def _seen(file: Path, sha256: str) -> Seen:
    stat = file.stat()
    return Seen(sha256, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino)


def _memory(folder: Path) -> dict[str, Seen]:
    """Lost or damaged, it only costs time."""
    try:
        return msgspec.json.decode(read_own(folder / MEMORY_FILE), type=dict[str, Seen])
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return {}


def _remember(file: Path, seen: Seen) -> None:
    memory = {name: known for name, known in _memory(file.parent).items() if (file.parent / name).exists()}
    with suppress(OSError):  # a folder that is only read: the next process computes the hash again
        write_whole(file.parent / MEMORY_FILE, msgspec.json.encode({**memory, file.name: seen}))


def _forget(file: Path) -> None:
    memory = _memory(file.parent)
    if memory.pop(file.name, None) is not None:
        with suppress(OSError):
            write_whole(file.parent / MEMORY_FILE, msgspec.json.encode(memory))
