"""`qabot eval`: gold questions through the façade -> figures a type and over all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

import msgspec

from qabot.engine import Engine
from qabot.errors import UsageError
from qabot.evaluation.gold import GoldQuestion
from qabot.evaluation.measure import Figures, Outcome, figures, measure
from qabot.named_files import read_named_text
from qabot.questions import Conversation

TOTAL = "all"


def evaluate(engine: Engine, questions: Sequence[GoldQuestion]) -> list[Outcome]:
    """Asks each question after its history. Raises any QabotError that the façade does."""
    outcomes = []
    for gold in questions:
        conversation = Conversation()
        for earlier in gold.history:
            answer = engine.ask(earlier, conversation)
            conversation = conversation.after(answer)
        answer = engine.ask(gold.question, conversation)
        exact = sum(checked.state == "holds" for checked in engine.verify(answer))
        outcomes.append(measure(gold, answer, exact))
    return outcomes


def by_type(outcomes: Sequence[Outcome]) -> dict[str, Figures]:
    """Figures for each type that occurs, in the order of the format, and under ``all``."""
    order: tuple[str, ...] = ("fact", "alias", "multi", "followup", "unanswerable")
    there = {outcome.question.type for outcome in outcomes}
    table: dict[str, Figures] = {
        kind: figures([o for o in outcomes if o.question.type == kind]) for kind in order if kind in there
    }
    return {**table, TOTAL: figures(outcomes)}


def read_figures(file: Path) -> dict[str, Figures]:
    """What `qabot eval --json` printed earlier. Raises UsageError."""
    remedy = "Save them with `qabot eval --json`."
    text = read_named_text(file, remedy)
    try:
        return msgspec.json.decode(text, type=dict[str, Figures])
    except (msgspec.MsgspecError, RecursionError) as error:
        raise UsageError(f"{file} does not hold earlier figures: {error}.", remedy) from error


def rows(table: dict[str, Figures], before: dict[str, Figures] | None = None) -> tuple[list[str], list[list[str]]]:
    """A header and a line a type, as text; with ``before``, each figure with its difference."""
    names = [field.name for field in fields(Figures)]
    lines = []
    for kind, now in table.items():
        then = (before or {}).get(kind)
        lines.append([kind, *(_cell(getattr(now, name), getattr(then, name) if then else None) for name in names)])
    return ["type", *(name.replace("_", " ") for name in names)], lines


def _cell(now: float | None, then: float | None) -> str:
    if now is None:
        return "-"
    text = f"{now:.3f}" if isinstance(now, float) and now <= 1 else f"{now:.0f}"
    if then is None or now == then:
        return text
    return f"{text} ({now - then:+.3f})" if isinstance(now, float) and now <= 1 else f"{text} ({now - then:+.0f})"
