"""Untrusted text made safe for a terminal."""

from __future__ import annotations

import unicodedata

from qabot import QabotError


def visible(text: str) -> str:
    """Without control and direction-changing characters; newlines and tabs stay."""
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co"))


def one_problem(error: Exception) -> str:
    """An error that one question met; one that nobody foresaw by its type too."""
    return visible(str(error) if isinstance(error, QabotError) else f"This failed inside: {error!r}")


def one_line(text: str) -> str:
    return " ".join(visible(text).split())
