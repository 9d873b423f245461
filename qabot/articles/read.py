"""A file -> an Article."""

from __future__ import annotations

import hashlib
import html
from dataclasses import fields
from pathlib import Path

from qabot.articles.article import Article, Metadata
from qabot.articles.decode import decode
from qabot.articles.front_matter import Overrides, metadata_from, read_front_matter
from qabot.errors import ArticleError

# Of what this file and body.py make of a file: another number has every article read anew.
CLEANING_VERSION = 2
MAX_BYTES = 20 * 1024 * 1024
_EXTRACTED = (".html", ".htm", ".pdf")
_EXTRACTED_KEPT = 16


def read_article(seeds: Path, path: str, overrides: Overrides | None = None, *, max_bytes: int = MAX_BYTES) -> Article:
    """The article at ``path``, relative to ``seeds``.

    What is said of it in ``overrides`` goes before its front matter, that before an HTML page's or PDF's own
    account, that before its text. Raises ArticleError naming the file and what is wrong with it.
    """
    from qabot.articles.body import mark_body  # a question checks texts, and reads no article
    from qabot.articles.stated import stated_metadata

    raw, text, own, start = _read(seeds, path, max_bytes)
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


def text_of(seeds: Path, path: str, max_bytes: int = MAX_BYTES) -> str:
    """The article's text alone. Raises ArticleError, also for a path that leads out of ``seeds``."""
    if Path(path).is_absolute() or ".." in Path(path).parts:
        raise ArticleError(f"{path} is not a path inside {seeds}")
    return _read(seeds, path, max_bytes)[1]


def _read(seeds: Path, path: str, max_bytes: int) -> tuple[bytes, str, Metadata, int]:
    """The file, its text, what it says of itself, and where its body begins."""
    try:
        raw = _read_bytes(seeds / path, max_bytes)
        suffix = Path(path).suffix.casefold()
        start, own = 0, Metadata()
        if suffix in (".html", ".htm"):
            from qabot.articles.html import declared_encoding, extract_html

            text, own = extract_html(decode(raw, declared_encoding(raw)))
        elif suffix == ".pdf":
            from qabot.articles.pdf import extract_pdf

            text, own = extract_pdf(raw)
        else:
            text = decode(raw)
            own, start = read_front_matter(text)
    except ArticleError as error:
        raise ArticleError(f"{path}: {error.problem}", error.remedy) from error
    return raw, text, own, start


def _read_bytes(file: Path, max_bytes: int) -> bytes:
    try:
        with file.open("rb") as stream:
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


def is_file_text(path: str) -> bool:
    """Whether an article's text is its file, decoded; of HTML and PDF it is what was extracted."""
    return Path(path).suffix.casefold() not in _EXTRACTED


class TextsToday:
    """Articles' texts as their files have them now, for any number of threads."""

    def __init__(self, seeds: Path, max_bytes: int) -> None:
        self._seeds = seeds
        self._max_bytes = max_bytes
        self._extracted: dict[tuple[str, int, int], str] = {}

    def of(self, path: str) -> str | None:
        """``None`` where the article is gone, no longer one, or outside the folder."""
        try:
            if is_file_text(path):
                return text_of(self._seeds, path, self._max_bytes)
            # Taking a page's or a PDF's text out takes longer than answering: once for each state of the file.
            looked = (self._seeds / path).stat()
            key = (path, looked.st_mtime_ns, looked.st_size)
            text = self._extracted.get(key)
            if text is None:
                text = text_of(self._seeds, path, self._max_bytes)
                self._extracted = dict([(key, text), *self._extracted.items()][:_EXTRACTED_KEPT])
            return text
        except (ArticleError, OSError, ValueError):
            return None
