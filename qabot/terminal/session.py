"""One conversation as it stands: what was asked and answered, the filters, what can be gone back to."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from qabot import Answer, Citation, Conversation, Engine, Filters, Reply, UsageError
from qabot.store import AT_THE_TERMINAL, Kept, Vote, new_id, open_store
from qabot.terminal.conversations import Log
from qabot.wire import KeptAnswer, to_json

NO_FILTERS = Filters()
FilterName = Literal["outlet", "author", "since", "until", "article"]


@dataclass(frozen=True, slots=True)
class Given:
    """An answer; ``before`` is the conversation that it was asked in, ``reply`` what it was made from. ``id`` is that
    of votes on it."""

    id: str
    answer: Answer
    before: Conversation
    filters: Filters
    reply: Reply | None = None


class Session:
    """Asks in a conversation and keeps it, in ``log`` where there is one; one thread at a time."""

    def __init__(self, engine: Engine, log: Log | None = None, clock: Callable[[], float] = time.time) -> None:
        self.engine = engine
        self.log = log
        self.filters = NO_FILTERS
        # How many articles they left when they were set; ``None`` where that is not known.
        self.left: int | None = None
        self.conversation = Conversation()
        self.given: list[Given] = []
        self._clock = clock
        self._voted_on: set[str] = set()

    def ask(self, question: str) -> Given:
        """The answer, not yet part of the conversation. Raises as ``Engine.ask`` does."""
        return self._ask(question, self.conversation)

    def ask_again(self) -> Given:
        """The last question, asked as if it had not been; not yet part of the conversation. Raises as ``ask`` does."""
        return self._ask(self.last.answer.question, self.last.before)

    def _ask(self, question: str, conversation: Conversation) -> Given:
        filters = self.filters
        answer, reply = self.engine.explain(question, conversation, filters)
        return Given(new_id(), answer, conversation, filters, reply)

    def accept(self, given: Given, *, again: bool = False) -> None:
        """The conversation goes on from this answer; asked ``again``, it takes the last one's place."""
        if again:
            self.given.pop()
        self.given.append(given)
        self.conversation = given.before.after(given.answer)
        if self.log is not None:  # last: where it cannot be kept, it goes on
            if again:
                self.log.take_back()
            fresh = not given.before.turns
            self.log.add(KeptAnswer(at=self._clock(), filters=given.filters, answer=given.answer, fresh=fresh))

    def restore(self, answers: Sequence[KeptAnswer]) -> None:
        """Goes on from answers that were given in another run, the oldest first."""
        for kept in answers:
            before = Conversation() if kept.fresh else self.conversation
            self.given.append(Given(new_id(), kept.answer, before, kept.filters))
            self.conversation = before.after(kept.answer)
            self.filters = kept.filters

    def narrow(self, name: FilterName, value: str | None) -> int:
        """Sets one filter, or takes it away; gives how many articles are left. Raises UsageError for one that cannot
        be used or leaves none."""
        filters = _replaced(self.filters, name, value)
        left = len(self.engine.articles(filters))
        self.filters, self.left = filters, left
        return left

    def clear(self) -> None:
        """No filters, and nothing that a follow-up could refer to."""
        self.filters = NO_FILTERS
        self.conversation = Conversation()

    @property
    def last(self) -> Given:
        """Raises UsageError where nothing was asked."""
        if not self.given:
            raise UsageError("Nothing was asked yet.", "Ask a question first.")
        return self.given[-1]

    def citation(self, number: int) -> Citation:
        """That of the last answer. Raises UsageError where it has no such number."""
        citations = self.last.answer.citations
        found = next((citation for citation in citations if citation.id == number), None)
        if found is None:
            there = ", ".join(str(citation.id) for citation in citations)
            raise UsageError(f"The answer has no source {number}.", f"It has {there}." if there else "It has none.")
        return found

    def vote(self, vote: Vote, reason: str) -> None:
        """Keeps the last answer and what is thought of it, where Discord's votes are. Raises IndexUnavailableError."""
        last = self.last
        store = open_store(self.engine.settings)
        try:
            if last.id not in self._voted_on:
                filters = to_json(last.filters)
                after = last.before.after(last.answer)
                store.keep(Kept(last.id, self._clock(), AT_THE_TERMINAL, None, None, True, filters, last.answer, after))
                self._voted_on.add(last.id)
            store.vote(last.id, AT_THE_TERMINAL, vote, comment=reason)
        finally:
            store.close()


def _replaced(filters: Filters, name: FilterName, value: str | None) -> Filters:
    named: dict[str, Any] = {name: value}
    return replace(filters, **named)
