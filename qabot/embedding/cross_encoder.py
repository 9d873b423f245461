"""A question and a sentence, read together: whether the one answers the other, and with which words.

The embedding model with a low-rank adapter merged in, on onnxruntime and tokenizers.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from qabot.embedding.onnx_encoder import session_options
from qabot.embedding.tokenizing import TOKENIZER_FILE, read_tokenizer
from qabot.errors import ModelError

# Trained by `python -m qabot.evaluation.train_cross_encoder`.
ADAPTER_FILE = Path(__file__).with_name("answer_adapter.safetensors")

_BITS = "s7"  # how its weights are kept; another way is another file
MAX_TOKENS = 96
_MAX_SPAN_TOKENS = 24


@dataclass(frozen=True, slots=True)
class Reading:
    """``relevance`` is a logit; ``text[start:end]`` are the words that answer, if any do."""

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
        import onnxruntime

        try:
            self._session: Any = onnxruntime.InferenceSession(
                str(file), session_options(threads, once=once), providers=["CPUExecutionProvider"]
            )
            self._tokenizer = read_tokenizer(folder / TOKENIZER_FILE)
        except Exception as error:  # onnxruntime and tokenizers raise bare Exceptions for damaged files
            raise ModelError(
                f"The exported answer scorer {file} cannot be loaded: {error}",
                "Delete that file; the next question exports it anew.",
            ) from error

    def read(self, question: str, texts: Sequence[str]) -> list[Reading]:
        """One reading a text, in the order given."""
        readings: dict[int, Reading] = {}
        # In two batches, the short and the long: padding to the longest of all costs a fifth more.
        by_length = sorted(range(len(texts)), key=lambda position: len(texts[position]))
        half = len(by_length) // 2
        for batch in (by_length[:half], by_length[half:]):
            if batch:
                encodings, arrays = self.inputs(question, [texts[position] for position in batch])
                logits = self.logits(arrays)
                readings |= {p: _reading(logits[row], encodings[row]) for row, p in enumerate(batch)}
        return [readings[position] for position in range(len(texts))]

    def inputs(self, question: str, texts: Sequence[str]) -> tuple[list[Any], dict[str, Any]]:
        """The tokenizer's encodings, and the model's inputs, ``int64[len(texts), longest]`` each."""
        encodings = self._tokenizer.encode([(question, text) for text in texts], MAX_TOKENS)
        longest = max(len(encoding.ids) for encoding in encodings)
        ids, kinds, mask = (np.zeros((len(texts), longest), dtype=np.int64) for _ in range(3))
        for row, encoding in enumerate(encodings):
            length = len(encoding.ids)
            ids[row, :length], kinds[row, :length], mask[row, :length] = encoding.ids, encoding.type_ids, 1
        return encodings, {"input_ids": ids, "token_type_ids": kinds, "attention_mask": mask}

    def logits(self, arrays: dict[str, Any]) -> Any:
        """``float32[n, longest, 3]``: relevance (at the first token), start and end of the answer by token."""
        return self._session.run(None, arrays)[0]


def _reading(logits: Any, encoding: Any) -> Reading:
    inside = [n for n, sequence in enumerate(encoding.sequence_ids) if sequence == 1]
    if not inside:
        return Reading(float(logits[0, 0]), 0, 0)
    first, last = inside[0], inside[-1] + 1
    # The best start and end with the end not before the start, at most _MAX_SPAN_TOKENS apart.
    sums = logits[first:last, 1][:, None] + logits[first:last, 2][None, :]
    length = last - first
    apart = np.arange(length)[None, :] - np.arange(length)[:, None]
    sums = np.where((apart >= 0) & (apart < _MAX_SPAN_TOKENS), sums, -np.inf)
    start, end = np.unravel_index(int(np.argmax(sums)), sums.shape)
    offsets = encoding.offsets
    return Reading(float(logits[0, 0]), offsets[first + int(start)][0], offsets[first + int(end)][1])
