"""Questions to begin with, made from what the articles say."""

from __future__ import annotations

from qabot.answers.suggest import question_from
from qabot.index import IndexSnapshot

# Questions to begin with are made from so many articles, and so many are asked to see whether they are answered.
_STARTER_ARTICLES, _STARTERS_AN_ARTICLE, _STARTERS_TRIED = 12, 2, 12


def questions_made(index: IndexSnapshot) -> list[str]:
    """Questions that sentences seem to answer, one a person, from articles across the collection; then summaries."""
    articles = index.articles()
    made: dict[str, str] = {}
    for article in articles[:: max(1, len(articles) // _STARTER_ARTICLES)]:
        text = index.article_text(article.id)
        of_this = 0
        for sentence in index.sentence_vectors(article.id)[0]:
            question, who = question_from(text[sentence.start : sentence.end])
            if question and who not in made:
                made[who] = question
                of_this += 1
            if of_this == _STARTERS_AN_ARTICLE:
                break
    titled = [article.metadata.title for article in articles if article.metadata.title]
    return [*list(made.values())[:_STARTERS_TRIED], *(f"Summarize “{title}”" for title in titled[:_STARTERS_TRIED])]
