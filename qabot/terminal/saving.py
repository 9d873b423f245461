"""A conversation in a file or on the clipboard."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from qabot import Answer, Citation, UsageError
from qabot.phrases import quoted
from qabot.terminal.text import one_line, visible
from qabot.terminal.view import described
from qabot.wire import answers_json

_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~!])")
_KINDS = "Name a file that ends in .md or .json."


def save(answers: Sequence[Answer], name: str) -> Path:
    """Writes them all: Markdown to read, or JSON that `qabot verify` reads. Raises UsageError, also where there is
    such a file already."""
    if not answers:
        raise UsageError("Nothing was asked yet.", "Ask a question first.")
    if not name:
        raise UsageError("Where is it to be saved?", _KINDS)
    try:
        file = Path(name).expanduser()
    except RuntimeError as error:  # "~somebody" whom the system does not know
        raise UsageError(f"{name}: there is no such user.", "Write the path out.") from error
    written = {".md": markdown, ".json": answers_json}.get(file.suffix.casefold())
    if written is None:
        raise UsageError(f"{name} is of no kind that is written.", _KINDS)
    try:
        with open(file, "x", encoding="utf-8") as stream:
            stream.write(written(answers) + "\n")
    except FileExistsError as error:
        raise UsageError(f"{file} is there already.", "Name another file.") from error
    except (OSError, ValueError) as error:  # ValueError for a NUL in the path
        with suppress(OSError, ValueError):
            file.unlink()  # what there was room for
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"{file} cannot be written: {reason}.", "Name another file.") from error
    return file


def markdown(answers: Sequence[Answer]) -> str:
    """Questions as headings, the answers with their markers, every quote with its source; no markup of the articles
    takes effect."""
    parts = []
    for answer in answers:
        lines = [f"## {_inert(answer.question)}", ""]
        if answer.searched_for != answer.question:
            lines += [f"*searched for: {_inert(answer.searched_for)}*", ""]
        for line in answer.answer.split("\n"):
            # The answer's own list markers stay what they are.
            mark, text = ("- ", line[2:]) if line.startswith("- ") else ("", line)
            lines += [f"{mark}{_inert(text)}", ""]
        for citation in answer.citations:
            place = f"{citation.article}:{citation.start}-{citation.end}"
            lines += [f"\\[{citation.id}\\] {_inert(described(citation))} ({_inert(place)})", ""]
            lines += [f"> {_inert(citation.quote)}", ""]
        parts.append("\n".join(lines))
    return "\n".join(parts).rstrip()


def answer_text(answer: Answer) -> str:
    """The answer and where it is from."""
    sources = [f"[{citation.id}] {_about(citation)}" for citation in answer.citations]
    return "\n".join([visible(answer.answer), *([""] if sources else []), *sources])


def quote_text(citation: Citation) -> str:
    """A quote and where it is from."""
    return f"{quoted(visible(citation.quote))}\n{_about(citation)}"


def _about(citation: Citation) -> str:
    place = f"{one_line(citation.article)}:{citation.start}-{citation.end}"
    return " · ".join([described(citation), *([one_line(citation.url)] if citation.url else []), place])


def _inert(text: str) -> str:
    return _MARKUP.sub(r"\\\1", one_line(text))
