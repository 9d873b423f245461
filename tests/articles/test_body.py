from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from qabot.articles import find_articles, read_article
from qabot.articles.body import mark_body
from tests.conftest import SHARED

REPORTING = (
    "The mayor of Arden opened the new bridge on Monday, three years after work on it began.\n\n"
    "It cost 40 million crowns, twice what was planned, according to a person familiar with the books.\n\n"
    "“Nobody will remember the price,” the mayor said.\n"
)


def kept(text: str) -> list[str]:
    return [text[block.start : block.end] for block in mark_body(text)[0]]


def reasons(text: str) -> dict[str, str]:
    return {text[span.start : span.end]: span.reason for span in mark_body(text)[1]}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("ARDEN, MIDLAND - MAY 4: The mayor of Arden during the opening of the new brid", "photo caption"),
        ("(Cover photo: The bridge in the morning. Photo: Agency/Ada Example)", "photo caption"),
        ("Photo: Ada Example", "photo caption"),
        ("bridge_opening-0423.jpg Ada Example", "photo caption"),
        ("Ada Example/Midland Pictures via Getty Images", "photo credit"),
        ("Add comment", "sharing and comment buttons"),
        ("Share this:", "sharing and comment buttons"),
        ("23 comments", "sharing and comment buttons"),
        ("Learn the perks of becoming a Midland Member and subscribe today!", "advertisement"),
        ("Sign up for our weekly newsletter", "advertisement"),
        ("Related: Ten Bridges That Fell", "link to another article"),
        ("Follow Ada Example on Twitter or write to aexample@midlandpost.com", "how to reach the author"),
        ("• Post category:News", "post meta"),
        ("Via: some-reader  •  3 months ago  •  12 comments", "post meta"),
        ("Published: May 5, 2023", "post meta"),
        ("Tags: bridges, Arden", "post meta"),
        ("R E P O S T E D", "decoration"),
        ("╌>", "decoration"),
    ],
)
def test_a_line_that_is_not_reporting_is_left_out_with_its_reason(line: str, reason: str) -> None:
    for text in (f"{REPORTING}\n{line}\n", f"{line}\n\n{REPORTING}"):
        assert reasons(text) == {line: reason}
        assert kept(text)[-3:] == kept(REPORTING)


@pytest.mark.parametrize(
    "sentence",
    [
        "The photo shows the mayor, who shared it on Twitter; 23 comments followed within 3 hours, officials said.",
        "Published reports say that the bridge, which Getty Images has pictures of, was built by volunteers in 2019.",
        "By Friday the river had risen by a metre, and the mayor told people to subscribe to the flood warnings.",
        "Related figures were not given.",
        "He replied to the council two months ago.",
    ],
)
def test_reporting_that_mentions_such_words_is_kept(sentence: str) -> None:
    text = f"{REPORTING}\n{sentence}\n"
    assert kept(text)[-1] == sentence and mark_body(text)[1] == ()


def test_what_follows_the_article_goes_and_its_last_paragraph_stays() -> None:
    end = "Check Also\n\nAnother Story Of The Day\n\nOfficials went on to talk about something else and the …\n"
    text = f"{REPORTING}\n{end}"
    assert kept(text)[-1] == "“Nobody will remember the price,” the mayor said."
    assert reasons(text) == {end.strip(): "end of the page"}


def test_a_label_above_most_of_the_article_is_a_heading_of_it() -> None:
    text = f"The opening.\n\nDiscussion\n\n{REPORTING}"
    assert mark_body(text)[1] == ()


def test_readers_comments_go_with_the_labels_above_them() -> None:
    comments = "".join(
        f"\nReader {n}\nSenior Member\n1.{n}  Reader {n}  replied to  Someone @1    2 months ago\n\nI never liked that bridge.\n"
        for n in range(5)
    )
    text = f"{REPORTING}\n\nPage - discussion\n[]\n{comments}\nWho is online\n\nReader 1\n\n12 visitors"
    assert kept(text) == kept(REPORTING)
    assert list(reasons(text).values()) == ["reader comments"]


def test_one_story_that_tells_of_days_ago_has_no_comments() -> None:
    text = f"{REPORTING}\nThe council met two days ago\n\nIt will meet again.\n"
    assert mark_body(text)[1] == ()


def test_a_repeated_title_and_standfirst_are_kept_once() -> None:
    lead = "Officials have begun to talk about the price of the bridge, according to two people at the table."
    text = f"Bridge Talks Begin\n\nBridge Talks Begin\n{lead}\n\nARDEN — {lead}\n\nThe talks go on.\n"
    assert kept(text) == ["Bridge Talks Begin", f"ARDEN — {lead}", "The talks go on."]


def test_headings_titles_and_quotes_without_a_full_stop_are_told_apart() -> None:
    text = (
        "Bridge opens in Arden\n\nThe mayor came.\n\nWho will pay?\n\nNobody knows.\n\n"
        "You have to build from a good plan. The river is now in the way\n\nargued the engineer.\n"
    )
    kinds = [block.kind for block in mark_body(text)[0]]
    assert kinds == ["title", "paragraph", "heading", "paragraph", "paragraph", "paragraph"]


def test_a_wrapped_paragraph_is_one_block_and_lines_of_their_own_are_many() -> None:
    wrapped = "The mayor of Arden opened the new bridge on Monday, three\nyears after work on it began, and said that nobody will\nremember the price of it."
    assert kept(f"{wrapped}\n\nThe end.\n") == [wrapped, "The end."]
    apart = "The mayor opened the bridge on Monday.\nIt cost 40 million crowns.\nNobody will remember that."
    assert len(kept(apart)) == 3


@settings(max_examples=300, deadline=None)
@given(text=st.text(alphabet=st.sampled_from("ab. \n\r\t#-•:\ufeff\xa0\x0c“A1"), max_size=200) | st.text(max_size=200))
@example(text="\ufeff# \n")
@example(text="x\r\n\r\ny 1 day ago\nz 1 day ago\nw 1 day ago")
def test_every_visible_character_is_in_one_span_and_spans_do_not_overlap(text: str) -> None:
    blocks, left_out = mark_body(text)
    spans = sorted((span.start, span.end) for span in (*blocks, *left_out))
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    assert all(0 <= start < end <= len(text) for start, end in spans)
    covered = {position for start, end in spans for position in range(start, end)}
    assert all(character.isspace() for position, character in enumerate(text) if position not in covered)
    for block in blocks:
        assert text[block.start : block.end].strip() == text[block.start : block.end]


@pytest.mark.parametrize("text", ["word " * 1_000_000, "A short line\n" * 200_000, "\n" * 2_000_000 + "x"])
def test_large_texts_take_seconds(text: str) -> None:
    began = time.monotonic()
    mark_body(text)
    assert time.monotonic() - began < 20  # a quadratic rule would take hours


LAST_WORDS = {
    "000": "in the new year.",
    "001": "everything they discussed.”",
    "002": "military official said.",
    "003": 'in terms of geopolitics."',
    "004": "their territory,” Kagan said.",
}


def test_of_the_scraped_articles_the_boilerplate_goes_and_the_last_paragraph_stays() -> None:
    if not (SHARED / "seeds").is_dir():
        pytest.skip("the scraped articles are not beside this checkout (../shared/seeds)")
    for file in find_articles(SHARED / "seeds"):
        article = read_article(SHARED / "seeds", file.path)
        shown = "\n".join(article.text[block.start : block.end] for block in article.blocks)
        assert shown.endswith(LAST_WORDS[file.path[:3]])
        for boilerplate in (
            "Getty",
            "Check Also",
            "Add comment",
            "Post category",
            "Cover photo",
            "replied to",
            "visitors",
        ):
            assert boilerplate not in shown, (file.path, boilerplate)


def test_of_encyclopedia_articles_nothing_goes() -> None:
    if not (SHARED / "devset").is_dir():
        pytest.skip("the devset is not beside this checkout (../shared/devset)")
    for file in find_articles(SHARED / "devset" / "seeds"):
        article = read_article(SHARED / "devset" / "seeds", file.path)
        assert article.left_out == ()
        assert article.blocks[0].kind == "title"
        assert all(block.kind == "paragraph" for block in article.blocks[1:])
