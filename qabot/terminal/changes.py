"""`qabot changes`: what happened to the articles, and which earlier answers quote what is no longer there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import groupby

from qabot import Answer, ArticleChange, Checked, Engine, Settings, UsageError
from qabot.phrases import counted
from qabot.store import open_store, store_file
from qabot.terminal.conversations import kept_conversations
from qabot.terminal.evidence import STANDS
from qabot.terminal.text import one_line, shortened
from qabot.wire import to_json

_WORDS = {"described": "front matter edited"}
_MOST_SENTENCES = 3


@dataclass(frozen=True, slots=True)
class Concerned:
    """An answer given before, and those of its quotes that no longer stand; ``where`` it was given, ``at`` in seconds
    since 1970."""

    where: str
    at: float
    question: str
    quotes: tuple[Checked, ...]


def day(text: str) -> str:
    """As an ISO date. Raises UsageError."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise UsageError(f"{text!r} is no date.", "Write it as 2024-02-03.") from error


def answers_concerned(engine: Engine, settings: Settings, history: Sequence[ArticleChange]) -> list[Concerned]:
    """The answers kept by Discord and the terminal that quote what changed, the newest first."""
    changed = {path for change in history for path in (change.path, change.was) if path}
    concerned = []
    for where, at, answer in _answers(settings):
        if changed.isdisjoint(citation.article for citation in answer.citations):
            continue
        quotes = [
            found
            for found in engine.verify(answer)
            if found.state in ("changed", "gone") and found.citation.article in changed
        ]
        if quotes:
            concerned.append(Concerned(where, at, answer.question, tuple(quotes)))
    return sorted(concerned, key=lambda found: -found.at)


def _answers(settings: Settings) -> Iterator[tuple[str, float, Answer]]:
    """Where and when each was given. What is nobody's but the asker's stays out: private answers."""
    if store_file(settings).is_file():
        store = open_store(settings)
        try:
            yield from (
                ("Discord" if kept.guild else "direct message", kept.created, kept.answer) for kept in store.answers()
            )
        finally:
            store.close()
    kept = kept_conversations()
    for past in kept.past(settings.seeds):
        yield from (("terminal", found.at, found.answer) for found in kept.answers(past.id))


def changes_lines(history: Sequence[ArticleChange], concerned: Sequence[Concerned]) -> str:
    lines = []
    for at, changes in groupby(history, key=lambda change: change.at[:10]):
        lines.append(at)
        for change in changes:
            was = f" (was {change.was})" if change.was else ""
            lines.append("  " + one_line(f"{_WORDS.get(change.kind, change.kind)}: {change.path}{was}"))
            for before, after in change.sentences[:_MOST_SENTENCES]:
                lines.append("    " + one_line(f"- {shortened(before, 160)}"))
                lines.append("    " + one_line(f"+ {shortened(after, 160)}"))
            if len(change.sentences) > _MOST_SENTENCES:
                lines.append(f"    and {counted(len(change.sentences) - _MOST_SENTENCES, 'sentence')} more")
    if not history:
        lines.append("Nothing changed.")
    if concerned:
        lines += ["", "Earlier answers that quote what is no longer there:"]
    for found in concerned:
        when = datetime.fromtimestamp(found.at, UTC).strftime("%Y-%m-%d")
        lines.append("  " + one_line(f"{when}  {found.where}  {shortened(found.question, 100)}"))
        lines += [
            "    " + one_line(f"[{quote.citation.id}] {quote.citation.article}: {STANDS[quote.state]}")
            for quote in found.quotes
        ]
    return "\n".join(lines)


def changes_json(history: Sequence[ArticleChange], concerned: Sequence[Concerned]) -> str:
    return to_json({"changes": history, "answers": concerned})
