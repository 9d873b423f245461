"""Which encoder to use when: onnxruntime for questions and small refreshes, torch for large builds."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from qabot.embedding.cross_encoder import CrossEncoder, cross_encoder_file
from qabot.embedding.encoder import Encoder
from qabot.embedding.exported import encoder_fault, failed_lately, note_failed, scorer_fault
from qabot.embedding.find_model import DEFAULT_MODEL_SHA256, find_model, weights_sha256
from qabot.errors import ModelError
from qabot.settings import EmbeddingSettings

Say = Callable[[str], None]
Loaded = TypeVar("Loaded")


_HANDFUL = 64
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
        # What a build left wrong, which tried to put it right and said why it could not.
        self._given_up = ""
        self._cross_encoders: dict[str, CrossEncoder | None] = {}

    def for_questions(self, sha256: str) -> Encoder:
        """The encoder that an index with these weights is asked with. Raises ModelError."""
        with self._lock:
            if sha256 not in self._encoders:
                found = load_query_encoder(self._settings, self._models, sha256, self._say, once=self._once)
                self._encoders = _with_newest(self._encoders, sha256, found)
            return self._encoders[sha256]

    def if_exported(self, sha256: str) -> Encoder | None:
        """Its export, where there is one that is whole; torch is not loaded for it. Raises ModelError."""
        return _find_export(self._settings, self._models, sha256)

    def begin(self) -> None:
        """Begins to load what questions need, in a thread; whoever asks for it waits for it. Building a session leaves
        the interpreter free to import the rest."""
        threading.Thread(target=self._load_exported, name="qabot-models").start()

    def _load_exported(self) -> None:
        from qabot.embedding.onnx_encoder import read_identity

        # Whatever is wrong, the question meets it again, and tells it.
        with suppress(ModelError, OSError, ValueError):
            exported = [file.parent for file in self._models.glob("*/identity.json")]
            if len(exported) != 1:
                return  # which of several, the index says
            if encoder_fault(exported[0]):
                return  # what exports it anew, which takes longer, is for the question to begin
            sha256 = read_identity(exported[0]).sha256
            self.for_questions(sha256)
            if not scorer_fault(cross_encoder_file(exported[0])):
                self.cross_encoder(sha256)

    def for_building(self, texts: int) -> Encoder:
        """The encoder that embeds ``texts`` texts soonest. Raises ModelError."""
        with self._lock:
            loaded = dict(self._encoders)
        # Questions go on meanwhile: loading torch takes ten seconds.
        built = load_build_encoder(self._settings, self._models, texts=texts, say=self._say, loaded=loaded)
        self._given_up = self._fault(built.identity.sha256)
        return built

    def _fault(self, sha256: str) -> str:
        """What is wrong with an export, or that there is none where there could be."""
        if sha256 == DEFAULT_MODEL_SHA256 and not exports(self._models, sha256):
            return "There is no exported model."
        return export_fault(self._models, sha256)

    def cross_encoder(self, sha256: str) -> CrossEncoder | None:
        """What reads questions and sentences together; ``None`` with weights other than those it was trained on."""
        with self._lock:
            if sha256 not in self._cross_encoders:
                found = load_cross_encoder(self._settings, self._models, sha256, self._say, once=self._once)
                self._cross_encoders = _with_newest(self._cross_encoders, sha256, found)
            return self._cross_encoders[sha256]

    def mend(self, sha256: str, *, again: bool = False) -> bool:
        """Exports anew what of the exports is damaged, or missing where it is known to be possible; what failed lately
        only where it is to be tried ``again``.

        Gives whether anything was. Raises ModelError where something stays damaged.
        """
        known = sha256 == DEFAULT_MODEL_SHA256
        fault = self._fault(sha256)
        if fault and fault == self._given_up:
            return False
        if fault:
            self._say(fault)
            built = load_build_encoder(self._settings, self._models, texts=0, say=self._say)
            if built.identity.sha256 != sha256:
                raise ModelError(fault, f"{self._settings.model} has other weights now: run `qabot index`.")
        scorers = [cross_encoder_file(folder) for folder in exports(self._models, sha256)] if known else []
        damaged = [file for file in scorers if scorer_fault(file) and (again or not failed_lately(file))]
        for file in damaged:
            self._say("Exporting the answer scorer ...")
            try:
                _export_cross_encoder(find_model(self._settings.model, self._say), file.parent)
            except ModelError as error:
                note_failed(file, str(error))
                raise
        if not fault and not damaged:
            return False
        with self._lock:
            self._encoders.pop(sha256, None)
            self._cross_encoders.pop(sha256, None)
        left = self._fault(sha256)
        if left:
            self._given_up = left
            raise ModelError(left, "It could not be exported anew, for the reason that was told before.")
        return True


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
    be exported, or its export was deleted or damaged, it is loaded with sentence-transformers, which ``say`` is told.
    Raises ModelError.
    """
    exported = _find_export(settings, models, sha256, once=once)
    if exported is not None:
        return exported
    fault = export_fault(models, sha256)
    if fault:
        say(fault)
    try:
        return load_build_encoder(settings, models, texts=0, say=say)
    except ModelError as error:
        raise ModelError(f"{fault} {error.problem}".strip(), error.remedy) from error


def export_fault(models: Path, sha256: str, *, thorough: bool = False) -> str:
    """What is wrong with the export of the model with these weights, in a sentence; empty where there is none."""
    found = {folder: encoder_fault(folder, thorough=thorough) for folder in exports(models, sha256)}
    if not found or not all(found.values()):
        return ""
    folder, fault = next(iter(found.items()))
    return f"The exported model in {folder} is damaged: {fault}."


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
    sha256 = weights_sha256(folder)
    published = sha256 == DEFAULT_MODEL_SHA256 and _export_published(folder, models, say)
    # Where torch is loaded already, its ten seconds are spent and it is the faster one; not for a handful of texts,
    # since the model itself has to be loaded.
    if texts < settings.torch_from and ("torch" not in sys.modules or texts < _HANDFUL):
        exported = loaded.get(sha256) or _find_export(settings, models, sha256)
        if exported is not None:
            return exported

    say("Loading the model with sentence-transformers (about ten seconds) ...")
    try:
        from qabot.embedding.torch_encoder import TorchEncoder

        encoder = TorchEncoder(
            folder,
            settings.model,
            query_prompt=settings.query_prompt,
            passage_prompt=settings.passage_prompt,
            batch_size=settings.batch_size,
            threads=settings.threads,
        )
    except ImportError as error:
        raise ModelError(
            f"Loading the model {settings.model} takes {error.name or error}, which is not installed.",
            f"pip install 'torch>=2.6' sentence-transformers; or copy {models} from where it was exported.",
        ) from error
    if not published:
        try:
            from qabot.embedding.export import export_onnx

            exported_to = export_onnx(encoder, models, say)
            if encoder.identity.sha256 == DEFAULT_MODEL_SHA256:
                _export_cross_encoder(folder, exported_to)
        except ModelError as error:
            say(f"{error.problem} Questions will load sentence-transformers, which takes about ten seconds.")
    return encoder


def _export_published(folder: Path, models: Path, say: Say) -> bool:
    """Whether ``folder`` has the default model as it was published; exports it, where that was not done yet."""
    from qabot.embedding.export import export_folder, export_published, published_identity

    identity = published_identity(folder)
    if identity is None:
        return False
    if encoder_fault(export_folder(models, identity)):
        try:
            _export_cross_encoder(folder, export_published(folder, identity, models, say))
        except ModelError as error:
            say(f"{error.problem} Questions will load sentence-transformers, which takes about ten seconds.")
    return True


def load_cross_encoder(
    settings: EmbeddingSettings, models: Path, sha256: str, say: Say, *, once: bool = False
) -> CrossEncoder | None:
    """What reads questions and sentences together; ``None`` with weights other than those it was trained on.

    Exported where that was not done yet: by an older version, or for another adapter.
    """
    if sha256 != DEFAULT_MODEL_SHA256:
        return None
    for folder in exports(models, sha256):
        if encoder_fault(folder):
            continue  # the tokenizer is the encoder's
        file = cross_encoder_file(folder)
        fault = scorer_fault(file)
        if fault:
            if reason := failed_lately(file):
                say(f"{reason} Answers are chosen without it; `qabot doctor --fix` tries again.")
                return None
            if file.is_file():
                say(f"The answer scorer in {folder} is damaged: {fault}.")
            say("Exporting the answer scorer once ...")
            try:
                _export_cross_encoder(find_model(settings.model, say), folder)
            except (ModelError, OSError) as error:
                note_failed(file, str(error))
                say(f"{error} Answers are chosen without it.")
                return None
        return CrossEncoder(file, folder, threads=settings.threads, once=once)
    say("The answer scorer needs the exported model: answers are chosen without it.")
    return None


def _export_cross_encoder(folder: Path, target: Path) -> None:
    from qabot.embedding.cross_encoder_export import export_cross_encoder

    export_cross_encoder(folder, target)


def exports(models: Path, sha256: str) -> Sequence[Path]:
    """The folders of what was exported of these weights, whole or not."""
    return sorted(folder for folder in models.glob(f"{sha256[:16]}-*") if folder.is_dir())


def _find_export(settings: EmbeddingSettings, models: Path, sha256: str, *, once: bool = False) -> Encoder | None:
    from qabot.embedding.onnx_encoder import OnnxEncoder

    for folder in exports(models, sha256):
        if encoder_fault(folder):
            continue
        encoder = OnnxEncoder(
            folder,
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
