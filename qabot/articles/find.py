"""seeds/ -> the files that are articles."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qabot.errors import SeedsError

SUFFIXES = (".txt", ".md", ".markdown", ".html", ".htm", ".pdf")
IGNORE_FILE = ".qabotignore"
# About the collection, not of it.
_NOT_ARTICLES = frozenset({"readme.md", "readme.txt"})
_UNFINISHED = ("~", ".swp", ".swx", ".tmp", ".part", ".crdownload")


@dataclass(frozen=True, slots=True)
class FoundFile:
    """``path`` is relative to seeds/ with forward slashes; ``size`` in bytes."""

    path: str
    size: int
    mtime_ns: int


def find_articles(seeds: Path) -> Iterator[FoundFile]:
    """The articles below ``seeds``, sorted by path, any depth.

    Hidden files, editors' temporary files, what .qabotignore names, whatever is not a regular file, and links
    that lead out of ``seeds`` are passed over. Raises SeedsError where there is no such folder.
    """
    if not seeds.is_dir():
        raise SeedsError(
            f"There is no folder {seeds}.", "Make it and put articles there, or name another with --seeds."
        )
    yield from sorted(_walk(seeds, seeds.resolve(), "", _ignored(seeds)), key=lambda file: file.path)


def _walk(folder: Path, root: Path, prefix: str, ignored: Any) -> Iterator[FoundFile]:
    try:
        entries = list(os.scandir(folder))
    except OSError as error:
        raise SeedsError(f"The folder {folder} cannot be read: {error.strerror}.", "Check its permissions.") from error
    for entry in entries:
        path = prefix + entry.name
        if entry.name.startswith("."):
            continue
        # A linked folder may lead back to where it stands, so links to folders are not followed at all.
        if entry.is_dir(follow_symlinks=False):
            if ignored is None or not ignored.match_file(path + "/"):
                yield from _walk(folder / entry.name, root, path + "/", ignored)
            continue
        name = entry.name.casefold()
        if not name.endswith(SUFFIXES) or name.endswith(_UNFINISHED) or (name.startswith("#") and name.endswith("#")):
            continue
        if (not prefix and name in _NOT_ARTICLES) or (ignored is not None and ignored.match_file(path)):
            continue
        try:
            if not entry.is_file() or (entry.is_symlink() and not Path(entry.path).resolve().is_relative_to(root)):
                continue
            state = entry.stat()
        except OSError:
            continue  # gone since the folder was listed, or a link to nothing
        yield FoundFile(path, state.st_size, state.st_mtime_ns)


def _ignored(seeds: Path) -> Any:
    """The patterns of .qabotignore, ``None`` where there is none."""
    file = seeds / IGNORE_FILE
    if not file.is_file():
        return None
    import pathspec

    return pathspec.GitIgnoreSpec.from_lines(file.read_text(encoding="utf-8", errors="replace").splitlines())
