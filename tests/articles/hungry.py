"""The process that takes texts out, with two kinds of file that end it."""

import os

from qabot.articles import extracting

_of_html = extracting.extract_html


def extract_html(page: str) -> object:
    if page == "hungry":
        return bytearray(8 << 30)
    if page == "dying":
        os.abort()
    return _of_html(page)


extracting.extract_html = extract_html  # type: ignore[assignment]
extracting.main()
