"""Who may ask, and where: the settings' lists, and what each server's managers allowed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import discord

from qabot import DiscordSettings


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody asks. ``parent`` is the channel of a thread; ``roles`` are the asker's there."""

    guild: int | None
    channel: int | None
    parent: int | None
    roles: frozenset[int]


def place_of(source: discord.Interaction | discord.Message) -> Place:
    guild = source.guild_id if isinstance(source, discord.Interaction) else source.guild.id if source.guild else None
    channel = source.channel
    person = source.user if isinstance(source, discord.Interaction) else source.author
    # By id, as Discord sends them: `Member.roles` has only those of servers that the bot is in.
    roles = frozenset(person._roles) if isinstance(person, discord.Member) else frozenset()
    parent = channel.parent_id if isinstance(channel, discord.Thread) else None
    return Place(guild, channel.id if channel else None, parent, roles)


def refusal(settings: DiscordSettings, allowed: Mapping[str, frozenset[int]], place: Place) -> str:
    """Why nobody is answered here, in kind words; empty where they are."""
    if place.guild is None:
        limited = settings.guilds or settings.channels or settings.roles
        return "I answer in some servers only." if limited else ""
    if settings.guilds and str(place.guild) not in settings.guilds:
        return "I do not answer in this server."
    here = {str(number) for number in (place.channel, place.parent) if number is not None}
    for channels in (set(settings.channels), {str(number) for number in allowed.get("channel", ())}):
        if channels and here.isdisjoint(channels):
            return f"I do not answer in this channel, but in {_some(f'<#{number}>' for number in sorted(channels))}."
    own = {str(number) for number in place.roles}
    for roles in (set(settings.roles), {str(number) for number in allowed.get("role", ())}):
        if roles and own.isdisjoint(roles):
            return f"I answer people with these roles here: {_some(f'<@&{number}>' for number in sorted(roles))}."
    return ""


def _some(names: Iterable[str], most: int = 10) -> str:
    listed = list(names)
    rest = len(listed) - most
    return ", ".join(listed[:most]) + (f" and {rest} more" if rest > 0 else "")
