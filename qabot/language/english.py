"""Which words are English: what is neither English nor known to the collection may be a typing error."""

from __future__ import annotations

import zlib
from functools import cache
from importlib.util import find_spec
from pathlib import Path

_GZIP = 31  # zlib's window bits for a gzip file


def is_english(word: str) -> bool:
    """Whether a folded word is English, a name that is common in it, or a contraction typed without its apostrophe."""
    return _listed(word) or (len(word) > 3 and _listed(f"{word[:-1]}'{word[-1]}"))


def _listed(word: str) -> bool:
    return f'\n"{word}": '.encode() in _frequencies()


@cache
def _frequencies() -> bytes:
    """pyspellchecker's frequencies as they are written, a word a line: a tenth of the time that parsing them takes.

    The package itself is not imported.
    """
    found = find_spec("spellchecker")
    if found is None or not found.submodule_search_locations:
        raise ImportError("pyspellchecker is not installed.")
    file = Path(found.submodule_search_locations[0], "resources", "en.json.gz")
    return zlib.decompress(file.read_bytes(), _GZIP)
