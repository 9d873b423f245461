"""A sentence-transformers model -> an ONNX file with its pooling and normalisation inside, and its tokenizer."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import shutil
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import msgspec

from qabot.embedding.encoder import ModelIdentity
from qabot.embedding.exported import encoder_fault, exporting, kept_scorer, note_export, note_in_place
from qabot.embedding.onnx_encoder import IDENTITY_FILE, MODEL_FILE, OnnxEncoder
from qabot.embedding.tokenizing import TOKENIZER_FILE
from qabot.embedding.torch_encoder import TorchEncoder
from qabot.errors import ModelError
from qabot.files import make_way

_ABANDONED = 3600.0  # seconds; an export takes one minute, one that was killed stays


def export_folder(models: Path, identity: ModelIdentity) -> Path:
    """Where an identity's export is kept: by the hash of its weights, and of what else the file depends on."""
    return models / f"{identity.sha256[:16]}-{identity.pooling}-{identity.max_tokens}"


def export_onnx(encoder: TorchEncoder, models: Path, say: Callable[[str], None] = lambda line: None) -> Path:
    """Exports once, checks the result against the model, and gives the folder.

    Written aside and renamed, so that a killed export leaves nothing that looks whole; one that was damaged since is
    made anew. Raises ModelError where the model cannot be exported or its export disagrees.
    """
    identity = encoder.identity
    target = export_folder(models, identity)
    if not encoder_fault(target):
        return target
    if identity.pooling not in ("mean", "cls"):
        raise ModelError(f"{identity.name} pools by {identity.pooling}; only mean and cls are exported.")
    say("Exporting the model once, so that questions need no torch ...")
    with exporting(models, identity.name, f"The export of {identity.name}", models):
        if encoder_fault(target):  # or another process has made it meanwhile
            _export(encoder, models, target)
    return target


def _export(encoder: TorchEncoder, models: Path, target: Path) -> None:
    for left in models.glob(".export-*"):
        if time.time() - left.stat().st_mtime > _ABANDONED:
            shutil.rmtree(left, ignore_errors=True)
    aside = Path(tempfile.mkdtemp(prefix=".export-", dir=models))
    try:
        _write_graph(encoder, aside / MODEL_FILE)
        encoder.model.tokenizer.backend_tokenizer.save(str(aside / TOKENIZER_FILE))
        (aside / IDENTITY_FILE).write_bytes(msgspec.json.encode(asdict(encoder.own_identity)))
        _check(encoder, aside)
        note_export(aside)
        os.chmod(aside, 0o755)
        for file in kept_scorer(target):
            file.rename(aside / file.name)
        if target.is_dir() and not target.is_symlink():
            shutil.rmtree(target)
        make_way(target)
        aside.rename(target)
        note_in_place(target)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _write_graph(encoder: TorchEncoder, file: Path) -> None:
    import torch

    transformer: Any = encoder.model[0].auto_model
    normalised_by_mean = encoder.identity.pooling == "mean"
    takes_types = "token_type_ids" in encoder.model.tokenizer.model_input_names

    class Pooled(torch.nn.Module):  # type: ignore[misc,unused-ignore]
        def __init__(self) -> None:
            super().__init__()
            self.transformer = transformer

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            kinds = {"token_type_ids": torch.zeros_like(input_ids)} if takes_types else {}
            tokens = self.transformer(input_ids=input_ids, attention_mask=attention_mask, **kinds).last_hidden_state
            if normalised_by_mean:
                weights = attention_mask.unsqueeze(-1).to(tokens.dtype)
                pooled = (tokens * weights).sum(1) / weights.sum(1).clamp(min=1e-9)
            else:
                pooled = tokens[:, 0]
            return torch.nn.functional.normalize(pooled, dim=-1)

    pooled = Pooled().eval()
    inputs = {name: torch.ones((2, 7), dtype=torch.int64) for name in ("input_ids", "attention_mask")}
    batch, length = torch.export.Dim("batch"), torch.export.Dim("length", max=encoder.identity.max_tokens)
    shapes = {name: {0: batch, 1: length} for name in inputs}
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()), torch.no_grad():
        warnings.simplefilter("ignore")
        program: Any = torch.onnx.export(
            pooled,
            kwargs=inputs,
            dynamic_shapes=shapes,
            input_names=list(inputs),
            output_names=["unit_vector"],
            dynamo=True,
            verbose=False,
        )
        # Weights in a file of their own are mapped into memory: a third of the time to load, 50 MiB less resident,
        # since of the word embeddings only the rows in use are read (benchmarks/discord_bot.py).
        program.save(str(file), external_data=True)


def _check(encoder: TorchEncoder, folder: Path) -> None:
    exported = OnnxEncoder(folder, passage_prompt=encoder.identity.passage_prompt)
    texts = [
        "A general spoke.",
        "The figures differ: $61.4 billion, said one; “nearly $100 billion”, said another. " * 6,
        "Kyiv",
    ]
    agreement = (encoder.encode(texts) * exported.encode(texts)).sum(1).min()
    if agreement < 0.9999:
        raise ModelError(f"{encoder.identity.name}: its ONNX export disagrees with it (cosine {agreement:.5f}).")
