"""What is stated about articles beside their text, in articles.toml and front matter, and not understood."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePath

from qabot.articles.find import find_articles
from qabot.articles.front_matter import OVERRIDES_FILE, not_understood, read_overrides
from qabot.articles.read import is_file_text, stated_above
from qabot.errors import ArticleError
from qabot.settings import ArticleSettings


def statements_not_understood(seeds: Path, limits: ArticleSettings) -> Iterator[str]:
    """Each as ``haifa.md: published = '2023-13-45'``. Raises SeedsError, and UsageError for a broken articles.toml."""
    paths = [file.path for file in find_articles(seeds)]
    names = {*paths, *(PurePath(path).name for path in paths)}
    for path, values in read_overrides(seeds).items():
        if path not in names:
            yield f"{OVERRIDES_FILE}: there is no article {path}"
        # This table is for nothing else; front matter has keys of other programs.
        yield from (f"{OVERRIDES_FILE}, {path}: {fault}" for fault in not_understood(values, others=False))
    for path in paths:
        if not is_file_text(path):
            continue
        try:
            values = stated_above(seeds / path, limits)
        except ArticleError:
            continue  # it is not indexed, which is told
        yield from (f"{path}: {fault}" for fault in not_understood(values, others=True))
