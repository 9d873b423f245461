"""What qabot says of itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from qabot.answers.compose import called, collection_described
from qabot.index import StoredArticle
from qabot.questions import About, Kind
from qabot.questions.conversation import Status
from qabot.questions.named import outlets_cited

_MOST = 8
_OUTLETS = 12
_SEARCHED = 60  # articles; whom more of them cite is not looked up for one line


def help_notes(
    kind: About, articles: Sequence[StoredArticle], text_of: Callable[[StoredArticle], str]
) -> tuple[str, ...]:
    """What qabot says of itself, a note a line; ``text_of`` gives an article's text."""
    described = collection_described(articles)
    if kind == "thanks":
        return ("You are welcome. Ask on whenever you like.",)
    if kind == "language":
        return (
            "qabot answers questions in English, from articles in English: please ask in English. "
            "Any sentence-transformers model can be set under [embedding], but the rest of qabot reads English.",
        )
    if kind == "articles":
        return (f"I answer from {described}:", *_listed(articles))
    if kind == "outlets":
        return _outlets(articles, text_of)
    opening = "Hello. " if kind == "greeting" else ""
    titled = [article for article in articles if article.metadata.title][:2]
    such = f" For example about {' or '.join(called(article) for article in titled)}." if titled else ""
    told = (
        f"{opening}I answer questions about the reporting in {described}: in its own words, with who reported it and "
        f"the exact quote. When the articles do not say, I say so.{such} "
        "Ask who said what, how much, when, or why; then follow up with “and the others?” or “who said that?”. "
        "“Summarize ...” gives the gist of an article or a topic."
    )
    return (told,)


def judged_notes(kind: Kind, status: Status) -> tuple[str, ...]:
    """What is said beside an answer to a question that asks for a judgement."""
    if status == "abstained":
        return ()
    if kind == "opinion":
        return ("qabot does not judge; this is what the reports say.",)
    return ("qabot does not check what is reported; this is who reports it.",) if kind == "certainty" else ()


def too_many(articles: Sequence[StoredArticle]) -> tuple[str, ...]:
    """Instead of the gist of a whole collection that has none."""
    return (
        f"I answer from {collection_described(articles)}: too many for one summary. "
        "Name a topic, such as “tl;dr on ...”, or an article. Some of them:",
        *_listed(articles),
    )


def _listed(articles: Sequence[StoredArticle]) -> list[str]:
    lines = [_title(article) for article in articles[:_MOST]]
    return [*lines, f"and {len(articles) - _MOST:,} more"] if len(articles) > _MOST else lines


def _outlets(articles: Sequence[StoredArticle], text_of: Callable[[StoredArticle], str]) -> tuple[str, ...]:
    own = Counter(article.metadata.outlet for article in articles if article.metadata.outlet)
    cited = Counter(
        name.strip() for article in articles for name in (article.metadata.via or "").split(",") if name.strip()
    )
    unknown = len(articles) - own.total()
    notes = [f"The articles are from {_counted(own)}."] if own else []
    if cited:
        notes.append(f"They retell reports of {_counted(cited)}.")
    if unknown:
        of = f"{unknown} of the {len(articles)} articles" if own else f"None of the {len(articles)} articles"
        says = "does not say" if own and unknown == 1 else "do not say" if own else "says"
        notes.append(f"{of} {says} which outlet {'it is' if unknown == 1 or not own else 'they are'} from.")
    if len(articles) <= _SEARCHED:
        drawn_on = Counter(name for article in articles for name in outlets_cited(text_of(article)))
        others = Counter({name: count for name, count in drawn_on.items() if name not in own | cited})
        if others:
            notes.append(f"They draw on reports of {_counted(others)}.")
    return tuple(notes)


def _counted(names: Counter[str]) -> str:
    shown = ", ".join(f"{name} ({count})" for name, count in names.most_common(_OUTLETS))
    return shown + (f" and {len(names) - _OUTLETS} more" if len(names) > _OUTLETS else "")


def _title(article: StoredArticle) -> str:
    metadata = article.metadata
    known = [value for value in (metadata.outlet, metadata.published, metadata.title) if value]
    # Without a title, who and when may be the same for many.
    return " · ".join(known if metadata.title else [*known, article.path])
