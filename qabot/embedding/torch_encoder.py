"""The model as sentence-transformers runs it: for large builds, for exporting, and where no export is possible."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from qabot.embedding.encoder import ModelIdentity, Vectors, embed_by_length, with_prompts
from qabot.embedding.find_model import weights_sha256
from qabot.errors import ModelError


class TorchEncoder:
    """Loads torch and sentence-transformers when made: about ten seconds."""

    def __init__(
        self,
        folder: Path,
        name: str,
        *,
        query_prompt: str = "",
        passage_prompt: str = "",
        batch_size: int = 32,
        threads: int = 0,
    ) -> None:
        import torch
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging

        logging.disable_progress_bar()  # type: ignore[no-untyped-call,unused-ignore]
        if threads:
            torch.set_num_threads(threads)
        sha256 = weights_sha256(folder)
        try:
            self.model: Any = SentenceTransformer(str(folder), device="cpu")
        except Exception as error:  # a folder of anything: the loader raises whatever its content leads to
            raise ModelError(
                f"The model in {folder} cannot be loaded: {error}", "Download it anew, or set [embedding] model."
            ) from error
        self._batch_size = batch_size
        prompts = self.model.prompts or {}
        self.own_identity = ModelIdentity(
            name=name,
            sha256=sha256,
            dimension=int(self.model.get_embedding_dimension() or 0),
            max_tokens=int(self.model.max_seq_length or 512),
            pooling=self._pooling(),
            query_prompt=prompts.get("query", ""),
            passage_prompt=prompts.get("passage", "") or prompts.get("document", ""),
        )
        self._identity = with_prompts(self.own_identity, name, query_prompt, passage_prompt)

    @property
    def identity(self) -> ModelIdentity:
        return self._identity

    def encode(self, texts: Sequence[str], on_progress: Callable[[int], None] | None = None) -> Vectors:
        # Fewer and larger calls than batches: the library sorts and collects once a call.
        own = self._identity
        return embed_by_length(
            self._encode, texts, own.passage_prompt, self._batch_size * 8, own.dimension, on_progress
        )

    def encode_query(self, question: str) -> Vectors:
        vector: Vectors = self._encode([self._identity.query_prompt + question])[0]
        return vector

    def _encode(self, texts: list[str]) -> Vectors:
        vectors = self.model.encode(
            texts, prompt="", batch_size=self._batch_size, normalize_embeddings=True, show_progress_bar=False
        )
        return np.asarray(vectors, dtype=np.float32)

    def _pooling(self) -> str:
        """``mean``, ``cls``, another mode's name, or modes and further modules joined with a plus."""
        parts: list[str] = []
        for module in list(self.model)[1:]:
            kind = type(module).__name__
            if kind == "Pooling":
                mode = module.pooling_mode
                parts.extend([mode] if isinstance(mode, str) else mode)
            elif kind != "Normalize":
                parts.append(kind)
        return "+".join(parts)
