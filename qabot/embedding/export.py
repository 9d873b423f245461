"""A sentence-transformers model -> an ONNX file with its pooling and normalisation inside, and its tokenizer.

The default model's file is written from its weights, in a second; any other model is traced by torch.
"""

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
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
import numpy as np

from qabot.embedding.bert_graph import encoder_graph
from qabot.embedding.encoder import ModelIdentity
from qabot.embedding.exported import encoder_fault, exporting, kept_scorer, note_export, note_in_place
from qabot.embedding.find_model import DEFAULT_MODEL_SHA256, weights_file
from qabot.embedding.onnx_encoder import IDENTITY_FILE, MODEL_FILE, OnnxEncoder
from qabot.embedding.tokenizing import TOKENIZER_FILE
from qabot.errors import ModelError
from qabot.files import make_way
from qabot.settings import DEFAULT_MODEL

if TYPE_CHECKING:
    from qabot.embedding.torch_encoder import TorchEncoder

_ABANDONED = 3600.0  # seconds; an export takes one minute, one that was killed stays
_TEXTS = (
    "A general spoke.",
    "The figures differ: $61.4 billion, said one; “nearly $100 billion”, said another. " * 2,
    "Kyiv",
)
# Their vectors' first components, as sentence-transformers 6 gives them.
_BEGINNINGS = (
    (-0.0561, 0.0330, 0.0503, -0.0251, -0.0612, 0.0219),
    (0.0783, -0.0219, -0.0032, 0.0140, -0.0692, -0.0680),
    (0.0175, 0.0757, 0.0120, 0.0125, -0.0454, 0.0070),
)
_ALIKE = 1e-3
_TOKENS = range(64, 513)  # more than the texts above have, and no more than it has places for


# sentence-transformers' files beside the weights, by its names.
@dataclass(frozen=True, slots=True)
class _TextSettings:
    max_seq_length: int


@dataclass(frozen=True, slots=True)
class _PoolingSettings:
    pooling_mode_mean_tokens: bool = False
    pooling_mode: str = ""


@dataclass(frozen=True, slots=True)
class _PromptSettings:
    prompts: dict[str, str] | None = None


_Settings = TypeVar("_Settings", _TextSettings, _PoolingSettings, _PromptSettings)


def export_folder(models: Path, identity: ModelIdentity) -> Path:
    """Where an identity's export is kept: by the hash of its weights, and of what else the file depends on."""
    return models / f"{identity.sha256[:16]}-{identity.pooling}-{identity.max_tokens}"


def published_identity(folder: Path) -> ModelIdentity | None:
    """Of the default model's weights in ``folder``; ``None`` where their settings are others than those published, but
    for where a text is cut off."""
    texts = _read(folder / "sentence_bert_config.json", _TextSettings)
    pooling = _read(folder / "1_Pooling" / "config.json", _PoolingSettings)
    prompts = folder / "config_sentence_transformers.json"
    prompted = _read(prompts, _PromptSettings) if prompts.exists() else _PromptSettings()
    if texts is None or pooling is None or prompted is None or not (folder / TOKENIZER_FILE).is_file():
        return None
    by_mean = pooling.pooling_mode_mean_tokens or pooling.pooling_mode == "mean"
    if not by_mean or any((prompted.prompts or {}).values()) or texts.max_seq_length not in _TOKENS:
        return None
    most = texts.max_seq_length
    return ModelIdentity(DEFAULT_MODEL, DEFAULT_MODEL_SHA256, 384, most, "mean", query_prompt="", passage_prompt="")


def export_published(
    folder: Path, identity: ModelIdentity, models: Path, say: Callable[[str], None] = lambda line: None
) -> Path:
    """Exports the default model of ``folder``, as ``export_onnx`` does others, and without torch. Raises ModelError."""

    def write(aside: Path) -> None:
        import onnx
        from safetensors.numpy import load_file

        onnx.save_model(
            encoder_graph(load_file(weights_file(folder))),
            str(aside / MODEL_FILE),
            save_as_external_data=True,
            location=f"{MODEL_FILE}.data",
        )
        (aside / f"{MODEL_FILE}.data").chmod(0o644)
        shutil.copyfile(folder / TOKENIZER_FILE, aside / TOKENIZER_FILE)

    return _exported(identity, models, say, write, _check_published)


def export_onnx(encoder: TorchEncoder, models: Path, say: Callable[[str], None] = lambda line: None) -> Path:
    """Exports once, checks the result against the model, and gives the folder.

    Written aside and renamed, so that a killed export leaves nothing that looks whole; one that was damaged since is
    made anew. Raises ModelError where the model cannot be exported or its export disagrees.
    """
    identity = encoder.own_identity
    if identity.pooling not in ("mean", "cls"):
        raise ModelError(f"{identity.name} pools by {identity.pooling}; only mean and cls are exported.")

    def write(aside: Path) -> None:
        _write_traced(encoder, aside / MODEL_FILE)
        encoder.model.tokenizer.backend_tokenizer.save(str(aside / TOKENIZER_FILE))

    return _exported(identity, models, say, write, lambda aside: _check(encoder, aside))


def _exported(
    identity: ModelIdentity,
    models: Path,
    say: Callable[[str], None],
    write: Callable[[Path], None],
    check: Callable[[Path], None],
) -> Path:
    target = export_folder(models, identity)
    if not encoder_fault(target):
        return target
    say("Exporting the model once, so that questions need no torch ...")
    with exporting(models, identity.name, f"The export of {identity.name}", models):
        if encoder_fault(target):  # or another process has made it meanwhile
            _put(identity, models, target, write, check)
    return target


def _put(
    identity: ModelIdentity,
    models: Path,
    target: Path,
    write: Callable[[Path], None],
    check: Callable[[Path], None],
) -> None:
    for left in models.glob(".export-*"):
        if time.time() - left.stat().st_mtime > _ABANDONED:
            shutil.rmtree(left, ignore_errors=True)
    aside = Path(tempfile.mkdtemp(prefix=".export-", dir=models))
    try:
        write(aside)
        (aside / IDENTITY_FILE).write_bytes(msgspec.json.encode(asdict(identity)))
        check(aside)
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


def _read(file: Path, kind: type[_Settings]) -> _Settings | None:
    """A model's settings; ``None`` where there is no such file, or it holds something else."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=kind)
    except (OSError, ValueError):
        return None


def _write_traced(encoder: TorchEncoder, file: Path) -> None:
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
    agreement = (encoder.encode(_TEXTS) * exported.encode(_TEXTS)).sum(1).min()
    if agreement < 0.9999:
        raise ModelError(f"{encoder.identity.name}: its ONNX export disagrees with it (cosine {agreement:.5f}).")


def _check_published(folder: Path) -> None:
    difference = abs(OnnxEncoder(folder).encode(_TEXTS)[:, : len(_BEGINNINGS[0])] - np.array(_BEGINNINGS)).max()
    if not difference <= _ALIKE:
        raise ModelError(f"{DEFAULT_MODEL}: its ONNX export disagrees with what is known of it (by {difference:.5f}).")
