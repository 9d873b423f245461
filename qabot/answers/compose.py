"""Chosen sentences -> the text of an answer, every statement with its marker and its citation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from qabot.answers.answer import Citation, Disagreement, Position, RankedPassage
from qabot.answers.candidates import Candidate
from qabot.answers.disagree import Conflict
from qabot.answers.follow_up import names
from qabot.index import StoredArticle
from qabot.retrieval import Hit

_OPENS_WITH_PERSON = re.compile(r"^[“\"]?(He|She)\b(?! \[)")
_OPENS_LEANING = re.compile(
    r"^\W*(?:(?:And|But|So|Yet|However,?|Also,?|Instead,?|Then,?) )?(?:He|She|They|It|This|That|These|Those|His|Her|Their|Its|Both|Such|he|she|they|it|this|that|these|those|his|her|their|its)\b"
)
# A sentence before that is longer than this costs more than it explains.
_MOST_BEFORE = 260


@dataclass(frozen=True, slots=True)
class Statement:
    """``quote`` is ``article_text[start:end]``; ``text`` is what is shown of it, with what we add in brackets."""

    article: StoredArticle
    start: int
    end: int
    quote: str
    text: str

    @property
    def source(self) -> str:
        """Who reported it and when, as far as that is known."""
        metadata = self.article.metadata
        name = metadata.outlet or metadata.author or metadata.title or self.article.path
        known = [f"citing {metadata.via}" if metadata.via else None, metadata.published]
        more = ", ".join(value for value in known if value)
        return f"{name} ({more})" if more else name


def state(candidate: Candidate) -> Statement:
    """The sentence with what it leans on: its antecedent in brackets, or the sentence before it too."""
    hit, start, end = candidate.hit, candidate.sentence.start, candidate.sentence.end
    text = candidate.text
    opening = _OPENS_WITH_PERSON.match(text)
    if opening and candidate.before:
        people = list(dict.fromkeys(name for name in names("x " + candidate.before) if " " in name or len(name) > 3))
        if len(people) == 1:
            shown = f"{text[: opening.end()]} [{people[0]}]{text[opening.end() :]}"
            return Statement(hit.article, start, end, text, _one_line(shown))
    if candidate.before and _OPENS_LEANING.match(text) and len(candidate.before) <= _MOST_BEFORE:
        start = candidate.before_start
        text = hit.text[start - hit.start : end - hit.start]
    return Statement(hit.article, start, end, text, _one_line(text))


def in_reading_order(statements: Sequence[Statement]) -> list[Statement]:
    """The first one's article first, each article's statements as they stand in it; touching ones made one."""
    order = list(dict.fromkeys(statement.article.id for statement in statements))
    ordered = sorted(statements, key=lambda s: (order.index(s.article.id), s.start))
    joined: list[Statement] = []
    for statement in ordered:
        last = joined[-1] if joined else None
        if last is not None and last.article.id == statement.article.id and statement.start < last.end:
            if statement.end <= last.end:
                continue
            # The sentence before this one is quoted already: what is new is shown after it.
            shift = last.end - statement.start
            rest = statement.quote[shift:]
            trimmed = rest.lstrip()
            statement = replace(statement, start=statement.end - len(trimmed), quote=trimmed, text=_one_line(trimmed))
        joined.append(statement)
    return joined


def compose(statements: Sequence[Statement], *, as_list: bool = False) -> tuple[str, tuple[Citation, ...]]:
    """The text with its markers, and the citations that they name, in reading order."""
    citations = tuple(cite(number, statement) for number, statement in enumerate(statements, 1))
    if as_list and len(statements) > 1:
        lines = [f"- {s.source}: {s.text} [{n}]" for n, s in enumerate(statements, 1)]
        return "\n".join(lines), citations
    return " ".join(f"{statement.text} [{n}]" for n, statement in enumerate(statements, 1)), citations


def cite(number: int, statement: Statement) -> Citation:
    metadata = statement.article.metadata
    return Citation(
        id=number,
        article=statement.article.path,
        title=metadata.title,
        outlet=metadata.outlet,
        author=metadata.author,
        published=metadata.published,
        quote=statement.quote,
        start=statement.start,
        end=statement.end,
    )


def compose_conflict(
    conflict: Conflict, others: Sequence[Candidate] = ()
) -> tuple[str, tuple[Citation, ...], Disagreement]:
    """Both sides, a line each, none preferred; then ``others``, of a list that has more."""
    statements: list[Statement] = []
    positions = []
    lines = []
    for says, held in conflict.positions:
        own = []
        for candidate in _one_an_article(held)[:2]:
            statement = state(candidate)
            statements.append(statement)
            own.append(len(statements))
        first = statements[own[0] - 1]
        markers = " ".join(f"[{n}]" for n in own)
        lines.append(f"- {says} - {first.source}: {first.text} {markers}")
        positions.append(Position(says, tuple(own)))
    for candidate in others:
        statements.append(state(candidate))
        lines.append(f"- {statements[-1].source}: {statements[-1].text} [{len(statements)}]")
    citations = tuple(cite(number, statement) for number, statement in enumerate(statements, 1))
    text = "Reports differ:\n" + "\n".join(lines)
    shared = one_source([statement.article for statement in statements])
    if shared:
        text += f"\n({shared})"
    return text, citations, Disagreement(conflict.about, tuple(positions))


def one_source(articles: Sequence[StoredArticle]) -> str:
    """ "3 articles, one source: NBC News" where every article retells the same report; else empty."""
    distinct = {article.id: article for article in articles}
    if len(distinct) < 2:
        return ""
    origins = [_origins(article) for article in distinct.values()]
    shared = set.intersection(*origins)
    if len(shared) != 1 or not any(article.metadata.via for article in distinct.values()):
        return ""
    name = next(iter(shared))
    written = next(part for article in distinct.values() for part in _names_of(article) if part.casefold() == name)
    return f"{len(distinct)} articles, one source: {written}"


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


def compose_abstention(
    articles: Sequence[StoredArticle], nearest: Candidate | None, suggestions: Sequence[str]
) -> tuple[str, tuple[Citation, ...]]:
    """Says that the articles do not say, over which, what is nearest, and what they do answer."""
    text = f"The articles do not say ({collection_described(articles)})."
    citations: tuple[Citation, ...] = ()
    if nearest is not None:
        start, end = nearest.sentence.start, nearest.sentence.end
        statement = Statement(nearest.hit.article, start, end, nearest.text, _one_line(nearest.text))
        citations = (cite(1, statement),)
        text += f"\nNearest, but not an answer: “{statement.text}” [1]"
    if suggestions:
        text += "\nThey do answer: " + " · ".join(suggestions)
    return text, citations


def _one_an_article(candidates: Sequence[Candidate]) -> list[Candidate]:
    first: dict[int, Candidate] = {}
    for candidate in candidates:
        first.setdefault(candidate.hit.article.id, candidate)
    return list(first.values())


def _one_line(text: str) -> str:
    return " ".join(text.split())
