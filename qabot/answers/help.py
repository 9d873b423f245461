"""What qabot says of itself."""

from __future__ import annotations

from collections.abc import Sequence

from qabot.answers.compose import collection_described
from qabot.index import StoredArticle
from qabot.questions import About

_MOST = 8


def help_notes(kind: About, articles: Sequence[StoredArticle]) -> tuple[str, ...]:
    """What qabot says of itself, a note a line."""
    described = collection_described(articles)
    if kind == "thanks":
        return ("You are welcome. Ask on whenever you like.",)
    if kind == "articles":
        lines = [_title(article) for article in articles[:_MOST]]
        if len(articles) > _MOST:
            lines.append(f"and {len(articles) - _MOST} more")
        return (f"I answer from {described}:", *lines)
    opening = "Hello. " if kind == "greeting" else ""
    titles = [article.metadata.title for article in articles if article.metadata.title][:2]
    such = f" For example about “{'” or “'.join(titles)}”." if titles else ""
    told = (
        f"{opening}I answer questions about the reporting in {described}: in its own words, with who reported it and "
        f"the exact quote. When the articles do not say, I say so.{such} "
        "Ask who said what, how much, when, or why; then follow up with “and the others?” or “who said that?”."
    )
    return (told,)


def _title(article: StoredArticle) -> str:
    metadata = article.metadata
    known = [metadata.outlet, metadata.published, metadata.title or article.path]
    return " · ".join(value for value in known if value)
