"""/healthz on localhost: whether the bot is connected and can answer, for whatever watches over it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from qabot import QabotError, UsageError
from qabot.discord_bot.client import Bot


@asynccontextmanager
async def served_health(bot: Bot, port: int) -> AsyncIterator[None]:
    """Serves it while the block runs; nothing with ``port`` 0. Raises UsageError where the port is taken."""
    if port == 0:
        yield
        return

    async def healthz(_: web.Request) -> web.Response:
        try:
            generation: int | None = (await bot.desk.quickly(bot.engine.status)).generation
            problem = ""
        except QabotError as error:
            generation, problem = None, error.problem
        healthy = bot.connected and bot.desk.ready.is_set() and generation is not None
        told = {
            "healthy": healthy,
            "connected": bot.connected,
            "generation": generation,
            "behind": bot.engine.lag.behind,
            "problem": problem or bot.engine.lag.reason,
            "waiting": bot.desk.pending,
        }
        return web.json_response(told, status=200 if healthy else 503)

    application = web.Application()
    application.router.add_get("/healthz", healthz)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
    except OSError as error:
        await runner.cleanup()
        raise UsageError(
            f"Port {port} of 127.0.0.1 cannot be had: {error.strerror}.", "Set another [discord] healthz_port."
        ) from error
    try:
        yield
    finally:
        await runner.cleanup()
