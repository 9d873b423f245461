"""JSON for programs: one object, or one a line."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TextIO

import msgspec

from qabot.answers import Answer, Conversation
from qabot.answers.verify import Checked
from qabot.articles import LeftOut
from qabot.engine import Engine
from qabot.errors import UsageError
from qabot.index import IndexStatus, StoredArticle
from qabot.retrieval import Filters, Hit


class BatchQuestion(msgspec.Struct, frozen=True):
    """One line of a batch: ``history`` are earlier questions, oldest first. Other keys are ignored."""

    id: str | int
    question: str
    history: tuple[str, ...] = ()


def read_batch(file: Path) -> list[BatchQuestion]:
    """Raises UsageError naming the file and line."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} cannot be read: {error}.", "Name a JSONL file of questions.") from error
    questions = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                questions.append(msgspec.json.decode(line, type=BatchQuestion))
            except msgspec.MsgspecError as error:
                raise UsageError(
                    f"{file}, line {number}: {error}.", 'A line is {"id": "1", "question": "...", "history": []}.'
                ) from error
    return questions


def answer_batch(engine: Engine, questions: Sequence[BatchQuestion], filters: Filters, out: TextIO) -> None:
    """Writes one answer object a line. A question that cannot be asked gets ``{"id", "question", "error"}``."""
    for batched in questions:
        conversation = Conversation()
        try:
            for earlier in batched.history:
                answer = engine.ask(earlier, conversation, filters)
                conversation = conversation.after(answer)
            answered = engine.ask(batched.question, conversation, filters)
        except UsageError as error:
            print(f"qabot: question {batched.id}: {error}", file=sys.stderr)
            line = to_json({"id": batched.id, "question": batched.question, "error": error.problem})
        else:
            line = to_json({"id": batched.id, **msgspec.to_builtins(answered)})
        print(line, file=out, flush=True)


def read_answers(file: Path) -> list[Answer]:
    """Saved answers, one or one a line. Raises UsageError naming the file and line."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} cannot be read: {error}.", "Save an answer with `qabot ask --json`.") from error
    try:
        return [msgspec.json.decode(text, type=Answer)]  # one, perhaps over several lines
    except msgspec.MsgspecError:
        pass
    answers = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                answers.append(msgspec.json.decode(line, type=Answer))
            except msgspec.MsgspecError as error:
                raise UsageError(
                    f"{file}, line {number}: not an answer: {error}.", "Save one with `qabot ask --json`."
                ) from error
    if not answers:
        raise UsageError(f"{file} holds no answer.", "Save one with `qabot ask --json`.")
    return answers


def verified_json(checked: Sequence[Checked]) -> str:
    return to_json(
        {
            "citations": [
                {
                    "id": found.citation.id,
                    "article": found.citation.article,
                    "state": found.state,
                    "start": found.start,
                    "end": found.end,
                }
                for found in checked
            ]
        }
    )


def answer_json(answer: Answer) -> str:
    return to_json(answer)


def hits_json(query: str, hits: Sequence[Hit]) -> str:
    passages = [
        {
            "article": hit.article.path,
            "title": hit.article.metadata.title,
            "outlet": hit.article.metadata.outlet,
            "author": hit.article.metadata.author,
            "published": hit.article.metadata.published,
            "text": hit.text,
            "start": hit.start,
            "end": hit.end,
            "score": round(hit.score, 4),
            "also": [{"article": source.article.path, "start": source.start, "end": source.end} for source in hit.also],
        }
        for hit in hits
    ]
    return to_json({"query": query, "passages": passages})


def status_json(status: IndexStatus, articles: Sequence[StoredArticle], stale: bool) -> str:
    return to_json({**msgspec.to_builtins(status), "stale": stale, "collection": articles})


def left_out_json(path: str, text: str, spans: Sequence[LeftOut]) -> str:
    left_out = [{**msgspec.to_builtins(span), "text": text[span.start : span.end]} for span in spans]
    return to_json({"article": path, "left_out": left_out})


def to_json(value: Any) -> str:
    # A lone surrogate (an undecodable byte of a file's name) has no UTF-8; JSON would not take it.
    return msgspec.json.encode(value).decode()
