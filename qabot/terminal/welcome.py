"""What is said before the first question: what the collection holds, and what may be asked of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from qabot import IndexStatus, StoredArticle
from qabot.phrases import counted, day
from qabot.terminal.text import one_line
from qabot.terminal.view import GAP, View, age, titled, words

_OUTLETS = 4


def first_welcome(seeds: Path, status: IndexStatus, articles: Sequence[StoredArticle], starters: Sequence[str]) -> View:
    """Four lines on what there is, and questions worth asking."""
    dates = sorted(article.metadata.published for article in articles if article.metadata.published)
    known = "none of the articles is dated"
    if dates:
        known = day(dates[0]) if dates[0] == dates[-1] else f"{day(dates[0])} to {day(dates[-1])}"
        undated = len(articles) - len(dates)
        known += f"; {undated:,} undated" if undated else ""
    skipped = f"; {counted(len(status.skipped), 'file')} skipped, see `qabot status`" if status.skipped else ""
    view: View = [
        titled("Articles", f"{len(articles):,} in {seeds}, {counted(status.passages, 'passage')}{skipped}", 10),
        titled("Outlets", _outlets(articles), 10),
        titled("Dates", known, 10),
        titled("Index", f"built {age(status.built)}; it follows the folder by itself", 10),
    ]
    if starters:
        view += [GAP, words("Worth asking (Tab takes one):", "dim")]
        view += [words(f"- {question}", indent=2, hang=2) for question in starters]
    return [*view, GAP, words("/help lists the commands and keys; Ctrl-D leaves.", "dim")]


def short_welcome(status: IndexStatus) -> View:
    """One line, for who was here before."""
    return [words(f"{counted(status.articles, 'article')} · index built {age(status.built)} · /help", "dim")]


def toolbar(articles: int, filters: str, columns: int) -> str:
    """What is asked, and the keys, as far as there is room."""
    parts = [counted(articles, "article"), *([filters] if filters else [])]
    for more in ("/help", "Tab completes", "Alt-Enter new line", "Ctrl-D leaves"):
        if len(" · ".join([*parts, more])) < columns:
            parts.append(more)
    return " · ".join(parts)


def _outlets(articles: Sequence[StoredArticle]) -> str:
    named = Counter(article.metadata.outlet for article in articles if article.metadata.outlet)
    if not named:
        return "no article says which"
    shown = [f"{one_line(name)} ({count:,})" for name, count in named.most_common(_OUTLETS)]
    more = f" and {len(named) - _OUTLETS:,} more" if len(named) > _OUTLETS else ""
    unnamed = len(articles) - named.total()
    return ", ".join(shown) + more + (f"; {unnamed:,} without one" if unnamed else "")
