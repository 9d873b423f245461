"""Both sides of a dispute, versions of one story, and what is set against nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qabot import Conversation
from qabot.answers.candidates import Candidate
from qabot.answers.choose import other_side
from qabot.answers.decide import Decision, decide
from qabot.answers.twins import compare
from qabot.answers.weights import Linear
from qabot.engine import Engine
from qabot.questions.polar import asks_for_denial, is_polar
from qabot.questions.speaker import speaker_asked
from qabot.retrieval import Query
from tests.answers.test_answers import exact, write

CLAIM = (
    "The Norvik port authority has been quietly pressing dock workers to accept lower pay, two union members said. "
    "The pressing began in the spring, when the port lost its largest customer. Work on the new quay goes on."
)
DENIAL = (
    "A spokeswoman for the Norvik port authority denied that it has been pressing dock workers to accept lower pay. "
    "The port has hired nine people since the summer. The quay is to be ready next year."
)


@pytest.fixture
def port(engine: Engine) -> Engine:
    write(engine, "claim.md", CLAIM, outlet="Harbour Post", title="Pressure on the quays")
    write(engine, "denial.md", DENIAL, outlet="Norvik Mail", title="The port answers")
    engine.prepare()
    return engine


def test_a_yes_or_no_question_about_a_disputed_thing_gets_both_sides(port: Engine) -> None:
    answer = port.ask("Is the port authority pressing dock workers to accept lower pay?")
    assert "quietly pressing" in answer.answer and "denied" in answer.answer
    assert {citation.outlet for citation in answer.citations} == {"Harbour Post", "Norvik Mail"}
    assert exact(port, answer)


def test_who_doubts_an_answer_sees_who_says_so_and_who_does_not(port: Engine) -> None:
    asked = port.ask("Who presses dock workers to accept lower pay?")
    again = port.ask("really?", Conversation().after(asked))
    assert {citation.outlet for citation in again.citations} == {"Harbour Post", "Norvik Mail"}
    assert again.form == "list" and len(again.statements) <= 3 and exact(port, again)


def test_who_denied_it_is_not_answered_with_the_accusation(port: Engine) -> None:
    answer = port.ask("who denied pressing the dock workers?")
    (statement,) = answer.statements
    assert statement.text.startswith("A spokeswoman")


@pytest.mark.parametrize(
    ("question", "polar"),
    [
        ("Is the war a stalemate?", True),
        ("did gazprom say it was behind baikal finance group", True),
        ("so is the us forcing zelensky to negotiate or not", True),
        ("Is it true that the port was sold?", True),
        ("Who is the mayor?", False),
        ("How many are there?", False),
    ],
)
def test_questions_that_yes_or_no_would_answer(question: str, polar: bool) -> None:
    assert is_polar(question) is polar


@pytest.mark.parametrize(
    ("question", "denial"),
    [
        ("who denied pressuring kyiv", True),
        ("Which officials reject the claim?", True),
        ("Did Ann Poole reject the new offer?", False),
        ("Who said it?", False),
    ],
)
def test_questions_about_a_denial(question: str, denial: bool) -> None:
    assert asks_for_denial(question) is denial


@pytest.mark.parametrize(
    ("question", "speaker"),
    [
        ("what did gordon brown say about glazer's bid", {"brown"}),
        ("What did Mr Milley warn of?", {"milley"}),
        ("quote from Milley on talks", {"milley"}),
        ("ann poole quotes", {"pool"}),
        ("what do people say about it", set()),
        ("How many were killed?", set()),
    ],
)
def test_whose_words_are_asked_for(question: str, speaker: set[str]) -> None:
    assert speaker_asked(question) == speaker


SAID = "The company cut 12,800 jobs in its Norvik offices, Ms Ander said on Monday."


@pytest.mark.parametrize(
    ("other", "question", "answering", "verdict"),
    [
        (SAID.replace("12,800", "13,000"), "how many jobs were cut", "12,800", "differs"),
        (SAID.replace("Ander", "Bolt"), "who said that jobs were cut", "Ms Ander", "differs"),
        (SAID.replace("company", "firm"), "how many jobs were cut", "12,800", "agrees"),
        (SAID.replace("12,800", "12.8 thousand"), "how many jobs were cut", "12,800", "agrees"),
        (SAID.replace("company", "maker of small boats"), "how many jobs were cut", "12,800", "unlike"),
        # Another place's jobs are another thing, as is another speaker's sentence where the number is asked for.
        (SAID.replace("12,800", "11,000").replace("Norvik", "Ostby"), "how many jobs were cut", "12,800", "unlike"),
        (SAID.replace("Ander", "Bolt"), "how many jobs were cut", "12,800", "unlike"),
        # What the question itself names is no answer to differ in.
        (SAID.replace("Norvik", "Ostby"), "what happened in the Norvik offices", "cut 12,800 jobs", "unlike"),
        ("A fire broke out on a ferry.", "how many jobs were cut", "12,800", "unlike"),
    ],
)
def test_two_versions_of_a_sentence(other: str, question: str, answering: str, verdict: str) -> None:
    assert compare(SAID, other, question, answering)[0] == verdict


@pytest.mark.parametrize(
    ("own", "other"),
    [
        ("is in jail for fraud and tax evasion", "is in jail for fraud charges"),
        ("collapsed in December 2003 after it emerged", "was declared insolvent after it emerged"),
        ("collapsed after it had emerged", "was insolvent after it had emerged"),
    ],
)
def test_what_one_adds_or_dates_is_no_other_version(own: str, other: str) -> None:
    sentences = [
        f"The founder of Arden Foods {said}, the prosecutors of Norvik said on Monday." for said in (own, other)
    ]
    assert compare(*sentences, "what happened to the founder of Arden Foods", own)[0] != "differs"


def test_by_how_much_is_not_how_much(engine: Engine) -> None:
    for outlet, price in (("Norvik Mail", "180,226"), ("Harbour Post", "152,879")):
        text = f"House prices in Norvik are rising, a survey said. The price of an average house in Norvik is £{price}."
        write(engine, f"{price}.md", text, outlet=outlet, title=f"House prices, by {outlet}")
    engine.prepare()
    assert engine.ask("what is the price of a house in Norvik?").disagreements
    assert not engine.ask("By how much are house prices in Norvik rising?").disagreements


def test_two_versions_of_a_sum_are_told_whole_though_they_differ_in_its_point() -> None:
    sold = "The fund of Norvik sold its shares for £9.4 million in May, said Ander Research."
    other = sold.replace("£9.4", "£94").replace("Ander", "Andor")
    told = compare(sold, other, "how much did the fund sell its shares for", "£9.4 million")
    assert told == ("differs", "£94 million", "£9.4 million")


def test_versions_of_a_story_that_differ_in_a_name_are_set_side_by_side(engine: Engine) -> None:
    story = "The ferry Halvard Star was steered onto a reef off Norvik by captain {} on Tuesday, the coast guard said."
    write(engine, "one.md", story.format("Lars Endersen"), outlet="Daily Courier", title="Ferry on a reef")
    write(engine, "two.md", story.format("Jon Hartvig"), outlet="Evening Ledger", title="Ferry runs aground")
    engine.prepare()
    (disagreement,) = engine.ask("Who steered the ferry onto the reef?").disagreements
    assert sorted(position.says for position in disagreement.positions) == ["Jon Hartvig", "Lars Endersen"]


def test_a_story_that_another_article_has_too_is_borne_out_by_it(engine: Engine) -> None:
    story = "The ferry Halvard Star was steered onto a reef off Norvik by captain Lars Endersen on Tuesday."
    write(engine, "one.md", story, outlet="Daily Courier", title="Ferry on a reef")
    write(engine, "two.md", story.replace("steered", "driven"), outlet="Evening Ledger", title="Ferry runs aground")
    engine.prepare()
    answer = engine.ask("Who steered the ferry onto the reef?")
    assert not answer.disagreements
    assert len(answer.statements[0].citations) == 2 and len({c.outlet for c in answer.citations}) == 2
    assert exact(engine, answer)


def test_one_that_has_both_values_and_an_age_are_no_other_version(engine: Engine) -> None:
    for name, text in {
        "post.txt": "The labour office of Arden said that 157,000 jobs were added in December, fewer than hoped.",
        "herald.txt": "In Arden 157,000 jobs were added in December, said the labour office. For the year it counts 2.2 million jobs added in Arden.",
        "times.txt": "Jobs added in Arden in December were too few, said Ann Poole, 63, of the labour office.",
    }.items():
        (engine.settings.seeds / name).write_text(text, encoding="utf-8")
    engine.prepare()
    assert not engine.ask("How many jobs were added in Arden in December?").disagreements


def test_what_was_done_to_some_and_how_many_there_are_do_not_differ(engine: Engine) -> None:
    write(engine, "a.md", "The council of Norvik closed 12,575 net cafes in the last months of the year, it said.")
    write(engine, "b.md", "All 110,000 net cafes in Norvik have to use software that the council of Norvik prescribes.")
    engine.prepare()
    assert not engine.ask("how many net cafes were closed in Norvik?").disagreements


def test_of_denials_the_one_of_what_is_asked_comes_first(engine: Engine) -> None:
    write(
        engine,
        "a.md",
        "Norvik Council is at odds over the bridge, the Courier reported. Its second camp, which Brian Hale leads, wants to "
        "go on building while dismissing any criticism as impatience.\n\n"
        "However, a spokesperson of Norvik Council has pushed back against reports of a rift, calling them gossip.",
    )
    engine.prepare()
    _, reply = engine.explain("who denied there is a rift in norvik council?")
    assert reply is not None and "pushed back" in reply.ranked[0].text


def test_a_denial_of_what_is_asked_about_answers_though_its_words_are_others(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    worm = "A worm called Dabir spreads between telephones. There are no reports of any telephones infected by Dabir."
    write(engine, "worm.md", worm, outlet="Norvik Mail", title="A worm for telephones")
    engine.prepare()

    def unsure(
        question: str, query: Query, ranked: list[Candidate], linear: Linear, _: float, **wants: bool
    ) -> Decision:
        return decide(question, query, ranked, linear, 0.9999, **wants)

    monkeypatch.setattr("qabot.answers.reply.decide", unsure)
    answer = engine.ask("were any telephones infected by Dabir?")
    assert answer.status == "answered" and answer.statements[0].text.startswith("There are no reports")
    assert engine.ask("which telephones does Dabir spread between?").status == "abstained"


def test_another_matter_is_no_other_side(engine: Engine) -> None:
    worm = "A worm called Dabir spreads between telephones. There are no reports of anyone caught by Dabir."
    gang = "A gang copied films for years. The prosecutor said that everyone of the gang had been caught by detectives."
    write(engine, "worm.md", worm, outlet="Norvik Mail", title="A worm for telephones")
    write(engine, "gang.md", gang, outlet="Belmont Post", title="A gang that copied films")
    engine.prepare()
    reply = engine.explain("was anyone caught by Dabir?")[1]
    assert reply is not None
    ranked = reply.ranked
    best = [candidate for candidate in ranked if candidate.sentence.denies]
    other = [
        replace(c, reading=best[0].reading, features=best[0].features)
        for c in ranked
        if c.text.startswith("The prosecutor")
    ]
    assert other_side(best, other, frozenset()) is other[0]
    assert other_side(best, other, frozenset({"dabir"})) is None


def test_two_people_who_are_compared_each_get_their_own_words(engine: Engine) -> None:
    write(
        engine,
        "talks.md",
        "The harbour is to be dredged next year. Ann Poole said the harbour must be dredged at once.\n\n"
        "Jon Hartvig said dredging the harbour would kill the oyster beds.\n\nThe council meets on Monday.\n",
        outlet="Daily Courier",
        title="Dredging divides Norvik",
    )
    engine.prepare()
    for question in ("compare poole and hartvig on dredging", "What did Poole and Hartvig say about dredging?"):
        answer = engine.ask(question)
        assert "at once" in answer.answer and "oyster beds" in answer.answer, question
