from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from qabot.embedding.onnx_encoder import OnnxEncoder
from qabot.embedding.torch_encoder import TorchEncoder
from qabot.engine import Engine
from qabot.errors import IndexMismatchError, IndexUnavailableError, NoIndexError, SeedsError
from qabot.index import reader
from qabot.index.reader import SqliteFaissIndex
from qabot.index.vector_files import KINDS
from qabot.settings import Settings

MAYOR = "The mayor of Arden opened the new bridge on Monday. It cost 40 million crowns. Engineers had warned of delays."
HARBOUR = "The harbour of Belmont was closed by a storm. Two ships ran aground. Nobody was hurt, the coast guard said."


def write(engine: Engine, name: str, text: str) -> Path:
    file = engine.settings.seeds / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


@pytest.fixture
def embedded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every text that the encoder is given for the index."""
    texts: list[str] = []
    for encoder in (OnnxEncoder, TorchEncoder):
        encode = encoder.encode

        def counting(self: Any, given: Sequence[str], on_progress: Any = None, encode: Any = encode) -> Any:
            texts.extend(given)
            return encode(self, given, on_progress)

        monkeypatch.setattr(encoder, "encode", counting)
    return texts


def best(engine: Engine, question: str) -> str:
    return engine.search(question)[0].text


def test_a_second_refresh_with_nothing_changed_embeds_nothing(engine: Engine, embedded: list[str]) -> None:
    write(engine, "mayor.txt", MAYOR)
    write(engine, "deep/er/harbour.txt", HARBOUR)
    first = engine.refresh()
    assert first.added == ("deep/er/harbour.txt", "mayor.txt") and first.embedded == len(embedded) > 0
    embedded.clear()
    second = engine.refresh()
    assert embedded == [] and second.embedded == 0
    assert (second.added, second.changed, second.unchanged, second.removed) == ((), (), 2, ())
    assert second.generation == first.generation


def test_a_touched_file_is_unchanged(engine: Engine, embedded: list[str]) -> None:
    file = write(engine, "mayor.txt", MAYOR)
    engine.refresh()
    embedded.clear()
    os.utime(file, (1, 1))
    report = engine.refresh()
    assert (report.changed, report.unchanged, embedded) == ((), 1, [])
    assert engine.prepare() is None


def test_one_edited_sentence_embeds_at_most_five_texts(engine: Engine, embedded: list[str]) -> None:
    sentences = [f"Sentence number {word} of the report is here." for word in ("one", "two", "three", "four", "five")]
    write(engine, "long.txt", " ".join(sentences))
    write(engine, "mayor.txt", MAYOR)
    engine.refresh()
    embedded.clear()
    sentences[3] = "The fourth one was changed by an editor."
    write(engine, "long.txt", " ".join(sentences))
    report = engine.refresh()
    assert report.changed == ("long.txt",) and report.unchanged == 1
    assert 1 <= len(embedded) <= 5
    assert "changed by an editor" in best(engine, "What did an editor change?")


def test_front_matter_alone_embeds_nothing(engine: Engine, embedded: list[str]) -> None:
    write(engine, "mayor.md", f"---\noutlet: The Arden Post\n---\n\n{MAYOR}\n")
    engine.refresh()
    embedded.clear()
    write(engine, "mayor.md", f"---\noutlet: The Arden Gazette\ntitle: A bridge\n---\n\n{MAYOR}\n")
    assert engine.refresh().changed == ("mayor.md",)
    assert embedded == []
    assert engine.search("bridge")[0].article.metadata.outlet == "The Arden Gazette"


def test_what_is_said_in_articles_toml_is_followed(engine: Engine, embedded: list[str]) -> None:
    write(engine, "mayor.txt", MAYOR)
    engine.refresh()
    embedded.clear()
    write(engine, "articles.toml", '["mayor.txt"]\noutlet = "The Arden Post"\npublished = 2024-02-03\n')
    engine.prepare()
    metadata = engine.search("bridge")[0].article.metadata
    assert (metadata.outlet, metadata.published, embedded) == ("The Arden Post", "2024-02-03", [])


def test_a_deleted_article_no_longer_answers(engine: Engine) -> None:
    write(engine, "mayor.txt", MAYOR)
    harbour = write(engine, "harbour.txt", HARBOUR)
    engine.prepare()
    assert "Belmont" in best(engine, "What closed the harbour of Belmont?")
    harbour.unlink()
    report = engine.prepare()
    assert report is not None and report.removed == ("harbour.txt",)
    assert all("Belmont" not in hit.text for hit in engine.search("What closed the harbour of Belmont?"))
    assert "Belmont" not in engine.ask("What closed the harbour of Belmont?").answer


def test_two_files_of_the_same_content_share_their_vectors_and_one_hit(engine: Engine, embedded: list[str]) -> None:
    write(engine, "a.txt", MAYOR)
    write(engine, "b.txt", MAYOR)
    engine.refresh()
    assert len(embedded) == len(set(embedded))
    hits = engine.search("Who opened the bridge?")
    assert [hit.article.path for hit in hits] == ["a.txt"]
    assert [source.article.path for source in hits[0].also] == ["b.txt"]


def test_an_empty_folder_says_what_to_do(engine: Engine) -> None:
    with pytest.raises(SeedsError, match=r"no articles in .*seeds[\s\S]*--seeds"):
        engine.refresh()


def test_a_missing_folder_is_named(engine: Engine) -> None:
    engine.settings.seeds.rmdir()
    with pytest.raises(SeedsError, match="seeds"):
        engine.prepare()


def test_bad_files_are_skipped_and_named_and_the_rest_answers(engine: Engine) -> None:
    write(engine, "mayor.txt", MAYOR)
    write(engine, "empty.txt", "")
    (engine.settings.seeds / "binary.txt").write_bytes(bytes(range(256)) * 20)
    write(engine, "front.md", "---\ntitle: [unclosed\n---\n\nText.\n")
    report = engine.refresh()
    assert report.added == ("mayor.txt",)
    assert set(report.skipped) == {"empty.txt", "binary.txt", "front.md"}
    assert "Arden" in best(engine, "Who opened the bridge?")
    assert engine.prepare() is None
    assert engine.refresh().skipped == report.skipped


def test_a_collection_of_nothing_but_bad_files_is_an_index_that_answers_nothing(engine: Engine) -> None:
    write(engine, "empty.txt", "")
    engine.prepare()
    assert engine.search("anything") == []
    assert engine.ask("anything?").status == "abstained"


def test_a_file_that_goes_while_indexing_is_skipped(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    write(engine, "mayor.txt", MAYOR)
    harbour = write(engine, "harbour.txt", HARBOUR)
    from qabot.index import refreshing as module

    read = module.read_article

    def removing(*arguments: object, **named: object) -> object:
        harbour.unlink(missing_ok=True)
        return read(*arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "read_article", removing)
    report = engine.refresh()
    assert report.added == ("mayor.txt",) and "harbour.txt" in report.skipped


def test_a_file_that_becomes_unreadable_leaves_the_index(engine: Engine) -> None:
    write(engine, "mayor.txt", MAYOR)
    harbour = write(engine, "harbour.txt", HARBOUR)
    engine.refresh()
    harbour.write_text("")
    report = engine.refresh()
    assert set(report.skipped) == {"harbour.txt"} and engine.status().articles == 1


def test_a_folder_that_cannot_be_written_is_named(engine: Engine, tmp_path: Path) -> None:
    write(engine, "mayor.txt", MAYOR)
    blocked = tmp_path / "a-file"
    blocked.write_text("")
    settings = replace(engine.settings, paths=replace(engine.settings.paths, embeddings=str(blocked / "embeddings")))
    with pytest.raises(IndexUnavailableError, match=r"cannot be written[\s\S]*--embeddings"):
        Engine(settings).refresh()


@pytest.fixture
def read_only(engine: Engine) -> Path:
    """embeddings/ without write permission, for a person who is not root."""
    folder = engine.settings.embeddings
    if os.geteuid() == 0:
        pytest.skip("root writes wherever it likes")
    folder.chmod(0o555)
    return folder


def test_a_read_only_index_still_answers(engine: Engine) -> None:
    write(engine, "mayor.txt", MAYOR)
    engine.prepare()
    engine = Engine(engine.settings)
    folder = engine.settings.embeddings
    modes = {path: path.stat().st_mode for path in (folder, *folder.glob("*.*"))}
    try:
        for path in modes:
            path.chmod(0o555 if path.is_dir() else 0o444)
        assert engine.prepare() is None
        assert "Arden" in best(engine, "Who opened the bridge?")
    finally:
        for path, mode in modes.items():
            path.chmod(mode)


def test_a_read_only_folder_cannot_be_refreshed_and_says_so(engine: Engine, read_only: Path) -> None:
    write(engine, "mayor.txt", MAYOR)
    try:
        with pytest.raises(IndexUnavailableError, match=r"cannot be written[\s\S]*--embeddings"):
            engine.refresh()
    finally:
        read_only.chmod(0o755)


def test_no_index_and_no_refresh_is_its_own_error(settings: Settings) -> None:
    with pytest.raises(NoIndexError):
        Engine(settings, auto_refresh=False).prepare()


def test_an_index_made_by_another_model_is_told_or_made_anew(engine: Engine) -> None:
    write(engine, "mayor.txt", MAYOR)
    engine.prepare()
    database = sqlite3.connect(engine.settings.embeddings / "index.sqlite")
    with database:
        database.execute("UPDATE meta SET value = replace(value, 'all-MiniLM-L6-v2', 'another') WHERE key = 'stamp'")
    database.close()
    with pytest.raises(IndexMismatchError, match="another"):
        Engine(engine.settings, auto_refresh=False).prepare()
    fresh = Engine(engine.settings)
    report = fresh.prepare()
    assert report is not None and "another" in report.rebuilt_because
    assert fresh.prepare() is None
    assert "Arden" in best(fresh, "Who opened the bridge?")


@pytest.mark.parametrize("damage", ["missing", "truncated", "other"])
def test_the_vector_files_are_derived_and_their_loss_is_not_noticed(
    engine: Engine, damage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "COMPARED_ALL", 0)
    write(engine, "mayor.txt", MAYOR)
    write(engine, "harbour.txt", HARBOUR)
    engine.prepare()
    files = sorted(engine.settings.embeddings.glob("*.faiss"))
    assert len(files) == 2
    for file in files:
        if damage == "missing":
            file.unlink()
        elif damage == "truncated":
            file.write_bytes(file.read_bytes()[:100])
        else:
            file.write_bytes(b"no index at all" * 100)
    assert "Belmont" in best(Engine(engine.settings), "What closed the harbour of Belmont?")


def test_a_damaged_database_says_how_to_make_it_anew(engine: Engine) -> None:
    write(engine, "mayor.txt", MAYOR)
    engine.prepare()
    database = engine.settings.embeddings / "index.sqlite"
    database.write_bytes(b"not a database at all, and long enough to be looked at" * 200)
    with pytest.raises(IndexUnavailableError, match="--rebuild"):
        Engine(engine.settings).prepare()
    report = Engine(engine.settings).refresh(rebuild=True)
    assert report.added == ("mayor.txt",)


def test_a_failed_write_leaves_the_generation_before(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    write(engine, "mayor.txt", MAYOR)
    engine.prepare()
    before = engine.status().generation
    from qabot.index import next_vectors

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(next_vectors, "write_index", full)
    write(engine, "harbour.txt", HARBOUR)
    with pytest.raises(IndexUnavailableError, match=r"No space left[\s\S]*untouched"):
        engine.refresh()
    assert engine.status().generation == before and engine.status().articles == 1
    monkeypatch.undo()
    assert engine.refresh().added == ("harbour.txt",)


def test_two_writers_take_turns(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:

    from qabot.index import writer

    write(engine, "mayor.txt", MAYOR)
    monkeypatch.setattr(writer, "LOCK_SECONDS", 0.1)
    with writer.writing(engine.settings.embeddings, 10):
        told = rf"Another qabot \(process {os.getpid()}, since \d\d:\d\d\) is indexing"
        with pytest.raises(IndexUnavailableError, match=told):
            engine.refresh()
    assert not (engine.settings.embeddings / writer.HOLDER).exists()
    assert engine.refresh().added == ("mayor.txt",)


def test_a_reader_follows_to_the_next_generation(engine: Engine) -> None:
    write(engine, "mayor.txt", MAYOR)
    engine.prepare()
    other = Engine(engine.settings)
    assert "Arden" in best(other, "Who opened the bridge?")
    write(engine, "harbour.txt", HARBOUR)
    engine.refresh()
    assert "Belmont" in best(other, "What closed the harbour of Belmont?")


def test_few_vectors_are_compared_without_faiss_to_the_same_end(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("mayor", "harbour"):
        write(engine, f"{name}.txt", {"mayor": MAYOR, "harbour": HARBOUR}[name])
    engine.prepare()
    vector = engine.encoder.encode_query("What closed the harbour of Belmont?")

    def nearest(within: set[int] | None) -> list[list[int]]:
        with engine.index.snapshot() as snapshot:
            nearest = snapshot.searcher(within)
            return [nearest(kind, vector, 4).tolist() for kind in KINDS]

    compared = [nearest(None), nearest({1}), nearest(set())]
    assert len(compared[0][0]) == 4 and len(compared[1][0]) == 3 and compared[2] == [[], []]
    monkeypatch.setattr(reader, "COMPARED_ALL", 0)
    assert [nearest(None), nearest({1}), nearest(set())] == compared


def test_an_ivf_index_finds_what_the_exact_one_finds(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "COMPARED_ALL", 0)
    for number in range(40):
        write(
            engine, f"{number}.txt", f"Report {number} is about the town of Place{number}. Its mayor is Person{number}."
        )
    engine.prepare()
    exact = best(engine, "Who is the mayor of Place7?")
    settings = replace(engine.settings, index=replace(engine.settings.index, exact_limit=10))
    approximate = Engine(settings)
    approximate.refresh(rebuild=True)
    assert best(approximate, "Who is the mayor of Place7?") == exact


def test_the_index_keeps_who_says_a_sentence_and_whether_it_denies(engine: Engine) -> None:
    write(engine, "mayor.txt", "Mayor Ann Poole said:\n\n“The bridge is not unsafe. That is not true.”\n\nIt rained.\n")
    engine.refresh()
    with SqliteFaissIndex(engine.settings.embeddings, engine.settings.index.exact_limit).snapshot() as snapshot:
        stored = sorted(snapshot.passages(range(1, 5)).values(), key=lambda passage: passage.ordinal)
    assert [passage.said_by for passage in stored] == ["Ann Poole", "Ann Poole", "Ann Poole", None]
    assert [passage.denies for passage in stored] == [False, False, True, False]
    assert [passage.announces for passage in stored] == [True, False, False, False]
