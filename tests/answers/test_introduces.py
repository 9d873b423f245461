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


def test_an_office_told_in_the_place_of_a_name_is_of_whom_the_next_words_are(engine: Engine) -> None:
    (engine.settings.seeds / "bridge.txt").write_text(
        "The bridge of Arden was closed again on Monday. It is “only a matter of time”, says the Norvik professor.\n\n"
        "“I do not think that the bridge of Arden holds,” said Ann Poole.\n\nThe town has no plans for a new bridge.\n",
        encoding="utf-8",
    )
    engine.prepare()
    told = [statement.text for statement in engine.ask("Who is Ann Poole?").statements]
    assert any("the Norvik professor" in text for text in told) and any("Ann Poole" in text for text in told)


def test_the_war_is_not_one_long_ago_nor_one_of_another_name(engine: Engine) -> None:
    (engine.settings.seeds / "war.txt").write_text(
        "The war in Belmont began in May 2023, the government of Belmont said. Its army has not moved since. The war is costly.\n\n"
        "In the Great Northern War, which began in August 1914, one million people were killed.\n",
        encoding="utf-8",
    )
    engine.prepare()
    answer = engine.ask("When did the war begin?")
    told = " ".join(statement.text for statement in answer.statements)
    assert "May 2023" in told and "1914" not in told
