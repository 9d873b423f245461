"""Untrusted text made safe for a terminal, and a terminal's encoding."""

from __future__ import annotations

import codecs
import io
import os
import re
import sys
import unicodedata

from qabot import QabotError

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
    # A process may be started with either closed.
    sys.stdout = sys.stdout or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # Python writes UTF-8 in the C locale; a terminal that was told of ASCII need not read it.
            ascii_only = stream.isatty() and _is_c_locale()
            stream.reconfigure(encoding="ascii" if ascii_only else None, errors="nearest")


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
