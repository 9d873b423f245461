"""The way of a question from Discord to its answer: limits, the queue, the engine, what is kept, and what is shown."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import discord

from qabot import Conversation, DiscordSettings, Filters, NoIndexError, NoMatchError, QabotError, UsageError
from qabot.discord_bot.cards import Card, answer_card, notice_card
from qabot.discord_bot.delivery import Reply
from qabot.discord_bot.desk import Busy, Desk, Stopping
from qabot.discord_bot.inert import one_line
from qabot.discord_bot.limits import RateLimit
from qabot.store import Kept, Store, is_shared, new_id
from qabot.wire import read_filters, to_json

log = logging.getLogger(__name__)

Result = TypeVar("Result")

_LAST_WORDS = 2.0  # seconds, of those that stopping may take
RESTARTING = "I am being restarted. Please ask again in a minute."


@dataclass(frozen=True, slots=True)
class Question:
    """``follows`` is the answer that it goes on from; where there is none, the last one in ``place``, unless it is
    ``alone``. ``filters`` are ``None`` where those of that answer hold.

    ``place`` names where a conversation goes on by itself: a thread, or somebody's direct messages.
    """

    text: str
    asker: int
    channel: int | None
    guild: int | None = None
    filters: Filters | None = None
    follows: Kept | None = None
    place: str | None = None
    alone: bool = False
    can_thread: bool = False


class Records:
    """The store for asynchronous callers: one thread, one thing after another."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="qabot-store")

    async def do(self, work: Callable[[Store], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work, self._store)

    async def attempt(self, work: Callable[[Store], Result]) -> Result | None:
        """As ``do``; where the store fails, that is logged and nothing more: what hangs on it goes on without."""
        try:
            return await self.do(work)
        except QabotError as error:
            log.error("%s", error.problem)
            return None

    async def close(self) -> None:
        await self.do(Store.close)
        self._pool.shutdown()


class Asking:
    """Answers questions, each to its end: an answer, or a word why there is none."""

    def __init__(
        self,
        desk: Desk,
        records: Records,
        settings: DiscordSettings,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.desk = desk
        self.records = records
        self.plain = settings.plain
        self._of_person = RateLimit(settings.user_per_minute, clock)
        self._of_channel = RateLimit(settings.channel_per_minute, clock)
        self._told = RateLimit(1, clock)
        self._under_way: set[asyncio.Task[None]] = set()
        self._closing = False

    @property
    def under_way(self) -> int:
        return len(self._under_way)

    def count(self) -> None:
        """Notes that the current task answers somebody: stopping waits for it."""
        task = asyncio.current_task()
        assert task is not None
        if task not in self._under_way:
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)

    async def finish(self, seconds: float) -> None:
        """Takes no more questions and waits for those under way, so long; who is left then gets a word."""
        self._closing = True
        self.desk.closing.set()
        await self._until_none(seconds - _LAST_WORDS)
        self.desk.closed.set()
        await self._until_none(_LAST_WORDS)

    async def _until_none(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while self._under_way and time.monotonic() < end:
            await asyncio.wait(self._under_way, timeout=end - time.monotonic())

    def refusal(self, person: int, channel: int | None, *, closing: bool | None = None) -> str:
        """Why this person is not answered just now, in kind words; empty where they are, and then it counts."""
        if self._closing if closing is None else closing:
            return RESTARTING
        wait = self._of_person.wait(person)
        if wait:
            return f"You have asked a lot in the last minute. Please ask again in {_seconds(wait)}."
        place = channel or person
        wait = self._of_channel.wait(place)
        if wait:
            return f"A lot is being asked here. Please ask again in {_seconds(wait)}."
        self._of_person.count(person)
        self._of_channel.count(place)
        return ""

    async def answer(self, question: Question, reply: Reply) -> None:
        """Never raises: whatever happens, it was with this question."""
        self.count()
        reference = secrets.token_hex(4)
        began = time.monotonic()
        closing = self._closing  # what came before is still answered
        if not await reply.acknowledge():
            log.info("gone before it was acknowledged", extra=_fields(reference, question))
            return
        refusal = self.refusal(question.asker, question.channel, closing=closing)
        if refusal:
            # Said once a minute to those who write messages: each word would be one more message.
            if reply.in_public:
                if self._told.wait(question.asker):
                    log.info("refused, and told so before", extra=_fields(reference, question))
                    return
                self._told.count(question.asker)
            await self._show(reply, notice_card(refusal, plain=self.plain), reference)
            log.info("refused", extra=_fields(reference, question, ms=_ms(began)))
            return
        try:
            kept = await self._kept(question, reply.private)
        except Busy as busy:
            text, outcome = busy_text(busy), "busy"
        except Stopping:
            text, outcome = RESTARTING, "stopping"
        except UsageError as error:
            # It may hold what was typed, which is not for the log.
            text, outcome = problem_text(error, reference), type(error).__name__
        except QabotError as error:
            text, outcome = problem_text(error, reference), f"{type(error).__name__}: {error}"
        except Exception:
            log.exception("failed inside", extra=_fields(reference, question, ms=_ms(began)))
            text = f"Something went wrong inside, and it was not the question. (reference {reference})"
            outcome = "failed"
        else:
            card = answer_card(kept, can_thread=question.can_thread and not reply.private, plain=self.plain)
            message = await self._show(reply, card, reference)
            if message is not None:
                await self.records.attempt(lambda store: store.shown_in(kept.id, message))
            fields = _fields(reference, question, ms=_ms(began), status=kept.answer.status, shown=message is not None)
            log.info("answered", extra=fields)
            return
        await self._show(reply, notice_card(text, plain=self.plain), reference)
        log.info("not answered: %s", outcome, extra=_fields(reference, question, ms=_ms(began)))

    async def _kept(self, question: Question, private: bool) -> Kept:
        """The answer, kept. Raises Busy and any QabotError."""
        place, follows = question.place, question.follows
        if follows is None and place is not None and not question.alone:
            follows = await self._last_in(place)
        before = follows.conversation if follows else Conversation()
        filters = question.filters
        if filters is None:
            filters = read_filters(follows.filters) if follows else Filters()
        try:
            answer = await self.desk.ask(question.text, before, filters)
        except NoMatchError:
            if question.filters is not None or filters == Filters():
                raise
            # The articles that the conversation was narrowed to are gone; the others are not.
            filters = Filters()
            answer = await self.desk.ask(question.text, before, filters)
        kept = Kept(
            id=new_id(),
            created=time.time(),
            asker=question.asker,
            guild=question.guild,
            channel=question.channel,
            private=private,
            filters=to_json(filters),
            answer=answer,
            conversation=before.after(answer),
            follows=follows.id if follows else None,
        )
        if private and place is not None and is_shared(place):
            place = None  # what others see does not go on from what one person saw
        # Where that fails, it is shown all the same; its buttons will say that it is not kept.
        await self.records.attempt(lambda store: store.keep(kept, place=place))
        return kept

    async def _last_in(self, place: str) -> Kept | None:
        return await self.records.attempt(lambda store: store.find_in(place))

    async def _show(self, reply: Reply, card: Card, reference: str) -> int | None:
        try:
            return await reply.show(card)
        except discord.HTTPException as error:
            # A payload that Discord refuses is ours to mend; whoever asked is not left waiting for that.
            log.error("refused by Discord: %s", error, extra={"reference": reference})
        try:
            sorry = f"This answer could not be shown here. (reference {reference})"
            return await reply.show(notice_card(sorry, plain=True))
        except discord.HTTPException as error:
            log.error("refused by Discord again: %s", error, extra={"reference": reference})
            return None


def problem_text(error: QabotError, reference: str = "") -> str:
    """What is wrong, for people in Discord: with their question in full, with the machine in a word."""
    if isinstance(error, UsageError):
        advice = "" if "qabot " in error.remedy or "--" in error.remedy else error.remedy
        return f"{one_line(error.problem)}\n-# {one_line(advice)}" if advice else one_line(error.problem)
    more = f" (reference {reference})" if reference else ""
    if isinstance(error, NoIndexError):
        return f"The index is not there yet. Please ask again in some minutes.{more}"
    # Paths and the like are for whoever runs the bot: the log has them.
    return f"I cannot answer just now; whoever keeps this bot can see why in its log.{more}"


def busy_text(busy: Busy) -> str:
    return f"Many questions are waiting just now. Please try again in {_seconds(busy.seconds)}."


def _seconds(number: int) -> str:
    return "a second" if number == 1 else f"{number} seconds"


def _ms(began: float) -> float:
    return round((time.monotonic() - began) * 1000, 1)


def _fields(reference: str, question: Question, **more: object) -> dict[str, object]:
    """What a log line says of a question: never its words."""
    return {"reference": reference, "guild": question.guild, "channel": question.channel, **more}
