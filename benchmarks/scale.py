"""Collections of 1,000, 10,000 and 100,000 passages: build, one edit, questions, memory, disk, recall.

`python -m benchmarks.scale WORK` keeps what it makes in WORK and goes on there; `--sizes` chooses. The figures go to
WORK/figures.json, the table to stdout. Above 10,000 passages the vectors are not embedded, which takes an hour, but
made from real ones: one of them and a little noise, drawn by the text's hash.
"""

from __future__ import annotations

import argparse
import compileall
import json
import os
import resource
import statistics
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import cached_property
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.made_collection import make_collection, real_sentences
from qabot.embedding import Encoders
from qabot.engine import Engine
from qabot.index import next_vectors, vector_files
from qabot.index.reader import SqliteFaissIndex
from qabot.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
EMBEDDED_UP_TO = 10_000
QUESTIONS = 60
_REAL = 2000  # vectors that the made ones are made from
_NOISE = 0.35  # its length, beside a vector of length 1: neighbours at a cosine of about .94, as paraphrases have


class MadeEncoder:
    """In place of the model where a hundred thousand texts are to have vectors: real ones, moved a little."""

    def __init__(self, real: Any, texts: Sequence[str]) -> None:
        self.identity = real.identity
        self.own_identity = getattr(real, "own_identity", real.identity)
        self._real = real.encode(list(texts))

    def encode(self, texts: Sequence[str], on_progress: Callable[[int], None] = lambda done: None) -> Any:
        made = np.empty((len(texts), self._real.shape[1]), dtype=np.float32)
        for row, text in enumerate(texts):
            draw = np.random.default_rng(zlib.crc32(text.encode()))
            noise = draw.standard_normal(made.shape[1]).astype(np.float32)
            made[row] = self._real[draw.integers(len(self._real))] + _NOISE * noise / np.linalg.norm(noise)
        on_progress(len(texts))
        return made / np.linalg.norm(made, axis=1, keepdims=True)


def _settings(work: Path, size: int) -> Settings:
    folder = work / str(size)
    return Settings(paths=replace(Settings().paths, seeds=str(folder / "seeds"), embeddings=str(folder / "embeddings")))


def _questions(work: Path, size: int) -> list[str]:
    """About the collection, which is made first where it is not there."""
    kept = work / str(size) / "questions.json"
    if not kept.is_file():
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(make_collection(kept.parent / "seeds", size)))
    return list(json.loads(kept.read_text())[:QUESTIONS])


def build(work: Path, size: int) -> dict[str, float]:
    settings = _settings(work, size)
    _questions(work, size)
    if (settings.embeddings / "index.sqlite").is_file():
        return {}
    began = time.perf_counter()
    with _engine(settings, size) as engine:
        embedded = engine.refresh().embedded
    return {"texts": embedded, "build s": time.perf_counter() - began}


def follow_and_ask(work: Path, size: int) -> dict[str, float]:
    settings, questions = _settings(work, size), _questions(work, size)
    with _engine(settings, size) as engine:
        engine.prepare()
        engine.warm_up()
        figures: dict[str, float] = {"passages": engine.status().passages}
        figures |= _asked(engine, questions)
        figures |= _one_edit(engine, settings.seeds)
        figures |= _recall(engine, questions)
    figures["disk MiB"] = sum(f.stat().st_size for f in settings.embeddings.glob("*.*") if f.is_file()) / 2**20
    return figures


def _engine(settings: Settings, size: int) -> Engine:
    engine = Engine(settings, say=lambda line: print(line, file=sys.stderr))
    if size > EMBEDDED_UP_TO:

        class Made(Encoders):
            @cached_property
            def made(self) -> MadeEncoder:
                return MadeEncoder(super().for_building(0), real_sentences()[:_REAL])

            def for_building(self, texts: int) -> Any:
                return self.made

        engine.encoders = Made(settings.embedding, settings.embeddings / "models", print)
    return engine


def _one_edit(engine: Engine, seeds: Path) -> dict[str, float]:
    """An added sentence, three times: the refresh, of it the FAISS files, and the time until an answer has it."""
    file = sorted(seeds.rglob("*.md"))[len(list(seeds.rglob("*.md"))) // 2]
    writing: list[float] = []
    write = vector_files.write_index

    def timed(index: Any, to: Path) -> Any:
        began = time.perf_counter()
        written = write(index, to)
        writing.append(time.perf_counter() - began)
        return written

    next_vectors.write_index = timed
    took, faiss, embedded, known = [], [], [], []
    try:
        for number in range(5):
            writing.clear()
            with file.open("a", encoding="utf-8") as stream:
                stream.write(f"The storks of Belmont number {number + 40} since {time.time_ns()}.\n")
            began = time.perf_counter()
            report = engine.refresh()
            took.append(time.perf_counter() - began)
            engine.search(f"How many storks are in Belmont since {number}?")
            known.append(time.perf_counter() - began)
            faiss.append(sum(writing))
            embedded.append(report.embedded)
    finally:
        next_vectors.write_index = write
    return {
        "edit embeds": max(embedded),
        "edit s": statistics.median(took),
        "edit, FAISS files s": statistics.median(faiss),
        "edit, rest s": statistics.median(t - f for t, f in zip(took, faiss, strict=True)),
        "edit to answer s": statistics.median(known),
    }


def _asked(engine: Engine, questions: Sequence[str]) -> dict[str, float]:
    asked, searched = [], []
    for question in questions:
        began = time.perf_counter()
        engine.ask(question)
        asked.append((time.perf_counter() - began) * 1000)
        began = time.perf_counter()
        engine.search(question)
        searched.append((time.perf_counter() - began) * 1000)
    return {
        "ask p50 ms": statistics.median(asked),
        "ask p95 ms": float(np.percentile(asked, 95)),
        "search p50 ms": statistics.median(searched),
        "memory MiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def _recall(engine: Engine, questions: Sequence[str]) -> dict[str, float]:
    """Of the ten nearest sentences by exact comparison, the share that the index gives."""
    shares = []
    index = SqliteFaissIndex(engine.settings.embeddings, engine.settings.index.exact_limit)
    with index.snapshot() as snapshot:
        connection: Any = snapshot._connection
        ids, vectors = vector_files.read_vectors(connection, "sentence", engine.encoder.identity.dimension)
        for question in questions:
            vector = engine.encoder.encode_query(question)
            exact = set(ids[np.argsort(-(vectors @ vector))[:10]].tolist())
            given = snapshot.searcher(None)("sentence", vector, 10).tolist()
            shares.append(len(exact & set(given)) / len(exact))
    return {"recall@10": float(np.mean(shares))}


def _cold(settings: Settings, questions: Sequence[str]) -> dict[str, float]:
    """`qabot ask` as a process: the median of its time and of its memory."""
    took, memory = [], []
    folders = ("--seeds", str(settings.seeds), "--embeddings", str(settings.embeddings))
    for question in questions:
        began = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "qabot", *folders, "ask", question],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        usage = os.wait4(process.pid, 0)[2]
        took.append(time.perf_counter() - began)
        memory.append(usage.ru_maxrss / 1024)
    return {"cold ask s": statistics.median(took), "cold ask MiB": statistics.median(memory)}


def main() -> None:
    compileall.compile_dir(ROOT / "qabot", quiet=1)  # as pip does for the peers
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", type=Path)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 10_000, 100_000])
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    kept = arguments.work / "figures.json"
    for size in arguments.sizes:
        figures: dict[str, float] = {}
        for step in (build, follow_and_ask):
            # A process each, so that the memory of one is not another's.
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as processes:
                figures |= processes.submit(step, arguments.work, size).result()
        figures |= _cold(_settings(arguments.work, size), _questions(arguments.work, size)[:5])
        known = json.loads(kept.read_text()) if kept.is_file() else {}
        known[str(size)] = {**known.get(str(size), {}), **figures}
        kept.write_text(json.dumps(known, indent=1))
    sizes = json.loads(kept.read_text()).values()
    for name in dict.fromkeys(name for size in sizes for name in size):
        values = "".join(f"{size[name]:14,.3f}" if name in size else f"{'':14}" for size in sizes)
        print(f"{name:20}{values}")


if __name__ == "__main__":
    main()
