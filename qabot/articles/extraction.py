"""The text of HTML and PDF files, taken out by a process of its own that is ended when it takes too much."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from contextlib import suppress
from types import TracebackType
from typing import IO, Any, Literal

import msgspec

from qabot.articles.article import Metadata
from qabot.errors import ArticleError
from qabot.settings import ArticleSettings

# signal.SIGALRM, where there is one.
_ALARM = 14
# Importing lxml and trafilatura takes a second, on a busy machine many; it counts against no article.
_START_SECONDS = 60.0
# What a character takes in an answer at most (JSON's \uXXXX), and what else stands in it.
_BYTES_A_CHARACTER, _BYTES_BESIDE = 12, 1 << 20

Kind = Literal["html", "pdf"]


class Wanted(msgspec.Struct, frozen=True):
    """What the process is asked for; the file's ``size`` bytes follow."""

    kind: Kind
    size: int
    max_seconds: float
    max_characters: int


class Extracted(msgspec.Struct, frozen=True, tag="text"):
    text: str
    metadata: Metadata


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    problem: str
    remedy: str = ""


class Ready(msgspec.Struct, frozen=True, tag="ready"):
    """What the process says first."""


class Extractor:
    """One process for as many files as there are, started with the first and again after one that was ended.

    A context manager: the process lives no longer. For one thread at a time.
    """

    def __init__(self, limits: ArticleSettings) -> None:
        self._limits = limits
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Extractor:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            _let_go(process)

    def extract(self, kind: Kind, raw: bytes) -> tuple[str, Metadata]:
        """Raises ArticleError where there is no text, and where taking it out goes beyond a limit."""
        limits = self._limits
        wanted = Wanted(kind, len(raw), limits.max_seconds, limits.max_characters)
        try:
            process = self._process if self._process is not None and self._process.poll() is None else self._start()
            ended, said = _asked(process, wanted, raw)
        except BaseException:
            self.close()  # it was left in the middle of something
            raise
        if isinstance(said, Extracted):
            return said.text, said.metadata
        if isinstance(said, Refused):
            raise ArticleError(said.problem, said.remedy)
        self.close()
        # The process ends itself with the alarm that is set in it, should this one be held up.
        if ended or process.returncode == -_ALARM:
            raise ArticleError(
                f"reading it took longer than {limits.max_seconds} seconds",
                "Raise [articles] max_seconds, or save its text as .txt.",
            )
        raise ArticleError("reading it failed inside", "Save its text as .txt, or name it in .qabotignore.")

    def _start(self) -> subprocess.Popen[bytes]:
        self.close()
        try:
            process = subprocess.Popen(
                # -P: what lies in the folder that qabot is run in is not imported.
                [sys.executable, "-P", "-m", "qabot.articles.extracting"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=_environment(),
                # Ctrl-C is for this process, which then ends that one.
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            raise ArticleError(
                f"the process that reads it cannot be started: {getattr(error, 'strerror', None) or error}",
                "Close other programs, and run `qabot index` again.",
            ) from error
        self._process = process
        _, said = _within(process, _START_SECONDS, lambda: _received(process.stdout, _BYTES_BESIDE))
        if not isinstance(said, Ready):
            self.close()
            raise ArticleError(
                "the process that reads it does not start", "Close other programs, and run `qabot index` again."
            )
        return process


def _asked(process: subprocess.Popen[bytes], wanted: Wanted, raw: bytes) -> tuple[bool, Any]:
    """Whether the process had to be ended, and what it answered; ``None`` where it did not."""

    def exchange() -> Any:
        assert process.stdin is not None
        send(process.stdin, wanted, raw)
        return _received(process.stdout, wanted.max_characters * _BYTES_A_CHARACTER + _BYTES_BESIDE)

    return _within(process, wanted.max_seconds, exchange)


def _within(process: subprocess.Popen[bytes], seconds: float, exchange: Any) -> tuple[bool, Any]:
    """What ``exchange`` gives; after ``seconds`` the process is killed, which ends reading from it."""
    ended = threading.Event()

    def end() -> None:
        ended.set()
        process.kill()

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        said = exchange()
    except (OSError, ValueError, msgspec.MsgspecError):  # a pipe that nobody reads, an answer cut off
        said = None
    finally:
        timer.cancel()
    return ended.is_set(), said


def send(pipe: IO[bytes], message: Any, then: bytes = b"") -> None:
    """The message's length in 8 bytes, the message as JSON, and ``then``."""
    packed = msgspec.json.encode(message)
    pipe.write(len(packed).to_bytes(8, "big"))
    pipe.write(packed)
    pipe.write(then)
    pipe.flush()


def receive(pipe: IO[bytes] | None, most: int, kind: Any) -> Any:
    """The next message, ``None`` at the end. Raises ValueError for one of more than ``most`` bytes, or cut off."""
    assert pipe is not None
    head = pipe.read(8)
    if not head:
        return None
    length = int.from_bytes(head, "big")
    if len(head) < 8 or length > most:
        raise ValueError("no message")
    return msgspec.json.decode(pipe.read(length), type=kind)


def _received(pipe: IO[bytes] | None, most: int) -> Any:
    return receive(pipe, most, Extracted | Refused | Ready)


def _let_go(process: subprocess.Popen[bytes]) -> None:
    """Takes leave of an ended process, so that nothing of it stays behind."""
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with suppress(OSError):  # what was still to be written to it, nobody reads
                pipe.close()
    process.wait()


def _environment() -> dict[str, str]:
    """This one's, with the way to the same modules and without qabot's own variables: a token is not for those who
    read strangers' files."""
    mine = {name: value for name, value in os.environ.items() if not name.startswith("QABOT_")}
    return {**mine, "PYTHONPATH": os.pathsep.join(os.path.abspath(path) for path in sys.path)}
