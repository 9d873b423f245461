"""The real discord.py client believes the stand-in, and the stand-in refuses what Discord would."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any

import discord
import pytest
import yarl
from discord import app_commands, ui

from tests.discord_bot.stand_in import Channel, Impossible, NotAllowed, StandIn, User

Story = Callable[["StandIn", "Client"], Coroutine[Any, Any, None]]


@contextmanager
def pointed_at(stand_in: StandIn) -> Iterator[None]:
    """Let discord.py talk to the stand-in.

    AutoShardedClient asks /gateway/bot for its gateway, but goes back to the default one after op 9.
    """
    base, gateway = discord.http.Route.BASE, discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY
    discord.http.Route.BASE = stand_in.api_base
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(stand_in.gateway_url)
    try:
        yield
    finally:
        discord.http.Route.BASE = base
        discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = gateway


class Form(ui.Modal, title="Correct it"):
    """A dialogue with a text and a choice."""

    text: ui.Label[Any] = ui.Label(text="What is wrong?", component=ui.TextInput(custom_id="text", max_length=200))
    kind: ui.Label[Any] = ui.Label(
        text="Kind",
        component=ui.RadioGroup(
            custom_id="kind",
            options=[discord.RadioGroupOption(label="Quote", value="q"), discord.RadioGroupOption(label="Date")],
        ),
    )

    async def on_submit(self, interaction: discord.Interaction) -> None:
        """Say back what was filled in."""
        text, kind = self.text.component, self.kind.component
        assert isinstance(text, ui.TextInput) and isinstance(kind, ui.RadioGroup)
        await interaction.response.send_message(f"{text.value}|{kind.value}", ephemeral=True)


class Card(ui.LayoutView):
    """An answer with buttons in a container."""

    def __init__(self, text: str) -> None:
        super().__init__(timeout=None)
        more: ui.Button[Any] = ui.Button(label="More", custom_id="more")
        more.callback = self.more  # type: ignore[method-assign]
        wrong: ui.Button[Any] = ui.Button(label="Wrong?", custom_id="wrong")
        wrong.callback = self.wrong  # type: ignore[method-assign]
        section: ui.Section[Any] = ui.Section(ui.TextDisplay(text), accessory=more)
        self.add_item(ui.Container(section, ui.ActionRow(wrong), accent_colour=0x336699))

    async def more(self, interaction: discord.Interaction) -> None:
        """Put a longer text in place."""
        await interaction.response.edit_message(view=Card("the longer text"))

    async def wrong(self, interaction: discord.Interaction) -> None:
        """Ask what is wrong."""
        await interaction.response.send_modal(Form())


class Client(discord.AutoShardedClient):
    """A minimal bot of which every test uses a part."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            intents=discord.Intents(guilds=True, guild_messages=True, dm_messages=True),
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            guild_ready_timeout=0.02,
            **options,
        )
        self.tree = app_commands.CommandTree(self)
        self.read: list[str] = []
        self.errors: list[Exception] = []
        self.events: list[str] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.tree.add_command(app_commands.Command(name="ask", description="Ask", callback=self.ask))
        self.tree.add_command(app_commands.ContextMenu(name="Ask about this", callback=self.about))
        only_editors: app_commands.Command[Any, ..., None] = app_commands.Command(
            name="reload", description="Reload", callback=self.reload
        )
        only_editors.default_permissions = discord.Permissions(manage_guild=True)
        self.tree.add_command(only_editors)
        self.tree.get_command("ask").autocomplete("outlet")(self.outlets)  # type: ignore[union-attr]

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Don't wait five seconds between two shards."""

    async def setup_hook(self) -> None:
        """Register the commands."""
        await self.tree.sync()

    async def ask(self, interaction: discord.Interaction, question: str, outlet: str = "") -> None:
        """Answer with a card, or late, or not at all, or against the rules."""
        await self.gate.wait()
        try:
            if question == "say":
                await interaction.response.send_message(outlet)
                return
            await interaction.response.defer(ephemeral=question == "quietly")
            await interaction.edit_original_response(view=Card(f"{question} {outlet}"))
        except discord.HTTPException as error:
            self.errors.append(error)

    async def outlets(self, interaction: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
        """Suggest outlets."""
        return [app_commands.Choice(name=f"{current}ad", value="bread")]

    async def about(self, interaction: discord.Interaction, message: discord.Message) -> None:
        """Say back what the message says."""
        await interaction.response.send_message(f"about {message.content}", ephemeral=True)

    async def reload(self, interaction: discord.Interaction) -> None:
        """Do nothing visible."""
        await interaction.response.send_message("done", ephemeral=True)

    async def on_message(self, message: discord.Message) -> None:
        """Remember what could be read, and answer mentions."""
        if message.author == self.user:
            return
        self.read.append(message.content)
        if self.user in message.mentions or message.guild is None:
            try:
                await message.reply("yes?", mention_author=False)
            except discord.HTTPException as error:
                self.errors.append(error)

    async def on_resumed(self) -> None:
        """Remember it."""
        self.events.append("resumed")

    async def on_ready(self) -> None:
        """Remember it."""
        self.events.append("ready")


@asynccontextmanager
async def running(stand_in: StandIn, client: Client) -> AsyncIterator[None]:
    """The client, connected until the block ends."""
    with pointed_at(stand_in):
        async with client:
            task = asyncio.create_task(client.start("token"))
            try:
                await stand_in.wait_ready()
                # What was sent has yet to be read by the client.
                await stand_in.until(lambda: client.get_channel(stand_in.channel.id))
                yield
            finally:
                await client.close()
                with suppress(asyncio.CancelledError):
                    await task


def tell(story: Story, **options: Any) -> None:
    """Run a story with a stand-in and a connected client."""

    async def whole() -> None:
        async with StandIn(**options) as stand_in:
            client = Client()
            async with running(stand_in, client):
                await story(stand_in, client)

    asyncio.run(whole())


def test_a_command_is_deferred_answered_clicked_and_corrected() -> None:
    async def story(stand_in: StandIn, client: Client) -> None:
        ada = stand_in.user("Ada")
        exchange = await ada.slash("ask", question="Who?", outlet="Bee")
        answer = await exchange.answered()
        assert answer.text == "Who? Bee"
        assert answer.history[0].text == ""
        assert not exchange.ephemeral
        assert exchange.acknowledged_after is not None and exchange.acknowledged_after < 1
        assert [button.label for button in answer.buttons] == ["More", "Wrong?"]

        clicked = await ada.click(answer, label="More")
        assert (await clicked.answered()).text == "the longer text"
        opened = await ada.click(answer, custom_id="wrong")
        assert (await opened.modal_shown())["title"] == "Correct it"
        with pytest.raises(Impossible, match="left empty"):
            await ada.submit(opened, {"Kind": "Date"})
        sent = await ada.submit(opened, {"What is wrong?": "the year"}, kind="Quote")
        reply = await sent.answered()
        assert (reply.text, reply.ephemeral) == ("the year|q", True)
        with pytest.raises(Impossible, match="no button"):
            await ada.click(answer, label="Less")
        assert not stand_in.violations

    tell(story)


def test_what_the_client_would_not_let_through_is_impossible() -> None:
    async def story(stand_in: StandIn, client: Client) -> None:
        ada, eve = stand_in.user("Ada"), stand_in.user("Eve", manage_guild=True)
        with pytest.raises(Impossible, match="no option"):
            await ada.slash("ask", question="Who?", colour="red")
        with pytest.raises(Impossible, match="needs the option"):
            await ada.slash("ask")
        with pytest.raises(Impossible, match="takes"):
            await ada.slash("ask", question=3)
        with pytest.raises(NotAllowed):
            await ada.slash("reload")
        assert (await (await eve.slash("reload")).answered()).text == "done"
        exchange = await ada.slash("ask", question="quietly")
        quiet = await exchange.answered()
        assert quiet.ephemeral and not await stand_in.messages_of_bot()
        with pytest.raises(Impossible, match="doesn't see"):
            await eve.click(quiet, label="More")
        assert (await (await ada.click(quiet, label="More")).answered()).text == "the longer text"

    tell(story)


def test_suggestions_and_a_messages_menu_answer() -> None:
    async def story(stand_in: StandIn, client: Client) -> None:
        ada = stand_in.user("Ada")
        choices = await ada.autocomplete("ask", "outlet", "bre", question="Who?")
        assert [(choice.name, choice.value) for choice in choices] == [("bread", "bread")]
        exchange = await ada.menu("Ask about this", await ada.say("a claim"))
        assert (await exchange.answered()).text == "about a claim"
        assert not stand_in.violations

    tell(story)


def test_the_bot_reads_mentions_direct_messages_and_pinging_replies_to_its_own_messages_only() -> None:
    async def story(stand_in: StandIn, client: Client) -> None:
        ada = stand_in.user("Ada")
        await ada.say("unheard")
        await ada.mention("heard")
        reply = await stand_in.next_message()
        assert reply.text == "yes?" and reply.reply_to is not None
        await ada.say("replied", reply_to=reply)
        await stand_in.next_message()
        await ada.say("quietly replied", reply_to=reply, ping=False)
        response = await (await ada.slash("ask", question="say", outlet="an answer")).answered()
        await ada.say("to the response", reply_to=response)
        await ada.dm("directly")
        await stand_in.next_message(ada)
        assert client.read == ["", f"{stand_in.bot.called} heard", "replied", "", "", "directly"]
        assert not stand_in.violations

    tell(story)


def test_what_happens_while_the_connection_is_down_is_replayed() -> None:
    async def story(stand_in: StandIn, client: Client) -> None:
        ada = stand_in.user("Ada")
        async with stand_in.offline():
            await ada.mention("missed")
            assert not stand_in.connected
        assert (await stand_in.next_message()).text == "yes?"
        await stand_in.send_reconnect()
        await stand_in.wait_ready()
        await stand_in.invalidate_session(resumable=True)
        await stand_in.wait_ready()
        assert (len(stand_in.gateway.identifies), len(stand_in.gateway.resumes)) == (1, 3)
        await stand_in.invalidate_session(resumable=False)
        await stand_in.wait_ready()
        await stand_in.drop_connection(code=None)
        await stand_in.wait_ready()
        assert (len(stand_in.gateway.identifies), len(stand_in.gateway.resumes)) == (2, 4)
        assert client.read == [f"{stand_in.bot.called} missed"]

    tell(story)


def test_a_privileged_intent_and_a_wrong_token_are_refused() -> None:
    async def whole() -> None:
        async with StandIn() as stand_in:
            with pointed_at(stand_in):
                async with discord.AutoShardedClient(intents=discord.Intents(message_content=True)) as client:
                    with pytest.raises(discord.PrivilegedIntentsRequired):
                        await client.start("token")
                async with Client() as client:
                    with pytest.raises(discord.LoginFailure):
                        await client.start("another token")

    asyncio.run(whole())


def test_two_shards_hear_of_their_own_guilds() -> None:
    async def story(stand_in: StandIn, client: Client) -> None:
        elsewhere = stand_in.add_guild("Elsewhere")
        channel = stand_in.add_channel("talk", elsewhere)
        ada = stand_in.user("Ada")
        await ada.mention("there", where=channel)
        assert (await stand_in.next_message(channel)).text == "yes?"
        assert {session.shard for session in stand_in.gateway.sessions.values()} == {0, 1}

    tell(story, shards=2)


def test_too_many_requests_are_tried_again_and_a_broken_connection_is_not() -> None:
    async def story(stand_in: StandIn, client: Client) -> None:
        ada = stand_in.user("Ada")
        messages = rf"/channels/{stand_in.channel.id}/messages"
        stand_in.fault("POST", messages, 429)
        await ada.mention("hello")
        assert (await stand_in.next_message()).text == "yes?"
        assert len(stand_in.requested("POST", messages)) == 2
        stand_in.fault("POST", messages, None, drop=True, applied=True)
        with pytest.raises(Exception, match="disconnected"):
            await client.get_channel(stand_in.channel.id).send("lost")  # type: ignore[union-attr]
        assert (await stand_in.next_message()).text == "lost"

    tell(story)


def test_an_acknowledgement_after_three_seconds_comes_too_late() -> None:
    async def story(stand_in: StandIn, client: Client) -> None:
        ada = stand_in.user("Ada")
        client.gate.clear()
        late = await ada.slash("ask", question="Who?")
        stand_in.advance(3.5)
        client.gate.set()
        await stand_in.until(lambda: client.errors)
        assert isinstance(client.errors[0], discord.NotFound) and client.errors[0].code == 10062
        assert not late.acknowledged

        @client.tree.command()
        async def slow(interaction: discord.Interaction) -> None:
            """Answer far too late."""
            await interaction.response.defer()
            with pytest.raises(discord.InteractionResponded):
                await interaction.response.defer()
            stand_in.advance(901)
            with pytest.raises(discord.HTTPException) as expired:
                await interaction.followup.send("late")
            client.errors.append(expired.value)

        await client.tree.sync()
        await ada.slash("slow")
        await stand_in.until(lambda: len(client.errors) == 2)
        assert isinstance(client.errors[1], discord.HTTPException) and client.errors[1].code == 50027

    tell(story)


def test_what_discord_refuses_and_what_could_ping_is_noted() -> None:
    async def story(stand_in: StandIn, client: Client) -> None:
        channel = client.get_channel(stand_in.channel.id)
        assert isinstance(channel, discord.TextChannel)
        await channel.send("hello @everyone", allowed_mentions=discord.AllowedMentions.all())
        assert [text for text in stand_in.violations if "could ping" in text]

        async def refused(**message: Any) -> str:
            stand_in.violations.clear()
            with pytest.raises(discord.HTTPException) as error:
                await channel.send(**message)
            assert error.value.status == 400 and stand_in.violations
            return " ".join(stand_in.violations)

        assert "2000" in await refused(content="x" * 2001)
        assert "empty" in await refused(content=" ")
        twice = ui.View(timeout=None)
        twice.add_item(ui.Button(label="a", custom_id="same")).add_item(ui.Button(label="b", custom_id="same"))
        assert "'same' is there twice" in await refused(view=twice)
        wide = ui.View(timeout=None).add_item(ui.Button(label="a" * 81, custom_id="a"))
        assert "80" in await refused(content="hello", view=wide)
        long: ui.LayoutView = ui.LayoutView(timeout=None)
        long.add_item(ui.TextDisplay("x" * 2500)).add_item(ui.TextDisplay("x" * 1501))
        assert "4001 characters" in await refused(view=long)
        heavy: ui.LayoutView = ui.LayoutView(timeout=None).add_item(ui.TextDisplay("京" * 3400))
        assert "bytes" in await refused(view=heavy)
        both = {"content": "hello", "view": ui.LayoutView(timeout=None).add_item(ui.TextDisplay("there"))}
        assert "no content" in await refused(**both)

        stand_in.violations.clear()
        card = await channel.send(view=ui.LayoutView(timeout=None).add_item(ui.TextDisplay("a card")))
        with pytest.raises(discord.HTTPException):
            await card.edit(content="plain", view=None)
        assert stand_in.violations

    tell(story)


def test_a_denied_or_deleted_place_refuses() -> None:
    async def story(stand_in: StandIn, client: Client) -> None:
        ada = stand_in.user("Ada")
        channel = client.get_channel(stand_in.channel.id)
        assert isinstance(channel, discord.TextChannel)
        message = await channel.send("hello")
        other = await channel.send("hello again")
        thread = await message.create_thread(name="On it")
        stand_in.deny(stand_in.channel, "send_messages", "create_public_threads")
        inside = await thread.send("in the thread")

        async def code(attempt: Coroutine[Any, Any, Any]) -> int:
            with pytest.raises(discord.HTTPException) as refused:
                await attempt
            return refused.value.code

        assert await code(channel.send("again")) == 50013
        assert await code(other.create_thread(name="x")) == 50013
        exchange = await ada.slash("ask", question="Who?")
        assert not int(exchange.payload()["app_permissions"]) & discord.Permissions(send_messages=True).value
        assert (await exchange.answered()).text == "Who? "

        stand_in.delete_message(await stand_in.next_message())
        assert await code(message.edit(content="again")) == 10008
        stand_in.deny(stand_in.channel, "view_channel")
        assert await code(inside.edit(content="unseen")) == 50001
        stand_in.delete_channel(stand_in.channel)
        assert await code(thread.send("again")) == 10003
        assert not stand_in.violations

    tell(story)


def test_a_heartbeat_without_answer_makes_the_client_resume() -> None:
    async def story(stand_in: StandIn, client: Client) -> None:
        await stand_in.until(lambda: stand_in.gateway.heartbeats > 1)
        stand_in.gateway.acknowledge_heartbeats = False
        await stand_in.until(lambda: stand_in.gateway.resumes, 5)

    async def whole() -> None:
        async with StandIn(heartbeat_interval=0.05) as stand_in:
            client = Client(heartbeat_timeout=0.3)
            async with running(stand_in, client):
                await story(stand_in, client)

    asyncio.run(whole())


def test_where_the_bot_is_no_member_a_person_brings_it_along() -> None:
    async def story(stand_in: StandIn, client: Client) -> None:
        elsewhere = stand_in.add_guild("Elsewhere", bot_is_member=False)
        channel = stand_in.add_channel("talk", elsewhere)
        ada, eve = stand_in.user("Ada"), stand_in.user("Eve")
        with pytest.raises(NotAllowed):
            await ada.slash("ask", question="Who?", where=channel)
        everywhere = app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True)
        client.tree.allowed_contexts = everywhere
        client.tree.allowed_installs = app_commands.AppInstallationType(guild=True, user=True)
        await client.tree.sync()
        for place in (channel, stand_in.direct_channel(ada, eve), ada.direct):
            answer = await (await ada.slash("ask", question="Who?", where=place)).answered()
            assert (await (await eve_or_ada(ada, eve, place).click(answer, label="More")).answered()).text
        assert not stand_in.violations

    def eve_or_ada(ada: User, eve: User, place: Channel) -> User:
        return ada if place is ada.direct else eve

    tell(story)


def test_a_message_sent_again_with_its_nonce_stands_once() -> None:
    async def story(stand_in: StandIn, client: Client) -> None:
        channel = client.get_partial_messageable(stand_in.channel.id)
        first, again = await channel.send("once", nonce="n1"), await channel.send("once", nonce="n1")
        assert first.id == again.id and len(await stand_in.messages_of_bot()) == 1

    tell(story)


def test_a_select_a_link_and_a_subcommand_are_used_as_they_are_shown() -> None:
    async def story(stand_in: StandIn, client: Client) -> None:
        ada = stand_in.user("Ada")
        chosen: list[str] = []
        select: ui.Select[Any] = ui.Select(custom_id="outlet", options=[discord.SelectOption(label="Bee", value="b")])

        async def choose(interaction: discord.Interaction) -> None:
            chosen.extend(select.values)
            await interaction.response.defer()
            await interaction.followup.send("noted", ephemeral=True)

        select.callback = choose  # type: ignore[method-assign]
        view = ui.View(timeout=None).add_item(select).add_item(ui.Button(label="Read", url="https://bee.example/1"))
        await client.get_partial_messageable(stand_in.channel.id).send("Which?", view=view)
        message = await stand_in.next_message()
        assert message.preview == "Which?"
        exchange = await ada.choose(message, "outlet", ["Bee"])
        assert ((await exchange.answered()).text, exchange.followups[0].ephemeral, chosen) == ("noted", True, ["b"])
        with pytest.raises(Impossible, match="link"):
            await ada.click(message, label="Read")

        group = app_commands.Group(name="outlets", description="Outlets")

        @group.command(name="mute")
        async def mute(interaction: discord.Interaction, person: discord.Member, days: int) -> None:
            """Say back what was given."""
            await interaction.response.send_message(f"{person.display_name} {days}")

        client.tree.add_command(group)
        await client.tree.sync()
        answer = await (await ada.slash("outlets mute", person=ada, days=3)).answered()
        assert answer.text == "Ada 3"
        assert not stand_in.violations

    tell(story)


def test_files_arrive_whole() -> None:
    async def story(stand_in: StandIn, client: Client) -> None:
        channel = client.get_partial_messageable(stand_in.channel.id)
        await channel.send("the export", file=discord.File(io.BytesIO(b"a,b"), "answer.csv"))
        message = await stand_in.next_message()
        assert [(each.filename, each.content) for each in message.attachments] == [("answer.csv", b"a,b")]
        assert await (await channel.fetch_message(message.id)).attachments[0].read() == b"a,b"
        assert not stand_in.violations

    tell(story)
