"""The articles that a question names."""

from __future__ import annotations

import pytest

from qabot.articles import Metadata
from qabot.index import StoredArticle
from qabot.questions.named import asked_of_outlet, authors_named, named_in

ARTICLES = [
    StoredArticle(1, "a", Metadata(title="Ferry burns off Norvik", outlet="Daily Courier", author="Ida Holm")),
    StoredArticle(2, "b", Metadata(title="Blaze on a ferry", outlet="NBC News", author="Jon Ek and Mia Lund")),
    StoredArticle(
        3, "c", Metadata(title="A retold report of a fire at sea", outlet="Ledger", via="NBC News, Politico")
    ),
    StoredArticle(4, "d", Metadata()),
]


@pytest.mark.parametrize(
    ("question", "paths"),
    [
        ("Who wrote the Daily Courier article?", "a"),
        ("what does nbc say about the fire?", "bc"),
        ("According to Politico, who died?", "c"),
        ("What does the Ledger say versus NBC?", "bc"),
        ("summarize Holm's piece", "a"),
        ("When was “Ferry burns off Norvik” published?", "a"),
        ("how many dead does the daily courier give", "a"),
        ("what do the Daily Courier and Politico say about the fire?", "ac"),
        ("How does NBC know about the talks?", ""),
        ("Why was NBC sued?", ""),
        ("What did Holm say?", ""),
        ("Who died in the fire?", ""),
    ],
)
def test_an_article_is_named_where_its_own_say_is_asked_for(question: str, paths: str) -> None:
    assert named_in(question, ARTICLES).paths == frozenset(paths)


def test_an_outlet_that_is_not_here_is_told_only_where_its_article_is_asked_for() -> None:
    assert named_in("Summarize the Guardian article", ARTICLES).missing == "Guardian"
    assert not named_in("What did the Mueller report say?", ARTICLES).missing
    assert not named_in("What did Newsweek report?", ARTICLES).missing


def test_a_question_is_asked_of_another_outlet() -> None:
    assert asked_of_outlet("How much is left?", "Breitbart") == "How much is left according to Breitbart?"
    assert asked_of_outlet("What does newsweek say of it?", "Breitbart") == "What does Breitbart say of it?"


def test_an_author_is_known_by_full_name() -> None:
    assert list(authors_named("Who is Mia Lund?", ARTICLES)) == ["Mia Lund"]
    assert not authors_named("Who is Lund?", ARTICLES)
