"""The exported model on onnxruntime and tokenizers: ready in a third of a second, without torch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from qabot.embedding.encoder import ModelIdentity, Vectors, embed_by_length, with_prompts
from qabot.embedding.tokenizing import TOKENIZER_FILE, read_tokenizer
from qabot.errors import ModelError
from qabot.files import read_own

MODEL_FILE, IDENTITY_FILE = "model.onnx", "identity.json"


def read_identity(folder: Path) -> ModelIdentity:
    """Whose export it is. Raises OSError, and ValueError where the file is damaged."""
    return msgspec.json.decode(read_own(folder / IDENTITY_FILE), type=ModelIdentity)


def session_options(threads: int, *, once: bool = False) -> Any:
    """onnxruntime's options for questions: short texts, now and then, in a small process.

    ``once`` is for a process that asks one: the weights are not laid out anew when they are loaded, which takes longer
    than one question gains by it (55 ms against 10).
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    # The arena keeps the largest batch's memory for good; questions are small.
    options.enable_cpu_mem_arena = False
    # And so is a plan kept for each shape that ever came: ten MiB after some hundred questions.
    options.enable_mem_pattern = False
    # Threads that wait by spinning take the core that FAISS and SQLite need next.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # The exported graphs hold nothing that the higher levels would join: 75 ms more to load, and they run no faster.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    if once:
        options.add_session_config_entry("session.disable_prepacking", "1")
    options.log_severity_level = 3
    return options


def not_loaded(what: str, error: Exception, remedy: str) -> ModelError:
    """``remedy`` is for damage. Where memory ran out, or a package that loads it cannot be imported, which the want of
    memory leads to as well, deleting an export that is whole would help nobody."""
    problem = str(error).rstrip(".")
    if isinstance(error, MemoryError) or "alloc" in problem:  # onnxruntime's: bad allocation, failed to allocate
        problem, remedy = "memory ran out", "Free some, or allow qabot more: `ulimit -v` shows what a shell allows."
    elif isinstance(error, ImportError):
        remedy = "Free some memory; where that does not help, `pip install --force-reinstall onnxruntime tokenizers`."
    return ModelError(f"{what} cannot be loaded: {problem}.", remedy)


class OnnxEncoder:
    """``folder`` is what ``export_onnx`` wrote. Raises ModelError where it is damaged."""

    def __init__(
        self,
        folder: Path,
        *,
        name: str | None = None,
        query_prompt: str = "",
        passage_prompt: str = "",
        batch_size: int = 32,
        threads: int = 0,
        once: bool = False,
    ) -> None:
        try:
            import onnxruntime

            own = read_identity(folder)
            self._session: Any = onnxruntime.InferenceSession(
                str(folder / MODEL_FILE), session_options(threads, once=once), providers=["CPUExecutionProvider"]
            )
            self._tokenizer = read_tokenizer(folder / TOKENIZER_FILE)
        except Exception as error:  # onnxruntime and tokenizers raise bare Exceptions for damaged files
            remedy = "Delete that folder and run `qabot index --rebuild`, which exports it anew."
            raise not_loaded(f"The exported model in {folder}", error, remedy) from error
        self._identity = with_prompts(own, name or own.name, query_prompt, passage_prompt)
        self._batch_size = batch_size

    @property
    def identity(self) -> ModelIdentity:
        return self._identity

    def encode(self, texts: Sequence[str], on_progress: Callable[[int], None] | None = None) -> Vectors:
        own = self._identity
        return embed_by_length(self._encode, texts, own.passage_prompt, self._batch_size, own.dimension, on_progress)

    def encode_query(self, question: str) -> Vectors:
        vector: Vectors = self._encode([self._identity.query_prompt + question])[0]
        return vector

    def _encode(self, texts: list[str]) -> Vectors:
        tokens = [encoding.ids for encoding in self._tokenizer.encode(texts, self._identity.max_tokens)]
        input_ids = np.zeros((len(tokens), max(map(len, tokens))), dtype=np.int64)
        attention_mask = np.zeros_like(input_ids)
        for row, ids in enumerate(tokens):
            input_ids[row, : len(ids)] = ids
            attention_mask[row, : len(ids)] = 1
        vectors: Vectors = self._session.run(None, {"input_ids": input_ids, "attention_mask": attention_mask})[0]
        return vectors
