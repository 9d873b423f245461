"""Lists in a conversation: articles, passages, commands."""

from __future__ import annotations

from collections.abc import Sequence

from qabot import Hit, StoredArticle
from qabot.phrases import counted, day
from qabot.terminal.text import one_line
from qabot.terminal.view import GAP, Block, LinkOf, Piece, View, words


def articles_view(articles: Sequence[StoredArticle], link_of: LinkOf) -> View:
    """A line an article: when, who, title; and its path."""
    view: View = []
    for article in articles:
        metadata = article.metadata
        when = day(metadata.published) if metadata.published else "undated"
        known = [when, metadata.outlet, metadata.author, metadata.title]
        about = " · ".join(one_line(value) for value in known if value)
        view.append(Block((Piece(about, link=link_of(article.path)),), 0, 2, crop=True))
        view.append(words(article.path, "dim", indent=2, crop=True))
    return [*view, words(counted(len(articles), "article"), "dim")]


def hits_view(hits: Sequence[Hit], link_of: LinkOf) -> View:
    """Passages, the best first."""
    view: View = [] if hits else [words("Nothing is like that.", "dim")]
    for rank, hit in enumerate(hits, 1):
        metadata = hit.article.metadata
        known = [metadata.outlet, metadata.author, day(metadata.published) if metadata.published else None]
        place = f"{hit.article.path}:{hit.start}-{hit.end}"
        about = " · ".join(one_line(value) for value in [*known, place] if value)
        view += [GAP] if rank > 1 else []
        view += [
            Block((Piece(f"{rank}. ", "marker"), Piece(about, "strong", link_of(hit.article.path))), 0, 3, crop=True),
            words(hit.text, indent=3),
        ]
    return view
