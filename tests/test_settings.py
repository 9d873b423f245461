from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pytest

from qabot.errors import UsageError
from qabot.settings import Settings, load_settings
from tests.conftest import ROOT


def test_the_example_file_shows_every_setting_with_its_default() -> None:

    import tomllib

    assert tomllib.loads((ROOT / "config" / "qabot.toml").read_text()) == asdict(Settings())
    for line in (ROOT / "config" / "qabot.toml").read_text().splitlines():
        assert not line or line.startswith(("#", "[")) or "#" in line, f"no word on {line}"


def test_flag_over_variable_over_file_over_default(tmp_path: Path) -> None:
    file = tmp_path / "my.toml"
    file.write_text('[paths]\nseeds = "from-file"\nembeddings = "from-file"\n[retrieval]\npassages = 7\n')
    environ = {"QABOT_SEEDS": "from-variable", "QABOT_EMBEDDINGS": "from-variable", "QABOT_EMBEDDING_BATCH_SIZE": "8"}
    settings = load_settings(config=file, flags={"paths.seeds": "from-flag"}, environ=environ)
    assert (settings.paths.seeds, settings.paths.embeddings) == ("from-flag", "from-variable")
    assert (settings.retrieval.passages, settings.embedding.batch_size) == (7, 8)
    assert settings.retrieval.candidates == Settings().retrieval.candidates


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[retrieval]\npassages = 'many'", "retrieval.passages"),
        ("[retrieval]\npassages = 0", "1 to 100"),
        ("[retrieval]\nno_such = 1", "retrieval.no_such"),
        ("[retrieval]\npassages = 'many'", "It takes a whole number."),
        ("[embedding]\nmodel = 3", "It takes a text in quotes."),
        ("[nothing]\nx = 1", "[nothing]"),
        ("paths = 1", "paths = 1 stands in no section.\nWrite [paths] on a line of its own"),
        ("seeds = 'articles'", "Write [paths] on the line above it."),
        ("[discord]\nguilds = ['x']", "discord.guilds = ['x']"),
        ("[discord]\nroles = [123456789012345678]", "It takes ids in quotes"),
        ('[discord]\nchannels = ["1\\n"]', "It takes ids in quotes"),
        ("[retrieval", "not valid TOML"),
    ],
)
def test_a_wrong_setting_names_file_and_setting(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "my.toml"
    file.write_text(text)
    with pytest.raises(UsageError) as error:
        load_settings(config=file, environ={})
    assert "my.toml" in str(error.value) and says in str(error.value)


def test_a_settings_file_that_is_none_is_not_taken_for_absent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config" / "qabot.toml").mkdir(parents=True)
    with pytest.raises(UsageError, match=r"config/qabot\.toml is a folder"):
        load_settings(environ={})


def test_a_wrong_variable_is_named() -> None:
    with pytest.raises(UsageError, match=r"retrieval\.passages"):
        load_settings(environ={"QABOT_RETRIEVAL_PASSAGES": "x"})
