"""What others import, and what importing it costs."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import fields

import qabot
from qabot.wire import ChatFilters, answer_json, read_answer
from tests.conftest import ROOT


def test_every_name_that_is_promised_is_there() -> None:
    for name in qabot.__all__:
        assert getattr(qabot, name).__name__ == name
    assert set(qabot.__all__) == set(qabot._HOME_OF)


def test_a_line_of_a_chat_may_have_every_filter_that_there_is() -> None:
    assert ChatFilters.__struct_fields__ == tuple(field.name for field in fields(qabot.Filters))


def loaded_after(code: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print(' '.join(sys.modules))"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())


def test_importing_qabot_loads_nothing_else() -> None:
    heavy = {"numpy", "faiss", "onnxruntime", "torch", "sentence_transformers", "discord", "click", "rich"}
    assert not heavy & loaded_after("import qabot")
    assert not heavy & loaded_after("from qabot import UsageError, load_settings")


def test_the_command_line_loads_no_more_than_its_help_needs() -> None:
    heavy = {"numpy", "msgspec", "pydantic", "rich", "prompt_toolkit", "qabot.engine", "qabot.settings"}
    assert not heavy & loaded_after("import qabot.cli")


def test_asking_loads_neither_torch_nor_discord() -> None:
    loaded = loaded_after("from qabot import Engine\nimport qabot.cli, qabot.wire, qabot.terminal.batch")
    assert not {"torch", "sentence_transformers", "discord", "aiohttp"} & loaded


def test_one_question_loads_nothing_of_conversations_or_of_reading_articles() -> None:
    loaded = loaded_after("import qabot.engine, qabot.wire, qabot.terminal.once")
    others = {"qabot.questions.follow_up", "qabot.articles.body", "qabot.passages.quotations", "qabot.index.writer"}
    assert not {*others, "faiss", "filelock", "prompt_toolkit", "nupunkt"} & loaded


def test_an_answer_survives_its_json(samples: qabot.Engine) -> None:
    answer = samples.ask("How much did Biden ask Congress for?")
    assert answer.statements and read_answer(answer_json(answer)) == answer


def test_an_answer_of_an_earlier_version_is_read() -> None:
    old = (
        b'{"question": "q", "searched_for": "q", "status": "answered", "confidence": 0.9, "answer": "a [1]", "citations": '
        b'[{"id": 1, "article": "a.md", "title": null, "outlet": null, "author": null, "published": null, "quote": "a", '
        b'"start": 0, "end": 1}], "passages": [], "disagreements": [], "index": {"generation": 1, "articles": 1, '
        b'"passages": 1, "built": "", "stale": false}, "took_ms": 1.0}'
    )
    assert read_answer(old).citations[0].quote == "a"
