from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from qabot import QabotError, UsageError
from qabot.engine import Engine
from qabot.store import open_store
from qabot.terminal.chat import present
from qabot.terminal.commands import COMMANDS, answer_line
from qabot.terminal.screen import Screen
from qabot.terminal.session import Session
from qabot.wire import read_answers
from tests.terminal.test_view import Terminal

FERRY = "How many people died in the fire on the ferry?"


class Typed:
    """A conversation on a pipe, or a terminal, and what it shows."""

    def __init__(self, engine: Engine, *, tty: bool = False) -> None:
        self.session = Session(engine)
        self.out = Terminal() if tty else io.StringIO()
        self.screen = Screen(self.out, environ={"TERM": "xterm", "PAGER": "no-such-pager"})

    def __call__(self, line: str) -> str:
        """What a line shows. Raises what it raises."""
        before = self.out.tell()
        present(answer_line(line, self.session, self.screen), self.session, self.screen)
        return self.out.getvalue()[before:]


@pytest.fixture
def typed(news: Engine) -> Typed:
    return Typed(news)


def test_show_marks_the_quote_in_its_surroundings_and_says_where_it_stands(typed: Typed) -> None:
    typed(FERRY)
    shown = typed("/show 2")
    assert "courier.md, line 8" in shown and "holds" in shown
    assert ">>> Officials said 14 passengers died in the fire. <<<" in " ".join(shown.split())
    assert "Captain Lars Endersen" in shown
    marked = Typed(typed.session.engine, tty=True)
    marked(FERRY)
    assert "\x1b[7mOfficials said 14 passengers died in the fire.\x1b[0m" in marked("/show [2]")


def test_show_says_what_became_of_a_quote(own: Engine) -> None:
    typed = Typed(own)
    typed(FERRY)
    article = own.settings.seeds / "courier.md"
    article.write_text(article.read_text().replace("14 passengers", "17 passengers"))
    shown = " ".join(typed("/show 2").split())
    assert "no longer has these words" in shown and "In its place now" in shown and "17 passengers" in shown
    assert "1 of 2 quotes stand" in typed("/verify")


def test_sources_why_more_and_articles(typed: Typed) -> None:
    typed(FERRY)
    sources = typed("/sources")
    assert "ledger.md:" in sources and "“Officials said 14 passengers died in the fire.”" in sources
    assert "Why an answer" in typed("/why") and "decided by" in typed("/why")
    assert "searched for" in typed("/more") or "do not say" in typed.out.getvalue()
    listed = typed("/articles")
    assert "10 Mar 2021 · Daily Courier · A. Writer · Ferry burns off Norvik" in listed and "5 articles" in listed


def test_filters_narrow_until_they_are_cleared(typed: Typed) -> None:
    assert "Only outlet courier (1 article)." in typed("/outlet courier")
    assert "14 passengers" in typed(FERRY) and not typed.session.last.answer.disagreements
    assert "since 2021 · outlet" not in typed("/filters")
    assert "No filters: all 5 articles" in typed("/outlet")
    typed("/since 2022")
    typed("/until 2022-05")
    assert "since 2022 · until 2022-05 (1 article)" in typed("/filters")
    with pytest.raises(UsageError, match="No article matches"):
        typed("/author Nobody")
    assert typed.session.filters.author is None and typed.session.filters.since == "2022"
    with pytest.raises(UsageError, match="not a date"):
        typed("/since yesterday")
    assert "new topic" in typed("/clear") and not typed.session.conversation.turns
    assert "1 article" in typed("/article tok*")
    assert "Only author Writer" in (typed("/clear") and typed("/author Writer"))


def test_retry_asks_the_last_question_again_in_its_place(typed: Typed) -> None:
    typed(FERRY)
    before = typed.session.conversation
    typed("/outlet ledger")
    assert "At least 19" in typed("/retry") and "14 passengers" not in typed.out.getvalue().rsplit("Only outlet", 1)[1]
    assert len(typed.session.given) == 1 and len(typed.session.conversation.turns) == len(before.turns) == 1


def test_search_shows_passages_under_the_filters(typed: Typed) -> None:
    assert "haifa.md" in typed("/search who opened a tunnel")
    typed("/outlet courier")
    assert "haifa.md" not in typed("/search who opened a tunnel")
    with pytest.raises(UsageError):
        typed("/search")


def test_copy_sends_the_answer_or_a_quote_to_the_clipboard(news: Engine) -> None:
    import base64

    typed = Typed(news, tty=True)
    typed("Who opened the tunnel in Haifa?")
    shown = typed("/copy 1")
    sent = base64.b64decode(shown.partition("\x1b]52;c;")[2].partition("\x07")[0]).decode()
    assert sent.startswith("“The mayor of Haifa") and "haifa.md:" in sent
    assert "clipboard" in shown
    assert "[1]" in base64.b64decode(typed("/copy").partition("\x1b]52;c;")[2].partition("\x07")[0]).decode()
    with pytest.raises(UsageError, match="no source 7"):
        typed("/copy 7")
    with pytest.raises(UsageError, match="Only a terminal"):
        Typed(news)("/copy")


def test_save_writes_what_verify_reads_and_a_page_without_markup_of_the_articles(typed: Typed, tmp_path: Path) -> None:
    typed(FERRY)
    typed("Which valley of Corvo flooded?")
    typed(f"/save {tmp_path / 'talk.json'}")
    assert [answer.question for answer in read_answers(tmp_path / "talk.json")] == [
        FERRY,
        "Which valley of Corvo flooded?",
    ]
    assert len(json.loads((tmp_path / "talk.json").read_text())) == 2
    typed(f"/save {tmp_path / 'talk.md'}")
    page = (tmp_path / "talk.md").read_text()
    assert f"## {FERRY}" in page and "> Officials said 14 passengers died in the fire." in page and "\\[31mred" in page
    assert "\x1b" not in page
    for name, says in (
        ("talk.md", "there already"),
        ("talk.txt", ".md or .json"),
        ("no/such/talk.md", "cannot be written"),
        ("", "Where"),
    ):
        with pytest.raises(UsageError, match=says):
            typed(f"/save {tmp_path / name if name else ''}")


def test_save_leaves_nothing_of_what_there_was_no_room_for(typed: Typed, tmp_path: Path) -> None:
    typed(FERRY)
    resource = pytest.importorskip("resource")  # POSIX has it
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    try:
        with pytest.raises(UsageError, match="cannot be written"):
            typed(f"/save {tmp_path / 'talk.md'}")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not (tmp_path / "talk.md").exists()


def test_votes_are_kept_where_those_of_discord_are(own: Engine) -> None:
    typed = Typed(own)
    with pytest.raises(UsageError, match="Nothing was asked"):
        typed("/good")
    typed(FERRY)
    typed("/good")
    typed("/bad the sum is missing")
    store = open_store(own.settings)
    (vote,) = store.feedback()
    store.close()
    assert (vote.vote, vote.comment, vote.answer.question) == ("wrong", "the sum is missing", FERRY)


def test_an_unknown_command_suggests_the_nearest(typed: Typed) -> None:
    with pytest.raises(UsageError) as error:
        typed("/sorces")
    assert "/sources" in error.value.remedy
    with pytest.raises(UsageError) as error:
        typed("/xyzzy")
    assert "/help" in error.value.remedy


def test_help_names_every_command_and_one(typed: Typed) -> None:
    told = typed("/help")
    assert all(f"/{name}" in told for name in COMMANDS) and "Ctrl-C" in told
    assert typed("/help save").startswith("/save FILE") and "/show" not in typed("/help /save")


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_no_command_fails_inside_before_anything_was_asked(typed: Typed, name: str) -> None:
    if name == "quit":
        assert answer_line("/quit", typed.session, typed.screen).leaves
        return
    try:
        typed(f"/{name}")
    except QabotError as error:
        assert error.remedy
    for nonsense in ("999", "\x1b[31m", "²", "a\0b"):
        try:
            assert "\x1b" not in typed(f"/{name} {nonsense}")
        except QabotError as error:
            assert error.remedy


def test_the_documentation_has_every_command() -> None:
    page = (Path(__file__).parents[2] / "docs" / "terminal.md").read_text()
    for command in COMMANDS.values():
        assert f"`{command.written}`" in page, command.written
