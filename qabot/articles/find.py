"""seeds/ -> the files that are articles."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qabot.errors import FolderError, SeedsError, UsageError

SUFFIXES = (".txt", ".md", ".markdown", ".html", ".htm", ".pdf")
IGNORE_FILE = ".qabotignore"
_SIGNED = 2**63 - 1  # what SQLite has room for; some file systems count further
# About the collection, not of it.
_NOT_ARTICLES = frozenset({"readme.md", "readme.txt"})
_UNFINISHED = ("~", ".swp", ".swx", ".tmp", ".part", ".crdownload")


@dataclass(frozen=True, slots=True)
class FoundFile:
    """``path`` is relative to seeds/ with forward slashes; ``size`` in bytes.

    The time of the last change to the file's entry and its inode tell of an edit that put size and time back.
    """

    path: str
    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int


def find_articles(seeds: Path) -> Iterator[FoundFile]:
    """The articles below ``seeds``, sorted by path, any depth.

    Hidden files, editors' temporary files, what .qabotignore names, whatever is not a regular file, and links
    that lead out of ``seeds`` are passed over, and so are names that are not UTF-8. Raises SeedsError where there
    is no such folder, and UsageError for a pattern that .qabotignore cannot have.
    """
    if not seeds.is_dir():
        raise SeedsError(
            f"There is no folder {seeds}.",
            "`qabot init` makes it here; then put articles into it. Or name another with --seeds.",
        )
    yield from sorted(_walk(seeds, _ignored(seeds)), key=lambda file: file.path)


def _walk(seeds: Path, ignored: Any) -> Iterator[FoundFile]:
    root = seeds.resolve()
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
            # Passed over, its articles would look deleted.
            folder = seeds / prefix
            raise FolderError(
                f"The folder {folder} cannot be read: {error.strerror}.", "Check its permissions."
            ) from error
        for entry in entries:
            path = prefix + entry.name
            if entry.name.startswith(".") or not _is_text(entry.name):
                continue
            # A linked folder may lead back to where it stands, so links to folders are not followed at all.
            if entry.is_dir(follow_symlinks=False):
                if ignored is None or not ignored.match_file(path + "/"):
                    folders.append(path + "/")
            elif found := _article(entry, path, root, ignored):
                yield found


def _article(entry: os.DirEntry[str], path: str, root: Path, ignored: Any) -> FoundFile | None:
    name = entry.name.casefold()
    if not name.endswith(SUFFIXES) or name.endswith(_UNFINISHED) or (name.startswith("#") and name.endswith("#")):
        return None
    if path.casefold() in _NOT_ARTICLES or (ignored is not None and ignored.match_file(path)):
        return None
    try:
        if not entry.is_file() or (entry.is_symlink() and not Path(entry.path).resolve().is_relative_to(root)):
            return None
        state = entry.stat()
    except (OSError, RuntimeError):
        return None  # gone since the folder was listed, or a link to nothing or to itself
    return FoundFile(path, state.st_size, state.st_mtime_ns, state.st_ctime_ns, state.st_ino & _SIGNED)


def _is_text(name: str) -> bool:
    """Whether a file name can be stored and shown: one in an encoding of old cannot."""
    return name.isascii() or not any("\ud800" <= character <= "\udfff" for character in name)


def _ignored(seeds: Path) -> Any:
    """The patterns of .qabotignore, ``None`` where there is none."""
    file = seeds / IGNORE_FILE
    if not file.is_file():
        return None
    import pathspec

    try:
        lines = file.read_text(encoding="utf-8-sig", errors="replace").splitlines()
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}.", "Check its permissions.") from error
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
