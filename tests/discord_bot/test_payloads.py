"""Whatever an answer holds, what is sent is valid, whole, inert, and shows the article's characters."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from qabot import (
    Answer,
    Checked,
    Citation,
    Conversation,
    Disagreement,
    Evidence,
    Filters,
    IndexState,
    Position,
    Span,
    Statement,
)
from qabot.discord_bot.cards import Card, answer_card, evidence_card, more_card, more_pages, notice_card, search_card
from qabot.discord_bot.inert import UNSEEN, inert, visible
from qabot.store import Kept
from qabot.wire import to_json
from tests.discord_bot.limits import could_ping, message_problems
from tests.discord_bot.messages import MessageFlag, MessageState
from tests.discord_bot.specification import load_specification

HOSTILE = (
    "@everyone", "@here", "<@123456789012345678>", "<@&123456789012345678>", "<#123456789012345678>", "<t:1700000000:R>",
    "[click](https://example.org)", "https://example.org/a_b", "```", "`code`", "**bold**", "__under__", "~~gone~~",
    "||spoiler||", "# Heading", "-# small", "> quote", ">>> all", "- item", "1. item", "\\", "\\*", "</ask:12>", "<:a:1>",
    ":smile:", "[1]", "(https://x.example)", "\u202edrawkcab", "\u200b", "\u2066", "Z\u0335\u0321\u0328a\u0336l\u0337go", "🏳️‍🌈", "مرحبا",
    "שלום", "漢字", "\U0001f9d1\u200d\U0001f680", "\x00", "\x1b[31m", "\u2028", "\t",
)  # fmt: skip
SPECIFICATION = load_specification()
fragments = st.one_of(
    st.sampled_from(HOSTILE), st.text(max_size=30), st.sampled_from(["said", "the", "bridge", "2023"])
)


def texts(most: int) -> st.SearchStrategy[str]:
    """Words, markup and odd characters; now and then very long."""
    short = st.lists(fragments, min_size=1, max_size=12).map(" ".join)
    return st.one_of(short, st.tuples(short, st.integers(1, 60)).map(lambda p: (p[0] + " ") * p[1])).map(
        lambda t: t[:most]
    )


words = texts(300)
quotes = texts(6000).filter(lambda text: bool(text.strip()))


@st.composite
def answers(draw: st.DrawFn) -> Answer:
    number = draw(st.sampled_from([0, 1, 1, 2, 3, 5, 12, 40]))
    status = draw(st.sampled_from(["answered", "partial", "abstained"]))
    own = draw(st.lists(quotes, min_size=number, max_size=number))
    citations, statements = [], []
    for n, quote in enumerate(own, 1):
        known = [draw(st.one_of(st.none(), words)) for _ in range(4)]
        citations.append(
            Citation(
                id=n, article=f"{draw(st.integers(0, 9))}/{draw(words)[:80]}.md", title=known[0], outlet=known[1],
                author=known[2], published=draw(st.sampled_from([None, "2023-11-04", "2023", known[3]])),
                url=draw(st.sampled_from([None, "https://example.org/a", "javascript:x", "https://e.org/" + "x" * 600])),
                quote=quote, start=n, end=n + len(quote),
            )
        )  # fmt: skip
        text = " ".join(visible(quote).split()) or "x"
        prefix = draw(st.sampled_from(["", "The Example (2023): ", "[He] "]))
        added = (Span(0, len(prefix)),) if prefix else ()
        statements.append(Statement(prefix + text, (n,), added))
    disagreements = ()
    if number > 1 and draw(st.booleans()):
        disagreements = (Disagreement("it", (Position(draw(words), (1,)), Position(draw(words), (2,)))),)
    question = draw(texts(2000)) or "?"
    return Answer(
        question=question, searched_for=draw(st.sampled_from([question, "x " + question]))[:2000], status=status,
        confidence=0.5, form=draw(st.sampled_from(["prose", "list"])), statements=tuple(statements),
        notes=tuple(draw(st.lists(words, max_size=3))), suggestions=tuple(draw(st.lists(words, max_size=4))),
        citations=tuple(citations), passages=(), disagreements=disagreements,
        index=IndexState(3, 412, 9000, "2026-11-24T23:35:00+00:00", draw(st.booleans())), took_ms=38.0,
    )  # fmt: skip


def kept(answer: Answer) -> Kept:
    filters = to_json(Filters(outlet="@everyone **x**"))
    return Kept("abcdefghijkl", 0.0, 1, None, None, False, filters, answer, Conversation())


def payload(card: Card) -> dict[str, Any]:
    """What discord.py would send for it."""
    body: dict[str, Any] = {"allowed_mentions": {"parse": []}}
    if card.plain:
        body["content"] = card.content
        body["components"] = card.view.to_components() if card.view else []
    elif card.view is not None:
        body["components"] = card.view.to_components()
        body["flags"] = 1 << 15
    return body


def problems(body: dict[str, Any]) -> list[str]:
    """What Discord would object to, by its limits and by its specification; 9,500 bytes is our own measure."""
    components = body.get("components", [])
    state = MessageState(
        at=0.0, content=body.get("content") or "", components=components, embeds=[],
        flags=MessageFlag(body.get("flags", 0)),
    )  # fmt: skip
    found = [str(problem) for problem in message_problems(state)]
    size = sum(len(text.encode()) + 12 for text in displays(components))
    found += [f"{size} bytes"] if size > 9500 else []
    found += ["could ping"] if could_ping(body) else []
    if SPECIFICATION is not None:
        path = "/channels/{channel_id}/messages"
        found += [str(problem) for problem in SPECIFICATION.problems("POST", path, "application/json", body)]
    return found


def displays(components: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for component in components:
        if component.get("type") == 10:
            yield component["content"]
        yield from displays(component.get("components", []))


def unescaped_markup(text: str) -> list[str]:
    """Marks of Discord's markup that stand without a backslash before them, ours taken out."""
    bare = re.sub(r"\\.", "", text, flags=re.DOTALL)
    return re.findall(r"[`_~|<>@]|\]\(|://", bare)


quick = hypothesis_settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


@quick
@given(answers(), st.booleans())
def test_every_card_is_valid_and_inert(answer: Answer, plain: bool) -> None:
    async def cards() -> list[Card]:
        own = kept(answer)
        made = [answer_card(own, can_thread=True, plain=plain)]
        pages = 1 if plain else len(more_pages(own)[0])
        made += [more_card(own, page, plain=plain) for page in range(min(pages, 4))]
        for citation in answer.citations[:3]:
            for state in ("holds", "moved", "changed", "gone"):
                there = (citation.start, citation.end) if state in ("holds", "moved") else (None, None)
                around = ("before " + answer.question, answer.question + " after") if there[0] is not None else ("", "")
                instead = answer.question if state == "changed" else ""
                evidence = Evidence(Checked(citation, state, *there), citation.quote, *around, True, True, instead)
                made.append(evidence_card(own, citation.id, evidence, plain=plain))
        made.append(
            search_card(answer.question, [("**1.** x", quote.quote) for quote in answer.citations], plain=plain)
        )
        made.append(notice_card(inert(answer.question), plain=plain))
        return made

    for card in asyncio.run(cards()):
        body = payload(card)
        assert problems(body) == [], problems(body)
        for text in (*displays(body.get("components", [])), body.get("content") or "", card.content):
            assert not unescaped_markup(text), (unescaped_markup(text), text)
            assert not re.search("[\u200b\u202a-\u202e\u2066-\u2069\x00\x1b]", text)


@quick
@given(quotes)
def test_a_quote_is_shown_character_for_character(quote: str) -> None:
    async def card() -> Card:
        citation = Citation(
            id=1, article="a.md", title=None, outlet=None, author=None, published=None, quote=quote, start=0, end=len(quote)
        )  # fmt: skip
        state = IndexState(1, 1, 1, "", False)
        answer = Answer(
            question="?", searched_for="?", status="answered", confidence=1, statements=(Statement("x", (1,)),),
            citations=(citation,), passages=(), disagreements=(), index=state, took_ms=0,
        )  # fmt: skip
        return evidence_card(kept(answer), 1, Evidence(Checked(citation, "holds", 0, len(quote)), quote))

    made = asyncio.run(card())
    if made.file is not None:
        assert made.file[1] == quote + "\n", "what does not fit is attached, whole and as it is"
        return
    (shown,) = [
        text for text in displays(payload(made)["components"]) if text.startswith("**") and "characters" not in text
    ]
    assert shown.startswith("**") and shown.endswith("**")
    # Characters that are not seen, or that turn what stands around them, are all that is left out.
    assert re.sub(r"\\([^0-9A-Za-z\s])", r"\1", shown[2:-2]) == (visible(quote.strip()) or UNSEEN)


@quick
@given(st.lists(quotes, min_size=1, max_size=30))
def test_nothing_is_cut_within_a_statement_and_nothing_is_lost(own: list[str]) -> None:
    async def cards() -> tuple[Card, list[Card], bool]:
        citations = tuple(
            Citation(
                id=n, article=f"{n}.md", title=None, outlet="The Example", author=None, published=None, quote=quote, start=0,
                end=len(quote),
            )
            for n, quote in enumerate(own, 1)
        )  # fmt: skip
        statements = tuple(Statement(" ".join(visible(c.quote).split()) or "x", (c.id,)) for c in citations)
        answer = Answer(
            question="?", searched_for="?", status="answered", confidence=1, statements=statements, citations=citations,
            passages=(), disagreements=(), index=IndexState(1, 1, 1, "", False), took_ms=0, form="list",
        )  # fmt: skip
        one = kept(answer)
        pages, whole = more_pages(one)
        return answer_card(one, can_thread=False, plain=False), [more_card(one, n) for n in range(len(pages))], whole

    first, more, whole = asyncio.run(cards())
    everything = "\n".join(text for card in (first, *more) for text in displays(payload(card)["components"]))
    for quote in own:
        stated = inert(" ".join(visible(quote).split()) or "x")
        attached = any(card.file and quote in card.file[1] for card in more)
        assert stated in everything or (attached and not whole)


@pytest.mark.parametrize("text", HOSTILE)
def test_markup_is_escaped_and_comes_back_as_it_was(text: str) -> None:
    for whole in (text, f"a {text} b", f"a\n{text}\nb"):
        assert re.sub(r"\\([^0-9A-Za-z\s])", r"\1", inert(whole)) == visible(whole)


def test_an_accent_colour_is_not_alone_in_telling_the_status() -> None:
    async def card(status: Any) -> Card:
        state = IndexState(1, 5, 9, "2026-11-24T23:35:00+00:00", False)
        answer = Answer(
            question="?", searched_for="?", status=status, confidence=1, citations=(), passages=(), disagreements=(),
            index=state, took_ms=1.0,
        )  # fmt: skip
        return answer_card(replace(kept(answer), filters="{}"), can_thread=False, plain=False)

    for status, word in (
        ("answered", "Answered"),
        ("partial", "in part"),
        ("abstained", "Not found in these articles"),
    ):
        assert word in "\n".join(displays(payload(asyncio.run(card(status)))["components"]))
