"""Who and when, as far as the text itself states it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from qabot.articles.article import Block, LeftOut, Metadata
from qabot.articles.boilerplate import byline_names, publisher_named
from qabot.articles.front_matter import iso_date

_LABELLED = re.compile(r"^[\s•·*|-]*(?P<label>[A-Za-z ]+?)\s*:\s*(?P<value>[^•|]+)")
_PUBLISHED = re.compile(r"^(?:first )?(?:published|posted)\b", re.IGNORECASE)
_UPDATED = re.compile(r"^(?:last )?updated\b", re.IGNORECASE)
_MEMBER_OF = re.compile(r"\bbecom(?:e|ing) an? (?P<outlet>[A-Z][\w&.’' -]{1,40}?) (?:Plus |Premium )?[Mm]ember\b")
_FOLLOWED = re.compile(r"^follow (?P<name>[A-Z][\w.’'-]+(?: [A-Z][\w.’'-]+){1,3}) on\b", re.IGNORECASE)
_ADDRESS = re.compile(r"[\w.+-]+@(?P<domain>[\w-]+)\.(?:com|org|net|co\.uk|news|info)\b", re.IGNORECASE)
_MAIL_SERVICES = frozenset(
    {"gmail", "yahoo", "hotmail", "outlook", "protonmail", "proton", "icloud", "aol", "mail", "gmx"}
)
_WEB_ADDRESS = re.compile(r"https?://\S+")
# "Via: somebody • 11 months ago • 19 comments": who posted it in a forum, and not whose report it is.
_POSTED = re.compile(
    r"\b(?:\d+ (?:comments?|replies|views)|(?:minute|hour|day|week|month|year)s? ago)\b", re.IGNORECASE
)
_WIRE = re.compile(r"^[A-Z][\w .,'’()-]{1,50}?\((?P<wire>AP|AFP|Reuters|UPI|TASS|DPA|dpa|ANSA|EFE)\)\s*[-–—]")


def stated_metadata(text: str, blocks: Sequence[Block], left_out: Sequence[LeftOut]) -> Metadata:
    """What bylines, labels and notices say; ``None`` where nothing does."""
    title = next((text[block.start : block.end] for block in blocks if block.kind == "title"), None)
    found: dict[str, str] = {}
    for span in left_out:
        if span.reason in ("front matter", "reader comments", "end of the page", "photo caption"):
            continue
        _from_line(" ".join(text[span.start : span.end][:400].split()), span.reason, found)
    first = next((text[block.start : block.start + 120] for block in blocks if block.kind == "paragraph"), "")
    if wire := _WIRE.match(first):
        found.setdefault("outlet", wire["wire"])
    return Metadata(
        title=" ".join(title.split()) if title else None,
        outlet=found.get("outlet"),
        author=found.get("author"),
        published=found.get("published") or found.get("updated"),
        language=found.get("language"),
        via=found.get("via"),
        url=found.get("url"),
    )


def _names_outlet(value: str) -> bool:
    return any(c.isupper() for c in value) and len(value) <= 120


def _from_line(line: str, reason: str, found: dict[str, str]) -> None:
    if names := byline_names(line):
        found.setdefault("author", names)
    if reason == "byline" and (date := iso_date(line)):
        found.setdefault("published", date)
    if reason == "post meta":
        bare = line.strip(" •·*|-")
        if date := iso_date(line):
            found.setdefault("updated" if _UPDATED.match(bare) else "published", date)
        if outlet := publisher_named(bare):
            found.setdefault("outlet", outlet)
        if labelled := _LABELLED.match(line):
            label, value = labelled["label"].strip().casefold(), " ".join(labelled["value"].split())
            if label == "via" and _names_outlet(value) and not _POSTED.search(line):
                found.setdefault("via", value)
            elif label in ("url", "link") and _WEB_ADDRESS.fullmatch(labelled["value"].strip()):
                found.setdefault("url", labelled["value"].strip())
            elif label in ("language", "lang") and re.fullmatch(r"[A-Za-z-]{2,20}", value):
                found.setdefault("language", value)
            elif label in ("source", "outlet", "publisher", "published by") and value and len(value) <= 60:
                found.setdefault("outlet", value)
            elif label in ("by", "author") and value and len(value) <= 120:
                found.setdefault("author", value)
    elif reason == "how to reach the author":
        if followed := _FOLLOWED.match(line):
            found.setdefault("author", followed["name"])
        address = _ADDRESS.search(line)
        domain = address["domain"] if address else ""
        # A writer's own domain is named after the writer, and one with digits or dashes after nothing one can read.
        own = any(name in domain.casefold() for name in found.get("author", "").casefold().split() if len(name) > 3)
        if len(domain) > 2 and domain.isalpha() and domain.casefold() not in _MAIL_SERVICES and not own:
            found.setdefault("outlet", domain.capitalize())
    elif reason == "advertisement" and (member := _MEMBER_OF.search(line)):
        found.setdefault("outlet", member["outlet"])
