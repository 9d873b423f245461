"""What Discord knows: who and what there is, the clock, and what the bot is told of it."""

from __future__ import annotations

import asyncio
import copy
import re
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from tests.discord_bot.gateway import (
    DIRECT_MESSAGES_INTENT,
    GUILD_MESSAGES_INTENT,
    GUILDS_INTENT,
    Gateway,
    Welcome,
)
from tests.discord_bot.interactions import Exchange, InteractionType
from tests.discord_bot.messages import Attachment, Component, Message, MessageFlag, MessageState, walk
from tests.discord_bot.places import (
    EVERYBODYS_PERMISSIONS,
    IN_GUILD,
    PRIVATE,
    WITH_BOT,
    Account,
    Channel,
    ChannelType,
    Guild,
    Permission,
    Role,
    Snowflakes,
    permissions,
)

_LOOK_SECONDS = 0.005


class World:
    """Guilds, people, messages, interactions. ``home`` is a guild with the bot in it, ``channel`` its text channel."""

    def __init__(self, *, token: str, heartbeat_interval: float) -> None:
        self.snowflakes = Snowflakes()
        self.application_id = self.snowflakes.next()
        self.bot = Account(self.application_id, "qabot", bot=True)
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.accounts: dict[int, Account] = {self.bot.id: self.bot}
        self.exchanges: dict[str, Exchange] = {}
        self.commands: dict[int | None, list[dict[str, Any]]] = {None: []}
        self.violations: list[str] = []
        self.http_base = ""
        self.gateway = Gateway(token, heartbeat_interval, self._welcome, self.changed, self.violations.append)
        self._clock_offset = -time.monotonic()
        self._change = asyncio.Event()
        self.home = self.add_guild("The Newsroom")
        self.channel = self.add_channel("general")

    def clock(self) -> float:
        """Seconds since the start, as far as Discord is concerned."""
        return time.monotonic() + self._clock_offset

    def advance(self, seconds: float) -> None:
        """Let time pass at Discord."""
        self._clock_offset += seconds
        self.changed()

    def changed(self) -> None:
        """Let everyone who waits in ``until`` look again."""
        change, self._change = self._change, asyncio.Event()
        change.set()

    async def until(self, happened: Callable[[], object], timeout: float = 10.0, what: object = "") -> None:
        """Wait until something is true, or raise TimeoutError after ``timeout`` seconds of real time.

        It is looked at after every change at Discord, and between changes every few milliseconds.
        """

        deadline = time.monotonic() + timeout
        while not happened():
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError(f"not within {timeout} s: {what}; violations: {self.violations}")
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._change.wait(), min(left, _LOOK_SECONDS))

    def add_guild(self, name: str, *, bot_is_member: bool = True, locale: str = "en-US") -> Guild:
        """A new server, with a role of the bot's own where it is a member."""
        guild = Guild(self.snowflakes.next(), name, owner_id=self.snowflakes.next(), bot_is_member=bot_is_member)
        guild.locale = locale
        self.guilds[guild.id] = guild
        if bot_is_member:
            role = Role(self.snowflakes.next(), self.bot.name, EVERYBODYS_PERMISSIONS)
            guild.roles[role.id] = role
            guild.members[self.bot.id] = {role.id}
            self._tell_guild("GUILD_CREATE", guild.payload(self.bot), guild)
        return guild

    def add_channel(self, name: str, guild: Guild | None = None) -> Channel:
        """A new text channel, in ``home`` where no guild is given."""
        guild = guild or self.home
        channel = Channel(self.snowflakes.next(), ChannelType.TEXT, name, guild)
        guild.channels[channel.id] = self.channels[channel.id] = channel
        self._tell_guild("CHANNEL_CREATE", channel.payload(), guild)
        return channel

    def direct_channel(self, *accounts: Account) -> Channel:
        """The conversation of these people, or of one person and the bot."""
        recipients = {self.bot, *accounts} if len(accounts) == 1 else set(accounts)
        for channel in self.channels.values():
            if channel.type is ChannelType.DIRECT and set(channel.recipients) == recipients:
                return channel
        others = tuple(sorted(recipients, key=lambda account: account.id))
        channel = Channel(self.snowflakes.next(), ChannelType.DIRECT, "", recipients=others)
        self.channels[channel.id] = channel
        return channel

    def add_thread(self, parent: Channel, name: str, owner: Account, message: Message | None = None) -> Channel:
        """A new public thread; one on a message has the message's id."""
        number = self.snowflakes.next() if message is None else message.id
        thread = Channel(number, ChannelType.PUBLIC_THREAD, name, parent.guild, parent, owner_id=owner.id)
        self.channels[thread.id] = thread
        assert parent.guild is not None
        parent.guild.channels[thread.id] = thread
        self._tell_guild("THREAD_CREATE", thread.payload() | {"newly_created": True}, parent.guild)
        if message is not None:
            message.thread = thread
            self.edit(message, flags=message.flags | MessageFlag.HAS_THREAD)
        return thread

    def deny(self, channel: Channel, *names: str, account: Account | None = None) -> None:
        """Take permissions (like ``send_messages``) in a channel from an account, or from the bot."""
        who = (account or self.bot).id
        for name in names:
            channel.denied[who] = channel.denied.get(who, Permission(0)) | Permission[name.upper()]
        assert channel.guild is not None, "nobody can deny anything in a direct conversation"
        self._tell_guild("CHANNEL_UPDATE", channel.payload(), channel.guild)

    def delete_message(self, message: Message) -> None:
        """Delete a message as a moderator would."""
        message.deleted = True
        message.channel.messages.pop(message.id, None)
        gone: dict[str, Any] = {"id": str(message.id), "channel_id": str(message.channel.id)}
        if message.channel.guild is not None:
            gone["guild_id"] = str(message.channel.guild.id)
        if not message.ephemeral:
            self._tell("MESSAGE_DELETE", gone, message.channel)
        self.changed()

    def delete_channel(self, channel: Channel) -> None:
        """Delete a channel or a thread, with its threads."""
        assert channel.guild is not None
        for thread in [each for each in self.channels.values() if each.parent is channel]:
            self.delete_channel(thread)
        payload = channel.payload()
        channel.deleted = True
        self.channels.pop(channel.id, None)
        channel.guild.channels.pop(channel.id, None)
        self._tell_guild("THREAD_DELETE" if channel.is_thread else "CHANNEL_DELETE", payload, channel.guild)
        self.changed()

    def remove_bot(self, guild: Guild) -> None:
        """Take the bot out of a guild."""
        self._tell_guild("GUILD_DELETE", {"id": str(guild.id)}, guild)
        guild.bot_is_member = False
        guild.members.pop(self.bot.id, None)

    def post(
        self,
        channel: Channel,
        author: Account,
        state: MessageState,
        *,
        reply_to: Message | None = None,
        ping: bool = True,
        exchange: Exchange | None = None,
        nonce: str = "",
    ) -> Message:
        """Put a message into a channel and tell the bot of it, as far as it may hear of it."""
        called = [
            self.accounts[int(number)]
            for number in re.findall(r"<@!?(\d+)>", state.content)
            if int(number) in self.accounts
        ]
        if reply_to is not None and ping and author is not self.bot and reply_to.exchange is None:
            called.append(reply_to.author)  # a reply to an interaction's response never counts as a ping
        mentions = tuple(dict.fromkeys(called))
        message = Message(self.snowflakes.next(), channel, author, [state], reply_to, mentions, exchange, nonce=nonce)
        if not message.ephemeral:
            channel.messages[message.id] = message
            self._tell_message("MESSAGE_CREATE", message)
        self.changed()
        return message

    def edit(self, message: Message, state: MessageState | None = None, *, flags: MessageFlag | None = None) -> None:
        """Let a message stand differently, and tell the bot of it."""
        if state is not None:
            message.history.append(state)
        if flags is not None:
            now = message.state
            message.history[-1] = MessageState(now.at, now.content, now.components, now.embeds, now.attachments, flags)
        if not message.ephemeral:
            self._tell_message("MESSAGE_UPDATE", message)
        self.changed()

    def interact(
        self,
        type: InteractionType,
        user: Account,
        channel: Channel,
        data: dict[str, Any],
        message: Message | None = None,
    ) -> Exchange:
        """Tell the bot that a person wants something of it."""
        token = secrets.token_urlsafe(32)
        exchange = Exchange(self, self.snowflakes.next(), token, type, user, channel, self.clock(), data, message)
        self.exchanges[token] = exchange
        self.gateway.dispatch("INTERACTION_CREATE", exchange.payload(), guild_id=self._told_guild(channel))
        return exchange

    def context(self, channel: Channel) -> int:
        """Discord's number for where an interaction happens: 0 in a guild, 1 with the bot, 2 between people."""
        if channel.guild is not None:
            return IN_GUILD
        return WITH_BOT if self.bot in channel.recipients else PRIVATE

    def app_permissions(self, channel: Channel, user: Account) -> Permission:
        """What an interaction says that the bot may do: where it isn't a member, what the person may."""
        guild = channel.guild
        member = guild.bot_is_member if guild is not None else self.bot in channel.recipients
        return permissions(self.bot if member else user, channel)

    def bot_sees(self, channel: Channel) -> bool:
        """Whether the bot hears what happens in a channel."""
        if channel.guild is not None and not channel.guild.bot_is_member:
            return False
        return Permission.VIEW_CHANNEL in permissions(self.bot, channel)

    def stored(self, components: list[Component], attachments: tuple[Attachment, ...]) -> list[Component]:
        """Components as Discord keeps them: each with a number, and files of the message with their address."""
        kept = copy.deepcopy(components)
        taken = {each["id"] for each in walk(kept) if each.get("id")}
        free = (number for number in range(1, 10_000) if number not in taken)
        addresses = {f"attachment://{each.filename}": each.url for each in attachments}
        for each in walk(kept):
            each["id"] = each.get("id") or next(free)
            for media in (each.get("file"), each.get("media"), *(item["media"] for item in each.get("items") or ())):
                if media:
                    media["url"] = media["proxy_url"] = addresses.get(media["url"], media["url"])
        return kept

    def _tell_message(self, event: str, message: Message) -> None:
        readable = message.readable_without_content_intent(self.bot)
        payload = message.payload(readable=readable, bot=self.bot)
        guild = message.channel.guild
        if guild is not None:
            payload["guild_id"] = str(guild.id)
            payload["member"] = guild.member_payload(message.author)
        self._tell(event, payload, message.channel)

    def _told_guild(self, channel: Channel) -> int | None:
        """The guild whose shard hears of a channel's interactions."""
        guild = channel.guild
        return guild.id if guild is not None and guild.bot_is_member else None

    def _tell(self, event: str, data: dict[str, Any], channel: Channel) -> None:
        if not self.bot_sees(channel):
            return
        if channel.guild is None:
            self.gateway.dispatch(event, data, guild_id=None, intent=DIRECT_MESSAGES_INTENT)
        else:
            self.gateway.dispatch(event, data, guild_id=channel.guild.id, intent=GUILD_MESSAGES_INTENT)

    def _tell_guild(self, event: str, data: dict[str, Any], guild: Guild) -> None:
        if guild.bot_is_member:
            self.gateway.dispatch(event, data, guild_id=guild.id, intent=GUILDS_INTENT)

    def _welcome(self) -> Welcome:
        ready = {
            "v": 10,
            "user": self.bot.payload(),
            "application": {"id": str(self.application_id), "flags": 0},
            "private_channels": [],
            "resume_gateway_url": self.http_base.replace("http", "ws", 1) + "/gateway",
            "session_type": "normal",
            "_trace": [],
        }
        guilds = [(guild.id, guild.payload(self.bot)) for guild in self.guilds.values() if guild.bot_is_member]
        return Welcome(ready, guilds)
