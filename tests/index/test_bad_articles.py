"""What one bad file does to a collection: it is left out and named, and the others answer."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from qabot.articles.extraction import Extractor
from qabot.engine import Engine
from qabot.settings import ArticleSettings, Settings
from qabot.terminal.render import render_report, render_status
from tests.articles.test_extraction import lines
from tests.articles.test_read import pdf

MAYOR = "The mayor of Arden opened the new bridge on Monday. It cost 40 million crowns. Engineers had warned of delays."


def limited(settings: Settings, **limits: int) -> Engine:
    return Engine(replace(settings, articles=ArticleSettings(**limits)))


def test_the_rest_of_the_collection_goes_on_and_the_summary_names_what_was_left_out(engine: Engine) -> None:
    seeds = engine.settings.seeds
    (seeds / "mayor.txt").write_text(MAYOR)
    os.mkfifo(seeds / "pipe.txt")
    (seeds / "zero.txt").symlink_to("/dev/zero")
    (seeds / os.fsdecode(b"caf\xe9.txt")).write_text(MAYOR)
    (seeds / "broken.txt").write_bytes("“It is déjà vu”, said the caf".encode() + b"\xe9 owner of Arden\xc5.")
    (seeds / "a\x1b[31mb.pdf").write_bytes(b"PK\x03\x04 and no more")
    report = engine.refresh()
    assert report.added == ("broken.txt", "mayor.txt")
    assert set(report.skipped) == {"pipe.txt", "zero.txt", "caf\\xe9.txt", "a\x1b[31mb.pdf"}
    assert report.replaced == {"broken.txt": 2}
    assert engine.prepare() is None, "what was left out makes nobody look for it again and again"
    status = engine.status()
    assert status.skipped == report.skipped and status.replaced == report.replaced
    for told in (render_report(report), render_status(status, engine.articles(), False)):
        assert "skipped: pipe.txt: a named pipe" in told and "caf\\xe9.txt: its name is not UTF-8. Rename it." in told
        assert "damaged: broken.txt: 2 characters" in told and "\x1b" not in told
    (seeds / "pipe.txt").unlink()
    (seeds / "pipe.txt").write_text("The harbour of Belmont was closed by a storm.")
    assert engine.refresh().added == ("pipe.txt",)


def test_a_file_of_more_sentences_than_allowed_is_left_out_until_the_limit_is_raised(settings: Settings) -> None:
    (settings.seeds / "mayor.txt").write_text(MAYOR)
    (settings.seeds / "many.pdf").write_bytes(lines(200))
    (settings.seeds / "columns.txt").write_text("He did it.\n" * 200)
    engine = limited(settings, max_passages=100)
    report = engine.refresh()
    assert report.added == ("mayor.txt",)
    for path in ("many.pdf", "columns.txt"):
        assert report.skipped[path] == "it has more than 100 sentences. Raise [articles] max_passages."
    assert limited(settings, max_passages=100).prepare() is None
    raised = limited(settings, max_passages=1000).prepare()
    assert raised is not None and raised.added == ("columns.txt", "many.pdf") and not raised.skipped


def test_a_cited_pdf_is_not_read_again_by_a_process_that_only_asks(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = settings.seeds / "mayor.pdf"
    file.write_bytes(pdf("The mayor of Arden opened the new bridge on Monday."))
    Engine(settings).prepare()
    taken_out: list[str] = []
    extract = Extractor.extract

    def counting(self: Extractor, kind: object, raw: bytes) -> object:
        taken_out.append(str(kind))
        return extract(self, kind, raw)  # type: ignore[arg-type]

    monkeypatch.setattr(Extractor, "extract", counting)
    asked = Engine(settings, auto_refresh=False)
    asked.prepare()
    answer = asked.ask("Who opened the new bridge of Arden?")
    assert answer.citations[0].quote == "The mayor of Arden opened the new bridge on Monday." and taken_out == []
    # Another content of the same size and time is another text.
    state = file.stat()
    file.write_bytes(pdf("The mayor of Arden closed the old bridge on Monday.").ljust(state.st_size))
    os.utime(file, ns=(state.st_atime_ns, state.st_mtime_ns))
    (checked,) = asked.verify(answer)
    assert checked.state == "changed" and taken_out == ["pdf"]


def test_an_import_does_not_follow_a_link_out_of_the_collection(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "mayor.txt").write_text(MAYOR)
    (engine.settings.seeds / "mayor.md").symlink_to(tmp_path / "elsewhere.md")
    target, new = engine.bring_in(tmp_path / "mayor.txt")
    assert new and target.name == "mayor-2.md" and not (tmp_path / "elsewhere.md").exists()
    assert engine.bring_in(tmp_path / "mayor.txt") == (target, False)


def test_half_a_megabyte_and_lines_of_ten_characters_are_no_hang(settings: Settings) -> None:
    (settings.seeds / "mayor.txt").write_text(MAYOR)
    (settings.seeds / "long.txt").write_text("abcdefghi\n" * 50_000)
    assert "long.txt" in Engine(settings).refresh().skipped
