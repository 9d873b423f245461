from __future__ import annotations

import io
import os
import re
import stat
from pathlib import Path

import pytest

from qabot import UsageError
from qabot.engine import Engine
from qabot.terminal import conversations
from qabot.terminal.chat import replay
from qabot.terminal.conversations import Conversations
from qabot.terminal.screen import Screen
from qabot.terminal.session import Session
from qabot.terminal.start import list_lines

FERRY = "How many people died in the fire on the ferry?"


@pytest.fixture
def kept(tmp_path: Path) -> Conversations:
    return Conversations(tmp_path / "state" / "qabot" / "conversations")


def ask(session: Session, *questions: str) -> None:
    for question in questions:
        session.accept(session.ask(question))


def test_a_conversation_goes_on_where_it_was(news: Engine, kept: Conversations) -> None:
    log = kept.begin(news.settings.seeds)
    first = Session(news, log)
    ask(first, "Who opened the tunnel in Haifa?")
    first.narrow("outlet", "הארץ")
    ask(first, "How much did it cost?")
    (past,) = kept.past(news.settings.seeds)
    assert (past.id, past.first, past.questions) == (log.id, "Who opened the tunnel in Haifa?", 2)
    second = Session(news, kept.go_on(past.id, news.settings.seeds))
    second.restore(kept.answers(past.id))
    assert second.conversation == first.conversation and second.filters == first.filters
    assert [given.answer for given in second.given] == [given.answer for given in first.given]
    ask(second, "Who opened it?")
    assert kept.past()[0].questions == 3 and "Haifa" in second.last.answer.searched_for


def test_a_cleared_topic_stays_cleared(news: Engine, kept: Conversations) -> None:
    session = Session(news, kept.begin(news.settings.seeds))
    ask(session, FERRY)
    session.clear()
    ask(session, "Who opened the tunnel in Haifa?")
    again = Session(news)
    again.restore(kept.answers(kept.past()[0].id))
    assert len(again.conversation.turns) == 1 and again.conversation == session.conversation


def test_an_answer_whose_source_changed_says_so_when_it_is_shown_again(own: Engine, kept: Conversations) -> None:
    ask(Session(own, kept.begin(own.settings.seeds)), FERRY, "Who opened the tunnel in Haifa?")
    article = own.settings.seeds / "courier.md"
    article.write_text(article.read_text().replace("14 passengers", "17 passengers"))
    again = Session(own)
    again.restore(kept.answers(kept.past()[0].id))
    out = io.StringIO()
    replay(again, Screen(out, environ={}))
    ferry, haifa = out.getvalue().split("> Who opened")
    assert "Changed since: [2] no longer stands in courier.md" in " ".join(ferry.split())
    assert "Changed" not in haifa


def test_nobody_else_reads_them(news: Engine, kept: Conversations) -> None:
    log = kept.begin(news.settings.seeds)
    ask(Session(news, log), FERRY)
    assert stat.S_IMODE(log.file.stat().st_mode) == 0o600
    assert stat.S_IMODE(log.file.parent.stat().st_mode) == 0o700


def test_a_line_that_was_not_written_whole_costs_only_itself(news: Engine, kept: Conversations) -> None:
    log = kept.begin(news.settings.seeds)
    ask(Session(news, log), FERRY)
    with open(log.file, "a") as stream:
        stream.write('{"type":"answer","at":1.0,"fil')
    assert [answer.answer.question for answer in kept.answers(log.id)] == [FERRY]
    (log.file.parent / "20260101-000000.jsonl").write_bytes(b"\xff\x00 nothing of ours")
    assert len(kept.past()) == 1


def test_they_are_bounded(news: Engine, kept: Conversations, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversations, "MOST", 3)
    monkeypatch.setattr(conversations, "MOST_BYTES", 20_000)
    for number in range(5):
        now = Conversations(kept._folder, clock=lambda number=number: 1e9 + number * 60)
        session = Session(news, now.begin(news.settings.seeds), clock=lambda number=number: 1e9 + number * 60)
        ask(session, "Who opened the tunnel in Haifa?")
    assert [past.updated for past in kept.past()] == [1e9 + 240, 1e9 + 180, 1e9 + 120]
    for _ in range(12):
        session.accept(session.last)
    assert session.log is not None and session.log.file.stat().st_size <= 20_000


def test_forgetting_and_ids_that_are_none(news: Engine, kept: Conversations, tmp_path: Path) -> None:
    log = kept.begin(news.settings.seeds)
    ask(Session(news, log), FERRY)
    (tmp_path / "state" / "qabot" / "elsewhere.jsonl").write_text("{}")
    for wrong in ("../elsewhere", "", "nothing"):
        with pytest.raises(UsageError):
            kept.forget([wrong])
        with pytest.raises(UsageError):
            kept.answers(wrong)
    kept.forget([log.id])
    assert kept.past() == [] and not log.file.exists()


def test_a_folder_that_cannot_be_written_is_said(news: Engine, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    session = Session(news, Conversations(tmp_path / "file" / "folder").begin(news.settings.seeds))
    with pytest.raises(UsageError, match="cannot be kept"):
        session.accept(session.ask(FERRY))


def test_two_chats_begun_at_once_are_kept_apart(news: Engine, tmp_path: Path) -> None:
    kept = Conversations(tmp_path, clock=lambda: 1_700_000_000.0)
    logs = [kept.begin(news.settings.seeds) for _ in range(2)]
    for log, question in zip(logs, (FERRY, "Who opened the tunnel in Haifa?"), strict=True):
        ask(Session(news, log), question)
    assert logs[0].id != logs[1].id and {past.questions for past in kept.past()} == {1}


def test_what_is_asked_after_a_line_was_cut_short_is_kept(news: Engine, kept: Conversations) -> None:
    log = kept.begin(news.settings.seeds)
    session = Session(news, log)
    ask(session, FERRY)
    with open(log.file, "a") as stream:
        stream.write('{"type":"answer","at":1.0,"fil')
    ask(session, "Who opened the tunnel in Haifa?")
    assert [answered.answer.question for answered in kept.answers(log.id)] == [FERRY, "Who opened the tunnel in Haifa?"]


def test_an_answer_taken_back_on_a_full_disk_leaves_what_was_kept(
    news: Engine, kept: Conversations, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = kept.begin(news.settings.seeds)
    session = Session(news, log)
    ask(session, FERRY)
    before = log.file.read_bytes()
    monkeypatch.setattr(Path, "replace", lambda self, target: (_ for _ in ()).throw(OSError(28, "No space left")))
    with pytest.raises(UsageError, match="cannot be kept"):
        session.accept(session.ask_again(), again=True)
    assert log.file.read_bytes() == before and len(session.given) == 1 == len(session.conversation.turns)
    assert [file.name for file in log.file.parent.iterdir()] == [log.file.name]


def test_files_of_others_and_damaged_dates_are_no_hindrance(
    news: Engine, kept: Conversations, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = kept.begin(news.settings.seeds)
    ask(Session(news, log), FERRY)
    text = log.file.read_text()
    (log.file.parent / "a copy of it.jsonl").write_text(text)
    log.file.write_text(re.sub(r'"at":[\d.]+', '"at":1e300', text))
    monkeypatch.setattr(conversations, "MOST", 1)
    assert "no date · 1 question" in list_lines(kept.past())
    kept.begin(news.settings.seeds)
    assert kept.past() == []


@pytest.mark.skipif(os.name != "posix", reason="other kinds of files")
def test_a_pipe_or_a_device_among_them_is_none_of_them(kept: Conversations, tmp_path: Path) -> None:
    log = kept.begin(tmp_path)
    log.file.parent.mkdir(parents=True)
    os.mkfifo(log.file)
    log.file.with_name("zero.jsonl").symlink_to("/dev/zero")
    assert kept.past() == []
    with pytest.raises(UsageError, match="no conversation"):
        kept.answers(log.id)
    with pytest.raises(UsageError, match="cannot be kept"):
        kept.go_on(log.id, tmp_path).take_back()
