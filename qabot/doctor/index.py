"""The index: there or not, what made it, how old it is, and whether FAISS and the model agree with the database."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import numpy as np

from qabot.doctor.database import REBUILD
from qabot.doctor.result import CheckResult
from qabot.embedding import Encoders
from qabot.errors import IndexHeldError, IndexMismatchError, IndexUnavailableError, NoIndexError, SeedsError
from qabot.index import Stamp, behind, mismatch
from qabot.index.database import generation_key, known_files, open_for_reading, read_meta, read_stamp, reading
from qabot.index.protocol import Kind
from qabot.index.vector_files import KINDS, is_written, open_index, read_keyed, sum_key, vector_file
from qabot.phrases import counted
from qabot.settings import Settings

_MEND = "`qabot doctor --fix` or `qabot index` makes it anew."
_SAMPLED = 16
_TOLD = 5
# FAISS keeps half precision above the exact limit; the export and torch differ in the last bits.
_ROUNDING = 2e-3
_AGREEMENT = 0.999  # cosine


def check_index(settings: Settings) -> Iterator[CheckResult]:
    """Raises IndexUnavailableError where it cannot be read."""
    try:
        because = mismatch(settings)
    except NoIndexError as error:
        yield CheckResult("index", "error", error.problem, "Run `qabot index`; asking makes it, too.")
        return
    except IndexMismatchError as error:
        yield CheckResult("index", "error", error.problem, REBUILD)
        return
    with closing(open_for_reading(settings.embeddings)) as connection, reading(settings.embeddings, connection):
        generation, built = generation_key(connection).number, read_meta(connection, "built") or ""
        (articles,) = connection.execute("SELECT count(*) FROM articles").fetchone()
        (passages,) = connection.execute("SELECT count(*) FROM passages").fetchone()
        skipped = [(file.path, file.skipped) for file in known_files(connection).values() if file.skipped]
    if because:
        yield CheckResult("index", "error", f"It was made with {because}.", "Run `qabot index`, which makes it anew.")
    said = f"{counted(articles, 'article')}, {counted(passages, 'passage')}"
    yield CheckResult("index", "ok", f"generation {generation}, built {_age(built)}: {said}")
    yield from _lag(settings)
    if skipped:
        named = "; ".join(f"{path}: {reason}" for path, reason in skipped[:_TOLD])
        more = f"; and {len(skipped) - _TOLD} more" if len(skipped) > _TOLD else ""
        message = f"{counted(len(skipped), 'file')} could not be read as articles: {named}{more}"
        yield CheckResult("skipped", "warning", message, "Mend them, or name them in .qabotignore.")


def _lag(settings: Settings) -> Iterator[CheckResult]:
    try:
        if behind(settings):
            remedy = "`qabot index` brings it up to date; so does the next question."
            yield CheckResult("index", "warning", "The articles have changed since.", remedy)
    except IndexHeldError as error:
        yield CheckResult("index", "warning", error.problem, error.remedy)
    except SeedsError:
        pass  # the articles' own finding


def _age(built: str) -> str:
    try:
        hours = (datetime.now(UTC) - datetime.fromisoformat(built)).total_seconds() / 3600
    except (ValueError, TypeError):
        return "at a time that it does not tell"
    ago = counted(round(hours / 24), "day") if hours >= 48 else counted(round(hours), "hour")
    return f"{built} ({ago} ago)" if hours >= 1 else f"{built} (within the hour)"


def check_vector_files(settings: Settings) -> Iterator[CheckResult]:
    """Each FAISS file has the hash that was noted, as many vectors as there are passages, and these very vectors."""
    found = _opened(settings)
    if found is None:
        return
    connection, stamp = found
    with closing(connection), reading(settings.embeddings, connection):
        key = generation_key(connection)
        (passages,) = connection.execute("SELECT count(*) FROM passages").fetchone()
        for kind in KINDS:
            file, sha256 = vector_file(settings.embeddings, kind, key), read_meta(connection, sum_key(kind))
            if not file.exists():
                fault = "is missing"
            elif not is_written(file, sha256, thorough=True):
                fault = "is not as it was written"
            else:
                index = open_index(file, passages, sha256)
                fault = (
                    f"does not have the {passages} passages" if index is None
                    else _other_vectors(connection, kind, index, passages, stamp)
                )  # fmt: skip
            if fault:
                # The vectors themselves are in the database: a question takes those, more slowly.
                yield CheckResult("vector files", "error", f"{file.name} {fault}.", _MEND)
            else:
                yield CheckResult("vector files", "ok", f"{file.name} has {counted(passages, 'passage')}")


def _other_vectors(connection: sqlite3.Connection, kind: Kind, index: Any, passages: int, stamp: Stamp) -> str:
    """A fault where a sample of passages does not find itself, or is not found by its own vector's score."""
    sample = f"SELECT id, {kind}_key FROM passages ORDER BY id % 89, id LIMIT ?"
    rows = connection.execute(sample, (_SAMPLED,)).fetchall()
    if not rows:
        return ""
    vectors = read_keyed(connection, [key for _, key in rows], stamp.model.dimension)
    scores, ids = index.search(vectors, min(_SAMPLED, passages))
    for number, (passage, _) in enumerate(rows):
        place = np.flatnonzero(ids[number] == passage)
        itself = float(vectors[number] @ vectors[number])
        # Copies of a sentence share its vector, so that others of them may take all the places.
        score = float(scores[number][place[0]] if len(place) else scores[number][0])
        if abs(score - itself) > _ROUNDING:
            return f"does not find passage {passage} by its own vector"
    return ""


def check_agreement(settings: Settings) -> Iterator[CheckResult]:
    """A sample of sentences, embedded anew with the export, has the vectors that the index has. Raises ModelError."""
    found = _opened(settings)
    if found is None:
        return
    connection, stamp = found
    with closing(connection), reading(settings.embeddings, connection):
        rows = connection.execute(
            'SELECT substr(a.text, p."start" + 1, p."end" - p."start"), p.sentence_key FROM passages p '
            "JOIN articles a ON a.id = p.article_id ORDER BY p.id % 83, p.id LIMIT ?",
            (_SAMPLED,),
        ).fetchall()
        stored = read_keyed(connection, [key for _, key in rows], stamp.model.dimension)
    encoder = Encoders(settings.embedding, settings.embeddings / "models", lambda line: None).if_exported(
        stamp.model.sha256
    )
    if encoder is None or not rows:
        yield CheckResult("vectors", "note", "not compared with the model: it is not exported, or there are none")
        return
    cosines = (encoder.encode([text for text, _ in rows]) * stored).sum(axis=1)
    other = int((~(cosines >= _AGREEMENT)).sum())
    if other:
        message = f"{other} of {len(rows)} sampled sentences have another vector than the model gives them."
        yield CheckResult("vectors", "error", message, REBUILD)
    else:
        said = f"{counted(len(rows), 'sampled sentence')} compared: the model gives the vectors that the index has"
        yield CheckResult("vectors", "ok", said)


def _opened(settings: Settings) -> tuple[sqlite3.Connection, Stamp] | None:
    """The database and what made it; ``None`` where that is not to be had, which is found by others."""
    try:
        connection = open_for_reading(settings.embeddings)
    except (NoIndexError, IndexMismatchError, IndexUnavailableError):
        return None
    try:
        stamp = read_stamp(connection)
    except sqlite3.Error:
        stamp = None
    if stamp is None:
        connection.close()
        return None
    return connection, stamp
