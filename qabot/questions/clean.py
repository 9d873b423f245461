"""A question as it was typed -> one line."""

from __future__ import annotations

import unicodedata

from qabot.errors import UsageError

MAX_QUESTION_CHARACTERS = 2000


def clean_question(question: str) -> str:
    """One line without control characters. Raises UsageError for one that is empty or too long."""
    visible = "".join(" " if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") else c for c in question)
    text = " ".join(visible.split())
    if not text:
        raise UsageError("The question is empty.", 'Ask one: qabot ask "Who said what, and when?"')
    if len(text) > MAX_QUESTION_CHARACTERS:
        raise UsageError(
            f"The question has {len(text):,} characters; at most {MAX_QUESTION_CHARACTERS:,} are taken.", "Shorten it."
        )
    return text
