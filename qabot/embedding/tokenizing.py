"""The exported model's tokenizer, for the encoder and the cross-encoder alike."""

from __future__ import annotations

import functools
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

TOKENIZER_FILE = "tokenizer.json"


class ModelTokenizer:
    """Texts, or pairs of texts, -> the tokenizers package's encodings; for any number of threads."""

    def __init__(self, file: Path) -> None:
        from tokenizers import Tokenizer

        self._tokenizer = Tokenizer.from_file(str(file))
        self._tokenizer.no_padding()
        self._lock = threading.Lock()

    def encode(self, texts: Sequence[str] | Sequence[tuple[str, str]], most: int) -> list[Any]:
        """Each cut to ``most`` tokens. Of a pair the longer text gives way: a question can be longer than them all."""
        with self._lock:  # what is cut is the tokenizer's state, not an argument
            self._tokenizer.enable_truncation(most, strategy="longest_first")
            encodings: list[Any] = self._tokenizer.encode_batch(list(texts))
        return encodings


@functools.lru_cache(maxsize=2)
def read_tokenizer(file: Path) -> ModelTokenizer:
    """Read once: it takes 25 ms, a sixth of what a first answer waits for its models. Raises what tokenizers raises."""
    return ModelTokenizer(file)
