"""A question as it was typed -> one line."""

from __future__ import annotations

import re
import unicodedata

from qabot.errors import UsageError

MAX_QUESTION_CHARACTERS = 2000

# What a terminal shows as colours, links and titles, and what was copied from one may have, whole: without its first
# character the rest would be words. ECMA-48: control sequences, operating system commands, choices of characters.
_ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|(?:\x1b\]|\x9d)[^\x07\x1b\x9b-\x9d]*(?:\x07|\x1b\\|\x9c)|\x1b[()][0-2AB]"
)


def clean_question(question: str) -> str:
    """One line without escape sequences and control characters. Raises UsageError for one that is empty or too long."""
    bare = _ESCAPES.sub("", question)
    visible = "".join(" " if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") else c for c in bare)
    text = " ".join(visible.split())
    if not text:
        raise UsageError("The question is empty.", 'Ask one: qabot ask "Who said what, and when?"')
    if len(text) > MAX_QUESTION_CHARACTERS:
        raise UsageError(
            f"The question has {len(text):,} characters; at most {MAX_QUESTION_CHARACTERS:,} are taken.", "Shorten it."
        )
    return text
