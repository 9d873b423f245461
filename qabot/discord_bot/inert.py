"""Untrusted text made inert for Discord: shown as it is; no markup, mention, link or hidden direction takes effect."""

from __future__ import annotations

import re
import unicodedata

# Every character that Discord's markup gives a meaning, anywhere or with others beside it: emphasis, code, spoilers,
# mentions, time stamps, masked links, and the colon of addresses and emoji. A backslash takes it from each.
_MARKUP = re.compile(r"[\\`*_~|<>\[\]@:]")
# What has a meaning at the beginning of a line only: headings, small print, quotes, lists.
_AT_LINE_START = re.compile(r"^([ \t]*)(#{1,3}(?=[ \t])|-#|[-+](?=[ \t])|\d+(?=\.))", re.MULTILINE)
# Joiners that scripts and emoji are written with; the other format characters hide or turn what stands around them.
_JOINERS = "\u200c\u200d"
# What is shown of text that has no character to be seen.
UNSEEN = "(nothing to be seen)"
_BREAKS = re.compile(r"[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+")


def visible(text: str) -> str:
    """Without control, invisible and direction-changing characters; newlines, tabs and joiners stay."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        c for c in text if c in "\n\t" or c in _JOINERS or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn")
    )


def inert(text: str) -> str:
    """``visible`` text escaped so that Discord shows exactly its characters."""
    escaped = _MARKUP.sub(lambda found: "\\" + found.group(), visible(text))
    return _AT_LINE_START.sub(_escaped_opening, escaped)


def _escaped_opening(found: re.Match[str]) -> str:
    space, mark = found[1], found[2]
    # "1." is a list: the dot is what can be escaped.
    return f"{space}{mark}\\" if mark.isdigit() else f"{space}\\{mark}"


def one_line(text: str) -> str:
    """``inert`` text without line breaks."""
    return " ".join(inert(_BREAKS.sub(" ", text)).split())


def shortened(text: str, most: int) -> str:
    """Plain text of at most ``most`` characters, in one line, cut between words where it can be, and saying so."""
    text = " ".join(visible(_BREAKS.sub(" ", text)).split()) or UNSEEN
    if len(text) <= most:
        return text
    kept = text[: most - 1]
    at_word = kept.rsplit(" ", 1)[0]
    return (at_word if len(at_word) > most // 2 else kept).rstrip() + "…"
