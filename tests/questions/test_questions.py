from __future__ import annotations

import pytest

from qabot.answers.prefer import narrowed
from qabot.articles import Metadata
from qabot.index import StoredArticle
from qabot.language.answer_type import answer_type, is_of_kind, offers
from qabot.questions.about import about_the_bot
from qabot.questions.each import each_of
from qabot.questions.parts import parts_of, stands_alone
from qabot.questions.period import period_of
from qabot.questions.reword import reworded
from qabot.questions.several import asks_for_several, subject_of
from qabot.retrieval import Filters


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Who said it?", "person"),
        ("When did it begin?", "date"),
        ("In what year was it founded?", "date"),
        ("How many men were lost?", "number"),
        ("How much money has been spent?", "money"),
        ("How much did the bridge cost?", "money"),
        ("What are the aid figures?", "money"),
        ("how much does she want", "money"),
        ("how much is microsoft after?", "money"),
        ("how much did sales rise after the storm?", "number"),
        ("Where did they meet?", "place"),
        ("Why did he leave?", "reason"),
        ("What did the report conclude?", "other"),
    ],
)
def test_the_kind_of_answer_asked_for(question: str, kind: str) -> None:
    assert answer_type(question) == kind


def test_a_sentence_offers_what_it_holds() -> None:
    assert offers("It cost $40 million.", "money") and not offers("It cost a lot.", "money")
    assert offers("They met in Ankara on Tuesday.", "date") and not offers("They met again.", "date")
    assert is_of_kind("two officials", "person") and not is_of_kind("very slowly", "person")


@pytest.mark.parametrize(
    ("question", "subject"),
    [
        ("Which casualty figures do the articles give for Ukraine?", "Which casualty figures for Ukraine?"),
        ("How do the losses differ between the articles?", "What are the losses?"),
        ("How do the outlets differ on whether the mayor is pressing Arden?", "Is the mayor pressing Arden?"),
        ("- list the losses", "What are the losses?"),
        ("What do the articles say about losses?", "What is said about losses?"),
        ("What sums did Biden ask for in the different articles?", "What sums did Biden ask for?"),
    ],
)
def test_a_list_question_is_searched_by_its_subject(question: str, subject: str) -> None:
    assert asks_for_several(question) and subject_of(question) == subject


@pytest.mark.parametrize(
    "question", ["What do Western officials say about costs?", "And how many did it fire?", "What is a conscript?"]
)
def test_a_question_for_one_thing_is_no_list(question: str) -> None:
    assert not asks_for_several(question)


@pytest.mark.parametrize(
    ("question", "about"),
    [
        ("hello", "greeting"),
        ("Hi there!", "greeting"),
        ("What can you answer?", "help"),
        ("Which articles do you have?", "articles"),
        ("thanks", "thanks"),
        ("Who helped Ukraine?", None),
        ("What can NATO do?", None),
        ("Which articles did Politico publish?", None),
    ],
)
def test_questions_about_the_bot_are_told_from_questions_about_the_news(question: str, about: str | None) -> None:
    assert about_the_bot(question) == about


@pytest.mark.parametrize(
    ("question", "read"),
    [
        ("is it true that the port was sold?", "the port was sold?"),
        ("What job does Ann Poole have?", "Who is Ann Poole?"),
        ("what's poole's role?", "Who is poole?"),
        ("what is the role of the port?", "what is the role of the port?"),
        ("What does the Courier article say about the fire?", "What is said about the fire?"),
        ("What did the Courier report?", "What did the Courier report?"),
    ],
)
def test_a_question_is_read_in_the_words_that_sentences_answer(question: str, read: str) -> None:
    assert reworded(question, of_articles=True) == read


@pytest.mark.parametrize(
    ("question", "each"),
    [
        ("What did Poole and Mayer say about the ferry?",
         ["What did Poole say about the ferry?", "What did Mayer say about the ferry?"]),
        ("difference between what poole and mayer want", ["what does poole want?", "what does mayer want?"]),
        ("What's the difference between Ann Poole, Mayer and the US on aid?",
         ["What does Ann Poole say about aid?", "What does Mayer say about aid?", "What does the US say about aid?"]),
        ("how do poole and mayer differ on aid", ["What does poole say about aid?", "What does mayer say about aid?"]),
        ("Norvik vs Corvo", ["Norvik?", "Corvo?"]),
        ("compare the requests for $61.4, $38 and $24 billion",
         ["the requests for $61.4 billion?", "the requests for $38 billion?", "the requests for $24 billion?"]),
        ("How many Norvikers and Corvans died?", ["How many Norvikers died?", "How many Corvans died?"]),
        ("Who met Poole and Mayer?", []),
        ("compare Poole, Mayer, Norvik, Corvo and Norvikers", []),
        ("compare Poole, Poole, Poole, Poole, Poole and Mayer on aid",
         ["What does Poole say about aid?", "What does Mayer say about aid?"]),
        ("What did Poole and Mayer agree?", []),
        ("difference between war and peace", []),
        ("What did Poole say and want?", []),
        ("compare the outlets on aid", []),
    ],
)  # fmt: skip
def test_what_is_compared_is_asked_one_by_one(question: str, each: list[str]) -> None:
    known = {"poole", "mayer", "norvik", "corvo", "norvikers", "corvans"}
    found = each_of(question, known.__contains__, lambda name: name not in ("Norvik", "Corvo"))
    assert found == each


def test_a_question_of_two_parts_is_cut_in_two() -> None:
    assert parts_of("Who resigned, and when did it happen?") == ["Who resigned?", "when did it happen?"]
    assert parts_of("Who met Burns and Naryskin?") == ["Who met Burns and Naryskin?"]


def _article(number: int, published: str | None) -> StoredArticle:
    return StoredArticle(number, f"{number}.md", Metadata(published=published))


@pytest.mark.parametrize(
    ("part", "alone"), [("why?", False), ("when was it said?", False), ("for how much?", False), ("who died?", True)]
)
def test_a_part_without_a_word_of_its_own_is_no_question(part: str, alone: bool) -> None:
    assert stands_alone(part) is alone


def test_a_time_of_reporting_narrows_by_date_and_leaves_undated_articles_out() -> None:
    articles = [_article(1, "2022-11-16"), _article(2, "2023-11-04"), _article(3, None)]
    wanted, note = narrowed(Filters(), period_of("What was reported in November 2023?"), articles)
    assert (wanted.since, wanted.until, note) == ("2023-11", "2023-11", "")
    wanted, note = narrowed(Filters(), period_of("Which articles were published before 2023?"), articles)
    assert (wanted.since, wanted.until, note) == (None, "2022", "")


def test_a_narrowing_that_leaves_nothing_is_dropped_and_said() -> None:
    wanted, note = narrowed(Filters(), period_of("What was reported in May 1999?"), [_article(1, None)])
    assert wanted == Filters() and "May 1999" in note


@pytest.mark.parametrize(
    ("question", "since", "until"),
    [
        ("What happened before 4 November 2023?", None, "2023-11-03"),
        ("What happened after December 2022?", "2023-01", None),
        ("What happened since 2022?", "2022", None),
        ("What happened in March 2022?", "2022-03", "2022-03"),
        ("What happened since Nov 2023?", "2023-11", None),
        ("What happened after Dec. 2022?", "2023-01", None),
        ("What happened before 4 Nov 2023?", None, "2023-11-03"),
        ("What happened before the end of 2022?", None, "2022"),
        ("What happened before the beginning of 2022?", None, "2021"),
        ("What happened after the beginning of 2023?", "2023", None),
        ("What happened after the end of March 2022?", "2022-04", None),
        ("What happened since the end of 2022?", "2022-12", None),
        ("What happened before the summer of 2022?", None, "2022-05"),
        ("What happened after the summer of 2022?", "2022-09", None),
        ("What happened in the winter of 2022?", "2022-12", "2023-02"),
    ],
)
def test_what_a_question_says_of_time(question: str, since: str | None, until: str | None) -> None:
    period = period_of(question)
    assert period is not None and (period.since, period.until) == (since, until)


@pytest.mark.parametrize(
    "question", ["Who is in the house of 20 men?", "They may 5 times, by law", "What was it like before the summer?"]
)
def test_a_question_without_a_time_has_none(question: str) -> None:
    assert period_of(question) is None
