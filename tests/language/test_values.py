from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qabot.language.values import differ, values_in


def _one(text: str):  # type: ignore[no-untyped-def]
    (value,) = values_in(text)
    return value


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("nearly $100 billion", "$113 billion"),
        ("$61.4 billion", "$24 billion"),
        ("14 people", "19 people"),
        ("41%", "24 percent"),
        ("on 8 March", "on March 6"),
        ("in 2009", "in 2011"),
        ("on Sunday", "on Saturday"),
        ("three passengers", "two passengers"),
        ("43,000 men", "61,000 men"),
    ],
)
def test_values_that_cannot_both_be_right_differ(one: str, other: str) -> None:
    assert differ(_one(one), _one(other)) and differ(_one(other), _one(one))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("$100 billion", "100 billion dollars"),
        ("nearly $100 billion", "$97 billion"),
        ("about 1,250 homes", "1,200 homes"),
        ("more than 200,000 casualties", "210,000 casualties"),
        ("12 killed", "30 wounded"),
        ("12 dead", "40 dead and wounded"),
        ("40,000 civilian casualties", "100,000 casualties"),
        ("$5 billion", "5 million euros"),
        ("$5 billion", "41%"),
        ("in March 2022", "on 8 March"),
        ("in 2022", "on 8 March"),
        ("half a million", "500,000"),
        ("twenty-three men", "23 men"),
        ("8 soldiers", "3 tanks"),
    ],
)
def test_values_that_agree_or_measure_other_things_do_not(one: str, other: str) -> None:
    assert not differ(_one(one), _one(other)) and not differ(_one(other), _one(one))


def test_a_value_is_shown_with_what_qualifies_it() -> None:
    text = "It cost more than $40 million to build."
    value = values_in(text)[0]
    assert text[value.said_from : value.end] == "more than $40 million"


@given(st.text(max_size=200))
def test_any_text_is_read_and_no_value_differs_from_itself(text: str) -> None:
    for value in values_in(text):
        assert 0 <= value.start < value.end <= len(text)
        assert not differ(value, value)
