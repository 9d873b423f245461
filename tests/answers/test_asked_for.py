"""What a question asks for by its form - a number, somebody's words, several things - decides what answers it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from qabot import Conversation
from qabot.answers.asked_for import _has_none
from qabot.embedding import CrossEncoder, Reading
from qabot.engine import Engine
from qabot.questions.several import asks_for_several
from tests.answers.test_answers import exact, write

YARD = (
    "Halvard Shipyard was taken over by Ostmark Holding on Friday, after a month of talks. "
    "Ostmark Holding is a firm that was unknown until the spring. Its owners have not been named. "
    "The mayor, Ingrid Solheim, said that the town would watch what becomes of the yard."
)
STRIKE = (
    "At Halvard Shipyard 340 workers have been on strike since Monday, the union said. "
    "According to the yard, 210 workers are on strike. The weather has been bad all week. "
    "Peter Lund, who leads the union, said the strike would go on."
)


@pytest.fixture
def yard(engine: Engine) -> Engine:
    write(engine, "yard.md", YARD, outlet="Harbour Post", title="Shipyard sold")
    write(engine, "strike.md", STRIKE, outlet="Norvik Mail", title="Strike at the yard")
    engine.prepare()
    return engine


def test_a_number_that_stands_nowhere_near_is_not_answered_with_other_things(yard: Engine) -> None:
    answer = yard.ask("how many employees does ostmark holding have")
    assert answer.status == "abstained"


def test_a_share_of_more_is_no_number_and_what_is_owned_is_no_price(engine: Engine) -> None:
    write(
        engine,
        "cars.md",
        "Arden Motors sold 2.1% more cars in 2004 than in the year before, as its vans did well. "
        "Arden Motors sold 3.9 million cars around the world, it said.\n\n"
        "Quist Holding wants to buy out the small owners of Arden Motors for $5.4bn. Quist Holding, run by Ann Poole, "
        "owns 82% of the firm. Shares in Quist Holding fell $2 to $17 after Arden Motors was named.",
        title="Arden Motors sells more cars",
    )
    engine.prepare()
    assert "3.9 million" in engine.ask("how many cars did arden motors sell in 2004").answer
    assert "82%" in engine.ask("how much of Arden Motors does Quist Holding own?").answer
    assert "$2" in engine.ask("how much did Quist Holding's shares fall?").answer


def test_how_many_did_is_not_how_many_could(engine: Engine) -> None:
    write(
        engine,
        "mills.md",
        "Six mills have closed in Arden, and 6,650 workers there are jobless now, the union said. It is feared that as "
        "many as 50,000 weavers in the whole country could lose their jobs, it added.",
    )
    engine.prepare()
    _, reply = engine.explain("how many workers lost their jobs in arden")
    assert reply is not None and "6,650" in reply.ranked[0].text


def test_how_many_is_answered_by_a_number_that_reads_right_though_another_sentence_reads_better(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (
        "Arden Motors is recalling 200,000 vans over the brakes. That was told on Monday by the road agency in Norvik. "
        "The agency tests vans every year. The brakes of the vans would be mended soon, the head of Arden Motors said."
    )
    write(engine, "recall.md", text, outlet="Norvik Mail", title="Arden Motors recalls vans")
    engine.prepare()

    def readings(self: CrossEncoder, question: str, texts: Sequence[str]) -> list[Reading]:
        return [Reading(1.2 if "200,000" in text else 6.0, 0, 5) for text in texts]

    monkeypatch.setattr(CrossEncoder, "read", readings)
    assert "200,000" in engine.ask("how many vans does Arden Motors recall over the brakes").statements[0].text


@pytest.mark.parametrize(
    ("text", "lacks"),
    [
        ("Mr Ebbing, 63, is accused of leading a fraud.", True),
        ("Mr Ebbing, 63, was given 25 years.", False),
        ("Mr Ebbing was given 25, and his partner less.", False),
    ],
)
def test_somebodys_age_is_no_number_of_years_that_they_get(text: str, lacks: bool) -> None:
    assert _has_none("how many years did Ebbing get?", text) is lacks


def test_an_age_stands_beside_a_name(engine: Engine) -> None:
    write(engine, "talk.md", "Dr Poole, 79, who has been to Arden for a meeting, spoke well of the town. It rained.")
    write(
        engine, "port.md", "Anders Hale spoke in Arden as well. He has led the port for 12 years. His talk was short."
    )
    engine.prepare()
    assert "79" in engine.ask("how old is Ann Poole").answer and engine.ask("how old is Ann Poole").status == "answered"
    assert engine.ask("how old is Brian Stone").status == "abstained"


def test_what_an_outlet_reported_is_told_where_it_is_named(engine: Engine) -> None:
    write(
        engine,
        "wire.md",
        "Officials have voiced grave doubts about the bridge in a secret report, which was relayed to the Herald. The town "
        "of Arden should give up its tolls, an officer told Norvik Radio on Friday. The weather was fine.",
    )
    engine.prepare()
    _, reply = engine.explain("what did Norvik Radio report")
    assert reply is not None and "Norvik Radio" in reply.ranked[0].text


def test_the_words_of_somebody_who_is_not_heard_are_not_anothers(yard: Engine) -> None:
    assert yard.ask("what did Arne Ostmark say about the takeover of the shipyard").status == "abstained"
    said = yard.ask("what did Ingrid Solheim say about the yard")
    assert "watch what becomes" in said.answer and exact(yard, said)


def test_the_words_of_somebody_on_another_thing_are_no_answer(yard: Engine) -> None:
    assert yard.ask("what did Ingrid Solheim say about the weather forecast").status == "abstained"
    assert yard.ask("what did Peter Lund say about Crimea").status == "abstained"


def test_two_figures_for_one_thing_are_both_told_and_nothing_beside_them(yard: Engine) -> None:
    answer = yard.ask("how many workers are on strike at halvard shipyard?")
    assert "340" in answer.answer and "210" in answer.answer
    assert "weather" not in answer.answer and exact(yard, answer)


def test_a_sum_that_is_left_is_not_one_that_was_given(engine: Engine) -> None:
    write(
        engine,
        "aid.md",
        "Norvik has $5 million left to send to Corvo before its money runs out. The island was hit by a flood in May.\n\n"
        "The mayor asked the council to approve an additional $38 million for Corvo.\n\n"
        "Since the flood Norvik has given Corvo $43 million, according to the treasury.\n",
        title="Aid for Corvo",
    )
    engine.prepare()
    for question, sum_told in (
        ("how much money has norvik given corvo", "$43 million"),
        ("how much money does norvik have left for corvo", "$5 million"),
        ("how much did the mayor ask for", "$38 million"),
    ):
        assert sum_told in engine.ask(question).statements[0].text, question


def test_who_else_said_so_is_none_of_those_just_named(yard: Engine) -> None:
    write(
        yard,
        "more.md",
        "Arne Moe, a welder, said the strike at the shipyard would go on until Easter. It is cold on the quay.",
        title="On the quay",
    )
    yard.prepare()
    first = yard.ask("what did Peter Lund say about the strike?")
    second = yard.ask("who else said the strike would go on?", Conversation().after(first))
    assert "Arne Moe" in second.answer and "Peter Lund" not in second.answer


def test_the_words_of_somebody_are_found_by_a_name_without_its_accents(engine: Engine) -> None:
    write(engine, "port.md", "“The port can wait,” said Gerhard Schröder. The former mayor opened a bakery on Monday.")
    engine.prepare()
    assert "can wait" in engine.ask("what did schroder say about the port").answer


def test_somebody_speaks_after_what_they_did_too(engine: Engine) -> None:
    write(
        engine,
        "port.md",
        "Whatever was agreed behind closed doors, Ann Poole has never backed a sale of the Norvik port to anyone, and "
        "declared in June that it would ruin the town. The port is the oldest on the coast.",
    )
    engine.prepare()
    assert "ruin the town" in engine.ask("what did poole say in june about the port").answer


def test_that_a_sum_was_not_disclosed_is_told_where_it_is_asked_for(engine: Engine) -> None:
    write(engine, "sale.md", "Ostmark Holding bought the Halvard shipyard on Friday. The price was not disclosed.")
    write(engine, "inn.md", "The inn of Arden was sold for 9 million crowns. Its cellar alone cost 40,000 crowns.")
    engine.prepare()
    answer = engine.ask("how much did Ostmark Holding pay for the Halvard shipyard?")
    assert "not disclosed" in answer.answer and "crowns" not in answer.answer


def test_who_somebody_is_takes_the_one_sentence_that_says_so(yard: Engine) -> None:
    (statement,) = yard.ask("who is peter lund").statements
    assert statement.text.startswith("Peter Lund, who leads the union")


@pytest.mark.parametrize(
    ("question", "several"),
    [
        ("which five banks were sued", True),
        ("Which libraries is Google scanning?", True),
        ("which studios are backing it", True),
        ("which series is it", False),
        ("which bank was sued", False),
        ("which bid did the board choose", False),
    ],
)
def test_which_of_many_things_asks_for_a_list(question: str, several: bool) -> None:
    assert asks_for_several(question) is several
