"""Asking SQLite + FAISS: a snapshot for each question, so that all it reads is of one generation."""

from __future__ import annotations

import math
import sqlite3
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from qabot.articles import REPLACED, LeftOut, Metadata
from qabot.embedding import Vectors
from qabot.errors import IndexUnavailableError
from qabot.index.database import generation_key, open_for_reading, read_meta, read_stamp, reading
from qabot.index.protocol import (
    ArticleChange,
    GenerationKey,
    Ids,
    IndexStatus,
    Kind,
    Scores,
    Searcher,
    Stamp,
    StoredArticle,
    StoredPassage,
    Summary,
    TermMatches,
)
from qabot.index.vector_files import (
    COMPARED_ALL,
    KINDS,
    KeptVectors,
    make_index,
    nearest_of,
    open_index,
    read_vectors,
    search,
    sum_key,
    vector_file,
)
from qabot.language.words import skeleton

# A weight a column: title and heading, the sentence, the sentence with its neighbours.
_BM25 = "bm25(passages_fts, 0.3, 1.0, 1.0)"
_PASSAGE = 'id, article_id, ordinal, paragraph, section, "start", "end", said_by, denies, announces'


class SqliteFaissIndex:
    """The index in ``embeddings``, for any number of threads: each takes a snapshot of its own.

    What a generation's snapshots share is loaded once, with the first of them.
    """

    def __init__(self, embeddings: Path, exact_limit: int) -> None:
        self._embeddings = embeddings
        self._exact_limit = exact_limit
        self._lock = threading.Lock()
        self._latest: _Generation | None = None

    @contextmanager
    def snapshot(self) -> Iterator[SqliteFaissSnapshot]:
        """The newest generation as it is now, until the block ends, whatever is written meanwhile.

        Raises NoIndexError, IndexUnavailableError; the latter also for what SQLite calls damage within the block.
        """
        with (
            closing(open_for_reading(self._embeddings, checked=True)) as connection,
            reading(self._embeddings, connection),
        ):
            connection.execute("BEGIN")
            yield SqliteFaissSnapshot(connection, self._generation(connection))

    def _generation(self, connection: sqlite3.Connection) -> _Generation:
        """What this snapshot shares with the others of its generation."""
        key = generation_key(connection)
        with self._lock:
            if self._latest is None or self._latest.key != key:
                self._latest = _Generation(self._embeddings, self._exact_limit, key, connection)
            return self._latest


class _Generation:
    """The articles of one generation, and its vectors or the FAISS indexes of them; never changed, only replaced."""

    def __init__(self, embeddings: Path, exact_limit: int, key: GenerationKey, connection: sqlite3.Connection) -> None:
        self.key = key
        rows = connection.execute(
            "SELECT id, path, title, outlet, author, published, language, via, url FROM articles ORDER BY path"
        )
        self.articles = {row[0]: StoredArticle(row[0], row[1], Metadata(*row[2:])) for row in rows}
        # One object for all questions: what is made of it is kept with it.
        self.all_articles = tuple(self.articles.values())
        self.passages: int = connection.execute("SELECT count(*) FROM passages").fetchone()[0]
        self.built = read_meta(connection, "built") or ""
        self.stamp = read_stamp(connection)
        self._embeddings = embeddings
        self._exact_limit = exact_limit
        self._lock = threading.Lock()
        self._vectors: dict[Kind, tuple[Ids, Vectors]] = {}
        self._faiss: dict[Kind, Any] = {}
        self._kept: dict[Kind, KeptVectors] = {}

    def vectors(self, kind: Kind, connection: sqlite3.Connection) -> tuple[Ids, Vectors]:
        """All of them, which are few."""
        with self._lock:
            if kind not in self._vectors:
                self._vectors[kind] = self._read_vectors(kind, connection)
            return self._vectors[kind]

    def faiss(self, kind: Kind, connection: sqlite3.Connection) -> Any:
        """The FAISS index of this generation, made from the vectors where its file is not as it was written."""
        with self._lock:
            if kind not in self._faiss:
                file = vector_file(self._embeddings, kind, self.key)
                found = open_index(file, self.passages, read_meta(connection, sum_key(kind)))
                if found is None:
                    found = make_index(*self._read_vectors(kind, connection), self._exact_limit)
                self._faiss[kind] = found
            return self._faiss[kind]

    def kept(self, kind: Kind, connection: sqlite3.Connection) -> KeptVectors:
        index = self.faiss(kind, connection)
        with self._lock:
            if kind not in self._kept:
                self._kept[kind] = KeptVectors(index)
            return self._kept[kind]

    def _read_vectors(self, kind: Kind, connection: sqlite3.Connection) -> tuple[Ids, Vectors]:
        return read_vectors(connection, kind, self.stamp.model.dimension if self.stamp else 0)


class SqliteFaissSnapshot:
    """One generation, read through a connection that is this snapshot's alone."""

    def __init__(self, connection: sqlite3.Connection, generation: _Generation) -> None:
        self._connection = connection
        self._generation = generation

    def _stamp(self) -> Stamp:
        if self._generation.stamp is None:
            raise IndexUnavailableError(
                "The index does not say what made it.", "Run `qabot index --rebuild`, which makes it anew."
            )
        return self._generation.stamp

    def summary(self) -> Summary:
        made = self._generation
        return Summary(made.key.number, made.built, len(made.articles), made.passages, self._stamp())

    def status(self) -> IndexStatus:
        summary = self.summary()
        vectors = self._connection.execute("SELECT count(*) FROM vectors").fetchone()[0]
        skipped = self._connection.execute("SELECT path, skipped FROM files WHERE skipped IS NOT NULL ORDER BY path")
        replaced = self._connection.execute(
            "SELECT path, length(text) - length(replace(text, ?, '')) FROM articles WHERE instr(text, ?) ORDER BY path",
            (REPLACED, REPLACED),
        )
        return IndexStatus(
            generation=summary.generation,
            built=summary.built,
            articles=summary.articles,
            passages=summary.passages,
            vectors=vectors,
            stamp=summary.stamp,
            skipped=dict(skipped.fetchall()),
            replaced=dict(replaced.fetchall()),
        )

    def articles(self) -> Sequence[StoredArticle]:
        return self._generation.all_articles

    def article(self, article_id: int) -> StoredArticle:
        return self._generation.articles[article_id]

    def article_text(self, article_id: int) -> str:
        row = self._connection.execute("SELECT text FROM articles WHERE id = ?", (article_id,)).fetchone()
        return str(row[0])

    def left_out(self, path: str) -> tuple[str, tuple[LeftOut, ...]] | None:
        row = self._connection.execute("SELECT text, left_out FROM articles WHERE path = ?", (path,)).fetchone()
        return None if row is None else (row[0], msgspec.json.decode(row[1], type=tuple[LeftOut, ...]))

    def extracted(self, path: str, content_hash: str) -> str | None:
        row = self._connection.execute(
            "SELECT text FROM articles WHERE path = ? AND content_hash = ?", (path, content_hash)
        ).fetchone()
        return None if row is None else str(row[0])

    def searcher(self, within: Collection[int] | None) -> Searcher:
        chosen = None if within is None else self._passages_of(within)
        # Loaded here, since another thread has no business with this connection.
        if self._compares_all:
            few = {kind: self._generation.vectors(kind, self._connection) for kind in KINDS}
            return lambda kind, vector, most: nearest_of(*few[kind], vector, most, chosen)
        many = {kind: self._generation.faiss(kind, self._connection) for kind in KINDS}
        return lambda kind, vector, most: search(many[kind], vector, most, chosen)

    @property
    def _compares_all(self) -> bool:
        return self._generation.passages <= COMPARED_ALL

    def _passages_of(self, articles: Collection[int]) -> Ids:
        rows = self._connection.execute(
            "SELECT id FROM passages WHERE article_id IN (SELECT value FROM json_each(?))", (_json(articles),)
        )
        return np.fromiter((row[0] for row in rows), dtype=np.int64)

    def standing(self, spellings: Sequence[str], within: Collection[int] | None) -> TermMatches:
        chosen = None if within is None else self._passages_of(within)
        by_spelling = {spelling: self._standing_word(spelling, chosen) for spelling in spellings}
        passages = frozenset[int]().union(*(ids.tolist() for ids in by_spelling.values()))
        return TermMatches(_idf(self._generation.passages, len(passages)), passages, by_spelling)

    def _standing_word(self, word: str, chosen: Ids | None) -> Ids:
        # All ids in one text: a row each would take SQLite and Python ten times as long.
        (found,) = self._connection.execute(
            "SELECT group_concat(rowid) FROM passages_fts WHERE passages_fts MATCH ?", (f'"{word}"',)
        ).fetchone()
        ids: Ids = np.fromstring(found, dtype=np.int64, sep=",") if found else np.empty(0, dtype=np.int64)
        return ids if chosen is None else ids[np.isin(ids, chosen)]

    def bm25(self, term: TermMatches, ids: Ids) -> Mapping[int, float]:
        rows = self._generation.passages
        scores: dict[int, float] = {}
        for word, own in term.by_spelling.items():
            weighed = np.intersect1d(own, ids, assume_unique=True)
            if not len(weighed):
                continue
            # FTS5 weighs a spelling by its own rarity; one name in three spellings is as rare as all three.
            scale = _fts_idf(rows, len(term.passages)) / _fts_idf(rows, len(own))
            # With the plus SQLite goes once through where the word stands; without, it searches anew for each id.
            found = self._connection.execute(
                f"SELECT rowid, {_BM25} FROM passages_fts WHERE passages_fts MATCH ? "
                "AND +rowid IN (SELECT value FROM json_each(?))",
                (f'"{word}"', _json(weighed.tolist())),
            )
            for passage, score in found:
                scores[passage] = max(scores.get(passage, 0.0), -score * scale)
        return scores

    def cosines(self, vector: Vectors, ids: Sequence[int]) -> tuple[Scores, Scores]:
        wanted = np.array(ids, dtype=np.int64)
        sentence, window = (self._cosines(kind, vector, wanted) for kind in KINDS)
        return sentence, window

    def _cosines(self, kind: Kind, vector: Vectors, wanted: Ids) -> Scores:
        if self._compares_all:
            known, vectors = self._generation.vectors(kind, self._connection)
            return vectors[np.searchsorted(known, wanted)] @ vector
        return self._generation.kept(kind, self._connection).of(wanted) @ vector

    def sentence_vector(self, passage: int) -> Vectors | None:
        row = self._connection.execute(
            "SELECT v.vector FROM passages p JOIN vectors v ON v.key = p.sentence_key WHERE p.id = ?", (passage,)
        ).fetchone()
        return None if row is None else np.frombuffer(row[0], dtype=np.float32)

    def passages(self, ids: Sequence[int]) -> Mapping[int, StoredPassage]:
        rows = self._connection.execute(
            f"SELECT {_PASSAGE} FROM passages WHERE id IN (SELECT value FROM json_each(?))", (_json(ids),)
        )
        return {row[0]: _stored(row) for row in rows}

    def sentence_vectors(self, article_id: int) -> tuple[Sequence[StoredPassage], Vectors]:
        rows = self._connection.execute(
            f"SELECT {_PASSAGE}, vector FROM passages JOIN vectors ON key = sentence_key WHERE article_id = ? "
            "ORDER BY ordinal",
            (article_id,),
        ).fetchall()
        dimension = self._stamp().model.dimension
        vectors = np.frombuffer(b"".join(row[-1] for row in rows), dtype=np.float32).reshape(len(rows), dimension)
        return [_stored(row[:-1]) for row in rows], vectors

    def section(self, passage: StoredPassage, reach: int) -> Sequence[StoredPassage]:
        rows = self._connection.execute(
            f"SELECT {_PASSAGE} FROM passages WHERE article_id = ? AND section = ? AND ordinal BETWEEN ? AND ? "
            "ORDER BY ordinal",
            (passage.article_id, passage.section, passage.ordinal - reach, passage.ordinal + reach),
        )
        return [_stored(row) for row in rows]

    def spellings(self, word: str) -> Sequence[tuple[str, int, int]]:
        return self._connection.execute(
            "SELECT word, sentences, capitalised FROM words WHERE skeleton = ? AND sentences > 0", (skeleton(word),)
        ).fetchall()

    def vocabulary(self, shortest: int, longest: int) -> Sequence[str]:
        rows = self._connection.execute(
            "SELECT word FROM words WHERE length(word) BETWEEN ? AND ? AND sentences > 0", (shortest, longest)
        )
        return [row[0] for row in rows]

    def history(self, since: str, path: str | None = None) -> Sequence[ArticleChange]:
        rows = self._connection.execute(
            "SELECT generation, at, path, kind, was, sentences FROM history WHERE at >= ? AND path = ifnull(?, path) "
            "ORDER BY rowid",
            (since, path),
        )
        return [
            ArticleChange(generation, at, path, kind, was, msgspec.json.decode(said, type=tuple[tuple[str, str], ...]))
            for generation, at, path, kind, was, said in rows
        ]

    def frequency(self, word: str) -> int:
        row = self._connection.execute("SELECT sentences FROM words WHERE word = ?", (word.casefold(),)).fetchone()
        return 0 if row is None else int(row[0])


def _stored(row: tuple[Any, ...]) -> StoredPassage:
    return StoredPassage(*(*row[:-2], bool(row[-2]), bool(row[-1])))


def _idf(rows: int, matching: int) -> float:
    """Lucene's, which stays above 0 for a word that stands in most passages of a small collection."""
    return math.log(1 + (rows - matching + 0.5) / (matching + 0.5))


def _fts_idf(rows: int, matching: int) -> float:
    """As FTS5's bm25() has it (sqlite.org/fts5.html, section 5.1.1)."""
    return max(1e-6, math.log((rows - matching + 0.5) / (matching + 0.5)))


def _json(ids: Collection[int]) -> str:
    return msgspec.json.encode([int(number) for number in ids]).decode()
