"""Gold questions: the JSONL format of docs/evaluation.md."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from qabot.errors import UsageError

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


def read_gold(file: Path) -> list[GoldQuestion]:
    """Raises UsageError naming the file and line."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}.", "Name a JSONL file of gold questions.") from error
    questions = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            questions.append(msgspec.json.decode(line, type=GoldQuestion))
        except msgspec.MsgspecError as error:
            raise UsageError(f"{file}, line {number}: {error}.", "docs/evaluation.md has the format.") from error
    if not questions:
        raise UsageError(f"{file} holds no question.", "docs/evaluation.md has the format.")
    return questions
