"""Questions about whole articles: gists, who wrote them, when, and from what."""

from __future__ import annotations

from pathlib import Path

import pytest

from qabot.answers.compose import in_quotes
from qabot.answers.gist import stands_alone
from qabot.engine import Engine
from qabot.questions import Conversation
from tests.answers.test_answers import exact, ferry, write

__all__ = ["ferry"]  # a fixture


def test_the_gist_of_one_article_is_of_its_own_sentences(samples: Engine) -> None:
    answer = samples.ask("Summarize the Breitbart article")
    assert answer.status == "answered" and answer.form == "list" and len(answer.statements) == 3
    assert {citation.outlet for citation in answer.citations} == {"Breitbart"}
    assert "Asked of: Breitbart." in answer.notes and exact(samples, answer)
    assert len(answer.answer) < 1500


def test_the_gist_of_a_small_collection_has_a_sentence_of_each_article(samples: Engine) -> None:
    answer = samples.ask("tl;dr")
    assert len({citation.article for citation in answer.citations}) == len(answer.statements) == 5
    assert exact(samples, answer)


def test_a_large_collection_is_described_and_a_topic_asked_for(engine: Engine) -> None:
    for number in range(10):
        write(engine, f"{number}.md", f"The harbour of Grent{number} was closed on Monday.", title=f"Harbour {number}")
    engine.prepare()
    answer = engine.ask("tl;dr")
    assert not answer.statements and "10 articles" in answer.answer and "topic" in answer.answer


def test_the_gist_of_a_topic_is_of_the_articles_on_it(ferry: Engine) -> None:
    write(ferry, "harbour.md", "The harbour of Grent was closed on Monday after a storm broke its wall.", title="Storm")
    ferry.prepare()
    answer = ferry.ask("tldr on the Grent harbour storm")
    assert [citation.article for citation in answer.citations] == ["harbour.md"]
    assert ferry.ask("tldr on the chess championship in Reykjavik").status == "abstained"


def test_the_article_just_quoted_is_the_article_in_a_conversation(ferry: Engine) -> None:
    first = ferry.ask("How long had the captain of the ferry served on the ship?")
    told = ferry.ask("when was the article published?", Conversation().after(first))
    assert told.citations[0].article == first.citations[0].article and "2021-03-1" in told.answer


def test_an_article_named_by_its_topic_is_not_the_one_just_quoted(ferry: Engine) -> None:
    write(ferry, "quay.md", "The new quay of Arden is of stone. It took nine years to build the quay.", title="A quay")
    ferry.prepare()
    before = Conversation().after(ferry.ask("How many people died in the ferry fire?"))
    for question in ("summarize the article about the quay", "summarize the quay article"):
        answer = ferry.ask(question, before)
        assert {citation.article for citation in answer.citations} == {"quay.md"}, question


def test_who_wrote_an_article_is_not_told_by_another(ferry: Engine) -> None:
    answer = ferry.ask("who wrote the nbc piece")
    assert answer.status == "abstained" and "No article here is known to be from NBC." in answer.notes
    answer = ferry.ask("who wrote the article on the ferry fire")
    assert answer.status == "abstained" and not answer.citations


def test_whether_a_newspaper_is_for_sale_asks_for_no_outlets(engine: Engine) -> None:
    write(engine, "a.md", "The owner denied that the Independent newspaper is for sale. It has lost money for years.")
    engine.prepare()
    assert "denied" in engine.ask("is the independent newspaper for sale").answer


def test_what_is_known_of_an_article_is_told_and_what_is_not_is_said(engine: Engine) -> None:
    write(
        engine,
        "a.md",
        "The mill burned down on Monday night.",
        title="Mill burns",
        outlet="Daily Courier",
        author="Ida Holm",
    )
    write(engine, "b.md", "The mill had stood for a hundred years.", title="An old mill", published="2021-03-10")
    engine.prepare()
    assert "“Mill burns” (Daily Courier) is by Ida Holm." in engine.ask("Who wrote the Daily Courier article?").answer
    dated = engine.ask("When was each article published?")
    assert "“An old mill” was published on 2021-03-10." in dated.answer and exact(engine, dated)
    assert "“Mill burns” (Daily Courier) does not say when it was published." in dated.notes
    period = engine.ask("What period do the articles cover?")
    assert (
        "The articles are of 2021-03-10." in period.answer
        and "1 of 2 does not say when it was published." in period.answer
    )
    undated = engine.ask("When was the Daily Courier article published?")
    assert undated.status == "abstained" and "does not say when it was published" in undated.answer
    assert "Ida Holm is the author of “Mill burns” (Daily Courier)." in engine.ask("Who is Ida Holm?").answer
    outlets = engine.ask("Which outlets are covered?").answer
    assert "Daily Courier (1)" in outlets and "1 of the 2 articles does not say which outlet it is from." in outlets


def test_what_an_article_draws_on_is_told_by_its_own_words(engine: Engine) -> None:
    write(
        engine,
        "a.md",
        "The mill burned down on Monday. According to a report from The Herald, citing two unnamed officials, it was arson.",
        outlet="Daily Courier",
    )
    write(engine, "b.md", "The mill had stood for a hundred years.", outlet="Ledger")
    engine.prepare()
    answer = engine.ask("Which sources does the Daily Courier article rely on?")
    assert "According to a report from The Herald" in answer.answer and exact(engine, answer)


def test_a_named_outlet_narrows_and_never_to_nothing(ferry: Engine) -> None:
    answer = ferry.ask("How many people died in the fire according to the Evening Ledger?")
    assert {citation.outlet for citation in answer.citations} == {
        "Evening Ledger"
    } and "Asked of: Evening Ledger." in answer.notes
    other = ferry.ask("What does the Guardian article say about the fire on the ferry?")
    assert "No article here is known to be from Guardian." in other.notes


def test_an_opinion_is_answered_by_the_reports_and_not_by_the_bot(ferry: Engine) -> None:
    answer = ferry.ask("Was the captain right to order the evacuation of the ferry?")
    assert answer.status == "abstained" or "qabot does not judge; this is what the reports say." in answer.notes


def test_another_language_gets_a_line_in_english(ferry: Engine) -> None:
    answer = ferry.ask("Сколько людей погибло на пароме?")
    assert answer.status == "answered" and "English" in answer.answer and not answer.statements


def test_who_is_sure_shows_who_reports_it(ferry: Engine) -> None:
    first = ferry.ask("Who ordered the evacuation of the ferry?")
    again = ferry.ask("are you sure?", Conversation().after(first))
    assert "Endersen" in again.answer and "who reports it" in again.answer


@pytest.mark.parametrize(
    ("sentence", "alone"),
    [
        ("The harbour of Grent was closed on Monday after a storm broke its wall.", True),
        ("He ordered the evacuation of the ferry within minutes of the alarm.", False),
        ("However, the ferry had been inspected only a week before the fire.", False),
        ("“We never had a chance to reach the boats before the smoke came,” she said.", False),
        ("Who ordered the evacuation of the ferry, and when was it ordered?", False),
        ("Passengers rely on his word because it is the only one they get.", False),
    ],
)
def test_a_gist_has_sentences_that_stand_alone(sentence: str, alone: bool) -> None:
    assert stands_alone(sentence) == alone


def test_quotation_marks_in_a_title_are_inner_ones() -> None:
    assert in_quotes('Court says "no" to “merger”') == "“Court says ‘no’ to ‘merger’”"


def test_who_posted_an_article_in_a_forum_is_no_source(engine: Engine) -> None:
    text = "Via:  some-body  •  11 months ago  •  19 comments\n\nThe mill of Grent burned down on Monday night, officials said."
    (Path(engine.settings.seeds) / "a.txt").write_text(f"The mill &amp; the fire\n\n{text}\n")
    engine.prepare()
    (article,) = engine.articles()
    assert article.metadata.via is None and article.metadata.title == "The mill & the fire"
