"""A PDF -> its text, by pypdf."""

from __future__ import annotations

import io
import logging
import re

from qabot.articles.article import Metadata
from qabot.errors import ArticleError

_PROGRAMS_OWN = re.compile(
    r"^(?:microsoft \w+ - |untitled|anonymous|unknown)|\.(?:docx?|odt|rtf|indd|qxd|pdf|tmp)$", re.I
)


def extract_pdf(raw: bytes, max_characters: int) -> tuple[str, Metadata]:
    """The text of all pages, and title and author where the file names them.

    No more pages are read once their text is longer than ``max_characters``. Raises ArticleError for a damaged or
    encrypted file, and for one that holds pictures of text.
    """
    from pypdf import PdfReader

    # pypdf warns of every oddity of a file; what matters comes as an error.
    logging.getLogger("pypdf").setLevel(logging.ERROR)
    try:
        reader = PdfReader(io.BytesIO(raw))
        if reader.is_encrypted and not reader.decrypt(""):
            raise ArticleError("the PDF is encrypted", "Save it without a password.")
        pages, length = [], 0
        for page in reader.pages:
            pages.append(page.extract_text())
            length += len(pages[-1])
            if length > max_characters:
                break
        text = "\n\n".join(pages)
        about = reader.metadata
    except (ArticleError, MemoryError, RecursionError):
        raise
    except Exception as error:  # a damaged file makes pypdf raise what it meets
        raise ArticleError(
            f"the PDF cannot be read ({type(error).__name__})", "Save it as PDF again, or its text as .txt."
        ) from error
    # A font may map a glyph to half a character, which nothing can store.
    text = text.encode("utf-8", "replace").decode()
    if not text.strip():
        raise ArticleError("the PDF has no text, it is probably scanned", "Run it through OCR first.")
    return text, Metadata(
        title=_stated(about.title) if about else None,
        author=_stated(about.author) if about else None,
    )


def _stated(value: object) -> str | None:
    """What a person wrote there; a program's own "Microsoft Word - draft.docx" is nothing."""
    text = " ".join(str(value or "").encode("utf-8", "replace").decode().split())
    return None if not text or _PROGRAMS_OWN.search(text) else text
