"""Which encoder to use when: onnxruntime for questions and small refreshes, torch for large builds."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from qabot.embedding.encoder import Encoder
from qabot.embedding.find_model import DEFAULT_MODEL_SHA256, find_model
from qabot.errors import ModelError
from qabot.settings import EmbeddingSettings

if TYPE_CHECKING:
    from qabot.embedding.cross_encoder import CrossEncoder

Say = Callable[[str], None]


def load_query_encoder(settings: EmbeddingSettings, models: Path, sha256: str, say: Say) -> Encoder:
    """The encoder that the index with weights ``sha256`` is asked with.

    Its export is looked for first, so that nothing of the model itself is touched. Where a model could not
    be exported, or its export was deleted, it is loaded with sentence-transformers.
    """
    exported = _find_export(settings, models, sha256)
    return exported or load_build_encoder(settings, models, texts=0, say=say)


def load_build_encoder(settings: EmbeddingSettings, models: Path, *, texts: int, say: Say) -> Encoder:
    """The encoder that embeds ``texts`` texts soonest, once the model is exported.

    The model is searched for and hashed, since a build must not mix two. Raises ModelError.
    """
    from qabot.embedding.find_model import weights_sha256

    folder = find_model(settings.model, say)
    # Where torch is loaded already, its ten seconds are spent and it is the faster one.
    if texts < settings.torch_from and "torch" not in sys.modules:
        exported = _find_export(settings, models, weights_sha256(folder))
        if exported is not None:
            return exported

    say("Loading the model with sentence-transformers (about ten seconds) ...")
    from qabot.embedding.export import export_onnx
    from qabot.embedding.torch_encoder import TorchEncoder

    encoder = TorchEncoder(
        folder,
        settings.model,
        query_prompt=settings.query_prompt,
        passage_prompt=settings.passage_prompt,
        batch_size=settings.batch_size,
        threads=settings.threads,
    )
    try:
        exported_to = export_onnx(encoder, models, say)
        if encoder.identity.sha256 == DEFAULT_MODEL_SHA256:
            _export_cross_encoder(folder, exported_to)
    except ModelError as error:
        say(f"{error.problem} Questions will load sentence-transformers, which takes about ten seconds.")
    return encoder


def load_cross_encoder(settings: EmbeddingSettings, models: Path, sha256: str, say: Say) -> CrossEncoder | None:
    """What reads questions and sentences together; ``None`` with weights other than those it was trained on.

    Exported where that was not done yet: by an older version, or for another adapter.
    """
    if sha256 != DEFAULT_MODEL_SHA256:
        return None
    from qabot.embedding.cross_encoder import CrossEncoder, cross_encoder_file

    for identity in models.glob(f"{sha256[:16]}-*/identity.json"):
        file = cross_encoder_file(identity.parent)
        if not file.is_file():
            say("Exporting the answer scorer once (about twenty seconds) ...")
            try:
                _export_cross_encoder(find_model(settings.model, say), identity.parent)
            except (ModelError, OSError) as error:
                say(f"{error} Answers are chosen without it.")
                return None
        return CrossEncoder(file, identity.parent, threads=settings.threads)
    return None


def _export_cross_encoder(folder: Path, target: Path) -> None:
    from qabot.embedding.cross_encoder_export import export_cross_encoder

    export_cross_encoder(folder, target)


def _find_export(settings: EmbeddingSettings, models: Path, sha256: str) -> Encoder | None:
    from qabot.embedding.onnx_encoder import OnnxEncoder

    for identity in models.glob(f"{sha256[:16]}-*/identity.json"):
        encoder = OnnxEncoder(
            identity.parent,
            name=settings.model,
            query_prompt=settings.query_prompt,
            passage_prompt=settings.passage_prompt,
            batch_size=settings.batch_size,
            threads=settings.threads,
        )
        if encoder.identity.sha256 == sha256:
            return encoder
    return None
