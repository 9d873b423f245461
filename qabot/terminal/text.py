"""Untrusted text made safe for a terminal."""

from __future__ import annotations

import unicodedata


def visible(text: str) -> str:
    """Without control and direction-changing characters; newlines and tabs stay."""
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co"))


def one_line(text: str) -> str:
    return " ".join(visible(text).split())
