"""Chosen sentences -> the statements of an answer, each with its citations."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from qabot.answers.answer import Citation, Disagreement, Position, RankedPassage, Span, Statement
from qabot.answers.candidates import Candidate
from qabot.answers.disagree import Conflict
from qabot.index import StoredArticle
from qabot.language.names import names
from qabot.retrieval import Hit

_OPENS_WITH_PERSON = re.compile(r"^[“\"]?(He|She)\b(?! \[)")
_OPENS_LEANING = re.compile(
    r"^\W*(?:(?:And|But|So|Yet|However,?|Also,?|Instead,?|Then,?) )?(?:He|She|They|It|This|That|These|Those|His|Her|Their|Its|Both|Such|he|she|they|it|this|that|these|those|his|her|their|its)\b"
)
# A sentence before that is longer than this costs more than it explains.
_MOST_BEFORE = 260


# Footnotes of an article would read as markers of ours; the quote in the citation has them. They stand at a word or at
# the end; any other number in brackets is part of what is said.
_FOOTNOTE = re.compile(r"(?:\s*\[\d{1,3}\])+\s*$|(?<=\S)\[\d{1,3}\]")
_NUMBER_IN_BRACKETS = re.compile(r"\[(\d{1,3})\]")
_SAID = r"(?:said|says|told|warned|argued|claimed|wrote|added|insisted|acknowledged|explained|stated|noted)"
_PERSON = r"(?:[A-Z][\w’'.-]+ ){0,3}[A-Z][\w’'-]+"
_SPEAKER = re.compile(rf"[”\"] (?:{_SAID} (?P<after>{_PERSON})|(?P<before>{_PERSON}) {_SAID})\b")


@dataclass(frozen=True, slots=True)
class Quoted:
    """``quote`` is ``article_text[start:end]``; ``text`` is what is shown of it, ``added`` the spans that are ours."""

    article: StoredArticle
    start: int
    end: int
    quote: str
    text: str
    added: tuple[Span, ...] = ()

    @property
    def source(self) -> str:
        """Who reported it and when, as far as that is known."""
        metadata = self.article.metadata
        name = metadata.outlet or metadata.author or metadata.title or self.article.path
        known = [f"citing {metadata.via}" if metadata.via else None, metadata.published]
        more = ", ".join(value for value in known if value)
        return shown(f"{name} ({more})" if more else name)

    def statement(self, citations: Sequence[int], prefix: str = "") -> Statement:
        """``prefix`` are words of ours to put before it."""
        ours = (Span(0, len(prefix)),) if prefix else ()
        moved = tuple(Span(len(prefix) + span.start, len(prefix) + span.end) for span in self.added)
        return Statement(prefix + self.text, tuple(citations), ours + moved, speaker_in(self.quote))


def shown(text: str) -> str:
    """In one line, without an article's own footnote marks, and nothing else that looks like a marker."""
    return " ".join(_NUMBER_IN_BRACKETS.sub(r"(\1)", _FOOTNOTE.sub("", text)).split())


def speaker_in(quote: str) -> str | None:
    """Who says what stands in quotation marks, where the sentence itself names one person right after them."""
    found = _SPEAKER.search(quote)
    if not found:
        return None
    name = found["after"] or found["before"]
    return None if name.casefold() in _NOT_SPEAKERS else name


_NOT_SPEAKERS = frozenset("he she they it we i you the a an this that".split())


def quoted(candidate: Candidate) -> Quoted:
    """The sentence with what it leans on: its antecedent in brackets, or the sentence before it too."""
    hit, start, end = candidate.hit, candidate.sentence.start, candidate.sentence.end
    text = candidate.text
    opening = _OPENS_WITH_PERSON.match(text)
    if opening and candidate.before:
        people = list(dict.fromkeys(name for name in names("x " + candidate.before) if " " in name or len(name) > 3))
        if len(people) == 1:
            before, bracket, rest = shown(text[: opening.end()]), f"[{shown(people[0])}]", text[opening.end() :]
            span = Span(len(before) + 1, len(before) + 1 + len(bracket))
            space = " " if rest[:1].isspace() else ""
            return Quoted(hit.article, start, end, text, f"{before} {bracket}{space}{shown(rest)}", (span,))
    if candidate.before and _OPENS_LEANING.match(text) and len(candidate.before) <= _MOST_BEFORE:
        start = candidate.before_start
        text = hit.text[start - hit.start : end - hit.start]
    return Quoted(hit.article, start, end, text, shown(text))


def in_reading_order(quotes: Sequence[Quoted]) -> list[Quoted]:
    """The first one's article first, each article's quotes as they stand in it; touching ones made one."""
    order = list(dict.fromkeys(quote.article.id for quote in quotes))
    ordered = sorted(quotes, key=lambda q: (order.index(q.article.id), q.start))
    joined: list[Quoted] = []
    for quote in ordered:
        last = joined[-1] if joined else None
        if last is not None and last.article.id == quote.article.id and quote.start < last.end:
            if quote.end <= last.end:
                continue
            # The sentence before this one is quoted already: what is new is shown after it.
            rest = quote.quote[last.end - quote.start :].lstrip()
            quote = Quoted(quote.article, quote.end - len(rest), quote.end, rest, shown(rest))
        joined.append(quote)
    return joined


def compose(quotes: Sequence[Quoted], *, as_list: bool = False) -> tuple[tuple[Statement, ...], tuple[Citation, ...]]:
    """The statements, and the citations that they name, in reading order; in a list each after its source."""
    citations = tuple(cite(number, quote) for number, quote in enumerate(quotes, 1))
    sourced = as_list and len(quotes) > 1
    return tuple(q.statement([n], f"{q.source}: " if sourced else "") for n, q in enumerate(quotes, 1)), citations


def cite(number: int, quote: Quoted) -> Citation:
    metadata = quote.article.metadata
    return Citation(
        id=number,
        article=quote.article.path,
        title=metadata.title,
        outlet=metadata.outlet,
        author=metadata.author,
        published=metadata.published,
        url=metadata.url,
        quote=quote.quote,
        start=quote.start,
        end=quote.end,
    )


def compose_conflict(
    conflict: Conflict, others: Sequence[Candidate] = ()
) -> tuple[tuple[Statement, ...], tuple[Citation, ...], Disagreement]:
    """Both sides, a line each, none preferred; then ``others``, of a list that has more."""
    quotes: list[Quoted] = []
    positions = []
    statements = []
    for says, held in conflict.positions:
        own = []
        for candidate in _one_an_article(held)[:2]:
            quotes.append(quoted(candidate))
            own.append(len(quotes))
        first = quotes[own[0] - 1]
        statements.append(first.statement(own, f"{shown(says)} - {first.source}: "))
        positions.append(Position(shown(says), tuple(own)))
    for candidate in others:
        quotes.append(quoted(candidate))
        statements.append(quotes[-1].statement([len(quotes)], f"{quotes[-1].source}: "))
    citations = tuple(cite(number, quote) for number, quote in enumerate(quotes, 1))
    return tuple(statements), citations, Disagreement(conflict.about, tuple(positions))


def one_source(articles: Sequence[StoredArticle]) -> tuple[str, ...]:
    """ "3 articles, one source: NBC News" where every article retells the same report; else nothing."""
    distinct = {article.id: article for article in articles}
    if len(distinct) < 2:
        return ()
    origins = [_origins(article) for article in distinct.values()]
    shared = set.intersection(*origins)
    if len(shared) != 1 or not any(article.metadata.via for article in distinct.values()):
        return ()
    name = next(iter(shared))
    written = next(part for article in distinct.values() for part in _names_of(article) if part.casefold() == name)
    return (f"{len(distinct)} articles, one source: {written}",)


def _origins(article: StoredArticle) -> set[str]:
    return {name.casefold() for name in _names_of(article)}


def _names_of(article: StoredArticle) -> list[str]:
    """Whose report it is: those it retells, or its own outlet."""
    metadata = article.metadata
    if metadata.via:
        return [part.strip() for part in metadata.via.split(",") if part.strip()]
    return [metadata.outlet] if metadata.outlet else []


def ranked_passages(hits: Sequence[Hit]) -> tuple[RankedPassage, ...]:
    return tuple(RankedPassage(hit.article.path, hit.text, hit.start, hit.end, round(hit.score, 4)) for hit in hits)


def collection_described(articles: Sequence[StoredArticle]) -> str:
    """ "5 articles, 2022-11-16 to 2023-11-04; 3 without a date"."""
    dates = sorted(article.metadata.published for article in articles if article.metadata.published)
    undated = len(articles) - len(dates)
    text = "1 article" if len(articles) == 1 else f"{len(articles)} articles"
    if dates:
        text += f", {dates[0]}" if dates[0] == dates[-1] else f", {dates[0]} to {dates[-1]}"
        return text + (f"; {undated} without a date" if undated else "")
    return text + (", none of them dated" if len(articles) > 1 else ", not dated")


def nearest(candidate: Candidate | None) -> tuple[tuple[Statement, ...], tuple[Citation, ...]]:
    """What an abstention shows as nearest, cited like everything else."""
    if candidate is None:
        return (), ()
    return compose([plainly(candidate)])


def plainly(candidate: Candidate) -> Quoted:
    """The sentence as it stands, with nothing added."""
    start, end = candidate.sentence.start, candidate.sentence.end
    return Quoted(candidate.hit.article, start, end, candidate.text, shown(candidate.text))


def _one_an_article(candidates: Sequence[Candidate]) -> list[Candidate]:
    first: dict[int, Candidate] = {}
    for candidate in candidates:
        first.setdefault(candidate.hit.article.id, candidate)
    return list(first.values())
