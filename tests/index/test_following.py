from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from qabot.engine import Engine
from qabot.errors import IndexUnavailableError
from qabot.index import next_vectors, vector_files, writer
from qabot.index.plan import edits
from qabot.index.watching import watch
from tests.index.test_refresh import HARBOUR, MAYOR, best, write


def scalar(engine: Engine, sql: str) -> int:
    database = sqlite3.connect(engine.settings.embeddings / "index.sqlite")
    try:
        return int(database.execute(sql).fetchone()[0])
    finally:
        database.close()


def eventually(holds: Callable[[], bool]) -> bool:
    until = time.monotonic() + 20
    while not holds() and time.monotonic() < until:
        time.sleep(0.05)
    return holds()


def test_a_renamed_article_is_a_rename(engine: Engine) -> None:
    file = write(engine, "mayor.txt", MAYOR)
    write(engine, "harbour.txt", HARBOUR)
    engine.refresh()
    file.rename(file.with_name("bridge.txt"))
    report = engine.refresh()
    assert (report.renamed, report.added, report.removed, report.embedded) == ({"bridge.txt": "mayor.txt"}, (), (), 0)
    assert report.unchanged == 1
    assert [(c.kind, c.path, c.was) for c in engine.history()][-1] == ("renamed", "bridge.txt", "mayor.txt")


def test_an_edit_that_keeps_size_and_time_is_noticed(engine: Engine) -> None:
    file = write(engine, "mayor.txt", MAYOR)
    engine.prepare()
    state = file.stat()
    file.write_text(MAYOR.replace("40 million", "70 million"), encoding="utf-8")
    os.utime(file, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert file.stat().st_size == state.st_size
    report = engine.prepare()
    assert report is not None and report.changed == ("mayor.txt",)


def test_a_dry_run_says_what_a_refresh_does_and_does_nothing(engine: Engine) -> None:
    write(engine, "mayor.txt", MAYOR)
    first = engine.dry_run()
    assert first.added == ("mayor.txt",) and first.embedded > 0 and first.seconds is None
    assert not list(engine.settings.embeddings.glob("index.sqlite*"))
    engine.refresh()
    write(engine, "harbour.txt", HARBOUR)
    write(engine, "mayor.txt", MAYOR + " It is open.")
    planned = engine.dry_run()
    assert engine.status().generation == 1
    done = engine.refresh()
    assert (planned.added, planned.changed, planned.embedded) == (done.added, done.changed, done.embedded)
    assert engine.dry_run().embedded == 0 and engine.dry_run(rebuild=True).embedded > done.embedded


def test_one_can_go_back_from_the_last_three_changes_and_forth_again(engine: Engine) -> None:
    write(engine, "mayor.txt", MAYOR)
    engine.refresh()
    write(engine, "harbour.txt", HARBOUR)
    engine.refresh()
    write(engine, "mayor.txt", MAYOR.replace("40 million", "70 million"))
    engine.refresh()
    (engine.settings.seeds / "harbour.txt").unlink()
    assert engine.refresh().generation == 4

    def held() -> list[str]:
        fresh = Engine(engine.settings)
        assert fresh.prepare() is None and fresh.stale  # it stays there
        return [article.path for article in fresh.articles()]

    assert engine.roll_back() == 5 and held() == ["harbour.txt", "mayor.txt"]
    engine.roll_back()
    assert "40 million" in "".join(read_sentences(engine, "mayor.txt"))
    engine.roll_back()
    assert held() == ["mayor.txt"]
    with pytest.raises(IndexUnavailableError, match="no generation before"):
        engine.roll_back()
    report = engine.refresh()
    assert (report.changed, report.added, report.embedded) == (("mayor.txt",), (), 0)  # its vectors were kept
    assert Engine(engine.settings).prepare() is None and not engine.stale
    assert "70 million" in best(engine, "What did the bridge cost?")


def read_sentences(engine: Engine, path: str) -> list[str]:
    with writer.writing(engine.settings.embeddings, 10) as open_writer:
        return list(open_writer.sentences(path))


def test_a_rebuild_can_be_undone(engine: Engine) -> None:
    write(engine, "mayor.txt", MAYOR)
    engine.refresh()
    write(engine, "mayor.txt", HARBOUR)
    engine.refresh(rebuild=True)
    engine.roll_back()
    assert "Arden" in "".join(read_sentences(engine, "mayor.txt"))


def test_a_rolled_back_index_says_so_with_every_answer(engine: Engine) -> None:
    write(engine, "mayor.txt", MAYOR)
    engine.refresh()
    write(engine, "harbour.txt", HARBOUR)
    engine.refresh()
    engine.roll_back()
    answer = engine.ask("Who opened the bridge?")
    assert any("rolled back" in note for note in answer.notes) and answer.index.stale
    engine.refresh()
    assert not any("rolled back" in note for note in engine.ask("Who opened the bridge?").notes)


def test_vectors_that_nothing_needs_are_dropped_when_one_can_no_longer_go_back_to_them(engine: Engine) -> None:
    write(engine, "mayor.txt", MAYOR)
    for number in range(12):
        write(engine, "harbour.txt", f"Ship number {number} ran aground. It was raining in Belmont.")
        engine.refresh()
    needed = scalar(engine, "SELECT count(*) FROM passages") * 2
    assert scalar(engine, "SELECT count(*) FROM vectors") <= needed + 3 * writer.KEPT
    assert scalar(engine, "SELECT count(DISTINCT generation) FROM undo") <= writer.KEPT


def test_vector_files_that_follow_the_changes_find_what_new_ones_find(engine: Engine) -> None:
    for number in range(30):
        write(engine, f"{number}.txt", f"The town of Place{number} has a mayor. The mayor is Person{number}.")
    engine.refresh()
    made = []
    make = vector_files.make_index
    next_vectors.make_index = lambda *arguments: made.append(1) or make(*arguments)  # type: ignore[assignment,func-returns-value]
    try:
        write(engine, "3.txt", "The town of Place3 has lost its mayor.")
        write(engine, "new.txt", "Storks nest on the town hall of Belmont.")
        (engine.settings.seeds / "5.txt").unlink()
        engine.refresh()
    finally:
        next_vectors.make_index = make
    assert not made
    followed = [[hit.text for hit in engine.search(q)] for q in ("storks", "the mayor of Place3", "Person5")]
    for file in engine.settings.embeddings.glob("*.faiss"):
        file.unlink()
    fresh = Engine(engine.settings)
    assert followed == [[hit.text for hit in fresh.search(q)] for q in ("storks", "the mayor of Place3", "Person5")]


def test_an_index_that_does_not_find_itself_is_not_put_in_place(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(engine, "mayor.txt", MAYOR)
    engine.refresh()
    make = vector_files.make_index
    monkeypatch.setattr(next_vectors, "make_index", lambda ids, vectors, limit: make(ids, -vectors, limit))
    write(engine, "harbour.txt", HARBOUR)
    with pytest.raises(IndexUnavailableError, match=r"not put in place[\s\S]*--rebuild"):
        engine.refresh()
    assert engine.status().generation == 1 and len(list(engine.settings.embeddings.glob("*.faiss"))) == 2


def test_what_an_edit_changed_is_remembered_by_sentence() -> None:
    before = ["Two ships ran aground.", "It rained.", "Nobody was hurt."]
    after = ["Three ships ran aground.", "Nobody was hurt.", "A harbour master was asked."]
    assert edits(before, after) == (("Two ships ran aground.", "Three ships ran aground."),)


def test_the_history_tells_edits_of_front_matter_from_those_of_the_text(engine: Engine) -> None:
    write(engine, "mayor.md", f"---\noutlet: The Arden Post\n---\n\n{MAYOR}\n")
    engine.refresh()
    write(engine, "mayor.md", f"---\noutlet: The Arden Gazette\n---\n\n{MAYOR}\n")
    engine.refresh()
    write(engine, "mayor.md", f"---\noutlet: The Arden Gazette\n---\n\n{MAYOR.replace('40', '70')}\n")
    engine.refresh()
    assert [(change.kind, change.generation) for change in engine.history()] == [
        ("added", 1),
        ("described", 2),
        ("edited", 3),
    ]
    assert engine.history()[-1].sentences == (("It cost 40 million crowns.", "It cost 70 million crowns."),)
    assert engine.history("2999-01-01") == [] and len(engine.history(path="mayor.md")) == 3


def test_a_quote_that_was_edited_says_what_it_was_and_a_correction_is_shown(engine: Engine) -> None:
    write(engine, "mayor.txt", MAYOR)
    engine.refresh()
    note = "CORRECTION: An earlier version of this article gave another cost of the bridge."
    write(engine, "mayor.txt", MAYOR.replace("40 million", "70 million") + f"\n\n{note}\n")
    answer = engine.ask("How much did the bridge cost?")
    assert "70 million" in answer.answer
    assert any("“40” became “70”" in said for said in answer.notes)
    assert any(note in said for said in answer.notes)


@pytest.mark.parametrize("line", ["Updated: 4 November 2023", "Update 10:30", "Corrections officers were asked."])
def test_a_line_that_only_looks_like_a_correction_is_none(engine: Engine, line: str) -> None:
    write(engine, "mayor.txt", f"{MAYOR}\n\n{line}\n")
    assert not any("carries a note" in said for said in engine.ask("How much did the bridge cost?").notes)


def test_what_was_deleted_a_moment_ago_is_not_found_by_search(engine: Engine) -> None:
    write(engine, "mayor.txt", MAYOR)
    harbour = write(engine, "harbour.txt", HARBOUR)
    engine.prepare()
    asked_as_it_is = Engine(engine.settings, auto_refresh=False)
    assert any("Belmont" in hit.text for hit in asked_as_it_is.search("the harbour of Belmont"))
    harbour.unlink()
    assert not any("Belmont" in hit.text for hit in asked_as_it_is.search("the harbour of Belmont"))
    answer = asked_as_it_is.ask("What closed the harbour of Belmont?")
    assert "Belmont" not in answer.answer.split("Belmont?")[0] or not answer.citations
    assert not any("Belmont" in passage.text for passage in answer.passages)


@pytest.fixture
def seen(tmp_path: Path) -> Iterator[tuple[Path, list[set[str]]]]:
    """A watched folder, and what stood in it each time that it was told of."""
    folder = tmp_path / "watched"
    folder.mkdir()
    stop, looks, begun = threading.Event(), [], threading.Event()

    def run() -> None:
        begun.set()
        for _ in watch(folder, stop):
            looks.append({str(file.relative_to(folder)) for file in folder.rglob("*.txt")})

    thread = threading.Thread(target=run)
    thread.start()
    begun.wait()
    time.sleep(0.3)  # until the system watches
    yield folder, looks
    stop.set()
    thread.join(10)
    assert not thread.is_alive()


def test_a_save_by_rename_a_folder_moved_in_and_a_slow_copy_are_told_once_settled(
    seen: tuple[Path, list[set[str]]], tmp_path: Path
) -> None:
    folder, looks = seen
    aside = folder / ".mayor.txt.swp"
    aside.write_text(MAYOR)
    aside.rename(folder / "mayor.txt")
    assert eventually(lambda: bool(looks)) and looks[-1] == {"mayor.txt"}
    coming = tmp_path / "coming"
    coming.mkdir()
    (coming / "harbour.txt").write_text(HARBOUR)
    coming.rename(folder / "deep")
    assert eventually(lambda: looks[-1] == {"mayor.txt", "deep/harbour.txt"})
    told = len(looks)
    with (folder / "slow.txt").open("w") as stream:
        for _ in range(8):
            stream.write(MAYOR)
            stream.flush()
            time.sleep(0.1)
    assert eventually(lambda: len(looks) > told)
    time.sleep(1)
    assert len(looks) == told + 1


def test_a_folder_that_goes_and_comes_back_is_watched_on(seen: tuple[Path, list[set[str]]]) -> None:
    folder, looks = seen
    folder.rename(folder.with_name("elsewhere"))
    time.sleep(0.2)
    folder.mkdir()
    (folder / "mayor.txt").write_text(MAYOR)
    assert eventually(lambda: bool(looks) and looks[-1] == {"mayor.txt"})


def test_what_is_saved_in_a_folder_that_was_away_is_told(seen: tuple[Path, list[set[str]]]) -> None:
    folder, looks = seen
    (folder / "mayor.txt").write_text(MAYOR)
    assert eventually(lambda: bool(looks))
    away = folder.with_name("elsewhere")
    folder.rename(away)
    assert eventually(lambda: looks[-1] == set())
    time.sleep(1)  # it is missed, and looked for
    away.rename(folder)
    assert eventually(lambda: looks[-1] == {"mayor.txt"})
    (folder / "mayor.txt").rename(folder / "bridge.txt")
    assert eventually(lambda: looks[-1] == {"bridge.txt"})
    (folder / "harbour.txt").write_text(HARBOUR)
    assert eventually(lambda: looks[-1] == {"bridge.txt", "harbour.txt"})


def test_a_folder_above_the_articles_that_is_swapped_for_another_is_noticed(tmp_path: Path) -> None:
    for name in ("project", "other"):
        (tmp_path / name / "seeds").mkdir(parents=True)
    (tmp_path / "other" / "seeds" / "mayor.txt").write_text(MAYOR)
    seeds, stop, looks = tmp_path / "project" / "seeds", threading.Event(), []

    def run() -> None:
        looks.extend(len(list(seeds.glob("*.txt"))) for _ in watch(seeds, stop))

    thread = threading.Thread(target=run)
    thread.start()
    try:
        time.sleep(0.3)
        (tmp_path / "project").rename(tmp_path / "before")
        (tmp_path / "other").rename(tmp_path / "project")
        assert eventually(lambda: bool(looks) and looks[-1] == 1)
    finally:
        stop.set()
        thread.join(10)


def test_a_watching_engine_has_indexed_what_was_saved_before_anybody_asks(engine: Engine) -> None:
    write(engine, "mayor.txt", MAYOR)
    with Engine(engine.settings, beside=True) as watching:
        watching.prepare()
        watching.watch()
        time.sleep(0.5)
        write(engine, "harbour.txt", HARBOUR)
        assert eventually(lambda: watching.status().articles == 2)


def test_following_goes_on_after_an_error_and_tells_it_once(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    write(engine, "mayor.txt", MAYOR)
    monkeypatch.setattr("qabot.engine.watch", lambda seeds, stop: iter([None] * 4))
    following = engine.following(threading.Event())
    assert next(following).added == ("mayor.txt",)  # type: ignore[union-attr]
    (engine.settings.seeds / "mayor.txt").unlink()
    assert "no articles" in str(next(following))
    write(engine, "harbour.txt", HARBOUR)
    assert [done.added for done in following] == [("harbour.txt",)]  # type: ignore[union-attr]
