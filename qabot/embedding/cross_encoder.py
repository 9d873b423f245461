"""A question and a sentence, read together: whether the one answers the other, and with which words.

The embedding model with a low-rank adapter merged in, on onnxruntime and tokenizers.
"""

from __future__ import annotations

import functools
import hashlib
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from qabot.embedding.onnx_encoder import not_loaded, session_options
from qabot.embedding.tokenizing import TOKENIZER_FILE, read_tokenizer
from qabot.language.pronouns import BETWEEN

# Trained by `python -m qabot.evaluation.train_cross_encoder`.
ADAPTER_FILE = Path(__file__).with_name("answer_adapter.safetensors")

_BITS = "w7"  # how its weights are kept; another way is another file
MAX_TOKENS = 96
_MAX_SPAN_TOKENS = 24


@dataclass(frozen=True, slots=True)
class Reading:
    """``relevance`` is a logit; ``text[start:end]`` are the words that answer, if any do, before ``BETWEEN``."""

    relevance: float
    start: int
    end: int


@functools.cache
def adapter_version(adapter: Path) -> str:
    return hashlib.sha256(adapter.read_bytes()).hexdigest()[:12]


def cross_encoder_file(folder: Path, adapter: Path = ADAPTER_FILE) -> Path:
    """Where an export with this adapter is kept, beside the encoder's."""
    return folder / f"cross-encoder-{adapter_version(adapter)}-{_BITS}.onnx"


class CrossEncoder:
    """``file`` is what ``export_cross_encoder`` wrote, ``folder`` holds the tokenizer. Raises ModelError."""

    def __init__(self, file: Path, folder: Path, *, threads: int = 0, once: bool = False) -> None:
        # A text a thread: threads that share in one multiplication wait for each other three hundred times a text, and
        # a batch is padded to its longest, a fifth more to compute.
        self._threads = ThreadPoolExecutor(threads or os.cpu_count() or 1, thread_name_prefix="qabot-reading")
        try:
            import onnxruntime

            self._session: Any = onnxruntime.InferenceSession(
                str(file), session_options(1, once=once), providers=["CPUExecutionProvider"]
            )
            self._tokenizer = read_tokenizer(folder / TOKENIZER_FILE)
        except Exception as error:  # onnxruntime and tokenizers raise bare Exceptions for damaged files
            remedy = "Delete that file; the next question exports it anew."
            raise not_loaded(f"The exported answer scorer {file}", error, remedy) from error

    def read(self, question: str, texts: Sequence[str]) -> list[Reading]:
        """One reading a text, in the order given; none depends on what is read beside it."""
        return self.read_each([(question, text) for text in texts])

    def read_each(self, pairs: Sequence[tuple[str, str]]) -> list[Reading]:
        """One reading a pair of question and text."""
        # The longest first, so that no thread is left with a long one at the end.
        order = sorted(range(len(pairs)), key=lambda position: -sum(map(len, pairs[position])))
        read = self._threads.map(lambda position: self._read(*pairs[position]), order)
        readings = dict(zip(order, read, strict=True))
        return [readings[position] for position in range(len(pairs))]

    def _read(self, question: str, text: str) -> Reading:
        encoding, arrays = self.inputs(question, text)
        return _reading(self.logits(arrays), encoding, len(text.partition(BETWEEN)[0]))

    def inputs(self, question: str, text: str) -> tuple[Any, dict[str, Any]]:
        """The tokenizer's encoding, and the model's inputs, ``int64[1, length]`` each."""
        (encoding,) = self._tokenizer.encode([(question, text)], MAX_TOKENS)
        arrays = {"input_ids": encoding.ids, "token_type_ids": encoding.type_ids}
        return encoding, {name: np.array([values], dtype=np.int64) for name, values in arrays.items()}

    def logits(self, arrays: dict[str, Any]) -> Any:
        """``float32[length, 3]``: relevance (at the first token), start and end of the answer by token."""
        return self._session.run(None, arrays)[0][0]


def _reading(logits: Any, encoding: Any, length: int) -> Reading:
    """``length`` of the text, in characters, is the sentence; what follows tells what it is about."""
    inside = [
        n for n, sequence in enumerate(encoding.sequence_ids) if sequence == 1 and encoding.offsets[n][0] < length
    ]
    if not inside:
        return Reading(float(logits[0, 0]), 0, 0)
    first, last = inside[0], inside[-1] + 1
    # The best start and end with the end not before the start, at most _MAX_SPAN_TOKENS apart.
    sums = logits[first:last, 1][:, None] + logits[first:last, 2][None, :]
    tokens = np.arange(last - first)
    apart = tokens[None, :] - tokens[:, None]
    sums = np.where((apart >= 0) & (apart < _MAX_SPAN_TOKENS), sums, -np.inf)
    start, end = np.unravel_index(int(np.argmax(sums)), sums.shape)
    offsets = encoding.offsets
    return Reading(float(logits[0, 0]), offsets[first + int(start)][0], offsets[first + int(end)][1])
