"""Damage to any derived file: never a traceback, never another answer without a word, healed by what says it heals.

Some of the cases are drawn for each run; DAMAGE_CASES=200 draws as many as it says.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from qabot import Answer, Engine, QabotError, Settings
from qabot.doctor import examine, mend
from qabot.embedding import Encoders
from qabot.embedding.cross_encoder import cross_encoder_file
from tests.damage import BESIDE, DATABASE, EXPORTED, LOGS, PAGES, Case, cases, damage_page, damaged

COUNT = int(os.environ.get("DAMAGE_CASES", "8"))
PEOPLE = {"Arden": "Olive Strand", "Grent": "Nora Solberg", "Norvik": "Lars Endersen", "Halden": "Piet Maas"}
QUESTIONS = ("Who opened the bridge of Arden?", "What did the bridge of Grent cost?", "Who closed Bels harbour?")


@dataclass(frozen=True)
class Home:
    """A collection with its index: as it was left, as a killed writer left it, and an older one; what it answers."""

    seeds: Path
    sound: Path
    killed: Path
    older: Path
    answers: list[object]


def settings_of(seeds: Path, embeddings: Path) -> Settings:
    return Settings(paths=replace(Settings().paths, seeds=str(seeds), embeddings=str(embeddings)))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Iterator[Home]:
    root = tmp_path_factory.mktemp("home")
    seeds, sound = root / "seeds", root / "sound"
    seeds.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        # So few passages would be compared without FAISS.
        patch.setattr("qabot.index.reader.COMPARED_ALL", 0)
        for number, (town, who) in enumerate(PEOPLE.items()):
            text = f"The mayor of {town}, {who}, opened the bridge of {town}. It cost {40 + number} million crowns.\n"
            text += "".join(f"\nA note on the weather of {town}, number {n}, says rain.\n" for n in range(12))
            (seeds / f"{town}.txt").write_text(text)
        (seeds / "gone.txt").write_text("".join(f"Sentence {n} is about a thing that goes.\n\n" for n in range(40)))
        shutil.copytree(models, sound / "models", copy_function=os.link)
        with Engine(settings_of(seeds, sound)) as engine:
            engine.refresh()
            engine.ask(QUESTIONS[-1])  # a short one is compared with examples, whose vectors are kept
            shutil.copytree(sound, root / "older")
            (seeds / "gone.txt").unlink()
            engine.refresh()
            (seeds / "bels.txt").write_text("The harbour of Bels was closed by Ada Quist. Two ships ran aground.\n")
            with closing(sqlite3.connect(sound / DATABASE, isolation_level=None)) as reader:
                reader.execute("BEGIN")
                reader.execute("SELECT count(*) FROM articles").fetchone()
                engine.refresh()
                shutil.copytree(sound, root / "killed", copy_function=linked)
            engine.refresh()
        asked, said = ask(settings_of(seeds, sound))
        assert isinstance(asked, list) and not said
        yield Home(seeds, sound, root / "killed", root / "older", asked)


def linked(source: str, target: str) -> None:
    """The exported models are large: those are linked."""
    (os.link if "/models/" in source else shutil.copy2)(source, target)


SHARED: list[Encoders] = []


def ask(settings: Settings, *, own_models: bool = False) -> tuple[list[object] | QabotError, list[str]]:
    """What a process that starts now answers, or the error it meets; and what it says meanwhile."""
    said: list[str] = []
    if own_models or not SHARED:
        encoders = Encoders(settings.embedding, settings.embeddings / "models", said.append)
        if not own_models:
            SHARED.append(encoders)
    else:
        encoders = SHARED[0]
    with Engine(settings, auto_refresh=False, encoders=encoders, say=said.append) as engine:
        try:
            engine.prepare()
            answers = [engine.ask(question) for question in QUESTIONS]
        except QabotError as error:
            return error, said
    said += [note for answer in answers for note in answer.notes if "behind" in note or "changed" in note]
    said += ["behind" for answer in answers if answer.index.stale]
    return [core(answer) for answer in answers], said


def core(answer: Answer) -> object:
    """What is answered; a build by torch and one by onnxruntime differ in the last digits of a vector."""
    shown = [(citation.article, citation.start, citation.end) for citation in answer.citations]
    return answer.status, answer.answer, shown, [passage.text for passage in answer.passages[:1]]


def file_of(embeddings: Path, part: str) -> Path:
    if part in (*EXPORTED, "intents.npy"):
        models = embeddings / "models"
        (export,) = (folder for folder in models.iterdir() if folder.is_dir())
        scorer = cross_encoder_file(export)
        named = {"scorer": scorer, "scorer.sha256": scorer.with_name(f"{scorer.name}.sha256")}
        return next(models.glob("intents-*.npy")) if part == "intents.npy" else named.get(part, export / part)
    if part.endswith(".faiss"):
        kind = part.removesuffix(".faiss")
        return max(embeddings.glob(f"{kind}-*.faiss"), key=lambda file: int(file.name.split("-")[1]))
    return embeddings / part


def do(case: Case, embeddings: Path, home: Home) -> None:
    if case.part in PAGES:
        damage_page(embeddings / DATABASE, case.part, case.how, case.seed)
        return
    if case.part in LOGS:
        file = embeddings / f"{DATABASE}-wal"
        content, other = (home.killed / file.name).read_bytes(), b""
    else:
        file = file_of(embeddings, case.part)
        content = file.read_bytes()
        other = partner(case.part, embeddings, home).read_bytes()
    after = damaged(content, case.how, case.seed, other)
    file.unlink(missing_ok=True)  # it may be a link
    if after is not None:
        file.write_bytes(after)


def partner(part: str, embeddings: Path, home: Home) -> Path:
    """The file that another is swapped with: the one most like it."""
    if part == DATABASE:
        return home.older / DATABASE
    pairs = {
        "sentence.faiss": "window.faiss",
        "window.faiss": "sentence.faiss",
        "model.onnx": "scorer",
        "scorer": "model.onnx",
        "tokenizer.json": "identity.json",
        "identity.json": "tokenizer.json",
        "SHA256SUMS": "scorer.sha256",
        "scorer.sha256": "SHA256SUMS",
        "index.sqlite.sha256": ".checked.json",
        ".checked.json": "index.sqlite.sha256",
    }
    return file_of(embeddings, pairs.get(part, "model.onnx"))


@pytest.mark.parametrize("case", cases(COUNT), ids=str)
def test_damage_is_told_or_does_not_matter_and_is_healed(
    case: Case, home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qabot.index.reader.COMPARED_ALL", 0)
    embeddings = tmp_path / "embeddings"
    shutil.copytree(home.killed if case.part == LOGS[1] else home.sound, embeddings, copy_function=linked)
    settings = settings_of(home.seeds, embeddings)
    of_model = case.part in EXPORTED
    do(case, embeddings, home)

    answers, said = ask(settings, own_models=of_model)
    if isinstance(answers, QabotError):
        assert answers.problem and answers.remedy, "an error says what to do"
    else:
        assert answers == home.answers or said, "another answer, and no word of why"

    healed_by_doctor = case.seed % 5 == 0  # `qabot index` otherwise
    if not healed_by_doctor:
        encoders = Encoders(settings.embedding, embeddings / "models", said.append) if of_model else SHARED[0]
        with Engine(settings, encoders=encoders, say=said.append) as engine:
            engine.refresh()
    else:
        mend(settings, examine(settings), say=said.append)
    answers, left = ask(settings, own_models=of_model)
    assert (answers, left) == (home.answers, []), said
    if healed_by_doctor:
        assert not [found for found in examine(settings) if found.severity in ("warning", "error")]


def test_the_cases_reach_every_part_and_every_way() -> None:
    drawn = {(case.part, case.how) for case in cases(200)}
    assert {part for part, _ in drawn} == {*BESIDE, *EXPORTED, DATABASE, *PAGES, *LOGS}
    assert len(cases(200)) == 200 and cases(200)[:30] == cases(30)
