"""The slash commands and the message menu: what each takes and does."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Literal

import discord
from discord import app_commands

from qabot import Filters, Hit, QabotError, UsageError
from qabot.discord_bot.asking import busy_text, problem_text
from qabot.discord_bot.cards import Card, notice_card, search_card
from qabot.discord_bot.delivery import InteractionReply
from qabot.discord_bot.desk import Busy, Stopping
from qabot.discord_bot.forms import MAX_QUESTION
from qabot.discord_bot.inert import one_line, shortened
from qabot.discord_bot.wording import instant
from qabot.phrases import counted, day

if TYPE_CHECKING:
    from qabot.discord_bot.client import Bot

_COMPLETE_WITHIN = 2.0  # seconds; Discord waits three
_COMPLETIONS, _COMPLETION = 25, 100

HELP = """### Asking about the articles
`/ask` with a question, and if you like with `outlet`, `since` and `until`; `private` shows the answer to you alone.
Or mention me with your question, reply to one of my messages, write to me directly, or choose \
**Apps › Ask about this** on any message.
Every answer is in the articles' own words. **Evidence** shows the exact quote where it stands, and whether it still \
does. What I add is in *italics*.
**Going on:** press **Ask a follow-up** (“who said that?”, “and in 2022?”), or **Open a thread**. Discord does not \
show me a plain reply to an answer of `/ask`, nor messages in a thread that do not mention me: use the button, or a \
mention.
When the articles do not say, I say so, and show what comes closest. When they differ, I show both sides.
-# `/search` finds passages · `/articles` lists what I read · `/status` · `/privacy` · `/forget`"""


class Commands(app_commands.CommandTree["Bot"]):
    """The commands; what they have in common is here."""

    def __init__(self, bot: Bot) -> None:
        super().__init__(
            bot,
            allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True),
            allowed_installs=app_commands.AppInstallationType(guild=True, user=True),
        )
        _add_asking(self, bot)
        _add_telling(self, bot)
        _add_managing(self, bot)

    async def interaction_check(self, interaction: discord.Interaction[Bot]) -> bool:
        if interaction.type is discord.InteractionType.autocomplete:
            return True
        interaction.client.asking.count()
        return await interaction.client.may(interaction)

    async def on_error(self, interaction: discord.Interaction[Bot], error: app_commands.AppCommandError) -> None:
        if isinstance(error, app_commands.CommandNotFound | app_commands.CommandSignatureMismatch):
            await interaction.client.tell(interaction, "This command has changed. Please try again in a minute.")
        else:
            await interaction.client.apologise(interaction, error)


def _add_asking(tree: app_commands.CommandTree[Bot], bot: Bot) -> None:
    async def outlets(interaction: discord.Interaction[Bot], typed: str) -> list[app_commands.Choice[str]]:
        # An error here would only be logged; no completions are no harm.
        if bot.refused(interaction):
            return []
        try:
            articles = await asyncio.wait_for(bot.desk.articles(), _COMPLETE_WITHIN)
        except (TimeoutError, QabotError, Stopping):
            return []
        names = sorted({article.metadata.outlet for article in articles if article.metadata.outlet}, key=str.casefold)
        found = [name for name in names if typed.casefold() in name.casefold() and len(name) <= _COMPLETION]
        return [app_commands.Choice(name=name, value=name) for name in found[:_COMPLETIONS]]

    @tree.command(name="ask", description="Ask about the articles: answered in their own words, with the exact quotes.")
    @app_commands.describe(
        question="What you want to know",
        outlet="Only articles of this outlet",
        since="Only articles of this date or later, such as 2023-11-04, 2023-11 or 2023",
        until="Only articles of this date or earlier",
        private="Show the answer to you alone",
    )
    @app_commands.autocomplete(outlet=outlets)
    async def ask(
        interaction: discord.Interaction[Bot],
        question: app_commands.Range[str, 1, MAX_QUESTION],
        outlet: app_commands.Range[str, 1, _COMPLETION] | None = None,
        since: app_commands.Range[str, 4, 10] | None = None,
        until: app_commands.Range[str, 4, 10] | None = None,
        private: bool = False,
    ) -> None:
        reply = InteractionReply(interaction, private=private)
        try:
            filters = Filters(outlet, None, since, until)
        except UsageError as error:
            await bot.tell(interaction, problem_text(error))
            return
        await bot.asking.answer(bot.question(interaction, question, filters=filters), reply)

    @tree.context_menu(name="Ask about this")
    async def ask_about(interaction: discord.Interaction[Bot], message: discord.Message) -> None:
        if not message.content.strip():
            await bot.tell(interaction, "This message has no text that I could take for a question.")
            return
        text = message.content[:MAX_QUESTION]
        await bot.asking.answer(
            bot.question(interaction, text, filters=Filters()), InteractionReply(interaction, private=False)
        )

    @tree.command(name="search", description="Find passages of the articles, without an answer.")
    @app_commands.describe(query="What to look for", outlet="Only articles of this outlet")
    @app_commands.autocomplete(outlet=outlets)
    async def search(
        interaction: discord.Interaction[Bot],
        query: app_commands.Range[str, 1, MAX_QUESTION],
        outlet: app_commands.Range[str, 1, _COMPLETION] | None = None,
        private: bool = True,
    ) -> None:
        reply = InteractionReply(interaction, private=private)
        if not await reply.acknowledge():
            return
        text = bot.asking.refusal(interaction.user.id, interaction.channel_id)
        hits: list[Hit] = []
        if not text:
            try:
                hits = await bot.desk.search(query, Filters(outlet))
            except Busy as busy:
                text = busy_text(busy)
            except QabotError as error:
                text = problem_text(error)
        if text:
            await reply.show(notice_card(text, plain=bot.plain))
            return
        passages = [(_about(rank, hit), hit.text) for rank, hit in enumerate(hits, 1)]
        await reply.show(search_card(query, passages, plain=bot.plain))


def _add_telling(tree: app_commands.CommandTree[Bot], bot: Bot) -> None:
    @tree.command(name="articles", description="List the articles that answers are taken from.")
    async def articles(interaction: discord.Interaction[Bot]) -> None:
        reply = InteractionReply(interaction, private=True)
        if not await reply.acknowledge():
            return
        try:
            found = await bot.desk.articles()
        except QabotError as error:
            await reply.show(notice_card(problem_text(error), plain=bot.plain))
            return
        lines = []
        for article in found:
            metadata = article.metadata
            known = (metadata.outlet, metadata.published and day(metadata.published), metadata.title or article.path)
            lines.append("- " + one_line(shortened(" · ".join(part for part in known if part), 240)))
        await reply.show(listing(f"### {counted(len(found), 'article')}", lines, "articles.txt", plain=bot.plain))

    @tree.command(name="status", description="What the index holds, and how the bot is.")
    async def status(interaction: discord.Interaction[Bot]) -> None:
        reply = InteractionReply(interaction, private=True)
        if not await reply.acknowledge():
            return
        try:
            found = await bot.desk.quickly(bot.engine.status)
        except QabotError as error:
            starting = "The index is being built; questions wait for it."
            text = problem_text(error) if bot.desk.ready.is_set() else starting
            await reply.show(notice_card(text, plain=bot.plain))
            return
        lag = bot.engine.lag
        behind = (
            f"behind the articles: {one_line(lag.reason)}" if lag.reason
            else "being brought up to date" if lag.behind
            else "in line with the articles"
        )  # fmt: skip
        hours = (time.time() - bot.started) / 3600
        lines = [
            f"### {counted(found.articles, 'article')}, {counted(found.passages, 'passage')}",
            f"Index: generation {found.generation} of {instant(found.built)}, {behind}",
            f"Model: {one_line(found.stamp.model.name)}",
            f"Questions waiting: {bot.desk.pending}",
            f"Up for {hours:.1f} hours, in {counted(len(bot.guilds), 'server')}",
        ]
        lines += [
            f"Left out: {one_line(shortened(f'{path}: {why}', 160))}" for path, why in list(found.skipped.items())[:5]
        ]
        await reply.show(notice_card("\n".join(lines), plain=bot.plain))

    @tree.command(name="help", description="How to ask, and how to go on asking.")
    async def help_(interaction: discord.Interaction[Bot]) -> None:
        await bot.tell(interaction, HELP)

    @tree.command(name="privacy", description="What is kept of you, for how long, and how it is deleted.")
    async def privacy(interaction: discord.Interaction[Bot]) -> None:
        days, hours = bot.settings.keep_days, bot.settings.conversation_hours
        await bot.tell(
            interaction,
            "### What is kept of you\n"
            f"Your Discord id beside the questions you ask, where, their answers, and your votes, for {days} days; a "
            f"conversation in direct messages or a thread goes on for {hours} hours. Nothing else, and nothing is sent "
            "to anybody: questions are answered on the machine that I run on.\n"
            "`/forget` deletes all of it at once. What stands in Discord's own messages is not mine to delete.",
        )

    @tree.command(name="forget", description="Delete what is kept of you: questions, answers, conversations, votes.")
    async def forget(interaction: discord.Interaction[Bot]) -> None:
        person = interaction.user.id
        number = await bot.records.do(lambda store: store.forget(person))
        await bot.tell(
            interaction,
            f"Done: {counted(number, 'answer')}, your conversations and your votes are deleted, and so is what others "
            "went on to ask from them. The messages in Discord are yours to delete there.",
        )


def _add_managing(tree: app_commands.CommandTree[Bot], bot: Bot) -> None:
    """For those who may manage the server. Discord hides these from others; that is looked at here too."""

    @tree.command(name="reindex", description="Bring the index in line with the articles now.")
    @app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
    @app_commands.allowed_installs(guilds=True, users=False)
    @app_commands.default_permissions(manage_guild=True)
    async def reindex(interaction: discord.Interaction[Bot]) -> None:
        if await _managed(bot, interaction) is None:
            return
        reply = InteractionReply(interaction, private=True)
        if not await reply.acknowledge():
            return
        try:
            report = await bot.desk.refresh()
        except QabotError as error:
            await reply.show(notice_card(problem_text(error), plain=bot.plain))
            return
        text = (
            f"{len(report.added)} added, {len(report.changed)} changed, {len(report.removed)} removed, "
            f"{len(report.skipped)} left out; {report.embedded} texts embedded; generation {report.generation}."
        )
        await reply.show(notice_card(text, plain=bot.plain))

    group = app_commands.Group(
        name="settings",
        description="Where I answer in this server, and whom.",
        allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=False, private_channel=False),
        allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
        default_permissions=discord.Permissions(manage_guild=True),
    )

    @group.command(name="show", description="The channels and roles that I am limited to.")
    async def show(interaction: discord.Interaction[Bot]) -> None:
        guild = await _managed(bot, interaction)
        if guild is None:
            return
        allowed = bot.allowed.get(guild, {})
        channels = ", ".join(f"<#{number}>" for number in sorted(allowed.get("channel", ()))) or "all"
        roles = ", ".join(f"<@&{number}>" for number in sorted(allowed.get("role", ()))) or "everybody"
        await bot.tell(interaction, f"Channels: {channels}\nRoles: {roles}")

    @group.command(name="channel", description="Answer in this channel, or no longer. With none named, in all.")
    async def channel(
        interaction: discord.Interaction[Bot],
        action: Literal["allow", "remove"],
        channel: discord.TextChannel | discord.Thread | discord.VoiceChannel,
    ) -> None:
        await _allow(bot, interaction, "channel", channel.id, allowed=action == "allow")

    @group.command(name="role", description="Answer people with this role, or no longer. With none named, everybody.")
    async def role(
        interaction: discord.Interaction[Bot], action: Literal["allow", "remove"], role: discord.Role
    ) -> None:
        await _allow(bot, interaction, "role", role.id, allowed=action == "allow")

    tree.add_command(group)


async def _allow(
    bot: Bot, interaction: discord.Interaction[Bot], kind: Literal["channel", "role"], number: int, *, allowed: bool
) -> None:
    guild = await _managed(bot, interaction)
    if guild is None:
        return
    await bot.allow(guild, kind, number, allowed=allowed)
    await bot.tell(interaction, "Done. `/settings show` lists what holds now.")


async def _managed(bot: Bot, interaction: discord.Interaction[Bot]) -> int | None:
    """The server that whoever asks may manage, and that the bot is in; where there is none, they are told."""
    if interaction.guild_id is not None and interaction.is_guild_integration() and interaction.permissions.manage_guild:
        return interaction.guild_id
    await bot.tell(interaction, "This is for those who may manage the server, in the server.")
    return None


def listing(head: str, lines: list[str], name: str, *, plain: bool) -> Card:
    """``lines`` of markup under ``head``, as many as fit; all of them in a file where they do not."""
    most = 1700 if plain else 3600
    text, shown = head, 0
    for line in lines:
        if len(text) + len(line) + 1 > most or len(text.encode()) > 2 * most:
            break
        text, shown = f"{text}\n{line}", shown + 1
    if shown == len(lines):
        return notice_card(text, plain=plain)
    whole = "\n".join([head.lstrip("# "), *lines]).replace("\\", "") + "\n"
    return notice_card(f"{text}\n-# All {len(lines)} are in the attached file.", plain=plain, file=(name, whole))


def _about(rank: int, hit: Hit) -> str:
    metadata = hit.article.metadata
    known = [metadata.outlet, metadata.author, metadata.published and day(metadata.published)]
    about = " · ".join(one_line(shortened(part, 60)) for part in known if part)
    title = one_line(shortened(metadata.title or hit.article.path, 120))
    return f"**{rank}.** {about}\n-# {title}" if about else f"**{rank}.** {title}"
