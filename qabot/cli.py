"""The commands: parse, call, print. Data goes to stdout, everything else to stderr."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from qabot import __version__
from qabot.errors import ArticleError, UsageError
from qabot.terminal.collection import Collection
from qabot.terminal.ending import ended
from qabot.terminal.options import FILE, Commands, Narrowing, everywhere, filtered, json_option
from qabot.terminal.shell import complete_conversation, complete_names
from qabot.terminal.text import fit_streams, one_line, visible
from qabot.terminal.wanted import Wanted

if TYPE_CHECKING:
    from qabot import CheckResult

if TYPE_CHECKING:
    pass


def main() -> None:
    """Runs the command, and ends the process with its exit code."""
    fit_streams()
    sys.exit(ended(lambda: app(standalone_mode=False)))


@click.group(cls=Commands, invoke_without_command=True)
@everywhere
@click.version_option(__version__, prog_name="qabot", message="%(prog)s %(version)s", help="Print it and stop.")
@click.pass_context
def app(
    context: click.Context, seeds: str | None, embeddings: str | None, config: Path | None, no_refresh: bool
) -> None:
    """Answers questions about a folder of news reporting: in its own words, cited, checked."""
    context.obj = Collection(seeds, embeddings, config, refresh=not no_refresh)
    if context.invoked_subcommand is None:
        _converse(context.obj, Wanted())


def _converse(collection: Collection, wanted: Wanted) -> None:
    from qabot.terminal.start import start

    sys.exit(start(lambda: collection.opened(beside=True), collection.settings().seeds, wanted))


@app.command()
def init() -> None:
    """Make what a collection needs in this folder: seeds/, seeds/.qabotignore and config/qabot.toml."""
    from qabot.terminal.begin import begin

    for file, new in begin(Path()):
        print(f"{file}: made" if new else f"{file}: there already")
    print("Put .txt, .md, .html and .pdf articles into seeds/, then ask: qabot")


@app.command()
@click.option("--rebuild", is_flag=True, help="Make it anew, embedding everything.")
@click.option("--watch", is_flag=True, help="Go on whenever an article is saved, until Ctrl-C.")
@click.option("--dry-run", is_flag=True, help="Say what would be done and what it would cost; change nothing.")
@click.option("--rollback", is_flag=True, help="Go back to the generation before, and stay there until the next index.")
@click.pass_obj
def index(collection: Collection, rebuild: bool, watch: bool, dry_run: bool, rollback: bool) -> None:
    """Bring embeddings/ in line with seeds/."""
    from qabot.terminal.render import render_report

    if not collection.refresh:
        raise UsageError("`qabot index` is what brings the index up to date.", "Leave off --no-refresh.")
    if sum((watch, dry_run, rollback)) > 1 or (rebuild and (watch or rollback)):
        raise UsageError(
            "--rebuild, --watch, --dry-run and --rollback do not go together.", "Give one; --rebuild --dry-run do."
        )
    engine = collection.engine(refresh=True)
    if watch:
        from qabot.terminal.keep_indexing import keep_indexing

        keep_indexing(engine)
        return
    if rollback:
        generation = engine.roll_back()
        print(f"Generation {generation} holds what was indexed before the last change. `qabot index` leaves it again.")
        return
    report = engine.dry_run(rebuild=rebuild) if dry_run else engine.refresh(rebuild=rebuild)
    if report.rebuilt_because:
        print(visible(f"Made anew: the index was made with {report.rebuilt_because}."), file=sys.stderr)
    print(render_report(report, planned=dry_run))


@app.command()
@click.option("--since", metavar="DATE", help="From this day on, as 2024-02-03; all that is remembered otherwise.")
@json_option
@click.pass_obj
def changes(collection: Collection, since: str | None, as_json: bool) -> None:
    """What was added, edited and removed, and which earlier answers quote what changed."""
    from qabot.terminal.changes import answers_concerned, changes_json, changes_lines, day

    engine, settings = collection.engine(), collection.settings()
    history = engine.history(day(since) if since else "")
    concerned = answers_concerned(engine, settings, history)
    print(changes_json(history, concerned) if as_json else changes_lines(history, concerned))


@app.command()
@click.argument("question", required=False)
@click.option("--batch", metavar="FILE", type=FILE, help="JSONL of {id, question, history}; one JSON answer a line.")
@json_option
@click.option("--explain", is_flag=True, help="Why this answer, or why none: a table on stderr.")
@filtered
@click.pass_obj
def ask(
    collection: Collection,
    question: str | None,
    batch: Path | None,
    as_json: bool,
    explain: bool,
    narrowing: Narrowing,
) -> None:
    """Answer one question, or a file of them. Exits 0 when answered, 3 when the articles do not say.

    QUESTION is what you want to know; - reads it from stdin.
    """
    if explain and batch is not None:
        raise UsageError("--explain is for one question.", "Leave off --batch.")
    if (question is None) == (batch is None):
        raise UsageError("Give a question or --batch FILE.", 'qabot ask "Who said what, and when?"')
    if batch is not None:
        from qabot.terminal.batch import answer_batch
        from qabot.wire import read_batch

        questions = read_batch(batch)
        answer_batch(collection.opened()[0], questions, narrowing.filters(), sys.stdout)
        return
    assert question is not None
    from qabot.terminal.piped import read_piped

    question = read_piped(sys.stdin) if question == "-" else question
    encoders = collection.begin_loading()
    from qabot import clean_question
    from qabot.terminal.once import show_once
    from qabot.terminal.screen import Screen
    from qabot.wire import answer_json

    clean_question(question)  # a question that cannot be asked is refused before anything is built for it
    engine, _ = collection.opened(encoders=encoders)
    answer, reply = engine.explain(question, filters=narrowing.filters())
    if as_json:
        print(answer_json(answer))
    else:
        show_once(answer, engine.settings.seeds, Screen(sys.stdout))
    if explain:
        from qabot.terminal.explain import render_explanation

        told = render_explanation(reply) if reply else "Nothing was searched: the question is about qabot itself."
        print(f"\n{told}", file=sys.stderr)
    if answer.status == "abstained":
        sys.exit(3)


@app.command()
@click.argument("conversation", metavar="[ID]", required=False, shell_complete=complete_conversation)
@click.option("--continue", "last", is_flag=True, help="Go on with the last one over these articles.")
@click.option("--resume", is_flag=True, help="Go on with one by ID, or pick it from a list.")
@click.option("--private", is_flag=True, help="Keep no conversation, and nothing typed.")
@click.option("--list", "listed", is_flag=True, help="List the conversations that are kept, and stop.")
@click.option("--forget", "forgets", is_flag=True, help="Forget one by ID, or all, and stop.")
@click.option(
    "--json", "as_json", is_flag=True, help='JSON lines in and out: {"question": ..., "id", "filters", "new"}.'
)
@click.pass_obj
def chat(
    collection: Collection,
    conversation: str | None,
    last: bool,
    resume: bool,
    private: bool,
    listed: bool,
    forgets: bool,
    as_json: bool,
) -> None:
    """Ask in a conversation, which `qabot` alone does too; with piped input, a question or command a line.

    ID is for --resume and --forget.
    """
    from qabot.terminal.conversations import kept_conversations
    from qabot.terminal.start import forget, list_lines

    if sum((last, resume, listed, forgets)) > 1:
        raise UsageError("--continue, --resume, --list and --forget exclude one another.", "Give one of them.")
    if conversation is not None and not (resume or forgets):
        raise UsageError(f"What about {conversation}?", "qabot chat --resume ID; questions are typed, or piped.")
    if listed:
        print(list_lines(kept_conversations().past()))
    elif forgets:
        if conversation is None and sys.stdin.isatty():
            click.confirm("Forget all conversations and what was typed?", abort=True, err=True)
        print(forget(conversation))
    else:
        _converse(collection, Wanted(last, resume, conversation, private, as_json))


@app.command()
@click.option("--invite", is_flag=True, help="Print the link that invites the bot, and stop.")
@click.option("--log-json", is_flag=True, help="Log as JSON, an object a line.")
@click.pass_obj
def bot(collection: Collection, invite: bool, log_json: bool) -> None:
    """Run the Discord bot, until it is stopped. docs/discord.md has the way there."""
    import asyncio

    from qabot import Engine
    from qabot.discord_bot.run import invite_links, run
    from qabot.discord_bot.token import read_token

    settings = collection.settings()
    token = read_token(settings.discord)
    if invite:
        server, account = asyncio.run(invite_links(settings, token))
        print(f"In a server:  {server}\nFor yourself: {account}")
        return
    said = _said_in_the_log if log_json else _said_on_stderr
    run(Engine(settings, auto_refresh=collection.refresh, beside=True, say=said), settings, token, log_json=log_json)


def _said_in_the_log(line: str) -> None:
    import logging

    logging.getLogger("qabot").info("%s", line)


def _said_on_stderr(line: str) -> None:
    print(visible(line), file=sys.stderr, flush=True)


@app.command()
@json_option
@click.option("--gold", metavar="FILE", type=FILE, help="Write gold questions to go through, JSONL, to this file.")
@click.pass_obj
def feedback(collection: Collection, as_json: bool, gold: Path | None) -> None:
    """What people voted, in Discord and at the terminal: helpful, wrong or missing, and why."""
    from qabot.store import open_store
    from qabot.terminal.feedback import feedback_json, feedback_lines, gold_candidates

    store = open_store(collection.settings())
    votes = store.feedback()
    store.close()
    if gold is not None:
        try:
            gold.write_text(gold_candidates(votes) + "\n", encoding="utf-8")
        except OSError as error:
            raise UsageError(f"{gold} cannot be written: {error.strerror}.", "Name another file.") from error
    print(feedback_json(votes) if as_json else visible(feedback_lines(votes)))


@app.command()
@click.argument("answer", type=FILE)
@json_option
@click.pass_obj
def verify(collection: Collection, answer: Path, as_json: bool) -> None:
    """Check a saved answer's quotes against today's articles. Exits 0 when all stand where they did or moved.

    ANSWER is a saved answer, or several, a line each: `qabot ask --json`.
    """
    from qabot.terminal.render import render_verified
    from qabot.wire import read_answers, verified_json

    engine = collection.engine()
    answers = read_answers(answer)
    checked = [found for saved in answers for found in engine.verify(saved)]
    print(verified_json(checked) if as_json else render_verified(checked))
    if any(found.state in ("changed", "gone") for found in checked):
        sys.exit(1)


@app.command()
@click.argument("query")
@click.option(
    "-k", "most", metavar="N", type=click.IntRange(1, 100), default=5, show_default=True, help="How many passages."
)
@json_option
@filtered
@click.pass_obj
def search(collection: Collection, query: str, most: int, as_json: bool, narrowing: Narrowing) -> None:
    """Rank passages, without an answer."""
    encoders = collection.begin_loading()
    from qabot import clean_question
    from qabot.terminal.render import render_hits
    from qabot.wire import hits_json

    query = clean_question(query)
    engine, _ = collection.opened(encoders=encoders)
    hits = engine.search(query, most=most, filters=narrowing.filters())
    print(hits_json(query, hits) if as_json else render_hits(hits))


@app.command()
@click.option(
    "--article",
    metavar="PATH",
    help="What is left out of this article, and why.",
    shell_complete=complete_names("article"),
)
@json_option
@click.pass_obj
def status(collection: Collection, article: str | None, as_json: bool) -> None:
    """What the index holds; nothing is built."""
    from qabot.terminal.render import render_left_out, render_status
    from qabot.wire import left_out_json, status_json

    engine = collection.engine()
    engine.look()
    if article is not None:
        text, spans = engine.left_out(article)
        print(left_out_json(article, text, spans) if as_json else render_left_out(article, text, spans))
        return
    found, articles = engine.status(), engine.articles()
    print(status_json(found, articles, engine.stale) if as_json else render_status(found, articles, engine.stale))


@app.command()
@click.option("--fix", is_flag=True, help="Make anew what is damaged and can be made from the rest.")
@click.option("--online", is_flag=True, help="Also ask the model hub and Discord, over the network.")
@json_option
@click.pass_obj
def doctor(collection: Collection, fix: bool, online: bool, as_json: bool) -> None:
    """Look for what is wrong, and say what to do about it. Exits 1 when a check failed."""
    from qabot.doctor import examine, examine_settings, mend
    from qabot.terminal.checks import examine_terminal, render_checks
    from qabot.terminal.progress import Progress
    from qabot.wire import doctor_json

    settings, first = examine_settings(collection.settings)

    def look() -> list[CheckResult]:
        found = [*first, *examine(settings, online=online), *examine_terminal()]
        if settings is not None:
            from qabot.discord_bot.checks import examine_discord

            found += examine_discord(settings, online=online)
        return found

    found = look()
    if fix and settings is not None and any(one.severity in ("warning", "error") for one in found):
        progress = Progress()
        mend(settings, found, say=progress.say, on_progress=progress)
        found = look()
    print(doctor_json(found) if as_json else render_checks(found))
    if any(one.severity == "error" for one in found):
        sys.exit(1)


@app.command("eval")
@click.argument("gold", type=FILE)
@json_option
@click.option("--compare", metavar="FILE", type=FILE, help="An earlier run's --json, to compare with.")
@click.pass_obj
def evaluate(collection: Collection, gold: Path, as_json: bool, compare: Path | None) -> None:
    """Figures over gold questions: recall, answers, abstention, quotes, length.

    GOLD is a file of gold questions, JSONL.
    """
    from qabot.evaluation import by_type, evaluate, read_figures, read_gold, rows
    from qabot.terminal.render import render_table
    from qabot.wire import to_json

    questions = read_gold(gold)
    before = read_figures(compare) if compare else None
    table = by_type(evaluate(collection.opened()[0], questions))
    print(to_json(table) if as_json else render_table(*rows(table, before)))


@app.command("import")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=FILE)
@click.pass_obj
def bring_in(collection: Collection, files: tuple[Path, ...]) -> None:
    """Copy articles into seeds/ under tidy names, with front matter."""
    engine = collection.engine()
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
        sys.exit(1)


@app.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print what lets a shell complete commands, options and what the index holds.

    \b
    bash, in ~/.bashrc:                    eval "$(qabot completion bash)"
    zsh, in ~/.zshrc:                      eval "$(qabot completion zsh)"
    fish, in ~/.config/fish/config.fish:   qabot completion fish | source
    """
    from click.shell_completion import get_completion_class

    asked = get_completion_class(shell)
    assert asked is not None
    print(asked(app, {}, "qabot", "_QABOT_COMPLETE").source())


if __name__ == "__main__":
    main()
