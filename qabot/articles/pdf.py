"""A PDF -> its text, by pypdf."""

from __future__ import annotations

import io
import logging

from qabot.articles.article import Metadata
from qabot.errors import ArticleError


def extract_pdf(raw: bytes) -> tuple[str, Metadata]:
    """The text of all pages, and title and author where the file names them.

    Raises ArticleError for a damaged or encrypted file, and for one that holds pictures of text.
    """
    from pypdf import PdfReader

    # pypdf warns of every oddity of a file; what matters comes as an error.
    logging.getLogger("pypdf").setLevel(logging.ERROR)
    try:
        reader = PdfReader(io.BytesIO(raw))
        if reader.is_encrypted and not reader.decrypt(""):
            raise ArticleError("the PDF is encrypted", "Save it without a password.")
        text = "\n\n".join(page.extract_text() for page in reader.pages)
        about = reader.metadata
    except ArticleError:
        raise
    except Exception as error:  # a damaged file makes pypdf raise what it meets
        raise ArticleError(f"the PDF cannot be read ({type(error).__name__})") from error
    if not text.strip():
        raise ArticleError("the PDF has no text, it is probably scanned", "Run it through OCR first.")
    return text, Metadata(
        title=(str(about.title).strip() or None) if about and about.title else None,
        author=(str(about.author).strip() or None) if about and about.author else None,
    )
