"""Changing SQLite + FAISS: one writer, one transaction a generation, the FAISS files in place before it commits."""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import astuple
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import numpy as np
from filelock import FileLock, Timeout

from qabot.embedding import Vectors
from qabot.errors import IndexLockedError, IndexUnavailableError
from qabot.index.database import is_sound, open_for_writing, read_meta, read_stamp, remove_index, told
from qabot.index.protocol import Change, FileRecord, GenerationKey, IndexedArticle, Stamp
from qabot.index.vector_files import KINDS, make_index, read_vectors, vector_file, write_index
from qabot.language.words import skeleton, words_of

# The generation before stays for readers that opened it and have not asked since.
GENERATIONS_KEPT = 2
LOCK_SECONDS = 60.0


@contextmanager
def writing(
    embeddings: Path, exact_limit: int, *, rebuild: bool = False, wait: float | None = None
) -> Iterator[SqliteFaissWriter]:
    """The one writer of ``embeddings``; another is waited for, ``wait`` seconds or a minute.

    With ``rebuild``, a database that is damaged or of another version is deleted first; a sound one stays, and
    answers, until what replaces it is complete. Raises IndexLockedError, IndexUnavailableError.
    """
    try:
        embeddings.mkdir(parents=True, exist_ok=True)
        lock = FileLock(embeddings / ".lock", timeout=LOCK_SECONDS if wait is None else wait)
        lock.acquire()
    except Timeout as error:
        raise IndexLockedError(
            f"Another qabot is indexing into {embeddings}.", "Wait for it to end, or stop it, and try again."
        ) from error
    except OSError as error:
        raise IndexUnavailableError(
            f"The folder {embeddings} cannot be written: {error.strerror}.",
            "Make it writable, name another with --embeddings, or ask the index as it is with --no-refresh.",
        ) from error
    try:
        if rebuild and not is_sound(embeddings):
            remove_index(embeddings)
        with closing(SqliteFaissWriter(embeddings, exact_limit)) as writer:
            yield writer
    except (sqlite3.ProgrammingError, sqlite3.InterfaceError):
        raise  # a wrong use of sqlite3 says nothing of the file
    except sqlite3.Error as error:
        raise told(embeddings, error, "written") from error
    finally:
        lock.release()


class SqliteFaissWriter:
    def __init__(self, embeddings: Path, exact_limit: int) -> None:
        self._embeddings = embeddings
        self._exact_limit = exact_limit
        self._connection = open_for_writing(embeddings)

    def close(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")
        self._connection.close()

    def stamp(self) -> Stamp | None:
        return read_stamp(self._connection)

    def generation(self) -> int:
        return int(read_meta(self._connection, "generation") or 0)

    def meta(self, key: str) -> str | None:
        return read_meta(self._connection, key)

    def files(self) -> Mapping[str, FileRecord]:
        rows = self._connection.execute("SELECT path, size, mtime_ns, content_hash, skipped FROM files")
        return {row[0]: FileRecord(*row) for row in rows}

    def known_keys(self, keys: Collection[bytes]) -> set[bytes]:
        found = self._connection.execute
        return {key for key in keys if found("SELECT 1 FROM vectors WHERE key = ?", (key,)).fetchone()}

    def add_vectors(self, keys: Sequence[bytes], vectors: Vectors) -> None:
        rows = [(key, vector.tobytes()) for key, vector in zip(keys, vectors.astype(np.float32), strict=True)]
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", rows)
        self._connection.execute("COMMIT")

    def apply(self, change: Change, say: Callable[[str], None]) -> int:
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            generation = GenerationKey(self.generation() + 1, secrets.token_hex(4))
            if change.anew:
                self._clear()
            for path in change.removed:
                self._remove(path)
            for indexed in change.indexed:
                self._remove(indexed.article.path)
                self._insert(indexed)
            self._record_files(change.files, change.overrides)
            connection.execute(
                "DELETE FROM vectors WHERE NOT EXISTS (SELECT 1 FROM passages WHERE sentence_key = vectors.key) "
                "AND NOT EXISTS (SELECT 1 FROM passages WHERE window_key = vectors.key)"
            )
            connection.execute("DELETE FROM words WHERE sentences <= 0")
            meta = {
                "generation": str(generation.number),
                "generation_id": generation.id,
                "built": datetime.now(UTC).isoformat(timespec="seconds"),
                "stamp": msgspec.json.encode(change.stamp).decode(),
            }
            connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", meta.items())
            self._write_vector_files(generation, change.stamp.model.dimension, say)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        self._drop_others(generation)
        return generation.number

    def _clear(self) -> None:
        """Takes out all that is derived from articles; vectors go with the generation that no longer needs them."""
        for table in ("passages_fts", "passages", "articles", "words"):
            self._connection.execute(f"DELETE FROM {table}")

    def note_files(self, files: Iterable[FileRecord], overrides: str) -> None:
        """Remembers new times of files whose content did not change; the generation stays."""
        self._connection.execute("BEGIN IMMEDIATE")
        self._record_files(files, overrides)
        self._connection.execute("COMMIT")

    def _record_files(self, files: Iterable[FileRecord], overrides: str) -> None:
        self._connection.execute("DELETE FROM files")
        self._connection.executemany(
            "INSERT INTO files VALUES (?, ?, ?, ?, ?)",
            [(file.path, file.size, file.mtime_ns, file.content_hash, file.skipped) for file in files],
        )
        self._connection.execute("INSERT OR REPLACE INTO meta VALUES ('overrides', ?)", (overrides,))

    def _remove(self, path: str) -> None:
        connection = self._connection
        row = connection.execute("SELECT id, text FROM articles WHERE path = ?", (path,)).fetchone()
        if row is None:
            return
        article, text = row
        spans = connection.execute(
            'SELECT id, "start", "end" FROM passages WHERE article_id = ?', (article,)
        ).fetchall()
        self._count_words((text[start:end] for _, start, end in spans), -1)
        connection.executemany("DELETE FROM passages_fts WHERE rowid = ?", [(passage,) for passage, _, _ in spans])
        connection.execute("DELETE FROM articles WHERE id = ?", (article,))

    def _insert(self, indexed: IndexedArticle) -> None:
        connection, article, text = self._connection, indexed.article, indexed.article.text
        metadata = article.metadata
        left_out = msgspec.json.encode(article.left_out).decode()
        article_id = connection.execute(
            "INSERT INTO articles (path, content_hash, title, outlet, author, published, language, via, url, text, "
            "left_out) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (article.path, article.content_hash, *astuple(metadata), text, left_out),
        ).lastrowid
        keys = zip(indexed.sentence_keys, indexed.window_keys, strict=True)
        for passage, pair in zip(indexed.passages, keys, strict=True):
            where = (passage.ordinal, passage.paragraph, passage.section, passage.start, passage.end)
            report = (passage.said_by, passage.denies, passage.announces)
            row = connection.execute(
                'INSERT INTO passages (article_id, ordinal, paragraph, section, "start", "end", said_by, '
                "denies, announces, sentence_key, window_key) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (article_id, *where, *report, *pair),
            ).lastrowid
            connection.execute(
                "INSERT INTO passages_fts (rowid, title, sentence, passage) VALUES (?, ?, ?, ?)",
                (row, passage.context, passage.sentence(text), passage.window(text)),
            )
        self._count_words((passage.sentence(text) for passage in indexed.passages), 1)

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

    def _write_vector_files(self, generation: GenerationKey, dimension: int, say: Callable[[str], None]) -> None:
        try:
            for kind in KINDS:
                ids, vectors = read_vectors(self._connection, kind, dimension)
                if len(ids) > self._exact_limit:
                    say(f"Arranging {len(ids):,} {kind} vectors for fast search ...")
                write_index(
                    make_index(ids, vectors, self._exact_limit), vector_file(self._embeddings, kind, generation)
                )
        except (OSError, RuntimeError) as error:  # FAISS raises RuntimeError for a full disk
            # Of FAISS's own words the last are the system's.
            said = str(error).rsplit("failed: ", 1)[-1]
            reason = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else said
            raise IndexUnavailableError(
                f"The vectors cannot be written to {self._embeddings}: {reason}.",
                "Make room on the disk and run `qabot index` again; the index before is untouched.",
            ) from error

    def _drop_others(self, newest: GenerationKey) -> None:
        """Deletes vector files of generations that nobody asks any more, and what a killed writer left behind."""
        kept = {vector_file(self._embeddings, kind, newest) for kind in KINDS}
        for kind in KINDS:
            for file in (*self._embeddings.glob(f"{kind}-*.faiss"), *self._embeddings.glob(f"{kind}-*.aside")):
                number = file.stem.split("-")[1]
                before = number.isdigit() and newest.number - GENERATIONS_KEPT < int(number) < newest.number
                if file not in kept and not (before and file.suffix == ".faiss"):
                    file.unlink(missing_ok=True)
