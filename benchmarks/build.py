"""Texts embedded a second: qabot's whole build against `SentenceTransformer.encode` of the same texts, in one run.

Models are loaded and warm before the clock starts, on both sides; everything else of the build counts: reading,
cleaning, sentences, SQLite, FTS and FAISS. Taken in turns, medians. Then onnxruntime on the same texts, and from how
many texts on importing torch pays.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from qabot.embedding import load_build_encoder
from qabot.embedding.onnx_encoder import OnnxEncoder
from qabot.embedding.torch_encoder import TorchEncoder
from qabot.engine import Engine
from qabot.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
RUNS = 3


def main() -> None:
    began = time.perf_counter()
    import sentence_transformers
    import torch

    importing = time.perf_counter() - began
    print(f"importing torch {torch.__version__}, sentence-transformers {sentence_transformers.__version__}:")
    print(f"{importing:.1f} s")
    seeds = ROOT.parent / "shared" / "devset" / "seeds"
    if not seeds.is_dir():
        print("../shared/devset is absent: over the sample articles instead")
        seeds = ROOT / "seeds"
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(paths=replace(Settings().paths, seeds=str(seeds), embeddings=folder))
        encoder = load_build_encoder(settings.embedding, Path(folder) / "models", texts=10**6, say=print)
        assert isinstance(encoder, TorchEncoder)
        encoder.encode(["warm"] * 64)
        texts: list[str] = []
        plain = encoder.encode

        def noting(given: Sequence[str], on_progress: object = None) -> object:
            texts.extend(given)
            return plain(given, on_progress)  # type: ignore[arg-type]

        ours, theirs = [], []
        encoder.encode = noting  # type: ignore[method-assign,assignment]
        for _ in range(RUNS):
            texts.clear()
            began = time.perf_counter()
            engine = Engine(settings)
            engine.encoders.for_building = lambda texts: encoder  # type: ignore[method-assign]
            engine.refresh(rebuild=True)
            ours.append(len(texts) / (time.perf_counter() - began))
            began = time.perf_counter()
            encoder.model.encode(texts, batch_size=32, normalize_embeddings=True, show_progress_bar=False)
            theirs.append(len(texts) / (time.perf_counter() - began))
        onnx = OnnxEncoder(next((Path(folder) / "models").iterdir()))
        began = time.perf_counter()
        onnx.encode(texts)
        by_onnx = len(texts) / (time.perf_counter() - began)
    qabot, peer = statistics.median(ours), statistics.median(theirs)
    print(f"{len(texts)} texts, of which a second:")
    print(f"qabot, whole build             {qabot:6.1f}")
    print(f"SentenceTransformer.encode     {peer:6.1f}")
    print(f"ratio                          {qabot / peer:6.2f}")
    print(f"onnxruntime, embedding alone   {by_onnx:6.1f}")
    if peer > by_onnx:
        print(f"torch pays from about {importing / (1 / by_onnx - 1 / peer):,.0f} texts on")


if __name__ == "__main__":
    main()
