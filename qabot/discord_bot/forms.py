"""The dialogues: a follow-up, and what is wrong with an answer; read from what Discord sends, not from memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import discord
from discord import ui

from qabot.discord_bot.identifiers import Deed

MAX_QUESTION = 2000
REASONS = {
    "person": "Wrong person",
    "figure": "Wrong figure",
    "outdated": "Out of date",
    "missing": "A source is missing",
    "other": "Something else",
}


def follow_up_form(answer: str) -> ui.Modal:
    form = ui.Modal(title="Ask a follow-up", custom_id=Deed("fu", answer).custom_id)
    question: ui.TextInput[Any] = ui.TextInput(
        custom_id="question", style=discord.TextStyle.paragraph, max_length=MAX_QUESTION, required=True
    )
    form.add_item(ui.Label(text="Your question", description="“Who said that?” will do.", component=question))
    form.stop()  # not kept in memory: its custom_id says all
    return form


def wrong_form(answer: str) -> ui.Modal:
    form = ui.Modal(title="What is wrong or missing?", custom_id=Deed("down", answer).custom_id)
    options = [discord.RadioGroupOption(label=label, value=value) for value, label in REASONS.items()]
    reason: ui.RadioGroup[Any] = ui.RadioGroup(custom_id="reason", options=options, required=True)
    comment: ui.TextInput[Any] = ui.TextInput(
        custom_id="comment", style=discord.TextStyle.paragraph, max_length=500, required=False
    )
    form.add_item(ui.Label(text="The answer has", component=reason))
    form.add_item(ui.Label(text="In your words, if you like", component=comment))
    form.stop()
    return form


def values_of(data: Mapping[str, Any]) -> dict[str, str]:
    """What was filled in, by the custom_id of its field."""
    return dict(_values(data.get("components", [])))


def _values(components: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    for component in components:
        if isinstance(component.get("value"), str):
            yield component["custom_id"], component["value"]
        inner = component.get("component")
        yield from _values([*([inner] if inner else []), *component.get("components", [])])
