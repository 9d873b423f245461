from __future__ import annotations

import pytest

from qabot.answers.introduces import introduces, somebody_asked_of
from qabot.engine import Engine


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("Who is Ann Poole?", "Ann Poole"),
        ("whos ann poole", "ann poole"),
        ("and who was Poole", "Poole"),
        ("Who is the mayor?", ""),
        ("who is to blame", ""),
        ("Who is Ann Poole and what did she open?", ""),
        ("Who opened the bridge?", ""),
    ],
)
def test_who_is_asked_of_is_told_from_the_question(question: str, name: str) -> None:
    assert somebody_asked_of(question) == name


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("Mayor Ann Poole opened the bridge.", True),
        ("Ann Poole, director of the harbour, was asked.", True),
        ("Ann Poole (Greens), who leads the town, was asked.", True),
        ("Poole is the mayor of Arden.", True),
        ("Ann Poole opened the bridge.", False),
        ("The port sacked Ms Poole.", False),
        ("Poole, understandably, was tired.", False),
        ("The mayor asked Bo Quist about Poole.", False),
    ],
)
def test_a_sentence_says_who_somebody_is_or_does_not(text: str, holds: bool) -> None:
    assert introduces(text, "ann poole") is holds


def test_who_somebody_is_comes_before_what_they_did(engine: Engine) -> None:
    (engine.settings.seeds / "bridge.txt").write_text(
        "Ann Poole said on Monday that the bridge of Arden is open again. Ann Poole thanked all who had waited for it.\n\n"
        "It rained in Belmont. Nobody was surprised by what the harbour master, Bo Quist, and the architect Ann Poole "
        "had to say of the storm.\n",
        encoding="utf-8",
    )
    engine.prepare()
    assert "architect Ann Poole" in engine.ask("Who is Ann Poole?").statements[0].text
