"""An HTML page -> its reporting as text, by trafilatura."""

from __future__ import annotations

from qabot.articles.article import Metadata
from qabot.articles.front_matter import iso_date
from qabot.errors import ArticleError

# Deeper nesting than any page has: lxml's and trafilatura's tree walks slow down beyond it.
_MAX_TAGS = 200_000


def extract_html(page: str) -> tuple[str, Metadata]:
    """The extracted text, paragraphs apart by blank lines and headings marked with #, and what the page says of itself.

    Raises ArticleError where there is no article in it.
    """
    import trafilatura

    if page.count("<") > _MAX_TAGS:
        raise ArticleError(f"the page has more than {_MAX_TAGS:,} tags")
    try:
        document = trafilatura.bare_extraction(
            page, include_comments=False, with_metadata=True, include_formatting=True
        )
    except Exception as error:  # malformed pages make lxml and trafilatura raise what they meet
        raise ArticleError(f"the page cannot be read ({type(error).__name__})") from error
    raw = document.text if document is not None else None
    if not raw or not raw.strip():
        raise ArticleError("no article was found in the page", "Save its text as .txt or .md.")
    text = "\n\n".join(line.strip() for line in raw.splitlines() if line.strip())
    return text, Metadata(
        title=document.title or None,
        outlet=document.sitename or None,
        author=(document.author or "").replace("; ", ", ") or None,
        published=iso_date(document.date) if document.date else None,
        language=document.language or None,
        url=document.url or None,
    )
