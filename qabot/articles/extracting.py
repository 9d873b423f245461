"""The process that takes the text out of HTML and PDF files: asked on stdin, answering on stdout.

It ends with its stdin, with the process that started it, and by an alarm when one file takes too long; its memory is
limited. Run by ``qabot.articles.extraction``.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from typing import IO

from qabot.articles.decode import decode
from qabot.articles.extraction import OUT_OF_MEMORY, Extracted, Ready, Refused, Wanted, receive, send
from qabot.articles.html import declared_encoding, extract_html
from qabot.articles.pdf import extract_pdf
from qabot.errors import ArticleError

# Bytes of address space: a page of 20 MB takes trafilatura about a third of this.
MAX_MEMORY = 2 << 30
# Seconds. The one who asked has ended this process by then, unless it is gone or held up.
_GRACE = 1.0
_LOOK_EVERY = 0.25


def main() -> None:
    questions, answers = sys.stdin.buffer, _answers()
    _limit_memory()
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    # Loaded now, so that no article's time counts it.
    import pypdf  # noqa: F401
    import trafilatura  # noqa: F401

    send(answers, Ready())
    while True:
        wanted = receive(questions, 4096, Wanted)
        if wanted is None:
            return
        raw = questions.read(wanted.size)
        _alarm(wanted.max_seconds + _GRACE)
        send(answers, _extracted(wanted, raw))
        _alarm(0.0)


def _extracted(wanted: Wanted, raw: bytes) -> Extracted | Refused:
    try:
        if wanted.kind == "html":
            text, metadata = extract_html(decode(raw, declared_encoding(raw)))
        else:
            text, metadata = extract_pdf(raw, wanted.max_characters)
    except ArticleError as error:
        return Refused(error.problem, error.remedy)
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    except RecursionError:
        return Refused("it is nested too deeply", "Save its text as .txt, or name it in .qabotignore.")
    if len(text) > wanted.max_characters:
        return too_much_text(wanted.max_characters)
    return Extracted(text, metadata)


def too_much_text(max_characters: int) -> Refused:
    return Refused(f"it has more than {max_characters:,} characters of text", "Raise [articles] max_characters.")


def _answers() -> IO[bytes]:
    """Where answers go; what a library prints goes nowhere instead."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return answers


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # Windows
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = MAX_MEMORY if hard == resource.RLIM_INFINITY else min(MAX_MEMORY, hard)
    try:
        resource.setrlimit(resource.RLIMIT_AS, (most, hard))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (OSError, ValueError):
        pass  # macOS refuses some limits; the limit on time stands


def _alarm(seconds: float) -> None:
    import signal

    if hasattr(signal, "setitimer"):
        # Its default is to end the process, also in the middle of C code.
        signal.setitimer(signal.ITIMER_REAL, seconds)


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK_EVERY)
    os._exit(1)


if __name__ == "__main__":
    main()
