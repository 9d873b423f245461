"""What qabot stands on: Python, packages, the disk, permissions, the system's limits."""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from importlib import metadata
from pathlib import Path

from qabot.articles import find_articles, statements_not_understood
from qabot.doctor.result import CheckResult
from qabot.files import FOLDER, in_the_way, kind_of
from qabot.index.seal import DATABASE, beside, seal_file
from qabot.index.writer import HOLDER, LOCK
from qabot.phrases import counted
from qabot.settings import Settings

_OLDEST, _NEWEST_TRIED = (3, 11), (3, 14)
_NEEDED_TO_EXPORT = ("torch", "sentence-transformers", "transformers", "onnxscript")
_TOLD = ("numpy", "faiss-cpu", "onnxruntime", "tokenizers", "sentence-transformers", "torch", "discord.py")
# An export takes 250 MB while it is made, an index of a thousand articles as much again.
_SCARCE, _NONE_LEFT = 600 * 1024**2, 20 * 1024**2  # bytes
_INOTIFY = Path("/proc/sys/fs/inotify")
_FEW_INSTANCES = 16
_FAULTS_TOLD = 5


def check_python() -> Iterator[CheckResult]:
    running = sys.version_info[:2]
    said = f"Python {'.'.join(map(str, sys.version_info[:3]))} on {sys.platform}"
    if running < _OLDEST:
        yield CheckResult("python", "error", f"{said} is too old.", "qabot takes Python 3.11 to 3.14.")
    elif running > _NEWEST_TRIED:
        yield CheckResult("python", "note", f"{said} is newer than any that qabot was tried with.")
    else:
        yield CheckResult("python", "ok", said)
    with closing(sqlite3.connect(":memory:")) as connection:
        try:
            connection.execute("CREATE VIRTUAL TABLE found USING fts5(text, tokenize = 'porter unicode61')")
        except sqlite3.OperationalError as error:
            remedy = "Use a Python whose SQLite has FTS5: python.org's and the distributions' do."
            yield CheckResult("sqlite", "error", f"SQLite {sqlite3.sqlite_version} has no FTS5: {error}.", remedy)
        else:
            yield CheckResult("sqlite", "ok", f"SQLite {sqlite3.sqlite_version} with FTS5")


def check_packages() -> Iterator[CheckResult]:
    """Each package that qabot asks for, by the version it asks for."""
    from packaging.requirements import Requirement

    try:
        wanted = [Requirement(line) for line in metadata.requires("qabot") or ()]
    except metadata.PackageNotFoundError:
        yield CheckResult("packages", "note", "qabot runs from its source; which packages it asks for is not known.")
        return
    found: dict[str, str] = {}
    faults = 0
    for package in wanted:
        if package.marker is not None and not package.marker.evaluate({"extra": ""}):
            continue
        try:
            version = metadata.version(package.name)
        except metadata.PackageNotFoundError:
            faults += 1
            # Questions are answered without torch; only another model's export cannot be made.
            severe = package.name not in _NEEDED_TO_EXPORT
            message = f"{package.name} is not installed" + (
                "." if severe else "; only the default model can be exported without it."
            )
            remedy = f"pip install '{_without_marker(package)}'"
            yield CheckResult("packages", "error" if severe else "warning", message, remedy)
            continue
        found[package.name] = version
        if package.specifier and not package.specifier.contains(version, prereleases=True):
            faults += 1
            message = f"{package.name} {version} is installed; qabot was made for {package.specifier}."
            yield CheckResult("packages", "warning", message, f"pip install '{_without_marker(package)}'")
    if not faults:
        told = ", ".join(f"{name} {found[name]}" for name in _TOLD if name in found)
        yield CheckResult(
            "packages", "ok", f"{counted(len(found), 'package')} of the versions asked for, {told} among them"
        )


def _without_marker(package: object) -> str:
    return str(package).split(";")[0].strip()


def check_articles(settings: Settings) -> Iterator[CheckResult]:
    """Raises SeedsError where the folder is missing or holds what cannot be read."""
    found = list(find_articles(settings.seeds))
    if found:
        yield CheckResult("articles", "ok", f"{counted(len(found), 'file')} in {settings.seeds}")
        yield from _stated(settings)
    else:
        remedy = "Put .txt, .md, .html or .pdf files there, or name another folder with --seeds."
        yield CheckResult("articles", "error", f"There are no articles in {settings.seeds}.", remedy)


def _stated(settings: Settings) -> Iterator[CheckResult]:
    faults = list(statements_not_understood(settings.seeds, settings.articles))
    if faults:
        more = f"; and {len(faults) - _FAULTS_TOLD} more" if len(faults) > _FAULTS_TOLD else ""
        message = f"Stated of articles, and not understood: {'; '.join(faults[:_FAULTS_TOLD])}{more}."
        remedy = "Mend them: title, outlet, author, published, language, via and url are taken, dates as 2023-11-04."
        yield CheckResult("stated", "warning", message, remedy)


def check_room(settings: Settings) -> Iterator[CheckResult]:
    free = shutil.disk_usage(_existing(settings.embeddings)).free
    said = f"{free / 1024**2:,.0f} MiB are free for {settings.embeddings}"
    if free < _NONE_LEFT:
        yield CheckResult("disk", "error", f"{said}: too little to index.", "Make room on that disk.")
    elif free < _SCARCE:
        yield CheckResult("disk", "warning", f"{said}: exporting a model takes 250.", "Make room on that disk.")
    else:
        yield CheckResult("disk", "ok", said)


def check_permissions(settings: Settings) -> Iterator[CheckResult]:
    faults = 0
    if settings.seeds.is_dir() and not os.access(settings.seeds, os.R_OK | os.X_OK):
        faults += 1
        yield CheckResult("permissions", "error", f"{settings.seeds} cannot be read.", f"chmod u+rx {settings.seeds}")
    folder = settings.embeddings
    if (kind := kind_of(folder)) not in ("", FOLDER):
        faults += 1
        remedy = "Remove it, or name a folder with --embeddings."
        yield CheckResult("permissions", "error", f"{folder} is {kind}, not a folder.", remedy)
    elif folder.is_dir() and not os.access(folder, os.R_OK | os.X_OK):
        faults += 1
        yield CheckResult("permissions", "error", f"{folder} cannot be read.", f"chmod u+rwx {folder}")
    elif not os.access(_existing(folder), os.W_OK | os.X_OK):
        faults += 1
        message = f"{folder} cannot be written: the index is asked as it is, and never brought up to date."
        yield CheckResult("permissions", "warning", message, f"chmod u+rwx {folder}, or name another with --embeddings")
    else:
        for file in sorted(file for file in (*folder.glob("*"), *folder.glob("models/*/*")) if file.is_file()):
            if not os.access(file, os.R_OK):
                faults += 1
                yield CheckResult("permissions", "error", f"{file} cannot be read.", f"chmod u+r {file}")
        for file in (*beside(folder / DATABASE), folder / LOCK, folder / HOLDER, seal_file(folder)):
            if kind := in_the_way(file):
                faults += 1
                remedy = (
                    "`qabot doctor --fix` takes it away, as the next change of the index does; a folder is set aside."
                )
                yield CheckResult(
                    "permissions", "warning", f"{file} is {kind}, where a file of the index goes.", remedy
                )
    if not faults:
        yield CheckResult("permissions", "ok", f"{settings.seeds} can be read, {folder} written")


def check_watches(settings: Settings) -> Iterator[CheckResult]:
    """How many folders the system lets be watched (Linux: inotify)."""
    try:
        watches = int((_INOTIFY / "max_user_watches").read_text())
        instances = int((_INOTIFY / "max_user_instances").read_text())
    except (OSError, ValueError):
        yield CheckResult("watching", "ok", "no limit that is known of")
        return
    folders = sum(1 for _ in os.walk(settings.seeds))
    said = f"{counted(folders, 'folder')} to watch; the system allows {watches:,} watches, {instances:,} watchers"
    if folders * 2 > watches:
        message = f"{said}. Where they run out, the articles are looked at every half minute."
        yield CheckResult("watching", "warning", message, f"sudo sysctl fs.inotify.max_user_watches={folders * 8}")
    elif instances < _FEW_INSTANCES:
        yield CheckResult("watching", "warning", f"{said}.", "sudo sysctl fs.inotify.max_user_instances=128")
    else:
        yield CheckResult("watching", "ok", said)


def _existing(folder: Path) -> Path:
    """The folder, or what it would be made in."""
    return next(path for path in (folder, *folder.absolute().parents) if path.exists())
