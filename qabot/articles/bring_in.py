"""`qabot import`: a file from elsewhere -> a Markdown article with front matter and a tidy name."""

from __future__ import annotations

import hashlib
import re
import stat
import unicodedata
from pathlib import Path

from qabot.articles.article import Article, Metadata
from qabot.articles.find import find_articles
from qabot.articles.read import read_article
from qabot.errors import ArticleError
from qabot.settings import ArticleSettings

_MAX_NAME = 80


def bring_in(file: Path, seeds: Path, *, limits: ArticleSettings) -> tuple[Path, bool]:
    """Copies ``file`` into ``seeds``; gives where it is there, and whether it is new.

    The text is copied as it is, below front matter with what is known of it. A text that is there already is
    not copied again. Raises ArticleError where ``file`` cannot be read or goes beyond a limit.
    """
    try:
        is_folder = stat.S_ISDIR(file.stat().st_mode)
    except FileNotFoundError as error:
        raise ArticleError(f"There is no file {file}.", "Name one that there is: qabot import FILE...") from error
    except (OSError, ValueError):
        is_folder = False  # reading it says what is wrong
    if is_folder:
        raise ArticleError(f"{file} is a folder.", f"Name the files in it: qabot import {file}/*")
    article = read_article(Path(), str(file), limits=limits)
    content = _with_front_matter(article).encode("utf-8", "surrogatepass")
    digest = hashlib.sha256(content).hexdigest()
    if seeds.is_dir():
        for found in find_articles(seeds):
            there = seeds / found.path
            if found.size == len(content) and hashlib.sha256(there.read_bytes()).hexdigest() == digest:
                return there, False
    name = _tidy_name(article.metadata, file.stem)
    target = seeds / f"{name}.md"
    number = 1
    try:
        seeds.mkdir(parents=True, exist_ok=True)
        while not _written(target, content):
            number += 1
            target = seeds / f"{name}-{number}.md"
    except OSError as error:
        raise ArticleError(
            f"{target} cannot be written: {error.strerror}.", "Check the folder's permissions and the disk's room."
        ) from error
    return target, True


def _written(target: Path, content: bytes) -> bool:
    """Whether there was nothing of this name yet: no file, and no link that would lead the text elsewhere."""
    try:
        stream = target.open("xb")
    except FileExistsError:
        return False
    try:
        with stream:
            stream.write(content)
    except OSError:
        target.unlink(missing_ok=True)  # half an article, on a full disk
        raise
    return True


def _with_front_matter(article: Article) -> str:
    if any(span.reason == "front matter" for span in article.left_out):
        return article.text
    import yaml

    known = {name: value for name in Metadata.__slots__ if (value := getattr(article.metadata, name)) is not None}
    if not known:
        return article.text
    front = yaml.safe_dump(known, allow_unicode=True, sort_keys=False, width=10_000)
    return f"---\n{front}---\n\n{article.text}"


def _tidy_name(metadata: Metadata, stem: str) -> str:
    """``2023-11-04-what-the-title-says``: lower case, ASCII, no longer than a screen is wide."""
    title = unicodedata.normalize("NFKD", metadata.title or stem).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", title.casefold()).strip("-") or "article"
    dated = f"{metadata.published}-{slug}" if metadata.published else slug
    return dated[:_MAX_NAME].rstrip("-")
