"""Where questions wait for the engine: a bounded queue before a bounded pool, never on the event loop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from qabot import Answer, Conversation, Engine, Filters, Hit, NoIndexError, QabotError, RefreshReport, StoredArticle

Result = TypeVar("Result")

log = logging.getLogger(__name__)

_BUILDING = 60.0  # seconds that a question waits for the index and the models
_LOCK_WAIT = 2.0  # seconds, for another process that writes the index
_FIRST_GUESS = 0.1  # seconds a question takes, before any was answered
_REMEMBERED = 0.9  # of the mean so far, when another is answered


class Busy(Exception):
    """More questions wait than may. ``seconds`` until it is worth trying again."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"busy for {seconds} s")
        self.seconds = seconds


class Stopping(Exception):
    """The bot is being stopped, and this question will not be answered."""


class Desk:
    """The engine for asynchronous callers: ``workers`` questions at once, ``queue`` that wait, the others are told.

    ``start`` loads the index and the models beside everything else; questions wait for that.
    """

    def __init__(self, engine: Engine, *, workers: int, queue: int) -> None:
        self.engine = engine
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="qabot-answer")
        # What must not wait behind questions: evidence, status, completions. And what may take minutes.
        self._quick = ThreadPoolExecutor(2, thread_name_prefix="qabot-quick")
        self._slow = ThreadPoolExecutor(1, thread_name_prefix="qabot-slow")
        self._workers = workers
        self._most = workers + queue
        self._mean = _FIRST_GUESS
        self.pending = 0
        self.ready = asyncio.Event()
        self.failure: Exception | None = None
        # Set when it is stopped: first nobody waits for the index any more, at last nobody for an answer.
        self.closing, self.closed = asyncio.Event(), asyncio.Event()
        self._starting: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._starting = asyncio.create_task(self._start(), name="qabot-start")

    async def _start(self) -> None:
        def load() -> None:
            self.engine.prepare()
            self.engine.warm_up()
            self.engine.watch()

        try:
            await self._in(self._slow, load)
        except Exception as error:
            # The bot stays up and says what is wrong; the next question tries again.
            if not isinstance(error, QabotError):
                log.exception("the engine failed inside at its start")
            self.failure = error
        else:
            self.failure = None
        self.ready.set()

    async def ask(self, question: str, conversation: Conversation, filters: Filters) -> Answer:
        """One answer. Raises Busy, Stopping, and what ``Engine.ask`` raises."""
        return await self._queued(lambda: self.engine.ask(question, conversation, filters))

    async def search(self, query: str, filters: Filters) -> list[Hit]:
        """Raises as ``ask`` does."""
        return await self._queued(lambda: self.engine.search(query, filters=filters))

    async def _queued(self, work: Callable[[], Result]) -> Result:
        if self.pending >= self._most:
            wait = self.pending * self._mean / self._workers if self.ready.is_set() else _BUILDING
            raise Busy(max(1, math.ceil(wait)))

        def timed() -> Result:
            began = time.monotonic()
            done = work()
            self._mean = _REMEMBERED * self._mean + (1 - _REMEMBERED) * (time.monotonic() - began)
            return done

        self.pending += 1
        try:
            await self._when_ready()
            return await _unless(self.closed, self._in(self._pool, timed))
        finally:
            self.pending -= 1

    async def refresh(self) -> RefreshReport:
        """Raises Stopping, and what ``Engine.refresh`` raises."""
        return await _unless(self.closed, self._in(self._slow, lambda: self.engine.refresh(wait=_LOCK_WAIT)))

    async def articles(self) -> list[StoredArticle]:
        await self._when_ready()
        return await self._in(self._quick, self.engine.articles)

    async def quickly(self, work: Callable[[], Result]) -> Result:
        """Something with the engine that takes milliseconds, ahead of the questions."""
        return await self._in(self._quick, work)

    async def close(self) -> None:
        """Ends what runs beside the answers; a thread that cannot be ended is not waited for."""
        if self._starting is not None:
            self._starting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._starting
        for pool in (self._pool, self._quick, self._slow):
            pool.shutdown(wait=False, cancel_futures=True)
        await asyncio.to_thread(self.engine.close)

    async def _when_ready(self) -> None:
        """Raises what kept the engine from starting, Stopping, and NoIndexError where the first build takes long."""
        try:
            await asyncio.wait_for(_unless(self.closing, self.ready.wait()), _BUILDING)
        except TimeoutError:
            raise NoIndexError("The index is being built for the first time.", "Ask again in some minutes.") from None
        if self.failure is not None:
            # Whatever it was may have been mended since; whoever waits meanwhile waits for one try.
            if self._starting is None or self._starting.done():
                self.start()
            assert self._starting is not None
            await _unless(self.closing, asyncio.shield(self._starting))
        if self.failure is not None:
            raise self.failure

    async def _in(self, pool: ThreadPoolExecutor, work: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(pool, work)


async def _unless(event: asyncio.Event, awaitable: Awaitable[Result]) -> Result:
    """What ``awaitable`` gives. Raises Stopping once ``event`` is set."""
    work = asyncio.ensure_future(awaitable)
    ending = asyncio.ensure_future(event.wait())
    try:
        await asyncio.wait({work, ending}, return_when=asyncio.FIRST_COMPLETED)
        if not work.done():
            raise Stopping
        return work.result()
    finally:
        ending.cancel()
        if not work.done():
            work.cancel()
