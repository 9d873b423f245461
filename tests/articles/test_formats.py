from __future__ import annotations

import io
from pathlib import Path

import pytest

from qabot.articles import Article, read_article
from qabot.errors import ArticleError
from tests.articles.test_read import pdf

PARAGRAPHS = "".join(
    f"<p>The council of Arden met for the {which} time and said that the bridge would cost more than planned.</p>"
    for which in ("first", "second", "third", "fourth", "fifth")
)


def read(folder: Path, name: str, content: bytes) -> Article:
    (folder / name).write_bytes(content)
    return read_article(folder, name)


def html(folder: Path, body: str, *, encoding: str = "utf-8", head: str = "") -> Article:
    page = f'<html lang="en-GB"><head>{head}</head><body><article><h1>Bridge Opens</h1>{PARAGRAPHS}{body}</article></body></html>'
    return read(folder, "a.html", page.encode(encoding))


def test_words_of_a_page_are_quoted_as_they_are_read(tmp_path: Path) -> None:
    article = html(
        tmp_path,
        "<h2>What it costs</h2><p>A <b>bold</b> plan, *starred* and snake_case, said<br>the mayor &amp; others.</p>",
    )
    kinds = {article.text[block.start : block.end]: block.kind for block in article.blocks}
    assert kinds["Bridge Opens"] == "title" and kinds["What it costs"] == "heading"
    assert kinds["A bold plan, *starred* and snake_case, said the mayor & others."] == "paragraph"


def test_lists_quotes_and_tables_of_a_page_are_read_once(tmp_path: Path) -> None:
    article = html(
        tmp_path,
        "<ul><li>One <i>lane</i> for buses</li><li>Two for the rest of them</li></ul>"
        "<blockquote><p>Nobody will remember the price.</p></blockquote>"
        "<table><tr><td>Price</td><td>40 million</td></tr></table>",
    )
    for words in (
        "One lane for buses",
        "Two for the rest of them",
        "Nobody will remember the price.",
        "Price | 40 million",
    ):
        assert article.text.count(words) == 1


def test_the_language_is_the_pages_and_a_date_in_the_reporting_is_not_its_own(tmp_path: Path) -> None:
    metadata = html(tmp_path, "<p>On November 18, 2021 the bridge was not there yet, said the mayor.</p>").metadata
    assert (metadata.language, metadata.published) == ("en-GB", None)


def test_a_page_is_decoded_as_it_says(tmp_path: Path) -> None:
    article = html(
        tmp_path, "<p>Łódź pays for its own bridge.</p>", encoding="iso-8859-2", head='<meta charset="iso-8859-2">'
    )
    assert "Łódź pays" in article.text


def test_a_page_that_names_no_such_encoding_is_read_all_the_same(tmp_path: Path) -> None:
    article = html(tmp_path, "<p>The café pays for it.</p>", encoding="cp1252", head='<meta charset="no-such">')
    assert "bridge would cost" in article.text


def page_of(*lines: tuple[str, int]) -> bytes:
    """A PDF of one page; with each line the space below it, in points."""
    drawn = b" ".join(b"(%s) Tj 0 -%d Td" % (text.encode(), below) for text, below in lines)
    return pdf("X").replace(b"(X) Tj", drawn)


def test_lines_of_a_pdf_become_paragraphs(tmp_path: Path) -> None:
    article = read(
        tmp_path,
        "a.pdf",
        page_of(
            ("Bridge Opens", 30),
            ("The mayor of Arden opened the new bridge on Monday, three", 14),
            ("years after work on it began, and said that nobody will", 14),
            ("remember the price of it.", 14),
            ("The council met for the second time this year to talk", 14),
            ("about the bridge and what it costs.", 14),
        ),
    )
    blocks = [(block.kind, " ".join(article.text[block.start : block.end].split())) for block in article.blocks]
    assert [kind for kind, _ in blocks] == ["title", "paragraph", "paragraph"]
    assert blocks[1][1].endswith("remember the price of it.") and blocks[2][1].startswith("The council met")


def test_an_encrypted_pdf_says_so(tmp_path: Path) -> None:
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf("The mayor opened the bridge."))))
    writer.encrypt("secret", algorithm="RC4-128")
    whole = io.BytesIO()
    writer.write(whole)
    with pytest.raises(ArticleError, match=r"a\.pdf: the PDF is encrypted"):
        read(tmp_path, "a.pdf", whole.getvalue())


def test_a_path_that_no_file_can_have_is_told(tmp_path: Path) -> None:
    with pytest.raises(ArticleError, match="cannot be read"):
        read_article(tmp_path, "a\0.txt")


@pytest.mark.parametrize("blank", ["\u00a0\u3000\n\u2003", "\u200b\u200b\n", "\ufeff \u200b"])
def test_a_file_of_blanks_of_any_kind_is_empty(tmp_path: Path, blank: str) -> None:
    with pytest.raises(ArticleError, match="empty"):
        read(tmp_path, "a.txt", blank.encode())
