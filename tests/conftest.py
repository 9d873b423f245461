"""Real parts for every test: the real model exported once a run, real files, SQLite and FAISS."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from filelock import FileLock

os.environ["HF_HUB_OFFLINE"] = "1"  # no test reaches out

from qabot.embedding import Encoders, load_build_encoder
from qabot.engine import Engine
from qabot.settings import EmbeddingSettings, Settings

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared"


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the default model's export, made once for all processes that the tests run in."""
    shared = tmp_path_factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        shared = shared.parent
    folder = shared / "exported" / "models"
    with FileLock(shared / "exported.lock"):
        load_build_encoder(Settings().embedding, folder, texts=0, say=lambda line: None)
    return folder


_LOADED: dict[object, Encoders] = {}


@pytest.fixture(autouse=True, scope="session")
def _models_are_loaded_once() -> Iterator[None]:
    """Engines over one folder of models share what is loaded of it: most of a small test's time."""

    def shared(settings: EmbeddingSettings, models: Path, say: Callable[[str], None]) -> Encoders:
        if not models.is_symlink():
            return Encoders(settings, models, say)
        return _LOADED.setdefault((settings, models.resolve()), Encoders(settings, models, say))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("qabot.engine.Encoders", shared)
        yield


@pytest.fixture(autouse=True)
def _own_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No settings file or variable of the person who runs the tests takes part."""
    for name in list(os.environ):
        if name.startswith("QABOT_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


MakeSettings = Callable[..., Settings]


@pytest.fixture
def settings(tmp_path: Path, models: Path) -> Settings:
    """An empty seeds/ and an embeddings/ that has the exported model."""
    (tmp_path / "seeds").mkdir()
    (tmp_path / "embeddings").mkdir()
    (tmp_path / "embeddings" / "models").symlink_to(models)
    return Settings(
        paths=replace(Settings().paths, seeds=str(tmp_path / "seeds"), embeddings=str(tmp_path / "embeddings"))
    )


@pytest.fixture
def engine(settings: Settings) -> Engine:
    return Engine(settings)


def over(seeds: Path, embeddings: Path, models: Path) -> Engine:
    """An engine over a collection, with its index built."""
    embeddings.mkdir(exist_ok=True)
    if not (embeddings / "models").exists():
        (embeddings / "models").symlink_to(models)
    made = Engine(Settings(paths=replace(Settings().paths, seeds=str(seeds), embeddings=str(embeddings))))
    made.prepare()
    return made


@pytest.fixture(scope="session")
def samples(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Engine:
    """The five digests in seeds/."""
    return over(ROOT / "seeds", tmp_path_factory.mktemp("samples") / "embeddings", models)


@pytest.fixture(scope="session")
def scraped(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Iterator[Engine]:
    """The five articles as they were scraped."""
    if not (SHARED / "seeds").is_dir():
        pytest.skip("the scraped articles are not beside this checkout (../shared/seeds)")
    yield over(SHARED / "seeds", tmp_path_factory.mktemp("scraped") / "embeddings", models)
