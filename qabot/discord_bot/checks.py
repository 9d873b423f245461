"""What `qabot doctor` finds of the bot: its token, and, over the network, what Discord lets it do."""

from __future__ import annotations

import asyncio
import base64
import binascii
import os
import re
from collections.abc import Iterator
from pathlib import Path

from qabot import CheckResult, QabotError, Settings, UsageError
from qabot.discord_bot.token import VARIABLE, Token, read_token

_NAME = "discord"
_PORTAL = "Copy it again from the application portal (Bot, Reset Token). docs/discord.md has the way there."
_TOKEN = re.compile(r"([\w-]{20,})\.[\w-]{5,}\.[\w-]{20,}")
_OTHERS = 0o077


def examine_discord(settings: Settings, *, online: bool) -> list[CheckResult]:
    return list(_examined(settings, online=online))


def _examined(settings: Settings, *, online: bool) -> Iterator[CheckResult]:
    if not os.environ.get(VARIABLE, "").strip() and not settings.discord.token_file:
        yield CheckResult(_NAME, "note", f"no token: `qabot bot` takes {VARIABLE} or [discord] token_file")
        return
    try:
        token = read_token(settings.discord)
    except UsageError as error:
        yield CheckResult(_NAME, "error", error.problem, error.remedy)
        return
    application = _application(token)
    if application is None:
        yield CheckResult(_NAME, "error", "The token does not look like one of Discord's.", _PORTAL)
    else:
        yield CheckResult(_NAME, "ok", f"the token looks like one, of application {application}")
    if settings.discord.token_file and not os.environ.get(VARIABLE, "").strip():
        file = Path(settings.discord.token_file).expanduser()
        if os.name == "posix" and file.stat().st_mode & _OTHERS:
            yield CheckResult(_NAME, "warning", f"Others on this machine can read {file}.", f"chmod 600 {file}")
    if online:
        try:
            yield from asyncio.run(_asked(settings, token))
        except QabotError as error:
            yield CheckResult(_NAME, "error", error.problem, error.remedy)


def _application(token: Token) -> int | None:
    """The id that a token begins with, base64; ``None`` where it does not look like one."""
    match = _TOKEN.fullmatch(token.reveal())
    if match is None:
        return None
    try:
        decoded = base64.urlsafe_b64decode(match[1] + "=" * (-len(match[1]) % 4)).decode("ascii")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return int(decoded) if decoded.isdecimal() else None


async def _asked(settings: Settings, token: Token) -> list[CheckResult]:
    """Whether Discord knows the token, and in which servers the bot may not do what it has to. Raises QabotError."""
    import discord

    from qabot.discord_bot.run import PERMISSIONS, logged_in

    async with logged_in(settings, token) as client:
        assert client.user is not None
        servers = await client.http.get_guilds(limit=200)
        found = [CheckResult(_NAME, "ok", f"Discord knows {client.user}, in {len(servers)} servers")]
        for server in servers:
            held = discord.Permissions(int(server.get("permissions") or 0))
            lacking = [] if held.administrator else [name for name, on in PERMISSIONS if on and not getattr(held, name)]
            if lacking:
                names = ", ".join(name.replace("_", " ") for name in lacking)
                message = f"In the server {server['name']} it may not: {names}."
                remedy = "Invite it again with the link of `qabot bot --invite`, or give its role these."
                found.append(CheckResult(_NAME, "warning", message, remedy))
        return found
