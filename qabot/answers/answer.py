"""The object that every surface renders, and that `--json` prints as it is."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Literal

from qabot.questions.conversation import Status

Form = Literal["prose", "list"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """A quote and where it stands: ``article_text[start:end] == quote``, in characters."""

    id: int
    article: str
    title: str | None
    outlet: str | None
    author: str | None
    published: str | None
    url: str | None = None
    quote: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Span:
    """``text[start:end]``, in characters."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Statement:
    """What is shown of one or more quotes, in one line and without markers; ``citations`` are their numbers.

    ``added`` are the spans of ``text`` that are qabot's words, the rest is the article's. ``speaker`` is who said it,
    as far as the article tells.
    """

    text: str
    citations: tuple[int, ...]
    added: tuple[Span, ...] = ()
    speaker: str | None = None

    @property
    def marked(self) -> str:
        """The text with its markers, such as [1]."""
        return " ".join([self.text, *(f"[{number}]" for number in self.citations)])

    @property
    def own_words(self) -> str:
        """The text without a source put before it."""
        first = self.added[0] if self.added else Span(0, 0)
        return self.text[first.end :].lstrip() if first.start == 0 else self.text


@dataclass(frozen=True, slots=True)
class RankedPassage:
    """A piece of an article of at most 800 characters, ``article_text[start:end] == text``."""

    article: str
    text: str
    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class Position:
    says: str
    citations: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Disagreement:
    about: str
    positions: tuple[Position, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """An answer for which no sentences were ranked; ``status`` is abstained where no article states what is asked."""

    statements: tuple[Statement, ...] = ()
    citations: tuple[Citation, ...] = ()
    notes: tuple[str, ...] = ()
    status: Status = "answered"


@dataclass(frozen=True, slots=True)
class IndexState:
    """What was asked: ``built`` is ISO 8601 in UTC, ``stale`` that the articles have changed since. ``asked`` are how
    many of its articles filters and the question's own words left; ``None`` in an answer of an earlier version."""

    generation: int
    articles: int
    passages: int
    built: str
    stale: bool
    asked: int | None = None

    @property
    def articles_asked(self) -> int:
        """As many as are known to have been."""
        return self.articles if self.asked is None else self.asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """``statements`` are the answer, those of an abstention what comes nearest; ``notes`` are what qabot itself says.

    ``confidence`` is a probability, 0 to 1; ``passages`` are in rank order; ``suggestions`` are questions that the
    articles do answer; ``took_ms`` is milliseconds.
    """

    question: str
    searched_for: str
    status: Status
    confidence: float
    # An answer saved by an earlier version has none of these four.
    form: Form = "prose"
    statements: tuple[Statement, ...] = ()
    notes: tuple[str, ...] = ()
    suggestions: tuple[str, ...] = ()
    citations: tuple[Citation, ...]
    passages: tuple[RankedPassage, ...]
    disagreements: tuple[Disagreement, ...]
    index: IndexState
    took_ms: float

    @property
    def answer(self) -> str:
        """All of it as text, with markers such as [1] that name citations. Made for readers: nothing parses it."""
        marked = [statement.marked for statement in self.statements]
        lines: list[str] = []
        if self.status == "abstained":
            lines += self.notes[:1]
            lines += [f"Closest passage: {line}" for line in marked]
            lines += self.notes[1:]
        else:
            if self.disagreements:
                lines.append("Reports differ:")
            as_list = self.form == "list" and len(marked) > 1
            lines += [f"- {line}" for line in marked] if as_list else [" ".join(marked)] if marked else []
            lines += self.notes
        if self.suggestions:
            lines.append(f"They do answer: {' · '.join(self.suggestions)}")
        return "\n".join(lines)

    def without(self, numbers: Collection[int]) -> Answer:
        """The answer without these citations and without what was said on their account."""
        statements = tuple(
            replace(statement, citations=tuple(n for n in statement.citations if n not in numbers))
            for statement in self.statements
            # The first is the one whose words are shown.
            if statement.citations[0] not in numbers
        )
        left = {number for statement in statements for number in statement.citations}
        disagreements = []
        for disagreement in self.disagreements:
            positions = [
                replace(position, citations=tuple(n for n in position.citations if n in left))
                for position in disagreement.positions
            ]
            held = tuple(position for position in positions if position.citations)
            if len(held) > 1:
                disagreements.append(replace(disagreement, positions=held))
        return replace(
            self,
            status=self.status if statements else "abstained",
            statements=statements,
            citations=tuple(citation for citation in self.citations if citation.id in left),
            disagreements=tuple(disagreements),
        )
