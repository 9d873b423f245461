"""Files as they come: whatever is in one, it is an article or it is told why not, within seconds, and not in mojibake.

The long run, ten thousand files: ``pytest -m slow tests/articles/test_fuzz.py``.
"""

from __future__ import annotations

import functools
import io
import random
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qabot.articles import Article, Extractor, read_article
from qabot.errors import ArticleError
from qabot.passages import split_passages
from qabot.settings import ArticleSettings
from tests.articles.test_extraction import packed
from tests.articles.test_read import pdf
from tests.conftest import ROOT, SHARED

LONGEST = 10.0  # seconds
SUFFIXES = (".txt", ".md", ".html", ".pdf")
TOKENS = [
    b"---\n", b"\n---\n", b"title: [", b"title: *a\n", b"&a [*a, *a]", b"\xef\xbb\xbf", b"\xff\xfe", b"\0", b"\xe2\x80\xa8", b"\xe2\x80\xae",
    b"\x1b[2J", b"<div>" * 300, b"</div>" * 30, b"<![CDATA[", b"<!--", b"&#xD800;", b"&#0;", b"&" * 50, b"<script>", b"<meta charset=utf-7>",
    b'<meta charset="hex">', b"<base href='\0'>", b"<table><tr><td>" * 60, b"\r", b"\xe2\x80\x9c" * 40, b'"' * 40, b"(" * 200, b"%PDF-1.7\n",
    b"endstream", b"endobj\n", b"1 0 obj\n", b"<< /Length 999999999 >>", b"/Kids [2 0 R]", b"/Parent 3 0 R", b"startxref\n0\n",
    b"/Filter [/FlateDecode /FlateDecode /ASCIIHexDecode]", b"<<" * 200, b"[" * 500, b" Tj", b"BT ", b" q " * 100, b"99999999999999999999",
    b"-1", b"3 days ago\n" * 5, b"By A B\n", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc0\xaf",
]  # fmt: skip
LETTERS = "“The café of Łódź is déjà vu” – Müller, Öztürk and Šimić said at 5 p.m. on 4 Nov. «Нет», 他说。\n"


def page(text: str) -> bytes:
    paragraphs = "".join(f"<p>{line}</p>" for line in text.splitlines() if line.strip())
    head = '<title>A bridge | The Post</title><meta charset="utf-8"><meta name="author" content="Ada Éxample">'
    lists = "<ul><li>One</li></ul><table><tr><td>40</td><td>million</td></tr></table><blockquote>No.</blockquote>"
    return f'<html lang="en"><head>{head}</head><body><article><h1>A bridge</h1>{paragraphs}{lists}</article></body></html>'.encode()


def document(text: str) -> bytes:
    """A PDF of several pages, as a program writes it."""
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter()
    for line in text.splitlines()[:12]:
        writer.append(
            PdfReader(
                io.BytesIO(pdf(line.encode("ascii", "ignore").decode().translate({40: None, 41: None, 92: None})))
            )
        )
    writer.add_metadata({"/Title": "Ä bridge", "/Author": "Ada"})
    whole = io.BytesIO()
    writer.write(whole)
    return whole.getvalue()


@functools.cache
def real_files() -> tuple[tuple[str, bytes], ...]:
    """Articles of every kind and encoding, with their suffixes; what lies beside the checkout among them."""
    places = (ROOT / "seeds", SHARED / "seeds", SHARED / "news" / "tech", SHARED / "news" / "business")
    files = [file for place in places for file in sorted(place.glob("*.*"))[:8] if file.suffix in (".txt", ".md")]
    texts = [file.read_text(encoding="utf-8", errors="replace")[:6000] for file in files] + [LETTERS * 20]
    found: list[tuple[str, bytes]] = []
    for text in texts:
        found += [(".md", text.encode()), (".txt", text.encode()), (".html", page(text)), (".pdf", document(text))]
    for encoding in ("utf-16", "utf-8-sig", "cp1252", "cp1251", "shift_jis", "gb18030", "utf-32"):
        found.append((".txt", (LETTERS * 20).encode(encoding, "replace")))
    found += [(".pdf", packed(b"BT /F1 12 Tf " + b"(He did.) Tj 0 -14 Td " * 200 + b"ET")), (".pdf", pdf("A bridge"))]
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("a.txt", LETTERS)
    return (*found, (".pdf", archive.getvalue()))


def mutated(raw: bytes, draw: random.Random) -> bytes:
    data = bytearray(raw)
    for _ in range(draw.choice((1, 1, 2, 3, 8, 30))):
        at = draw.randrange(len(data) + 1)
        end = min(len(data), at + draw.choice((1, 2, 16, 500)))
        match draw.randrange(8):
            case 0:
                data[at : at + 1] = bytes([draw.randrange(256)])
            case 1:
                del data[at:end]
            case 2:
                data[at:at] = data[at:end] * draw.choice((1, 2, 50))
            case 3:
                data[at:at] = draw.choice(TOKENS)
            case 4:
                data[at:at] = draw.randbytes(draw.choice((1, 4, 40)))
            case 5:
                del data[at + draw.randrange(200) :]
            case 6:
                other = draw.choice(real_files())[1]
                data[at:end] = other[draw.randrange(len(other)) :][:500]
            case _:
                token = draw.choice(TOKENS)
                data[at : at + len(token)] = token
    return bytes(data[:200_000])


def read_and_split(folder: Path, name: str, raw: bytes, extractor: Extractor) -> Article | str:
    """The article, or why it is none. Fails for any other error, and for one that takes too long."""
    (folder / name).write_bytes(raw)
    began = time.monotonic()
    try:
        article = read_article(folder, name, extractor=extractor)
        passages = split_passages(article)
    except ArticleError as error:
        assert error.problem.startswith(f"{name}: ")
        return error.problem.removeprefix(f"{name}: ")
    finally:
        took = time.monotonic() - began
        assert took < LONGEST, f"{took:.1f} s"
    article.text.encode()  # what is half a character, nothing can store
    for said in (getattr(article.metadata, field) for field in article.metadata.__slots__):
        assert said is None or (said.encode() and said.strip())
    end = 0
    for block in article.blocks:
        assert end <= block.start < block.end <= len(article.text)
        end = block.end
    for passage in passages:
        assert passage.sentence(article.text).strip() and passage.window_start <= passage.start < passage.end
    return article


def check_mutations(folder: Path, count: int, seed: int) -> Counter[str]:
    """Reads ``count`` files made from real ones; gives how often it was what. Fails with the file's name and seed."""
    outcomes: Counter[str] = Counter()
    with Extractor(ArticleSettings()) as extractor:
        for number in range(count):
            draw = random.Random(f"{seed}-{number}")
            suffix, raw = draw.choice(real_files())
            if draw.random() < 0.05:
                suffix = draw.choice(SUFFIXES)
            try:
                found = read_and_split(folder, f"a{suffix}", mutated(raw, draw), extractor)
            except BaseException as error:
                error.add_note(f"file {number} of seed {seed}: a{suffix}, now in {folder}")
                raise
            outcomes["article" if isinstance(found, Article) else found] += 1
    return outcomes


def check_mojibake(folder: Path, count: int, seed: int) -> None:
    """Harms a UTF-8 text in a few places; the lines that were not harmed must come out as they are."""
    text = "".join(f"{number}: {LETTERS}" for number in range(30))
    for number in range(count):
        draw = random.Random(f"{seed}-{number}")
        lines = text.encode().splitlines(keepends=True)
        harmed = set()
        for _ in range(draw.randint(1, 12)):
            which = draw.randrange(len(lines))
            at = draw.randrange(len(lines[which]))
            # Of a byte that is no character by itself, or a character without its end.
            broken = bytes([draw.choice((0x80, 0xE9, 0xFF, 0xFE, 0xC3, 0xE2, 0xF0, 0x93, 0xA0))])
            lines[which] = lines[which][:at] + broken + lines[which][at + draw.randint(0, 1) :]
            harmed.add(which)
            if not lines[which].endswith(b"\n"):
                harmed.add(which + 1)
        suffix = draw.choice((".txt", ".md"))
        (folder / f"a{suffix}").write_bytes(b"".join(lines))
        found = read_article(folder, f"a{suffix}").text
        for which, line in enumerate(text.splitlines()):
            assert which in harmed or line in found, f"line {which} of text {number} of seed {seed}"


def test_files_made_from_real_ones_are_read_or_told(tmp_path: Path) -> None:
    outcomes = check_mutations(tmp_path, 250, seed=1)
    assert outcomes["article"] > 100


def test_a_utf8_text_that_is_harmed_is_no_mojibake_elsewhere(tmp_path: Path) -> None:
    check_mojibake(tmp_path, 100, seed=1)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 10))
def test_a_thousand_files_made_from_real_ones_are_read_or_told(tmp_path: Path, seed: int) -> None:
    print(sorted(check_mutations(tmp_path, 1000, seed).items(), key=lambda item: -item[1]))


@pytest.mark.slow
def test_a_thousand_harmed_utf8_texts_are_no_mojibake_elsewhere(tmp_path: Path) -> None:
    check_mojibake(tmp_path, 1000, seed=2)


PIECES = st.one_of(
    st.text(max_size=60),
    st.sampled_from([token.decode("utf-8", "ignore") for token in TOKENS]),
    st.sampled_from(
        [
            "The mayor said he “did not”. ",
            "By Ada Example\n",
            "\n\n",
            " ",
            "\u2028",
            "...",
            "# ",
            "U.S. ",
            "3 days ago\n",
        ]
    ),
)
TAGS = st.sampled_from(
    "p div span b a h1 h2 ul li table tr td blockquote br img article section script style pre code title".split()
)
OPERATORS = st.sampled_from(
    ["BT", "ET", "Tf", "Td", "Tm", "Tj", "TJ", "'", '"', "T*", "q", "Q", "cm", "Do", "BI", "ID", "EI", "BDC", "EMC", "/F1", "/Im0",
     "12", "-7", "0", "1e9", "99999999999", "(He did.)", "<48656c6c6f>", "<zz", "[(a) -200 (b)]", "[", "]", "<<", ">>", "(\\", "%x\n"]
)  # fmt: skip


def written(tag: str, inside: list[str]) -> str:
    return f"<{tag}>{''.join(inside)}</{tag}>"


PAGES = st.recursive(PIECES, lambda inside: st.builds(written, TAGS, st.lists(inside, max_size=6)), max_leaves=30)


@st.composite
def files(draw: Callable[..., object]) -> tuple[str, bytes]:
    kind = draw(st.sampled_from(SUFFIXES))
    if kind == ".html":
        return ".html", f"<html><body>{draw(PAGES)}{draw(PAGES)}".encode("utf-8", "replace")
    if kind == ".pdf":
        operators = draw(st.lists(OPERATORS, max_size=80))
        assert isinstance(operators, list)
        return ".pdf", packed(" ".join(operators).encode())
    pieces = draw(st.lists(PIECES, max_size=20))
    assert isinstance(pieces, list)
    encoding = draw(st.sampled_from(["utf-8", "utf-8", "utf-16", "cp1252", "utf-8-sig"]))
    assert isinstance(encoding, str) and isinstance(kind, str)
    return kind, "".join(pieces).encode(encoding, "replace")


@pytest.fixture(scope="module")
def extractor() -> Iterator[Extractor]:
    with Extractor(ArticleSettings()) as made:
        yield made


def quickly(examples: int) -> settings:
    return settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
    )


@quickly(150)
@given(made=files())
def test_made_up_files_are_read_or_told(tmp_path: Path, extractor: Extractor, made: tuple[str, bytes]) -> None:
    read_and_split(tmp_path, f"a{made[0]}", made[1], extractor)


@pytest.mark.slow
@quickly(1000)
@given(made=files())
def test_a_thousand_made_up_files_are_read_or_told(
    tmp_path: Path, extractor: Extractor, made: tuple[str, bytes]
) -> None:
    read_and_split(tmp_path, f"a{made[0]}", made[1], extractor)
