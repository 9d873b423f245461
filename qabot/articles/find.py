"""seeds/ -> the files that are articles."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from qabot.errors import FolderError, SeedsError, UsageError
from qabot.named_files import is_there, read_named_text

SUFFIXES = (".txt", ".md", ".markdown", ".html", ".htm", ".pdf")
IGNORE_FILE = ".qabotignore"
_SIGNED = 2**63 - 1  # what SQLite has room for; some file systems count further
# About the collection, not of it.
_NOT_ARTICLES = frozenset({"readme.md", "readme.txt"})
_UNFINISHED = ("~", ".swp", ".swx", ".tmp", ".part", ".crdownload")
_KINDS = {
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}
_TOO_DEEP = "its path is longer than the system opens. Move it up."
_SHOWN_OF_LONG = 120


class FoundFile(NamedTuple):
    """``path`` is relative to seeds/ with forward slashes; ``size`` in bytes.

    The time of the last change to the file's entry and its inode tell of an edit that put size and time back.
    """

    path: str
    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int

    @property
    def state(self) -> tuple[int, int, int, int]:
        return self[1:]


@dataclass(frozen=True, slots=True)
class Found:
    """What a folder of articles holds: ``files`` sorted by path, and ``left_out``, which maps the path of what looks
    like an article and is none to the reason and the remedy."""

    files: tuple[FoundFile, ...]
    left_out: Mapping[str, str]


def find_articles(seeds: Path) -> Iterator[FoundFile]:
    """The articles below ``seeds``, sorted by path, any depth; see ``look_through``."""
    yield from look_through(seeds).files


def look_through(seeds: Path) -> Found:
    """The articles below ``seeds``, any depth, and what was left out.

    Hidden files, editors' temporary files and what .qabotignore names are passed over. Whatever is not a regular file,
    links that lead out of ``seeds``, links to folders, names that are not UTF-8 and paths that are too long to be
    opened are left out. Raises SeedsError where there is no such folder, and UsageError for a .qabotignore that cannot
    be read and for a pattern that it cannot have.
    """
    if not _is_there(seeds, stat.S_ISDIR):
        raise SeedsError(
            f"There is no folder {seeds}.",
            "`qabot init` makes it here; then put articles into it. Or name another folder with --seeds.",
        )
    files: dict[str, FoundFile] = {}
    left_out: dict[str, str] = {}
    for found in _walk(seeds, _ignored(seeds)):
        if isinstance(found, FoundFile):
            files[found.path] = found
        else:
            left_out[found[0]] = found[1]
    left_out = {path: reason for path, reason in sorted(left_out.items()) if path not in files}
    return Found(tuple(file for _, file in sorted(files.items())), left_out)


def _is_there(path: Path, of_kind: Callable[[int], bool]) -> bool:
    """Raises FolderError where the folder around it lets nobody look."""
    try:
        return of_kind(path.stat().st_mode)
    except PermissionError as error:
        raise _closed(path.parent, error) from error
    except (OSError, ValueError):  # ValueError for a NUL in the path
        return False


def _closed(folder: Path, error: OSError) -> FolderError:
    return FolderError(f"The folder {folder} cannot be read: {error.strerror}.", "Check its permissions.")


def is_article_name(name: str) -> bool:
    """Whether a file of this name is taken for an article; editors' temporary files are not."""
    name = name.casefold()
    return (
        name.endswith(SUFFIXES)
        and not name.startswith(".")
        and not name.endswith(_UNFINISHED)
        and not (name.startswith("#") and name.endswith("#"))
    )


def is_inside(file: Path, seeds: Path) -> bool:
    """Whether ``file`` is in ``seeds`` when all links are followed."""
    try:
        return file.resolve().is_relative_to(seeds.resolve())
    except (OSError, RuntimeError, ValueError):  # a link to itself, a NUL
        return False


# A path and why it is left out.
_LeftOut = tuple[str, str]


def _walk(seeds: Path, ignored: Any) -> Iterator[FoundFile | _LeftOut]:
    # A list of what is still to be read, since folders may nest deeper than calls can.
    folders = [""]
    while folders:
        prefix = folders.pop()
        try:
            entries = list(os.scandir(seeds / prefix))
        except FileNotFoundError:
            if not prefix:
                raise
            continue  # gone since the folder above was listed
        except OSError as error:
            if error.errno == errno.ENAMETOOLONG:
                yield _shortened(prefix), _TOO_DEEP
                continue
            # Passed over, its articles would look deleted.
            raise _closed(seeds / prefix, error) from error
        for entry in entries:
            path = prefix + entry.name
            if entry.name.startswith("."):
                continue
            # A linked folder may lead back to where it stands, so links to folders are not followed at all.
            is_folder = entry.is_dir(follow_symlinks=False)
            if not is_folder and not is_article_name(entry.name) and not _is_linked_folder(entry):
                continue
            if path.casefold() in _NOT_ARTICLES:
                continue
            if ignored is not None and ignored.match_file(path + "/" if is_folder else path):
                continue
            if not _is_text(entry.name):
                yield _spelled(path), "its name is not UTF-8. Rename it."
            elif is_folder:
                folders.append(path + "/")
            else:
                yield from _article(entry, path, seeds)


def _article(entry: os.DirEntry[str], path: str, seeds: Path) -> Iterator[FoundFile | _LeftOut]:
    try:
        state = entry.stat()
        if entry.is_symlink() and not is_inside(Path(entry.path), seeds):
            yield path, "a link that leads out of the folder of articles. Put the file itself there: `qabot import`."
        elif stat.S_ISDIR(state.st_mode):
            yield path, "a link to a folder, which is not followed. Put the folder itself there."
        elif not stat.S_ISREG(state.st_mode):
            yield path, f"{_KINDS.get(stat.S_IFMT(state.st_mode), 'not a file')}, and no article. Remove it."
        else:
            inode = state.st_ino & _SIGNED
            yield FoundFile(path, state.st_size, state.st_mtime_ns, state.st_ctime_ns, inode)
    except FileNotFoundError:
        if entry.is_symlink():
            yield path, "a link to nothing. Remove it, or put the file there."
        # Else it is gone since the folder was listed.
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            yield _shortened(path), _TOO_DEEP
        else:
            yield path, f"{error.strerror}. Remove it, or mend it."


def _is_linked_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_symlink() and entry.is_dir()
    except OSError:
        return False


def _shortened(path: str) -> str:
    """The beginning of a path too long to be opened, which is too long to be shown as well."""
    return path[:_SHOWN_OF_LONG] + "…" if len(path) > _SHOWN_OF_LONG else path


def _spelled(path: str) -> str:
    """A path with each byte that is no UTF-8 spelled out, as ``caf\\xe9.txt``."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def _is_text(name: str) -> bool:
    """Whether a file name can be stored and shown: one in an encoding of old cannot."""
    return name.isascii() or not any("\ud800" <= character <= "\udfff" for character in name)


def _ignored(seeds: Path) -> Any:
    """The patterns of .qabotignore, ``None`` where there is none."""
    file = seeds / IGNORE_FILE
    if not _is_there(file, stat.S_ISREG) and not is_there(file):
        return None
    lines = read_named_text(file, "Put a readable file of patterns there, or remove it.").splitlines()
    import pathspec

    try:
        return pathspec.GitIgnoreSpec.from_lines(lines)
    except ValueError as error:
        number = next(n for n, line in enumerate(lines, 1) if not _is_pattern(line))
        raise UsageError(f"{file}, line {number}: {lines[number - 1]!r} is no pattern.", "Mend that line.") from error


def _is_pattern(line: str) -> bool:
    import pathspec

    try:
        pathspec.GitIgnoreSpec.from_lines([line])
    except ValueError:
        return False
    return True
