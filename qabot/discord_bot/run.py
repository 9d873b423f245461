"""`qabot bot`: from the settings to a running bot, until a signal ends it."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator

import aiohttp
import discord

from qabot import Engine, IndexUnavailableError, QabotError, Settings, UsageError
from qabot.discord_bot.client import INTENTS, Bot
from qabot.discord_bot.health import served_health
from qabot.discord_bot.logs import log_to_stderr
from qabot.discord_bot.token import Token

_M_ARENA_MAX = -8  # malloc.h
_AUTHENTICATION_FAILED = 4004  # discord.com/developers/docs/topics/opcodes-and-status-codes
_TRIM_EVERY = 60.0  # seconds
_LOOK = 0.5  # seconds until a signal is seen at the latest, when nothing else happens

# What it does and no more: be seen, answer, attach a long answer, open threads and write in them.
PERMISSIONS = discord.Permissions(
    view_channel=True,
    send_messages=True,
    attach_files=True,
    read_message_history=True,
    create_public_threads=True,
    send_messages_in_threads=True,
)


def run(engine: Engine, settings: Settings, token: Token, *, log_json: bool) -> None:
    """Runs until SIGINT or SIGTERM, and then finishes what is under way. Raises any QabotError."""
    log_to_stderr(token, as_json=log_json)
    _be_small_and_prompt()
    asyncio.run(_run(engine, settings, token))
    if any(not thread.daemon for thread in threading.enumerate() if thread is not threading.main_thread()):
        # A thread that loads a model cannot be ended, and whatever it would write is safe to be cut off.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)


def _be_small_and_prompt() -> None:
    """For a process with a few threads that lives for weeks (figures: benchmarks/discord_bot.py)."""
    # The event loop gets its turn within a millisecond, also while questions are worked on.
    sys.setswitchinterval(0.001)
    # glibc gives each thread a heap of its own, none of which shrinks: one for all is 40 MiB less.
    _glibc("mallopt", _M_ARENA_MAX, 1)


async def _stay_small(bot: Bot) -> None:
    """Gives back what loading the models and busy hours took for a while."""
    await bot.desk.ready.wait()
    while True:
        await asyncio.to_thread(_glibc, "malloc_trim", 0)
        await asyncio.sleep(_TRIM_EVERY)


def _glibc(function: str, *arguments: int) -> None:
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):  # another C library
            getattr(ctypes.CDLL("libc.so.6"), function)(*arguments)


async def _run(engine: Engine, settings: Settings, token: Token) -> None:
    bot = Bot(engine, settings)
    loop = asyncio.get_running_loop()
    ending: list[asyncio.Task[None]] = []

    def end() -> None:
        if not ending:
            ending.append(loop.create_task(bot.finish(), name="qabot-finish"))

    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows: Ctrl-C ends it there
            loop.add_signal_handler(number, end)
    try:
        async with served_health(bot, settings.discord.healthz_port):
            small = asyncio.create_task(_stay_small(bot), name="qabot-stay-small")
            connected = asyncio.create_task(_connected(bot, token))
            while not connected.done() and not (ending and ending[0].done()):
                await asyncio.wait({connected, *ending}, timeout=_LOOK, return_when=asyncio.FIRST_COMPLETED)
            # discord.py goes on trying a gateway that does not answer, also when it was told to close.
            small.cancel()
            connected.cancel()
            try:
                await connected
            except asyncio.CancelledError:
                pass
            except QabotError:
                if not ending:  # cut off in the middle of connecting, it says that it could not
                    raise
    finally:
        if ending:
            await ending[0]
        await bot.close()


async def _connected(bot: Bot, token: Token) -> None:
    """Raises UsageError where Discord refuses the token or the intents, without the token in it."""
    try:
        await bot.start(token.reveal())
    except discord.LoginFailure:
        raise _unknown_token() from None
    except discord.ConnectionClosed as error:
        if error.code == _AUTHENTICATION_FAILED:
            raise _unknown_token("no longer knows") from None
        raise IndexUnavailableError(
            f"Discord closed the connection for good (code {error.code}).", "Start the bot again."
        ) from None
    except discord.PrivilegedIntentsRequired:
        raise UsageError(
            "Discord refused the intents.", f"The bot needs {INTENTS.value}, none of them privileged."
        ) from None
    except (discord.HTTPException, discord.GatewayNotFound, aiohttp.ClientError, OSError) as error:
        raise IndexUnavailableError(
            f"Discord cannot be reached: {error}.", "Check the network, and [discord] api_base if that is set."
        ) from error


@contextlib.asynccontextmanager
async def logged_in(settings: Settings, token: Token) -> AsyncIterator[discord.Client]:
    """A client that may ask Discord things. Raises UsageError for a token that it does not know, else
    IndexUnavailableError."""
    if settings.discord.api_base:
        discord.http.Route.BASE = settings.discord.api_base.rstrip("/")
    async with discord.Client(intents=discord.Intents.none()) as client:
        try:
            await client.login(token.reveal())
            yield client
        except discord.LoginFailure:
            raise _unknown_token() from None
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            raise IndexUnavailableError(f"Discord cannot be reached: {error}.", "Check the network.") from error


async def invite_links(settings: Settings, token: Token) -> tuple[str, str]:
    """The addresses that add the bot to a server, and to an account, asking for no more than it needs."""
    async with logged_in(settings, token) as client:
        assert client.application_id is not None
        application, commands = client.application_id, "applications.commands"
        server = discord.utils.oauth_url(application, permissions=PERMISSIONS, scopes=("bot", commands))
        account = discord.utils.oauth_url(application, scopes=(commands,))
        return f"{server}&integration_type=0", f"{account}&integration_type=1"


def _unknown_token(how: str = "does not know") -> UsageError:
    return UsageError(f"Discord {how} this token.", "Make a new one in the application portal (Bot, Reset Token).")
