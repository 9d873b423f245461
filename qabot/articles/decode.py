"""A file's bytes -> its text, newlines and all as they stand."""

from __future__ import annotations

import codecs

from qabot.errors import ArticleError

_SAMPLE = 64 * 1024
_ALLOWED_CONTROLS = frozenset("\t\n\r\f\x1b\x85")


def decode(raw: bytes, declared: str | None = None) -> str:
    """UTF-8 first, UTF-16 by its mark, else ``declared`` where it fits, else what charset-normalizer finds.

    Raises ArticleError for an empty file or one that is not text.
    """
    if not raw.strip():
        raise ArticleError("the file is empty")
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16-le" if raw.startswith(codecs.BOM_UTF16_LE) else "utf-16-be"
        return _readable(raw.decode(encoding, errors="replace"))
    if b"\0" in raw:
        raise ArticleError("not a text file", "Convert it to text, or name it in .qabotignore.")
    try:
        return _readable(raw.decode("utf-8"))
    except UnicodeDecodeError:
        pass
    if declared is not None:
        try:
            return _readable(raw.decode(declared))
        except (UnicodeDecodeError, LookupError):
            pass  # pages say wrong things of themselves
    from charset_normalizer import from_bytes

    guesses = from_bytes(raw[:_SAMPLE])
    # Its likely guesses differ in a letter or two; of those the western one is what most such pages are in.
    best = next((guess for guess in guesses if guess.encoding == "cp1252"), guesses.best())
    if best is None:
        raise ArticleError("not a text file, or of an unknown encoding", "Save it as UTF-8.")
    # What the sample did not show may still not fit: a wrong character is better than a lost article.
    return _readable(raw.decode(best.encoding, errors="replace"))


def _readable(text: str) -> str:
    sample = text[:_SAMPLE]
    strange = sum(c < " " and c not in _ALLOWED_CONTROLS for c in sample)
    if strange * 20 > len(sample):
        raise ArticleError("not a text file", "Convert it to text, or name it in .qabotignore.")
    if not text.strip().strip("\ufeff\u200b\u2060").strip():
        raise ArticleError("the file is empty")
    return text
