"""Untrusted text made safe for a terminal, and a terminal's encoding."""

from __future__ import annotations

import codecs
import errno
import io
import os
import re
import sys
import unicodedata

from qabot import QabotError

OUTPUT = "<stdout>"
_BREAKS = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
# Control, format (directions and joiners), surrogate, private and unassigned characters.
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_PLAIN = {
    "‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "...", "·": "-", "›": ">", "•": "*", "×": "x",
    "│": "|", "─": "-", "\u00a0": " ",
}  # fmt: skip


def visible(text: str) -> str:
    """Without control and direction-changing characters; line breaks of any kind are newlines, tabs stay."""
    if text.isascii() and text.isprintable():
        return text
    text = _BREAKS.sub("\n", text)
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in _UNSAFE)


def one_line(text: str) -> str:
    return " ".join(visible(text).split())


def spaced(text: str) -> str:
    """One line, keeping a space at either end: a piece of a line that goes on around it."""
    return re.sub(r"\s+", " ", visible(text))


def shortened(text: str, most: int) -> str:
    """One line of at most ``most`` characters, cut between words where it can be, and saying so."""
    text = one_line(text)
    if len(text) <= most:
        return text
    kept = text[: most - 1]
    at_word = kept.rsplit(" ", 1)[0]
    return (at_word if len(at_word) > most // 2 else kept).rstrip() + "…"


def one_problem(error: Exception) -> str:
    """An error that one question met; one that nobody foresaw by its type too."""
    return visible(str(error) if isinstance(error, QabotError) else f"This failed inside: {error!r}")


def fit_streams() -> None:
    """Lets stdout and stderr show what their encoding lacks by the nearest plain characters, instead of failing."""
    codecs.register_error("nearest", _nearest)
    _occupy_standard_streams()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # Python writes UTF-8 in the C locale; a terminal that was told of ASCII need not read it.
            ascii_only = stream.isatty() and _is_c_locale()
            stream.reconfigure(encoding="ascii" if ascii_only else None, errors="nearest")
    given = sys.stdout
    if type(given) is io.TextIOWrapper:
        encoding, buffer = given.encoding, given.detach()
        sys.stdout = _Output(
            buffer, encoding, "nearest", line_buffering=given.line_buffering, write_through=given.write_through
        )

    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")


def _occupy_standard_streams() -> None:
    """Where one was closed, nothing that is opened later takes its number, and print() does not go elsewhere."""
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
    sys.stdin = sys.stdin or open(os.devnull, encoding="utf-8")  # noqa: SIM115
    sys.stdout = sys.stdout or _Closed()
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115


class _Output(io.TextIOWrapper):
    """Tells by the error's file name that it was the output which could not be written."""

    def write(self, text: str) -> int:
        try:
            return super().write(text)
        except OSError as error:
            error.filename = OUTPUT
            raise

    def flush(self) -> None:
        try:
            super().flush()
        except OSError as error:
            error.filename = OUTPUT
            raise


class _Closed(io.TextIOBase):
    """Stands for a stdout that was closed: what is written to it does not get lost in silence."""

    encoding = "utf-8"
    errors = "strict"

    def write(self, text: str) -> int:
        raise OSError(errno.EBADF, "stdout is closed", OUTPUT)


def _is_c_locale() -> bool:
    named = next((os.environ[name] for name in ("LC_ALL", "LC_CTYPE", "LANG") if os.environ.get(name)), "")
    return named in ("C", "POSIX")


def _nearest(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(_plain(character) for character in lacking), error.end


def _plain(character: str) -> str:
    if character in _PLAIN:
        return _PLAIN[character]
    letters = unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode()
    return letters or character.encode("ascii", "backslashreplace").decode()
