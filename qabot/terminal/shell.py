"""What a shell completes: outlets, authors, dates and paths, from the index as it is, and kept conversations."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from qabot.terminal.collection import Collection

if TYPE_CHECKING:
    from qabot.terminal.names import Named

Completes = Callable[[click.Context, click.Parameter, str], list[str]]


def complete_names(what: Named) -> Completes:
    """Completes what the articles have of these."""

    def complete(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
        from qabot import Engine, QabotError
        from qabot.terminal.names import matching, names_of

        given = context.find_root().params
        collection = Collection(given.get("seeds"), given.get("embeddings"), given.get("config"))
        try:
            articles = Engine(collection.settings(), auto_refresh=False).articles()
        except QabotError:
            return []  # nothing is indexed yet: there is nothing to offer
        return matching(names_of(what, articles), incomplete)

    return complete


def complete_conversation(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    from qabot.terminal.conversations import kept_conversations

    past = kept_conversations().past()
    return [found.id for found in past if found.id.startswith(incomplete)]
