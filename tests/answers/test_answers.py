"""Whole answers, from the real model over small collections."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from qabot.answers import Answer
from qabot.engine import Engine
from qabot.language.names import words_for
from qabot.questions import Conversation
from qabot.settings import EmbeddingSettings

FERRY = (
    "A fire broke out on the ferry Halvard Star off Norvik on Tuesday night. Officials said 14 passengers died in the fire. "
    "Captain Lars Endersen ordered the evacuation within minutes. He had served on the ship for nine years. "
    "There were 212 people aboard."
)
FERRY_AGAIN = (
    "The ferry Halvard Star caught fire near Norvik late on Tuesday. At least 19 people died in the fire on the ferry, the "
    "transport ministry said. There were 212 people aboard the ship. The evacuation was ordered by captain Lars Endersen."
)


def write(engine: Engine, name: str, text: str, **metadata: str) -> None:
    lines = "".join(f"{key}: {value}\n" for key, value in metadata.items())
    (engine.settings.seeds / name).write_text(f"---\n{lines}---\n\n{text}\n" if lines else f"{text}\n")


def exact(engine: Engine, answer: Answer) -> bool:
    seeds = engine.settings.seeds
    return all((seeds / c.article).read_text()[c.start : c.end] == c.quote for c in answer.citations)


@pytest.fixture
def ferry(engine: Engine) -> Engine:
    write(engine, "courier.md", FERRY, outlet="Daily Courier", published="2021-03-10", title="Ferry burns off Norvik")
    write(engine, "ledger.md", FERRY_AGAIN, outlet="Evening Ledger", published="2021-03-11", title="Blaze on a ferry")
    engine.prepare()
    return engine


def test_reports_that_differ_are_set_side_by_side(ferry: Engine) -> None:
    answer = ferry.ask("How many people died in the fire on the ferry?")
    (disagreement,) = answer.disagreements
    assert sorted(position.says for position in disagreement.positions) == ["14", "At least 19"]
    assert "Reports differ" in answer.answer and "Daily Courier" in answer.answer and "2021-03-11" in answer.answer
    cited = {citation.id: citation.outlet for citation in answer.citations}
    assert {cited[n] for position in disagreement.positions for n in position.citations} == {
        "Daily Courier",
        "Evening Ledger",
    }
    assert exact(ferry, answer)


def test_reports_that_agree_are_not_set_against_each_other(ferry: Engine) -> None:
    for question in ("How many people were aboard the Halvard Star?", "Who ordered the evacuation of the ferry?"):
        answer = ferry.ask(question)
        assert answer.status == "answered" and not answer.disagreements, answer.answer


def test_a_retold_report_is_one_source(engine: Engine) -> None:
    text = "The Herald reported that the Arden bridge cost {} crowns to build."
    write(engine, "a.md", text.format("40 million"), outlet="Daily Courier", via="The Herald")
    write(
        engine,
        "b.md",
        "It cost 40 million crowns to build the Arden bridge, The Herald writes.",
        outlet="Ledger",
        via="The Herald",
    )
    engine.prepare()
    answer = engine.ask("What do the articles say the Arden bridge cost to build?")
    assert "2 articles, one source: The Herald" in answer.answer and len(answer.citations) == 2


def test_a_pronoun_comes_with_whom_it_means_in_brackets(ferry: Engine) -> None:
    answer = ferry.ask("How long had the captain of the ferry served on the ship?")
    assert "Lars Endersen] had served" in answer.answer
    assert exact(ferry, answer)


def test_an_abstention_names_the_articles_the_nearest_and_what_they_do_answer(engine: Engine) -> None:
    write(
        engine,
        "a.md",
        "Mayor Olive Strand opened the bridge. Olive Strand said the bridge cost 40 million crowns.",
        published="2021-03-10",
    )
    write(engine, "b.md", "The harbour of Grent is closed.")
    engine.prepare()
    answer = engine.ask("Who won the chess championship in Reykjavik?")
    assert answer.status == "abstained" and answer.confidence < 0.3
    assert "do not say (2 articles, 2021-03-10; 1 without a date)" in answer.answer
    assert "Closest passage: " in answer.answer and exact(engine, answer)


def test_a_question_half_of_which_is_not_covered_is_answered_in_part(ferry: Engine) -> None:
    answer = ferry.ask("Who ordered the evacuation of the ferry, and what is the name of the chess champion?")
    assert answer.status == "partial"
    assert "Lars Endersen" in answer.answer and "do not say: what is the name of the chess champion?" in answer.answer


def test_a_question_about_the_bot_gets_help(ferry: Engine) -> None:
    assert "2 articles" in ferry.ask("hello").answer
    listed = ferry.ask("Which articles do you have?").answer
    assert "Daily Courier · 2021-03-10 · Ferry burns off Norvik" in listed and "Evening Ledger" in listed


def test_a_conversation_goes_on(ferry: Engine) -> None:
    conversation = Conversation()
    answers = []
    for question in (
        "Who ordered the evacuation of the ferry?",
        "When was that published?",
        "How long had he served on the ship?",
    ):
        answers.append(ferry.ask(question, conversation))
        conversation = Conversation.from_json(conversation.after(answers[-1]).to_json())
    assert "was published on 2021-03-1" in answers[1].answer and exact(ferry, answers[1])
    assert "nine years" in answers[2].answer and "Lars Endersen" in answers[2].searched_for


def test_what_may_be_a_topic_of_its_own_is_asked_by_itself_before_it_is_given_up(ferry: Engine) -> None:
    write(ferry, "poole.txt", "Ann Poole said that the library of Arden will close at six.")
    ferry.prepare()
    before = Conversation().after(ferry.ask("How many people died on the ferry Halvard Star?"))
    answer = ferry.ask("what did ann poole say", before)
    assert answer.status == "answered" and "library" in answer.answer


@pytest.mark.parametrize("question", ["who", "and", "the of and is to", "^(a+)+$", "x?x?x?", "“"])
def test_a_question_without_a_word_to_look_for_is_not_answered(ferry: Engine, question: str) -> None:
    assert ferry.ask(question).status == "abstained"


def test_a_sentence_of_another_article_is_about_the_same_one(engine: Engine) -> None:
    write(engine, "tysa.txt", "The drug Tysabri was pulled from shops. Tysabri was pulled after two patients fell ill.")
    write(engine, "turk.txt", "Turkcell was set to pull out of the deal. Why Turkcell pulled out was not said.")
    engine.prepare()
    assert {citation.article for citation in engine.ask("why was tysabri pulled").citations} == {"tysa.txt"}


def test_news_says_one_thing_in_several_words(engine: Engine) -> None:
    write(engine, "a.txt", "Moscow has three times the manpower of its neighbour. It has rained in Moscow for a week.")
    engine.prepare()
    assert words_for({"soldiers", "russia", "rain"}).keys() == {"soldiers", "russia"}
    assert "manpower" in engine.ask("Does Russia have more soldiers?").answer


def test_more_shows_what_was_not_shown(ferry: Engine) -> None:
    first = ferry.ask("What happened on the ferry Halvard Star?")
    more = ferry.ask("show me more", Conversation().after(first))
    assert {c.quote for c in more.citations}.isdisjoint(c.quote for c in first.citations)
    assert more.status == "abstained" or more.citations


def test_abstention_is_decided_anew_at_each_turn(ferry: Engine) -> None:
    first = ferry.ask("Who ordered the evacuation of the ferry?")
    second = ferry.ask("Who won the chess championship in Reykjavik in 1972?", Conversation().after(first))
    third = ferry.ask("Who ordered the evacuation of the ferry?", Conversation().after(first).after(second))
    assert (first.status, second.status, third.status) == ("answered", "abstained", "answered")


def test_a_time_that_no_article_is_of_is_said(ferry: Engine) -> None:
    answer = ferry.ask("How many people died in the ferry fire, in articles published in May 1999?")
    assert "No article is known to be of that time (“in May 1999”); all were asked." in answer.answer


def test_an_article_edited_after_indexing_is_not_quoted_as_it_was(ferry: Engine) -> None:
    before = ferry.ask("Who ordered the evacuation of the ferry?")
    assert before.citations
    for name, text in (("courier.md", FERRY), ("ledger.md", FERRY_AGAIN)):
        write(ferry, name, text.replace("Lars Endersen", "Nora Solberg"))
    answer = ferry.ask("Who ordered the evacuation of the ferry?")
    said = " ".join(statement.text for statement in answer.statements)
    assert "Solberg" in said and "Endersen" not in said and exact(ferry, answer)
    assert any("“Lars Endersen” became “Nora Solberg”" in note for note in answer.notes)


def test_without_refreshing_a_quote_that_no_longer_holds_is_left_out_and_said(ferry: Engine) -> None:
    frozen = Engine(ferry.settings, auto_refresh=False)
    frozen.prepare()
    (ferry.settings.seeds / "ledger.md").unlink()
    write(ferry, "courier.md", FERRY.replace("Lars", "Lasse"), outlet="Daily Courier")
    answer = frozen.ask("Who ordered the evacuation of the ferry?")
    assert exact(ferry, answer) and "Lars" not in answer.answer
    assert "has changed since it was indexed" in answer.answer and answer.index.stale


def test_an_article_that_cannot_be_read_any_more_is_not_said_to_have_changed(ferry: Engine) -> None:
    limits = replace(ferry.settings, articles=replace(ferry.settings.articles, max_bytes=20))
    frozen = Engine(limits, auto_refresh=False)
    frozen.prepare()
    answer = frozen.ask("Who ordered the evacuation of the ferry?").answer
    assert "courier.md cannot be read now (the file is larger than 20 bytes)" in answer and "has changed" not in answer


@hypothesis_settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["courier.md", "ledger.md"]),
            st.integers(0, 300),
            st.sampled_from(["", "x", "Ort. ", "\n\n", "\r\n", "é“"]),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_every_quote_is_exact_while_files_are_edited(ferry: Engine, edits: list[tuple[str, int, str]]) -> None:
    for name, at, what in edits:
        file = ferry.settings.seeds / name
        text = file.read_bytes().decode()
        keep = len("---\noutlet: Daily Courier\npublished: 2021-03-10\ntitle: Ferry burns off Norvik\n---\n")
        place = min(len(text), keep + at)
        file.write_bytes((text[:place] + what + text[place + (what == "") :]).encode())
        for question in ("Who ordered the evacuation of the ferry?", "How many people died in the ferry fire?"):
            answer = ferry.ask(question)
            for citation in answer.citations:
                now = (ferry.settings.seeds / citation.article).read_bytes().decode()
                assert now[citation.start : citation.end] == citation.quote


def test_another_model_answers_without_the_cross_encoder(ferry: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ferry.encoders, "cross_encoder", lambda sha256: None)
    answer, reply = ferry.explain("Who ordered the evacuation of the ferry?")
    assert answer.status == "answered" and "Endersen" in answer.answer
    assert reply is not None and all(candidate.reading is None for candidate in reply.ranked)


def test_a_damaged_answer_scorer_is_named(ferry: Engine, tmp_path_factory: pytest.TempPathFactory) -> None:
    from qabot.embedding import CrossEncoder
    from qabot.errors import ModelError

    folder = next((ferry.settings.embeddings / "models").glob("*/identity.json")).parent
    broken = tmp_path_factory.mktemp("broken") / "cross-encoder-0.onnx"
    broken.write_bytes(b"not a model")
    with pytest.raises(ModelError, match=r"cross-encoder-0\.onnx cannot be loaded"):
        CrossEncoder(broken, folder)


def test_reading_many_sentences_is_as_reading_each(ferry: Engine) -> None:
    reader = ferry.cross_encoder
    assert reader is not None
    texts = ["Captain Lars Endersen ordered the evacuation.", "Bread is made of flour, water and a little salt."]
    together = reader.read("Who ordered the evacuation?", texts)
    assert together[0].relevance > together[1].relevance + 2
    assert texts[0][together[0].start : together[0].end] in ("Lars Endersen", "Captain Lars Endersen")
    alone = [reader.read("Who ordered the evacuation?", [text])[0] for text in texts]
    assert alone == together


def test_settings_that_name_another_model_ask_for_no_answer_scorer(ferry: Engine) -> None:
    from qabot.embedding import load_cross_encoder

    models = ferry.settings.embeddings / "models"
    assert load_cross_encoder(replace(EmbeddingSettings(), model="other"), models, "0" * 64, print) is None
    assert os.listdir(models)


def test_a_share_is_not_joined_by_a_number_of_other_things(engine: Engine) -> None:
    for name, text in {
        "army.md": "The army of Belmont now holds about 20 percent of the land of Arden, a general said on Monday.",
        "land.md": "Belmont holds 10 million acres in Arden, the ministry of Belmont said. It was asked again on Friday.",
    }.items():
        write(engine, name, text, title="Arden")
    engine.prepare()
    (statement,) = engine.ask("How much of Arden does Belmont hold?").statements
    assert "percent" in statement.text or "acres" in statement.text
