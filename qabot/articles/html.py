"""An HTML page -> its reporting as text, by trafilatura."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from qabot.articles.article import Metadata
from qabot.articles.front_matter import iso_date
from qabot.errors import ArticleError

_HEAD = 4096  # bytes, or characters, in which a page says what it is
_CHARSET = re.compile(rb"<meta[^>]{1,200}?charset\s*=\s*[\"']?(?P<charset>[\w.:-]{2,40})", re.IGNORECASE)
_LANGUAGE = re.compile(r"<html\b[^>]{0,500}?\slang\s*=\s*[\"']?(?P<language>[A-Za-z]{2,3}(?:-\w{2,8})*)", re.IGNORECASE)
_BLOCK_TAGS = ("head", "p", "item", "row", "quote", "code")
# Deeper nesting than any page has: lxml's and trafilatura's tree walks slow down beyond it.
_MAX_TAGS = 200_000
_SAVE_TEXT = "Save its text as .txt or .md."


def extract_html(page: str) -> tuple[str, Metadata]:
    """The extracted text, paragraphs apart by blank lines and headings marked with #, and what the page says of itself.

    Raises ArticleError where there is no article in it.
    """
    import trafilatura

    if page.count("<") > _MAX_TAGS:
        raise ArticleError(f"the page has more than {_MAX_TAGS:,} tags", _SAVE_TEXT)
    try:
        document = trafilatura.bare_extraction(
            page,
            include_comments=False,
            with_metadata=True,
            # Searching on, it takes the first date in the reporting for the page's own.
            date_extraction_params={"extensive_search": False, "original_date": True},
        )
    except (MemoryError, RecursionError):
        raise
    except Exception as error:  # malformed pages make lxml and trafilatura raise what they meet
        raise ArticleError(f"the page cannot be read ({type(error).__name__})", _SAVE_TEXT) from error
    # Not trafilatura's own rendering, which puts markup and backslashes into what is to be quoted.
    text = "\n\n".join(_blocks(document.body)) if document is not None else ""
    if not text:
        raise ArticleError("no article was found in the page", _SAVE_TEXT)
    # A page may spell half a character, which nothing can store.
    text = text.encode("utf-8", "replace").decode()
    return text, Metadata(
        title=document.title or None,
        outlet=document.sitename or None,
        author=(document.author or "").replace("; ", ", ") or None,
        published=iso_date(document.date) if document.date else None,
        language=document.language or _language(page),
        url=document.url or None,
    )


def declared_encoding(raw: bytes) -> str | None:
    """The character set that the page's head names."""
    found = _CHARSET.search(raw[:_HEAD])
    return found["charset"].decode("ascii") if found else None


def _language(page: str) -> str | None:
    found = _LANGUAGE.search(page[:_HEAD])
    return found["language"] if found else None


def _blocks(body: Any) -> Iterator[str]:
    """Headings, paragraphs, list items and table rows of trafilatura's tree, each on a line."""
    for element in body.iter(*_BLOCK_TAGS):
        if element.tag != "p" and next(element.iterdescendants("p"), None) is not None:
            continue  # its paragraphs come by themselves
        if element.tag in ("p", "quote") and next(element.iterancestors("item", "row", "head"), None) is not None:
            continue
        for broken in element.iter("lb"):
            broken.tail = " " + (broken.tail or "")
        parts = element.iter("cell") if element.tag == "row" else (element,)
        text = " | ".join(" ".join("".join(part.itertext()).split()) for part in parts).strip(" |")
        if text and element.tag == "head":
            level = str(element.get("rend") or "h2")[-1]
            yield f"{'#' * int(level) if level in '123456' else '##'} {text}"
        elif text:
            yield text
