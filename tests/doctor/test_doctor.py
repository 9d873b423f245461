"""Every fault is a finding with a remedy, never a traceback."""

from __future__ import annotations

import base64
import json
import os
import shutil
import sqlite3
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from qabot import CheckResult, Engine, Settings
from qabot.cli import app
from qabot.discord_bot.checks import examine_discord
from qabot.doctor import examine, mend
from qabot.doctor.surroundings import check_packages, check_python, check_room, check_watches
from tests.conftest import ROOT
from tests.index.test_refresh import HARBOUR, MAYOR, write

CheckOf = Callable[..., Result]


@pytest.fixture
def doctor(settings: Settings) -> CheckOf:
    def run(*arguments: str, **environ: str) -> Result:
        folders = ("--seeds", settings.paths.seeds, "--embeddings", settings.paths.embeddings)
        return CliRunner().invoke(app, [*folders, "doctor", *arguments], env=environ, catch_exceptions=False)

    return run


@pytest.fixture
def indexed(engine: Engine) -> Engine:
    write(engine, "mayor.txt", MAYOR)
    write(engine, "harbour.txt", HARBOUR)
    engine.refresh()
    return engine


def of(found: Sequence[CheckResult], name: str) -> CheckResult:
    """The gravest finding of that name."""
    return min(
        (one for one in found if one.name == name),
        key=lambda one: ("error", "warning", "note", "ok").index(one.severity),
    )


def test_nothing_is_wrong_with_a_fresh_index(indexed: Engine, doctor: CheckOf) -> None:
    done = doctor()
    assert done.exit_code == 0, done.output
    assert "Nothing is wrong." in done.output
    names = {line.split()[1] for line in done.stdout.splitlines() if line.startswith("ok")}
    assert {"python", "packages", "settings", "articles", "model", "export", "index", "database", "locale"} <= names


def test_findings_as_json_have_a_name_a_severity_a_message_and_a_remedy(indexed: Engine, doctor: CheckOf) -> None:
    (indexed.settings.embeddings / "index.sqlite").write_bytes(b"not a database" * 1000)
    done = doctor("--json")
    found = json.loads(done.stdout)
    assert done.exit_code == 1 and found["sound"] is False
    assert all(set(one) == {"name", "severity", "message", "remedy"} for one in found["checks"])
    wrong = [one for one in found["checks"] if one["severity"] in ("warning", "error")]
    assert wrong and all(one["remedy"] for one in wrong)


def test_without_an_index_that_is_the_finding(settings: Settings, doctor: CheckOf) -> None:
    (settings.seeds / "mayor.txt").write_text(MAYOR)
    done = doctor()
    assert done.exit_code == 1 and "There is no index" in done.output and "qabot index" in done.output


@pytest.mark.parametrize("missing", ["seeds", "embeddings"])
def test_a_missing_folder_is_a_finding(settings: Settings, doctor: CheckOf, missing: str) -> None:
    folder = getattr(settings, missing)
    (folder / "models").unlink(missing_ok=True)
    folder.rmdir()
    done = doctor()
    assert done.exit_code == 1 and str(folder) in done.output


def test_settings_that_cannot_be_read_are_a_finding_and_the_installation_is_looked_at(
    doctor: CheckOf, tmp_path: Path
) -> None:
    (tmp_path / "qabot.toml").write_text("[embedding\n")
    done = doctor()
    assert done.exit_code == 1 and "qabot.toml is not valid TOML" in done.output and "python" in done.output
    (tmp_path / "qabot.toml").unlink()
    assert "no setting for the variable QABOT_SEDS" in doctor(QABOT_SEDS="x").output


def test_no_model_at_all_is_a_finding(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["qabot.embedding.find_model"], "_in_package", lambda name: "not installed")
    (settings.embeddings / "models").unlink()
    assert of(examine(settings), "model").severity == "error"
    assert "local-model" in of(examine(settings), "model").remedy


def test_a_model_that_is_gone_is_a_warning_while_its_export_answers(
    indexed: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules["qabot.embedding.find_model"], "_in_package", lambda name: "not installed")
    assert of(examine(indexed.settings), "model").severity == "warning"


def test_another_model_than_the_index_has_is_a_finding(indexed: Engine) -> None:
    other = replace(indexed.settings.embedding, model="another/model")
    found = of(examine(replace(indexed.settings, embedding=other)), "index")
    assert found.severity == "error" and "another/model" in found.message


def test_skipped_articles_and_articles_that_changed_are_told(indexed: Engine) -> None:
    write(indexed, "empty.txt", "")
    assert "have changed" in of(examine(indexed.settings), "index").message
    indexed.refresh()
    found = of(examine(indexed.settings), "skipped")
    assert found.severity == "warning" and "empty.txt" in found.message and ".qabotignore" in found.remedy


def test_what_is_stated_and_not_understood_is_told(indexed: Engine) -> None:
    assert not any(one.name == "stated" for one in examine(indexed.settings))
    write(indexed, "articles.toml", '["mayor.txt"]\npublished = "4.11.2023"\n["harbor.txt"]\noutlet = "The Post"\n')
    found = of(examine(indexed.settings), "stated")
    assert found.severity == "warning" and "2023-11-04" in found.remedy
    assert "mayor.txt: published = '4.11.2023'; articles.toml: there is no article harbor.txt." in found.message


def test_an_index_that_was_rolled_back_stays_so(indexed: Engine) -> None:
    write(indexed, "third.txt", "The third report is about a tunnel near Cant.")
    indexed.refresh()
    indexed.roll_back()
    found = examine(indexed.settings)
    assert "rolled back" in of(found, "index").message
    mend(indexed.settings, found, say=lambda line: None)
    assert "rolled back" in of(examine(indexed.settings), "index").message


def rewritten(engine: Engine, *statements: str) -> None:
    """Changes the database behind its seal's back, and seals it: what is wrong then is wrong in itself."""
    from qabot.index.seal import written

    with written(engine.settings.embeddings):
        connection = sqlite3.connect(engine.settings.embeddings / "index.sqlite", isolation_level=None)
        for statement in statements:
            connection.execute(statement)
        connection.close()


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("DELETE FROM passages_fts WHERE rowid = 1", "full text"),
        ("UPDATE passages_fts SET sentence = 'Something else entirely.' WHERE rowid = 1", "full text"),
        ("DELETE FROM vectors WHERE key = (SELECT sentence_key FROM passages LIMIT 1)", "database"),
        ('UPDATE passages SET "end" = 100000 WHERE id = 1', "database"),
        ("UPDATE vectors SET vector = zeroblob(1536)", "vectors"),
        ("UPDATE vectors SET vector = (SELECT vector FROM vectors LIMIT 1)", "vectors"),
        ("UPDATE meta SET value = 'x' WHERE key LIKE '%faiss%'", "vector files"),
        ("UPDATE meta SET value = '{' WHERE key = 'stamp'", "index"),
    ],
)
def test_what_disagrees_in_the_database_is_found_and_fixed(indexed: Engine, statement: str, name: str) -> None:
    rewritten(indexed, statement)
    found = of(examine(indexed.settings), name)
    assert found.severity == "error" and found.remedy
    mend(indexed.settings, examine(indexed.settings), say=lambda line: None)
    assert not [one for one in examine(indexed.settings) if one.severity in ("warning", "error")]


def test_swapped_vector_files_are_found_and_fixed(indexed: Engine, doctor: CheckOf) -> None:
    one, other = sorted(indexed.settings.embeddings.glob("*.faiss"))
    content = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(content)
    assert doctor().exit_code == 1
    done = doctor("--fix")
    assert done.exit_code == 0 and "Nothing is wrong" in done.output, done.output


def test_a_database_of_another_version_is_made_anew(indexed: Engine, doctor: CheckOf) -> None:
    rewritten(indexed, "PRAGMA user_version = 1")
    assert "another version" in doctor().output
    assert doctor("--fix").exit_code == 0


def test_fixing_without_articles_says_so(settings: Settings, doctor: CheckOf) -> None:
    done = doctor("--fix")
    assert done.exit_code == 1 and "There are no articles" in done.output


def test_a_file_in_place_of_the_folder_is_a_finding(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    found = examine(replace(settings, paths=replace(settings.paths, embeddings=str(tmp_path / "file"))))
    assert of(found, "permissions").severity == "error"


@pytest.mark.parametrize("name", [".lock", "index.sqlite-shm", "index.sqlite.sha256"])
def test_a_folder_where_a_file_of_the_index_goes_is_found_and_fixed(
    indexed: Engine, doctor: CheckOf, name: str
) -> None:
    (indexed.settings.embeddings / name).unlink(missing_ok=True)
    (indexed.settings.embeddings / name).mkdir()
    (indexed.settings.embeddings / name / "mine.txt").write_text("kept")
    found = next(check for check in json.loads(doctor("--json").stdout)["checks"] if check["name"] == "permissions")
    assert found["severity"] == "warning" and f"{name} is a folder" in found["message"]
    assert doctor("--fix").exit_code == 0
    assert (indexed.settings.embeddings / name).is_file() or not (indexed.settings.embeddings / name).exists()
    assert list(indexed.settings.embeddings.rglob("mine.txt"))


def test_a_link_to_nothing_where_exports_go_is_a_finding(indexed: Engine) -> None:
    models = indexed.settings.embeddings / "models"
    models.rename(models.with_name("away"))
    models.symlink_to("nowhere")
    found = of(examine(indexed.settings), "export")
    assert found.severity == "error" and "is a link to nothing" in found.message


def test_little_room_is_told(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(".")
    for free, severity in ((10 * 1024**2, "error"), (200 * 1024**2, "warning"), (10 * 1024**3, "ok")):
        monkeypatch.setattr(shutil, "disk_usage", lambda path, free=free: usage._replace(free=free))
        assert next(check_room(settings)).severity == severity


def test_few_watches_are_told(settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, limit in (("max_user_watches", "1"), ("max_user_instances", "128")):
        (tmp_path / name).write_text(limit)
    monkeypatch.setattr("qabot.doctor.surroundings._INOTIFY", tmp_path)
    found = next(check_watches(settings))
    assert found.severity == "warning" and "max_user_watches" in found.remedy


def test_an_old_python_and_a_missing_package_are_findings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qabot.doctor.surroundings._OLDEST", (99, 0))
    assert next(check_python()).severity == "error"
    monkeypatch.setattr(
        "importlib.metadata.requires", lambda name: ["no-such-package>=3", "numpy<1", 'other; extra == "test"']
    )
    missing, outdated = check_packages()
    assert (missing.severity, missing.remedy) == ("error", "pip install 'no-such-package>=3'")
    assert outdated.severity == "warning" and "numpy" in outdated.message


def token(first: str) -> str:
    return f"{base64.urlsafe_b64encode(first.encode()).decode().rstrip('=')}.Gabcde.{'x' * 38}"


@pytest.mark.parametrize(
    ("value", "severity"),
    [("", "note"), ("nonsense", "error"), (token("123456789012345678"), "ok"), (token("not-an-id-at-all"), "error")],
)
def test_a_token_is_looked_at_and_never_shown(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, value: str, severity: str
) -> None:
    monkeypatch.setenv("QABOT_DISCORD_TOKEN", value)
    (found,) = examine_discord(settings, online=False)
    assert found.severity == severity
    assert not value or value not in found.message + found.remedy


def test_a_token_file_that_others_can_read_is_told(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(token("123456789012345678"))
    file.chmod(0o644)
    named = replace(settings, discord=replace(settings.discord, token_file=str(file)))
    assert [one.severity for one in examine_discord(named, online=False)] == ["ok", "warning"]
    file.chmod(0o600)
    assert [one.severity for one in examine_discord(named, online=False)] == ["ok"]


def test_the_network_is_asked_only_when_that_was_asked_for(indexed: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    def reach(*_: object, **__: object) -> None:
        raise AssertionError("nothing may reach out")

    monkeypatch.setattr(socket.socket, "connect", reach)
    assert not [one for one in examine(indexed.settings) if one.severity == "error"]


def test_an_unreachable_hub_is_a_warning(indexed: Engine) -> None:
    found = of(examine(indexed.settings, online=True), "hub")  # no test reaches out: HF_HUB_OFFLINE
    assert found.severity == "warning" and "was not reached" in found.message


@pytest.mark.skipif(os.name != "posix", reason="another terminal")
def test_a_locale_that_is_none_is_told(indexed: Engine, doctor: CheckOf) -> None:
    done = doctor(LC_ALL="xx_XX.UTF-8")
    assert "locale" in done.output and done.exit_code == 0


def test_the_samples_are_sound(samples: Engine) -> None:
    assert {one.severity for one in examine(samples.settings)} == {"ok"}
    assert samples.settings.seeds == ROOT / "seeds"
