"""The FAISS files: derived from the vectors table, one pair a generation, written aside and renamed."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from qabot.checksums import is_as_made, note_made, sha256_of
from qabot.embedding import Vectors
from qabot.files import make_way, put_in_place
from qabot.index.protocol import GenerationKey, Ids, Kind

KINDS: tuple[Kind, ...] = ("sentence", "window")

# Above the exact limit: IVF with about 4 * sqrt(n) cells, of which this share is looked into. benchmarks/ann.py, 50,000
# vectors: 0.8 ms a query, recall@10 1.000, @200 .937; a twelfth has .863 @200, HNSW .788 in 1.3 ms and builds three
# times as long; exact search takes 8.5 ms.
PROBED_SHARE = 1 / 6
_TRAIN_PER_CELL = 40
# Up to so many passages a question is compared with their vectors as the database has them: reading both kinds takes
# 11 ms at this size, loading FAISS 35 ms and 15 MiB (benchmarks/cold_ask.py).
COMPARED_ALL = 2000


def vector_file(embeddings: Path, kind: Kind, key: GenerationKey) -> Path:
    """Named by the generation's own id too: numbers begin anew in a database that was made anew."""
    return embeddings / f"{kind}-{key.number}-{key.id}.faiss"


def read_vectors(connection: sqlite3.Connection, kind: Kind, dimension: int) -> tuple[Ids, Vectors]:
    """Passage ids ``int64[n]`` in order and their vectors ``float32[n, dimension]``."""
    rows = connection.execute(
        f"SELECT p.id, v.vector FROM passages p JOIN vectors v ON v.key = p.{kind}_key ORDER BY p.id"
    )
    count = connection.execute("SELECT count(*) FROM passages").fetchone()[0]
    ids = np.empty(count, dtype=np.int64)
    vectors = np.empty((count, dimension), dtype=np.float32)
    for row, (passage, vector) in enumerate(rows):
        ids[row] = passage
        vectors[row] = np.frombuffer(vector, dtype=np.float32)
    return ids, vectors


def nearest_of(ids: Ids, vectors: Vectors, vector: Vectors, most: int, within: Ids | None) -> Ids:
    """The ``most`` nearest of a few, best first; ``within`` limits them to these ids."""
    if within is not None:
        chosen = np.isin(ids, within)
        ids, vectors = ids[chosen], vectors[chosen]
    nearest: Ids = ids[np.argsort(-(vectors @ vector), kind="stable")[:most]]
    return nearest


def search(index: Any, vector: Vectors, most: int, within: Ids | None) -> Ids:
    """The ``most`` nearest in a FAISS index, best first; ``within`` limits them to these ids."""
    import faiss

    api: Any = faiss  # its stubs do not know the keywords of its parameter classes
    # One question is one row: waking threads for it takes longer than the search. OpenMP keeps this by thread.
    api.omp_set_num_threads(1)
    parameters: Any = None
    if within is not None:
        selector = api.IDSelectorBatch(within)
        if isinstance(api.downcast_index(index), api.IndexIVF):
            parameters = api.SearchParametersIVF(sel=selector, nprobe=api.downcast_index(index).nprobe)
        else:
            parameters = api.SearchParameters(sel=selector)
    count = min(most, index.ntotal)
    ids: Ids = index.search(vector[None, :], count, params=parameters)[1][0] if count else np.empty(0, np.int64)
    return ids[ids >= 0]


class KeptVectors:
    """The vectors in a FAISS index by passage id, read where they stand, several times as fast as from the database."""

    def __init__(self, index: Any) -> None:
        import faiss

        self._index = index  # whose memory the arrays look into
        own: Any = faiss.downcast_index(index)
        if isinstance(own, faiss.IndexIDMap):
            exact: Any = faiss.downcast_index(own.index)
            self._lists = [_rows_of(exact)]
            self._centres = np.zeros((1, own.d), dtype=np.float32)
            ids = faiss.vector_to_array(own.id_map)
        else:
            lists = own.invlists
            cells = [(cell, lists.list_size(cell)) for cell in range(own.nlist) if lists.list_size(cell)]
            self._lists = [
                faiss.rev_swig_ptr(lists.get_codes(cell), size * own.code_size).view(np.float16).reshape(-1, own.d)
                for cell, size in cells
            ]
            # What is kept of a vector is how it differs from its cell's centre.
            self._centres = _rows_of(faiss.downcast_index(own.quantizer))[[cell for cell, _ in cells]]
            ids = np.concatenate([faiss.rev_swig_ptr(lists.get_ids(cell), size) for cell, size in cells])
        sizes = [len(rows) for rows in self._lists]
        order = np.argsort(ids)
        self._ids = ids[order]
        self._list_of = np.repeat(np.arange(len(sizes)), sizes)[order]
        self._place_in = np.concatenate([np.arange(size) for size in sizes])[order]

    def of(self, ids: Ids) -> Vectors:
        """``float32[len(ids), dimension]``. Raises KeyError for an id that the index has not."""
        places = np.searchsorted(self._ids, ids)
        there = self._ids[np.minimum(places, len(self._ids) - 1)] == ids if len(self._ids) else np.zeros(len(ids), bool)
        if not there.all():
            raise KeyError(int(ids[~there][0]))
        lists = self._list_of[places]
        pairs = zip(lists.tolist(), self._place_in[places].tolist(), strict=True)
        vectors: Vectors = np.stack([self._lists[of][place] for of, place in pairs]) + self._centres[lists]
        return vectors


def _rows_of(flat: Any) -> Vectors:
    """The vectors of an IndexFlat, ``float32[ntotal, d]``, where they stand."""
    import faiss

    rows: Vectors = faiss.rev_swig_ptr(flat.get_xb(), flat.ntotal * flat.d).reshape(-1, flat.d)
    return rows


def read_keyed(connection: sqlite3.Connection, keys: Sequence[bytes], dimension: int) -> Vectors:
    """``float32[len(keys), dimension]``."""
    vectors = np.empty((len(keys), dimension), dtype=np.float32)
    for row, key in enumerate(keys):
        (vector,) = connection.execute("SELECT vector FROM vectors WHERE key = ?", (key,)).fetchone()
        vectors[row] = np.frombuffer(vector, dtype=np.float32)
    return vectors


def fits(index: Any, count: int, dimension: int, exact_limit: int) -> bool:
    """Whether an index of another generation is of the kind that ``count`` vectors want, its cells included."""
    import faiss

    if index.d != dimension or (count <= exact_limit) != isinstance(index, faiss.IndexIDMap):
        return False
    return count <= exact_limit or 2 / 3 < index.nlist / _cells(count) < 3 / 2


def update_index(index: Any, gone: Ids, ids: Ids, vectors: Vectors) -> None:
    """Takes out the passages ``gone`` and puts in ``vectors``, ``float32[n, dimension]``, as ``ids``, ``int64[n]``."""
    import faiss

    if len(gone):
        index.remove_ids(faiss.IDSelectorBatch(gone))
    if len(ids):
        index.add_with_ids(vectors, ids)


def _cells(count: int) -> int:
    return int(4 * count**0.5)


def make_index(ids: Ids, vectors: Vectors, exact_limit: int) -> Any:
    """Inner product, exact up to ``exact_limit`` vectors; results are passage ids."""
    import faiss

    dimension = vectors.shape[1]
    index: Any
    if len(ids) <= exact_limit:
        index = faiss.IndexIDMap(faiss.IndexFlatIP(dimension))
    else:
        cells = _cells(len(ids))
        quantizer = faiss.IndexFlatIP(dimension)
        # Half precision: half the file and the memory, for one in ten thousand of a cosine.
        half = faiss.ScalarQuantizer.QT_fp16
        index = faiss.IndexIVFScalarQuantizer(quantizer, dimension, cells, half, faiss.METRIC_INNER_PRODUCT)
        index.cp.niter = 10
        faiss.omp_set_num_threads(os.cpu_count() or 1)
        sample = np.random.default_rng(0).choice(len(ids), min(len(ids), cells * _TRAIN_PER_CELL), replace=False)
        index.train(vectors[np.sort(sample)])
        index.nprobe = max(1, round(cells * PROBED_SHARE))
    index.add_with_ids(vectors, ids)
    return index


def sum_key(kind: Kind) -> str:
    """Where the database has the hash of its generation's file."""
    return f"{kind}_faiss_sha256"


def write_index(index: Any, file: Path) -> str:
    """Gives the file's SHA-256."""
    import faiss

    aside = file.with_suffix(".aside")
    make_way(aside)
    try:
        faiss.write_index(index, str(aside))
        with aside.open("rb+") as stream:
            os.fsync(stream.fileno())
        sha256 = sha256_of(aside)
        put_in_place(aside, file)
        note_made(file, sha256)
        return sha256
    except BaseException:
        aside.unlink(missing_ok=True)  # on a full disk it would take the next one's room
        raise


def is_written(file: Path, sha256: str | None, *, thorough: bool = False) -> bool:
    """Whether the file has the hash that was noted. One that cannot be read has not: it is made again."""
    try:
        return sha256 is not None and is_as_made(file, sha256, thorough=thorough)
    except OSError:
        return False


def open_index(file: Path, expected: int, sha256: str | None, *, mapped: bool = True) -> Any | None:
    """The index, memory-mapped to be read; ``None`` where it is missing, not as it was written or of another size than
    ``expected``.

    One that is not ``mapped`` can be changed.
    """
    import faiss

    try:
        if not is_written(file, sha256):
            return None
        index = faiss.read_index(str(file), faiss.IO_FLAG_MMAP | faiss.IO_FLAG_READ_ONLY if mapped else 0)
    except (RuntimeError, OSError):
        return None
    return index if index.ntotal == expected else None
