"""What somebody wants, demands or fears is told by a sentence in which they do."""

from __future__ import annotations

import pytest

from qabot.engine import Engine
from tests.answers.test_answers import write


@pytest.fixture
def strait(engine: Engine) -> Engine:
    write(
        engine,
        "strait.md",
        "Diplomats say that Norvik has until May before serious demands about talks on the strait are made of it.\n\n"
        "Norvik has outlawed any talks as long as Mayor Brian Hale of Arden is in office, and has insisted that it will "
        "discuss the strait only after his ships have left it.\n\n"
        "Dealers in the town fear that tolls in the strait will rise. Those who fish for Norvik are worried about herring. "
        "Ships from Norvik are seen off Arden, and those of Arden off Norvik.",
        title="Two towns and a strait",
    )
    engine.prepare()
    return engine


@pytest.mark.parametrize(
    ("question", "own"),
    [
        ("What does Norvik demand before talks on the strait?", "Norvik has outlawed"),
        ("what does norvik want before talks", "Norvik has outlawed"),
        ("does norvik want talks", "Norvik has outlawed"),
        ("what does norvik fear", "worried about herring"),
    ],
)
def test_whose_wish_it_is_decides(strait: Engine, question: str, own: str) -> None:
    answer = strait.ask(question)
    assert answer.status == "answered" and own in answer.answer, answer.answer
