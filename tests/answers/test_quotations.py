from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qabot.answers.candidates import FEATURES, Candidate, SentenceFeatures
from qabot.answers.compose import Quoted, compose, in_reading_order, nearest, quoted
from qabot.articles import Article, Metadata
from qabot.articles.body import mark_body
from qabot.index import StoredArticle
from qabot.passages import split_passages
from qabot.retrieval import Hit, ScoredSentence


def candidates(text: str, first: int = 0, count: int | None = None) -> list[Candidate]:
    """Every sentence of the text's passages from ``first`` on, as one hit's."""
    blocks, left_out = mark_body(text)
    passages = split_passages(Article("a.txt", text, Metadata(), blocks, left_out, ""))[first:][:count]
    if not passages:
        return []
    sentences = tuple(
        ScoredSentence(p.start, p.end, 0.5, None, frozenset(), p.paragraph, p.said_by, p.denies, p.announces, n)
        for n, p in enumerate(passages, first)
    )
    start, end = passages[0].start, passages[-1].end
    hit = Hit(StoredArticle(1, "a.txt", Metadata()), start, end, text[start:end], 0.5, 0.5, sentences)
    found = []
    for n, sentence in enumerate(sentences):
        before = sentences[n - 1] if n and sentences[n - 1].paragraph == sentence.paragraph else None
        found.append(
            Candidate(
                hit,
                sentence,
                text[sentence.start : sentence.end],
                text[before.start : before.end] if before else "",
                SentenceFeatures(*[0.0] * len(FEATURES)),
                before_start=before.start if before else sentence.start,
            )
        )
    return found


def shown_for(text: str, sentence: int) -> Quoted:
    return quoted(candidates(text)[sentence])


def balanced(text: str) -> bool:
    depth = 0
    for character in text:
        depth += (character == "“") - (character == "”")
        if depth not in (0, 1):
            return False
    return depth == 0 and text.count('"') % 2 == 0


LONG = "This is a long sentence about the bridge of Arden and about all that was said of it in the council. " * 6


@pytest.mark.parametrize(
    ("text", "sentence", "shown"),
    [
        ("“It is open. We are glad,” Ann Poole said.", 0, "“It is open. We are glad,” Ann Poole said."),
        ("“It is open,” Ann Poole said. “We are glad.”", 1, "[Ann Poole:] “We are glad.”"),
        (
            "“It is open,” said Ann Poole. “We are glad,” she added.",
            1,
            "“We are glad,” she [Ann Poole] added.",
        ),
        ("“It is open. " + LONG.strip() + "” said Ann Poole.", 0, "[Ann Poole:] “It is open.”"),
        (
            "You have to be strong. Arden is ready\n\nargued the four-star general.",
            2,
            "You have to be strong. Arden is ready argued the four-star general.",
        ),
        (
            "Gen. Ann Poole came.\n\nIt is open, the general said.",
            1,
            "It is open, the general [Ann Poole] said.",
        ),
        ("Ann Poole said:\n\n“It is open.”", 0, "Ann Poole said: “It is open.”"),
        ("Ann Poole said:\n\n“It is open.”", 1, "Ann Poole said: “It is open.”"),
        ("The bridge is open, Ann Poole said.", 0, "The bridge is open, Ann Poole said."),
    ],
)
def test_a_quotation_is_shown_whole_and_with_who_says_it(text: str, sentence: int, shown: str) -> None:
    found = shown_for(text + "\n", sentence)
    assert found.text == shown
    assert text[found.start : found.end] == found.quote


def test_the_speaker_travels_with_the_statement_and_what_is_added_is_marked() -> None:
    found = shown_for("“It is open,” Ann Poole said. “We are glad.”\n", 1)
    statements, citations = compose([found])
    assert statements[0].speaker == "Ann Poole"
    assert [statements[0].text[span.start : span.end] for span in statements[0].added] == ["[Ann Poole:]"]
    assert citations[0].quote == "“We are glad.”"


def test_a_word_that_opens_a_sentence_is_nobody() -> None:
    text = "However, Ann Poole came to Arden bridge in the rain on Monday. She left.\n"
    assert "[However" not in shown_for(text, 1).text


_PIECES = st.sampled_from(
    ["“It is open.", "“It is open,”", "We are glad.", "It will stay.”", "“No.”", "Ann Poole said.", "he said.", "It rained.",
     "\n\n", "He left Arden.", "She added:", "argued the general.", "“Why?", "the mayor told the Herald.", "[1]", "”"]
)  # fmt: skip


def test_nothing_is_quoted_where_an_article_begins() -> None:
    text = 'Ann Poole says she builds a boat. It is not " very large, but it floats," she said.\n'
    assert "“" not in shown_for(text, 0).text and not shown_for(text, 0).text.startswith('"')


def test_a_quotation_after_one_that_was_never_closed_gets_no_second_mark() -> None:
    (first, *_) = candidates('"It is open, she said.\n\n"It is our right to use the colour," he said.\n', 1)
    assert nearest(first)[0][0].text.startswith('"It is our')


@settings(max_examples=400, deadline=None)
@given(
    pieces=st.lists(_PIECES, min_size=1, max_size=14),
    first=st.integers(0, 4),
    count=st.integers(1, 8),
    straight=st.booleans(),
)
def test_quotation_marks_are_balanced_in_whatever_is_shown(
    pieces: list[str], first: int, count: int, straight: bool
) -> None:
    text = " ".join(pieces) + "\n"
    text = text.replace("“", '"').replace("”", '"') if straight else text
    found = candidates(text, first, count)
    quotes = in_reading_order([quoted(candidate) for candidate in found])
    statements = [*compose(quotes)[0], *(statement for one in found for statement in nearest(one)[0])]
    for statement in statements:
        assert balanced(statement.text), statement.text
        assert all(statement.text[span.start : span.end].strip() for span in statement.added)
    for quote in quotes:
        assert text[quote.start : quote.end] == quote.quote
        kept = quote.text
        for span in reversed(quote.added):
            kept = kept[: span.start] + kept[span.end :]
        kept, own = (re.sub(r"\s|\[1\]|\(1\)", "", words) for words in (kept, quote.quote))
        assert kept == own
