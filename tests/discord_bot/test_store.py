"""What the bot keeps of people, for how long, and that it goes whole."""

from __future__ import annotations

import asyncio
import os
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from qabot import Answer, Conversation, IndexState, IndexUnavailableError, NoIndexError, Settings, Statement
from qabot.discord_bot.desk import Desk, Stopping
from qabot.discord_bot.limits import RateLimit
from qabot.store import Kept, Store, direct_place, is_shared, new_id, thread_place

DAY = 86_400.0


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Iterator[Store]:
    made = Store(tmp_path / "discord.sqlite", keep_days=90, conversation_hours=24, clock=clock)
    yield made
    made.close()


def kept(clock: Clock, asker: int, question: str, follows: Kept | None = None) -> Kept:
    answer = Answer(
        question=question, searched_for=question, status="answered", confidence=1, statements=(Statement("It did.", (1,)),),
        citations=(), passages=(), disagreements=(), index=IndexState(1, 1, 1, "", False), took_ms=1,
    )  # fmt: skip
    before = follows.conversation if follows else Conversation()
    followed = follows.id if follows else None
    return Kept(new_id(), clock(), asker, None, None, False, "{}", answer, before.after(answer), followed)


def raw(store: Store) -> str:
    store._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return " ".join(str(row) for row in store._connection.execute("SELECT answer, conversation FROM answers"))


def test_forgetting_takes_what_others_went_on_to_ask_with_it(store: Store, clock: Clock) -> None:
    first = kept(clock, 1, "words of ada")
    second = kept(clock, 2, "bob goes on", first)
    third = kept(clock, 3, "carl goes on", second)
    other = kept(clock, 2, "bob alone")
    for one in (first, second, third, other):
        store.keep(one, place=thread_place(5))
    store.vote(other.id, 1, "helpful")
    assert "words of ada" in raw(store)
    assert store.forget(1) == 3
    assert "words of ada" not in raw(store) and store.find(other.id) == other and store.feedback() == []


def test_what_goes_on_from_a_forgotten_answer_is_not_kept(store: Store, clock: Clock) -> None:
    first = kept(clock, 1, "words of ada")
    store.keep(first)
    late = kept(clock, 2, "asked meanwhile", first)
    store.forget(1)
    store.keep(late, place=thread_place(5))
    assert store.find(late.id) is None and "words of ada" not in raw(store) and store.find_in(thread_place(5)) is None


def test_answers_and_conversations_end_with_their_time(store: Store, clock: Clock) -> None:
    place = direct_place(7, 1)
    one = kept(clock, 1, "a question")
    store.keep(one, place=place)
    assert store.find_in(place) == one
    clock.now += 1.1 * DAY
    assert store.find_in(place) is None and store.find(one.id) == one
    clock.now += 90 * DAY
    assert store.find(one.id) is None, "not shown although nothing was removed yet"
    assert not store.forget_old() and "a question" not in raw(store)


def test_very_many_old_answers_go_a_few_at_a_time(store: Store, clock: Clock) -> None:
    for n in range(450):
        store.keep(kept(clock, n, "q"))
    clock.now += 91 * DAY
    assert [store.forget_old() for _ in range(3)] == [True, True, False]


def test_one_vote_a_person_the_last_one_counts(store: Store, clock: Clock) -> None:
    one = kept(clock, 1, "q")
    store.keep(one)
    assert store.vote(one.id, 5, "helpful") and store.vote(one.id, 5, "wrong", "figure", "it was 61")
    (vote,) = store.feedback()
    assert (vote.vote, vote.reason, vote.comment) == ("wrong", "figure", "it was 61")
    assert not store.vote("no-such", 5, "helpful")


def test_the_file_is_its_owners_alone_and_a_broken_one_is_named(store: Store, tmp_path: Path) -> None:
    assert stat.S_IMODE((tmp_path / "discord.sqlite").stat().st_mode) == 0o600
    (tmp_path / "broken.sqlite").write_bytes(b"no database at all" * 300)
    with pytest.raises(IndexUnavailableError, match=r"broken\.sqlite"):
        Store(tmp_path / "broken.sqlite", keep_days=1, conversation_hours=1)


def test_what_is_no_file_in_its_place_is_named_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "discord.sqlite")
    with pytest.raises(IndexUnavailableError, match=r"discord\.sqlite is a named pipe\.\nMove it away"):
        Store(tmp_path / "discord.sqlite", keep_days=90, conversation_hours=24)


def test_a_conversation_of_one_person_is_no_one_elses() -> None:
    assert is_shared(thread_place(1)) and not is_shared(direct_place(1, 2))


def test_a_limit_holds_for_a_minute_and_for_each_by_itself() -> None:
    clock = Clock()
    limit = RateLimit(2, clock)
    for _ in range(2):
        assert limit.wait(1) == 0
        limit.count(1)
        clock.now += 10
    assert (limit.wait(1), limit.wait(2)) == (40, 0)
    clock.now += 40
    assert limit.wait(1) == 0


class Failing:
    """An engine whose start takes long and fails."""

    def __init__(self) -> None:
        self.starts = 0
        self.held = threading.Event()

    def prepare(self) -> None:
        self.starts += 1
        self.held.wait(10)
        raise NoIndexError("There is none.")

    def close(self) -> None:
        self.held.set()


def test_all_who_wait_for_a_start_that_fails_are_told_by_one_try(settings: Settings) -> None:
    async def story() -> None:
        engine = Failing()
        desk = Desk(engine, workers=1, queue=20)  # type: ignore[arg-type]
        desk.start()
        waiting = [asyncio.ensure_future(desk.search("x", None)) for _ in range(8)]  # type: ignore[arg-type]
        await asyncio.sleep(0.05)
        engine.held.set()
        told = await asyncio.gather(*waiting, return_exceptions=True)
        assert all(isinstance(error, NoIndexError) for error in told) and engine.starts <= 2
        engine.held.clear()
        late = [asyncio.ensure_future(desk.search("x", None)) for _ in range(3)]  # type: ignore[arg-type]
        await asyncio.sleep(0.05)
        desk.closing.set()
        ended = await asyncio.gather(*late, return_exceptions=True)
        assert all(isinstance(error, Stopping) for error in ended)
        engine.held.set()
        await desk.close()

    asyncio.run(story())
