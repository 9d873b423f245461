"""Questions about whole articles: their gist, and what is known of them."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from qabot.answers.answer import Told
from qabot.answers.compose import collection_described, compose
from qabot.answers.gist import MOST_ARTICLES, MOST_ON_TOPIC, gist_of
from qabot.answers.help import too_many
from qabot.answers.metadata import author_told, sources_told, told_of
from qabot.embedding import Vectors
from qabot.index import IndexSnapshot, StoredArticle
from qabot.language import folded_words
from qabot.questions import Asked
from qabot.questions.named import Named, authors_named
from qabot.retrieval import Filters, Hit, Query, select_articles

Search = Callable[[str], tuple[Query, Sequence[Hit]]]
Embed = Callable[[str], Vectors]

# A hit is on a topic with such a score; or with such a share of the topic's words by idf, one as rare as this, of the
# idf of a word that stands once, as it is written. Other hits are, as far as they are as good. Chosen on 26 topics of
# ../shared/news: all 20 that the collections have are told, and of six that they have not, one is.
_NEAR, _COVERED, _RARE, _AS_GOOD = 0.58, 0.6, 0.6, 0.85
_ONE = re.compile(r"\b(?:the|this|that) (?:[\w&.'’-]+ ){0,6}(?:article|report|story|piece|post|text)\b", re.IGNORECASE)
_THE_ARTICLE_ON = re.compile(r"\b(?:the|this|that) (?:article|story|piece|post) (?:on|about)\b", re.IGNORECASE)
_OF_ARTICLES = frozenset({"gist", "author", "published", "link", "outlets", "period", "sources"})
_WHO_IS = re.compile(
    r"^(?:who(?: is|['’]?s| are| was)|tell me (?:about|who)) (?P<who>[^,?]{3,60})[?.!\s]*$", re.IGNORECASE
)


def asked_of(filters: Filters, named: Named, articles: Sequence[StoredArticle]) -> tuple[Filters, tuple[str, ...]]:
    """The filters with the articles that are named, and a note of it; as they were where none of those passes them."""
    if named.missing:
        return filters, (f"No article here is known to be from {named.missing}.",)
    within = select_articles(filters, articles)
    paths = {article.path for article in articles if within is None or article.id in within}
    if not named.paths or not named.paths & paths or named.paths >= paths:
        return filters, ()
    count = len(named.paths & paths)
    counted = f" ({count} articles)" if count > 1 else ""
    return replace(filters, only=named.paths), (f"Asked of: {', '.join(named.names)}{counted}.",)


def of_articles(
    asked: Asked, articles: Sequence[StoredArticle], index: IndexSnapshot, search: Search, embed: Embed
) -> Told | None:
    """What is told of ``articles``, which are those asked; ``None`` where the question is to be answered like others.

    ``search`` gives the hits among them for a text, ``embed`` its vector.
    """
    if asked.named.missing and asked.kind in _OF_ARTICLES:
        return Told(status="abstained")  # the note says that none is from there
    if asked.kind == "gist":
        return _gist(asked, articles, index, search, embed)
    if asked.kind in _OF_ARTICLES:
        on = _on_topic(asked.topic, index, search) if asked.topic else []
        if on:
            articles = on[:1] if _ONE.search(asked.question) else on
        if asked.kind == "sources":
            return sources_told(asked.question, embed(asked.question), articles, index, asked.named.mentioned)
        of_topic = bool(asked.topic) and not asked.named.paths
        if of_topic and not on and _THE_ARTICLE_ON.search(asked.question):
            return Told(notes=(f"The articles do not say ({collection_described(articles)}).",), status="abstained")
        told = told_of(asked.kind, articles, index)
        # "When was the report on safety published?" may be about a report in the news, where "the article" is none.
        unsure = of_topic and told.status == "abstained" and not _THE_ARTICLE_ON.search(asked.question)
        return None if unsure else told
    who = _WHO_IS.match(asked.searched_for)
    authors = authors_named(who["who"], articles) if who else {}
    return author_told(authors, index) if authors else None


def _gist(
    asked: Asked, articles: Sequence[StoredArticle], index: IndexSnapshot, search: Search, embed: Embed
) -> Told | None:
    """``None`` where no article is on the topic, and a sentence may be: "summary of the Arden fraud case"."""
    topic = None
    if asked.topic:
        found = _on_topic(asked.topic, index, search)
        if not found:
            return None
        articles, topic = found[:1] if _ONE.search(asked.question) else found, embed(asked.topic)
    elif len(articles) > MOST_ARTICLES and not asked.named.paths:
        return Told(notes=too_many(articles))
    quotes = gist_of(index, articles, topic)
    left = len(articles) - MOST_ARTICLES
    notes = (f"Nothing is shown of {left} more articles.",) if left > 0 else ()
    return Told(*compose(quotes, as_list=len({quote.article.id for quote in quotes}) > 1), notes)


def _on_topic(topic: str, index: IndexSnapshot, search: Search) -> list[StoredArticle]:
    """The articles of the hits that are on the topic, the best one's first; none where no hit is."""
    query, hits = search(topic)
    if not hits:
        return []
    best, shown = hits[0], folded_words(hits[0].text)
    telling = max((idf for term, idf in query.idf.items() if term in shown), default=0.0)
    rare = telling >= _RARE * math.log(index.summary().passages)
    if best.score < _NEAR and not (rare and best.coverage >= _COVERED):
        return []
    near = [h.article for h in hits if h.score >= _AS_GOOD * best.score and h.coverage >= _AS_GOOD * best.coverage]
    return list({article.id: article for article in near}.values())[:MOST_ON_TOPIC]
