"""Text -> unit vectors. Nothing here imports torch until a large build or an export asks for it."""

from qabot.embedding.cross_encoder import CrossEncoder, Reading
from qabot.embedding.encoder import Encoder, ModelIdentity, Vectors
from qabot.embedding.find_model import find_model, weights_sha256
from qabot.embedding.load import (
    Encoders,
    begin_loading,
    exports,
    load_build_encoder,
    load_cross_encoder,
    load_query_encoder,
)

__all__ = [
    "CrossEncoder",
    "Encoder",
    "Encoders",
    "ModelIdentity",
    "Reading",
    "Vectors",
    "begin_loading",
    "exports",
    "find_model",
    "load_build_encoder",
    "load_cross_encoder",
    "load_query_encoder",
    "weights_sha256",
]
