from __future__ import annotations

import io
import re
import unicodedata
from dataclasses import replace
from datetime import UTC
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from qabot import (
    Answer,
    Checked,
    Citation,
    Disagreement,
    Engine,
    Evidence,
    Filters,
    IndexState,
    Metadata,
    Position,
    Span,
    Statement,
    StoredArticle,
    UsageError,
)
from qabot.phrases import quoted
from qabot.terminal.chat import problem_view
from qabot.terminal.evidence import changed_since, evidence_view, sources_view, verified_view
from qabot.terminal.saving import answer_text, quote_text
from qabot.terminal.screen import Screen, plain_lines, styled_lines
from qabot.terminal.tables import articles_view
from qabot.terminal.text import one_line, one_problem, shortened, spaced, visible
from qabot.terminal.view import View, age, answer_view, asked_view, filters_text, words
from qabot.terminal.welcome import first_welcome

# Exactly what qabot itself sends: its styles and its links.
_OURS = re.compile(r"\x1b\[(0|1|2|7|35|1;31)m|\x1b\]8;(id=[0-9-]+)?;(file://[!-~]*)?\x1b\\")
_DANGEROUS = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


Status = Literal["answered", "partial", "abstained"]
Form = Literal["prose", "list"]


def named(text: str) -> Filters:
    """None where there is nothing to filter by, which is refused."""
    return Filters(outlet=text, author=text, article=text) if text.strip() else Filters()


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(view: View, width: int = 100, *, tty: bool = True, **environ: str) -> str:
    out = Terminal() if tty else io.StringIO()
    environment = {"TERM": "xterm-256color", "COLUMNS": str(width), **environ}
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("NO_COLOR", raising=False)
        for name, value in environment.items():
            patch.setenv(name, value)
        Screen(out, environ=environment).show(view)
    return out.getvalue()


def lines_of(text: str) -> list[str]:
    return _OURS.sub("", text).splitlines()


def dangers(text: str) -> set[str]:
    return {c for c in _OURS.sub("", text) if c != "\n" and unicodedata.category(c) in _DANGEROUS}


evil = st.text(
    st.one_of(
        st.sampled_from("\x1b\x07\x9b\x9d\x90\r\x08\x7f\x00\u202e\u202d\u2066\u2069\u200f\u200b\ufeff\u2028\x85\t\n"),
        st.characters(),
        st.sampled_from("[];0123456789mJHab \\"),
    ),
    max_size=40,
) | st.sampled_from(
    ["\x1b]0;owned\x07", "\x1b[2J", "\x1b]52;c;aGk=\x07", "\x1b]8;;http://x\x1b\\y", "\x9b31m", "\u202eabc"]
)


def hostile(text: str, status: Status, form: Form) -> Answer:
    """An answer all of whose texts are this one."""
    citations = tuple(
        Citation(
            id=number, article=text, title=text, outlet=text, author=text, published=text, url=text, quote=text,
            start=0, end=1,
        )
        for number in (1, 2)
    )  # fmt: skip
    statements = (Statement(text, (1,), (Span(0, len(text) // 2),)), Statement(text, (2,), (), text))
    sides = (Disagreement(text, (Position(text, (1,)), Position(text, (2,)))),) if form == "prose" else ()
    return Answer(
        question=text, searched_for=f"{text}!", status=status, confidence=0.5, form=form, statements=statements,
        notes=(text,), suggestions=(text,), citations=citations, passages=(), disagreements=sides,
        index=IndexState(1, 2, 3, text, False), took_ms=1.0,
    )  # fmt: skip


@settings(max_examples=2000, deadline=None)
@given(evil)
def test_no_text_acts_on_the_terminal(text: str) -> None:
    view = [words(text), *asked_view(text), words(filters_text(named(text)))]
    plain = "\n".join(plain_lines(view, 80))
    assert not dangers(
        plain + one_line(text) + spaced(text) + shortened(text, 20) + one_problem(UsageError(text)).replace("\t", "")
    )
    assert dangers(visible(text)) <= {"\t"}


@settings(max_examples=120, deadline=None)
@given(evil, st.sampled_from([40, 100]), st.sampled_from(["answered", "abstained"]), st.sampled_from(["prose", "list"]))
def test_nothing_of_an_article_question_or_name_acts_on_the_terminal(
    text: str, width: int, status: Status, form: Form
) -> None:
    answer = hostile(text, status, form)
    first = answer.citations[0]
    checked = [Checked(first, "changed", None, None), Checked(first, "moved", 3, 4)]
    evidence = Evidence(checked[1], text, text, text, True, True, text, 3)
    article = StoredArticle(1, text, Metadata(text, text, text, text))

    def link_of(path: str) -> str:
        return "file:///seeds/a.md"

    view = [
        *asked_view(text),
        *answer_view(answer, link_of, for_the_eye=True),
        *evidence_view(evidence, link_of, marked=True),
        *sources_view(answer, link_of)[:4],
        *verified_view([(answer, checked)]),
        *changed_since(checked),
        *articles_view([article], link_of),
        *problem_view(ValueError(text)),
        words(filters_text(named(text))),
    ]
    assert not dangers(shown(view, width))
    assert not dangers(shown([*view, *answer_view(answer, link_of, for_the_eye=False)], width, tty=False))
    assert dangers(answer_text(answer) + quote_text(first) + visible(text)) <= {"\t"}


@given(evil, st.integers(2, 30))
def test_a_shortened_text_is_one_line_of_that_length(text: str, most: int) -> None:
    assert len(shortened(text, most)) <= most
    assert "\n" not in one_line(text)


@pytest.mark.parametrize("width", [40, 100, 200])
@pytest.mark.parametrize(
    "question",
    [
        "How many people died in the fire on the ferry?",
        "What did the bridge in Tokyo cost?",
        "Who opened the tunnel in Haifa?",
        "Who won the chess title?",
    ],
)
def test_no_line_is_wider_than_the_terminal(news: Engine, question: str, width: int) -> None:
    lines = lines_of(shown(answer_view(news.ask(question), lambda path: None, for_the_eye=True), width))
    assert len(lines) > 3 and max(cell_len(line) for line in lines) <= width


def test_reports_that_differ_stand_in_two_columns_or_below_one_another(news: Engine) -> None:
    answer = news.ask("How many people died in the fire on the ferry?")
    assert answer.disagreements
    view = answer_view(answer, lambda path: None, for_the_eye=True)
    wide = lines_of(shown(view, 120))
    assert any("At least 19" in line and line.rstrip().endswith("14") and "│" in line for line in wide)
    narrow = "\n".join(lines_of(shown(view, 60)))
    assert "│" not in narrow and "Evening Ledger, 11 Mar 2021" in narrow and "Daily Courier, 10 Mar 2021" in narrow


def test_qabots_own_words_are_set_off_from_the_articles() -> None:
    statement = Statement("One week before, he [Milley] warned.", (1,), (Span(20, 28),))
    citation = Citation(
        id=1, article="a.md", title="T", outlet=None, author=None, published=None, quote="q", start=0, end=1
    )
    answer = Answer(
        question="q", searched_for="q", status="answered", confidence=1.0, statements=(statement,), citations=(citation,),
        passages=(), disagreements=(), index=IndexState(1, 1, 1, "", False), took_ms=1.0,
    )  # fmt: skip
    out = shown(answer_view(answer, lambda path: None, for_the_eye=True))
    assert "\x1b[2m[Milley]\x1b[0m" in out and "\x1b[35m[1]\x1b[0m" in out


def test_sources_link_to_their_files_where_the_terminal_has_links(news: Engine) -> None:
    answer = news.ask("Who opened the tunnel in Haifa?")
    seeds = news.settings.seeds
    for term, linked in (("xterm-256color", True), ("linux", False), ("dumb", False)):
        screen = Screen(Terminal(), environ={"TERM": term})
        view = answer_view(answer, lambda path, screen=screen: screen.link_to(seeds / path), for_the_eye=True)
        assert ("file://" in shown(view, TERM=term)) is linked


def test_no_color_and_a_dumb_terminal_are_heeded(news: Engine) -> None:
    view = answer_view(news.ask("Who opened the tunnel in Haifa?"), lambda path: None, for_the_eye=True)
    assert "\x1b[35m" in shown(view)
    assert "\x1b[35m" not in shown(view, NO_COLOR="1")
    assert "\x1b" not in shown(view, TERM="dumb")
    assert "\x1b" not in shown(view, tty=False)


@pytest.mark.parametrize(
    ("filters", "footer"),
    [
        (Filters(), "1 of 5 articles"),
        (Filters(outlet="הארץ"), "1 of 1 article"),
        (Filters(outlet="Daily"), "1 article "),
    ],
)
def test_the_footer_counts_the_articles_that_were_asked(news: Engine, filters: Filters, footer: str) -> None:
    answer = news.ask("Who opened the tunnel in Haifa?", filters=filters)
    assert answer.index.articles == 5 and footer in shown(answer_view(answer, lambda path: None, for_the_eye=True))
    earlier = replace(answer, index=replace(answer.index, asked=None))
    assert "5 articles" in shown(answer_view(earlier, lambda path: None, for_the_eye=True))


def test_the_age_of_an_index_is_told_in_words() -> None:
    from datetime import datetime

    now = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
    assert age("2026-11-25T11:59:30+00:00", now) == "just now"
    assert age("2026-11-25T11:58:00+00:00", now) == "2 minutes ago"
    assert age("2026-11-24T11:00:00+00:00", now) == "1 day ago"
    assert age("never", now) == "never"


def test_a_first_run_says_in_four_lines_what_there_is_and_what_to_ask(news: Engine) -> None:
    starters = news.starters()
    assert len(starters) == 3 and all(news.ask(question).status == "answered" for question in starters)
    told = first_welcome(news.settings.seeds, news.status(), news.articles(), starters)
    lines = shown(told, tty=False, width=100).splitlines()
    joined = "\n".join(lines)
    assert [line.split()[0] for line in lines if line[:1].isupper()][:4] == ["Articles", "Outlets", "Dates", "Index"]
    assert "Daily Courier (1)" in joined and "10 Mar 2021 to 1 Jun 2022; 1 undated" in joined
    assert all(question in joined for question in starters)


def test_sources_are_wrapped_where_a_line_is_too_short_for_them(news: Engine) -> None:
    view = answer_view(news.ask("Who opened the tunnel in Haifa?"), lambda path: None, for_the_eye=True)
    console = Console(file=io.StringIO(), width=40)
    narrow = [line.plain for line in styled_lines(view, 40, console)]
    assert not any("…" in line for line in narrow) and all(cell_len(line) <= 40 for line in narrow)
    assert any(line.startswith("    ") for line in narrow), "later lines of a source hang"


@pytest.mark.parametrize(
    ("quote", "shown"),
    [
        ("The bridge cost 40 million.", "“The bridge cost 40 million.”"),
        ("“It was dear,” the mayor said.", "“It was dear,” the mayor said."),
        ('The mayor said "no."', 'The mayor said "no."'),
    ],
)
def test_a_quote_that_has_quotation_marks_gets_no_second_ones(quote: str, shown: str) -> None:
    assert quoted(quote) == shown
