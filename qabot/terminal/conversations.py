"""Conversations that last: a file each, JSON lines, in the person's state folder; bounded, for nobody else to read."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from qabot import UsageError
from qabot.files import for_its_owner, make_private, read_own, write_whole
from qabot.wire import KeptAnswer, KeptHead, kept_json, read_kept

MOST = 200  # conversations; the oldest go
_MOST_OF_ID = 64  # characters
MOST_BYTES = 4 * 1024 * 1024  # of one; what is asked after that is not kept


def state_folder() -> Path:
    """Where the system keeps such things of a person; not made yet."""
    from platformdirs import user_state_path

    return user_state_path("qabot", appauthor=False)


@dataclass(frozen=True, slots=True)
class Past:
    """A conversation that was kept: its ``id``, the folder of its articles, when it went on last (seconds since 1970),
    its first question and how many there are."""

    id: str
    seeds: str
    updated: float
    first: str
    questions: int


class Log:
    """The file of one conversation; a ``new`` one's is made with its first answer, under another name where a chat
    beside this one took that. Raises UsageError where it cannot be written."""

    def __init__(self, file: Path, seeds: Path, *, new: bool = False) -> None:
        self.file = file
        self._seeds = _spelled(seeds)
        self._new = new

    @property
    def id(self) -> str:
        return self.file.stem

    def add(self, kept: KeptAnswer) -> None:
        line = kept_json(kept).encode() + b"\n"
        try:
            make_private(self.file.parent)
            if self._new:
                self.file = _made(self.file)
                self._new = False
            kept_so_far = read_own(self.file) if self.file.exists() else b""
            head = b"" if kept_so_far else kept_json(KeptHead(seeds=self._seeds)).encode() + b"\n"
            # A line that a killed chat or a full disk cut short stays by itself.
            ends = b"\n" if kept_so_far and not kept_so_far.endswith(b"\n") else b""
            if len(kept_so_far) + len(line) <= MOST_BYTES:
                with open(self.file, "ab", opener=for_its_owner) as stream:
                    stream.write(head + ends + line)
        except OSError as error:
            raise self._unkept(error) from error

    def take_back(self) -> None:
        """Without its last answer."""
        try:
            if self.file.exists():
                lines = read_own(self.file).splitlines(keepends=True)
                if len(lines) > 1:
                    write_whole(self.file, b"".join(lines[:-1]), private=True)
        except OSError as error:
            raise self._unkept(error) from error

    def _unkept(self, error: OSError) -> UsageError:
        return UsageError(
            f"The conversation cannot be kept in {self.file}: {error.strerror}.",
            "Make room there and the folder writable; --private keeps none.",
        )


class Conversations:
    """Those in one folder."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        self._folder = folder
        self._clock = clock

    def begin(self, seeds: Path) -> Log:
        """A new one; the oldest make room for it."""
        for past in self.past()[MOST - 1 :]:
            self._file(past.id).unlink(missing_ok=True)
        return Log(self._file(datetime.fromtimestamp(self._clock()).strftime("%Y%m%d-%H%M%S")), seeds, new=True)

    def go_on(self, conversation: str, seeds: Path) -> Log:
        return Log(self._file(conversation), seeds)

    def past(self, seeds: Path | None = None) -> list[Past]:
        """The newest first; of one folder of articles where it is named."""
        found = []
        for file in self._folder.glob("*.jsonl"):
            if not _is_id(file.stem):
                continue  # none of ours
            head, kept = read_kept(_text(file))
            if head is None or not kept or (seeds is not None and head.seeds != _spelled(seeds)):
                continue
            found.append(Past(file.stem, head.seeds, kept[-1].at, kept[0].answer.question, len(kept)))
        return sorted(found, key=lambda past: (-past.updated, past.id))

    def answers(self, conversation: str) -> list[KeptAnswer]:
        """The oldest first. Raises UsageError where there is no such conversation."""
        file = self._file(conversation)
        if not file.is_file():
            raise UsageError(f"There is no conversation {conversation}.", "`qabot chat --list` shows them.")
        return read_kept(_text(file))[1]

    def forget(self, conversations: Sequence[str]) -> None:
        """Raises UsageError for one that there is not."""
        for conversation in conversations:
            try:
                self._file(conversation).unlink()
            except FileNotFoundError as error:
                raise UsageError(
                    f"There is no conversation {conversation}.", "`qabot chat --list` shows them."
                ) from error

    def _file(self, conversation: str) -> Path:
        if not _is_id(conversation):
            raise UsageError(f"{conversation!r} is no conversation's id.", "`qabot chat --list` shows them.")
        return self._folder / f"{conversation}.jsonl"


def _is_id(name: str) -> bool:
    return 0 < len(name) <= _MOST_OF_ID and all(c.isalnum() or c == "-" for c in name)


def _made(file: Path) -> Path:
    """``file``, made empty, or the first of its name with a number that nobody has made."""
    for number in itertools.count(1):
        tried = file.with_stem(f"{file.stem}-{number}") if number > 1 else file
        try:
            os.close(os.open(tried, os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            continue
        return tried
    raise AssertionError("numbers have no end")


def _spelled(folder: Path) -> str:
    """Its whole path; bytes that are no UTF-8 spelled out, since JSON has none."""
    return os.fsencode(folder.resolve()).decode("utf-8", "backslashreplace")


def _text(file: Path) -> str:
    try:
        return read_own(file).decode()
    except (OSError, UnicodeDecodeError):
        return ""  # gone meanwhile, or none of ours


def kept_conversations() -> Conversations:
    """Those of the person who runs it."""
    return Conversations(state_folder() / "conversations")
