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
from qabot.phrases import counted
from qabot.settings import ArticleSettings

# signal.SIGALRM, where there is one.
_ALARM = 14
_MODULE = "qabot.articles.extracting"
# Importing lxml and trafilatura takes a second, on a busy machine many; it counts against no article.
_START_SECONDS = 60.0
_EXIT_SECONDS = 2.0
# The exit code of a process that asked for more memory than it may have; what it holds is of no use any more.
OUT_OF_MEMORY = 3
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
            used = self._process is not None
            ended, code, said = self._asked(wanted, raw)
            if said is None and used and not ended and code != -_ALARM:
                # It may have died of what went before, or have been killed: this file is not to blame yet.
                ended, code, said = self._asked(wanted, raw)
        except BaseException:
            self.close()  # it was left in the middle of something
            raise
        if isinstance(said, Extracted):
            return said.text, said.metadata
        if isinstance(said, Refused):
            raise ArticleError(said.problem, said.remedy)
        # The process ends itself with the alarm that is set in it, should this one be held up.
        if ended or code == -_ALARM:
            raise ArticleError(
                f"reading it took longer than {counted(limits.max_seconds, 'second')}",
                "Raise [articles] max_seconds, or save its text as .txt.",
            )
        failed = "takes too much memory" if code == OUT_OF_MEMORY else "failed inside"
        raise ArticleError(f"reading it {failed}", "Save its text as .txt, or name it in .qabotignore.")

    def _asked(self, wanted: Wanted, raw: bytes) -> tuple[bool, int | None, Any]:
        """Whether the process had to be ended, its exit code where it has one, and what it answered, or ``None``."""
        process = self._process if self._process is not None and self._process.poll() is None else self._start()

        def exchange() -> Any:
            assert process.stdin is not None
            send(process.stdin, wanted, raw)
            return _received(process.stdout, wanted.max_characters * _BYTES_A_CHARACTER + _BYTES_BESIDE)

        ended, said = _within(process, wanted.max_seconds, exchange)
        if said is None and not ended:
            _wait_shortly(process)
        if said is None or ended:  # ended also where the answer came at the last moment
            self.close()
        return ended, process.returncode, said

    def _start(self) -> subprocess.Popen[bytes]:
        self.close()
        try:
            process = subprocess.Popen(
                # -P: what lies in the folder that qabot is run in is not imported.
                [sys.executable, "-P", "-m", _MODULE],
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


def _wait_shortly(process: subprocess.Popen[bytes]) -> None:
    """For its exit code, where it has closed its pipes by itself."""
    with suppress(subprocess.TimeoutExpired):
        process.wait(_EXIT_SECONDS)


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
