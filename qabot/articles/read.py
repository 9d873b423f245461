"""A file -> an Article."""

from __future__ import annotations

import hashlib
import html
import os
import stat
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path, PurePath

from qabot.articles.article import Article, Metadata
from qabot.articles.decode import decode
from qabot.articles.extraction import Extractor, Kind
from qabot.articles.find import is_article_name, is_inside
from qabot.articles.front_matter import Overrides, front_values, metadata_from, read_front_matter
from qabot.errors import ArticleError
from qabot.settings import ArticleSettings

# Of what this file and body.py make of a file: another number has every article read anew.
CLEANING_VERSION = 2
_EXTRACTED: Mapping[str, Kind] = {".html": "html", ".htm": "html", ".pdf": "pdf"}
_EXTRACTED_KEPT = 16
_EMPTY = ("the file is empty", "Put a text into it, or remove it.")
_DEFAULTS = ArticleSettings()


def read_article(
    seeds: Path,
    path: str,
    overrides: Overrides | None = None,
    *,
    limits: ArticleSettings = _DEFAULTS,
    extractor: Extractor | None = None,
) -> Article:
    """The article at ``path``, relative to ``seeds``; HTML and PDF through ``extractor``, or one for this file alone.

    What is said of it in ``overrides`` goes before its front matter, that before an HTML page's or PDF's own
    account, that before its text. Raises ArticleError naming the file and what is wrong with it.
    """
    from qabot.articles.body import mark_body  # a question checks texts, and reads no article
    from qabot.articles.stated import stated_metadata

    try:
        raw = _read_bytes(seeds / path, limits.max_bytes)
        text, own, start = _text(raw, path, limits, extractor)
    except ArticleError as error:
        raise ArticleError(f"{path}: {error.problem}", error.remedy) from error
    said = metadata_from((overrides or {}).get(path) or (overrides or {}).get(Path(path).name) or {})
    known = _first_known(said, own)
    blocks, left_out = mark_body(text, start, known.title)
    return Article(
        path=path,
        text=text,
        metadata=_decoded(_first_known(known, stated_metadata(text, blocks, left_out))),
        blocks=blocks,
        left_out=left_out,
        content_hash=hashlib.sha256(raw).hexdigest(),
    )


def _text(raw: bytes, path: str, limits: ArticleSettings, extractor: Extractor | None) -> tuple[str, Metadata, int]:
    """A file's text, what it says of itself, and where its body begins."""
    kind = _EXTRACTED.get(Path(path).suffix.casefold())
    if kind is None:
        text = _file_text(raw, limits)
        return text, *read_front_matter(text)
    if not raw:
        raise ArticleError(*_EMPTY)
    if extractor is not None:
        text, own = extractor.extract(kind, raw)
    else:
        with Extractor(limits) as alone:
            text, own = alone.extract(kind, raw)
    return _within(text, limits), own, 0


def _file_text(raw: bytes, limits: ArticleSettings) -> str:
    if not raw:
        raise ArticleError(*_EMPTY)
    return _within(decode(raw), limits)


def _within(text: str, limits: ArticleSettings) -> str:
    if len(text) > limits.max_characters:
        raise ArticleError(
            f"it has more than {limits.max_characters:,} characters of text", "Raise [articles] max_characters."
        )
    return text


def _read_bytes(file: Path, max_bytes: int) -> bytes:
    try:
        # Not to wait for what a named pipe may hold; what became one since it was looked at is none of ours.
        descriptor = os.open(file, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with open(descriptor, "rb") as stream:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise ArticleError("not a regular file", "Name a file.")
            raw = stream.read(max_bytes + 1)
    except FileNotFoundError as error:
        raise ArticleError("the file is gone") from error
    except (OSError, ValueError) as error:  # ValueError for a NUL in the path
        what = getattr(error, "strerror", None) or error
        raise ArticleError(f"the file cannot be read: {what}", "Check its permissions.") from error
    if len(raw) > max_bytes:
        raise ArticleError(f"the file is larger than {max_bytes:,} bytes", "Raise [articles] max_bytes.")
    return raw


def _first_known(first: Metadata, second: Metadata) -> Metadata:
    names = [field.name for field in fields(Metadata)]
    return Metadata(**{name: getattr(first, name) or getattr(second, name) for name in names})


def _decoded(metadata: Metadata) -> Metadata:
    """With "&" for the "&amp;" of titles that were exported from pages."""
    values = {field.name: getattr(metadata, field.name) for field in fields(Metadata)}
    return Metadata(**{name: html.unescape(value) if value else value for name, value in values.items()})


def body_start(path: str, text: str) -> int:
    """Where the reporting begins in an article's text, after its front matter; in characters."""
    if not is_file_text(path):
        return 0
    try:
        return read_front_matter(text)[1]
    except ArticleError:
        return 0


def stated_above(file: Path, limits: ArticleSettings) -> Mapping[str, object]:
    """The values of a file's front matter, as they stand there. Raises ArticleError."""
    return front_values(decode(_read_bytes(file, limits.max_bytes)))[0]


def is_file_text(path: str) -> bool:
    """Whether an article's text is its file, decoded; of HTML and PDF it is what was extracted."""
    return Path(path).suffix.casefold() not in _EXTRACTED


class TextsToday:
    """Articles' texts as their files have them now, for any number of threads.

    Taking a page's or a PDF's text out takes longer than answering. ``extracted`` gives the text that was taken out of
    an article's file before, by its path and the hash of its content, ``None`` where it was not.
    """

    def __init__(
        self,
        seeds: Path,
        limits: ArticleSettings,
        extracted: Callable[[str, str], str | None] = lambda path, digest: None,
    ) -> None:
        self._seeds = seeds
        self._limits = limits
        self._extracted_before = extracted
        self._extracted: dict[tuple[str, str], str] = {}

    def of(self, path: str) -> str | None:
        """``None`` where the article is gone, no longer one, or outside the folder."""
        try:
            return self._read(path)
        except (ArticleError, OSError, ValueError):
            return None

    def fault(self, path: str) -> str:
        """Why there is none, in a clause; empty where there is one."""
        try:
            self._read(path)
        except ArticleError as error:
            return error.problem
        except (OSError, ValueError):
            return "the file cannot be read"
        return ""

    def _read(self, path: str) -> str:
        if not is_article_name(PurePath(path).name) or not is_inside(self._seeds / path, self._seeds):
            raise ArticleError("it is no article any more")
        raw = _read_bytes(self._seeds / path, self._limits.max_bytes)
        if is_file_text(path):
            return _file_text(raw, self._limits)  # what is above it is not read: a quote is looked for in the whole
        key = (path, hashlib.sha256(raw).hexdigest())
        text = self._extracted.get(key)
        if text is None:
            text = self._extracted_before(*key)
        if text is None:
            text = _text(raw, path, self._limits, None)[0]
        self._extracted = dict([(key, text), *self._extracted.items()][:_EXTRACTED_KEPT])
        return text
