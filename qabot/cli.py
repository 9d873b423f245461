"""The commands: parse, call, print. Data goes to stdout, everything else to stderr."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from qabot import __version__
from qabot.errors import ArticleError, QabotError, UsageError
from qabot.settings import Settings, load_settings
from qabot.terminal.options import AnywhereGroup, filtered
from qabot.terminal.shell import complete_conversation
from qabot.terminal.text import fit_streams, one_line, visible
from qabot.terminal.wanted import Wanted

if TYPE_CHECKING:
    from qabot import Engine, Filters, RefreshReport

# Typer evaluates annotations at run time; on Python 3.10 it does not take "str | None" in them.
Text = Optional[str]  # noqa: UP045
File = Optional[Path]  # noqa: UP045

app = typer.Typer(
    cls=AnywhereGroup,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Answers questions about a folder of news reporting: in its own words, cited, checked.",
)

Json = Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")]


@dataclass(frozen=True)
class _Globals:
    seeds: str | None
    embeddings: str | None
    config: Path | None
    refresh: bool


def main() -> None:
    """The console script."""
    fit_streams()
    try:
        app()
    except QabotError as error:
        print(f"qabot: {visible(str(error))}", file=sys.stderr)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"qabot {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def _all_commands(
    context: typer.Context,
    seeds: Annotated[Text, typer.Option("--seeds", metavar="DIR", help="The folder of articles.")] = None,
    embeddings: Annotated[Text, typer.Option("--embeddings", metavar="DIR", help="Where the index is kept.")] = None,
    config: Annotated[File, typer.Option("--config", metavar="FILE", help="A settings file.")] = None,
    no_refresh: Annotated[
        bool, typer.Option("--no-refresh", help="Ask the index as it is, even behind the articles.")
    ] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print it and stop.")
    ] = False,
) -> None:
    context.obj = _Globals(seeds, embeddings, config, refresh=not no_refresh)
    if context.invoked_subcommand is None:
        _converse(context, Wanted())


def _settings(context: typer.Context) -> Settings:
    wanted: _Globals = context.obj
    flags = {"paths.seeds": wanted.seeds, "paths.embeddings": wanted.embeddings}
    return load_settings(config=wanted.config, flags=flags)


def _engine(context: typer.Context, *, refresh: bool = True, beside: bool = False, once: bool = False) -> Engine:
    from qabot import Engine
    from qabot.terminal.progress import Progress

    progress = Progress()
    return Engine(
        _settings(context), auto_refresh=refresh, beside=beside, once=once, say=progress.say, on_progress=progress
    )


def _opened(context: typer.Context, *, beside: bool = False, once: bool = False) -> tuple[Engine, RefreshReport | None]:
    """An engine whose index can be asked, and what was done for that, which is told."""
    from qabot.terminal.render import render_report

    engine = _engine(context, refresh=context.obj.refresh, beside=beside, once=once)
    report = engine.prepare()
    if report is not None:
        print(render_report(report, brief=beside), file=sys.stderr)
    return engine, report


def _prepared(context: typer.Context, *, once: bool = False) -> Engine:
    return _opened(context, once=once)[0]


def _converse(context: typer.Context, wanted: Wanted) -> None:
    from qabot.terminal.start import start

    raise typer.Exit(start(lambda: _opened(context, beside=True), _settings(context).seeds, wanted))


@app.command()
def init() -> None:
    """Make what a collection needs in this folder: seeds/, seeds/.qabotignore and config/qabot.toml."""
    from qabot.terminal.begin import begin

    for file, new in begin(Path()):
        print(f"{file}: made" if new else f"{file}: there already")
    print("Put .txt, .md, .html and .pdf articles into seeds/, then ask: qabot")


@app.command()
def index(
    context: typer.Context,
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Make it anew, embedding everything.")] = False,
) -> None:
    """Bring embeddings/ in line with seeds/."""
    from qabot.terminal.render import render_report

    if not context.obj.refresh:
        raise UsageError("`qabot index` is what brings the index up to date.", "Leave off --no-refresh.")
    report = _engine(context).refresh(rebuild=rebuild)
    if report.rebuilt_because:
        print(f"Made anew: the index was made with {report.rebuilt_because}.", file=sys.stderr)
    print(render_report(report))


@app.command()
@filtered
def ask(
    context: typer.Context,
    question: Annotated[Text, typer.Argument(help="What you want to know; - reads it from stdin.")] = None,
    batch: Annotated[
        File, typer.Option("--batch", metavar="FILE", help="JSONL of {id, question, history}; one JSON answer a line.")
    ] = None,
    as_json: Json = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="Why this answer, or why none: a table on stderr.")
    ] = False,
    *,
    filters: Filters,
) -> None:
    """Answer one question, or a file of them. Exits 0 when answered, 3 when the articles do not say."""
    from qabot import clean_question
    from qabot.terminal.once import show_once
    from qabot.terminal.screen import Screen
    from qabot.wire import answer_json, read_batch

    if explain and batch is not None:
        raise UsageError("--explain is for one question.", "Leave off --batch.")
    if (question is None) == (batch is None):
        raise UsageError("Give a question or --batch FILE.", 'qabot ask "Who said what, and when?"')
    if batch is not None:
        from qabot.terminal.batch import answer_batch

        questions = read_batch(batch)
        answer_batch(_prepared(context), questions, filters, sys.stdout)
        return
    assert question is not None
    question = sys.stdin.read() if question == "-" else question
    clean_question(question)  # a question that cannot be asked is refused before anything is built for it
    engine = _prepared(context, once=True)
    answer, reply = engine.explain(question, filters=filters)
    if as_json:
        print(answer_json(answer))
    else:
        show_once(answer, engine.settings.seeds, Screen(sys.stdout))
    if explain:
        from qabot.terminal.explain import render_explanation

        told = render_explanation(reply) if reply else "Nothing was searched: the question is about qabot itself."
        print(f"\n{told}", file=sys.stderr)
    if answer.status == "abstained":
        raise typer.Exit(3)


@app.command()
def chat(
    context: typer.Context,
    conversation: Annotated[
        Text,
        typer.Argument(metavar="[ID]", help="For --resume and --forget.", autocompletion=complete_conversation),
    ] = None,
    last: Annotated[bool, typer.Option("--continue", help="Go on with the last one over these articles.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with one by ID, or pick it from a list.")] = False,
    private: Annotated[bool, typer.Option("--private", help="Keep no conversation, and nothing typed.")] = False,
    listed: Annotated[bool, typer.Option("--list", help="List the conversations that are kept, and stop.")] = False,
    forgets: Annotated[bool, typer.Option("--forget", help="Forget one by ID, or all, and stop.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help='JSON lines in and out: {"question": ..., "id", "filters", "new"}.')
    ] = False,
) -> None:
    """Ask in a conversation, which `qabot` alone does too; with piped input, a question or command a line."""
    from qabot.terminal.start import forget, kept_conversations, list_lines

    if sum((last, resume, listed, forgets)) > 1:
        raise UsageError("--continue, --resume, --list and --forget exclude one another.", "Give one of them.")
    if conversation is not None and not (resume or forgets):
        raise UsageError(f"What about {conversation}?", "qabot chat --resume ID; questions are typed, or piped.")
    if listed:
        print(list_lines(kept_conversations().past()))
    elif forgets:
        if conversation is None and sys.stdin.isatty():
            typer.confirm("Forget all conversations and what was typed?", abort=True, err=True)
        print(forget(conversation))
    else:
        _converse(context, Wanted(last, resume, conversation, private, as_json))


@app.command()
def bot(
    context: typer.Context,
    invite: Annotated[bool, typer.Option("--invite", help="Print the link that invites the bot, and stop.")] = False,
    log_json: Annotated[bool, typer.Option("--log-json", help="Log as JSON, an object a line.")] = False,
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
    run(Engine(settings, auto_refresh=context.obj.refresh, beside=True, say=said), settings, token, log_json=log_json)


def _said_in_the_log(line: str) -> None:
    import logging

    logging.getLogger("qabot").info("%s", line)


def _said_on_stderr(line: str) -> None:
    print(visible(line), file=sys.stderr, flush=True)


@app.command()
def feedback(
    context: typer.Context,
    as_json: Json = False,
    gold: Annotated[
        File, typer.Option("--gold", metavar="FILE", help="Write gold questions to go through, JSONL, to this file.")
    ] = None,
) -> None:
    """What people voted, in Discord and at the terminal: helpful, wrong or missing, and why."""
    from qabot.store import open_store
    from qabot.terminal.feedback import feedback_json, feedback_lines, gold_candidates

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
@filtered
def search(
    context: typer.Context,
    query: Annotated[str, typer.Argument(help="What to look for.")],
    most: Annotated[int, typer.Option("-k", min=1, max=100, help="How many passages.")] = 5,
    as_json: Json = False,
    *,
    filters: Filters,
) -> None:
    """Rank passages, without an answer."""
    from qabot import clean_question
    from qabot.terminal.render import render_hits
    from qabot.wire import hits_json

    clean_question(query)
    hits = _prepared(context, once=True).search(query, most=most, filters=filters)
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
) -> None:
    """Figures over gold questions: recall, answers, abstention, quotes, length."""
    from qabot.evaluation import by_type, evaluate, read_figures, read_gold, rows
    from qabot.terminal.render import render_table
    from qabot.wire import to_json

    questions = read_gold(gold)
    before = read_figures(compare) if compare else None
    table = by_type(evaluate(_prepared(context), questions))
    print(to_json(table) if as_json else render_table(*rows(table, before)))


@app.command("import")
def bring_in(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(help="Articles to copy.")],
) -> None:
    """Copy articles into seeds/ under tidy names, with front matter."""
    engine = _engine(context, refresh=False)
    failed = False
    for file in files:
        try:
            target, new = engine.bring_in(file)
        except ArticleError as error:
            print(f"qabot: {visible(str(error))}", file=sys.stderr)
            failed = True
            continue
        print(one_line(f"{file} -> {target}" if new else f"{file} is there already: {target}"))
    if failed:
        raise typer.Exit(1)


if __name__ == "__main__":
    main()
