"""Which encoder to use when: onnxruntime for questions and small refreshes, torch for large builds."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from qabot.embedding.encoder import Encoder
from qabot.embedding.find_model import DEFAULT_MODEL_SHA256, find_model, weights_sha256
from qabot.errors import ModelError
from qabot.settings import EmbeddingSettings

if TYPE_CHECKING:
    from qabot.embedding.cross_encoder import CrossEncoder

Say = Callable[[str], None]
Loaded = TypeVar("Loaded")


# The model in force, and the one before while a generation made with it is still asked.
_KEPT = 2


class Encoders:
    """The loaded models, by the hash of their weights, for any number of threads; each is loaded once.

    ``once`` is for a process that asks one question: they are loaded for the soonest first answer, and answer later
    ones more slowly.
    """

    def __init__(self, settings: EmbeddingSettings, models: Path, say: Say, *, once: bool = False) -> None:
        self._settings = settings
        self._once = once
        self._models = models
        self._say = say
        self._lock = threading.Lock()
        self._encoders: dict[str, Encoder] = {}
        self._cross_encoders: dict[str, CrossEncoder | None] = {}

    def for_questions(self, sha256: str) -> Encoder:
        """The encoder that an index with these weights is asked with. Raises ModelError."""
        with self._lock:
            if sha256 not in self._encoders:
                found = load_query_encoder(self._settings, self._models, sha256, self._say, once=self._once)
                self._encoders = _with_newest(self._encoders, sha256, found)
            return self._encoders[sha256]

    def begin(self) -> None:
        """Begins to load what questions need, in a thread; whoever asks for it waits for it. Building a session leaves
        the interpreter free to import the rest."""
        threading.Thread(target=self._load_exported, name="qabot-models").start()

    def _load_exported(self) -> None:
        from qabot.embedding.cross_encoder import cross_encoder_file
        from qabot.embedding.onnx_encoder import read_identity

        exported = [file.parent for file in self._models.glob("*/identity.json")]
        if len(exported) != 1:
            return  # which of several, the index says
        # Whatever is wrong, the question meets it again, and tells it.
        with suppress(ModelError, OSError, ValueError):
            sha256 = read_identity(exported[0]).sha256
            self.for_questions(sha256)
            if cross_encoder_file(exported[0]).is_file():
                self.cross_encoder(sha256)

    def for_building(self, texts: int) -> Encoder:
        """The encoder that embeds ``texts`` texts soonest. Raises ModelError."""
        with self._lock:
            loaded = dict(self._encoders)
        # Questions go on meanwhile: loading torch takes ten seconds.
        return load_build_encoder(self._settings, self._models, texts=texts, say=self._say, loaded=loaded)

    def cross_encoder(self, sha256: str) -> CrossEncoder | None:
        """What reads questions and sentences together; ``None`` with weights other than those it was trained on."""
        with self._lock:
            if sha256 not in self._cross_encoders:
                found = load_cross_encoder(self._settings, self._models, sha256, self._say, once=self._once)
                self._cross_encoders = _with_newest(self._cross_encoders, sha256, found)
            return self._cross_encoders[sha256]


def begin_loading(settings: EmbeddingSettings, models: Path, say: Say) -> Encoders:
    """The models of a process that asks one question, which a thread begins to load: beside it, the rest of qabot is
    imported."""
    encoders = Encoders(settings, models, say, once=True)
    encoders.begin()
    return encoders


def _with_newest(loaded: dict[str, Loaded], sha256: str, newest: Loaded) -> dict[str, Loaded]:
    kept = list({**loaded, sha256: newest}.items())[-_KEPT:]
    return dict(kept)


def load_query_encoder(
    settings: EmbeddingSettings, models: Path, sha256: str, say: Say, *, once: bool = False
) -> Encoder:
    """The encoder that the index with weights ``sha256`` is asked with; ``once`` for a process that asks one question.

    Its export is looked for first, so that nothing of the model itself is touched. Where a model could not
    be exported, or its export was deleted, it is loaded with sentence-transformers.
    """
    exported = _find_export(settings, models, sha256, once=once)
    return exported or load_build_encoder(settings, models, texts=0, say=say)


def load_build_encoder(
    settings: EmbeddingSettings,
    models: Path,
    *,
    texts: int,
    say: Say,
    loaded: Mapping[str, Encoder] = MappingProxyType({}),
) -> Encoder:
    """The encoder that embeds ``texts`` texts soonest, once the model is exported; one of ``loaded`` where it serves.

    The model is searched for and hashed, since a build must not mix two. Raises ModelError.
    """
    folder = find_model(settings.model, say)
    # Where torch is loaded already, its ten seconds are spent and it is the faster one.
    if texts < settings.torch_from and "torch" not in sys.modules:
        sha256 = weights_sha256(folder)
        exported = loaded.get(sha256) or _find_export(settings, models, sha256)
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


def load_cross_encoder(
    settings: EmbeddingSettings, models: Path, sha256: str, say: Say, *, once: bool = False
) -> CrossEncoder | None:
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
        return CrossEncoder(file, identity.parent, threads=settings.threads, once=once)
    return None


def _export_cross_encoder(folder: Path, target: Path) -> None:
    from qabot.embedding.cross_encoder_export import export_cross_encoder

    export_cross_encoder(folder, target)


def _find_export(settings: EmbeddingSettings, models: Path, sha256: str, *, once: bool = False) -> Encoder | None:
    from qabot.embedding.onnx_encoder import OnnxEncoder

    for identity in models.glob(f"{sha256[:16]}-*/identity.json"):
        encoder = OnnxEncoder(
            identity.parent,
            name=settings.model,
            query_prompt=settings.query_prompt,
            passage_prompt=settings.passage_prompt,
            batch_size=settings.batch_size,
            threads=settings.threads,
            once=once,
        )
        if encoder.identity.sha256 == sha256:
            return encoder
    return None
