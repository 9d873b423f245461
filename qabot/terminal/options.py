"""Options that several commands take: the filters, said once, and those of every command, before or after its name."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from qabot.terminal.ending import interruptible
from qabot.terminal.shell import complete_names

if TYPE_CHECKING:
    from qabot import Filters

Taking = TypeVar("Taking", bound=Callable[..., Any])

# What cannot be read or written is said where it is tried.
PATH = click.Path(readable=False)
FILE = click.Path(readable=False, path_type=Path)

json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")

_FILTERS = (
    click.option(
        "--outlet", help="Only articles of this outlet (a part of its name).", shell_complete=complete_names("outlet")
    ),
    click.option(
        "--author", help="Only articles by this author (a part of the name).", shell_complete=complete_names("author")
    ),
    click.option(
        "--since",
        metavar="DATE",
        help="Only articles of this date or later: 2023-11-04, 2023-11, 2023.",
        shell_complete=complete_names("date"),
    ),
    click.option(
        "--until", metavar="DATE", help="Only articles of this date or earlier.", shell_complete=complete_names("date")
    ),
    click.option(
        "--article",
        metavar="GLOB",
        help="Only articles whose path matches, such as '2023/*.md'.",
        shell_complete=complete_names("article"),
    ),
)
_EVERYWHERE = (
    click.option("--seeds", metavar="DIR", type=PATH, help="The folder of articles."),
    click.option("--embeddings", metavar="DIR", type=PATH, help="Where the index is kept."),
    click.option("--config", metavar="FILE", type=FILE, help="A settings file."),
    click.option("--no-refresh", is_flag=True, help="Ask the index as it is, even behind the articles."),
)
# The names of these: with a value, and without.
_VALUED = ("--seeds", "--embeddings", "--config")
_PLAIN = ("--no-refresh",)


def everywhere(group: Taking) -> Taking:
    """A group that takes the options of every command."""
    return _with(_EVERYWHERE, group)


@dataclass(frozen=True, slots=True)
class Narrowing:
    """The filters as they were given."""

    outlet: str | None
    author: str | None
    since: str | None
    until: str | None
    article: str | None

    def filters(self) -> Filters:
        """They load the engine, which --help does without, and which is loaded beside the models. Raises UsageError."""
        from qabot import Filters

        return Filters(self.outlet, self.author, self.since, self.until, self.article)


def filtered(command: Callable[..., None]) -> Callable[..., None]:
    """A command whose ``narrowing`` is made from an option each."""

    @functools.wraps(command)
    def with_narrowing(
        *given: Any,
        outlet: str | None,
        author: str | None,
        since: str | None,
        until: str | None,
        article: str | None,
        **others: Any,
    ) -> None:
        command(*given, narrowing=Narrowing(outlet, author, since, until, article), **others)

    return _with(_FILTERS, with_narrowing)


def _with(options: Sequence[Callable[[Taking], Taking]], command: Taking) -> Taking:
    for option in reversed(options):
        command = option(command)
    return command


class Commands(click.Group):
    """Commands in the order they are defined in, among whose arguments the options of all commands may stand."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, brought_forward(args))

    def invoke(self, ctx: click.Context) -> Any:
        try:
            with interruptible():
                return super().invoke(ctx)
        except KeyboardInterrupt:
            ctx.exit(130)  # as shells have it for Ctrl-C; click's is 1, with "Aborted!"


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
