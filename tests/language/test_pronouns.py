"""What a sentence is read with: the one before it, where it leans on that."""

from __future__ import annotations

import pytest

from qabot.language.pronouns import BETWEEN, in_context

BEFORE = "Halvard Pharma has made a mouth spray."


@pytest.mark.parametrize(
    "sentence",
    [
        "The drug is used to treat the nervous system of patients.",
        "Analysts said that the move is aimed at winning over investors.",
        "It was approved in May.",
        "Ms Brekke, who leads Halvard Pharma, said that she was glad.",
    ],
)
def test_one_that_does_not_name_what_it_is_about_comes_before_the_one_that_does(sentence: str) -> None:
    assert in_context(BEFORE, sentence) == f"{sentence} | {BEFORE}"


@pytest.mark.parametrize(
    "sentence", ["Halvard Pharma sold the rights in May.", "Prices rose in all of Norvik.", "Nothing else happened."]
)
def test_one_that_names_it_or_points_to_nothing_is_read_alone(sentence: str) -> None:
    assert in_context(BEFORE, sentence) == sentence
    assert in_context("", "The drug is used to treat the nervous system of patients.").count("|") == 0


def test_of_a_long_one_the_beginning_is_kept() -> None:
    read = in_context("Halvard Pharma " * 30, "It was approved in May.")
    assert read.startswith("It was approved in May. | Halvard") and read.endswith(" ...") and len(read) < 200


def test_a_bar_within_the_sentence_does_not_part_it_from_what_follows() -> None:
    row = "It was approved in May | 1,200 patients | the spray"
    own, between, rest = in_context(BEFORE, row).partition(BETWEEN)
    assert between and rest == BEFORE and len(own) == len(row) and "1,200 patients" in own
    assert BETWEEN not in in_context("", row)
