"""Asking in Discord and what comes of it: every way to ask, how an answer looks, its evidence, votes and settings."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import pytest
from click.testing import CliRunner

from qabot import Answer, Citation, Engine, Settings, Statement
from qabot.cli import app
from qabot.evaluation import read_gold
from qabot.store import open_store
from qabot.terminal.feedback import feedback_lines, gold_candidates
from tests.conftest import over
from tests.discord_bot.scene import Scene, play, with_discord
from tests.discord_bot.stand_in import Channel, Exchange, Impossible, Message, NotAllowed, User

BRIDGE = (
    "The mayor of Arden, Olive Strand, opened the bridge of Arden on Monday. It cost 40 million crowns. "
    "Olive Strand said the bridge would last for a hundred years.\n\nEngineer Piet Maas built the bridge in four years."
)
FERRY = (
    "A fire broke out on the ferry Halvard Star off Norvik on Tuesday night. Officials said 14 passengers died in the "
    "fire. Captain Lars Endersen ordered the evacuation within minutes. He had served on the ship for nine years. "
    "There were 212 people aboard."
)
FERRY_AGAIN = (
    "The ferry Halvard Star caught fire near Norvik late on Tuesday. At least 19 people died in the fire on the ferry, "
    "the transport ministry said. There were 212 people aboard the ship. The evacuation was ordered by captain Lars "
    "Endersen."
)
LOUD = (
    'Tram driver Ada Quist said *nobody* should "ping @everyone" about the [new tram line](https://evil.example) of '
    "Grent. # It is_not_ closed."
)

WHO_OPENED = "Who opened the bridge of Arden?"
OPENED = "The mayor of Arden, Olive Strand, opened the bridge of Arden on Monday."
HOW_MANY_DIED = "How many people died in the fire on the ferry?"
WHO_ORDERED = "Who ordered the evacuation of the ferry?"
CHESS = "Who won the chess championship in Reykjavik?"
COST = "How much does the tram line of Grent cost?"
TRAM = "What did Ada Quist say about the tram line of Grent?"


def write(folder: Path, name: str, text: str, **metadata: str) -> None:
    lines = "".join(f"{key}: {value}\n" for key, value in metadata.items())
    (folder / name).write_text(f"---\n{lines}---\n\n{text}\n" if lines else f"{text}\n")


def write_news(folder: Path) -> None:
    write(
        folder, "bridge.md", BRIDGE, outlet="The Example", author="A. Writer", published="2023-11-04",
        title="Arden gets its bridge", url="https://example.org/arden",
    )  # fmt: skip
    write(folder, "courier.md", FERRY, outlet="Daily Courier", published="2021-03-10", title="Ferry burns off Norvik")
    write(folder, "ledger.md", FERRY_AGAIN, outlet="Evening Ledger", published="2021-03-11", title="Blaze on a ferry")
    write(
        folder, "loud.md", LOUD, outlet='"@everyone **Gazette**"', author='"[Eve](https://evil.example)"',
        published="2022-05-01", title='"# <@&1> ||tram|| `line`"',
    )  # fmt: skip


@pytest.fixture(scope="module")
def shared_news(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Settings:
    """Four articles that no test may edit, with their index."""
    folder = tmp_path_factory.mktemp("news")
    (folder / "seeds").mkdir()
    write_news(folder / "seeds")
    return over(folder / "seeds", folder / "embeddings", models).settings


@pytest.fixture
def news(shared_news: Settings, tmp_path: Path) -> Settings:
    """The shared articles, with a store of the test's own."""
    return with_discord(shared_news, store=str(tmp_path / "discord.sqlite"))


@pytest.fixture
def own_news(engine: Engine) -> Settings:
    """The same articles, for a test that edits them."""
    write_news(engine.settings.seeds)
    engine.prepare()
    return engine.settings


async def asked(
    scene: Scene, question: str, *, who: User | None = None, where: Channel | None = None, **options: Any
) -> Message:
    """What /ask answers."""
    exchange = await (who or scene.ada).slash("ask", where=where, question=question, **options)
    return await exchange.answered()


async def told(
    scene: Scene, command: str, *, who: User | None = None, where: Channel | None = None, **more: Any
) -> str:
    """What a command says."""
    return (await (await (who or scene.ada).slash(command, where=where, **more)).answered()).text


async def pressed(scene: Scene, message: Message, label: str, nth: int = 0, who: User | None = None) -> Message:
    """What the press of a button shows."""
    return await (await (who or scene.ada).click(message, label=label, nth=nth)).answered()


async def followed_up(scene: Scene, message: Message, question: str, who: User | None = None) -> Message:
    """What a follow-up is answered with, asked by the button and its dialogue."""
    person = who or scene.ada
    exchange = await person.click(message, label="Ask a follow-up")
    await exchange.modal_shown()
    return await (await person.submit(exchange, question=question)).answered()


async def found_wrong(scene: Scene, message: Message, reason: str, comment: str = "", who: User | None = None) -> str:
    """What is said to a vote against an answer."""
    person = who or scene.ada
    exchange: Exchange = await person.click(message, label="Wrong or missing")
    await exchange.modal_shown()
    return (await (await person.submit(exchange, reason=reason, comment=comment)).answered()).text


async def heard(scene: Scene, where: Channel | User | None = None) -> Message:
    """The bot's next message, when it is all there."""
    message = await scene.discord.next_message(where)
    await scene.settled()
    return message


async def thread_from(scene: Scene, message: Message) -> Channel:
    """The thread opened from an answer, after the word that it begins with."""
    await pressed(scene, message, "Open a thread")
    assert message.thread is not None
    await heard(scene, message.thread)
    return message.thread


def labels(message: Message) -> list[str]:
    return [button.label for button in message.buttons]


def unescaped(text: str) -> str:
    """As Discord shows it: a backslash takes the meaning from the mark after it, and is not seen."""
    return re.sub(r"\\([^\w\s])", r"\1", text)


# Ways to ask


def test_a_slash_command_is_answered_with_a_card(news: Settings) -> None:
    async def story(scene: Scene) -> None:
        exchange = await scene.ada.slash("ask", question=WHO_OPENED)
        answer = await exchange.answered()
        assert f"“{OPENED}” [1]" in answer.text and not answer.ephemeral and not answer.content
        assert exchange.acknowledged_after is not None and exchange.acknowledged_after < 3

    play(news, story)


def test_an_answer_is_taken_from_the_named_outlet_and_time_alone(news: Settings) -> None:
    async def story(scene: Scene) -> None:
        courier = await asked(scene, HOW_MANY_DIED, outlet="Daily Courier")
        assert "14 passengers" in courier.text and "Evening Ledger" not in courier.text
        later = await asked(scene, HOW_MANY_DIED, since="2021-03-11", until="2021")
        assert "At least 19" in later.text and "Daily Courier" not in later.text
        earlier = await asked(scene, HOW_MANY_DIED, until="2021-03-10")
        assert "14 passengers" in earlier.text and "Evening Ledger" not in earlier.text

    play(news, story)


def test_filters_that_nothing_passes_are_told_with_what_there_is(news: Settings) -> None:
    async def story(scene: Scene) -> None:
        text = (await asked(scene, WHO_OPENED, outlet="Nowhere Times")).text
        assert "Nowhere Times" in text and "Daily Courier" in text
        assert "is not a date" in (await asked(scene, WHO_OPENED, since="yesterday")).text

    play(news, story)


def test_a_private_answer_is_seen_by_the_asker_alone_and_its_follow_up_too(news: Settings) -> None:
    async def story(scene: Scene) -> None:
        answer = await asked(scene, WHO_ORDERED, private=True)
        assert answer.ephemeral and "Open a thread" not in labels(answer)
        again = await followed_up(scene, answer, "How long had he served on the ship?")
        assert again.ephemeral and "nine years" in again.text
        with pytest.raises(Impossible):
            await scene.discord.user("Bob").click(answer, label="Evidence")
        assert await scene.discord.messages_of_bot() == []

    play(news, story)


def test_outlets_are_suggested_while_typing(news: Settings) -> None:
    async def story(scene: Scene) -> None:
        everything = await scene.ada.autocomplete("ask", "outlet", "")
        names = [choice.value for choice in everything]
        assert names == ["@everyone **Gazette**", "Daily Courier", "Evening Ledger", "The Example"]
        assert [choice.value for choice in await scene.ada.autocomplete("search", "outlet", "COUR")] == [
            "Daily Courier"
        ]
        assert await scene.ada.autocomplete("ask", "outlet", "no such") == []

    play(news, story)


def test_a_mention_is_answered_by_a_reply_that_pings_nobody(news: Settings) -> None:
    async def story(scene: Scene) -> None:
        question = await scene.ada.mention(WHO_OPENED)
        answer = await heard(scene)
        assert answer.reply_to is question and not answer.mentions
        assert OPENED in answer.text and f"### {WHO_OPENED}" in answer.text and "Evidence" in labels(answer)

    play(news, story)


def test_a_reply_to_a_mention_answer_goes_on_with_its_conversation(news: Settings) -> None:
    async def story(scene: Scene) -> None:
        await scene.ada.mention(WHO_ORDERED)
        answer = await heard(scene)
        await scene.discord.user("Bob").say("How long had he served on the ship?", reply_to=answer)
        again = await heard(scene)
        assert "nine years" in again.text and "searched for" in again.text and "Lars Endersen" in again.text

    play(news, story)


def test_a_reply_to_an_older_answer_goes_on_from_that_one(news: Settings) -> None:
    async def story(scene: Scene) -> None:
        await scene.ada.mention(WHO_OPENED)
        older = await heard(scene)
        await scene.ada.mention(WHO_ORDERED)
        await heard(scene)
        await scene.ada.say("How much did it cost?", reply_to=older)
        assert "40 million crowns" in (await heard(scene)).text

    play(news, story)


def test_a_mention_without_a_reply_begins_anew_in_a_channel(news: Settings) -> None:
    async def story(scene: Scene) -> None:
        await scene.ada.mention(WHO_ORDERED)
        await heard(scene)
        await scene.ada.mention(WHO_OPENED)
        assert "searched for" not in (await heard(scene)).text

    play(news, story)


def test_a_reply_to_a_slash_answer_is_told_of_the_button_since_its_text_is_withheld(news: Settings) -> None:
    async def story(scene: Scene) -> None:
        answer = await asked(scene, WHO_ORDERED)
        await scene.ada.say("How long had he served?", reply_to=answer)
        hint = await heard(scene)
        assert "Ask a follow-up" in hint.text and "mention me" in hint.text
        assert "nine years" in (await followed_up(scene, answer, "How long had he served on the ship?")).text
        assert "show me a plain reply" in await told(scene, "help")

    play(news, story)


def test_a_reply_to_a_slash_answer_that_mentions_the_bot_is_a_follow_up(news: Settings) -> None:
    async def story(scene: Scene) -> None:
        answer = await asked(scene, WHO_ORDERED)
        await scene.ada.mention("How long had he served on the ship?", reply_to=answer)
        assert "nine years" in (await heard(scene)).text

    play(news, story)


def test_talk_that_is_not_for_the_bot_is_left_alone(news: Settings) -> None:
    async def story(scene: Scene) -> None:
        bob = scene.discord.user("Bob")
        said = await scene.ada.say("Who opened the bridge?")
        await bob.say("The mayor.", reply_to=said)
        await scene.ada.mention(WHO_OPENED)
        await heard(scene)
        assert len(await scene.discord.messages_of_bot()) == 1

    play(news, story)


def test_a_bare_mention_is_told_how_to_ask(news: Settings) -> None:
    async def story(scene: Scene) -> None:
        await scene.ada.mention("")
        assert "/ask" in (await heard(scene)).text

    play(news, story)


def test_a_thread_from_an_answer_keeps_its_conversation(news: Settings) -> None:
    async def story(scene: Scene) -> None:
        answer = await asked(scene, WHO_ORDERED)
        thread = await thread_from(scene, answer)
        assert thread.name == WHO_ORDERED
        await scene.discord.user("Bob").mention("How long had he served on the ship?", where=thread)
        again = await heard(scene, thread)
        assert "nine years" in again.text and "Open a thread" not in labels(again)
        await scene.ada.mention("How many people were aboard?", where=thread)
        assert "212" in (await heard(scene, thread)).text
        inside = await asked(scene, "When was that published?", where=thread)
        assert "2021-03-1" in inside.text

    play(news, story)


def test_a_thread_begins_with_a_word_on_how_to_go_on(news: Settings) -> None:
    async def story(scene: Scene) -> None:
        answer = await asked(scene, WHO_ORDERED)
        opened = await pressed(scene, answer, "Open a thread")
        assert answer.thread is not None
        assert opened.ephemeral and f"<#{answer.thread.id}>" in opened.text
        hello = await heard(scene, answer.thread)
        assert WHO_ORDERED in hello.text and "mention me" in hello.text
        await scene.ada.mention("How long had he served on the ship?", reply_to=hello)
        assert "nine years" in (await heard(scene, answer.thread)).text

    play(news, story)


def test_a_second_open_a_thread_leads_to_the_first(news: Settings) -> None:
    async def story(scene: Scene) -> None:
        answer = await asked(scene, WHO_ORDERED)
        thread = await thread_from(scene, answer)
        again = await pressed(scene, answer, "Open a thread", who=scene.discord.user("Bob"))
        assert again.ephemeral and f"<#{thread.id}>" in again.text and "already" in again.text

    play(news, story)


def test_a_direct_conversation_goes_on_by_itself_for_each_person(news: Settings) -> None:
    async def story(scene: Scene) -> None:
        bob = scene.discord.user("Bob")
        await scene.ada.dm(WHO_ORDERED)
        assert "Lars Endersen" in (await heard(scene, scene.ada)).text
        await bob.dm(WHO_OPENED)
        assert OPENED in (await heard(scene, bob)).text
        await scene.ada.dm("How long had he served on the ship?")
        assert "nine years" in (await heard(scene, scene.ada)).text
        await bob.dm("How much did it cost?")
        assert "40 million crowns" in (await heard(scene, bob)).text

    play(news, story)


def test_a_silent_direct_conversation_begins_anew_after_its_hours(news: Settings) -> None:
    async def story(scene: Scene) -> None:
        await scene.ada.dm(WHO_ORDERED)
        await heard(scene, scene.ada)
        await scene.bot.records.do(lambda store: store._connection.execute("UPDATE conversations SET updated = 0"))
        await scene.ada.dm("How long had he served on the ship?")
        assert "searched for" not in (await heard(scene, scene.ada)).text

    play(news, story)


def test_the_menu_of_a_message_takes_its_text_for_the_question(news: Settings) -> None:
    async def story(scene: Scene) -> None:
        message = await scene.discord.user("Bob").say(WHO_OPENED)
        answer = await (await scene.ada.menu("Ask about this", message)).answered()
        assert OPENED in answer.text and f"### {WHO_OPENED}" in answer.text
        nothing = await (await scene.ada.menu("Ask about this", answer)).answered()
        assert nothing.ephemeral and "no text" in nothing.text

    play(news, story)


def test_whoever_installed_it_for_themselves_asks_where_the_bot_is_no_member(news: Settings) -> None:
    async def story(scene: Scene) -> None:
        elsewhere = scene.discord.add_channel("talk", scene.discord.add_guild("Elsewhere", bot_is_member=False))
        carl = scene.discord.user("Carl")
        answer = await asked(scene, WHO_ORDERED, who=carl, where=elsewhere)
        assert "Lars Endersen" in answer.text and "Open a thread" not in labels(answer)
        assert "nine years" in (await followed_up(scene, answer, "How long had he served on the ship?", carl)).text
        assert "**Holds.**" in (await pressed(scene, answer, "Evidence", who=carl)).text
        between = scene.discord.direct_channel(carl, scene.ada)
        assert OPENED in (await asked(scene, WHO_OPENED, who=carl, where=between)).text

    play(news, story)


@pytest.mark.parametrize("question", ["?", " \t ", "x" * 2000, "谁打开了桥？" * 300, "\u202e\u200b", "`" * 500])
def test_whatever_is_asked_is_answered_with_something(news: Settings, question: str) -> None:
    async def story(scene: Scene) -> None:
        assert (await asked(scene, question)).text

    play(news, story)


# How an answer looks


def test_an_answer_reads_from_question_to_footer(news: Settings) -> None:
    async def story(scene: Scene) -> None:
        answer = await asked(scene, WHO_OPENED)
        heading, statement, source, title, footer = answer.text.split("\n")
        assert heading == f"### {WHO_OPENED}"
        assert statement == f"“{OPENED}” [1]"
        assert source == "**[1]** The Example · A. Writer · 4 Nov 2023"
        assert title == "-# Arden gets its bridge"
        assert re.fullmatch(r"-# Answered · 1 of 4 articles · index of \d+ \w{3} \d{4} · \d+ ms", footer)
        assert labels(answer) == ["Evidence", "Ask a follow-up", "Open a thread", "Helpful", "Wrong or missing"]

    play(news, story)


def test_what_was_searched_for_is_said_where_it_is_not_what_was_asked(news: Settings) -> None:
    async def story(scene: Scene) -> None:
        answer = await asked(scene, WHO_ORDERED)
        assert "searched for" not in answer.text
        again = await followed_up(scene, answer, "How long had he served on the ship?")
        first, second = again.text.split("\n")[:2]
        assert first == "### How long had he served on the ship?"
        assert second.startswith("-# searched for: ") and "Lars Endersen" in second

    play(news, story)


def test_what_the_bot_adds_within_a_quote_is_in_italics(news: Settings) -> None:
    async def story(scene: Scene) -> None:
        answer = await asked(scene, "How long had the captain of the ferry served on the ship?")
        assert r"“He *\[Captain Lars Endersen\]* had served on the ship for nine years.” [1]" in answer.text

    play(news, story)


def test_a_statement_in_the_words_of_the_bot_alone_is_in_italics(news: Settings) -> None:
    async def story(scene: Scene) -> None:
        answer = await followed_up(scene, await asked(scene, WHO_OPENED), "When was that published?")
        assert "2023-11-04" in answer.text
        assert re.search(r"^\*“Arden gets its bridge”.*2023-11-04\.\* \[1\]$", answer.text, re.MULTILINE)

    play(news, story)


def test_reports_that_differ_are_set_side_by_side(news: Settings) -> None:
    async def story(scene: Scene) -> None:
        text = (await asked(scene, HOW_MANY_DIED)).text
        (differ,) = [line for line in text.split("\n") if "Reports differ" in line]
        sides = differ.removeprefix("**Reports differ:** ").split(" · ")
        assert {re.sub(r" \[\d\]", "", side) for side in sides} == {
            "Evening Ledger says “At least 19”",
            "Daily Courier says “14”",
        }
        sources = dict(re.findall(r"^\*\*\[(\d)\]\*\* ([\w ]+) · ", text, re.MULTILINE))
        assert all(sources[re.findall(r"\[(\d)\]", side)[0]] in side for side in sides)

    play(news, story)


def test_an_answer_in_part_says_what_is_not_said(news: Settings) -> None:
    async def story(scene: Scene) -> None:
        answer = await asked(scene, f"{WHO_ORDERED[:-1]}, and what is the name of the chess champion?")
        assert "Lars Endersen" in answer.text and "-# Answered in part · " in answer.text
        assert "*The articles do not say\\: what is the name of the chess champion?*" in answer.text

    play(news, story)


def test_an_abstention_shows_the_closest_passage_and_questions_that_are_answered_when_pressed(news: Settings) -> None:
    async def story(scene: Scene) -> None:
        answer = await asked(scene, COST)
        said, label = answer.text.index("The articles do not say (4 articles"), answer.text.index("Closest passage:")
        assert said < label < answer.text.index("“")
        assert "-# Not found in these articles · 4 articles · " in answer.text
        assert "Evidence" in labels(answer)
        suggested = [button for button in answer.buttons if button.custom_id.split(":")[1] == "sg"]
        assert suggested
        for button in suggested:
            again = await pressed(scene, answer, button.label)
            assert f"### {button.label}" in again.text and "-# Answered" in again.text

    play(news, story)


def colours(message: Message) -> list[int]:
    return [component["accent_color"] for component in message.components if component["type"] == 17]


def test_the_colour_follows_the_status_which_is_in_words_too(news: Settings) -> None:
    async def story(scene: Scene) -> None:
        found = await asked(scene, WHO_OPENED)
        part = await asked(scene, f"{WHO_ORDERED[:-1]}, and what is the name of the chess champion?")
        none = await asked(scene, CHESS)
        assert len({colour for message in (found, part, none) for colour in colours(message)}) == 3

    play(news, story)


def forty_sources(settings: Settings) -> Answer:
    """An answer from forty articles, which are written and stand."""
    engine = Engine(settings)
    write(settings.seeds, "first.md", OPENED)
    engine.prepare()
    blank = engine.ask(WHO_OPENED)
    engine.close()
    statements, citations = [], []
    for n in range(1, 41):
        name, quote = f"report-{n:02}.txt", f"Station number {n} of the Arden railway was opened by inspector {n * 7}."
        (settings.seeds / name).write_text(quote + "\n")
        citations.append(
            Citation(
                id=n, article=name, title=f"Station {n}", outlet=f"Paper {n}", author=None, published="2022-01-02",
                quote=quote, start=0, end=len(quote),
            )
        )  # fmt: skip
        statements.append(Statement(quote, (n,)))
    return replace(
        blank, question="Who opened the stations?", searched_for="Who opened the stations?", form="list",
        statements=tuple(statements), citations=tuple(citations), notes=(), disagreements=(),
    )  # fmt: skip


def test_what_does_not_fit_is_behind_more_which_turns_its_pages(settings: Settings) -> None:
    answer = forty_sources(settings)

    async def story(scene: Scene) -> None:
        scene.bot.engine.ask = lambda *_: answer  # type: ignore[method-assign]
        shown = await asked(scene, answer.question)
        assert labels(shown).count("Evidence") == 3 and labels(shown)[-1] == "More"
        shown_lines = re.findall(r"^- (.*)$", shown.text, re.MULTILINE)
        assert shown_lines and all(re.fullmatch(r"“.*\.” \[\d+\]", line) for line in shown_lines)  # none is cut
        page = await pressed(scene, shown, "More")
        assert page.ephemeral
        seen, pages = page.text, 1
        while not page.button("›").disabled:
            exchange = await scene.ada.click(page, label="›")
            await exchange.acknowledgement()
            page = exchange.message or page
            seen, pages = f"{seen}\n{page.text}", pages + 1
            assert f"-# {pages} of" in page.text
        for citation in answer.citations:
            assert (
                f"“{citation.quote}” [{citation.id}]" in seen and f"**[{citation.id}]** Paper {citation.id} ·" in seen
            )
        last = await pressed(scene, page, "Evidence", nth=labels(page).count("Evidence") - 1)
        assert answer.citations[-1].quote in last.text and "**Holds.**" in last.text

    play(settings, story)


def test_a_few_sources_need_no_more(news: Settings) -> None:
    async def story(scene: Scene) -> None:
        assert "More" not in labels(await asked(scene, HOW_MANY_DIED))

    play(news, story)


def test_a_notification_shows_the_answer_and_is_never_empty(news: Settings) -> None:
    async def story(scene: Scene) -> None:
        thread = await thread_from(scene, await asked(scene, WHO_OPENED))
        await scene.ada.mention(WHO_ORDERED)
        mention = await heard(scene)
        await scene.ada.say("How long had he served on the ship?", reply_to=mention)
        reply = await heard(scene)
        await scene.ada.dm(CHESS)
        direct = await heard(scene, scene.ada)
        await scene.ada.mention(HOW_MANY_DIED, where=thread)
        within = await heard(scene, thread)
        assert "Lars Endersen" in mention.preview and "nine years" in reply.preview and "14" in within.preview
        assert direct.preview.startswith("The articles do not say")
        for message in (mention, reply, direct, within):
            assert not message.content and message.components  # and became a card

    play(news, story)


def test_the_preview_of_an_abstention_says_that_its_passage_is_no_answer(news: Settings) -> None:
    async def story(scene: Scene) -> None:
        await scene.ada.mention(CHESS)
        assert "Closest passage:" in (await heard(scene)).preview

    play(news, story)


def test_mentions_links_and_markup_in_articles_and_questions_are_inert(news: Settings) -> None:
    async def story(scene: Scene) -> None:
        question = "@everyone <@&1> **who** ||is|| [Ada](https://evil.example) Quist? `x` # y"
        for message in (await asked(scene, TRAM), await asked(scene, question)):
            for opening in ("@everyone", "<@", "](", "||", "**Gazette", "https:"):
                bare = re.sub(r"\\[^\w\s]", "", message.text)
                assert opening not in bare
        answer = await asked(scene, TRAM)
        assert LOUD.split(" # ")[0] in unescaped(answer.text)
        assert "@everyone **Gazette** · [Eve](https://evil.example) · 1 May 2022" in unescaped(answer.text)
        evidence = await pressed(scene, answer, "Evidence")
        assert f"**{LOUD.split(' # ')[0]}**" in unescaped(evidence.text)
        for opening in ("@everyone", "<@", "](", "||", "https:"):
            assert opening not in re.sub(r"\\[^\w\s]", "", evidence.text)

    play(news, story)


def test_a_question_that_hides_or_turns_characters_is_shown_without_them(news: Settings) -> None:
    async def story(scene: Scene) -> None:
        text = (await asked(scene, "Who opened\u202e the\u200b bridge\u2066 of Arden?")).text
        assert text.startswith("### Who opened the bridge of Arden?\n")

    play(news, story)


# Evidence


def test_evidence_shows_the_quote_marked_in_its_surroundings(news: Settings) -> None:
    async def story(scene: Scene) -> None:
        evidence = await pressed(scene, await asked(scene, WHO_OPENED), "Evidence")
        assert evidence.ephemeral and "**Holds.** The article has these words here." in evidence.text
        start, end = map(int, re.findall(r"bridge\.md · characters (\d+)–(\d+)$", evidence.text, re.MULTILINE)[0])
        quote = (news.seeds / "bridge.md").read_text()[start:end]
        assert quote == OPENED
        marked = evidence.text.split("\n").index(f"**{quote}**")
        assert "It cost 40 million crowns." in evidence.text.split("\n")[marked + 1]
        assert "Piet Maas" in evidence.text
        (link,) = [button for button in evidence.buttons if button.url]
        assert link.url == "https://example.org/arden"

    play(news, story)


def test_evidence_turns_through_the_sources(news: Settings) -> None:
    async def story(scene: Scene) -> None:
        answer = await asked(scene, HOW_MANY_DIED)
        evidence = await pressed(scene, answer, "Evidence")
        assert evidence.button("‹").disabled and evidence.text.startswith("**[1]**")
        await (await scene.ada.click(evidence, label="›")).acknowledgement()
        assert evidence.text.startswith("**[2]**") and evidence.button("›").disabled
        await (await scene.ada.click(evidence, label="‹")).acknowledgement()
        assert evidence.text.startswith("**[1]**")
        second = await pressed(scene, answer, "Evidence", nth=1, who=scene.discord.user("Bob"))
        assert second.text.startswith("**[2]**")

    play(news, story)


def test_evidence_says_what_became_of_the_quote(own_news: Settings) -> None:
    async def story(scene: Scene) -> None:
        answer = await asked(scene, WHO_OPENED)
        file = own_news.seeds / "bridge.md"
        before = file.read_text()
        assert "**Holds.**" in (await pressed(scene, answer, "Evidence")).text
        file.write_text(before.replace("The mayor of Arden", "A band played. The mayor of Arden"))
        moved = (await pressed(scene, answer, "Evidence")).text
        start = file.read_text().index(OPENED)
        assert "**Moved.**" in moved and f"now {start}–{start + len(OPENED)}" in moved and "A band played." in moved
        file.write_text(before.replace("Olive Strand, opened", "Nora Solberg, closed"))
        changed = (await pressed(scene, answer, "Evidence")).text
        assert "**Changed.**" in changed and OPENED in changed
        file.unlink()
        gone = (await pressed(scene, answer, "Evidence")).text
        assert "**Gone.**" in gone and OPENED in gone and "4 Nov 2023" in gone
        file.write_text(before)
        assert "**Holds.**" in (await pressed(scene, answer, "Evidence")).text

    play(own_news, story)


def test_words_that_the_article_no_longer_has_are_not_shown_within_it(own_news: Settings) -> None:
    async def story(scene: Scene) -> None:
        answer = await asked(scene, WHO_OPENED)
        write(own_news.seeds, "bridge.md", "Nobody has opened any bridge at all. " * 20)
        text = (await pressed(scene, answer, "Evidence")).text
        assert "**Changed.**" in text
        around = text[: text.index(f"**{OPENED}**")].split("\n")[-2]
        assert "Nobody has opened" not in around  # a word of the bot's must stand between the two

    play(own_news, story)


def test_the_surroundings_are_of_the_article_and_not_of_its_front_matter(news: Settings) -> None:
    async def story(scene: Scene) -> None:
        evidence = await pressed(scene, await asked(scene, HOW_MANY_DIED), "Evidence")
        assert "---" not in evidence.text and "published" not in evidence.text

    play(news, story)


def test_dots_stand_only_where_the_article_goes_on(settings: Settings) -> None:
    async def story(scene: Scene) -> None:
        evidence = await pressed(scene, await asked(scene, WHO_ORDERED), "Evidence")
        assert "…" not in evidence.text

    write(settings.seeds, "short.txt", FERRY)
    play(settings, story)


# Votes


def test_a_person_has_one_vote_on_an_answer_and_may_change_it(news: Settings) -> None:
    async def story(scene: Scene) -> None:
        bob = scene.discord.user("Bob")
        answer = await asked(scene, WHO_OPENED)
        assert "change your vote" in (await pressed(scene, answer, "Helpful")).text
        await pressed(scene, answer, "Helpful")
        votes = await scene.bot.records.do(lambda store: store.feedback())
        assert [vote.vote for vote in votes] == ["helpful"]
        assert "Thank you" in await found_wrong(scene, answer, "person", "It was the king.")
        votes = await scene.bot.records.do(lambda store: store.feedback())
        assert [(vote.vote, vote.reason, vote.comment) for vote in votes] == [("wrong", "person", "It was the king.")]
        await pressed(scene, answer, "Helpful", who=bob)
        await pressed(scene, answer, "Helpful")
        votes = await scene.bot.records.do(lambda store: store.feedback())
        assert [(vote.vote, vote.reason, vote.comment) for vote in votes] == [("helpful", "", "")] * 2

    play(news, story)


def test_every_reason_can_be_given_and_a_comment_need_not(news: Settings) -> None:
    async def story(scene: Scene) -> None:
        answer = await asked(scene, WHO_OPENED)
        for reason in ("Wrong person", "Wrong figure", "Out of date", "A source is missing", "Something else"):
            await found_wrong(scene, answer, reason)
        with pytest.raises(Impossible, match="can't be left empty"):
            exchange = await scene.ada.click(answer, label="Wrong or missing")
            await exchange.modal_shown()
            await scene.ada.submit(exchange, comment="so")
        (vote,) = await scene.bot.records.do(lambda store: store.feedback())
        assert (vote.reason, vote.comment) == ("other", "")

    play(news, story)


@pytest.fixture
def voted(news: Settings) -> Settings:
    """Three answers that were voted on."""

    async def story(scene: Scene) -> None:
        await pressed(scene, await asked(scene, WHO_OPENED), "Helpful")
        await found_wrong(scene, await asked(scene, HOW_MANY_DIED), "figure", "It was 15.\nNot 14.")
        await pressed(scene, await asked(scene, CHESS), "Helpful")
        await asked(scene, WHO_ORDERED)

    play(news, story)
    return news


def feedback(settings: Settings, *arguments: str) -> str:
    """What `qabot feedback` prints over these settings."""
    environment = {
        "QABOT_SEEDS": settings.paths.seeds,
        "QABOT_EMBEDDINGS": settings.paths.embeddings,
        "QABOT_DISCORD_STORE": settings.discord.store,
    }
    done = CliRunner().invoke(app, ["feedback", *arguments], env=environment)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_feedback_lists_the_votes_and_exports_gold_that_can_be_read(voted: Settings, tmp_path: Path) -> None:
    head, *lines = feedback(voted).strip().split("\n")
    assert head == "3 votes: 2 helpful, 1 wrong or missing" and len(lines) == 3
    (wrong,) = [line for line in lines if " wrong " in line]
    assert HOW_MANY_DIED in wrong and "(figure, It was 15. Not 14.)" in wrong

    rows = {row["question"]: row for row in map(json.loads, feedback(voted, "--json").strip().split("\n"))}
    assert rows[HOW_MANY_DIED]["reason"] == "figure" and rows[WHO_OPENED]["citations"][0]["quote"] == OPENED

    file = tmp_path / "gold.jsonl"
    feedback(voted, "--gold", str(file))
    gold = {question.question: question for question in read_gold(file)}
    assert gold[WHO_OPENED].answerable and gold[WHO_OPENED].evidence == ((OPENED,),)
    assert gold[WHO_OPENED].docs == ("bridge.md",)
    assert not gold[CHESS].answerable and gold[CHESS].type == "unanswerable" and not gold[CHESS].evidence
    assert gold[HOW_MANY_DIED].answerable and not gold[HOW_MANY_DIED].evidence


def test_feedback_names_nobody(voted: Settings) -> None:
    assert not re.search(r"\b\d{17,20}\b", feedback(voted, "--json") + feedback(voted))


def test_no_votes_are_no_gold_and_are_said(news: Settings) -> None:
    assert feedback(news).strip() == "No votes yet." == feedback_lines([]) and gold_candidates([]) == ""
    assert feedback(news, "--json").strip() == ""


# The other commands


def test_search_shows_whole_passages_with_where_they_are_from(news: Settings) -> None:
    async def story(scene: Scene) -> None:
        found = await (await scene.ada.slash("search", query="ferry fire")).answered()
        assert found.ephemeral and FERRY in found.text and FERRY_AGAIN in found.text
        assert "Daily Courier · 10 Mar 2021" in found.text
        text = await told(scene, "search", query="ferry fire", outlet="Evening Ledger", private=False)
        assert FERRY_AGAIN in text and FERRY not in text
        assert "No article matches" in await told(scene, "search", query="ferry", outlet="Nowhere")

    play(news, story)


def test_articles_are_listed_and_a_long_list_is_attached(news: Settings, settings: Settings) -> None:
    async def story(scene: Scene) -> None:
        text = await told(scene, "articles")
        assert text.startswith("### 4 articles") and "- The Example · 4 Nov 2023 · Arden gets its bridge" in text

    play(news, story)

    async def long(scene: Scene) -> None:
        listed = await (await scene.ada.slash("articles")).answered()
        (file,) = listed.attachments
        lines = file.content.decode().split("\n")
        assert "All 60 are in the attached file." in listed.text and file.filename == "articles.txt"
        assert sum(line.startswith("- Paper") for line in lines) == 60
        assert all(line in file.content.decode() for line in listed.text.split("\n")[1:-1])

    for n in range(60):
        write(
            settings.seeds, f"{n}.md", f"Note number {n}.", outlet=f"Paper {n}", title=f"Title {n} " + "very long " * 9
        )
    Engine(settings).prepare()
    play(settings, long)


@pytest.mark.parametrize("command", ["articles", "status"])
def test_what_there_is_can_be_asked_while_the_first_index_is_built(settings: Settings, command: str) -> None:
    async def story(scene: Scene) -> None:
        assert "`qabot" not in await told(scene, command)

    write(settings.seeds, "note.txt", BRIDGE)
    play(settings, story)


def test_status_help_and_privacy_are_told_to_whoever_asks_alone(news: Settings) -> None:
    async def story(scene: Scene) -> None:
        for command, words in (
            ("status", ("4 articles", "passages", "in line with the articles")),
            ("help", ("/ask", "Evidence", "Ask a follow-up", "Open a thread", "/forget")),
            ("privacy", ("7 days", "5 hours", "/forget")),
        ):
            said = await (await scene.ada.slash(command)).answered()
            assert said.ephemeral and all(word in said.text for word in words), said.text

    play(news, story, keep_days=7, conversation_hours=5)


def test_after_forget_nothing_of_the_person_is_kept_and_buttons_say_so(news: Settings) -> None:
    async def story(scene: Scene) -> None:
        bob = scene.discord.user("Bob")
        answer, other = await asked(scene, WHO_OPENED), await asked(scene, WHO_ORDERED, who=bob)
        await pressed(scene, answer, "Helpful")
        await pressed(scene, other, "Helpful")
        await scene.ada.dm(WHO_ORDERED)
        await heard(scene, scene.ada)
        assert "2 answers" in await told(scene, "forget")
        for label in ("Evidence", "Ask a follow-up", "Helpful", "Wrong or missing", "Open a thread"):
            said = await pressed(scene, answer, label)
            assert said.ephemeral and "no longer kept" in said.text
        assert "**Holds.**" in (await pressed(scene, other, "Evidence")).text
        await scene.ada.dm("How long had he served on the ship?")
        assert "searched for" not in (await heard(scene, scene.ada)).text
        assert await scene.bot.records.do(lambda store: store.feedback()) == []
        assert "0 answers" in await told(scene, "forget", who=scene.discord.user("Carl"))

    play(news, story)
    store = open_store(news)
    rows = store._connection.execute("SELECT asker FROM answers").fetchall()
    store.close()
    assert len(rows) == 2 and len(set(rows)) == 2  # Bob's, and what Ada asked since


def test_a_button_of_an_answer_that_is_too_old_says_so(news: Settings) -> None:
    async def story(scene: Scene) -> None:
        answer = await asked(scene, WHO_OPENED)
        await scene.bot.records.do(lambda store: store._connection.execute("UPDATE answers SET created = 0"))
        assert "no longer kept" in (await pressed(scene, answer, "Evidence")).text

    play(news, story)


def test_reindex_takes_up_new_articles(own_news: Settings) -> None:
    async def story(scene: Scene) -> None:
        write(own_news.seeds, "tunnel.md", "The tunnel of Halden was dug by foreman Ivo Banic.", outlet="Post")
        said = await (await scene.ada.slash("reindex")).answered()
        assert said.ephemeral and said.text.startswith("1 added, 0 changed, 0 removed, 0 left out")
        assert "Ivo Banic" in (await asked(scene, "Who dug the tunnel of Halden?")).text
        assert [c.value for c in await scene.ada.autocomplete("ask", "outlet", "post")] == ["Post"]

    play(own_news, story)


def test_reindex_and_settings_are_not_for_those_who_may_not_manage(news: Settings) -> None:
    async def story(scene: Scene) -> None:
        bob = scene.discord.user("Bob")
        for command in ("reindex", "settings show"):
            with pytest.raises(NotAllowed):
                await bob.slash(command)
        # A server may open a command to everybody; that is not enough.
        for registered in scene.discord.commands[None]:
            registered["default_member_permissions"] = None
        for command in ("reindex", "settings show"):
            assert "may manage the server" in await told(scene, command, who=bob)
        denied = await bob.slash("settings channel", action="allow", channel=scene.discord.channel)
        assert "may manage the server" in (await denied.answered()).text
        assert "Channels: all" in await told(scene, "settings show")

    play(news, story)


def test_managing_is_for_servers_that_the_bot_is_in(news: Settings) -> None:
    async def story(scene: Scene) -> None:
        elsewhere = scene.discord.add_channel("talk", scene.discord.add_guild("Elsewhere", bot_is_member=False))
        owner = scene.discord.user("Owner", manage_guild=True)
        for command in ("reindex", "settings show"):
            for place in (owner.direct, elsewhere):
                with pytest.raises(NotAllowed):
                    await owner.slash(command, where=place)

    play(news, story)


def test_a_server_is_limited_to_channels_and_refused_kindly_elsewhere(news: Settings) -> None:
    async def story(scene: Scene) -> None:
        other = scene.discord.add_channel("other")
        answer = await asked(scene, WHO_OPENED, where=other)
        await told(scene, "settings channel", action="allow", channel=scene.discord.channel)
        assert f"<#{scene.discord.channel.id}>" in await told(scene, "settings show")
        refused = await asked(scene, WHO_OPENED, where=other)
        assert refused.ephemeral and "do not answer in this channel" in refused.text
        assert "do not answer in this channel" in (await pressed(scene, answer, "Evidence")).text
        await scene.ada.mention(WHO_OPENED, where=other)
        assert "do not answer in this channel" in (await heard(scene, other)).text
        here = await asked(scene, WHO_ORDERED)
        thread = await thread_from(scene, here)
        await scene.ada.mention("How long had he served on the ship?", where=thread)
        assert "nine years" in (await heard(scene, thread)).text  # a thread counts as its channel
        await scene.ada.dm(WHO_OPENED)
        assert OPENED in (await heard(scene, scene.ada)).text
        await told(scene, "settings channel", action="remove", channel=scene.discord.channel)
        assert OPENED in (await asked(scene, WHO_OPENED, where=other)).text

    play(news, story)


async def limited_to(scene: Scene, kind: Literal["channel", "role"], number: int) -> None:
    """Limits the home server as a manager would."""
    guild = scene.discord.home.id
    await scene.bot.allow(guild, kind, number, allowed=True)


def test_a_server_is_limited_to_roles(news: Settings) -> None:
    async def story(scene: Scene) -> None:
        reader, bob = scene.discord.user("Rea", roles=("readers",)), scene.discord.user("Bob")
        (role,) = [role for role in scene.discord.home.roles.values() if role.name == "readers"]
        created = {"guild_id": str(scene.discord.home.id), "role": role.payload()}
        scene.discord._tell_guild("GUILD_ROLE_CREATE", created, scene.discord.home)
        await scene.discord.until(lambda: scene.bot.guilds[0].get_role(role.id), what="the role")
        await limited_to(scene, "role", role.id)  # the stand-in fills no option that takes a role
        assert OPENED in (await asked(scene, WHO_OPENED, who=reader)).text
        refused = await asked(scene, WHO_OPENED, who=bob)
        assert refused.ephemeral and "people with these roles" in refused.text
        await reader.mention(WHO_OPENED)
        assert OPENED in (await heard(scene)).text

    play(news, story)


def test_a_limit_can_be_undone_by_a_manager_whom_it_leaves_out(news: Settings) -> None:
    async def story(scene: Scene) -> None:
        await limited_to(scene, "role", 1)  # a role that was deleted since, say
        assert "Roles: " in await told(scene, "settings show")

    play(news, story)


def test_what_is_kept_can_be_deleted_also_where_nobody_is_answered(news: Settings) -> None:
    async def story(scene: Scene) -> None:
        await asked(scene, WHO_OPENED)
        await limited_to(scene, "channel", 1)
        assert "1 answer" in await told(scene, "forget")

    play(news, story)


def test_a_refusal_names_the_channels_itself(news: Settings) -> None:
    async def story(scene: Scene) -> None:
        await limited_to(scene, "channel", scene.discord.channel.id)
        other, bob = scene.discord.add_channel("other"), scene.discord.user("Bob")
        assert f"<#{scene.discord.channel.id}>" in (await asked(scene, WHO_OPENED, who=bob, where=other)).text

    play(news, story)


def test_the_lists_of_the_settings_hold_everywhere(news: Settings) -> None:
    async def guilds(scene: Scene) -> None:
        assert "do not answer in this server" in (await asked(scene, WHO_OPENED)).text
        await scene.ada.dm(WHO_OPENED)
        assert "some servers only" in (await heard(scene, scene.ada)).text

    play(news, guilds, guilds=["1"])

    async def channels(scene: Scene) -> None:
        assert "do not answer in this channel" in (await asked(scene, WHO_OPENED)).text

    play(news, channels, channels=["1"])

    async def roles(scene: Scene) -> None:
        assert "people with these roles" in (await asked(scene, WHO_OPENED)).text

    play(news, roles, roles=["1"])


def test_who_asks_too_much_is_told_when_to_ask_again(news: Settings) -> None:
    async def story(scene: Scene) -> None:
        for _ in range(2):
            assert OPENED in (await asked(scene, WHO_OPENED)).text
        assert re.search(r"ask again in \d+ seconds", (await asked(scene, WHO_OPENED)).text)
        assert OPENED in (await asked(scene, WHO_OPENED, who=scene.discord.user("Bob"))).text

    play(news, story, user_per_minute=2)


# What a conversation takes along


def test_a_private_question_in_a_thread_is_not_told_to_the_others(news: Settings) -> None:
    async def story(scene: Scene) -> None:
        thread = await thread_from(scene, await asked(scene, WHO_OPENED))
        await asked(scene, WHO_ORDERED, private=True, where=thread)
        await scene.discord.user("Bob").mention("How long had he served?", where=thread)
        assert "evacuation" not in (await heard(scene, thread)).text

    play(news, story)


def test_a_follow_up_by_the_button_keeps_the_filters(news: Settings) -> None:
    async def story(scene: Scene) -> None:
        answer = await asked(scene, HOW_MANY_DIED, outlet="Daily Courier")
        assert "Evening Ledger" not in (await followed_up(scene, answer, HOW_MANY_DIED)).text

    play(news, story)


def test_a_thread_keeps_the_filters_of_its_answer(news: Settings) -> None:
    async def story(scene: Scene) -> None:
        thread = await thread_from(scene, await asked(scene, HOW_MANY_DIED, outlet="Daily Courier"))
        await scene.ada.mention(HOW_MANY_DIED, where=thread)
        assert "Evening Ledger" not in (await heard(scene, thread)).text

    play(news, story)


def test_an_answer_says_to_what_it_was_limited(news: Settings) -> None:
    async def story(scene: Scene) -> None:
        for question in (TRAM, CHESS):
            text = (await asked(scene, question, until="2022", outlet="Daily Courier")).text
            assert re.search("only.*Daily Courier", text) and "2022" in text

    play(news, story)


def test_thanks_do_not_end_a_conversation(news: Settings) -> None:
    async def story(scene: Scene) -> None:
        for text in (WHO_OPENED, "thanks", "How much did it cost?"):
            await scene.ada.dm(text)
            answer = await heard(scene, scene.ada)
        assert "40 million" in answer.text and "thanks" not in answer.text

    play(news, story)


def test_each_person_is_told_why_they_are_not_answered(news: Settings) -> None:
    async def story(scene: Scene) -> None:
        await limited_to(scene, "channel", 1)
        for name in ("Bob", "Carl"):
            await scene.discord.user(name).mention(WHO_OPENED)
        await scene.discord.until(lambda: len(scene.discord.requested("POST", r"/channels/\d+/messages")) == 2, 1.0)

    play(news, story)


# Plain text


def test_plain_answers_have_the_same_words_and_buttons_without_a_card(news: Settings) -> None:
    async def story(scene: Scene) -> None:
        answer = await asked(scene, WHO_OPENED)
        assert answer.content == answer.text and f"“{OPENED}” [1]" in answer.content
        assert "**[1]** The Example · A. Writer · 4 Nov 2023 · Arden gets its bridge" in answer.content
        assert labels(answer) == ["Evidence", "Ask a follow-up", "Open a thread", "Helpful", "Wrong or missing"]
        evidence = await pressed(scene, answer, "Evidence")
        assert f"**{OPENED}**" in evidence.content and "**Holds.**" in evidence.content
        await scene.ada.mention(WHO_ORDERED)
        mention = await heard(scene)
        assert "Lars Endersen" in mention.content and mention.preview == mention.content
        assert "nine years" in (await followed_up(scene, mention, "How long had he served on the ship?")).content
        for command in ("help", "articles", "status", "privacy"):
            assert await told(scene, command)
        assert "**Reports differ:**" in (await asked(scene, HOW_MANY_DIED)).content

    play(news, story, plain=True)


def test_a_long_plain_answer_is_attached_whole(settings: Settings) -> None:
    answer = forty_sources(settings)

    async def story(scene: Scene) -> None:
        scene.bot.engine.ask = lambda *_: answer  # type: ignore[method-assign]
        shown = await asked(scene, answer.question)
        (file,) = shown.attachments
        assert "attached file" in shown.content and len(shown.content) <= 2000
        assert all(citation.quote in file.content.decode() for citation in answer.citations)

    play(settings, story, plain=True)


def test_a_plain_abstention_says_first_that_the_articles_do_not_say(news: Settings) -> None:
    async def story(scene: Scene) -> None:
        text = (await asked(scene, CHESS)).content
        assert text.index("do not say") < text.index("Closest passage:") < text.index("“")

    play(news, story, plain=True)


def test_plain_evidence_turns_through_the_sources(news: Settings) -> None:
    async def story(scene: Scene) -> None:
        answer = await asked(scene, HOW_MANY_DIED)
        evidence = await pressed(scene, answer, "Evidence")
        assert "›" in labels(evidence) or labels(answer).count("Evidence") == 2

    play(news, story, plain=True)
