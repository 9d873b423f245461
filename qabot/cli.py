"""The commands: parse, call, print. Data goes to stdout, everything else to stderr."""

from __future__ import annotations

import io
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from qabot import __version__
from qabot.errors import QabotError, UsageError
from qabot.settings import Settings, load_settings

if TYPE_CHECKING:
    from qabot import Engine

# Typer evaluates annotations at run time; on Python 3.10 it does not take "str | None" in them.
Text = Optional[str]  # noqa: UP045
File = Optional[Path]  # noqa: UP045

app = typer.Typer(
    add_completion=True,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Answers questions about a folder of news reporting: in its own words, cited, checked.",
)

NoRefresh = Annotated[bool, typer.Option("--no-refresh", help="Ask the index as it is, even behind the articles.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")]
Outlet = Annotated[Text, typer.Option("--outlet", help="Only articles of this outlet (a part of its name).")]
Author = Annotated[Text, typer.Option("--author", help="Only articles by this author (a part of the name).")]
Since = Annotated[Text, typer.Option("--since", help="Only articles of this date or later: 2023-11-04, 2023-11, 2023.")]
Until = Annotated[Text, typer.Option("--until", help="Only articles of this date or earlier.")]
Glob = Annotated[Text, typer.Option("--article", help="Only articles whose path matches, such as '2023/*.md'.")]


@dataclass(frozen=True)
class _Globals:
    seeds: str | None
    embeddings: str | None
    config: Path | None


def main() -> None:
    """The console script."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal of another encoding shows what it lacks as an escape, instead of ending the program.
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
    except QabotError as error:
        from qabot.terminal.text import visible

        print(f"qabot: {visible(str(error))}", file=sys.stderr)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"qabot {__version__}")
        raise typer.Exit


@app.callback()
def _all_commands(
    context: typer.Context,
    seeds: Annotated[Text, typer.Option("--seeds", metavar="DIR", help="The folder of articles.")] = None,
    embeddings: Annotated[Text, typer.Option("--embeddings", metavar="DIR", help="Where the index is kept.")] = None,
    config: Annotated[File, typer.Option("--config", metavar="FILE", help="A settings file.")] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print it and stop.")
    ] = False,
) -> None:
    context.obj = _Globals(seeds, embeddings, config)


def _settings(context: typer.Context) -> Settings:
    wanted: _Globals = context.obj
    flags = {"paths.seeds": wanted.seeds, "paths.embeddings": wanted.embeddings}
    return load_settings(config=wanted.config, flags=flags)


def _engine(context: typer.Context, *, refresh: bool = True, beside: bool = False) -> Engine:
    from qabot import Engine
    from qabot.terminal.progress import Progress

    progress = Progress()
    return Engine(_settings(context), auto_refresh=refresh, beside=beside, say=progress.say, on_progress=progress)


def _prepared(context: typer.Context, *, refresh: bool, beside: bool = False) -> Engine:
    from qabot.terminal.render import render_report

    engine = _engine(context, refresh=refresh, beside=beside)
    report = engine.prepare()
    if report is not None:
        print(render_report(report), file=sys.stderr)
    return engine


@app.command()
def index(
    context: typer.Context,
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Make it anew, embedding everything.")] = False,
) -> None:
    """Bring embeddings/ in line with seeds/."""
    from qabot.terminal.render import render_report

    report = _engine(context).refresh(rebuild=rebuild)
    if report.rebuilt_because:
        print(f"Made anew: the index was made with {report.rebuilt_because}.", file=sys.stderr)
    print(render_report(report))


@app.command()
def ask(
    context: typer.Context,
    question: Annotated[Text, typer.Argument(help="What you want to know.")] = None,
    batch: Annotated[
        File, typer.Option("--batch", metavar="FILE", help="JSONL of {id, question, history}; one JSON answer a line.")
    ] = None,
    as_json: Json = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="Why this answer, or why none: a table on stderr.")
    ] = False,
    no_refresh: NoRefresh = False,
    outlet: Outlet = None,
    author: Author = None,
    since: Since = None,
    until: Until = None,
    article: Glob = None,
) -> None:
    """Answer one question, or a file of them. Exits 0 when answered, 3 when the articles do not say."""
    from qabot import Filters, clean_question
    from qabot.terminal.batch import answer_batch
    from qabot.terminal.render import render_answer
    from qabot.wire import answer_json, read_batch

    if explain and batch is not None:
        raise UsageError("--explain is for one question.", "Leave off --batch.")
    if (question is None) == (batch is None):
        raise UsageError("Give a question or --batch FILE.", 'qabot ask "Who said what, and when?"')
    filters = Filters(outlet, author, since, until, article)
    if batch is not None:
        questions = read_batch(batch)
        engine = _prepared(context, refresh=not no_refresh)
        answer_batch(engine, questions, filters, sys.stdout)
        return
    assert question is not None
    clean_question(question)  # a question that cannot be asked is refused before anything is built for it
    answer, reply = _prepared(context, refresh=not no_refresh).explain(question, filters=filters)
    print(answer_json(answer) if as_json else render_answer(answer))
    if explain:
        from qabot.terminal.explain import render_explanation

        told = render_explanation(reply) if reply else "Nothing was searched: the question is about qabot itself."
        print(f"\n{told}", file=sys.stderr)
    if answer.status == "abstained":
        raise typer.Exit(3)


@app.command()
def chat(context: typer.Context, no_refresh: NoRefresh = False) -> None:
    """Ask in a conversation; with piped input, a question a line."""
    from qabot.terminal.chat import chat as converse

    with _prepared(context, refresh=not no_refresh, beside=True) as engine:
        raise typer.Exit(converse(engine))


@app.command()
def bot(
    context: typer.Context,
    invite: Annotated[bool, typer.Option("--invite", help="Print the link that invites the bot, and stop.")] = False,
    log_json: Annotated[bool, typer.Option("--log-json", help="Log as JSON, an object a line.")] = False,
    no_refresh: NoRefresh = False,
) -> None:
    """Run the Discord bot, until it is stopped. docs/discord.md has the way there."""
    import asyncio

    from qabot import Engine
    from qabot.discord_bot.run import invite_links, run
    from qabot.discord_bot.token import read_token

    settings = _settings(context)
    token = read_token(settings.discord)
    if invite:
        server, account = asyncio.run(invite_links(settings, token))
        print(f"In a server:  {server}\nFor yourself: {account}")
        return
    said = _said_in_the_log if log_json else _said_on_stderr
    run(Engine(settings, auto_refresh=not no_refresh, beside=True, say=said), settings, token, log_json=log_json)


def _said_in_the_log(line: str) -> None:
    import logging

    logging.getLogger("qabot").info("%s", line)


def _said_on_stderr(line: str) -> None:
    from qabot.terminal.text import visible

    print(visible(line), file=sys.stderr, flush=True)


@app.command()
def feedback(
    context: typer.Context,
    as_json: Json = False,
    gold: Annotated[
        File, typer.Option("--gold", metavar="FILE", help="Write gold questions to go through, JSONL, to this file.")
    ] = None,
) -> None:
    """What people voted in Discord: helpful, wrong or missing, and why."""
    from qabot.discord_bot.feedback import feedback_json, feedback_lines, gold_candidates
    from qabot.discord_bot.store import open_store
    from qabot.terminal.text import visible

    store = open_store(_settings(context))
    votes = store.feedback()
    store.close()
    if gold is not None:
        try:
            gold.write_text(gold_candidates(votes) + "\n", encoding="utf-8")
        except OSError as error:
            raise UsageError(f"{gold} cannot be written: {error.strerror}.", "Name another file.") from error
    print(feedback_json(votes) if as_json else visible(feedback_lines(votes)))


@app.command()
def verify(
    context: typer.Context,
    answer: Annotated[Path, typer.Argument(help="A saved answer, or several, a line each: `qabot ask --json`.")],
    as_json: Json = False,
) -> None:
    """Check a saved answer's quotes against today's articles. Exits 0 when all stand where they did or moved."""
    from qabot.terminal.render import render_verified
    from qabot.wire import read_answers, verified_json

    engine = _engine(context, refresh=False)
    answers = read_answers(answer)
    checked = [found for saved in answers for found in engine.verify(saved)]
    print(verified_json(checked) if as_json else render_verified(checked))
    if any(found.state in ("changed", "gone") for found in checked):
        raise typer.Exit(1)


@app.command()
def search(
    context: typer.Context,
    query: Annotated[str, typer.Argument(help="What to look for.")],
    most: Annotated[int, typer.Option("-k", min=1, max=100, help="How many passages.")] = 5,
    as_json: Json = False,
    no_refresh: NoRefresh = False,
    outlet: Outlet = None,
    author: Author = None,
    since: Since = None,
    until: Until = None,
    article: Glob = None,
) -> None:
    """Rank passages, without an answer."""
    from qabot import Filters, clean_question
    from qabot.terminal.render import render_hits
    from qabot.wire import hits_json

    filters = Filters(outlet, author, since, until, article)
    clean_question(query)
    hits = _prepared(context, refresh=not no_refresh).search(query, most=most, filters=filters)
    print(hits_json(query, hits) if as_json else render_hits(hits))


@app.command()
def status(
    context: typer.Context,
    article: Annotated[
        Text, typer.Option("--article", metavar="PATH", help="What is left out of this article, and why.")
    ] = None,
    as_json: Json = False,
) -> None:
    """What the index holds; nothing is built."""
    from qabot.terminal.render import render_left_out, render_status
    from qabot.wire import left_out_json, status_json

    engine = _engine(context, refresh=False)
    engine.look()
    if article is not None:
        text, spans = engine.left_out(article)
        print(left_out_json(article, text, spans) if as_json else render_left_out(article, text, spans))
        return
    found, articles = engine.status(), engine.articles()
    print(status_json(found, articles, engine.stale) if as_json else render_status(found, articles, engine.stale))


@app.command("eval")
def evaluate(
    context: typer.Context,
    gold: Annotated[Path, typer.Argument(help="Gold questions, JSONL.")],
    as_json: Json = False,
    compare: Annotated[
        File, typer.Option("--compare", metavar="FILE", help="An earlier run's --json, to compare with.")
    ] = None,
    no_refresh: NoRefresh = False,
) -> None:
    """Figures over gold questions: recall, answers, abstention, quotes, length."""
    from qabot.evaluation import by_type, evaluate, read_figures, read_gold, rows
    from qabot.terminal.render import render_table
    from qabot.wire import to_json

    questions = read_gold(gold)
    before = read_figures(compare) if compare else None
    table = by_type(evaluate(_prepared(context, refresh=not no_refresh), questions))
    print(to_json(table) if as_json else render_table(*rows(table, before)))


@app.command("import")
def bring_in(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(help="Articles to copy.")],
) -> None:
    """Copy articles into seeds/ under tidy names, with front matter."""
    from qabot.articles.bring_in import bring_in as copy
    from qabot.errors import ArticleError

    seeds = _settings(context).seeds
    failed = False
    for file in files:
        try:
            target, new = copy(file, seeds)
        except ArticleError as error:
            print(f"qabot: {error}", file=sys.stderr)
            failed = True
            continue
        print(f"{file} -> {target}" if new else f"{file} is there already: {target}")
    if failed:
        raise typer.Exit(1)


if __name__ == "__main__":
    main()
