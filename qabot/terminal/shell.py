"""What a shell completes: outlets, authors, dates and paths, from the index as it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def complete_outlet(ctx: Any, incomplete: str) -> list[str]:
    return _named(ctx, "outlet", incomplete)


def complete_author(ctx: Any, incomplete: str) -> list[str]:
    return _named(ctx, "author", incomplete)


def complete_date(ctx: Any, incomplete: str) -> list[str]:
    return _named(ctx, "date", incomplete)


def complete_article(ctx: Any, incomplete: str) -> list[str]:
    return _named(ctx, "article", incomplete)


def complete_conversation(incomplete: str) -> list[str]:
    from qabot.terminal.conversations import Conversations, state_folder

    past = Conversations(state_folder() / "conversations").past()
    return [found.id for found in past if found.id.startswith(incomplete)]


def _named(ctx: Any, what: Any, incomplete: str) -> list[str]:
    from qabot import Engine, QabotError, load_settings
    from qabot.terminal.names import matching, names_of

    given = ctx.find_root().params
    flags = {"paths.seeds": given.get("seeds"), "paths.embeddings": given.get("embeddings")}
    config = given.get("config")
    try:
        engine = Engine(load_settings(config=Path(config) if config else None, flags=flags), auto_refresh=False)
        return matching(names_of(what, engine.articles()), incomplete)
    except QabotError:
        return []  # nothing is indexed yet: there is nothing to offer
