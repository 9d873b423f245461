"""The bot itself: its connection, what arrives over it, and how it starts and ends."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re
import time
from collections.abc import Callable
from typing import Any, Literal

import aiohttp
import discord
import yarl
from discord import app_commands

from qabot import DiscordSettings, Engine, Filters, QabotError, Settings
from qabot.discord_bot.access import place_of, refusal
from qabot.discord_bot.asking import RESTARTING, Asking, Question, Records, problem_text
from qabot.discord_bot.cards import notice_card
from qabot.discord_bot.commands import Commands
from qabot.discord_bot.deeds import Deeds
from qabot.discord_bot.delivery import InteractionReply, MessageReply
from qabot.discord_bot.desk import Desk, Stopping
from qabot.store import Kept, Store, direct_place, group_place, open_store, thread_place
from qabot.wire import to_json

log = logging.getLogger(__name__)

# Guilds, and messages in them and in direct messages: slash commands, mentions and replies need no more.
INTENTS = discord.Intents(guilds=True, guild_messages=True, dm_messages=True)
FINISH_SECONDS = 10.0
_FORGET_EVERY = 3600.0
_FOR_EVERYBODY = frozenset({"help", "privacy", "forget"})
_FOR_MANAGERS = frozenset({"settings", "reindex"})
_HINT_EVERY = 600.0  # seconds, for each channel


class Bot(discord.AutoShardedClient):
    """One engine, one store, and Discord. ``api_base`` in the settings points it at another REST base."""

    def __init__(self, engine: Engine, settings: Settings, *, guild_ready_timeout: float = 2.0) -> None:
        discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # it never speaks
        super().__init__(
            intents=INTENTS,
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            allowed_mentions=discord.AllowedMentions.none(),
            guild_ready_timeout=guild_ready_timeout,
        )
        self.engine = engine
        self.settings: DiscordSettings = settings.discord
        self.plain = settings.discord.plain
        store = open_store(settings)
        # In memory too: whether somebody may ask is looked at before everything else, and survives a lost store.
        self.allowed = store.allowed()
        self.records = Records(store)
        self.desk = Desk(engine, workers=settings.discord.workers, queue=settings.discord.queue)
        self.asking = Asking(self.desk, self.records, settings.discord)
        self.tree = Commands(self)
        self.started = time.time()
        self._deeds = Deeds(self)
        self._hinted: dict[tuple[int, int, str], float] = {}
        self._upkeep: asyncio.Task[None] | None = None
        self._shards_up: set[int | None] = set()
        # An event that discord.py cannot read is one event lost, not the connection.
        state = self._connection
        state.parsers = {name: _guarded(name, parser) for name, parser in state.parsers.items()}

    # Starting and ending

    async def login(self, token: str) -> None:
        """Begins to load the index and the models while it logs in."""
        self.desk.start()
        if self.settings.api_base:
            discord.http.Route.BASE = self.settings.api_base.rstrip("/")
        await super().login(token)

    async def setup_hook(self) -> None:
        if self.settings.api_base:
            answered = await self.http.request(discord.http.Route("GET", "/gateway"))
            discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(answered["url"])
        self._upkeep = asyncio.create_task(self._forget_old(), name="qabot-forget")
        await self._sync_commands()

    async def _sync_commands(self) -> None:
        """Tells Discord the commands, only when they changed: it limits how often that may be done."""
        commands = [command.to_dict(self.tree) for command in self.tree.get_commands()]
        commands += [
            command.to_dict(self.tree) for command in self.tree.get_commands(type=discord.AppCommandType.message)
        ]
        digest = hashlib.sha256(to_json(commands).encode()).hexdigest()
        key = f"commands:{self.application_id}:{self.settings.api_base}"
        if await self.records.do(lambda store: store.meta(key)) == digest:
            return
        try:
            await self.tree.sync()
        except (discord.HTTPException, aiohttp.ClientError, app_commands.AppCommandError) as error:
            # Those it knows from before go on; the next start tries again.
            log.error("the commands could not be registered: %s", error)
            return
        # Where that fails, they are registered again at the next start.
        await self.records.attempt(lambda store: store.set_meta(key, digest))

    async def _forget_old(self) -> None:
        while True:
            try:
                while await self.records.do(Store.forget_old):
                    pass
                self.allowed = await self.records.do(Store.allowed)
            except QabotError as error:
                log.error("%s", error.problem)
            await asyncio.sleep(_FORGET_EVERY)

    async def finish(self) -> None:
        """Answers what is under way, for ten seconds at most, and closes."""
        log.info("stopping: %d questions under way", self.asking.under_way)
        await self.asking.finish(FINISH_SECONDS)
        await self.close()

    async def close(self) -> None:
        if self.is_closed():
            return
        if self._upkeep is not None:
            self._upkeep.cancel()
        for part in (super().close, self.desk.close, self.records.close):
            try:
                await part()
            except Exception as error:  # the others are closed all the same
                log.error("not closed: %s: %s", type(error).__name__, error)

    # What arrives

    async def on_ready(self) -> None:
        log.info("connected as %s, in %d servers, %s shards", self.user, len(self.guilds), self.shard_count)

    @property
    def connected(self) -> bool:
        """Whether every shard has its connection just now."""
        return self.is_ready() and len(self._shards_up) >= max(1, self.shard_count or 1)

    async def on_shard_connect(self, shard_id: int) -> None:
        self._shards_up.add(shard_id)

    async def on_shard_resumed(self, shard_id: int) -> None:
        self._shards_up.add(shard_id)

    async def on_shard_disconnect(self, shard_id: int) -> None:
        self._shards_up.discard(shard_id)

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """Buttons and forms; commands are the tree's."""
        if interaction.type not in (discord.InteractionType.component, discord.InteractionType.modal_submit):
            return
        self.asking.count()
        try:
            if await self.may(interaction):
                await self._deeds.take(interaction)
        except Exception as error:
            await self.apologise(interaction, error)

    async def on_message(self, message: discord.Message) -> None:
        """A mention, a reply to one of its messages, or a direct message. The others arrive without their text."""
        me = self.user
        if me is None or message.author.bot or message.is_system() or message.author.id == me.id:
            return
        try:
            await self._read(message, me)
        except QabotError as error:
            log.error("%s", error.problem)
        except Exception:
            log.exception("a message failed inside")

    async def _read(self, message: discord.Message, me: discord.ClientUser) -> None:
        direct = message.guild is None
        mentioned = any(user.id == me.id for user in message.mentions)
        if not (direct or mentioned or message.reference):
            return
        self.asking.count()
        replied_to = await self._answer_replied_to(message)
        if not (direct or mentioned or replied_to):
            return
        text = re.sub(rf"<@!?{me.id}>", " ", message.content).strip()
        reply = MessageReply(message)
        if not text:
            if replied_to or mentioned or direct:
                await self._hint(message, reply, withheld=bool(replied_to) and not mentioned and not direct)
            return
        refused = self.refused(message)
        if refused:
            # Said to whoever spoke to it; silence would look like a failure.
            await self._hint(message, reply, text=refused)
            return
        follows = replied_to if replied_to and not replied_to.private else None
        question = Question(
            text=text,
            asker=message.author.id,
            channel=message.channel.id,
            guild=message.guild.id if message.guild else None,
            follows=follows,
            place=self.conversation_place(message),
            can_thread=message.guild is not None and not isinstance(message.channel, discord.Thread),
        )
        await self.asking.answer(question, reply)

    async def _answer_replied_to(self, message: discord.Message) -> Kept | None:
        reference = message.reference
        if reference is None or reference.message_id is None:
            return None
        number = reference.message_id
        return await self.records.attempt(lambda store: store.find_by_message(number))

    async def _hint(
        self, message: discord.Message, reply: MessageReply, *, withheld: bool = False, text: str = ""
    ) -> None:
        """A word on how to ask, now and then for each person; not at every message."""
        now = time.monotonic()
        key = (message.channel.id, message.author.id, text or str(withheld))
        if now - self._hinted.get(key, -_HINT_EVERY) < _HINT_EVERY:
            return
        self._hinted = {known: at for known, at in self._hinted.items() if now - at < _HINT_EVERY}
        self._hinted[key] = now
        if not text:
            text = (
                "Discord does not show me the text of this reply. Press “Ask a follow-up” under the answer, or mention "
                "me with your question."
                if withheld
                else "Ask me about the articles: mention me with a question, or use `/ask`. `/help` tells more."
            )
        await reply.show(notice_card(text, plain=True))

    # What others ask of it

    async def may(self, interaction: discord.Interaction) -> bool:
        """Whether whoever asks is answered here; if not, they are told why."""
        command = interaction.command
        name = (
            command.root_parent.name
            if isinstance(command, app_commands.Command) and command.root_parent
            else (command.name if command else "")
        )
        # What is kept of a person can be deleted, and who manages a server gets in, wherever questions are refused.
        if name in _FOR_EVERYBODY or (name in _FOR_MANAGERS and interaction.permissions.manage_guild):
            return True
        refused = self.refused(interaction)
        if refused:
            await self.tell(interaction, refused)
        return not refused

    def refused(self, source: discord.Interaction | discord.Message) -> str:
        """Why whoever asks is not answered here; empty where they are."""
        place = place_of(source)
        return refusal(self.settings, self.allowed.get(place.guild or 0, {}), place)

    async def allow(self, guild: int, kind: Literal["channel", "role"], number: int, *, allowed: bool) -> None:
        """Limits a server to one more channel or role, or to one less. Raises IndexUnavailableError."""
        await self.records.do(lambda store: store.allow(guild, kind, number, allowed=allowed))
        self.allowed = await self.records.do(Store.allowed)

    async def tell(self, interaction: discord.Interaction, text: str) -> None:
        """A word that only they see."""
        reply = InteractionReply(interaction, private=True)
        if await reply.acknowledge():
            await reply.show(notice_card(text, plain=self.plain))

    async def apologise(self, interaction: discord.Interaction, error: BaseException) -> None:
        """The end of what failed inside: said to whoever asked, and logged."""
        if isinstance(error, app_commands.CommandInvokeError):
            error = error.original
        if isinstance(error, Stopping):
            text = RESTARTING
        elif isinstance(error, QabotError):
            text = problem_text(error)
            log.error("%s", error.problem)
        else:
            text = "Something went wrong inside, and it was not you."
            log.error("failed inside", exc_info=error)
        try:
            await self.tell(interaction, text)
        except Exception as again:
            log.error("and it could not be said: %s", again)

    def conversation_place(self, source: discord.Interaction | discord.Message) -> str | None:
        """Where a conversation goes on by itself: in a thread for all, in direct messages for each."""
        channel = source.channel
        if isinstance(channel, discord.Thread):
            return thread_place(channel.id)
        person = source.user if isinstance(source, discord.Interaction) else source.author
        if channel is not None and channel.type is discord.ChannelType.private:
            return direct_place(channel.id, person.id)
        if channel is not None and channel.type is discord.ChannelType.group:
            return group_place(channel.id, person.id)
        return None

    def question(
        self,
        interaction: discord.Interaction,
        text: str,
        *,
        filters: Filters | None = None,
        follows: Kept | None = None,
        alone: bool = False,
    ) -> Question:
        """What a command, a button or a form asks."""
        return Question(
            text=text,
            asker=interaction.user.id,
            channel=interaction.channel_id,
            guild=interaction.guild_id,
            filters=filters,
            follows=follows,
            place=self.conversation_place(interaction),
            alone=alone,
            can_thread=self.can_thread(interaction),
        )

    def can_thread(self, interaction: discord.Interaction) -> bool:
        """Whether a thread may be opened from an answer here."""
        channel = interaction.channel
        return (
            interaction.is_guild_integration()
            and interaction.guild_id is not None
            and channel is not None
            and channel.type in (discord.ChannelType.text, discord.ChannelType.news)
            and interaction.app_permissions.create_public_threads
        )


def _guarded(name: str, parser: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def guarded(data: Any) -> Any:
        try:
            return parser(data)
        except Exception as error:
            log.error("a %s could not be read: %s: %s", name, type(error).__name__, error)
            return None

    return guarded
