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
        ("£5.5bn", "£5.5"),
        ("€68m", "€72m"),
        ("between 50 and 60 people", "70 people"),
    ],
)
def test_values_that_cannot_both_be_right_differ(one: str, other: str) -> None:
    assert differ(_one(one), _one(other)) and differ(_one(other), _one(one))


def test_a_length_is_no_number_of_anything() -> None:
    assert not differ(_one("beyond 6km"), _one("five million people"))


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
        ("1.4 million", "1.4m"),
        ("£3m", "£3 million"),
        ("$5bn", "5 billion dollars"),
        ("253m euros", "€253m"),
        ("between 50 and 60 people", "55 people"),
        ("50 to 60 people", "55 people"),
        ("$5-6 billion", "$5.5bn"),
        ("8 soldiers", "3 tanks"),
        ("$6.8bn", "$6.75bn"),
        ("2%", "1.7%"),
    ],
)
def test_values_that_agree_or_measure_other_things_do_not(one: str, other: str) -> None:
    assert not differ(_one(one), _one(other)) and not differ(_one(other), _one(one))


@pytest.mark.parametrize("text", ["between 50 and 60", "$5bn", "50-60 tanks", "between $5bn and $6bn", "8-9%"])
def test_a_range_and_a_scale_are_of_one_value(text: str) -> None:
    value = _one(f"It was {text} in all.".replace("tanks in", "tanks, in"))
    assert f"It was {text} in all."[value.said_from : value.end] in text and value.low > 0


@pytest.mark.parametrize("text", ["They may 5 times leave.", "We march 8 miles.", "He may 12 hours later go."])
def test_a_verb_is_no_month(text: str) -> None:
    assert all(value.kind != "date" for value in values_in(text))


def test_a_change_is_two_values_and_the_unit_is_kept() -> None:
    assert len(values_in("It rose from 50 to 60 people.")) == 2
    assert [(value.unit, value.high) for value in values_in("It cost between 5 and 6 million euros.")] == [("€", 6e6)]
    assert [value.unit for value in values_in("It hired 50 to 60 people.")] == ["people"]


def test_a_value_is_shown_with_what_qualifies_it() -> None:
    text = "It cost more than $40 million to build."
    value = values_in(text)[0]
    assert text[value.said_from : value.end] == "more than $40 million"


@given(st.text(max_size=200))
def test_any_text_is_read_and_no_value_differs_from_itself(text: str) -> None:
    for value in values_in(text):
        assert 0 <= value.start < value.end <= len(text)
        assert not differ(value, value)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("It began on may 5.", (None, 5, 5)),
        ("It began in may, they said.", (None, 5, None)),
        ("It began on 5 Nov. 2023.", (2023, 11, 5)),
        ("It was signed on Sept. 3.", (None, 9, 3)),
    ],
)
def test_a_month_is_read_in_any_case_and_short_form(text: str, parts: tuple[int | None, ...]) -> None:
    assert [value.parts for value in values_in(text) if value.kind == "date"] == [parts]


@pytest.mark.parametrize("text", ["They may 5 times do so.", "The men march 20 miles.", "It said 5 may be lost."])
def test_a_verb_that_looks_like_a_month_is_no_date(text: str) -> None:
    assert not [value for value in values_in(text) if value.kind == "date"]
