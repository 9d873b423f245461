"""Which encoder to use when: onnxruntime for questions and small refreshes, torch for large builds."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from qabot.embedding.encoder import Encoder
from qabot.embedding.find_model import find_model
from qabot.errors import ModelError
from qabot.settings import EmbeddingSettings

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
        export_onnx(encoder, models, say)
    except ModelError as error:
        say(f"{error.problem} Questions will load sentence-transformers, which takes about ten seconds.")
    return encoder


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
