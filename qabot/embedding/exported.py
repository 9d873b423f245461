"""Whether a model's export is whole: each of its files by the hash that was noted when it was exported."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from qabot.checksums import is_as_made, note_made, read_sums, sha256_of, write_sums
from qabot.embedding.cross_encoder import cross_encoder_file
from qabot.errors import ModelError
from qabot.files import lockable, make_way, read_own, write_whole

SUMS_FILE = "SHA256SUMS"
_TRIED_AGAIN_AFTER = 3600.0  # seconds: no question is to wait for an export in vain
# ... and model.onnx.data, where the weights have a file of their own.
_NEEDED = ("model.onnx", "tokenizer.json", "identity.json")


def note_export(folder: Path) -> None:
    """Notes the hash of every file that was exported into ``folder``. Raises OSError."""
    files = sorted(file for file in folder.iterdir() if file.name[0] != "." and file.name != SUMS_FILE)
    write_sums(folder / SUMS_FILE, {file.name: sha256_of(file) for file in files})


def note_scorer(file: Path) -> None:
    """Beside it: the scorer is exported by itself, and anew for another adapter. Raises OSError."""
    write_sums(_scorer_sums(file), {file.name: sha256_of(file)})
    make_way(_failed(file))


def note_in_place(folder: Path) -> None:
    """Spares the next process the hashes of what was just exported and put in its place."""
    for name, sha256 in (read_sums(folder / SUMS_FILE) or {}).items():
        note_made(folder / name, sha256)


@contextmanager
def exporting(models: Path, what: str, its_export: str, to: Path) -> Iterator[None]:
    """For one process at a time: another waits, and finds what it was to make.

    Whatever is raised within is a ModelError after it, in which ``what`` is exported and ``its_export`` written ``to``.
    """
    from filelock import FileLock

    try:
        # Where a link leads to nothing yet, what it leads to is made.
        models.resolve().mkdir(parents=True, exist_ok=True)
        with FileLock(lockable(models / ".lock")):
            yield
    except ModelError:
        raise
    except OSError as error:
        raise ModelError(
            f"{its_export} cannot be written to {error.filename or to}: {error.strerror or error}.",
            "Make room on the disk and the folder writable.",
        ) from error
    except Exception as error:  # the exporter raises its own, torch's and Python's errors alike
        raise ModelError(f"{what} cannot be exported to ONNX: {first_line(error)}.") from error


def encoder_fault(folder: Path, *, thorough: bool = False) -> str:
    """What is wrong with the encoder's export, in a clause; empty where it is as it was exported."""
    try:
        sums = read_sums(folder / SUMS_FILE)
        if sums is None or not set(_NEEDED) <= set(sums):
            return f"{SUMS_FILE}, which has the hashes of its files, is missing or damaged"
        return _first_fault(folder, sums, thorough)
    except OSError as error:
        return f"it cannot be read ({error.strerror})"


def scorer_fault(file: Path, *, thorough: bool = False) -> str:
    """As ``encoder_fault``, of the answer scorer's export."""
    try:
        if not file.is_file():
            return f"{file.name} is missing"
        sums = read_sums(_scorer_sums(file))
        if sums is None or file.name not in sums:
            return f"{_scorer_sums(file).name}, which has its hash, is missing or damaged"
        return _first_fault(file.parent, {file.name: sums[file.name]}, thorough)
    except OSError as error:
        return f"it cannot be read ({error.strerror})"


def note_failed(file: Path, reason: str) -> None:
    """That exporting the scorer failed just now, for other processes; forgotten where that cannot be written."""
    with suppress(OSError):
        write_whole(_failed(file), reason.encode())


def failed_lately(file: Path) -> str:
    """Why exporting the scorer failed within the last hour; empty where it did not."""
    try:
        if time.time() - _failed(file).stat().st_mtime < _TRIED_AGAIN_AFTER:
            return read_own(_failed(file)).decode("utf-8", "replace")
    except OSError:
        pass  # it did not, or nobody can tell
    return ""


def kept_scorer(folder: Path) -> Sequence[Path]:
    """The files of a scorer that need not be exported anew with the encoder."""
    file = cross_encoder_file(folder)
    return () if scorer_fault(file) else (file, _scorer_sums(file))


def first_line(error: Exception) -> str:
    """What an exporter raised: its type, and what it says, of which the rest is the exporter's own business."""
    return ": ".join([type(error).__name__, *str(error).strip().splitlines()[:1]]).rstrip(".")


def _failed(file: Path) -> Path:
    return file.with_name(f"{file.name}.failed")


def _scorer_sums(file: Path) -> Path:
    return file.with_name(f"{file.name}.sha256")


def _first_fault(folder: Path, sums: dict[str, str], thorough: bool) -> str:
    for name, sha256 in sums.items():
        file = folder / name
        if not is_as_made(file, sha256, thorough=thorough):
            return f"{name} is not as it was exported" if file.is_file() else f"{name} is missing"
    return ""
