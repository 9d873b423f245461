"""The bot stays up, and every question has an end, whatever Discord, the network, the disk or the engine do."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import os
import random
import re
import shutil
import signal
import sqlite3
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import discord
import discord.http
import discord.shard
import discord.webhook.async_
import pytest

from qabot import Engine, Settings
from qabot.discord_bot import delivery
from qabot.discord_bot.asking import Asking
from qabot.discord_bot.health import served_health
from qabot.errors import IndexUnavailableError
from tests.conftest import ROOT, over
from tests.discord_bot.interactions import Exchange, InteractionType
from tests.discord_bot.scene import QuickBot, Scene, play, scene, with_discord
from tests.discord_bot.stand_in import Message, StandIn, User

QUESTION = "Who opened the bridge of Arden?"
CALLBACK, ORIGINAL = r"/interactions/.*/callback", r"/webhooks/.*/messages/@original"
MESSAGES, EDIT = r"/channels/\d+/messages", r"/channels/\d+/messages/\d+"
TOKEN = "MTIzNDU2Nzg5MDEyMzQ1Njc4OTA.GabCde.abcdefghijklmnopqrstuvwxyz0123456789AB"
FASTER = 20.0
PEOPLE = {"Arden": "Olive Strand", "Grent": "Nora Solberg", "Norvik": "Lars Endersen", "Halden": "Piet Maas"}


def defect(reason: str) -> pytest.MarkDecorator:
    """A claim that does not hold yet; that it does from now on is told as a failure, so that this is taken away."""
    return pytest.mark.xfail(reason=reason, strict=True)


class Hurried:
    """asyncio, in which sleeping takes less time: discord.py waits long before it tries again."""

    def __getattr__(self, name: str) -> Any:
        return getattr(asyncio, name)

    async def sleep(self, seconds: float, result: Any = None) -> Any:
        return await asyncio.sleep(seconds / FASTER, result)


@pytest.fixture(autouse=True)
def _waits_are_short(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (discord.http, discord.shard, discord.webhook.async_):
        monkeypatch.setattr(module, "asyncio", Hurried())
    monkeypatch.setattr(delivery, "_PAUSES", tuple(pause / FASTER for pause in delivery._PAUSES))


@pytest.fixture(autouse=True)
def _nothing_fails_unseen(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """A task whose error nobody took is logged by asyncio when it is thrown away."""
    yield
    gc.collect()
    unseen = [record.getMessage() for record in caplog.get_records("call") if record.name == "asyncio"]
    assert not [line for line in unseen if "never retrieved" in line], unseen


def write(settings: Settings, town: str, who: str, *, cost: int = 40) -> None:
    text = (
        f"---\ntitle: The bridge of {town}\noutlet: The {town} Post\ndate: 2023-11-04\n---\n\n"
        f"The mayor of {town}, {who}, opened the bridge of {town} on Monday. It cost {cost} million crowns.\n"
    )
    aside = settings.seeds / f".{town}.part"
    aside.write_text(text)
    aside.replace(settings.seeds / f"{town}.md")


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Path:
    """seeds/ and embeddings/ of the towns, to be copied."""
    folder = tmp_path_factory.mktemp("towns")
    (folder / "seeds").mkdir()
    own = Settings(paths=replace(Settings().paths, seeds=f"{folder}/seeds", embeddings=f"{folder}/embeddings"))
    for town, who in PEOPLE.items():
        write(own, town, who)
    over(own.seeds, own.embeddings, models)
    return folder


@pytest.fixture
def towns(settings: Settings, built: Path) -> Settings:
    shutil.copytree(built / "seeds", settings.seeds, dirs_exist_ok=True)
    shutil.copytree(built / "embeddings", settings.embeddings, dirs_exist_ok=True, ignore=lambda *_: ["models"])
    return settings


async def asked(played: Scene, question: str = QUESTION, **options: Any) -> Message:
    """The answer to a slash command."""
    return await (await played.ada.slash("ask", question=question, **options)).answered()


def logged(caplog: pytest.LogCaptureFixture) -> str:
    return "\n".join(record.getMessage() + (record.exc_text or "") for record in caplog.records)


def store_file(settings: Settings) -> Path:
    return settings.embeddings / "discord.sqlite"


# The connection


def test_it_answers_after_the_connection_broke_and_misses_nothing(towns: Settings) -> None:
    async def story(played: Scene) -> None:
        for code in (4000, None):
            async with played.discord.offline(code):
                exchange = await played.ada.slash("ask", question=QUESTION)
                mention = await played.ada.mention(QUESTION)
            assert "Olive Strand" in (await exchange.answered()).text
            assert (await played.discord.next_message()).reply_to is mention
            await played.discord.wait_ready()
        assert len(played.discord.gateway.identifies) == 1 and len(played.discord.gateway.resumes) == 2

    play(towns, story)


def test_it_answers_after_being_asked_to_reconnect(towns: Settings) -> None:
    async def story(played: Scene) -> None:
        await played.discord.send_reconnect()
        exchange = await played.ada.slash("ask", question=QUESTION)
        assert "Olive Strand" in (await exchange.answered()).text
        assert played.discord.gateway.resumes

    play(towns, story)


@pytest.mark.parametrize("resumable", [True, False])
def test_it_answers_after_its_session_was_declared_invalid(towns: Settings, resumable: bool) -> None:
    async def story(played: Scene) -> None:
        await played.discord.invalidate_session(resumable=resumable)
        await played.discord.wait_ready()
        assert "Olive Strand" in (await asked(played)).text
        assert len(played.discord.gateway.identifies) == (1 if resumable else 2)

    play(towns, story)


def test_a_question_under_way_is_answered_though_the_connection_breaks(towns: Settings) -> None:
    async def story(played: Scene) -> None:
        played.discord.fault("PATCH", ORIGINAL, None, delay=0.3)
        exchange = await played.ada.slash("ask", question=QUESTION)
        await exchange.acknowledgement()
        await played.discord.invalidate_session(resumable=False)
        assert "Olive Strand" in (await exchange.answered()).text
        await played.discord.wait_ready()

    play(towns, story)


def test_every_shard_answers(towns: Settings) -> None:
    async def whole() -> None:
        async with StandIn(shards=3) as stand_in:
            channels = [stand_in.add_channel("general", stand_in.add_guild(f"Server {n}")) for n in range(6)]
            async with scene(towns, stand_in) as played:
                await stand_in.wait_ready()
                for channel in channels:
                    exchange = await played.ada.slash("ask", question=QUESTION, where=channel)
                    assert "Olive Strand" in (await exchange.answered()).text
                await played.ada.dm(QUESTION)
                assert "Olive Strand" in (await stand_in.next_message(played.ada)).text
            assert len({identified["shard"][0] for identified in stand_in.gateway.identifies}) == 3
            assert not stand_in.violations

    logging.getLogger("discord").setLevel(logging.CRITICAL)
    asyncio.run(whole())


# Requests that go wrong


def test_a_rate_limit_is_waited_for(towns: Settings) -> None:
    async def story(played: Scene) -> None:
        headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset-After": "4", "Via": "1.1 google"}
        played.discord.fault("PATCH", ORIGINAL, 429, times=2, headers=headers, body={"retry_after": 4.0})
        exchange = await played.ada.slash("ask", question=QUESTION)
        assert "Olive Strand" in (await exchange.answered()).text
        first, second, third = played.discord.requested("PATCH", ORIGINAL)
        assert min(second.at - first.at, third.at - second.at) >= 4.0 / FASTER

    play(towns, story)


@pytest.mark.parametrize("fault", [500, 502, 503, "dropped"])
@pytest.mark.parametrize("request_", ["acknowledgement", "edit", "evidence"])
def test_a_request_that_fails_is_made_again(towns: Settings, request_: str, fault: int | str) -> None:
    async def story(played: Scene) -> None:
        method, path = ("PATCH", ORIGINAL) if request_ == "edit" else ("POST", CALLBACK)
        shown = await asked(played) if request_ == "evidence" else None
        status = fault if isinstance(fault, int) else None
        played.discord.fault(method, path, status, drop=status is None)
        if shown is None:
            assert "Olive Strand" in (await asked(played)).text
        else:
            evidence = await (await played.ada.click(shown, label="Evidence")).answered()
            assert evidence.ephemeral and "Holds" in evidence.text

    play(towns, story)


@pytest.mark.parametrize("fault", [500, 503, "dropped"])
@pytest.mark.parametrize("done", [False, True])
@pytest.mark.parametrize("request_", ["send", "edit"])
def test_a_message_is_sent_once_though_the_request_failed(
    towns: Settings, request_: str, done: bool, fault: int | str
) -> None:
    async def story(played: Scene) -> None:
        status = fault if isinstance(fault, int) else None
        method, path = ("POST", MESSAGES) if request_ == "send" else ("PATCH", EDIT)
        played.discord.fault(method, path, status, drop=status is None, applied=done)
        await played.ada.mention(QUESTION)
        message = await played.discord.next_message()
        await played.settled()
        assert await played.discord.messages_of_bot() == [message]
        assert "Olive Strand" in message.preview and message.buttons

    play(towns, story)


@pytest.mark.parametrize("fault", [500, "dropped"])
def test_an_edit_whose_answer_got_lost_is_made_again(towns: Settings, fault: int | str) -> None:
    async def story(played: Scene) -> None:
        status = fault if isinstance(fault, int) else None
        played.discord.fault("PATCH", ORIGINAL, status, drop=status is None, applied=True)
        exchange = await played.ada.slash("ask", question=QUESTION)
        message = await exchange.answered()
        await played.settled()
        assert "Olive Strand" in message.text and not exchange.followups
        assert "Holds" in (await (await played.ada.click(message, label="Evidence")).answered()).text

    play(towns, story)


@pytest.mark.parametrize("fault", [500, "dropped"])
def test_an_acknowledgement_whose_answer_got_lost_is_followed_by_the_answer(towns: Settings, fault: int | str) -> None:
    async def story(played: Scene) -> None:
        status = fault if isinstance(fault, int) else None
        played.discord.fault("POST", CALLBACK, status, drop=status is None, applied=True)
        exchange = await played.ada.slash("ask", question=QUESTION)
        assert "Olive Strand" in (await exchange.answered(timeout=1.5)).text

    play(towns, story)


def test_an_expired_interaction_is_let_go_quietly(towns: Settings, caplog: pytest.LogCaptureFixture) -> None:
    async def story(played: Scene) -> None:
        played.discord.fault("POST", CALLBACK, 404, body={"code": 10062, "message": "Unknown interaction"})
        exchange = await played.ada.slash("ask", question=QUESTION)
        await played.discord.until(lambda: "gone before it was acknowledged" in logged(caplog))
        assert not exchange.acknowledged
        assert "Olive Strand" in (await asked(played)).text

    with caplog.at_level(logging.INFO):
        play(towns, story)
    assert "Traceback" not in logged(caplog)


def test_an_interaction_acknowledged_by_another_is_no_error(towns: Settings, caplog: pytest.LogCaptureFixture) -> None:
    async def story(played: Scene) -> None:
        played.discord.fault("POST", CALLBACK, 400, body={"code": 40060, "message": "Already acknowledged."})
        await played.ada.slash("ask", question=QUESTION)
        await played.discord.until(lambda: played.discord.requested("POST", CALLBACK))
        await played.settled()
        assert "Olive Strand" in (await asked(played)).text

    play(towns, story)
    assert "Traceback" not in logged(caplog)


def test_an_answer_that_comes_after_fifteen_minutes_is_let_go(towns: Settings) -> None:
    async def story(played: Scene) -> None:
        with held(played) as release:
            exchange = await played.ada.slash("ask", question=QUESTION)
            await exchange.acknowledgement()
            played.discord.advance(16 * 60)
            release()
        await played.settled()
        assert "Olive Strand" in (await asked(played)).text

    play(towns, story)


class held:
    """The engine answers nothing before it is released; the block's end releases it."""

    def __init__(self, played: Scene) -> None:
        self._engine, self._gate = played.bot.desk.engine, threading.Event()
        self._ask = played.bot.desk.engine.ask

    def __enter__(self) -> Any:
        def ask(*arguments: Any) -> Any:
            self._gate.wait(20)
            return self._ask(*arguments)

        self._engine.ask = ask  # type: ignore[method-assign, assignment]
        return self._gate.set

    def __exit__(self, *_: object) -> None:
        self._gate.set()
        self._engine.ask = self._ask  # type: ignore[method-assign]


@pytest.mark.parametrize("gone", ["message", "channel", "answer"])
def test_what_was_deleted_before_the_answer_came_harms_nobody(
    towns: Settings, gone: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def story(played: Scene) -> None:
        channel = played.discord.add_channel("short-lived")
        with held(played) as release:
            mention = await played.ada.mention(QUESTION, where=channel)
            exchange = await played.ada.slash("ask", question=QUESTION, where=channel)
            await exchange.acknowledgement()
            await played.discord.until(lambda: played.bot.asking.under_way == 2)
            if gone == "message":
                played.discord.delete_message(mention)
            elif gone == "channel":
                played.discord.delete_channel(channel)
            else:
                assert exchange.response is not None
                played.discord.delete_message(exchange.response)
            release()
            await played.settled()
        if gone == "message":
            assert "Olive Strand" in (await played.discord.next_message(channel)).text
        assert "Olive Strand" in (await asked(played)).text

    play(towns, story)
    assert "Traceback" not in logged(caplog)


# Permissions


@pytest.mark.parametrize("missing", ["send_messages", "view_channel"])
def test_where_it_may_not_write_a_command_is_answered_all_the_same(towns: Settings, missing: str) -> None:
    async def story(played: Scene) -> None:
        played.discord.deny(played.discord.channel, missing)
        await played.ada.mention(QUESTION)
        assert "Olive Strand" in (await asked(played)).text
        await played.settled()
        own = await played.discord.messages_of_bot()
        assert all(message.exchange is not None for message in own)

    play(towns, story)


def test_without_the_history_of_a_channel_a_mention_is_answered_without_a_reference(towns: Settings) -> None:
    async def story(played: Scene) -> None:
        played.discord.deny(played.discord.channel, "read_message_history")
        await played.ada.mention(QUESTION)
        assert "Olive Strand" in (await played.discord.next_message(timeout=1.5)).text

    play(towns, story)


def test_without_the_permission_there_is_no_thread_and_a_word_why(towns: Settings) -> None:
    async def story(played: Scene) -> None:
        message = await asked(played)
        played.discord.deny(played.discord.channel, "create_public_threads")
        told = await (await played.ada.click(message, label="Open a thread")).answered()
        assert told.ephemeral and "may not open threads" in told.text
        assert "Open a thread" not in [button.label for button in (await asked(played)).buttons]

    play(towns, story)


def test_in_threads_where_it_may_not_write_a_mention_harms_nobody(towns: Settings) -> None:
    async def story(played: Scene) -> None:
        message = await asked(played)
        played.discord.deny(played.discord.channel, "send_messages_in_threads")
        told = await (await played.ada.click(message, label="Open a thread")).answered()
        assert told.text
        if message.thread is not None:
            await played.ada.mention(QUESTION, where=message.thread)
            exchange = await played.ada.slash("ask", question=QUESTION, where=message.thread)
            assert "Olive Strand" in (await exchange.answered()).text

    play(towns, story)


# The engine


@pytest.mark.parametrize("error", [IndexUnavailableError("The index is locked.", "Wait."), KeyError("a bug")])
def test_an_error_belongs_to_one_question(towns: Settings, error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    async def story(played: Scene) -> None:
        real = played.bot.desk.engine.ask

        def ask(question: str, *more: Any) -> Any:
            if "Grent" in question:
                raise error
            return real(question, *more)

        played.bot.desk.engine.ask = ask  # type: ignore[method-assign, assignment]
        bad = await played.ada.slash("ask", question="Who opened the bridge of Grent?")
        good = await played.ada.slash("ask", question=QUESTION)
        told = (await bad.answered()).text
        assert "The index is locked" in told or "reference" in told
        assert "a bug" not in told and "Olive Strand" in (await good.answered()).text
        await played.ada.mention("Who opened the bridge of Grent?")
        assert (await played.discord.next_message()).text

    play(towns, story)


def test_the_first_questions_wait_for_the_index_to_be_built(settings: Settings) -> None:
    for town, who in PEOPLE.items():
        write(settings, town, who)

    async def story(played: Scene) -> None:
        exchange = await played.ada.slash("ask", question=QUESTION)
        await played.ada.mention("Who opened the bridge of Grent?")
        assert "Olive Strand" in (await exchange.answered(timeout=20)).text
        assert "Nora Solberg" in (await played.discord.next_message()).text

    play(settings, story)


def test_an_error_at_the_start_is_told_and_the_next_question_tries_again(towns: Settings) -> None:
    async def whole() -> None:
        async with StandIn() as stand_in:
            own = with_discord(towns, api_base=stand_in.api_base)
            engine = Engine(own, beside=True)
            real = engine.prepare

            def prepare() -> None:
                engine.prepare = real  # type: ignore[method-assign]
                raise RuntimeError("out of file handles")

            engine.prepare = prepare  # type: ignore[method-assign]
            async with running(engine, own, stand_in):
                ada = stand_in.user("Ada")
                await (await ada.slash("ask", question=QUESTION)).answered(timeout=1.5)
                assert "Olive Strand" in (await (await ada.slash("ask", question=QUESTION)).answered(timeout=4)).text

    asyncio.run(whole())


@asynccontextmanager
async def running(engine: Engine, settings: Settings, stand_in: StandIn) -> AsyncIterator[QuickBot]:
    """A bot over this very engine."""
    base, gateway = discord.http.Route.BASE, discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY
    logging.getLogger("discord").setLevel(logging.CRITICAL)
    bot = QuickBot(engine, settings, guild_ready_timeout=0.02)
    task = asyncio.create_task(bot.start("token"))
    try:
        await stand_in.until(lambda: bot.is_ready() or task.done(), what="the bot")
        yield bot
    finally:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("qabot.discord_bot.client.FINISH_SECONDS", 0.5)
            await bot.finish()
        await asyncio.gather(task, return_exceptions=True)
        discord.http.Route.BASE, discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = base, gateway


def test_without_articles_it_says_so_and_answers_once_they_are_there(settings: Settings) -> None:
    shutil.rmtree(settings.seeds)

    async def story(played: Scene) -> None:
        told = (await asked(played)).text
        assert "cannot answer just now" in told and str(settings.seeds) not in told
        settings.seeds.mkdir()
        write(settings, "Arden", "Olive Strand")
        assert "Olive Strand" in (await asked(played)).text

    play(settings, story)


def test_a_new_generation_is_taken_up(towns: Settings) -> None:
    async def story(played: Scene) -> None:
        assert "Olive Strand" in (await asked(played)).text
        write(towns, "Arden", "Ada Quist")
        other = await asyncio.to_thread(Engine(towns).prepare)
        assert other is not None and other.changed
        assert "Ada Quist" in (await asked(played)).text

    play(towns, story)


def test_an_index_that_is_deleted_is_made_anew(towns: Settings) -> None:
    async def story(played: Scene) -> None:
        await asked(played)
        for path in towns.embeddings.iterdir():
            if path.name != "models" and not path.name.startswith("discord"):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        for _ in range(40):
            told = (await asked(played)).text
            assert told
            if "Olive Strand" in told:
                break
            await asyncio.sleep(0.1)
        assert "Olive Strand" in (await asked(played)).text

    play(towns, story)


def test_a_damaged_index_is_said_to_be_so_and_the_bot_stays(towns: Settings, caplog: pytest.LogCaptureFixture) -> None:
    async def story(played: Scene) -> None:
        await asked(played)
        files = [path for path in towns.embeddings.rglob("*") if path.is_file() and not path.is_symlink()]
        own = [path for path in files if "models" not in path.parts and not path.name.startswith("discord")]
        for path in own:
            path.write_bytes(b"\0" * 5000)
        for number in range(3):
            assert (await asked(played, f"{QUESTION} ({number})")).text
        assert (await (await played.ada.slash("status")).answered()).text
        assert (await (await played.ada.slash("articles")).answered()).text

    play(towns, story)
    assert "Traceback" not in logged(caplog)


# What is kept


def test_an_answer_that_cannot_be_kept_is_shown(towns: Settings) -> None:
    async def story(played: Scene) -> None:
        await played.bot.records.do(lambda store: store._connection.execute("PRAGMA query_only = ON"))
        message = await asked(played)
        assert "Olive Strand" in message.text
        for label in ("Evidence", "Helpful"):
            assert (await (await played.ada.click(message, label=label)).answered()).text
        await played.ada.mention(QUESTION)
        assert "Olive Strand" in (await played.discord.next_message()).text
        assert (await (await played.ada.slash("forget")).answered()).text

    play(towns, story)


@pytest.mark.parametrize("how", ["slash", "mention", "direct"])
def test_a_store_that_cannot_be_read_costs_no_answer(towns: Settings, how: str) -> None:
    async def story(played: Scene) -> None:
        await asked(played)
        for suffix in ("", "-wal", "-shm"):
            with open(f"{store_file(towns)}{suffix}", "r+b") as file:
                file.write(b"\xff" * 65_536)
        await played.bot.records.do(lambda store: store._connection.execute("PRAGMA shrink_memory"))
        if how == "slash":
            text = (await (await played.ada.slash("ask", question=QUESTION)).answered(timeout=1.5)).text
        elif how == "mention":
            await played.ada.mention(QUESTION)
            text = (await played.discord.next_message(timeout=1.5)).text
        else:
            await played.ada.dm(QUESTION)
            text = (await played.discord.next_message(played.ada, timeout=1.5)).text
        assert "Olive Strand" in text

    play(towns, story)


def test_a_store_that_is_locked_delays_no_acknowledgement(towns: Settings) -> None:
    async def story(played: Scene) -> None:
        other = sqlite3.connect(store_file(towns), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        try:
            await played.ada.slash("ask", question=QUESTION)
            await asyncio.sleep(0.3)
            exchange = await played.ada.slash("ask", question="Who opened the bridge of Grent?")
            await asyncio.sleep(1.5)
            acknowledged = exchange.acknowledged
        finally:
            other.execute("ROLLBACK")
            other.close()
        await exchange.answered()
        assert acknowledged

    play(towns, story)


def test_a_search_under_way_is_finished_too(towns: Settings) -> None:
    async def story(played: Scene) -> None:
        await asked(played)
        engine = played.bot.desk.engine
        real, began = engine.search, threading.Event()

        def slow(*arguments: Any, **more: Any) -> Any:
            began.set()
            time.sleep(0.5)
            return real(*arguments, **more)

        engine.search = slow  # type: ignore[method-assign]
        exchange = await played.ada.slash("search", query="bridge")
        await played.discord.until(began.is_set)
        await played.bot.finish()
        assert "bridge" in (await exchange.answered(0.1)).text

    play(towns, story)


def test_who_waits_for_the_index_is_told_when_it_is_stopped(towns: Settings) -> None:
    async def whole() -> None:
        async with StandIn() as stand_in:
            own = with_discord(towns, api_base=stand_in.api_base)
            engine, gate = Engine(own, beside=True), threading.Event()
            engine.prepare = lambda: gate.wait(5)  # type: ignore[method-assign, assignment, return-value]
            try:
                async with running(engine, own, stand_in):
                    exchange = await stand_in.user("Ada").slash("ask", question=QUESTION)
                    await exchange.acknowledgement()
            finally:
                gate.set()
            assert (await exchange.answered(0.1)).text

    asyncio.run(whole())


def test_a_question_that_comes_while_it_stops_has_an_end(towns: Settings) -> None:
    async def story(played: Scene) -> None:
        await asked(played)
        with held(played) as release:
            await (await played.ada.slash("ask", question=QUESTION)).acknowledgement()
            finishing = asyncio.create_task(played.bot.finish())
            await asyncio.sleep(0.1)
            played.discord.fault("PATCH", ORIGINAL, None, delay=0.3)
            late = await played.ada.slash("ask", question=QUESTION)
            await played.discord.until(lambda: len(played.discord.requested("PATCH", ORIGINAL)) == 2)
            release()
            await finishing
        assert "restarted" in (await late.answered(0.1)).text

    play(towns, story)


@pytest.mark.parametrize("event", ["INTERACTION_CREATE", "MESSAGE_CREATE"])
def test_an_event_that_cannot_be_read_does_not_end_the_bot(towns: Settings, event: str) -> None:
    async def story(played: Scene) -> None:
        played.discord.gateway.dispatch(event, {"id": "1", "type": 3}, guild_id=played.discord.home.id)
        await asyncio.sleep(0.2)
        assert not played.bot.is_closed()
        assert "Olive Strand" in (await asked(played)).text

    play(towns, story)


def test_without_the_permission_to_attach_files_a_long_plain_answer_is_shown(
    towns: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qabot.discord_bot.cards.MAX_CONTENT", 200)  # so that the answer needs its file

    async def story(played: Scene) -> None:
        played.discord.deny(played.discord.channel, "attach_files")
        await played.ada.mention(QUESTION)
        assert "Arden" in (await played.discord.next_message(timeout=1.5)).text

    play(towns, story, plain=True)


@pytest.mark.parametrize("option", ["outlet", "since"])
def test_a_refusal_fits_whatever_was_typed(towns: Settings, option: str) -> None:
    async def story(played: Scene) -> None:
        told = await asked(played, **{option: ("*zebra*" * 20)[: 100 if option == "outlet" else 10]})
        assert "zebra" in told.text and "went wrong" not in told.text

    play(towns, story)


# Limits


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_who_asks_a_lot_is_told_when_to_ask_again(towns: Settings) -> None:
    async def story(played: Scene) -> None:
        clock = Clock()
        played.bot.asking = Asking(played.bot.desk, played.bot.records, played.bot.settings, clock)
        await asked(played)
        clock.now += 20
        await asked(played)
        refused = await asked(played)
        assert "asked a lot" in refused.text and "40 seconds" in refused.text
        await played.ada.mention(QUESTION)
        assert "asked a lot" in (await played.discord.next_message()).text
        bob = played.discord.user("Bob")
        assert "Olive Strand" in (await (await bob.slash("ask", question=QUESTION)).answered()).text
        clock.now += 41
        assert "Olive Strand" in (await asked(played)).text

    play(towns, story, user_per_minute=2)


def test_a_channel_in_which_a_lot_is_asked_is_told_when(towns: Settings) -> None:
    async def story(played: Scene) -> None:
        clock = Clock()
        played.bot.asking = Asking(played.bot.desk, played.bot.records, played.bot.settings, clock)
        people = [played.discord.user(f"Person {n}") for n in range(3)]
        told = [(await (await who.slash("ask", question=QUESTION)).answered()).text for who in people]
        assert "Olive Strand" in told[1] and "A lot is being asked here" in told[2] and "60 seconds" in told[2]
        elsewhere = played.discord.add_channel("elsewhere")
        exchange = await people[2].slash("ask", question=QUESTION, where=elsewhere)
        assert "Olive Strand" in (await exchange.answered()).text

    play(towns, story, channel_per_minute=2)


def test_past_the_queue_people_are_told_when_to_try_again(towns: Settings) -> None:
    async def story(played: Scene) -> None:
        await asked(played)
        with held(played) as release:
            exchanges = [await played.ada.slash("ask", question=QUESTION) for _ in range(6)]
            await played.discord.until(lambda: played.bot.desk.pending == 3)
            busy = [await exchange.answered() for exchange in exchanges[3:]]
            assert all(re.search(r"try again in (a second|\d+ seconds)", message.text) for message in busy)
            release()
            for exchange in exchanges[:3]:
                assert "Olive Strand" in (await exchange.answered()).text

    play(towns, story, workers=1, queue=2)


def test_searching_is_limited_as_asking_is(towns: Settings) -> None:
    async def story(played: Scene) -> None:
        await asked(played)
        told = [(await (await played.ada.slash("search", query="bridge")).answered()).text for _ in range(4)]
        assert any("asked a lot" in text for text in told)

    play(towns, story, user_per_minute=2)


# Buttons of before


def test_every_button_works_after_a_restart(towns: Settings) -> None:
    async def whole() -> None:
        async with StandIn() as stand_in:
            async with scene(towns, stand_in) as before:
                message = await asked(before)
            async with scene(towns, stand_in) as after:
                ada = after.ada
                assert "Holds" in (await (await ada.click(message, label="Evidence")).answered()).text
                assert "Thank you" in (await (await ada.click(message, label="Helpful")).answered()).text
                form = await ada.click(message, label="Ask a follow-up")
                await form.modal_shown()
                followed = await ada.submit(form, question="How much did it cost?")
                assert "40 million" in (await followed.answered()).text
                form = await ada.click(message, label="Wrong or missing")
                await form.modal_shown()
                assert "Thank you" in (await (await ada.submit(form, reason="figure")).answered()).text
                more = press(stand_in, ada, message, re.sub(":ev:|:up:", ":more:", message.button("Helpful").custom_id))
                assert "Olive Strand" in (await more.answered()).text
                assert "thread" in (
                    await (await ada.click(message, label="Open a thread")).answered()
                ).text.lower() or (message.thread is not None)
            assert len(stand_in.requested("PUT", r"/applications/\d+/commands")) == 1
            assert not stand_in.violations

    logging.getLogger("discord").setLevel(logging.CRITICAL)
    asyncio.run(whole())


def press(stand_in: StandIn, who: User, message: Message | None, custom_id: str) -> Exchange:
    """A press of a button that the message may no longer have."""
    data = {"custom_id": custom_id, "component_type": 2, "id": 9}
    return stand_in.interact(InteractionType.COMPONENT, who, stand_in.channel, data, message)


def test_a_button_of_a_forgotten_answer_says_so(towns: Settings) -> None:
    async def story(played: Scene) -> None:
        message = await asked(played)
        old = time.time() + 91 * 86_400
        await played.bot.records.do(lambda store: setattr(store, "_clock", lambda: old))
        for label in ("Evidence", "Ask a follow-up", "Helpful", "Wrong or missing", "Open a thread"):
            told = await (await played.ada.click(message, label=label)).answered()
            assert told.ephemeral and "no longer kept" in told.text
        await played.bot.records.do(lambda store: store.forget_old())
        told = await (await played.ada.click(message, label="Helpful")).answered()
        assert "no longer kept" in told.text

    play(towns, story)


@pytest.mark.parametrize(
    "custom_id", ["qa0:ev:abc:1", "qa1:fly:abc:1", "x", "é" * 100, "qa1:ev:" + "a" * 80 + ":1", "'; DROP TABLE answers"]
)
def test_a_button_that_is_not_known_gets_a_kind_word(towns: Settings, custom_id: str) -> None:
    async def story(played: Scene) -> None:
        message = await asked(played)
        told = await press(played.discord, played.ada, message, custom_id).answered()
        assert told.ephemeral and "Please ask again" in told.text

    play(towns, story)


def test_a_form_of_before_gets_a_kind_word(towns: Settings) -> None:
    async def story(played: Scene) -> None:
        message = await asked(played)
        for custom_id in ("feedback:7", "qa1:fu:gone:0"):
            data: dict[str, Any] = {"custom_id": custom_id, "components": []}
            sent = played.discord.interact(InteractionType.MODAL, played.ada, played.discord.channel, data, message)
            told = await sent.answered()
            assert told.ephemeral and "Please ask again" in told.text

    play(towns, story)


def test_a_page_is_turned_though_plain_text_was_chosen_since(towns: Settings) -> None:
    async def whole() -> None:
        async with StandIn() as stand_in:
            async with scene(towns, stand_in) as before:
                message = await asked(before, "What do the reports say about the opening of bridges?")
                evidence = await (await before.ada.click(message, label="Evidence")).answered()
                assert evidence.button("›")
                stand_in.accounts[before.ada.id] = before.ada
            async with scene(towns, stand_in, plain=True):
                turned = await (await before.ada.click(evidence, label="›")).answered()
                assert "Holds" in turned.text
            assert not stand_in.violations

    logging.getLogger("discord").setLevel(logging.CRITICAL)
    asyncio.run(whole())


def test_commands_are_registered_when_they_changed_only(towns: Settings) -> None:
    async def whole() -> None:
        async with StandIn() as stand_in:
            for _ in range(3):
                async with scene(towns, stand_in):
                    pass
            assert len(stand_in.requested("PUT", r"/applications/\d+/commands")) == 1
            with sqlite3.connect(store_file(towns)) as connection:
                connection.execute("UPDATE meta SET value = 'of another version' WHERE key LIKE 'commands:%'")
            connection.close()
            async with scene(towns, stand_in):
                pass
            assert len(stand_in.requested("PUT", r"/applications/\d+/commands")) == 2

    logging.getLogger("discord").setLevel(logging.CRITICAL)
    asyncio.run(whole())


# What it says of itself


def test_healthz_says_whether_it_is_connected_and_can_answer(towns: Settings, unused_tcp_port: int) -> None:
    async def story(played: Scene) -> None:
        address = f"http://127.0.0.1:{unused_tcp_port}/healthz"
        async with served_health(played.bot, unused_tcp_port), aiohttp.ClientSession() as session:
            await asked(played)
            async with session.get(address) as response:
                told = await response.json()
                assert response.status == 200 and told["healthy"] and told["generation"] == 1
            played.bot.desk.ready.clear()
            async with session.get(address) as response:
                assert response.status == 503 and not (await response.json())["healthy"]
            played.bot.desk.ready.set()

    play(towns, story)


def test_healthz_is_unwell_while_discord_is_not_there(towns: Settings, unused_tcp_port: int) -> None:
    async def story(played: Scene) -> None:
        address = f"http://127.0.0.1:{unused_tcp_port}/healthz"
        async with served_health(played.bot, unused_tcp_port), aiohttp.ClientSession() as session:
            await asked(played)
            async with played.discord.offline():
                await asyncio.sleep(0.5)
                async with session.get(address) as response:
                    assert response.status == 503

    play(towns, story)


@pytest.fixture
def unused_tcp_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# The process


class Process:
    """``qabot bot`` as people run it, against the stand-in of the test."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def ended(self, within: float) -> tuple[int, str, str]:
        """Its exit code, stdout and stderr; it is killed where it does not end."""
        try:
            out, err = await asyncio.wait_for(self._process.communicate(), within)
        except TimeoutError:
            self._process.kill()
            _, err = await self._process.communicate()
            raise AssertionError(f"not ended within {within} s: {err.decode()[-1500:]}") from None
        assert self._process.returncode is not None
        return self._process.returncode, out.decode(), err.decode()

    def terminate(self) -> None:
        self._process.send_signal(signal.SIGTERM)


async def process(settings: Settings, stand_in: StandIn | None, *flags: str, **environ: str) -> Process:
    given = {
        "QABOT_PATHS_SEEDS": str(settings.seeds),
        "QABOT_PATHS_EMBEDDINGS": str(settings.embeddings),
        "QABOT_DISCORD_TOKEN": TOKEN,
        "PYTHONPATH": str(ROOT),
        **({"QABOT_DISCORD_API_BASE": stand_in.api_base} if stand_in else {}),
        **environ,
    }
    return Process(
        await asyncio.create_subprocess_exec(
            sys.executable, "-m", "qabot", "bot", *flags, env=os.environ | given,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, cwd=settings.seeds,
        )
    )  # fmt: skip


def test_a_signal_lets_it_finish_what_is_under_way(towns: Settings) -> None:
    async def whole() -> None:
        async with StandIn(token=TOKEN) as stand_in:
            bot = await process(towns, stand_in, "--log-json")
            await stand_in.wait_ready(30)
            ada = stand_in.user("Ada")
            assert "Olive Strand" in (await (await ada.slash("ask", question=QUESTION)).answered(20)).text
            stand_in.fault("PATCH", ORIGINAL, 503)
            exchange = await ada.slash("ask", question="Who opened the bridge of Grent?")
            await stand_in.until(lambda: len(stand_in.requested("PATCH", ORIGINAL)) == 2)
            began = time.monotonic()
            bot.terminate()
            code, out, err = await bot.ended(10)
            assert code == 0 and time.monotonic() - began < 10, err
            assert "Nora Solberg" in (await exchange.answered(0.1)).text
            lines = [json.loads(line) for line in err.splitlines()]
            answered = [line for line in lines if line["event"] == "answered"]
            assert len(answered) == 2 and all(re.fullmatch("[0-9a-f]{8}", line["reference"]) for line in answered)
            assert "bridge" not in err and "Arden" not in err and TOKEN not in out + err
            assert not stand_in.violations

    asyncio.run(whole())


def test_a_signal_ends_it_while_the_gateway_does_not_answer(towns: Settings) -> None:
    async def whole() -> None:
        async with StandIn(token=TOKEN) as stand_in, stand_in.offline():
            bot = await process(towns, stand_in)
            await stand_in.until(lambda: stand_in.gateway.connections, 30)
            await asyncio.sleep(0.5)
            bot.terminate()
            code, _, err = await bot.ended(10)
            assert code == 0, err
            assert "Traceback" not in err

    asyncio.run(whole())


@pytest.mark.parametrize("flags", [(), ("--log-json",)])
def test_a_wrong_token_ends_it_with_one_clear_line(towns: Settings, flags: tuple[str, ...]) -> None:
    async def whole() -> None:
        async with StandIn(token="another") as stand_in:
            code, out, err = await (await process(towns, stand_in, *flags)).ended(30)
            assert code != 0 and "Discord does not know this token" in err and "Traceback" not in err
            assert TOKEN not in out + err and TOKEN[-20:] not in out + err

    asyncio.run(whole())


def test_a_token_that_is_taken_back_ends_it_with_one_clear_line(towns: Settings) -> None:
    async def whole() -> None:
        async with StandIn(token=TOKEN) as stand_in:
            bot = await process(towns, stand_in)
            await stand_in.wait_ready(30)
            stand_in.token = stand_in.gateway._token = "another"
            await stand_in.drop_connection(4004)
            code, out, err = await bot.ended(20)
            assert code != 0 and TOKEN not in out + err
            assert "token" in err.lower() and "Traceback" not in err, err

    asyncio.run(whole())


def test_a_token_file_that_cannot_be_read_ends_it_without_the_token(towns: Settings, tmp_path: Path) -> None:
    odd = tmp_path / "odd"
    odd.write_bytes(TOKEN.encode("utf-16"))

    async def whole() -> None:
        async def started(file: Path) -> tuple[int, str, str]:
            environ = {"QABOT_DISCORD_TOKEN": "", "QABOT_DISCORD_TOKEN_FILE": str(file)}
            return await (await process(towns, None, **environ)).ended(20)

        files = (tmp_path, odd, tmp_path / "none")
        for file, (code, out, err) in zip(files, await asyncio.gather(*map(started, files)), strict=True):
            assert code != 0 and str(file) in err and "Traceback" not in err and TOKEN not in out + err

    asyncio.run(whole())


def test_a_token_given_as_the_file_that_has_it_is_not_printed(towns: Settings) -> None:
    async def whole() -> None:
        environ = {"QABOT_DISCORD_TOKEN": "", "QABOT_DISCORD_TOKEN_FILE": TOKEN}
        code, out, err = await (await process(towns, None, **environ)).ended(20)
        assert code != 0 and "token" in err.lower() and TOKEN not in out + err

    asyncio.run(whole())


def test_the_invite_link_asks_for_no_more_than_is_needed(towns: Settings) -> None:
    async def whole() -> None:
        async with StandIn(token=TOKEN) as stand_in:
            code, out, err = await (await process(towns, stand_in, "--invite")).ended(20)
            assert code == 0, err
            assert f"client_id={stand_in.application_id}" in out and "applications.commands" in out
            permissions = discord.Permissions(int(re.search(r"permissions=(\d+)", out)[1]))  # type: ignore[index]
            assert not permissions.administrator and not permissions.manage_guild and not permissions.mention_everyone
            assert TOKEN not in out + err

    asyncio.run(whole())


# Half an hour


QUESTIONS = [f"Who opened the bridge of {town}?" for town in PEOPLE]
QUESTIONS += [
    "How much did the bridge of Grent cost?",
    "Who stole the moon?",
    "@everyone **who** <@1>?",
    "x" * 1500,
    "🜚",
]
# What Discord or the network may do to one request, and what helps against each: asking again.
FAULTS: list[tuple[str, str, int | None]] = [
    (method, path, status)
    for method, path in (("POST", CALLBACK), ("PATCH", ORIGINAL), ("POST", MESSAGES), ("PATCH", EDIT))
    for status in (429, 500, 502, 503, None)
]


class Traffic:
    """What people do, seeded; it remembers what must have an end."""

    def __init__(self, played: Scene, seed: int) -> None:
        self.played, self.discord, self.random = played, played.discord, random.Random(seed)
        self.people = [played.discord.user(name) for name in ("Bob", "Cy", "Dora", "Eve")]
        self.exchanges: list[Exchange] = []
        self.mentions: list[Message] = []
        self.lost: set[int] = set()

    async def act(self) -> None:
        who, question = self.random.choice(self.people), self.random.choice(QUESTIONS)
        cards = [each.response for each in self.exchanges if each.response and not each.response.loading]
        cards = [card for card in cards if card.buttons and not card.deleted]
        cards = [card for card in cards if not card.ephemeral or (card.exchange and card.exchange.user is who)]
        kind = self.random.choice(
            ("slash", "private", "mention", "direct", "press", "press", "follow", "search", "reply")
        )
        if kind in ("press", "follow") and cards:
            card = self.random.choice(cards)
            buttons = [button for button in card.buttons if button.custom_id and not button.disabled]
            label = "Ask a follow-up" if kind == "follow" else self.random.choice(buttons).label
            if label not in [button.label for button in buttons]:
                return
            exchange = await who.click(card, label=label)
            self.exchanges.append(exchange)
            if label in ("Ask a follow-up", "Wrong or missing"):
                with_form = await ended(exchange)
                if with_form and exchange.modal:
                    filled = (
                        {"question": "How much did it cost?"} if label == "Ask a follow-up" else {"reason": "other"}
                    )
                    self.exchanges.append(await who.submit(exchange, **filled))
        elif kind == "mention":
            self.mentions.append(await who.mention(question[:1800]))
        elif kind == "direct":
            self.mentions.append(await who.dm(question[:1800]))
        elif kind == "reply" and self.discord.channel.messages:
            own = [each for each in await self.discord.messages_of_bot() if each.exchange is None]
            if own:
                self.mentions.append(await who.say("And how much did it cost?", reply_to=self.random.choice(own)))
        elif kind == "search":
            self.exchanges.append(await who.slash("search", query=question))
        else:
            self.exchanges.append(await who.slash("ask", question=question, private=kind == "private"))

    def trouble(self) -> None:
        """Something goes wrong with a request to come."""
        method, path, status = self.random.choice(FAULTS)
        # An acknowledgement that is lost after it was taken has a test of its own.
        applied = path != CALLBACK and status != 429 and self.random.random() < 0.3
        self.discord.fault(method, path, status, drop=status is None, applied=applied)

    def without_end(self) -> list[object]:
        left: list[object] = [each for each in self.exchanges if not has_ended(each) and each.id not in self.lost]
        answered = [each.reply_to for each in self._own() if each.reply_to is not None]
        return left + [each for each in self.mentions if answered.count(each) != 1 and each.id not in self.lost]

    def _own(self) -> list[Message]:
        channels = {id(each.channel): each.channel for each in self.mentions}.values()
        own = [each for channel in channels for each in channel.messages.values()]
        return [each for each in own if each.author is self.discord.bot and each.exchange is None]


def has_ended(exchange: Exchange) -> bool:
    """Whether whoever asked sees something other than that the bot is thinking."""
    if not exchange.acknowledged:
        return False
    if exchange.response_type is not None and exchange.response_type.name == "MODAL":
        return True
    return exchange.response is not None and not exchange.response.loading


async def ended(exchange: Exchange) -> bool:
    with suppress(TimeoutError):
        await exchange.world.until(lambda: exchange.modal or has_ended(exchange), 3)
    return bool(exchange.modal) or has_ended(exchange)


@pytest.mark.parametrize("plain", [False, True])
def test_half_an_hour_of_everything_leaves_no_question_without_an_end(
    towns: Settings, caplog: pytest.LogCaptureFixture, plain: bool
) -> None:
    async def story(played: Scene) -> None:
        logging.getLogger("discord").setLevel(logging.ERROR)
        traffic = Traffic(played, seed=16)
        moment = played.discord.clock()
        while played.discord.clock() - moment < 30 * 60:
            for _ in range(traffic.random.randint(1, 4)):
                if traffic.random.random() < 0.3:
                    traffic.trouble()
                await traffic.act()
            dice = traffic.random.random()
            if dice < 0.04:
                await played.discord.send_reconnect()
            elif dice < 0.06:
                await played.discord.drop_connection()
            elif dice < 0.1:
                write(towns, traffic.random.choice(list(PEOPLE)), "Piet Maas", cost=traffic.random.randint(2, 90))
            try:
                await played.discord.until(lambda: not traffic.without_end(), 6)
            except TimeoutError:
                raise AssertionError(traffic.without_end()) from None
            await played.settled()
            played.discord.advance(40)
        assert len(traffic.exchanges) + len(traffic.mentions) > 60
        await played.discord.wait_ready()
        names = [task.get_coro().__qualname__ for task in asyncio.all_tasks()]  # type: ignore[union-attr]
        assert not [name for name in names if "_run_event" in name or "Asking" in name or "Deeds" in name], names

    play(towns, story, plain=plain)
    errors = [record for record in caplog.records if record.levelno >= logging.ERROR or record.exc_info]
    assert not errors, [record.getMessage() + str(record.exc_info) for record in errors]
