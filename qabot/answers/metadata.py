"""Questions about the articles themselves: who wrote them, for whom, when, where they stand and what they draw on."""

from __future__ import annotations

import re
from collections.abc import Sequence

from qabot.answers.answer import Citation, Span, Statement, Told
from qabot.answers.compose import Quoted, called, cite, compose, in_reading_order
from qabot.answers.quotation import shown
from qabot.embedding import Vectors
from qabot.index import IndexSnapshot, StoredArticle
from qabot.language.names import names
from qabot.questions.intents import Kind
from qabot.questions.named import authors_of

_MOST = 8  # articles that are each given a line
_MOST_SOURCES = 3  # sentences that say what an article draws on
_MOST_CHARACTERS = 800  # of those together
_SEARCHED = 60  # articles; over more, whose sources are meant is for retrieval to find
_LACKING = {
    "author": ("who wrote it", "who wrote them"),
    "outlet": ("which outlet it is from", "which outlets they are from"),
    "published": ("when it was published", "when they were published"),
    "period": ("when it was published", "when they were published"),
    "link": ("where it was published online", "where they were published online"),
}
_DRAWS_ON = re.compile(
    r"\baccording to (?:a |an |the |one |two |several )?(?:[\w.’'-]+ ){0,4}?"
    r"(?:report|officials?|sources?|people|interview|document|study|newspaper|outlet|agency)\b|"
    r"\b(?:reports?|interviews?|articles?) (?:from|by|in|with) (?:the )?[A-Z]|\baccording to (?:the )?[A-Z]|"
    r"\b(?:cites|cited|citing|unnamed|anonymous|anonymously|anonymity)\b|\bfamiliar with\b|\blearned (?:this |that )?from\b|"
    r"\b(?:told|telling) (?:the )?(?:[A-Z]|(?:news )?(?:outlet|network|newspaper|paper|broadcaster|agency))|"
    r"\b(?:outlet|network|newspaper|agency) (?:reported|said)\b|\b(?!The\b)[A-Z][\w]+ (?:reported|reports)\b"
)
_SIGN = 0.15  # what each sign of a source is worth beside the cosine with the question


def told_of(kind: Kind, articles: Sequence[StoredArticle], index: IndexSnapshot) -> Told:
    """Author, outlet, date, period or address of each of ``articles``, as far as they state it."""
    field = "outlet" if kind == "outlets" else kind
    stating = [article for article in articles if _value(article, field)]
    if not stating:
        return Told(notes=(_nobody_says(field, articles),), status="abstained")
    if field == "period":
        return _period(stating, articles, index)
    lines = [(article, f"{called(article)} {_said(article, field)}.") for article in stating[:_MOST]]
    notes = [f"{len(stating) - _MOST} more state it."] if len(stating) > _MOST else []
    lacking = [article for article in articles if article not in stating]
    if lacking:
        notes.append(f"{_some(lacking)} not say {_LACKING[field][len(lacking) > 1]}.")
    return Told(*_lines(lines, index), tuple(notes))


def sources_told(
    question: str, vector: Vectors, articles: Sequence[StoredArticle], index: IndexSnapshot, mentioned: Sequence[str]
) -> Told | None:
    """What articles draw on: whom their metadata names, and the sentences that say so, nearest to the question first.

    ``vector`` is the question's, ``mentioned`` are outlets in it. Where the question names somebody whose article it
    is not, only sentences about them; ``None`` where nothing is stated, or over too many articles to look through.
    """
    if len(articles) > _SEARCHED:
        return None
    named = {name.casefold() for name in (*names(question), *mentioned)}
    found: list[tuple[bool, float, Quoted]] = []
    for article in articles:
        outlet = (article.metadata.outlet or article.metadata.author or "").casefold()
        others = {name for name in named if not outlet or (name not in outlet and outlet not in name)}
        passages, vectors = index.sentence_vectors(article.id)
        text, cosines = index.article_text(article.id), vectors @ vector
        for passage, cosine in zip(passages, cosines.tolist(), strict=True):
            sentence = text[passage.start : passage.end]
            signs = len(_DRAWS_ON.findall(sentence))
            if signs:
                about = any(re.search(rf"\b{re.escape(name)}\b", sentence.casefold()) for name in others)
                quote = Quoted(article, passage.start, passage.end, sentence, shown(sentence))
                found.append((about, cosine + _SIGN * signs, quote))
    if any(about for about, *_ in found):
        found = [(about, worth, quote) for about, worth, quote in found if about]
    elif len(articles) > 1 and not named:
        found = []  # of articles together, what each draws on is more than can be shown
    best = [quote for *_, quote in sorted(found, key=lambda each: -each[1])[:_MOST_SOURCES]]
    while len(best) > 1 and sum(len(quote.text) for quote in best) > _MOST_CHARACTERS:
        best.pop()
    citing = [article for article in articles if article.metadata.via]
    lines = [(article, f"{called(article)} cites {article.metadata.via}.") for article in citing]
    if not lines and not best:
        return None
    statements, citations = _lines(lines[:_MOST], index)
    more, cited = compose(in_reading_order(best), as_list=len(articles) > 1, first=len(citations) + 1)
    return Told(statements + more, citations + cited)


def author_told(authors: dict[str, list[StoredArticle]], index: IndexSnapshot) -> Told:
    """Who somebody is that is known here as an author."""
    lines = []
    for name, articles in authors.items():
        for article in articles[:_MOST]:
            with_others = len(authors_of(article)) > 1
            lines.append(
                (article, f"{name} is {'an' if with_others else 'the'} author of {_lowered(called(article))}.")
            )
    return Told(*_lines(lines[:_MOST], index))


def first_sentence(article: StoredArticle, index: IndexSnapshot) -> Quoted:
    """What stands for an article where no sentence of it says what is told of it."""
    passages, _ = index.sentence_vectors(article.id)
    text = index.article_text(article.id)
    start, end = (passages[0].start, passages[0].end) if passages else (0, len(text))
    return Quoted(article, start, end, text[start:end], shown(text[start:end]))


def _lines(
    lines: Sequence[tuple[StoredArticle, str]], index: IndexSnapshot
) -> tuple[tuple[Statement, ...], tuple[Citation, ...]]:
    """A line of ours each, cited by its article's first sentence."""
    citations = tuple(cite(number, first_sentence(article, index)) for number, (article, _) in enumerate(lines, 1))
    texts = [shown(line) for _, line in lines]
    return tuple(Statement(text, (n,), (Span(0, len(text)),)) for n, text in enumerate(texts, 1)), citations


def _value(article: StoredArticle, field: str) -> str | None:
    metadata = article.metadata
    return {
        "author": metadata.author, "outlet": metadata.outlet, "published": metadata.published,
        "period": metadata.published, "link": metadata.url,
    }[field]  # fmt: skip


def _said(article: StoredArticle, field: str) -> str:
    value = _value(article, field)
    if field == "author":
        return f"is by {value}"
    if field == "outlet":
        return f"was published by {value}" + (f", citing {article.metadata.via}" if article.metadata.via else "")
    return f"was published on {value}" if field == "published" else f"stands at {value}"


def _period(stating: Sequence[StoredArticle], articles: Sequence[StoredArticle], index: IndexSnapshot) -> Told:
    first, *_, last = sorted((*stating, *stating), key=lambda article: article.metadata.published or "")
    since, until = first.metadata.published, last.metadata.published
    undated = len(articles) - len(stating)
    line = f"The articles are of {since}." if since == until else f"The articles are of {since} to {until}."
    citations = [cite(1, first_sentence(first, index))]
    if last.id != first.id:
        citations.append(cite(2, first_sentence(last, index)))
    statement = Statement(line, tuple(citation.id for citation in citations), (Span(0, len(line)),))
    verb = "does" if undated == 1 else "do"
    notes = (
        f"{undated} of {len(articles)} {verb} not say when {'it was' if undated == 1 else 'they were'} published.",
    )
    return Told((statement,), tuple(citations), notes if undated else ())


def _nobody_says(field: str, articles: Sequence[StoredArticle]) -> str:
    one, _ = _LACKING[field]
    if len(articles) == 1:
        return f"{called(articles[0])} does not say {one}."
    return f"None of the {len(articles)} articles says {one}."


def _some(articles: Sequence[StoredArticle]) -> str:
    if len(articles) > _MOST_SOURCES:
        return f"{len(articles)} articles do"
    listed = " and ".join(called(article) for article in articles)
    return f"{listed} {'does' if len(articles) == 1 else 'do'}"


def _lowered(called_so: str) -> str:
    return called_so[0].lower() + called_so[1:] if called_so.startswith("The ") else called_so
