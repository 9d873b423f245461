"""Chosen sentences -> the statements of an answer, each with its citations."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from qabot.answers.answer import Citation, Disagreement, Position, RankedPassage, Span, Statement
from qabot.answers.candidates import Candidate
from qabot.answers.disagree import Conflict
from qabot.answers.quotation import Addition, missing_marks, naming, quoting_in, shown, whole, with_additions
from qabot.index import StoredArticle
from qabot.language.names import is_organisation, names
from qabot.passages.marks import quoting
from qabot.retrieval import Hit

# "He left", "On Monday, he left".
_OPENS_WITH_PERSON = re.compile(r"^[“\"]?(?:(?P<before>[A-Z][^,“”\"]{0,80}), (?:he|she)|He|She)\b(?! \[)")
OPENS_LEANING = re.compile(
    r"^\W*(?:(?:And|But|So|Yet|However,?|Also,?|Instead,?|Then,?) )?(?:He|She|They|It|This|That|These|Those|His|Her|Their|Its|Both|Such|he|she|they|it|this|that|these|those|his|her|their|its)\b"
)
# A sentence before that is longer than this costs more than it explains.
_MOST_BEFORE = 260


@dataclass(frozen=True, slots=True)
class Quoted:
    """``quote`` is ``article_text[start:end]``; ``text`` is what is shown of it, ``added`` the spans that are ours.

    ``speaker`` is who says it, ``inside`` that it begins within a quotation.
    """

    article: StoredArticle
    start: int
    end: int
    quote: str
    text: str
    added: tuple[Span, ...] = ()
    speaker: str | None = None
    inside: bool = False

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
        return Statement(prefix + self.text, tuple(citations), ours + moved, self.speaker)


def quoted(candidate: Candidate) -> Quoted:
    """The sentence with what it leans on and what belongs to its quotation, and with who says it."""
    hit, sentence = candidate.hit, candidate.sentence
    marks = quoting_in(hit)
    n = next((n for n, other in enumerate(hit.sentences) if other.start == sentence.start), None)
    if n is None:
        return _quoted(hit.article, sentence.start, sentence.end, candidate.text, False, sentence.said_by)
    person = _who_opens(candidate)
    leans = OPENS_LEANING.match(candidate.text) and not person and len(candidate.before) <= _MOST_BEFORE
    first, last = whole(hit, marks, n - 1 if candidate.before and leans else n, n)
    start, end = hit.sentences[first].start, hit.sentences[last].end
    text = hit.text[start - hit.start : end - hit.start]
    found = [(person[0] + sentence.start - start, person[1])] if person else []
    return _quoted(hit.article, start, end, text, marks[first].opened_before, sentence.said_by, found)


def _quoted(
    article: StoredArticle,
    start: int,
    end: int,
    text: str,
    inside: bool,
    speaker: str | None,
    additions: Sequence[Addition] = (),
) -> Quoted:
    named = naming(text, inside, speaker)
    others = [addition for addition in additions if all(addition[0] != at for at, _ in named)]
    words, added = with_additions(text, [*named, *others, *missing_marks(text, inside)])
    return Quoted(article, start, end, text, words, added, speaker, inside)


def _who_opens(candidate: Candidate) -> Addition | None:
    """For a sentence that begins with "He" or "She": the one person whom the sentence before names."""
    opening = _OPENS_WITH_PERSON.match(candidate.text)
    if not opening or not candidate.before or _people(opening["before"] or ""):
        return None
    people = _people(candidate.before)
    return (opening.end(), f" [{shown(people[0])}]") if len(people) == 1 else None


def called(article: StoredArticle) -> str:
    """ "“Its title” (The Outlet)": what an article is called in a sentence; by its file only where nothing else is known."""
    metadata = article.metadata
    if metadata.title:
        return shown(in_quotes(metadata.title) + (f" ({metadata.outlet})" if metadata.outlet else ""))
    if metadata.outlet or metadata.author:
        return shown(f"The article by {metadata.outlet or metadata.author}")
    return article.path


def in_quotes(title: str) -> str:
    """A title in quotation marks, its own made inner ones."""
    return f"“{_OPENING.sub('‘', title).translate(_INNER)}”"


_OPENING = re.compile(r"[“„]|(?<![^\s(])\"")
_INNER = str.maketrans('”"', "’’")


def _people(text: str) -> list[str]:
    """Names that may be a person's."""
    found = dict.fromkeys(names("x " + text))
    return [name for name in found if (" " in name or len(name) > 3) and not is_organisation(name)]


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
            known = quote.quote[: len(quote.quote) - len(rest)]
            inside = quoting(known, [(0, len(known))], [0], inside=quote.inside)[0].open_after
            quote = _quoted(quote.article, quote.end - len(rest), quote.end, rest, inside, quote.speaker)
        joined.append(quote)
    return joined


def compose(
    quotes: Sequence[Quoted], *, as_list: bool = False, first: int = 1
) -> tuple[tuple[Statement, ...], tuple[Citation, ...]]:
    """The statements, and the citations that they name, in reading order; in a list each after its source.

    ``first`` is the first citation's number.
    """
    citations = tuple(cite(number, quote) for number, quote in enumerate(quotes, first))
    sourced = as_list and len(quotes) > 1
    statements = (q.statement([n], f"{q.source}: " if sourced else "") for n, q in enumerate(quotes, first))
    return tuple(statements), citations


def borne_out(
    statements: tuple[Statement, ...], citations: tuple[Citation, ...], by: Candidate, others: Sequence[Candidate]
) -> tuple[tuple[Statement, ...], tuple[Citation, ...]]:
    """With the sentences of ``others`` cited after the statement that quotes ``by``, which they say as well."""
    here = next(
        (c for c in citations if c.article == by.hit.article.path and c.start <= by.sentence.start < c.end), None
    )
    more = tuple(cite(len(citations) + n, plainly(other)) for n, other in enumerate(others, 1))
    if here is None or not more:
        return statements, citations
    numbers = tuple(citation.id for citation in more)
    told = tuple(replace(s, citations=s.citations + numbers) if here.id in s.citations else s for s in statements)
    return told, citations + more


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
    """The sentence by itself, with nothing added but who says it and the marks that it lacks."""
    hit, sentence = candidate.hit, candidate.sentence
    marks = zip(hit.sentences, quoting_in(hit), strict=True)
    inside = any(mark.opened_before for other, mark in marks if other.start == sentence.start)
    return _quoted(hit.article, sentence.start, sentence.end, candidate.text, inside, sentence.said_by)


def _one_an_article(candidates: Sequence[Candidate]) -> list[Candidate]:
    first: dict[int, Candidate] = {}
    for candidate in candidates:
        first.setdefault(candidate.hit.article.id, candidate)
    return list(first.values())
