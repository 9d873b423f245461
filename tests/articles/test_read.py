from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from qabot.articles import Article, Metadata, TextsToday, find_articles, read_article, read_overrides
from qabot.errors import ArticleError, SeedsError, UsageError
from qabot.settings import ArticleSettings

TEXT = "The mayor of Arden opened the new bridge on Monday.\n\nIt cost 40 million crowns.\n"


def read(folder: Path, name: str, content: str | bytes) -> Article:
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_article(folder, name)


def metadata(folder: Path, text: str, name: str = "a.txt") -> Metadata:
    (folder / name).write_text(text, encoding="utf-8")
    return read_article(folder, name).metadata


def test_front_matter_is_counted_in_the_offsets_and_left_out(tmp_path: Path) -> None:
    text = f"---\ntitle: A bridge\nauthors: [Ada Example, Bo Example]\ndate: 2023-11-04\nlang: en\n---\n\n{TEXT}"
    (tmp_path / "a.md").write_text(text)
    article = read_article(tmp_path, "a.md")
    assert article.text == text
    assert article.metadata == Metadata("A bridge", None, "Ada Example, Bo Example", "2023-11-04", "en")
    first = article.blocks[0]
    assert text[first.start : first.end] == "The mayor of Arden opened the new bridge on Monday."


@pytest.mark.parametrize("said", ["November 4, 2023", "4 November 2023", "2023-11-04", "Nov. 4th, 2023"])
def test_dates_become_iso(tmp_path: Path, said: str) -> None:
    assert metadata(tmp_path, f"Published: {said}\n\n{TEXT}").published == "2023-11-04"


@pytest.mark.parametrize("said", ["11 months ago", "Wednesday", "last year"])
def test_a_date_that_is_not_given_is_not_guessed(tmp_path: Path, said: str) -> None:
    assert metadata(tmp_path, f"Published: {said}\n\n{TEXT}").published is None


def test_what_the_text_states_is_taken(tmp_path: Path) -> None:
    found = metadata(
        tmp_path,
        "Bridge Opens In Arden\n\nVia: some-reader • 3 months ago • 2 comments\n\n"
        f"By:   Ada Example, Bo M. Example and Cy Example\n\n{TEXT}\n"
        "Follow Ada Example on Twitter: or e-mail to: aexample@midland.com\n",
    )
    assert found == Metadata("Bridge Opens In Arden", "Midland", "Ada Example, Bo M. Example and Cy Example")


def test_what_the_text_does_not_state_stays_unknown(tmp_path: Path) -> None:
    assert metadata(tmp_path, TEXT) == Metadata()


def test_the_table_goes_before_front_matter_and_that_before_the_text(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(f"---\noutlet: The Post\n---\n\nBy Ada Example\n\n{TEXT}")
    (tmp_path / "articles.toml").write_text('["a.md"]\noutlet = "The Herald"\npublished = 2024-01-02\n')
    found = read_article(tmp_path, "a.md", read_overrides(tmp_path)).metadata
    assert (found.outlet, found.author, found.published) == ("The Herald", "Ada Example", "2024-01-02")


def test_a_broken_table_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "articles.toml").write_text('["a.md"]\noutlet = \n')
    with pytest.raises(UsageError, match=r"articles\.toml.*line 2"):
        read_overrides(tmp_path)


def test_broken_front_matter_names_file_and_line(tmp_path: Path) -> None:
    with pytest.raises(ArticleError, match=r"a\.md: broken front matter, line 4"):
        read(tmp_path, "a.md", f"---\ntitle: fine\noutlet: [unclosed\n---\n\n{TEXT}")


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("empty.txt", b"", "empty"),
        ("blank.txt", b" \n\n", "empty"),
        ("mark.txt", b"\xef\xbb\xbf\n", "empty"),
        ("binary.txt", bytes(range(256)) * 50, "not a text file"),
        ("fake.pdf", b"%PDF-1.4 but no more than that", "cannot be read"),
        ("empty.html", b"<html><body></body></html>", "no article"),
    ],
)
def test_what_is_no_article_is_told_by_name(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    with pytest.raises(ArticleError) as error:
        read(tmp_path, name, content)
    assert name in error.value.problem and says in error.value.problem


def test_a_file_that_is_gone_or_too_large_is_told_by_name(tmp_path: Path) -> None:
    with pytest.raises(ArticleError, match=r"gone\.txt: the file is gone"):
        read_article(tmp_path, "gone.txt")
    (tmp_path / "large.txt").write_text(TEXT * 10)
    with pytest.raises(ArticleError, match="max_bytes"):
        try:
            read_article(tmp_path, "large.txt", limits=ArticleSettings(max_bytes=100))
        except ArticleError as error:
            raise ArticleError(str(error)) from error


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "cp1251"])
def test_encodings_are_detected(tmp_path: Path, encoding: str) -> None:
    text = {
        "cp1251": "Мэр города открыл новый мост в понедельник, сообщили в администрации. Он стоил сорок миллионов крон.\n"
        * 5,
    }.get(encoding, "The mayor of Ardén said “the bridge is déjà vu” – and left the café for Zürich.\n" * 5)
    (tmp_path / "a.txt").write_bytes(text.encode(encoding))
    assert read_article(tmp_path, "a.txt").text.strip("\ufeff") == text


def test_invalid_utf8_still_reads(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(TEXT.encode() + b"A caf\xe9 stands on it, said a waiter at the place.\n")
    assert "opened the new bridge" in read_article(tmp_path, "a.txt").text


MOSTLY_UTF8 = "“The café is déjà vu” – said the mayor of Łódź, and left for Zürich on Monday.\n" * 3


@pytest.mark.parametrize("broken", [b"\xe9", b"\xff\xfe", b"\xe2\x80", b"\x00"])
@pytest.mark.parametrize("at", [0.0, 0.5, 1.0])
def test_a_broken_byte_in_utf8_harms_nothing_else(tmp_path: Path, broken: bytes, at: float) -> None:
    raw = MOSTLY_UTF8.encode()
    place = len(MOSTLY_UTF8[: int(at * len(MOSTLY_UTF8))].encode())
    text = read(tmp_path, "a.txt", raw[:place] + broken + b" " + raw[place:]).text
    assert text.count("�") in (1, 2) and "Ã" not in text and "â" not in text
    assert text.replace("�", "").replace(" ", "") == MOSTLY_UTF8.replace(" ", "")


def test_a_zero_and_a_broken_byte_in_utf8_harm_nothing_else(tmp_path: Path) -> None:
    text = read(tmp_path, "a.txt", MOSTLY_UTF8.encode() + b"\0 and \xe9 end").text
    assert text == MOSTLY_UTF8 + "� and � end"


@pytest.mark.parametrize("stray", [b"\x81", b"\x81\x8d\x8f\x90\x9d", b"\xff\xfe\x81"])
def test_stray_bytes_in_a_plain_text_do_not_lose_it(tmp_path: Path, stray: bytes) -> None:
    assert "opened the new bridge" in read(tmp_path, "a.txt", stray + TEXT.encode() * 3).text


@pytest.mark.parametrize(
    ("encoding", "text"),
    [("utf-16", "他说，新桥在星期一开通了，耗资四千万克朗。" * 20), ("gb18030", "市长星期一开通了新桥。" * 20)],
)
def test_scripts_without_ascii_are_read(tmp_path: Path, encoding: str, text: str) -> None:
    assert read(tmp_path, "a.txt", text.encode(encoding)).text.strip("\ufeff") == text


def test_a_page_that_says_utf8_and_has_a_broken_byte_is_read_as_utf8(tmp_path: Path) -> None:
    paragraphs = "".join(f"<p>{line} The council had asked for it.</p>" for line in MOSTLY_UTF8.splitlines() * 3)
    page = f'<html><head><meta charset="utf-8"></head><body><article>{paragraphs}</article></body></html>'.encode()
    text = read(tmp_path, "a.html", page.replace("é".encode(), b"\xe9", 1)).text
    assert "déjà vu” – said" in text and text.count("�") == 1


@pytest.mark.parametrize("encoding", ["cp1252", "iso-8859-15"])
def test_a_text_of_another_encoding_is_not_taken_for_broken_utf8(tmp_path: Path, encoding: str) -> None:
    text = read(tmp_path, "a.txt", ("The café of Zürich is déjà vu, said Müller. " * 20).encode(encoding)).text
    assert "�" not in text and "café" in text


def test_a_named_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    with pytest.raises(ArticleError, match="not a regular file"):
        read_article(tmp_path, "pipe.txt")
    assert TextsToday(tmp_path, ArticleSettings()).of("pipe.txt") is None


def test_a_link_out_of_the_folder_is_not_read_for_a_quote(tmp_path: Path) -> None:
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    (tmp_path / "secret.txt").write_text("The password is swordfish.")
    (seeds / "out.txt").symlink_to(tmp_path / "secret.txt")
    (seeds / "folder").symlink_to(tmp_path)
    (seeds / "in.txt").write_text(TEXT)
    texts = TextsToday(seeds, ArticleSettings())
    assert texts.of("out.txt") is None and texts.of("folder/secret.txt") is None and texts.of("../secret.txt") is None
    assert texts.of("in.txt") == TEXT


def test_the_text_of_a_pdf_is_taken_out_once_for_each_content(tmp_path: Path) -> None:
    asked = []

    def before(path: str, digest: str) -> str | None:
        asked.append((path, digest))
        return "as it was taken out"

    content = pdf("The mayor of Arden opened the new bridge.")
    (tmp_path / "a.pdf").write_bytes(content)
    texts = TextsToday(tmp_path, ArticleSettings(), before)
    assert texts.of("a.pdf") == texts.of("a.pdf") == "as it was taken out"
    assert asked == [("a.pdf", hashlib.sha256(content).hexdigest())]
    assert "opened the new bridge" in (TextsToday(tmp_path, ArticleSettings()).of("a.pdf") or "")


def test_newlines_are_kept_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(TEXT.replace("\n", "\r\n").encode())
    article = read_article(tmp_path, "a.txt")
    assert article.text == TEXT.replace("\n", "\r\n") and len(article.blocks) == 2


def test_html_gives_the_reporting_and_what_the_page_says_of_itself(tmp_path: Path) -> None:
    paragraphs = "".join(
        f"<p>{sentence} The council had asked for it for a long time, people said.</p>"
        for sentence in TEXT.split("\n\n")
    )
    page = (
        '<html lang="en"><head><title>Bridge Opens | The Post</title><meta property="og:site_name" content="The Post">'
        '<meta property="og:title" content="Bridge Opens"><meta name="author" content="Ada Example">'
        '<meta property="article:published_time" content="2023-11-04T10:00:00Z"></head><body><nav><a href="/">Home</a></nav>'
        f'<article><h1>Bridge Opens</h1>{paragraphs}</article><div id="comments"><p>I never liked it, said a reader.</p></div>'
        "<footer>Copyright The Post</footer></body></html>"
    )
    (tmp_path / "a.html").write_text(page)
    article = read_article(tmp_path, "a.html")
    shown = [article.text[block.start : block.end] for block in article.blocks]
    assert any("40 million crowns" in text for text in shown) and not any("never liked" in text for text in shown)
    assert (article.metadata.title, article.metadata.outlet, article.metadata.published) == (
        "Bridge Opens",
        "The Post",
        "2023-11-04",
    )
    assert article.metadata.author == "Ada Example"


def pdf(text: str) -> bytes:
    """A PDF of one page with one line of text."""
    stream = f"BT /F1 12 Tf 50 700 Td ({text}) Tj ET" if text else ""
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    body, places = "%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(body))
        body += f"{number} 0 obj\n{content}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    size = len(objects) + 1
    return f"{body}xref\n0 {size}\n0000000000 65535 f \n{table}trailer << /Size {size} /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF".encode()


def test_a_pdf_gives_its_text_and_one_without_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(pdf("The mayor of Arden opened the new bridge."))
    assert "opened the new bridge" in read_article(tmp_path, "a.pdf").text
    (tmp_path / "scan.pdf").write_bytes(pdf(""))
    with pytest.raises(ArticleError, match=r"scan\.pdf: the PDF has no text"):
        read_article(tmp_path, "scan.pdf")


def test_articles_are_found_at_any_depth_and_nothing_else_is(tmp_path: Path) -> None:
    seeds = tmp_path / "seeds"
    outside = tmp_path / "outside.txt"
    outside.write_text(TEXT)
    for name in (
        "a.txt", "B.MD", "x/y/z/c.html", "README.md", ".hidden.txt", ".git/d.txt", "e.txt~", "f.tmp", "#g.txt#", "h.docx",
        "drafts/i.txt", "drafts/keep.txt", "articles.toml",
    ):  # fmt: skip
        file = seeds / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(TEXT)
    (seeds / ".qabotignore").write_text("# unfinished\ndrafts/*\n!drafts/keep.txt\n")
    (seeds / "out.txt").symlink_to(outside)
    (seeds / "in.txt").symlink_to(seeds / "a.txt")
    (seeds / "loop").symlink_to(seeds)
    (seeds / "nowhere.txt").symlink_to(seeds / "missing")
    os.mkfifo(seeds / "pipe.txt")
    assert [file.path for file in find_articles(seeds)] == [
        "B.MD",
        "a.txt",
        "drafts/keep.txt",
        "in.txt",
        "x/y/z/c.html",
    ]


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(SeedsError, match=r"no-such[\s\S]*--seeds"):
        list(find_articles(tmp_path / "no-such"))
