"""One engine that many share: threads, other processes that write, and refreshes beside the answers."""

from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from filelock import FileLock

from qabot import Answer, Conversation, Engine, Filters, Settings, UsageError
from qabot.errors import IndexMismatchError, IndexUnavailableError
from qabot.index import SqliteFaissIndex
from qabot.upkeep import LOOK_EVERY
from tests.conftest import ROOT

PEOPLE = ("Olive Strand", "Nora Solberg", "Lars Endersen", "Piet Maas", "Ada Quist", "Ivo Banic")
QUESTION = "Who opened the bridge of {}?"
TOWNS = ("Arden", "Grent", "Norvik", "Halden")


def write_town(settings: Settings, town: str, who: str, filler: int = 0) -> None:
    text = f"The mayor of {town}, {who}, opened the bridge of {town} on Monday. It cost 40 million crowns.\n"
    text += "".join(f"\nA note on the weather of {town}, number {n}.\n" for n in range(filler))
    aside = settings.seeds / f".{town}.part"
    aside.write_text(text)
    aside.replace(settings.seeds / f"{town}.txt")


@pytest.fixture
def towns(engine: Engine) -> Engine:
    for town, who in zip(TOWNS, PEOPLE, strict=False):
        write_town(engine.settings, town, who)
    engine.prepare()
    return engine


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def exact(settings: Settings, answer: Answer) -> bool:
    """Whether each quote stands in its file, or the file was replaced while the answer was on its way."""
    for citation in answer.citations:
        text = (settings.seeds / citation.article).read_text()
        if text[citation.start : citation.end] != citation.quote:
            return False
    return True


def in_threads(number: int, work: Callable[[int], None]) -> list[BaseException]:
    failures: list[BaseException] = []

    def one(n: int) -> None:
        try:
            work(n)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=one, args=(n,)) for n in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failures


def test_many_threads_share_one_engine(towns: Engine) -> None:
    def work(n: int) -> None:
        for i in range(25):
            town = TOWNS[(n + i) % len(TOWNS)]
            answer = towns.ask(QUESTION.format(town))
            assert answer.status == "answered" and PEOPLE[TOWNS.index(town)] in answer.answer, answer.answer
            assert exact(towns.settings, answer)

    assert in_threads(6, work) == []


def test_threads_ask_while_articles_are_edited_and_the_index_is_refreshed_and_rebuilt(towns: Engine) -> None:
    done = threading.Event()
    shared = Engine(towns.settings, beside=True)
    asked = 0

    def edit(_: int) -> None:
        chance = random.Random(1)
        for turn in range(12):
            write_town(towns.settings, chance.choice(TOWNS), chance.choice(PEOPLE), filler=chance.randrange(3))
            towns.refresh(rebuild=turn % 4 == 3)
        done.set()

    def work(n: int) -> None:
        nonlocal asked
        while not done.is_set():
            answer = shared.ask(QUESTION.format(TOWNS[n % len(TOWNS)]))
            asked += 1
            for citation in answer.citations:
                assert any(person in citation.quote for person in PEOPLE) or "crowns" in citation.quote

    with ThreadPoolExecutor() as pool:
        editing = pool.submit(edit, 0)
        assert in_threads(4, work) == []
        editing.result()
    shared.close()
    assert asked > 20


REBUILDER = """
import sys
from qabot import Engine, load_settings
settings = load_settings(flags={"paths.seeds": sys.argv[1], "paths.embeddings": sys.argv[2]}, environ={})
for _ in range(int(sys.argv[3])):
    Engine(settings).refresh(rebuild=True)
"""


@pytest.fixture
def rebuilder(towns: Engine) -> Iterator[subprocess.Popen[bytes]]:
    folders = [towns.settings.paths.seeds, towns.settings.paths.embeddings]
    process = subprocess.Popen(
        [sys.executable, "-c", REBUILDER, *folders, "4"], env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    yield process
    process.kill()
    process.wait()


def test_another_process_rebuilds_beside_askers(towns: Engine, rebuilder: subprocess.Popen[bytes]) -> None:
    generations = set()

    def work(n: int) -> None:
        while rebuilder.poll() is None:
            answer = towns.ask(QUESTION.format(TOWNS[n]))
            assert answer.status == "answered" and PEOPLE[n] in answer.answer and exact(towns.settings, answer)
            generations.add(answer.index.generation)

    assert in_threads(3, work) == []
    assert rebuilder.wait() == 0
    assert towns.ask(QUESTION.format("Arden")).index.generation == 5
    assert len(generations) > 1


def test_a_database_put_in_the_place_of_another_is_read_by_the_next_question(towns: Engine) -> None:
    towns.ask(QUESTION.format("Arden"))
    for file in towns.settings.embeddings.glob("index.sqlite*"):
        file.unlink()
    write_town(towns.settings, "Arden", "Zoe Lindqvist")
    Engine(towns.settings).prepare()
    answer = towns.ask(QUESTION.format("Arden"))
    assert "Zoe Lindqvist" in answer.answer and answer.index.generation == 1


def test_a_snapshot_reads_its_generation_to_the_end(towns: Engine) -> None:
    index = SqliteFaissIndex(towns.settings.embeddings, 20_000)
    with index.snapshot() as before:
        write_town(towns.settings, "Arden", "Zoe Lindqvist")
        towns.refresh()
        with index.snapshot() as after:
            texts = ["".join(snapshot.article_text(a.id) for a in snapshot.articles()) for snapshot in (before, after)]
    assert "Olive Strand" in texts[0] and "Zoe Lindqvist" not in texts[0]
    assert "Zoe Lindqvist" in texts[1] and "Olive Strand" not in texts[1]


def test_the_model_stays_loaded_over_a_refresh(towns: Engine) -> None:
    before = towns.encoder, towns.cross_encoder
    write_town(towns.settings, "Arden", "Zoe Lindqvist")
    towns.refresh()
    assert (towns.encoder, towns.cross_encoder) == before


@pytest.mark.parametrize(
    "question", ["why " * 490, "谁打开了桥？" * 330, "7" * 2000, "é" * 2000, "a-b_c.d/" * 240, "“" * 2000]
)
def test_any_question_up_to_the_limit_is_answered(towns: Engine, question: str) -> None:
    assert towns.ask(question).status in ("answered", "partial", "abstained")
    conversation = Conversation().after(towns.ask(QUESTION.format("Arden")))
    assert towns.ask(question[:1500], conversation).question


def test_a_long_question_is_still_read_with_the_sentence(towns: Engine) -> None:
    asked = "Considering all that was said of roads, harbours, tunnels, railways and airports over the years, " * 5
    assert "Nora Solberg" in towns.ask(f"{asked} who opened the bridge of Grent?").answer


def test_a_wrong_use_of_sqlite_is_not_called_damage(towns: Engine) -> None:
    with pytest.raises(sqlite3.ProgrammingError), SqliteFaissIndex(towns.settings.embeddings, 9).snapshot() as snapshot:
        snapshot._connection.close()
        snapshot.article_text(1)


def test_damage_is_called_damage(towns: Engine) -> None:
    file = towns.settings.embeddings / "index.sqlite"
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    raw = bytearray(file.read_bytes())
    raw[4096:] = os.urandom(len(raw) - 4096)
    file.write_bytes(raw)
    with pytest.raises(IndexUnavailableError, match="damaged"):
        Engine(towns.settings, auto_refresh=False).ask("Who opened the bridge?")
    report = Engine(towns.settings).refresh(rebuild=True)
    assert len(report.added) == len(TOWNS)


def test_a_rebuild_that_fails_leaves_the_index_that_was_there(towns: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qabot.index.next_vectors.write_index", full_disk)
    with pytest.raises(IndexUnavailableError, match="No space left"):
        towns.refresh(rebuild=True)
    assert "Olive Strand" in towns.ask(QUESTION.format("Arden")).answer


def full_disk(*_: object) -> None:
    raise OSError(28, "No space left on device")


def test_where_another_process_writes_the_index_that_is_there_is_asked_and_says_so(
    towns: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qabot.engine._LOCK_WAIT", 0.1)
    write_town(towns.settings, "Grent", "Zoe Lindqvist")
    began = time.monotonic()
    said: list[str] = []
    with FileLock(towns.settings.embeddings / ".lock"), Engine(towns.settings, say=said.append) as other:
        assert other.prepare() is None
        answer = other.ask(QUESTION.format("Arden"))
        edited = other.ask(QUESTION.format("Grent"))
    assert time.monotonic() - began < 10
    assert answer.status == "answered" and "Olive Strand" in answer.answer and answer.index.stale
    assert any("Another qabot is indexing" in note for note in answer.notes) and any("Another" in s for s in said)
    assert "Solberg" not in edited.answer and "Grent.txt has changed" in edited.answer


def test_where_the_disk_is_full_the_index_that_is_there_is_asked(
    towns: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_town(towns.settings, "Grent", "Zoe Lindqvist")
    monkeypatch.setattr("qabot.index.next_vectors.write_index", full_disk)
    with Engine(towns.settings) as other:
        assert other.prepare() is None
        answer = other.ask(QUESTION.format("Arden"))
    assert "Olive Strand" in answer.answer and answer.index.stale
    assert any(note.endswith("No space left on device.") and "Errno" not in note for note in answer.notes)


def test_a_subfolder_that_cannot_be_read_does_not_stop_the_answers(
    towns: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    (towns.settings.seeds / "locked").mkdir()
    real = os.scandir

    def scandir(path: str) -> object:
        if str(path).rstrip("/").endswith("locked"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr("qabot.articles.find.os.scandir", scandir)
    with Engine(towns.settings) as other:
        assert other.prepare() is None
        answer = other.ask(QUESTION.format("Arden"))
    assert "Olive Strand" in answer.answer and any("locked" in note for note in answer.notes)


def test_a_long_conversation_knows_what_was_edited_meanwhile(towns: Engine) -> None:
    clock = Clock()
    with Engine(towns.settings, beside=True, clock=clock) as engine:
        engine.prepare()
        engine.warm_up()
        (towns.settings.seeds / "Velden.txt").write_text("The mayor of Velden, Zoe Lindqvist, opened the canal.\n")
        assert "Lindqvist" not in engine.ask("Who opened the canal of Velden?").answer, "looked at again too early"
        clock.now += LOOK_EVERY
        engine.ask("Who opened the canal of Velden?")
        clock.now += LOOK_EVERY
        wait_for(lambda: not engine.stale)
        answer = engine.ask("Who opened the canal of Velden?")
        assert "Lindqvist" in answer.answer and not answer.index.stale and not answer.notes


def test_a_refresh_that_takes_long_is_not_waited_for(towns: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    clock, held = Clock(), threading.Event()
    with Engine(towns.settings, beside=True, clock=clock) as engine:
        engine.prepare()
        engine.warm_up()
        write_town(towns.settings, "Grent", "Zoe Lindqvist")
        monkeypatch.setattr(engine, "_refresh", lambda **_: held.wait())
        clock.now += LOOK_EVERY
        engine.ask(QUESTION.format("Arden"))
        began = time.monotonic()
        answer = engine.ask(QUESTION.format("Arden"))
        assert time.monotonic() - began < 1
        assert "Olive Strand" in answer.answer and answer.index.stale
        assert "The articles have changed; the index is being brought up to date." in answer.notes
        held.set()


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def test_closing_ends_a_refresh_beside_and_later_questions(towns: Engine) -> None:
    clock = Clock()
    engine = Engine(towns.settings, beside=True, clock=clock)
    engine.prepare()
    write_town(towns.settings, "Grent", "Zoe Lindqvist", filler=300)
    clock.now += LOOK_EVERY
    engine.ask(QUESTION.format("Arden"))
    engine.close()
    engine.close()
    with pytest.raises(RuntimeError, match="closed"):
        engine.ask(QUESTION.format("Arden"))
    with Engine(towns.settings, auto_refresh=False) as other:
        assert other.ask(QUESTION.format("Arden")).status == "answered"


def test_a_deleted_index_is_built_again_by_a_long_lived_engine(towns: Engine) -> None:
    clock = Clock()
    engine = Engine(towns.settings, clock=clock)
    engine.prepare()
    for file in towns.settings.embeddings.glob("*.*"):
        file.unlink()
    clock.now += LOOK_EVERY
    assert "Olive Strand" in engine.ask(QUESTION.format("Arden")).answer


def test_footnotes_of_an_article_are_no_markers_of_ours(engine: Engine) -> None:
    (engine.settings.seeds / "a.md").write_text("The town of Arden paid 1000 crowns for the bell in 1990. [1] [2]\n")
    engine.prepare()
    answer = engine.ask("What did the town of Arden pay for the bell?")
    (statement,) = answer.statements
    assert statement.text.endswith("in 1990.") and statement.citations == (1,)
    assert answer.answer.endswith("in 1990. [1]") and exact(engine.settings, answer)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            "The fine is [20] crowns under article [7] of the law of Velden.",
            "The fine is (20) crowns under article (7) of the law of Velden.",
        ),
        ("The bell of Velden was cast in 1990[3] by a smith.[4]", "The bell of Velden was cast in 1990 by a smith."),
        ("The bell of Velden was cast in 1990 by a smith. [4] [12]", "The bell of Velden was cast in 1990 by a smith."),
    ],
)
def test_numbers_in_brackets_that_are_no_footnotes_stay(text: str, shown: str) -> None:
    from qabot.answers.quotation import shown as made

    assert made(text) == shown


def test_when_that_was_published_is_told_of_the_words_that_were_quoted_also_after_an_edit(engine: Engine) -> None:
    file = engine.settings.seeds / "a.md"
    front = "---\noutlet: The Post\npublished: 2021-05-04\n---\n\n"
    file.write_text(front + "The mayor of Arden, Olive Strand, opened the bridge.\n")
    engine.prepare()
    conversation = Conversation().after(engine.ask(QUESTION.format("Arden")))
    file.write_text(
        front
        + "Correction: an earlier version named another town.\n\nThe mayor of Arden, Olive Strand, opened the bridge.\n"
    )
    engine.refresh()
    answer = engine.ask("When was that published?", conversation)
    assert (
        "2021-05-04" in answer.answer and "Olive Strand" in answer.citations[0].quote and exact(engine.settings, answer)
    )


def test_thanks_are_no_turn_of_a_conversation(towns: Engine) -> None:
    conversation = Conversation().after(towns.ask(QUESTION.format("Arden")))
    assert conversation.after(towns.ask("thanks", conversation)) == conversation


def test_an_edit_that_keeps_size_and_time_is_read_again_once_a_quote_of_it_fails(towns: Engine) -> None:
    file = towns.settings.seeds / "Arden.txt"
    towns.ask(QUESTION.format("Arden"))
    before = file.stat()
    file.write_text(file.read_text().replace("Olive Strand", "Clive Grand"))
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert file.stat().st_size != before.st_size or "Clive Grand" in towns.ask(QUESTION.format("Arden")).answer
    file.write_text(file.read_text().replace("Clive Grand", "Olive Stern"))
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert "Olive Stern" in towns.ask(QUESTION.format("Arden")).answer


def test_a_question_of_very_many_parts_is_one_question(towns: Engine) -> None:
    began = time.monotonic()
    towns.ask("who said what and when and why " * 60)
    assert time.monotonic() - began < 5


def test_a_database_that_has_no_room_for_its_side_files_is_read_alone(
    towns: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    from qabot.index import database

    real = database._open

    def no_room(file: Path, more: str) -> object:
        if not more:
            raise sqlite3.OperationalError("disk I/O error")
        return real(file, more)

    monkeypatch.setattr(database, "_open", no_room)
    with Engine(towns.settings, auto_refresh=False) as frozen:
        assert "Olive Strand" in frozen.ask(QUESTION.format("Arden")).answer
    (towns.settings.embeddings / "index.sqlite-wal").write_bytes(b"x" * 32)
    with Engine(towns.settings, auto_refresh=False) as frozen, pytest.raises(IndexUnavailableError, match="disk I/O"):
        frozen.ask(QUESTION.format("Arden"))


def test_what_a_killed_writer_left_behind_goes_with_the_next_generation(towns: Engine) -> None:
    left = [towns.settings.embeddings / name for name in ("window-2-abcd.aside", "sentence-9-abcd.faiss")]
    for file in left:
        file.write_bytes(b"x")
    towns.refresh(rebuild=True)
    assert not any(file.exists() for file in left)
    assert len(list(towns.settings.embeddings.glob("*.faiss"))) == 4, "this generation and the one before"


def test_an_index_of_another_schema_is_rebuilt(towns: Engine) -> None:
    connection = sqlite3.connect(towns.settings.embeddings / "index.sqlite")
    connection.execute("PRAGMA user_version = 77")
    connection.close()
    with pytest.raises(IndexMismatchError):
        Engine(towns.settings, auto_refresh=False).prepare()
    with Engine(towns.settings) as other:
        assert other.prepare() is not None
        assert "Olive Strand" in other.ask(QUESTION.format("Arden")).answer


def test_a_rebuild_that_other_settings_ask_for_is_made_when_the_lock_is_free(
    towns: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qabot.engine._LOCK_WAIT", 0.1)
    clock = Clock()
    wider = replace(towns.settings, passages=replace(towns.settings.passages, neighbours=2))
    with Engine(wider, clock=clock) as other:
        with FileLock(towns.settings.embeddings / ".lock"):
            assert other.prepare() is None
        assert other.ask(QUESTION.format("Arden")).index.stale
        clock.now += 60
        assert not other.ask(QUESTION.format("Arden")).index.stale
        assert other.status().stamp.neighbours == 2


def test_an_answer_is_made_of_its_statements_and_says_which_words_are_ours(engine: Engine) -> None:
    (engine.settings.seeds / "a.md").write_text(
        "---\nurl: https://example.org/ferry\n---\n\nCaptain Lars Endersen left in May. He had served on the ferry "
        "Halvard Star for nine years.\n"
    )
    engine.prepare()
    answer = engine.ask("How long had the captain served on the ferry Halvard Star?")
    (statement,) = [s for s in answer.statements if "nine years" in s.text]
    assert [statement.text[span.start : span.end] for span in statement.added] == ["[Captain Lars Endersen]"]
    assert answer.answer == " ".join(s.marked for s in answer.statements)
    assert answer.citations[0].url == "https://example.org/ferry"


def test_without_a_citation_goes_all_that_was_said_on_its_account(engine: Engine) -> None:
    for name, dead in (("a", 14), ("b", 19)):
        (engine.settings.seeds / f"{name}.md").write_text(
            f"---\noutlet: Paper {name}\n---\n\nIn the fire on the ferry Halvard Star {dead} people died.\n"
        )
    engine.prepare()
    answer = engine.ask("How many people died in the fire on the ferry?")
    assert answer.disagreements and answer.form == "list"
    left = answer.without({1})
    assert [s.citations for s in left.statements] == [(2,)] and not left.disagreements
    assert "Reports differ" not in left.answer and [c.id for c in left.citations] == [2]
    assert answer.without({1, 2}).status == "abstained"


def test_filters_that_cannot_be_used_concern_one_question(towns: Engine) -> None:
    with pytest.raises(UsageError):
        towns.ask("Who?", filters=Filters(outlet="No Such"))
    assert towns.ask(QUESTION.format("Arden")).status == "answered"


def test_evidence_shows_the_quote_in_its_surroundings_and_whether_it_stands(towns: Engine) -> None:
    citation = towns.ask(QUESTION.format("Arden")).citations[0]
    found = towns.evidence(citation, 20)
    assert found.checked.state == "holds" and found.quote == citation.quote
    assert (found.before + found.quote + found.after) in (towns.settings.seeds / "Arden.txt").read_text()
    (towns.settings.seeds / "Arden.txt").write_text("Something else. " + citation.quote + " And more.")
    assert towns.evidence(citation).checked.state == "moved"
    assert towns.evidence(citation).before == "Something else. "
    (towns.settings.seeds / "Arden.txt").unlink()
    assert towns.evidence(replace(citation)).checked.state == "gone"
