"""Every JSON that leaves or enters: answers, batches, hits, status. Keys are added, never changed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from qabot.answers import Answer
from qabot.answers.verify import Checked
from qabot.articles import LeftOut
from qabot.errors import UsageError
from qabot.index import IndexStatus, StoredArticle
from qabot.named_files import read_named_text
from qabot.questions import Conversation
from qabot.retrieval import Filters, Hit

if TYPE_CHECKING:
    from qabot.doctor import CheckResult

Decoded = TypeVar("Decoded")

# What JSON may hold as it is and a terminal obeys: delete and the C1 controls, marks that turn or hide what stands
# around them, and what other languages take for the end of a line. They stand only in strings, where each may be
# spelled.
_UNSAFE = re.compile("[\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")


class BatchQuestion(msgspec.Struct, frozen=True):
    """One line of a batch: ``history`` are earlier questions, oldest first. Other keys are ignored."""

    id: str | int
    question: str
    history: tuple[str, ...] = ()


class ChatFilters(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Those of a line: one that is misspelt is refused, or what it was to leave out would be answered from."""

    outlet: str | None = None
    author: str | None = None
    since: str | None = None
    until: str | None = None
    article: str | None = None
    only: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()


class ChatQuestion(msgspec.Struct, frozen=True):
    """One line of `chat --json`: asked in the conversation so far, or in a ``new`` one. Other keys are ignored."""

    question: str
    id: str | int | None = None
    filters: ChatFilters = ChatFilters()
    new: bool = False


class KeptHead(msgspec.Struct, frozen=True, tag="conversation"):
    """The first line of a conversation that is kept: the folder of its articles."""

    seeds: str


class KeptAnswer(msgspec.Struct, frozen=True, tag="answer"):
    """Each later line: an answer, the filters it was asked with, and when, in seconds since 1970; ``fresh`` where it
    followed on nothing."""

    at: float
    filters: Filters
    answer: Answer
    fresh: bool = False


def to_json(value: Any) -> str:
    """Any of the types below, dataclasses and built-in ones, on one line."""
    return _UNSAFE.sub(_escaped, msgspec.json.encode(value).decode())


def _escaped(found: re.Match[str]) -> str:
    return f"\\u{ord(found.group()):04x}"


def answer_object(answer: Answer) -> dict[str, Any]:
    """The answer as built-in types, with its text among them."""
    built = msgspec.to_builtins(answer)
    first = ("question", "searched_for", "status", "confidence")
    return {**{key: built[key] for key in first}, "answer": answer.answer, **built}


def answer_json(answer: Answer) -> str:
    return to_json(answer_object(answer))


def answers_json(answers: Sequence[Answer]) -> str:
    """An array of them, which ``read_answers`` reads."""
    return to_json([answer_object(answer) for answer in answers])


def read_answer(text: str | bytes) -> Answer:
    """What ``answer_json`` gave, also that of an earlier version. Raises UsageError."""
    try:
        return msgspec.json.decode(text, type=Answer)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"This is not an answer: {error}.", "Save one with `qabot ask --json`.") from error


def read_answers(file: Path) -> list[Answer]:
    """Saved answers: one, an array of them, or one a line. Raises UsageError naming the file and line."""
    advice = "Save one with `qabot ask --json`."
    text = read_named_text(file, advice)
    try:
        return [read_answer(text)]  # one, perhaps over several lines
    except UsageError:
        pass
    try:
        return msgspec.json.decode(text, type=list[Answer])
    except (msgspec.MsgspecError, RecursionError):
        pass
    # A batch has lines of questions that could not be answered, too: there is nothing in them to check.
    lines = "\n".join("" if _is_failed(line) else line for line in text.split("\n"))
    answers = list(_decode_lines(file, lines, Answer, advice))
    if not answers:
        raise UsageError(f"{file} holds no answer.", advice)
    return answers


def read_batch(file: Path) -> list[BatchQuestion]:
    """Raises UsageError naming the file and line."""
    text = read_named_text(file, "Name a JSONL file of questions.")
    return list(_decode_lines(file, text, BatchQuestion, 'A line is {"id": "1", "question": "...", "history": []}.'))


def batch_json(batched: BatchQuestion, answer: Answer) -> str:
    return to_json({"id": batched.id, **answer_object(answer)})


def batch_error_json(batched: BatchQuestion, problem: str) -> str:
    """The line of a question that could not be answered."""
    return to_json({"id": batched.id, "question": batched.question, "error": problem})


def conversation_json(conversation: Conversation) -> str:
    return conversation.to_json()


def read_conversation(text: str) -> Conversation:
    """Raises UsageError."""
    return Conversation.from_json(text)


def read_filters(text: str) -> Filters:
    """Those an answer was asked with; none where they are of another version."""
    try:
        return msgspec.json.decode(text, type=Filters)
    except (msgspec.MsgspecError, UsageError):
        return Filters()


def read_chat_question(line: str) -> ChatQuestion:
    """Raises UsageError for what is no question. Whether its filters can be used, ``chat_filters`` says."""
    try:
        return msgspec.json.decode(line, type=ChatQuestion)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise UsageError(f"This line is no question: {error}.", 'A line is {"question": "..."}.') from error


def chat_filters(asked: ChatQuestion) -> Filters:
    """Raises UsageError."""
    return Filters(**msgspec.structs.asdict(asked.filters))


def chat_answer_json(asked: ChatQuestion, answer: Answer) -> str:
    return to_json(({"id": asked.id} if asked.id is not None else {}) | answer_object(answer))


def read_chat_id(line: str) -> str | int | None:
    """The id of a line that is no question: its error, too, is told from others by it. ``None`` where it has none."""
    try:
        return msgspec.json.decode(line, type=_Named).id
    except (msgspec.MsgspecError, RecursionError):
        return None


def chat_error_json(id: str | int | None, question: str | None, problem: str) -> str:
    """The line of a question that could not be answered; without it, of what was none."""
    named = {"id": id, "question": question}
    return to_json({key: value for key, value in named.items() if value is not None} | {"error": problem})


def kept_json(line: KeptHead | KeptAnswer) -> str:
    return to_json(line)


def read_kept(text: str) -> tuple[KeptHead | None, list[KeptAnswer]]:
    """What ``kept_json`` gave, a line each; no head where it is none. A line that was not written whole is left out."""
    head: KeptHead | None = None
    answers = []
    for line in text.split("\n"):
        try:
            kept = msgspec.json.decode(line, type=KeptHead | KeptAnswer)
        except (msgspec.MsgspecError, UsageError, RecursionError):
            continue
        if isinstance(kept, KeptHead):
            head = kept
        else:
            answers.append(kept)
    return head, answers


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


def doctor_json(found: Sequence[CheckResult]) -> str:
    """``sound`` is whether no check failed, which is what the exit code says."""
    return to_json({"sound": all(one.severity != "error" for one in found), "checks": found})


class _Named(msgspec.Struct):
    id: str | int | None = None


class _Failed(msgspec.Struct):
    error: str


def _is_failed(line: str) -> bool:
    try:
        msgspec.json.decode(line, type=_Failed)
    except (msgspec.MsgspecError, RecursionError):
        return False
    return True


def _decode_lines(file: Path, text: str, kind: type[Decoded], advice: str) -> Iterator[Decoded]:
    # On newlines alone: a string may hold other characters that Unicode takes for the end of a line.
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                yield msgspec.json.decode(line, type=kind)
            except (msgspec.MsgspecError, RecursionError) as error:
                raise UsageError(f"{file}, line {number}: {error}.", advice) from error
