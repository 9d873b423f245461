from __future__ import annotations

import pytest

from qabot.articles.body import mark_body

WRAPPED = (
    "The mayor of Arden opened the new bridge on Monday, three\n"
    "years after work on it began, and said that nobody will\n"
    "remember the price of it."
)
SECOND = "The council met for the second time this year to talk\nabout the bridge and what it costs."


def kept(text: str) -> list[tuple[str, str]]:
    return [(block.kind, text[block.start : block.end]) for block in mark_body(text)[0]]


def test_a_title_right_above_a_wrapped_paragraph_stays_apart() -> None:
    assert kept(f"Bridge Opens\n{WRAPPED}\n") == [("title", "Bridge Opens"), ("paragraph", WRAPPED)]


def test_wrapped_paragraphs_without_blank_lines_end_at_their_short_lines() -> None:
    assert kept(f"{WRAPPED}\n{SECOND}\nThat is all.") == [
        ("paragraph", WRAPPED),
        ("paragraph", SECOND),
        ("paragraph", "That is all."),
    ]


def test_a_wrapped_paragraph_goes_on_past_a_sentence_that_fills_its_line() -> None:
    text = "The mayor of Arden opened the new bridge on Monday at noon.\nEverybody came to see it and was glad of it, officials\nsaid."
    assert kept(text) == [("paragraph", text)]


def test_lines_that_stop_where_sentences_do_are_paragraphs_of_their_own() -> None:
    lines = [
        "The mayor opened the new bridge in the town of Arden on Monday.",
        "It cost 40 million crowns, according to one of its engineers.",
        "Nobody in the town will remember that, said the mayor of it.",
    ]
    assert [text for _, text in kept("\n".join(lines))] == lines


@pytest.mark.parametrize("marker", ["- ", "* ", "• ", "1. ", "2) ", "> ", "| "])
def test_items_of_a_list_are_not_joined(marker: str) -> None:
    items = [
        f"{marker}the bridge over the river in the town of Arden",
        f"{marker}the road from the bridge to the harbour",
    ]
    assert [text for _, text in kept(f"Two works.\n\n{items[0]}\n{items[1]}\n\nThe end.")][1:3] == items


def test_labels_above_one_another_are_read_one_by_one() -> None:
    text = f"Bridge Opens\n\nSource: Midland Post\nPosted on 4 Nov 2023\nUpdated November 6, 2023\n\n{WRAPPED}"
    assert [text[span.start : span.end] for span in mark_body(text)[1]] == [
        "Source: Midland Post",
        "Posted on 4 Nov 2023",
        "Updated November 6, 2023",
    ]


def test_an_underlined_heading_is_a_heading_without_its_line() -> None:
    blocks = kept(f"Bridge Opens\n\n{WRAPPED}\n\nWhat it costs\n-------------\n\n{SECOND}\n")
    assert ("heading", "What it costs") in blocks and not any("---" in text for _, text in blocks)
