"""One small collection, indexed once: reports that differ, other scripts, and an article full of escape sequences."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from qabot.engine import Engine
from tests.conftest import over

ARTICLES = {
    "courier.md": (
        "---\ntitle: Ferry burns off Norvik\noutlet: Daily Courier\nauthor: A. Writer\npublished: 2021-03-10\n---\n\n"
        "A fire broke out on the ferry Halvard Star off Norvik on Tuesday night. Officials said 14 passengers died in the "
        "fire. Captain Lars Endersen ordered the evacuation within minutes. There were 212 people aboard.\n"
    ),
    "ledger.md": (
        "---\ntitle: Blaze on a ferry\noutlet: Evening Ledger\npublished: 2021-03-11\n---\n\n"
        "The ferry Halvard Star caught fire near Norvik late on Tuesday. At least 19 people died in the fire on the ferry, "
        "the transport ministry said. There were 212 people aboard the ship.\n"
    ),
    "haifa.md": (
        "---\ntitle: מנהרה נפתחה בחיפה\noutlet: הארץ\npublished: 2022-05-01\n---\n\n"
        "The mayor of Haifa, יונה יהב, opened the tunnel on Monday. It cost 40 million shekels.\n"
    ),
    "tokyo.md": (
        "---\ntitle: 東京の新しい橋が金曜日に開通した\noutlet: 朝日新聞\npublished: 2022-06-01\n---\n\n"
        "The governor of Tokyo opened the 新しい橋 bridge on Friday. The bridge cost 40 billion yen.\n"
    ),
    "escapes.txt": (
        "The \x1b[31mred\x1b[0m valley of Corvo \x07flooded \u202eon Friday, officials said. \x1b]0;owned\x07 The dam "
        "\x1b[2Jbroke at \x9b31m night. \u2066Engineers\u2069 had warned of it. Nobody died in Corvo, mayor Ada Corvo said.\n"
    ),
}


def write_articles(seeds: Path) -> None:
    seeds.mkdir(parents=True, exist_ok=True)
    for name, text in ARTICLES.items():
        (seeds / name).write_text(text, encoding="utf-8")


@pytest.fixture(scope="session")
def collection(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Path:
    """A folder with seeds/ and embeddings/. Nobody changes it."""
    folder = tmp_path_factory.mktemp("collection")
    write_articles(folder / "seeds")
    over(folder / "seeds", folder / "embeddings", models).close()
    return folder


@pytest.fixture(scope="session")
def news(collection: Path, models: Path) -> Engine:
    """Over the collection that nobody changes."""
    return over(collection / "seeds", collection / "embeddings", models)


@pytest.fixture
def own(collection: Path, tmp_path: Path, models: Path) -> Engine:
    """Over a copy that the test may change."""
    shutil.copytree(collection, tmp_path / "own", symlinks=True)
    return over(tmp_path / "own" / "seeds", tmp_path / "own" / "embeddings", models)


@pytest.fixture(autouse=True)
def _own_state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nobody's history or conversations take part."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
