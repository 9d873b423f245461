from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qabot.articles import Article, Metadata, find_articles, read_article
from qabot.articles.body import mark_body
from qabot.passages import split_passages
from tests.conftest import ROOT, SHARED


def article(text: str) -> Article:
    blocks, left_out = mark_body(text)
    return Article("a.txt", text, Metadata(), blocks, left_out, "")


def sentences(text: str) -> list[str]:
    return [passage.sentence(text) for passage in split_passages(article(text))]


@pytest.mark.parametrize(
    "text",
    [
        "Gen. Mark Milley met Mr. Burns at 3 p.m. in the U.S. embassy.|He left at noon.",
        "The U.S. sent $61.4 billion.|Russia fired 2.5 million rounds, said J. Smith of St. Petersburg.",
        "It ended on Jan. 5, 2023, No. 10 said.|Dr. Who agreed.",
    ],
)
def test_abbreviations_do_not_end_a_sentence(text: str) -> None:
    assert sentences(text.replace("|", " ")) == text.split("|")


def test_a_passage_is_a_sentence_with_its_neighbours_and_no_more() -> None:
    text = "First one here. Second one here. Third one here.\n\nFourth one here.\n"
    windows = [passage.window(text) for passage in split_passages(article(text))]
    assert windows[0] == "First one here. Second one here."
    assert windows[1] == "First one here. Second one here. Third one here."
    assert windows[2] == "Second one here. Third one here.\n\nFourth one here."


def test_a_window_spans_neither_a_heading_nor_what_is_left_out() -> None:
    text = "One is said here.\n\nA Heading\n\nTwo is said here.\n\nShare this\n\nThree is said here.\n"
    passages = split_passages(article(text))
    assert [passage.window(text) for passage in passages] == [
        "One is said here.",
        "Two is said here.",
        "Three is said here.",
    ]
    assert len({passage.section for passage in passages}) == 3


def test_title_and_heading_are_context_and_not_quoted() -> None:
    text = "Bridge opens in Arden\n\nThe mayor came.\n\nWho will pay?\n\nNobody knows.\n"
    first, second = split_passages(article(text))
    assert (first.context, second.context) == ("Bridge opens in Arden", "Bridge opens in Arden\nWho will pay?")
    assert second.embedded(text).startswith("Bridge opens in Arden\nWho will pay?\n")
    assert second.window(text) == "Nobody knows."


def test_a_text_of_nothing_but_a_headline_is_still_searched() -> None:
    assert sentences("# Bridge opens in Arden\n") == ["Bridge opens in Arden"]


def test_a_line_of_two_megabytes_is_cut_into_pieces_that_can_be_shown() -> None:
    text = "word " * 400_000
    passages = split_passages(article(text))
    assert all(passage.end - passage.start <= 600 for passage in passages)
    assert "".join(passage.sentence(text) for passage in passages).count("word") == 400_000


@settings(max_examples=200, deadline=None)
@given(text=st.text(alphabet=st.sampled_from("ab. \n\r#?!“”A1\ufeff\xa0"), max_size=300) | st.text(max_size=300))
def test_every_span_is_inside_the_text_in_order_and_trimmed(text: str) -> None:
    end = 0
    for number, passage in enumerate(split_passages(article(text))):
        assert passage.ordinal == number and end <= passage.start < passage.end <= len(text)
        assert passage.sentence(text) == passage.sentence(text).strip() != ""
        assert passage.window_start <= passage.start and passage.end <= passage.window_end
        end = passage.end


@pytest.mark.parametrize(
    "folder", [ROOT / "seeds", SHARED / "seeds", SHARED / "devset" / "seeds"], ids=["own", "scraped", "devset"]
)
def test_every_passage_of_every_file_stands_in_the_decoded_file(folder: Path) -> None:
    if not folder.is_dir():
        pytest.skip(f"{folder.parent.name}/{folder.name} is not beside this checkout")
    for file in find_articles(folder):
        decoded = (folder / file.path).read_bytes().decode("utf-8")
        read = read_article(folder, file.path)
        assert read.text == decoded
        for passage in split_passages(read):
            assert decoded[passage.start : passage.end] == passage.sentence(decoded)
