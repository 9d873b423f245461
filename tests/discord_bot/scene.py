"""A scene: the real bot, with a real engine, connected to the stand-in. Ten lines of a test make a scenario."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import discord

from qabot import Engine, Settings
from qabot.discord_bot.client import Bot
from tests.discord_bot.stand_in import StandIn, User


class QuickBot(Bot):
    """The bot, without the pauses that are for Discord's sake."""

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Another session at once: nobody counts them here."""


@dataclass
class Scene:
    discord: StandIn
    bot: Bot
    ada: User
    settings: Settings

    async def settled(self) -> None:
        """Until nothing is under way."""
        await self.discord.until(lambda: self.bot.asking.under_way == 0, what="questions to end")


Story = Callable[[Scene], Coroutine[Any, Any, None]]


def with_discord(settings: Settings, **changes: Any) -> Settings:
    """The settings with others of [discord]; limits are wide unless a test sets them."""
    wide = {"user_per_minute": 1000, "channel_per_minute": 10_000, **changes}
    return replace(settings, discord=replace(settings.discord, **wide))


@asynccontextmanager
async def scene(settings: Settings, stand_in: StandIn | None = None, **changes: Any) -> AsyncIterator[Scene]:
    """A bot that is connected and has its index; with ``stand_in``, to one that is there already."""
    base, gateway = discord.http.Route.BASE, discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY
    owned = stand_in is None
    stand_in = stand_in or StandIn()
    if owned:
        await stand_in.__aenter__()
    try:
        own = with_discord(settings, api_base=stand_in.api_base, **changes)
        bot = QuickBot(Engine(own, beside=True), own, guild_ready_timeout=0.02)
        running = asyncio.create_task(bot.start("token"))
        try:
            await stand_in.until(lambda: bot.is_ready() or running.done(), what="the bot")
            if running.done():
                running.result()
            ada = stand_in.user("Ada", manage_guild=True)
            yield Scene(stand_in, bot, ada, own)
        finally:
            await bot.finish()
            await asyncio.gather(running, return_exceptions=True)
    finally:
        if owned:
            await stand_in.__aexit__(None, None, None)
        discord.http.Route.BASE, discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = base, gateway


def play(settings: Settings, story: Story, *, breaks: int = 0, **changes: Any) -> None:
    """Plays a story; Discord must have had nothing to object to but what ``breaks`` counts, and nothing is left."""

    async def whole() -> None:
        async with scene(settings, **changes) as played:
            await story(played)
            await played.settled()
            violations = played.discord.violations
        assert len(violations) == breaks, violations
        left = [
            task for task in asyncio.all_tasks() if task is not asyncio.current_task() and "qabot" in task.get_name()
        ]
        assert not left, left

    logging.getLogger("discord").setLevel(logging.CRITICAL)
    asyncio.run(whole())
