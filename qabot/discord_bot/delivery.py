"""Getting something to Discord in spite of its network: tried again where that helps, given up where it is gone."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

import aiohttp
import discord

from qabot.discord_bot.cards import Card

log = logging.getLogger(__name__)

Result = TypeVar("Result")

# discord.py itself tries again what Discord answers with 429 and 5xx; these are for what it lets through. Seconds.
_PAUSES = (0.5, 2.0, 5.0)
_REFUSED = 400
_GONE = (401, 403, 404)  # 401: the fifteen minutes of an interaction are over
_ACKNOWLEDGED, _NO_HISTORY = 40060, 160002  # discord.com/developers/docs/topics/opcodes-and-status-codes
_NO_MENTIONS = discord.AllowedMentions.none()


async def delivered(
    what: Callable[[], Awaitable[Result]],
    doing: str,
    *,
    already: Result | None = None,
    tell_forbidden: bool = False,
) -> Result | None:
    """What ``what`` gives, ``None`` where Discord will not have it: an interaction that expired, a message or channel
    that was deleted, a permission that is missing. ``already`` where it was done by a try whose answer got lost.

    Raises discord.HTTPException for a payload that Discord refuses, and with ``tell_forbidden`` discord.Forbidden.
    """
    for pause in (*_PAUSES, None):
        try:
            return await what()
        except discord.InteractionResponded:
            return already
        except discord.HTTPException as error:
            if error.code == _ACKNOWLEDGED:
                return already
            if error.status == _REFUSED or (tell_forbidden and isinstance(error, discord.Forbidden)):
                raise
            if error.status in _GONE:
                log.info("not delivered (%s): %s", doing, error)
                return None
            problem: Exception = error
        except (TimeoutError, aiohttp.ClientError, OSError, RuntimeError) as error:
            problem = error  # RuntimeError: the session was closed under it
        if pause is None:
            log.warning("not delivered (%s): %s: %s", doing, type(problem).__name__, problem)
            return None
        await asyncio.sleep(pause)
    raise AssertionError("the last pause is None")


class Reply(Protocol):
    """Where the answer to one question goes. ``show`` gives the id of the message, if it is there."""

    private: bool
    in_public: bool  # each word is one more message

    async def acknowledge(self) -> bool:
        """Whether whoever asked can be answered at all."""
        ...

    async def show(self, card: Card) -> int | None: ...


class InteractionReply:
    """To a command, a button or a form: deferred at once, edited once."""

    in_public = False

    def __init__(self, interaction: discord.Interaction, *, private: bool) -> None:
        self._interaction = interaction
        self.private = private

    async def acknowledge(self) -> bool:
        async def defer() -> bool:
            if not self._interaction.response.is_done():
                await self._interaction.response.defer(ephemeral=self.private, thinking=True)
            return True

        return bool(await delivered(defer, "acknowledging", already=True))

    async def show(self, card: Card) -> int | None:
        async def edit() -> discord.InteractionMessage:
            return await self._interaction.edit_original_response(
                content=card.content if card.plain else None,
                view=card.view,
                attachments=card.attachments(),
                allowed_mentions=_NO_MENTIONS,
            )

        message = await delivered(edit, "answering")
        return None if message is None else message.id


class MessageReply:
    """To a message: a reply whose text people's notifications show, made into a card after that."""

    private = False
    in_public = True

    def __init__(self, message: discord.Message) -> None:
        self._message = message

    async def acknowledge(self) -> bool:
        # Typing is a courtesy: that it fails says nothing about answering.
        asyncio.get_running_loop().create_task(self._type())
        return True

    async def _type(self) -> None:
        with contextlib.suppress(discord.HTTPException, aiohttp.ClientError, OSError, RuntimeError):
            await self._message.channel.typing()

    async def show(self, card: Card) -> int | None:
        sent = await self._sent(card)
        if sent is None:
            return None
        if not card.plain:

            async def edit() -> discord.Message:
                return await sent.edit(
                    content=None,
                    embeds=[],
                    view=card.view,
                    attachments=card.attachments(),
                    allowed_mentions=_NO_MENTIONS,
                )

            await delivered(edit, "making it a card")
        return sent.id

    async def _sent(self, card: Card) -> discord.Message | None:
        """The message with as much of a reply as the channel's permissions allow."""

        async def send(*, referring: bool, attaching: bool) -> discord.Message:
            return await self._message.channel.send(
                card.content,
                view=card.view if card.plain and card.view is not None else discord.utils.MISSING,  # type: ignore[arg-type]
                files=card.attachments() if card.plain and attaching else [],
                reference=self._message.to_reference(fail_if_not_exists=False) if referring else None,  # type: ignore[arg-type]
                mention_author=False,
                allowed_mentions=_NO_MENTIONS,
                # It keeps a second try from becoming a second message.
                nonce=f"{self._message.id}",
            )

        # A reply takes the permission to read the history, a file that to attach files.
        for referring, attaching in ((True, True), (False, True), (False, False)):
            one = functools.partial(send, referring=referring, attaching=attaching)
            try:
                return await delivered(one, "replying", tell_forbidden=True)
            except discord.HTTPException as error:
                if not isinstance(error, discord.Forbidden) and error.code != _NO_HISTORY:
                    raise
                log.info("not delivered (replying): %s", error)
        return None
