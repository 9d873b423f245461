"""The vectors are read where the FAISS index keeps them: as they were put in, to half precision."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from qabot.index.vector_files import KeptVectors, make_index, open_index, update_index, write_index

DIMENSION = 16


def unit(count: int, seed: int) -> np.ndarray:
    vectors = np.random.default_rng(seed).standard_normal((count, DIMENSION)).astype(np.float32)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


@pytest.mark.parametrize(("exact_limit", "precise"), [(1000, 0.0), (100, 1e-3)], ids=["exact", "cells"])
def test_vectors_come_by_their_ids_in_any_order(tmp_path: Path, exact_limit: int, precise: float) -> None:
    ids, vectors = np.arange(400, dtype=np.int64) * 3 + 7, unit(400, 1)
    index = make_index(ids, vectors, exact_limit)
    gone, new, added = ids[50:60], np.array([5000, 4000], dtype=np.int64), unit(2, 2)
    update_index(index, gone, new, added)
    sha256 = write_index(index, tmp_path / "sentence.faiss")
    mapped = open_index(tmp_path / "sentence.faiss", 392, sha256)
    assert mapped is not None
    wanted = np.array([4000, 7, 1204, 5000, 10], dtype=np.int64)
    expected = np.stack([added[1], vectors[0], vectors[399], added[0], vectors[1]])
    for kept in (KeptVectors(index), KeptVectors(mapped)):
        assert np.abs(kept.of(wanted) - expected).max() <= precise
        for unknown in (0, 11, 99_999):
            with pytest.raises(KeyError, match=str(unknown)):
                kept.of(np.array([4000, unknown], dtype=np.int64))
