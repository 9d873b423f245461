"""Guilds, roles, channels and accounts as Discord keeps them, and the permissions that follow from them."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import IntEnum, IntFlag
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.discord_bot.messages import Message

_DISCORD_EPOCH_MS = 1_420_070_400_000
IN_GUILD, WITH_BOT, PRIVATE = 0, 1, 2

_JOINED = "2024-01-01T00:00:00+00:00"


class Permission(IntFlag):
    """Discord's permission bits that a question-and-answer bot can meet."""

    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    USE_APPLICATION_COMMANDS = 1 << 31
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    CREATE_PRIVATE_THREADS = 1 << 36
    SEND_MESSAGES_IN_THREADS = 1 << 38
    USE_EXTERNAL_APPS = 1 << 50


ALL_PERMISSIONS = Permission((1 << 53) - 1)
EVERYBODYS_PERMISSIONS = (
    Permission.ADD_REACTIONS
    | Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.USE_APPLICATION_COMMANDS
    | Permission.CREATE_PUBLIC_THREADS
    | Permission.SEND_MESSAGES_IN_THREADS
    | Permission.USE_EXTERNAL_APPS
)


class ChannelType(IntEnum):
    """The kinds of channel that are made here."""

    TEXT = 0
    DIRECT = 1
    PUBLIC_THREAD = 11
    PRIVATE_THREAD = 12


class Snowflakes:
    """Hands out Discord's ids: milliseconds since 2015, then a counter, so that later is larger."""

    def __init__(self) -> None:
        self._last = 0

    def next(self) -> int:
        """An id larger than all before it."""
        self._last = max(self._last + 1, (int(time.time() * 1000) - _DISCORD_EPOCH_MS) << 22)
        return self._last


def iso_time(snowflake: int) -> str:
    """When an id was made, as Discord writes times."""
    return datetime.fromtimestamp(((snowflake >> 22) + _DISCORD_EPOCH_MS) / 1000, UTC).isoformat()


@dataclass(eq=False, repr=False)
class Account:
    """A person or a bot. ``locale`` is Discord's name of a language, as in ``en-US``."""

    id: int
    name: str
    locale: str = "en-US"
    bot: bool = False

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"

    @property
    def called(self) -> str:
        """How a message calls this account."""
        return f"<@{self.id}>"

    def payload(self) -> dict[str, Any]:
        """The user object of Discord's API."""
        return {
            "id": str(self.id),
            "username": self.name.lower(),
            "global_name": None if self.bot else self.name,
            "discriminator": "0",
            "avatar": None,
            "bot": self.bot,
            "public_flags": 0,
        }


@dataclass(eq=False, repr=False)
class Role:
    """A role of a guild; its permissions add to those of @everyone."""

    id: int
    name: str
    permissions: Permission

    def __repr__(self) -> str:
        return f"<Role {self.name}>"

    def payload(self) -> dict[str, Any]:
        """The role object of Discord's API."""
        return {
            "id": str(self.id),
            "name": self.name,
            "permissions": str(int(self.permissions)),
            "color": 0,
            "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
            "hoist": False,
            "position": 0,
            "managed": False,
            "mentionable": False,
            "flags": 0,
        }


@dataclass(eq=False, repr=False)
class Guild:
    """A server. Where the bot is no member, only people who installed it for themselves can use it."""

    id: int
    name: str
    owner_id: int
    bot_is_member: bool = True
    locale: str = "en-US"
    roles: dict[int, Role] = field(default_factory=dict)
    members: dict[int, set[int]] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.roles[self.id] = Role(self.id, "@everyone", EVERYBODYS_PERMISSIONS)

    def __repr__(self) -> str:
        return f"<Guild {self.name}>"

    def member_payload(self, account: Account) -> dict[str, Any]:
        """The guild member object of Discord's API, without its user."""
        return {
            "roles": [str(role) for role in sorted(self.members.get(account.id, ()))],
            "nick": None,
            "avatar": None,
            "joined_at": _JOINED,
            "premium_since": None,
            "deaf": False,
            "mute": False,
            "pending": False,
            "flags": 0,
        }

    def payload(self, bot: Account) -> dict[str, Any]:
        """The guild as GUILD_CREATE carries it to ``bot``, with the bot's own member only."""
        present = [channel for channel in self.channels.values() if not channel.deleted]
        return {
            "id": str(self.id),
            "name": self.name,
            "icon": None,
            "owner_id": str(self.owner_id),
            "preferred_locale": self.locale,
            "features": [],
            "emojis": [],
            "stickers": [],
            "verification_level": 0,
            "default_message_notifications": 0,
            "explicit_content_filter": 0,
            "mfa_level": 0,
            "nsfw_level": 0,
            "premium_tier": 0,
            "premium_subscription_count": 0,
            "afk_timeout": 300,
            "system_channel_flags": 0,
            "unavailable": False,
            "large": False,
            "joined_at": _JOINED,
            "member_count": len(self.members),
            "roles": [role.payload() for role in self.roles.values()],
            "members": [{**self.member_payload(bot), "user": bot.payload()}],
            "channels": [channel.payload() for channel in present if channel.parent is None],
            "threads": [channel.payload() for channel in present if channel.parent is not None],
            "voice_states": [],
            "presences": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "soundboard_sounds": [],
        }


@dataclass(eq=False, repr=False)
class Channel:
    """A text channel, a thread in one, or a conversation of its ``recipients``."""

    id: int
    type: ChannelType
    name: str
    guild: Guild | None = None
    parent: Channel | None = None
    recipients: tuple[Account, ...] = ()
    owner_id: int = 0
    archived: bool = False
    locked: bool = False
    auto_archive_minutes: int = 1440
    denied: dict[int, Permission] = field(default_factory=dict)
    messages: dict[int, Message] = field(default_factory=dict)
    deleted: bool = False

    def __repr__(self) -> str:
        return f"<Channel {self.name or self.recipients} {self.id}>"

    @property
    def is_thread(self) -> bool:
        """Whether this hangs on another channel."""
        return self.parent is not None

    def payload(self) -> dict[str, Any]:
        """The channel object of Discord's API."""
        last = next(reversed(self.messages), None)
        common: dict[str, Any] = {
            "id": str(self.id),
            "type": int(self.type),
            "flags": 0,
            "last_message_id": None if last is None else str(last),
        }
        if self.guild is None:
            return common | {"recipients": [account.payload() for account in self.recipients if not account.bot]}
        common |= {"guild_id": str(self.guild.id), "name": self.name, "rate_limit_per_user": 0}
        if self.parent is None:
            overwrites = [
                {"id": str(who), "type": int(who not in self.guild.roles), "allow": "0", "deny": str(int(bits))}
                for who, bits in self.denied.items()
            ]
            return common | {
                "position": 0,
                "nsfw": False,
                "topic": None,
                "parent_id": None,
                "permission_overwrites": overwrites,
            }
        return common | {
            "parent_id": str(self.parent.id),
            "owner_id": str(self.owner_id),
            "message_count": len(self.messages),
            "total_message_sent": len(self.messages),
            "member_count": 1,
            "thread_metadata": {
                "archived": self.archived,
                "locked": self.locked,
                "auto_archive_duration": self.auto_archive_minutes,
                "archive_timestamp": iso_time(self.id),
                "create_timestamp": iso_time(self.id),
            },
        }


def permissions(account: Account, channel: Channel) -> Permission:
    """What an account may do in a channel, by Discord's order: roles, then what the channel denies.

    Source: Discord's documentation, "Permission Hierarchy" and "Implicit Permissions".
    """
    guild = channel.guild
    if guild is None:
        return EVERYBODYS_PERMISSIONS if account in channel.recipients else Permission(0)
    held = {guild.id} | guild.members.get(account.id, set())
    granted = Permission(0)
    for role in held:
        granted |= guild.roles[role].permissions
    if Permission.ADMINISTRATOR in granted or account.id == guild.owner_id:
        return ALL_PERMISSIONS
    for who, bits in (channel.parent or channel).denied.items():
        if who in held or who == account.id:
            granted &= ~bits
    return granted if Permission.VIEW_CHANNEL in granted else Permission(0)
