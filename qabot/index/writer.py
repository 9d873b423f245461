"""Changing SQLite + FAISS: one writer, one transaction a generation, the FAISS files in place before it commits."""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import astuple
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import numpy as np
from filelock import FileLock, Timeout

from qabot.embedding import Vectors
from qabot.errors import IndexLockedError, IndexUnavailableError
from qabot.files import FOLDER, in_the_way, kind_of, lockable, make_way, read_own, write_whole
from qabot.index.database import (
    check_kind,
    check_seal,
    generation_key,
    has_vector,
    is_sound,
    known_files,
    open_for_writing,
    read_meta,
    read_stamp,
    remove_index,
    stored_sentences,
    told,
)
from qabot.index.next_vectors import NextVectors, drop_others
from qabot.index.protocol import ArticleChange, Change, FileRecord, GenerationKey, IndexedArticle, Kind, Stamp
from qabot.index.seal import DATABASE, beside, written
from qabot.index.undo import (
    KEPT,
    ArticleRows,
    forget,
    note_unused,
    put_rows,
    remember,
    remembered,
    rows_of,
    sweep,
    went_back,
)
from qabot.index.vector_files import KINDS, is_written, sum_key, vector_file
from qabot.language.words import skeleton, words_of

LOCK_SECONDS = 60.0
LOCK = ".lock"
HOLDER = ".writer"  # beside the lock, which a waiting process empties: who holds it
_HISTORY_KEPT = 10_000  # changes of articles


@contextmanager
def writing(
    embeddings: Path, exact_limit: int, *, rebuild: bool = False, wait: float | None = None
) -> Iterator[SqliteFaissWriter]:
    """The one writer of ``embeddings``; another is waited for, ``wait`` seconds or a minute.

    With ``rebuild``, a database that is damaged or of another version is deleted first; a sound one stays, and
    answers, until what replaces it is complete. Raises IndexLockedError, IndexDamagedError, IndexUnavailableError.
    """
    lock_file = embeddings / LOCK
    try:
        if (kind := kind_of(embeddings)) not in ("", FOLDER):
            raise IndexUnavailableError(
                f"{embeddings} is {kind}, not a folder.", "Remove it, or name another folder with --embeddings."
            )
        embeddings.mkdir(parents=True, exist_ok=True)
        lock = FileLock(lockable(lock_file), timeout=LOCK_SECONDS if wait is None else wait)
        lock.acquire()
    except Timeout as error:
        raise IndexLockedError(
            f"Another qabot{_holder(embeddings)} is indexing into {embeddings}.",
            "Wait for it to end, or stop it, and try again.",
        ) from error
    except OSError as error:
        named = f"The file {lock_file}" if os.path.lexists(lock_file) else f"The folder {embeddings}"
        raise IndexUnavailableError(
            f"{named} cannot be written: {error.strerror}.",
            "Make it writable, name another with --embeddings, or ask the index as it is with --no-refresh.",
        ) from error
    holder = embeddings / HOLDER
    try:
        with suppress(OSError):  # a courtesy to those who wait
            write_whole(holder, f"{os.getpid()} {datetime.now():%H:%M}".encode("ascii"))
        for own in beside(embeddings / DATABASE):
            if in_the_way(own):
                make_way(own)
        if rebuild and not is_sound(embeddings):
            remove_index(embeddings)
        check_kind(embeddings)
        check_seal(embeddings)
        new = not (embeddings / DATABASE).exists()
        with closing(SqliteFaissWriter(embeddings, exact_limit)) as writer, written(embeddings, new=new):
            yield writer
    except (sqlite3.ProgrammingError, sqlite3.InterfaceError, sqlite3.IntegrityError):
        raise  # a wrong use of sqlite3 says nothing of the file
    except sqlite3.Error as error:
        raise told(embeddings, error, "written") from error
    finally:
        with suppress(OSError):
            make_way(holder)
        lock.release()


def _holder(embeddings: Path) -> str:
    """Which process it is that writes, as far as it says."""
    try:
        process, since = read_own(embeddings / HOLDER).decode("ascii").split()
    except (OSError, ValueError):
        return ""
    return f" (process {process}, since {since})"


class SqliteFaissWriter:
    def __init__(self, embeddings: Path, exact_limit: int) -> None:
        self._embeddings = embeddings
        self._exact_limit = exact_limit
        self._connection = open_for_writing(embeddings)
        # Of the generation that is being made: passages taken out (None: all), and those put in with their keys.
        self._gone: list[int] | None = []
        self._new: list[tuple[int, bytes, bytes]] = []

    def close(self) -> None:
        self._connection.close()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """All of it or nothing."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield self._connection
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    def stamp(self) -> Stamp | None:
        return read_stamp(self._connection)

    def generation(self) -> int:
        return int(read_meta(self._connection, "generation") or 0)

    def meta(self, key: str) -> str | None:
        return read_meta(self._connection, key)

    def files(self) -> Mapping[str, FileRecord]:
        return known_files(self._connection)

    def sentences(self, path: str) -> Sequence[str]:
        return stored_sentences(self._connection, path)

    def known_keys(self, keys: Collection[bytes]) -> set[bytes]:
        return {key for key in keys if has_vector(self._connection, key)}

    def add_vectors(self, keys: Sequence[bytes], vectors: Vectors) -> None:
        rows = [(key, vector.tobytes()) for key, vector in zip(keys, vectors.astype(np.float32), strict=True)]
        with self._transaction() as connection:
            connection.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", rows)

    def apply(self, change: Change, say: Callable[[str], None]) -> int:
        with self._next(change.stamp, say, anew=change.anew) as generation:
            if change.anew:
                self._clear(generation.number)
            for path in change.removed:
                self._remove(path, generation.number)
            for indexed in change.indexed:
                self._remove(indexed.article.path, generation.number)
                self._put(_rows(indexed))
            self._record_files(change.files, change.overrides)
            self._record_history(change.history, generation.number)
        return generation.number

    def roll_back(self, say: Callable[[str], None]) -> int:
        """Also says since when the index is held. Raises IndexUnavailableError where there is nothing to go back to."""
        connection, newest = self._connection, self.generation()
        before = connection.execute(
            "SELECT stamp FROM generations WHERE number = ? AND EXISTS (SELECT 1 FROM undo WHERE generation = ?)",
            (newest - 1, newest),
        ).fetchone()
        if before is None:
            raise IndexUnavailableError(
                f"There is no generation before {newest} to go back to.",
                f"The last {KEPT} changes can be undone; `qabot index --rebuild` makes the index anew.",
            )
        stamp = msgspec.json.decode(before[0], type=Stamp)
        with self._next(stamp, say, anew=False) as generation:
            for path, rows in remembered(connection, newest).items():
                self._remove(path, generation.number, undoable=False)
                connection.execute("DELETE FROM files WHERE path = ?", (path,))
                if rows is not None:
                    self._put(rows)
                    # The file is other than the index has it, whatever the system says of it.
                    seen = FileRecord(path, 0, 0, 0, 0, rows.content_hash, None)
                    connection.execute("INSERT INTO files VALUES (?, ?, ?, ?, ?, ?, ?)", astuple(seen))
            went_back(connection, newest)
            held = datetime.now(UTC).isoformat(timespec="seconds")
            connection.execute("INSERT OR REPLACE INTO meta VALUES ('held', ?)", (held,))
        return generation.number

    @contextmanager
    def _next(self, stamp: Stamp, say: Callable[[str], None], *, anew: bool) -> Iterator[GenerationKey]:
        """A transaction that makes the next generation, checks it, and puts its FAISS files in place; or nothing."""
        before = generation_key(self._connection)
        generation = GenerationKey(before.number + 1, secrets.token_hex(4))
        try:
            with self._transaction() as connection:
                self._gone, self._new = [], []
                yield generation
                encoded, built = msgspec.json.encode(stamp).decode(), datetime.now(UTC).isoformat(timespec="seconds")
                meta = {"generation": str(generation.number), "generation_id": generation.id, "built": built}
                connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", [*meta.items(), ("stamp", encoded)])
                connection.execute(
                    "INSERT OR REPLACE INTO generations VALUES (?, ?, ?)", (generation.number, built, encoded)
                )
                forget(connection, generation.number)
                if anew:
                    sweep(connection)
                connection.execute("DELETE FROM words WHERE sentences <= 0")
                files = NextVectors(connection, self._embeddings, self._exact_limit, self._gone, self._new)
                self._note_sums(files.write(before, generation, stamp.model.dimension, say))
        except BaseException:
            for kind in KINDS:
                vector_file(self._embeddings, kind, generation).unlink(missing_ok=True)
            raise
        drop_others(self._embeddings, generation)

    def _clear(self, generation: int) -> None:
        """Takes out all that is derived from articles."""
        connection = self._connection
        for article, path in connection.execute("SELECT id, path FROM articles").fetchall():
            remember(connection, generation, path, rows_of(connection, article))
        for kind in KINDS:
            keys = connection.execute(f"SELECT DISTINCT {kind}_key FROM passages").fetchall()
            note_unused(connection, generation, (key for (key,) in keys))
        for table in ("passages_fts", "passages", "articles", "words"):
            connection.execute(f"DELETE FROM {table}")
        self._gone = None

    def mend(self, say: Callable[[str], None]) -> None:
        """Makes the FAISS files anew from the vectors where they are missing or not as they were written."""
        stamp, generation = self.stamp(), generation_key(self._connection)
        sums = {vector_file(self._embeddings, kind, generation): self.meta(sum_key(kind)) for kind in KINDS}
        if stamp is None or all(is_written(file, sha256) for file, sha256 in sums.items()):
            return
        say("The vector files are damaged or missing; making them anew ...")
        with self._transaction() as connection:
            files = NextVectors(connection, self._embeddings, self._exact_limit, None, [])
            self._note_sums(files.write(generation, generation, stamp.model.dimension, say))

    def _note_sums(self, sums: Mapping[Kind, str]) -> None:
        for kind, sha256 in sums.items():
            self.note(sum_key(kind), sha256)

    def note(self, key: str, value: str) -> None:
        """Keeps a fact about the index that no generation depends on."""
        self._connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def note_files(self, files: Iterable[FileRecord], overrides: str) -> None:
        """Remembers new times of files whose content did not change; the generation stays."""
        with self._transaction():
            self._record_files(files, overrides)

    def _record_files(self, files: Iterable[FileRecord], overrides: str) -> None:
        known, now = self.files(), {file.path: file for file in files}
        self._connection.executemany(
            "DELETE FROM files WHERE path = ?", [(path,) for path in known.keys() - now.keys()]
        )
        self._connection.executemany(
            "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, ?)",
            [astuple(file) for path, file in now.items() if known.get(path) != file],
        )
        self._connection.execute("INSERT OR REPLACE INTO meta VALUES ('overrides', ?)", (overrides,))
        self._connection.execute("DELETE FROM meta WHERE key = 'held'")  # it follows the articles again

    def _record_history(self, history: Iterable[ArticleChange], generation: int) -> None:
        at = datetime.now(UTC).isoformat(timespec="seconds")
        self._connection.executemany(
            "INSERT INTO history VALUES (?, ?, ?, ?, ?, ?)",
            [
                (generation, at, change.path, change.kind, change.was, msgspec.json.encode(change.sentences).decode())
                for change in history
            ],
        )
        self._connection.execute(
            "DELETE FROM history WHERE rowid <= (SELECT max(rowid) FROM history) - ?", (_HISTORY_KEPT,)
        )

    def _remove(self, path: str, generation: int, *, undoable: bool = True) -> None:
        """Takes an article out; what it was is kept as what ``generation`` replaced, if that is to be ``undoable``."""
        connection = self._connection
        row = connection.execute("SELECT id FROM articles WHERE path = ?", (path,)).fetchone()
        rows = None if row is None else rows_of(connection, row[0])
        if undoable:
            remember(connection, generation, path, rows)
        if rows is None:
            return
        note_unused(connection, generation, {key for passage in rows.passages for key in passage[-2:]})
        self._count_words((sentence for _, sentence, _ in rows.texts), -1)
        passages = [
            number for (number,) in connection.execute("SELECT id FROM passages WHERE article_id = ?", (row[0],))
        ]
        connection.executemany("DELETE FROM passages_fts WHERE rowid = ?", [(number,) for number in passages])
        connection.execute("DELETE FROM articles WHERE id = ?", (row[0],))
        if self._gone is not None:
            self._gone += passages

    def _put(self, rows: ArticleRows) -> None:
        self._new += put_rows(self._connection, rows)
        self._count_words((sentence for _, sentence, _ in rows.texts), 1)

    def _count_words(self, sentences: Iterator[str], sign: int) -> None:
        """Adds or takes away in how many sentences each word stands; a first word's capital says nothing."""
        standing: Counter[str] = Counter()
        capitalised: Counter[str] = Counter()
        for sentence in sentences:
            words = list(words_of(sentence))
            standing.update({word.casefold() for word in words})
            capitalised.update({word.casefold() for word in words[1:] if word[:1].isupper()})
        self._connection.executemany(
            "INSERT INTO words VALUES (?, ?, ?, ?) ON CONFLICT (word) DO UPDATE SET "
            "sentences = sentences + excluded.sentences, capitalised = capitalised + excluded.capitalised",
            [(word, skeleton(word), sign * count, sign * capitalised[word]) for word, count in standing.items()],
        )


def _rows(indexed: IndexedArticle) -> ArticleRows:
    article, text = indexed.article, indexed.article.text
    left_out = msgspec.json.encode(article.left_out).decode()
    keys = zip(indexed.sentence_keys, indexed.window_keys, strict=True)
    return ArticleRows(
        (article.path, article.content_hash, *astuple(article.metadata), text, left_out),
        [
            (p.ordinal, p.paragraph, p.section, p.start, p.end, p.said_by, p.denies, p.announces, *pair)
            for p, pair in zip(indexed.passages, keys, strict=True)
        ],
        [(p.context, p.sentence(text), p.window(text)) for p in indexed.passages],
    )
