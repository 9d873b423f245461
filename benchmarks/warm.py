"""200 questions in one process: the time of `Engine.ask` in milliseconds, and what the answer adds to the search."""

from __future__ import annotations

import statistics
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from qabot.engine import Engine
from qabot.evaluation import read_gold
from qabot.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
DEVSET = ROOT.parent / "shared" / "devset"


def main() -> None:
    if DEVSET.is_dir():
        seeds, gold = DEVSET / "seeds", DEVSET / "qa.jsonl"
    else:
        print("../shared/devset is absent: over the sample articles instead")
        seeds, gold = ROOT / "seeds", ROOT / "tests" / "gold" / "seeds.jsonl"
    with tempfile.TemporaryDirectory() as folder:
        engine = Engine(Settings(paths=replace(Settings().paths, seeds=str(seeds), embeddings=folder)))
        engine.prepare()
        questions = [question.question for question in read_gold(gold)][:210]
        for question in questions[:10]:
            engine.ask(question)
        took, encoding, added = [], [], []
        for question in questions[10:]:
            began = time.perf_counter()
            engine.ask(question)
            took.append((time.perf_counter() - began) * 1000)
            began = time.perf_counter()
            engine.search(question)
            added.append(took[-1] - (time.perf_counter() - began) * 1000)
            began = time.perf_counter()
            engine.encoder.encode_query(question)
            encoding.append((time.perf_counter() - began) * 1000)
    for name, values in (("ask", took), ("added by the answer", added), ("embedding the question", encoding)):
        p50, p95 = statistics.median(values), statistics.quantiles(values, n=20)[-1]
        print(f"{name:30} p50 {p50:6.1f} ms  p95 {p95:6.1f} ms  over {len(values)} questions")


if __name__ == "__main__":
    main()
