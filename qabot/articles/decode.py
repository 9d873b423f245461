"""A file's bytes -> its text, newlines and all as they stand."""

from __future__ import annotations

import codecs
import re

from qabot.errors import ArticleError

REPLACED = "\ufffd"  # what stands for a byte that is no character
_SAMPLE = 64 * 1024
# A text has so many characters to one that is none.
_FEWEST_TO_A_STRANGE_ONE = 20
_FEWEST_BYTES_A_ZERO = 50
_STRANGE = re.compile(r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")  # controls that no text has: not tab, newlines, escape


def decode(raw: bytes, declared: str | None = None) -> str:
    """UTF-8 first, UTF-16 by its mark, else ``declared`` where it fits, else what charset-normalizer finds.

    Bytes that do not fit what the others say overwhelmingly become U+FFFD, as many as Python's ``errors="replace"``
    has it. Raises ArticleError for an empty file or one that is not text.
    """
    if not raw.strip():
        raise ArticleError("the file is empty", "Put a text into it, or remove it.")
    zeros = raw.count(0)
    many_zeros = zeros * _FEWEST_BYTES_A_ZERO > len(raw)
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and (many_zeros or not _is_mostly_one_byte(raw)):
        encoding = "utf-16-le" if raw.startswith(codecs.BOM_UTF16_LE) else "utf-16-be"
        return _readable(raw.decode(encoding, errors="replace"))
    if many_zeros:
        raise ArticleError("not a text file", "Convert it to text, or name it in .qabotignore.")
    text = _decoded(raw, declared)
    # One character for one, so that offsets stay those of the file.
    return _readable(text.replace("\0", REPLACED) if zeros else text)


def _decoded(raw: bytes, declared: str | None) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        pass
    if _is_mostly_utf8(raw):
        return raw.decode("utf-8", errors="replace")
    if declared is not None:
        try:
            return raw.decode(declared)
        except (UnicodeError, LookupError):
            pass  # pages say wrong things of themselves
    from charset_normalizer import from_bytes

    guesses = from_bytes(raw[:_SAMPLE])
    # Its likely guesses differ in a letter or two; of those the western one is what most such pages are in.
    best = next((guess for guess in guesses if guess.encoding == "cp1252"), guesses.best())
    if best is None:
        # A few stray bytes in a plain text are of no encoding at all.
        text = raw.decode("utf-8", errors="replace")
        if text.count(REPLACED) * _FEWEST_TO_A_STRANGE_ONE <= len(text):
            return text
        raise ArticleError("not a text file, or of an unknown encoding", "Save it as UTF-8.")
    # What the sample did not show may still not fit: a wrong character is better than a lost article.
    return raw.decode(best.encoding, errors="replace")


def _is_mostly_one_byte(raw: bytes) -> bool:
    """Whether what looks like UTF-16's mark is two stray bytes: half the bytes of a script without zeros in UTF-16 are
    beyond ASCII, and hardly any two of them are UTF-8."""
    beyond = sum(byte > 0x7F for byte in raw[:_SAMPLE])
    return beyond * 10 < min(len(raw), _SAMPLE) or _is_mostly_utf8(raw)


def _is_mostly_utf8(raw: bytes) -> bool:
    """Whether at least as many characters beyond ASCII are whole as broken: in a text of another encoding hardly any
    are, since two bytes must happen to follow a rule of UTF-8's."""
    lone = raw.decode("utf-8", errors="surrogateescape")
    beyond = [character for character in lone if character > "\x7f"]
    broken = sum("\ud800" <= character <= "\udfff" for character in beyond)
    return len(beyond) >= 2 * broken


def _readable(text: str) -> str:
    sample = text[:_SAMPLE]
    strange = len(_STRANGE.findall(sample))
    if strange * _FEWEST_TO_A_STRANGE_ONE > len(sample):
        raise ArticleError("not a text file", "Convert it to text, or name it in .qabotignore.")
    if not text.strip().strip("\ufeff\u200b\u2060").strip():
        raise ArticleError("the file is empty", "Put a text into it, or remove it.")
    return text
