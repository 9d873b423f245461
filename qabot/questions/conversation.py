"""What was asked and answered before: bounded, frozen, and kept by each surface for itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import msgspec

from qabot.errors import UsageError

Status = Literal["answered", "partial", "abstained"]

# Enough for "and before that?"; a longer memory drags old topics along.
MAX_TURNS = 8
_MAX_STATEMENTS, _MAX_CHARACTERS = 3, 300  # of an answer, that a follow-up may refer to


class _Citation(Protocol):
    @property
    def article(self) -> str: ...
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def quote(self) -> str: ...


class _Statement(Protocol):
    @property
    def own_words(self) -> str: ...


class Answered(Protocol):
    """What of an answer a conversation keeps."""

    @property
    def question(self) -> str: ...
    @property
    def searched_for(self) -> str: ...
    @property
    def status(self) -> Status: ...
    @property
    def statements(self) -> Sequence[_Statement]: ...
    @property
    def citations(self) -> Sequence[_Citation]: ...


@dataclass(frozen=True, slots=True)
class Cited:
    """What a turn quoted: enough to say more, or when and by whom it was published."""

    article: str
    start: int
    end: int
    quote: str = ""  # its first characters, to be found again in an article that was edited


@dataclass(frozen=True, slots=True)
class Turn:
    """``statements`` are the answer's first ones, as they were shown, each cut to a length."""

    question: str
    searched_for: str
    status: Status
    statements: tuple[str, ...] = ()
    cited: tuple[Cited, ...] = ()


@dataclass(frozen=True, slots=True)
class Conversation:
    """The last turns, oldest first."""

    turns: tuple[Turn, ...] = ()

    def after(self, answer: Answered) -> Conversation:
        """The conversation with one more turn; the oldest falls out beyond eight. A greeting is no turn."""
        if answer.status == "answered" and not answer.statements:
            return self
        cited = tuple(Cited(c.article, c.start, c.end, c.quote[:_MAX_CHARACTERS]) for c in answer.citations)
        said = tuple(statement.own_words[:_MAX_CHARACTERS] for statement in answer.statements[:_MAX_STATEMENTS])
        turn = Turn(answer.question, answer.searched_for, answer.status, said, cited)
        return Conversation((*self.turns, turn)[-MAX_TURNS:])

    def to_json(self) -> str:
        return msgspec.json.encode(self).decode()

    @staticmethod
    def from_json(text: str) -> Conversation:
        """What ``to_json`` gave. Raises UsageError for anything else."""
        try:
            read = msgspec.json.decode(text, type=Conversation)
        except msgspec.MsgspecError as error:
            raise UsageError(f"A saved conversation cannot be read: {error}.", "Start a new one.") from error
        return Conversation(read.turns[-MAX_TURNS:])
