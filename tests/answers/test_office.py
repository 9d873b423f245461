"""Who holds an office is told by a sentence that speaks of the office, of its body and of somebody."""

from __future__ import annotations

import pytest

from qabot.engine import Engine
from tests.answers.test_answers import write


@pytest.fixture
def steel(engine: Engine) -> Engine:
    write(
        engine,
        "steel.md",
        "Arden Steel has cut 200 jobs. The works were founded by Paul Frey in 1911.\n\n"
        "“We had no choice,” Brian Hale, the chief executive of Arden Steel, told reporters. The union is angry.",
        title="Jobs go at Arden Steel",
    )
    write(engine, "zinc.md", "Vantor Zinc is to close. Its former chief executive, Sue Li, left Vantor Zinc in May.")
    write(
        engine,
        "tin.md",
        "Quist Tin wants to buy a mine in Norvik. Its bid was praised by Ann Poole, the president of the Norvik chamber.",
        title="Quist Tin bids for a mine",
    )
    engine.prepare()
    return engine


@pytest.mark.parametrize(
    ("question", "somebody"),
    [
        ("who is the boss of arden steel?", "Brian Hale"),
        ("Who is Arden Steel's chief executive?", "Brian Hale"),
        ("who founded arden steel", "Paul Frey"),
        ("who is the head of the norvik chamber", "Ann Poole"),
    ],
)
def test_who_holds_an_office_is_told(steel: Engine, question: str, somebody: str) -> None:
    assert somebody in steel.ask(question).answer


@pytest.mark.parametrize(
    "question",
    ["Who is the president of Quist Tin?", "who is quist tin's chief executive", "who founded quist tin",
     "Who is the chairman of Arden Steel?", "Who is the chief executive of Vantor Zinc?"],
)  # fmt: skip
def test_one_who_holds_another_office_or_that_of_another_body_does_not_answer(steel: Engine, question: str) -> None:
    answer = steel.ask(question)
    assert answer.status == "abstained", answer.answer


@pytest.fixture
def states(engine: Engine) -> Engine:
    write(
        engine,
        "summit.md",
        "French President Anna Poirier said on Monday that she would meet the envoys of Canada. The Canadian press was "
        "not let in.\n\n“We hope for a good summit,” U.S. President Paul Hale told reporters. The United States has asked "
        "for a summit for years. Canada leads the talks on fishing.",
        title="A summit of three",
    )
    engine.prepare()
    return engine


@pytest.mark.parametrize(
    ("question", "somebody"),
    [
        ("who leads france", "Poirier"),
        ("who is the leader of France?", "Poirier"),
        ("who is the president of the united states", "Hale"),
    ],
)
def test_who_leads_a_country_is_told_by_what_calls_them_so(states: Engine, question: str, somebody: str) -> None:
    answer = states.ask(question)
    assert answer.status == "answered" and somebody in answer.statements[0].text and len(answer.statements) == 1


def test_the_president_of_another_country_does_not_answer(states: Engine) -> None:
    assert states.ask("who is the president of canada").status == "abstained"
