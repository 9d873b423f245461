"""An export that is not as it was made is never asked: it is made anew, or what is missing for that is said."""

from __future__ import annotations

import builtins
import importlib
import os
import random
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from qabot.checksums import MEMORY_FILE
from qabot.embedding import Encoders, load_cross_encoder, load_query_encoder
from qabot.embedding.cross_encoder import cross_encoder_file
from qabot.embedding.cross_encoder_export import export_cross_encoder
from qabot.embedding.exported import encoder_fault, exporting, scorer_fault
from qabot.embedding.find_model import DEFAULT_MODEL_SHA256
from qabot.embedding.load import export_fault
from qabot.embedding.onnx_encoder import OnnxEncoder
from qabot.errors import ModelError
from qabot.settings import EmbeddingSettings

FINDING = importlib.import_module("qabot.embedding.find_model")  # qabot.embedding has a function of that name
SETTINGS = EmbeddingSettings()


@pytest.fixture
def export(models: Path, tmp_path: Path) -> Path:
    """The default model's export, to damage: links to its files, of which what is damaged becomes a file of its own."""
    (source,) = (folder for folder in models.iterdir() if folder.is_dir())
    return Path(shutil.copytree(source, tmp_path / "models" / source.name, copy_function=os.link))


def flip(file: Path, bits: int, seed: int = 0) -> None:
    """Flips bits in place, as a disk does, but that the file's times tell of it."""
    content = bytearray(file.read_bytes())
    draw = random.Random(seed)
    for _ in range(bits):
        content[draw.randrange(len(content))] ^= 1 << draw.randrange(8)
    file.unlink()
    file.write_bytes(content)


def unlink(file: Path) -> None:
    file.unlink()


def truncate(file: Path) -> None:
    content = file.read_bytes()
    file.unlink()
    file.write_bytes(content[: len(content) // 2])


def flip_a_bit(file: Path) -> None:
    flip(file, 1)


def flip_a_thousand(file: Path) -> None:
    flip(file, 1000)


DAMAGES = [unlink, truncate, flip_a_bit, flip_a_thousand]


def ask(export: Path, said: list[str]) -> Any:
    return load_query_encoder(SETTINGS, export.parent, DEFAULT_MODEL_SHA256, said.append, once=True)


def without(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """As where packages are not installed."""
    real = builtins.__import__

    def imported(wanted: str, *arguments: Any) -> Any:
        name = wanted.split(".")[0]
        if name in names:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return real(wanted, *arguments)

    monkeypatch.setattr(builtins, "__import__", imported)


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", ["model.onnx", "model.onnx.data", "tokenizer.json", "identity.json", "SHA256SUMS"])
def test_damage_to_any_file_of_the_encoder_is_told_and_not_asked(
    export: Path, name: str, damage: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert encoder_fault(export) == ""
    damage(export / name)
    assert name in encoder_fault(export)
    without(monkeypatch, "onnx", "sentence_transformers")
    said: list[str] = []
    with pytest.raises(ModelError, match=r"is damaged: .*sentence_transformers.*not installed[\s\S]*pip install"):
        ask(export, said)
    assert name in said[0] and "ten seconds" in said[-1], "a question waits for torch only when that was said"


def test_where_the_folder_of_exports_is_a_link_to_nothing_it_is_made_there(tmp_path: Path) -> None:
    (tmp_path / "models").symlink_to(tmp_path / "elsewhere" / "models")
    with exporting(tmp_path / "models", "The model", "Its export", tmp_path):
        assert (tmp_path / "elsewhere" / "models").is_dir()


def test_a_file_in_the_place_of_that_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "models").touch()
    with (
        pytest.raises(ModelError, match=r"cannot be written to .*models: .*exists"),
        exporting(tmp_path / "models", "The model", "Its export", tmp_path),
    ):
        pass


def test_a_damaged_export_is_made_anew_by_the_question_without_torch_and_the_scorer_stays(
    export: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without(monkeypatch, "torch", "sentence_transformers", "transformers")
    before = cross_encoder_file(export).stat().st_ino
    flip(export / "model.onnx", 1000)
    (export / "tokenizer.json").unlink()
    said: list[str] = []
    assert isinstance(ask(export, said), OnnxEncoder)
    assert any("Exporting the model" in line for line in said)
    assert encoder_fault(export, thorough=True) == "" and scorer_fault(cross_encoder_file(export), thorough=True) == ""
    assert cross_encoder_file(export).stat().st_ino == before
    said.clear()
    assert isinstance(ask(export, said), OnnxEncoder) and said == []


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_scorer_that_cannot_be_made_anew_is_not_asked(
    export: Path, damage: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    damage(cross_encoder_file(export))
    monkeypatch.setattr(FINDING, "_in_package", lambda name: "not installed")
    said: list[str] = []
    assert load_cross_encoder(SETTINGS, export.parent, DEFAULT_MODEL_SHA256, said.append) is None
    assert "not found" in said[-1] and "Answers are chosen without it" in said[-1]


def test_who_waits_for_another_export_makes_none_of_its_own(export: Path, tmp_path: Path) -> None:
    scorer = cross_encoder_file(export)
    made = scorer.rename(tmp_path / scorer.name)
    with ThreadPoolExecutor() as pool:
        with FileLock(export.parent / ".lock"):
            waiting = pool.submit(export_cross_encoder, tmp_path / "no model to export", export)
            with pytest.raises(TimeoutError):
                waiting.result(0.2)
            made.rename(scorer)
        assert waiting.result() == scorer and scorer_fault(scorer, thorough=True) == ""


def test_an_export_without_its_model_says_where_that_was_looked_for(
    export: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flip_a_bit(export / "model.onnx.data")
    monkeypatch.setattr(FINDING, "_in_package", lambda name: "not installed")
    with pytest.raises(ModelError, match=r"damaged: model.onnx.data[\s\S]*was not found[\s\S]*local-model"):
        ask(export, [])


def test_what_was_found_right_is_not_hashed_again(
    export: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Another test's link to a file is a change of the file's entry: this one has copies.
    export = Path(shutil.copytree(export, tmp_path / "copied"))
    hashed: list[str] = []
    from qabot import checksums

    real = checksums.sha256_of
    monkeypatch.setattr(checksums, "sha256_of", lambda file: hashed.append(file.name) or real(file))
    monkeypatch.setattr(checksums, "_TICK", -1)
    assert encoder_fault(export) == "" and len(hashed) == 4
    assert encoder_fault(export) == "" and len(hashed) == 4
    assert encoder_fault(export, thorough=True) == "" and len(hashed) == 8
    (export / MEMORY_FILE).write_text("{broken")
    assert encoder_fault(export) == "" and len(hashed) == 12
    flip_a_bit(export / "model.onnx")
    os.utime(export / "model.onnx", (1, 1))
    assert "model.onnx" in encoder_fault(export), "a file's own times can be set, when that was done cannot"


def test_a_thorough_look_finds_what_a_remembered_one_does_not(export: Path) -> None:
    """A disk that loses bits by itself moves no times."""
    from qabot.checksums import note_made, read_sums

    flip_a_bit(export / "model.onnx.data")
    sums = read_sums(export / "SHA256SUMS")
    assert sums is not None
    note_made(export / "model.onnx.data", sums["model.onnx.data"])
    assert export_fault(export.parent, DEFAULT_MODEL_SHA256) == ""
    assert "model.onnx.data" in export_fault(export.parent, DEFAULT_MODEL_SHA256, thorough=True)
    assert "model.onnx.data" in export_fault(export.parent, DEFAULT_MODEL_SHA256), "and from then on any look does"


def test_mending_makes_what_is_damaged_anew_and_then_has_nothing_to_do(export: Path) -> None:
    flip_a_bit(cross_encoder_file(export))
    encoders = Encoders(SETTINGS, export.parent, lambda line: None)
    assert encoders.mend(DEFAULT_MODEL_SHA256)
    assert encoder_fault(export, thorough=True) == "" and scorer_fault(cross_encoder_file(export), thorough=True) == ""
    assert not encoders.mend(DEFAULT_MODEL_SHA256)


def full(*_: object, **__: object) -> None:
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize("write", ["export.tempfile.mkdtemp", "export.encoder_graph"])
def test_a_full_disk_leaves_the_export_that_is_there_and_is_told(
    export: Path, write: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    flip_a_bit(export / "tokenizer.json")
    before = {file.name: file.read_bytes() for file in export.iterdir() if file.name != MEMORY_FILE}
    monkeypatch.setattr(f"qabot.embedding.{write}", full)
    said: list[str] = []
    assert ask(export, said).encode_query("Who spoke?").shape == (384,), "torch answers meanwhile"
    assert any("No space left" in line and "cannot be written" in line for line in said)
    monkeypatch.undo()
    assert {file.name: file.read_bytes() for file in export.iterdir() if file.name != MEMORY_FILE} == before


def test_a_full_disk_while_the_scorer_is_exported_is_told(export: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flip_a_bit(cross_encoder_file(export))
    monkeypatch.setattr("qabot.embedding.cross_encoder_export.write_scorer", full)
    said: list[str] = []
    assert load_cross_encoder(SETTINGS, export.parent, DEFAULT_MODEL_SHA256, said.append) is None
    assert "No space left" in said[-1] and "Answers are chosen without it" in said[-1]
    assert not list(export.parent.glob(".export-*")), "nothing is left on a disk that is full already"


@pytest.mark.parametrize("end", ["", ".sha256"])
def test_a_folder_in_the_scorers_place_makes_way_for_it(export: Path, end: str) -> None:
    file = cross_encoder_file(export)
    for name in (file.name, f"{file.name}.sha256"):
        if name.endswith(end or ".onnx"):
            (export / name).unlink()
            (export / name).mkdir()
    (export / f"{file.name}{end}" / "mine.txt").write_text("mine")
    said: list[str] = []
    assert Encoders(SETTINGS, export.parent, said.append).cross_encoder(DEFAULT_MODEL_SHA256) is not None, said
    assert not scorer_fault(file, thorough=True)
    assert [aside.read_text() for aside in export.glob("*.set-aside-*/*/mine.txt")] == ["mine"]


def test_a_scorer_whose_export_failed_is_left_for_an_hour_and_until_somebody_mends(
    export: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cross_encoder_file(export).unlink()
    tried: list[int] = []

    def failing(*_: object) -> None:
        tried.append(1)
        raise ModelError("The disk of the test is full.")

    monkeypatch.setattr("qabot.embedding.load._export_cross_encoder", failing)
    for _ in range(3):  # as many processes
        said: list[str] = []
        assert Encoders(SETTINGS, export.parent, said.append).cross_encoder(DEFAULT_MODEL_SHA256) is None
        assert any("The disk of the test is full" in line for line in said)
    assert len(tried) == 1
    encoders = Encoders(SETTINGS, export.parent, lambda line: None)
    assert not encoders.mend(DEFAULT_MODEL_SHA256) and len(tried) == 1
    with pytest.raises(ModelError, match="disk of the test"):
        encoders.mend(DEFAULT_MODEL_SHA256, again=True)
    assert len(tried) == 2
    marked = cross_encoder_file(export).with_name(f"{cross_encoder_file(export).name}.failed")
    os.utime(marked, (0, 0))
    Encoders(SETTINGS, export.parent, lambda line: None).cross_encoder(DEFAULT_MODEL_SHA256)
    assert len(tried) == 3
