"""What the buttons and forms do, after a restart and after weeks: each says of itself which answer it is about."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import TYPE_CHECKING, Any

import discord

from qabot import Filters, QabotError
from qabot.discord_bot.asking import Question
from qabot.discord_bot.cards import Card, evidence_card, more_card, notice_card
from qabot.discord_bot.delivery import InteractionReply, delivered
from qabot.discord_bot.forms import REASONS, follow_up_form, values_of, wrong_form
from qabot.discord_bot.identifiers import read_custom_id
from qabot.discord_bot.inert import one_line, shortened
from qabot.store import Kept, thread_place

if TYPE_CHECKING:
    from qabot.discord_bot.client import Bot

log = logging.getLogger(__name__)

# What only whoever pressed is shown: acknowledged before anything is looked up. The others are answered with a form, in
# the place of what the button stands on, or as the answer was that they go on from.
_TOLD_ALONE = frozenset({"ev", "more", "th", "up", "down"})
_FIND_WITHIN, _MAKE_WITHIN = 1.5, 0.8  # seconds, of the three that Discord waits for a word
_THREAD_EXISTS = 160004  # discord.com/developers/docs/topics/opcodes-and-status-codes
_FORGOTTEN = "This answer is no longer kept, so I cannot go on from it. Please ask again with `/ask`."
_OLDER = "This button is from an earlier version of me. Please ask again with `/ask`."
_NOT_YOURS = "This answer was given privately to somebody else."


class Deeds:
    """Routes each press of a button and each form that is sent; every one gets an end."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._pressed: Mapping[str, Callable[[discord.Interaction, Kept, int], Awaitable[None]]] = {
            "ev": self._evidence,
            "evp": self._turn_evidence,
            "more": self._more,
            "morep": self._turn_more,
            "fu": self._open_follow_up,
            "sg": self._suggestion,
            "th": self._thread,
            "up": self._helpful,
            "down": self._open_wrong,
        }
        self._sent: Mapping[str, Callable[[discord.Interaction, Kept, Mapping[str, str]], Awaitable[None]]] = {
            "fu": self._follow_up,
            "down": self._wrong,
        }

    async def take(self, interaction: discord.Interaction) -> None:
        """Does what a component or a form asks for. Raises what Discord and the store do."""
        data: Any = interaction.data or {}
        deed = read_custom_id(str(data.get("custom_id", "")))
        form = interaction.type is discord.InteractionType.modal_submit
        known = deed is not None and deed.name in (self._sent if form else self._pressed)
        if deed is None or not known:
            await self._say(interaction, _OLDER)
            return
        if deed.name in _TOLD_ALONE and (form or deed.name not in self._sent):
            await InteractionReply(interaction, private=True).acknowledge()
        try:
            finding = self._bot.records.do(lambda store: store.find(deed.answer))
            kept = await asyncio.wait_for(finding, _FIND_WITHIN)
        except (TimeoutError, QabotError) as error:
            log.error("an answer could not be looked up: %s", error)
            await self._say(interaction, "I cannot look that up just now. Please press again in a minute.")
            return
        if kept is None:
            await self._say(interaction, _FORGOTTEN)
        elif kept.private and kept.asker != interaction.user.id:
            await self._say(interaction, _NOT_YOURS)
        elif form:
            await self._sent[deed.name](interaction, kept, values_of(data))
        else:
            await self._pressed[deed.name](interaction, kept, deed.number)

    async def _evidence(self, interaction: discord.Interaction, kept: Kept, number: int) -> None:
        await self._open(interaction, await self._evidence_of(kept, number, plain=self._bot.plain))

    async def _turn_evidence(self, interaction: discord.Interaction, kept: Kept, position: int) -> None:
        citations = kept.answer.citations
        number = citations[min(max(position, 1), len(citations)) - 1].id
        await self._turn(interaction, self._evidence_of(kept, number, plain=_is_plain(interaction)))

    async def _evidence_of(self, kept: Kept, number: int, *, plain: bool) -> Card:
        citation = next((c for c in kept.answer.citations if c.id == number), None)
        if citation is None:
            return notice_card(_OLDER, plain=plain)
        evidence = await self._bot.desk.quickly(lambda: self._bot.engine.evidence(citation))
        return evidence_card(kept, number, evidence, plain=plain)

    async def _more(self, interaction: discord.Interaction, kept: Kept, page: int) -> None:
        await self._open(interaction, more_card(kept, page, plain=self._bot.plain))

    async def _turn_more(self, interaction: discord.Interaction, kept: Kept, page: int) -> None:
        async def made() -> Card:
            return more_card(kept, page, plain=_is_plain(interaction))

        await self._turn(interaction, made())

    async def _open_follow_up(self, interaction: discord.Interaction, kept: Kept, _: int) -> None:
        await delivered(lambda: interaction.response.send_modal(follow_up_form(kept.id)), "opening a form")

    async def _open_wrong(self, interaction: discord.Interaction, kept: Kept, _: int) -> None:
        await delivered(lambda: interaction.response.send_modal(wrong_form(kept.id)), "opening a form")

    async def _suggestion(self, interaction: discord.Interaction, kept: Kept, number: int) -> None:
        if number < len(kept.answer.suggestions):
            # A question of its own: it was made from the articles, not from what was asked.
            text = kept.answer.suggestions[number]
            await self._ask(interaction, kept, self._bot.question(interaction, text, filters=Filters(), alone=True))
        else:
            await self._say(interaction, _OLDER)

    async def _follow_up(self, interaction: discord.Interaction, kept: Kept, values: Mapping[str, str]) -> None:
        question = self._bot.question(interaction, values.get("question", ""), follows=kept)
        await self._ask(interaction, kept, question)

    async def _ask(self, interaction: discord.Interaction, kept: Kept, question: Question) -> None:
        """Answers as the answer was given that it comes from: privately, or before all."""
        await self._bot.asking.answer(question, InteractionReply(interaction, private=kept.private))

    async def _helpful(self, interaction: discord.Interaction, kept: Kept, _: int) -> None:
        there = await self._bot.records.do(lambda store: store.vote(kept.id, interaction.user.id, "helpful"))
        await self._say(interaction, "Thank you. You can change your vote at any time." if there else _FORGOTTEN)

    async def _wrong(self, interaction: discord.Interaction, kept: Kept, values: Mapping[str, str]) -> None:
        reason, comment = values.get("reason", "other"), values.get("comment", "").strip()
        reason = reason if reason in REASONS else "other"
        there = await self._bot.records.do(
            lambda store: store.vote(kept.id, interaction.user.id, "wrong", reason, comment)
        )
        await self._say(interaction, "Thank you. Whoever keeps this bot will read it." if there else _FORGOTTEN)

    async def _thread(self, interaction: discord.Interaction, kept: Kept, _: int) -> None:
        text = await self._open_thread(interaction, kept)
        await InteractionReply(interaction, private=True).show(notice_card(text, plain=self._bot.plain))

    async def _open_thread(self, interaction: discord.Interaction, kept: Kept) -> str:
        message = interaction.message
        if not self._bot.can_thread(interaction) or message is None or interaction.channel_id is None:
            return "I may not open threads here: it takes the permission to create public threads."
        channel, name = interaction.channel_id, shortened(kept.answer.question, 100) or "Question"
        http = self._bot.http
        try:
            made = await delivered(
                lambda: http.start_thread_with_message(channel, message.id, name=name, auto_archive_duration=1440),
                "opening a thread",
            )
        except discord.HTTPException as error:
            if error.code == _THREAD_EXISTS:
                # A thread has the id of the message that it was opened from.
                await self._bot.records.do(lambda store: store.continue_in(thread_place(message.id), kept.id))
                return f"There is a thread already: <#{message.id}>."
            raise
        if made is None:
            return "Discord did not let me open a thread here."
        thread = int(made["id"])
        await self._bot.records.do(lambda store: store.continue_in(thread_place(thread), kept.id))
        hello = (
            f"Ask on here about “{one_line(shortened(kept.answer.question, 200))}”: mention me with your question, "
            "reply to one of my messages, or press “Ask a follow-up”. I do not see messages without a mention."
        )
        target = self._bot.get_partial_messageable(thread, guild_id=interaction.guild_id)
        await delivered(lambda: target.send(hello, allowed_mentions=discord.AllowedMentions.none()), "opening a thread")
        return f"Opened <#{thread}>."

    async def _open(self, interaction: discord.Interaction, card: Card) -> None:
        """Shows it to whoever pressed, and to nobody else."""
        reply = InteractionReply(interaction, private=True)
        if await reply.acknowledge():
            await reply.show(card)

    async def _turn(self, interaction: discord.Interaction, making: Coroutine[Any, Any, Card]) -> None:
        """Shows it in the place of what the button stands on; acknowledged first where it takes long to make."""
        made = asyncio.ensure_future(making)
        await asyncio.wait({made}, timeout=_MAKE_WITHIN)
        if not made.done():
            await delivered(lambda: interaction.response.defer(), "acknowledging")
            await InteractionReply(interaction, private=True).show(await made)
            return
        card = made.result()

        async def edit() -> None:
            await interaction.response.edit_message(
                content=card.content if card.plain else None,
                view=card.view,
                attachments=card.attachments(),
                allowed_mentions=discord.AllowedMentions.none(),
            )

        await delivered(edit, "turning a page")

    async def _say(self, interaction: discord.Interaction, text: str) -> None:
        await self._open(interaction, notice_card(text, plain=self._bot.plain))


def _is_plain(interaction: discord.Interaction) -> bool:
    """Whether the message that a button stands on is text: one of components stays one, whatever was set since."""
    return interaction.message is not None and not interaction.message.flags.components_v2
