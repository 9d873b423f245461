from __future__ import annotations

import pytest

from qabot.articles.body import mark_body

REPORTING = (
    "The mayor of Arden opened the new bridge on Monday, three years after work on it began.\n\n"
    "It cost 40 million crowns, twice what was planned, according to a person familiar with the books.\n\n"
    "“Nobody will remember the price,” the mayor said.\n"
)


def kept(text: str) -> list[str]:
    return [text[block.start : block.end] for block in mark_body(text)[0]]


def test_headings_that_tell_how_long_ago_are_no_comment_section() -> None:
    headings = ["The bridge closed 3 months ago", "It opened again 2 years ago", "The mayor was chosen 5 years ago"]
    text = "\n\n".join(f"{heading}\n\nNobody knew of it, said official number {len(heading)}." for heading in headings)
    assert mark_body(text)[1] == () and len(kept(text)) == 6


@pytest.mark.parametrize(
    "stamp",
    ["{0}\n3 hours ago", "{0} • 3 hours ago", "{0} 3 hours ago", "1.2  {0}    3 hours ago", "{0} 3 hours ago Reply"],
)
def test_stamps_of_comments_in_several_forms_are_known(stamp: str) -> None:
    comments = "\n\n".join(f"{stamp.format(name)}\nI never liked it." for name in ("Ann", "Bob", "Cid"))
    assert kept(f"{REPORTING}\n{comments}\n") == kept(REPORTING)


def test_a_list_of_stories_with_times_is_not_all_comments() -> None:
    text = "\n\n".join(f"Bridge {number} opens\n{number} hours ago" for number in range(2, 6))
    assert kept(text)


def test_a_teaser_on_the_way_goes_and_the_article_below_it_stays() -> None:
    text = f"Check Also\n\nAnother Story\n\nOfficials went on to talk about something else …\n\n{REPORTING}"
    assert kept(text) == kept(REPORTING)


def test_a_credit_among_paragraphs_of_a_line_each_takes_none_of_them_along() -> None:
    before, after = "The mayor opened the bridge.", "It cost more than was planned."
    text = f"{before}\nIt is long.\nAda Example via Getty Images\n{after}\nThat is all."
    assert kept(text) == [before, "It is long.", after, "That is all."]


def test_a_credit_right_below_a_title_leaves_the_title() -> None:
    text = f"Bridge Opens\nAda Example via Getty Images\n\n{REPORTING}"
    assert kept(text) == ["Bridge Opens", *kept(REPORTING)]


def test_a_photographers_name_goes_with_the_caption_above_it() -> None:
    caption = (
        "ARDEN, MIDLAND - MAY 4: The mayor of Arden during the opening of the new brid\nAda Example/Midland Pictures"
    )
    assert kept(f"Bridge Opens\n\n{caption}\n\n{REPORTING}") == ["Bridge Opens", *kept(REPORTING)]


@pytest.mark.parametrize(
    "line", ["By Ada Example", "BY ADA EXAMPLE", "By Élodie Żak and Óscar O’Neil", "By Ada van Example | May 4"]
)
def test_bylines_of_any_alphabet_and_case_are_known(line: str) -> None:
    assert kept(f"Bridge Opens\n\n{line}\n\n{REPORTING}") == ["Bridge Opens", *kept(REPORTING)]


@pytest.mark.parametrize("headline", ["By Land And Sea", "By The Numbers", "By Air"])
def test_a_headline_that_starts_with_by_is_no_byline(headline: str) -> None:
    assert kept(f"{headline}\n\n{REPORTING}")[0] == headline


@pytest.mark.parametrize("apostrophe", ["'", "’"])
def test_a_button_is_known_with_either_apostrophe(apostrophe: str) -> None:
    line = f"Please let us know if you{apostrophe}re having issues with commenting."
    assert kept(f"{REPORTING}\n{line}\n") == kept(REPORTING)
