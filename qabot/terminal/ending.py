"""How a command ends: with an exit code, and in words for the person at the keyboard whatever went wrong."""

from __future__ import annotations

import io
import os
import secrets
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

import click

from qabot import QabotError, __version__
from qabot.files import for_its_owner
from qabot.terminal.text import OUTPUT, visible

_MOST_CHARACTERS = 4000  # of a message: what a person gave may be part of it
_DETAILS_KEPT = 20


def ended(command: Callable[[], object]) -> int:
    """Runs ``command``, which gives or raises its exit code; gives that, or the code of the error that it told."""
    try:
        code = _code(command)
        _flush()
    except QabotError as error:
        _say(str(error))
        code = error.exit_code
    except click.ClickException as error:
        shown = io.StringIO()
        error.show(file=shown)
        _say(shown.getvalue().rstrip("\n"), name="")
        code = error.exit_code
    except click.Abort:
        _say("Aborted.", name="")
        code = 1
    except KeyboardInterrupt:
        code = 130
    except BrokenPipeError:
        code = 1  # who read the output has read enough
    except MemoryError:
        _say("Memory ran out.\nFree some, or allow qabot more: `ulimit -v` shows what a shell allows.")
        code = 1
    except OSError as error:
        code = 1
        if error.filename == OUTPUT:
            _say(f"The output cannot be written: {error.strerror}.")
        else:
            where = f"{error.filename}: " if error.filename else ""
            _say(f"{where}{error.strerror or error}.{_kept(error)}")
    except Exception as error:
        _say(f"This failed inside: {type(error).__name__}.{_kept(error)}")
        code = 1
    try:
        _flush()
    except (OSError, ValueError):
        _write_nowhere()
        code = code or 1
    return code


@contextmanager
def interruptible() -> Iterator[None]:
    """Raises KeyboardInterrupt for what came from one: C++ extensions that Ctrl-C reaches while they are imported raise
    an ImportError in its place."""
    try:
        yield
    except Exception as error:
        cause: BaseException | None = error
        while cause is not None and not isinstance(cause, KeyboardInterrupt):
            cause = cause.__cause__ or cause.__context__
        if cause is not None:
            raise KeyboardInterrupt from error
        raise


def _code(command: Callable[[], object]) -> int:
    try:
        code = command()
    except SystemExit as leaving:
        code = leaving.code
    return code if isinstance(code, int) else 0


def _say(text: str, name: str = "qabot: ") -> None:
    text = visible(text)
    if len(text) > _MOST_CHARACTERS:
        text = f"{text[: _MOST_CHARACTERS // 2]} … {text[-_MOST_CHARACTERS // 2 :]}"
    with suppress(OSError, ValueError):  # nobody is there to be told
        _flush()
    with suppress(OSError, ValueError):
        print(f"{name}{text}", file=sys.stderr, flush=True)


def _flush() -> None:
    sys.stdout.flush()


def _write_nowhere() -> None:
    """What stdout did not take is let go, or Python would try again on its way out, and complain."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def _kept(error: BaseException) -> str:
    """Writes down where ``error`` came from; gives what is said of that."""
    from qabot.terminal.conversations import state_folder  # loads what an answer consists of

    details = f"qabot {__version__}, Python {sys.version}\n{sys.argv!r}\n\n{''.join(traceback.format_exception(error))}"
    name = f"{datetime.now():%Y%m%d-%H%M%S}-{secrets.token_hex(3)}.txt"
    for folder in (state_folder() / "errors", Path(tempfile.gettempdir())):
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with open(folder / name, "x", encoding="utf-8", errors="backslashreplace", opener=for_its_owner) as stream:
                stream.write(details)
        except (OSError, ValueError):
            continue
        if folder.name == "errors":
            for old in sorted(folder.glob("*.txt"))[:-_DETAILS_KEPT]:
                with suppress(OSError):
                    old.unlink()
        return f" The details are in {folder / name}"
    return " The details could not be written down anywhere."
