"""The embedding model: where it is found, whether it made the index, and whether its export is whole."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from qabot.doctor.result import CheckResult
from qabot.embedding import exports, find_model, weights_sha256
from qabot.embedding.cross_encoder import cross_encoder_file
from qabot.embedding.exported import encoder_fault, scorer_fault
from qabot.embedding.find_model import DEFAULT_MODEL_SHA256
from qabot.errors import ModelError, QabotError
from qabot.files import FOLDER, kind_of
from qabot.index.database import open_for_reading, read_stamp
from qabot.settings import DEFAULT_MODEL, Settings

_FIX = "`qabot doctor --fix` exports it anew."
_HUB_SECONDS = 10.0


def check_model(settings: Settings) -> Iterator[CheckResult]:
    """Raises ModelError where a folder of that name holds none."""
    name = settings.embedding.model
    try:
        folder = find_model(name, online=False)
    except ModelError as error:
        indexed = index_sha256(settings)
        if indexed and any(not encoder_fault(found) for found in exports(settings.embeddings / "models", indexed)):
            said = "Its export answers questions; a rebuild, or another export, has to find it."
            yield CheckResult("model", "warning", f"{error.problem}\n{said}", error.remedy)
        else:
            yield CheckResult("model", "error", error.problem, error.remedy)
        return
    sha256 = weights_sha256(folder)
    if name == DEFAULT_MODEL and sha256 != DEFAULT_MODEL_SHA256:
        message = f"{folder} has weights that are not the official ones (sha256 {sha256[:12]})."
        yield CheckResult("model", "error", message, "Download it anew: its files are damaged or were replaced.")
        return
    indexed = index_sha256(settings)
    if indexed and indexed != sha256:
        message = f"{name} in {folder} has other weights (sha256 {sha256[:12]}) than made the index ({indexed[:12]})."
        yield CheckResult("model", "error", message, "Run `qabot index`, which makes it anew.")
        return
    yield CheckResult("model", "ok", f"{name} in {folder} (sha256 {sha256[:12]})")


def check_export(settings: Settings) -> Iterator[CheckResult]:
    """Every file of the export by its hash, which is computed in any case."""
    models = settings.embeddings / "models"
    sha256 = index_sha256(settings) or _model_sha256(settings)
    if not sha256:
        yield CheckResult("export", "note", "which model's export to look at is not known", "")
        return
    folders = exports(models, sha256)
    kind = kind_of(models)
    if kind not in ("", FOLDER):
        message = f"{models} is {kind}: a question loads torch, which takes ten seconds or more."
        yield CheckResult("export", "error", message, "Take it away, or bring back what it leads to.")
        return
    if not folders:
        message = f"There is no exported model in {models}: the next question waits for it to be made."
        yield CheckResult("export", "warning", message, _FIX)
        return
    for folder in folders:
        fault = encoder_fault(folder, thorough=True)
        if fault:
            yield CheckResult("export", "error", f"{folder} is damaged: {fault}.", _FIX)
        else:
            yield CheckResult("export", "ok", f"{folder} is as it was exported")
        if sha256 == DEFAULT_MODEL_SHA256:
            fault = scorer_fault(cross_encoder_file(folder), thorough=True)
            if fault:
                yield CheckResult("answer scorer", "error", f"{folder}: {fault}.", _FIX)
            else:
                yield CheckResult("answer scorer", "ok", f"{cross_encoder_file(folder).name} is as it was exported")


def check_hub(settings: Settings) -> Iterator[CheckResult]:
    """Asks the model hub for the model, over the network."""
    from huggingface_hub import HfApi

    name = settings.embedding.model
    if Path(name).expanduser().is_dir():
        yield CheckResult("hub", "ok", f"{name} is a folder; the hub is not asked for it")
        return
    try:
        found = HfApi().model_info(name, timeout=_HUB_SECONDS)
    except Exception as error:  # the hub's client lets its HTTP library's own errors through
        said = (str(error).strip().splitlines() or [""])[0]
        message = f"The model hub was not reached for {name}: {type(error).__name__}{f': {said}' if said else ''}."
        remedy = "Check the network, or HF_ENDPOINT; what is on this machine works without."
        yield CheckResult("hub", "warning", message, remedy)
    else:
        yield CheckResult("hub", "ok", f"{name} is there, revision {(found.sha or 'unknown')[:12]}")


def index_sha256(settings: Settings) -> str:
    """Of the weights that made the index; empty where that cannot be read."""
    try:
        with closing(open_for_reading(settings.embeddings)) as connection:
            stamp = read_stamp(connection)
    except Exception:  # whatever is wrong with the index is found by the checks of the index
        return ""
    return stamp.model.sha256 if stamp else ""


def _model_sha256(settings: Settings) -> str:
    try:
        return weights_sha256(find_model(settings.embedding.model, online=False))
    except (QabotError, OSError):
        return ""
