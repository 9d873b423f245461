"""Exact search, IVF and HNSW over clustered unit vectors: build, time of a query, recall@10, what chose the constants
in qabot/index/vector_files.py and [index] exact_limit."""

from __future__ import annotations

import sys
import time
from typing import Any

import faiss
import numpy as np

DIMENSION, QUERIES = 384, 200


def clustered(count: int, generator: np.random.Generator) -> Any:
    """float32[count, 384]: points around count/50 centres, about as near each other as sentences of one topic are."""
    centres = generator.normal(size=(max(1, count // 50), DIMENSION)).astype(np.float32)
    points = centres[generator.integers(len(centres), size=count)]
    points += 0.9 * generator.normal(size=points.shape).astype(np.float32)
    return points / np.linalg.norm(points, axis=1, keepdims=True)


def measure(name: str, index: Any, queries: Any, truth: Any, built: float) -> None:
    began = time.perf_counter()
    found = [index.search(query[None, :], 200)[1][0] for query in queries]
    each = (time.perf_counter() - began) / len(queries) * 1000
    recall = {
        k: np.mean([len(set(a[:k]) & set(b[:k])) / k for a, b in zip(found, truth, strict=True)]) for k in (10, 200)
    }
    print(f"{name:24} built {built:6.1f} s  {each:7.2f} ms a query  recall@10 {recall[10]:.3f}  @200 {recall[200]:.3f}")


def main() -> None:
    for count in map(int, sys.argv[1:] or ["20000", "50000", "100000"]):
        generator = np.random.default_rng(0)
        everything = clustered(count + QUERIES, generator)
        vectors, queries = everything[:count], everything[count:]
        print(f"{count:,} vectors")
        flat = faiss.IndexFlatIP(DIMENSION)
        flat.add(vectors)
        truth = [flat.search(query[None, :], 200)[1][0] for query in queries]
        measure("exact", flat, queries, truth, 0.0)
        cells = int(4 * count**0.5)
        began = time.perf_counter()
        ivf = faiss.IndexIVFFlat(faiss.IndexFlatIP(DIMENSION), DIMENSION, cells, faiss.METRIC_INNER_PRODUCT)
        ivf.cp.niter = 10
        ivf.train(vectors[generator.choice(count, min(count, cells * 40), replace=False)])
        ivf.add(vectors)
        built = time.perf_counter() - began
        for share in (24, 12, 6):
            ivf.nprobe = max(1, round(cells / share))
            measure(f"IVF, 1/{share} of {cells} cells", ivf, queries, truth, built)
        began = time.perf_counter()
        hnsw = faiss.IndexHNSWFlat(DIMENSION, 32, faiss.METRIC_INNER_PRODUCT)
        hnsw.hnsw.efSearch = 256
        hnsw.add(vectors)
        measure("HNSW 32, efSearch 256", hnsw, queries, truth, time.perf_counter() - began)


if __name__ == "__main__":
    main()
