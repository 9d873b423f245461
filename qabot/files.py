"""Writing a file whole or not at all, and files that nobody else reads."""

from __future__ import annotations

import os
import threading
from pathlib import Path


def write_whole(file: Path, content: bytes, *, private: bool = False) -> None:
    """Puts ``content`` in a file's place: written aside, on the disk before it takes the name. Raises OSError."""
    aside = file.with_name(f".{file.name}.{os.getpid()}-{threading.get_ident()}.tmp")
    try:
        with open(aside, "wb", opener=for_its_owner if private else None) as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        aside.replace(file)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise


def make_private(folder: Path) -> None:
    """Makes a folder that nobody else reads. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)


def for_its_owner(path: str, flags: int) -> int:
    """What ``open`` takes as its ``opener`` for a file that nobody else reads."""
    return os.open(path, flags, 0o600)
