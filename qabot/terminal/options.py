"""Options that several commands take: the filters, said once, and those of every command, before or after its name."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Optional

import typer
from typer.core import TyperGroup

from qabot.terminal.shell import complete_article, complete_author, complete_date, complete_outlet

Text = Optional[str]  # noqa: UP045

_FILTERS = {
    "outlet": typer.Option(
        "--outlet", help="Only articles of this outlet (a part of its name).", autocompletion=complete_outlet
    ),
    "author": typer.Option(
        "--author", help="Only articles by this author (a part of the name).", autocompletion=complete_author
    ),
    "since": typer.Option(
        "--since",
        help="Only articles of this date or later: 2023-11-04, 2023-11, 2023.",
        autocompletion=complete_date,
    ),
    "until": typer.Option("--until", help="Only articles of this date or earlier.", autocompletion=complete_date),
    "article": typer.Option(
        "--article", help="Only articles whose path matches, such as '2023/*.md'.", autocompletion=complete_article
    ),
}
# Of every command: with a value, and without.
_VALUED = ("--seeds", "--embeddings", "--config")
_PLAIN = ("--no-refresh",)


def filtered(command: Callable[..., None]) -> Callable[..., None]:
    """A command whose ``filters`` are made from an option each."""
    # A name that is not imported yet, since that would load the engine for --help.
    command.__annotations__.pop("filters")
    signature = inspect.signature(command, eval_str=True)
    options = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[Text, option])
        for name, option in _FILTERS.items()
    ]
    own = [parameter for parameter in signature.parameters.values() if parameter.name != "filters"]

    @functools.wraps(command)
    def with_options(**values: Any) -> None:
        from qabot import Filters

        command(filters=Filters(**{name: values.pop(name) for name in _FILTERS}), **values)

    by_name = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own]
    with_options.__signature__ = signature.replace(parameters=[*by_name, *options])  # type: ignore[attr-defined]
    with_options.__annotations__ = {parameter.name: parameter.annotation for parameter in [*by_name, *options]}
    return with_options


class AnywhereGroup(TyperGroup):
    """Commands among whose arguments the options of all commands may stand."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        return super().parse_args(ctx, brought_forward(args))


def brought_forward(args: Sequence[str]) -> list[str]:
    """The arguments with the options of all commands first; after ``--`` all are arguments."""
    end = args.index("--") if "--" in args else len(args)
    first: list[str] = []
    others: list[str] = []
    waiting = list(args[:end])
    while waiting:
        argument = waiting.pop(0)
        if argument in _VALUED and waiting:
            first += [argument, waiting.pop(0)]
        elif argument in _PLAIN or argument.startswith(tuple(f"{name}=" for name in _VALUED)):
            first.append(argument)
        else:
            others.append(argument)
    return [*first, *others, *args[end:]]
