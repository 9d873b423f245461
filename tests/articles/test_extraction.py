from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import zlib
from pathlib import Path

import pytest

from qabot.articles import Extractor, read_article
from qabot.articles.extraction import Extracted, Wanted, receive, send
from qabot.errors import ArticleError
from qabot.settings import ArticleSettings
from tests.articles.test_read import pdf
from tests.conftest import ROOT

PAGE = b"<html><body><article>" + b"<p>The mayor opened the bridge on Monday, officials said.</p>" * 5
LIMITS = ArticleSettings()


def packed(drawn: bytes) -> bytes:
    """A PDF of one page whose content is packed, as a few bytes can stand for very many."""
    stream = zlib.compress(drawn, 9)
    whole = pdf("X")
    first, rest = whole.split(b"<< /Length ", 1)
    after = rest.split(b"endstream", 1)[1]
    return b"".join(
        (first, b"<< /Filter /FlateDecode /Length %d >>\nstream\n" % len(stream), stream, b"\nendstream", after)
    )


def lines(count: int) -> bytes:
    return packed(b"BT /F1 12 Tf 50 700 Td " + b"(He did.) Tj 0 -14 Td " * count + b"ET")


def alive(process: int) -> bool:
    """Whether a process runs, or waits for its parent to take leave of it."""
    return Path(f"/proc/{process}").exists()


def test_one_process_reads_all_files_and_is_gone_after(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(pdf("The mayor opened the bridge."))
    (tmp_path / "b.html").write_bytes(PAGE)
    with Extractor(LIMITS) as extractor:
        assert "opened the bridge" in read_article(tmp_path, "a.pdf", extractor=extractor).text
        assert extractor._process is not None
        first = extractor._process.pid
        assert "officials said" in read_article(tmp_path, "b.html", extractor=extractor).text
        assert extractor._process.pid == first and alive(first)
    assert not alive(first)


def test_a_pdf_that_takes_too_long_is_left_and_the_next_is_read(tmp_path: Path) -> None:
    (tmp_path / "slow.pdf").write_bytes(packed(b"BT /F1 12 Tf 50 700 Td (" + b"a" * 50_000_000 + b") Tj ET"))
    (tmp_path / "a.pdf").write_bytes(pdf("The mayor opened the bridge."))
    limits = ArticleSettings(max_seconds=1)
    with Extractor(limits) as extractor:
        began = time.monotonic()
        with pytest.raises(ArticleError, match=r"slow\.pdf.*longer than 1 second") as error:
            read_article(tmp_path, "slow.pdf", limits=limits, extractor=extractor)
        assert "max_seconds" in error.value.remedy
        assert time.monotonic() - began < 8
        assert "opened the bridge" in read_article(tmp_path, "a.pdf", limits=limits, extractor=extractor).text


def test_a_pdf_of_more_text_than_allowed_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(lines(500))
    with pytest.raises(ArticleError, match="more than 1,000 characters"):
        read_article(tmp_path, "a.pdf", limits=ArticleSettings(max_characters=1000))
    (tmp_path / "a.txt").write_text("The mayor opened the bridge. " * 50)
    with pytest.raises(ArticleError, match="more than 1,000 characters"):
        read_article(tmp_path, "a.txt", limits=ArticleSettings(max_characters=1000))


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no such signal here")
def test_a_process_that_is_killed_is_started_again(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_bytes(PAGE)
    with Extractor(LIMITS) as extractor:
        read_article(tmp_path, "a.html", extractor=extractor)
        assert extractor._process is not None
        first = extractor._process.pid
        os.kill(first, signal.SIGKILL)
        assert "officials said" in read_article(tmp_path, "a.html", extractor=extractor).text
        assert not alive(first)


def test_a_file_that_takes_too_much_memory_is_left_and_the_next_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.html").write_bytes(PAGE)
    monkeypatch.setattr("qabot.articles.extraction._MODULE", "tests.articles.hungry")
    with Extractor(LIMITS) as extractor:
        with pytest.raises(ArticleError, match="too much memory"):
            extractor.extract("html", b"hungry")
        assert "officials said" in read_article(tmp_path, "a.html", extractor=extractor).text
        with pytest.raises(ArticleError, match="failed inside"):
            extractor.extract("html", b"dying")
        assert "officials said" in read_article(tmp_path, "a.html", extractor=extractor).text


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no such signal here")
def test_the_process_ends_with_the_one_that_started_it(tmp_path: Path) -> None:
    (tmp_path / "slow.pdf").write_bytes(packed(b"BT /F1 12 Tf 50 700 Td (" + b"a" * 50_000_000 + b") Tj ET"))
    code = (
        "import sys, threading, time; from pathlib import Path; from qabot.articles import Extractor;"
        "from qabot.settings import ArticleSettings; extractor = Extractor(ArticleSettings(max_seconds=60));"
        "raw = Path(sys.argv[1]).read_bytes();"
        "threading.Thread(target=extractor.extract, args=('pdf', raw), daemon=True).start()\n"
        "while extractor._process is None: time.sleep(0.01)\n"
        "print(extractor._process.pid, flush=True); time.sleep(60)"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    parent = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "slow.pdf")], stdout=subprocess.PIPE, env=environment, text=True
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    time.sleep(0.7)  # in the midst of the file
    assert alive(child)
    parent.kill()
    parent.communicate()
    deadline = time.monotonic() + 5
    while alive(child) and not _is_zombie(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not alive(child) or _is_zombie(child)


def _is_zombie(process: int) -> bool:
    """Whether it has ended, and only who adopts orphans here has not looked yet."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True


def test_a_token_is_not_given_to_the_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QABOT_DISCORD_TOKEN", "secret")
    (tmp_path / "a.html").write_bytes(PAGE)
    with Extractor(LIMITS) as extractor:
        read_article(tmp_path, "a.html", extractor=extractor)
        assert extractor._process is not None
        assert b"secret" not in Path(f"/proc/{extractor._process.pid}/environ").read_bytes()


def test_a_module_in_the_folder_one_works_in_is_not_run(tmp_path: Path) -> None:
    (tmp_path / "trafilatura.py").write_text("raise SystemExit")
    (tmp_path / "a.html").write_bytes(PAGE)
    assert "officials said" in read_article(tmp_path, "a.html").text  # every test works in tmp_path


def test_a_message_that_is_cut_off_or_too_long_is_none(tmp_path: Path) -> None:
    file = tmp_path / "messages"
    with file.open("wb") as pipe:
        send(pipe, Wanted("pdf", 3, 1.0, 10), b"abc")
    whole = file.read_bytes()
    with file.open("rb") as pipe:
        assert receive(pipe, 1000, Wanted) == Wanted("pdf", 3, 1.0, 10) and pipe.read(3) == b"abc"
        assert receive(pipe, 1000, Wanted) is None
    for broken, most in ((whole[:5], 1000), (whole, 10), (whole[:20], 1000)):
        file.write_bytes(broken)
        with file.open("rb") as pipe, pytest.raises(ValueError):
            receive(pipe, most, Extracted)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("zip.pdf", b"PK\x03\x04" + bytes(range(256)) * 10, "cannot be read"),
        ("empty.pdf", b"", "empty"),
        ("empty.html", b"", "empty"),
        ("nested.html", b"<html><body>" + b"<div>" * 250_000 + b"The mayor opened it.", "more than 200,000 tags"),
        ("bomb.pdf", packed(b" " * 200_000_000), "cannot be read"),
    ],
)
def test_a_file_that_is_no_page_or_pdf_is_told_soon(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    (tmp_path / name).write_bytes(content)
    began = time.monotonic()
    with pytest.raises(ArticleError, match=says) as error:
        read_article(tmp_path, name)
    assert error.value.remedy and time.monotonic() - began < 8
