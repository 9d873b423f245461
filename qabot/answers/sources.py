"""Follow-ups about where an answer came from: who reported it, and when; and what was shown already."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from qabot.answers.answer import Citation, Span, Statement
from qabot.answers.compose import Quoted, called, cite, in_quotes
from qabot.answers.quotation import shown
from qabot.index import StoredArticle
from qabot.questions import Asked, Conversation, Intent, Turn


def source_of(
    turn: Turn, intent: Intent, articles: Sequence[StoredArticle], text_of: Callable[[int], str]
) -> tuple[tuple[Statement, ...], tuple[Citation, ...]]:
    """Who published what the turn quoted, or when, one an article; nothing where it quoted nothing that is left."""
    by_path = {article.path: article for article in articles}
    statements: list[Statement] = []
    citations: list[Citation] = []
    for cited in {cited.article: cited for cited in reversed(turn.cited)}.values():
        article = by_path.get(cited.article)
        if article is None:
            continue
        text, quote = text_of(article.id), cited.quote
        start = cited.start if text.startswith(quote, cited.start) else text.find(quote)
        if not quote or start < 0:
            continue  # the article no longer has these words
        number = len(citations) + 1
        citations.append(cite(number, Quoted(article, start, start + len(quote), quote, shown(quote))))
        line = shown(_line(article, intent))
        statements.append(Statement(line, (number,), (Span(0, len(line)),)))
    return tuple(statements), tuple(citations)


def shown_before(conversation: Conversation, asked: Asked) -> frozenset[tuple[str, int]]:
    """Path and start of what was quoted for this question already, or for the one that it follows up on."""
    return frozenset(
        (cited.article, cited.start)
        for turn in conversation.turns
        if turn.searched_for == asked.searched_for or (asked.others and turn == asked.follows)
        for cited in turn.cited
    )


def _line(article: StoredArticle, intent: Intent) -> str:
    metadata = article.metadata
    if intent == "published":
        when = f"was published on {metadata.published}" if metadata.published else "does not say when it was published"
        return f"{called(article)} {when}."
    known = [metadata.outlet or "An outlet that the article does not name"]
    if metadata.author:
        known.append(f"by {metadata.author}")
    if metadata.published:
        known.append(metadata.published)
    via = f"; it cites {metadata.via}" if metadata.via else ""
    title = in_quotes(metadata.title) if metadata.title else article.path
    return f"{', '.join(known)}: {title}{via}."
