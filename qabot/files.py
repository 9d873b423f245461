"""Files of qabot's own: written whole or not at all, whatever stands where they go; some for nobody else to read."""

from __future__ import annotations

import errno
import os
import stat
import tempfile
import threading
from pathlib import Path

FILE, FOLDER = "a file", "a folder"
_MOST_BYTES = 256 * 1024**2  # the hashes of a database of half a TiB take as many
_KINDS = {
    stat.S_IFREG: FILE,
    stat.S_IFDIR: FOLDER,
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def kind_of(path: Path) -> str:
    """What stands there, or where it leads to; empty for nothing. Raises OSError where nobody may look."""
    try:
        return _KINDS.get(stat.S_IFMT(path.stat().st_mode), "no file")
    except (FileNotFoundError, NotADirectoryError):
        return "a link to nothing" if path.is_symlink() else ""
    except OSError as error:
        if error.errno == errno.ELOOP:
            return "a link that leads in a circle"
        raise


def in_the_way(path: Path) -> str:
    """What stands there, and is neither nothing nor a file. Raises OSError."""
    kind = kind_of(path)
    return "" if kind == FILE else kind


def make_way(path: Path) -> None:
    """Takes away whatever stands where a file of qabot's own goes: a link, not what it leads to.

    A folder that something is in, which qabot did not make, is set aside beside it. Raises OSError.
    """
    if not path.is_dir() or path.is_symlink():
        path.unlink(missing_ok=True)
        return
    try:
        path.rmdir()
    except OSError:
        path.rename(Path(tempfile.mkdtemp(prefix=f"{path.name}.set-aside-", dir=path.parent)) / path.name)


def lockable(file: Path) -> Path:
    """``file``, for a FileLock. It opens nothing but files: what else is there, nobody has locked. Raises OSError."""
    if file.is_symlink() or in_the_way(file):
        make_way(file)
    return file


def put_in_place(aside: Path, file: Path) -> None:
    """Gives ``aside`` the name of ``file``. Raises OSError."""
    try:
        aside.replace(file)
    except OSError:
        if not in_the_way(file):
            raise
        make_way(file)
        aside.replace(file)


def only_a_file(path: str, flags: int) -> int:
    """What ``open`` takes as its ``opener`` for a file of qabot's own: in a pipe it would wait, of a device there is no
    end. Raises OSError."""
    descriptor = os.open(path, flags | getattr(os, "O_NONBLOCK", 0), 0o600)
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    raise OSError(errno.EINVAL, "It is no file", path)


def read_own(file: Path) -> bytes:
    """All of a file of qabot's own, which are small. Raises OSError, also for what is no file or too large to be it."""
    with open(file, "rb", opener=only_a_file) as stream:
        content = stream.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(file))
    return content


def write_whole(file: Path, content: bytes, *, private: bool = False) -> None:
    """Puts ``content`` in a file's place: written aside, on the disk before it takes the name. Raises OSError."""
    aside = file.with_name(f".{file.name}.{os.getpid()}-{threading.get_ident()}.tmp")
    try:
        with open(aside, "wb", opener=for_its_owner if private else None) as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        put_in_place(aside, file)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise


def make_private(folder: Path) -> None:
    """Makes a folder that nobody else reads. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)


def for_its_owner(path: str, flags: int) -> int:
    """What ``open`` takes as its ``opener`` for a file that nobody else reads."""
    return os.open(path, flags, 0o600)
