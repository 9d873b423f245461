from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qabot.passages.sentences import sentence_spans


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text, 0, len(text))]


@pytest.mark.parametrize(
    "text",
    [
        "The mayor warned U.S. Secretary of Trade Ann Poole about it.|He left.",
        "They left the U.S.|The army stayed.",
        "He met Lt. Gen. Lee and Brig. Gen. Pat Rowe.|It rained.",
        "Poole & Co. Chairman Lee came.|He sold Poole Inc.|Then it failed.",
        "It opened at 9 a.m. Monday.|It closed at 5 p.m.|The mayor came.",
        "It was Sept. 11 in Arden.|It was No. 5 of ten.",
    ],
)
def test_a_full_stop_that_abbreviates_does_not_end_a_sentence(text: str) -> None:
    assert sentences(text.replace("|", " ")) == text.split("|")


@pytest.mark.parametrize(
    "text",
    [
        "“Should we go now? or never?” she said.|She left.",
        "He cried “Wow! what a day” and left.|It rained.",
        "They asked: what is a dog? and what is a cat?|Nobody knew.",
    ],
)
def test_a_sentence_goes_on_in_lower_case(text: str) -> None:
    assert sentences(text.replace("|", " ")) == text.split("|")


def test_closing_marks_stay_with_what_they_close() -> None:
    assert sentences("The bridge is open. ” He left. It is “new. ”\n") == [
        "The bridge is open. ”",
        "He left.",
        "It is “new. ”",
    ]


def test_sentences_without_a_space_between_them_are_two() -> None:
    assert sentences("They ended the talks.The mayor left Arden.Then it rained.") == [
        "They ended the talks.",
        "The mayor left Arden.",
        "Then it rained.",
    ]


@pytest.mark.parametrize("name", ["Halo.Bungie.Org", "Bagle.AT", "One.Tel", "example.Com", "Yahoo!News"])
def test_a_full_stop_in_a_name_cuts_nothing(name: str) -> None:
    assert sentences(f"They wrote about {name} on Monday.") == [f"They wrote about {name} on Monday."]


_WORDS = st.sampled_from(
    ["U.S.", "Gen.", "a.m.", "Inc.", "No.", "5", "The", "talks.The", "mayor", "Poole", "said.", "“We", "go?", "or", "”",
     '"', ")", "(it", "…", "stop!", "iPod", "\n", "'"]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(text=st.lists(_WORDS, max_size=40).map(" ".join) | st.text(max_size=200))
def test_spans_are_in_order_and_hold_all_that_is_no_white_space(text: str) -> None:
    end = 0
    for start, stop in sentence_spans(text, 0, len(text)):
        assert end <= start < stop
        assert not text[end:start].strip()
        end = stop
    assert not text[end:].strip()


@pytest.mark.parametrize("data", ["a’", "abc'", "!", "a!", "a.”", "U.S.", "”", "a,b;", "他说。"])
def test_what_is_no_language_is_cut_in_seconds(data: str) -> None:
    text = data * (100_000 // len(data))
    began = time.monotonic()
    spans = list(sentence_spans(text, 0, len(text)))
    assert time.monotonic() - began < 8  # a second; before a word's length was limited, ten to fifty
    assert spans[0][0] == 0 and spans[-1][1] == len(text)
