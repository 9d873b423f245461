"""Collections of questions in the formats that they are published in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from qabot.evaluation.training_pairs import TrainingArticle, read_squad
from qabot.evaluation.training_sources import (
    joined,
    read_multi_span_qa,
    read_qa_discourse,
    read_qamr,
    read_qed,
    read_selqa,
)


@pytest.mark.parametrize(
    ("tokens", "text"),
    [
        ("It 's the yard 's , not ours -LRB- yet -RRB- .", "It's the yard's, not ours (yet)."),
        ("He did n't say `` no '' to $ 40 , did he ?", 'He didn\'t say "no" to $40, did he?'),
        ("a ship - builder -- the last", "a ship-builder - the last"),
    ],
)
def test_tokens_are_joined_as_people_write(tokens: str, text: str) -> None:
    assert joined(tokens) == text


def _asked(articles: list[TrainingArticle]) -> list[tuple[str, str]]:
    """Each question with what stands where its answer is said to."""
    found = []
    for article in articles:
        for question in article.questions:
            for words, paragraph, at in question.answers:
                assert article.paragraphs[paragraph][at : at + len(words)] == words
                found.append((question.text, words))
    return found


def test_selqa_tells_which_sentence_answers(tmp_path: Path) -> None:
    rows = [
        {"article": "Norvik", "question": "Who built it?", "candidates": ["It is old.", "Masons built it."], "answers": [1]},
        {"article": "Norvik", "question": "Why?", "candidates": ["It is old.", "It fell."], "answers": [0, 1]},
    ]  # fmt: skip
    file = tmp_path / "ass.json"
    file.write_text(json.dumps(rows))
    articles = read_selqa(file)
    assert _asked(articles) == [("Who built it?", "Masons built it.")]
    assert not articles[0].questions[0].words_known


def test_qed_tells_the_words_of_one_sentence(tmp_path: Path) -> None:
    sentence = "It was built by masons , in 1962 . "

    def row(kind: str) -> str:
        answer = [{"paragraph_reference": {"string": "masons , in 1962"}}]
        annotation = {"explanation_type": kind, "answer": answer, "selected_sentence": {"string": sentence}}
        paragraph = "The quay is old . " + sentence
        own = {"title_text": "Quay", "question_text": f"who built it {kind}", "paragraph_text": paragraph}
        return json.dumps(own | {"annotation": annotation})

    file = tmp_path / "qed.jsonlines"
    file.write_text(row("single_sentence") + "\n" + row("none") + "\n")
    assert _asked(read_qed(file)) == [("who built it single_sentence", "masons, in 1962")]


def test_of_several_answers_all_have_to_stand_in_one_sentence(tmp_path: Path) -> None:
    def row(question: str, label: str) -> dict[str, object]:
        context = "Old . Ada and Jon built it . It fell .".split()
        return {"question": question.split(), "context": context, "label": label.split()}

    rows = [row("who built it", "O O B O B O O O O O O"), row("what happened", "O O B O O O O O O B O")]
    file = tmp_path / "valid.json"
    file.write_text(json.dumps({"data": rows}))
    assert _asked(read_multi_span_qa(file)) == [("who built it", "Ada and Jon")]


def test_qamr_keeps_what_two_agree_on_and_the_sentence_has_words_of(tmp_path: Path) -> None:
    (tmp_path / "wiki-sentences.tsv").write_text(
        "Wiki1k:wikinews:7:1:0\tIt fell .\nWiki1k:wikinews:7:0:0\tMasons built the quay in 1962 .\n"
    )

    def row(question: str, answer: str, *judged: str) -> str:
        return "\t".join(["Wiki1k:wikinews:7:0:0", "0", "1", "0", "0", question, answer, *judged])

    rows = [
        row("When did masons build the quay?", "5", "2:5", "3:4 5"),
        row("Who built the quay?", "0", "2:5", "3:4"),
        row("Who built?", "0", "2:0", "3:0"),
    ]
    (tmp_path / "dev.tsv").write_text("\n".join(rows) + "\n")
    articles = read_qamr(tmp_path)
    assert [article.paragraphs for article in articles] == [("Masons built the quay in 1962.\nIt fell.\n",)]
    assert _asked(articles) == [("When did masons build the quay?", "1962")]


def test_reasons_and_manners_are_asked_for_as_people_do(tmp_path: Path) -> None:
    rows = [
        "qasrl_id\tsentence\tfull_question\tanswer",
        "Wiki1k:wikinews:7:0:0\tMasons closed the old quay because it was flooded .\tWhat is the reason masons closed the old quay\tit was flooded",
        "Wiki1k:wikinews:7:0:0\tMasons closed the old quay because it was flooded .\tIn what manner did masons close the old quay\tslowly",
        "Wiki1k:wikinews:7:0:0\tMasons closed the old quay because it was flooded .\t_ they\tit was flooded",
    ]
    file = tmp_path / "dev.tsv"
    file.write_text("\n".join(rows) + "\n")
    articles = read_qa_discourse(file)
    assert [article.paragraphs for article in articles] == [("Masons closed the old quay because it was flooded.\n",)]
    assert _asked(articles) == [("Why masons closed the old quay", "it was flooded")]


def test_posts_are_articles_of_a_paragraph(tmp_path: Path) -> None:
    asked = {"question": "Who fell?", "answers": [{"text": "Ada", "answer_start": 0}]}
    paragraphs = [{"context": "Ada fell.", "qas": [asked]}, {"context": "Jon rose.", "qas": []}]
    file = tmp_path / "posts.json"
    file.write_text(json.dumps({"data": [{"title": "posts", "paragraphs": paragraphs}]}))
    assert [len(article.paragraphs) for article in read_squad(file)] == [2]
    assert [article.paragraphs for article in read_squad(file, apart=True)] == [("Ada fell.",), ("Jon rose.",)]
