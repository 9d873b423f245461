"""A generation's FAISS files: those of the one before with what changed, or made anew; checked, put in place."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from qabot.errors import IndexUnavailableError
from qabot.files import make_way
from qabot.index.database import read_meta
from qabot.index.protocol import GenerationKey, Kind
from qabot.index.vector_files import (
    KINDS,
    fits,
    make_index,
    open_index,
    read_keyed,
    read_vectors,
    sum_key,
    update_index,
    vector_file,
    write_index,
)

# The generation before stays for readers that opened it and have not asked since.
GENERATIONS_KEPT = 2
_SAMPLED = 8
_ROUNDING = 2e-3  # what half precision does to the inner product of a unit vector with itself


class NextVectors:
    """The vectors of the generation that is being made on ``connection``.

    ``gone`` are the passages that were taken out, ``None`` for all; ``new`` those put in, with the keys of their
    sentence and window.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        embeddings: Path,
        exact_limit: int,
        gone: list[int] | None,
        new: list[tuple[int, bytes, bytes]],
    ) -> None:
        self._connection = connection
        self._embeddings = embeddings
        self._exact_limit = exact_limit
        self._gone = gone
        self._new = new

    def write(
        self, before: GenerationKey, generation: GenerationKey, dimension: int, say: Callable[[str], None]
    ) -> dict[Kind, str]:
        """Puts the files of ``generation`` in place; gives the SHA-256 of each. Raises IndexUnavailableError."""
        count = self._connection.execute("SELECT count(*) FROM passages").fetchone()[0]
        sums: dict[Kind, str] = {}
        try:
            for kind in KINDS:
                index = self._updated(kind, before, count, dimension)
                if index is None:
                    if count > self._exact_limit:
                        say(f"Arranging {count:,} {kind} vectors for fast search ...")
                    index = make_index(*read_vectors(self._connection, kind, dimension), self._exact_limit)
                self._check(index, kind, count, dimension)
                sums[kind] = write_index(index, vector_file(self._embeddings, kind, generation))
        except (OSError, RuntimeError) as error:  # FAISS raises RuntimeError for a full disk
            # Of FAISS's own words the last are the system's.
            said = str(error).rsplit("failed: ", 1)[-1]
            reason = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else said
            raise IndexUnavailableError(
                f"The vectors cannot be written to {self._embeddings}: {reason}.",
                "Make room on the disk and run `qabot index` again; the index before is untouched.",
            ) from error
        return sums

    def _updated(self, kind: Kind, before: GenerationKey, count: int, dimension: int) -> Any | None:
        """The file of the generation before with what changed; ``None`` where it has to be made from all vectors."""
        if self._gone is None or len(self._gone) + len(self._new) > count / 4:
            return None
        index = open_index(
            vector_file(self._embeddings, kind, before),
            count - len(self._new) + len(self._gone),
            read_meta(self._connection, sum_key(kind)),
            mapped=False,
        )
        if index is None or not fits(index, count, dimension, self._exact_limit):
            return None
        ids = np.array([passage for passage, _, _ in self._new], dtype=np.int64)
        keys = [sentence if kind == "sentence" else window for _, sentence, window in self._new]
        vectors = read_keyed(self._connection, keys, dimension)
        update_index(index, np.array(self._gone, dtype=np.int64), ids, vectors)
        return index

    def _key_of(self, passage: int, kind: Kind) -> bytes | None:
        row = self._connection.execute(f"SELECT {kind}_key FROM passages WHERE id = ?", (passage,)).fetchone()
        return None if row is None else row[0]

    def _check(self, index: Any, kind: Kind, count: int, dimension: int) -> None:
        """That as many are in it as there are passages, and that a few of them, old and new, find themselves."""
        fewest, most = self._connection.execute("SELECT min(id), max(id) FROM passages").fetchone()
        sample = [number for number, _, _ in self._new[-_SAMPLED:]]
        if count:
            places = np.linspace(fewest, most, _SAMPLED).astype(int).tolist()
            sample += [
                self._connection.execute("SELECT min(id) FROM passages WHERE id >= ?", (place,)).fetchone()[0]
                for place in places
            ]
        for passage in sample:
            key = self._key_of(passage, kind)
            assert key is not None
            vector = read_keyed(self._connection, [key], dimension)
            scores, found = index.search(vector, 1)
            itself = float((vector @ vector.T)[0, 0])
            # Copies of a sentence share its vector, so that another of them may stand first.
            if not scores[0][0] >= itself - _ROUNDING or self._key_of(int(found[0][0]), kind) != key:
                raise IndexUnavailableError(
                    f"The new index does not find its own passage {passage}; it was not put in place.",
                    "Run `qabot index --rebuild`, which makes it from the articles alone.",
                )
        if index.ntotal != count:
            raise IndexUnavailableError(
                f"The new index holds {index.ntotal} of {count} vectors; it was not put in place.",
                "Run `qabot index --rebuild`, which makes it from the articles alone.",
            )


def drop_others(embeddings: Path, newest: GenerationKey) -> None:
    """Deletes vector files of generations that nobody asks any more, and what a killed writer left behind."""
    kept = {vector_file(embeddings, kind, newest) for kind in KINDS}
    for kind in KINDS:
        for file in (*embeddings.glob(f"{kind}-*.faiss"), *embeddings.glob(f"{kind}-*.aside")):
            number = file.stem.split("-")[1]
            before = number.isdigit() and newest.number - GENERATIONS_KEPT < int(number) < newest.number
            if file not in kept and not (before and file.suffix == ".faiss"):
                make_way(file)
