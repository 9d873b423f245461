"""Gold questions: the JSONL format of docs/evaluation.md."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

import msgspec

from qabot.errors import UsageError
from qabot.named_files import read_named_text

QuestionType = Literal["fact", "alias", "multi", "followup", "unanswerable"]


class GoldQuestion(msgspec.Struct, frozen=True):
    """``evidence`` lists pieces, each with alternatives of which any counts; ``need`` is how many a complete
    answer takes; every regular expression of ``answer`` must match the case-folded answer."""

    id: str
    type: QuestionType
    question: str
    answerable: bool
    history: tuple[str, ...] = ()
    docs: tuple[str, ...] = ()
    evidence: tuple[tuple[str, ...], ...] = ()
    need: int = 1
    answer: tuple[str, ...] = ()


class NaturalQuestion(msgspec.Struct, frozen=True):
    """A question as people ask it: of each group of ``must`` one pattern has to occur, and none of ``must_not``."""

    id: str
    category: str
    expect: Literal["answer", "abstain", "either", "help"]
    question: str
    history: tuple[str, ...] = ()
    must: tuple[tuple[str, ...], ...] = ()
    must_not: tuple[str, ...] = ()
    most: int = 700

    def as_gold(self) -> GoldQuestion | None:
        """``None`` where either is right, an answer or none."""
        if self.expect not in ("answer", "abstain"):
            return None
        kind: QuestionType = "unanswerable" if self.expect == "abstain" else "followup" if self.history else "fact"
        groups = tuple("|".join(f"(?:{pattern})" for pattern in group) for group in self.must)
        return GoldQuestion(self.id, kind, self.question, self.expect == "answer", self.history, answer=groups)


def _read(line: str) -> GoldQuestion | None:
    return (
        msgspec.json.decode(line, type=NaturalQuestion).as_gold()
        if '"expect"' in line
        else msgspec.json.decode(line, type=GoldQuestion)
    )


def _check_pattern(file: Path, line: int, pattern: str) -> None:
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        raise UsageError(
            f"{file}, line {line}: {pattern!r} is no regular expression: {error}.",
            "Mend it; docs/evaluation.md has the format.",
        ) from error


def read_gold(file: Path) -> list[GoldQuestion]:
    """Raises UsageError naming the file and line."""
    text = read_named_text(file, "Name a JSONL file of gold questions.")
    questions = []
    # On newlines alone: a string may hold other characters that Unicode takes for the end of a line.
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            asked = _read(line)
        except (msgspec.MsgspecError, RecursionError) as error:
            raise UsageError(f"{file}, line {number}: {error}.", "docs/evaluation.md has the format.") from error
        for pattern in asked.answer if asked is not None else ():
            _check_pattern(file, number, pattern)
        if asked is not None:
            questions.append(asked)
    if not questions:
        raise UsageError(f"{file} holds no question.", "docs/evaluation.md has the format.")
    return questions
