"""Six threads ask one `Engine(beside=True)` 3,000 questions while articles are edited and the index is written all along.

A thread replaces an article every second or so, now longer, now of the same size, and restores it; this process
refreshes, and a second one rebuilds and refreshes over and over. Counted: questions that failed, quotes that stood in
no text that their file had while the question was asked, generations, refreshes, rebuilds, milliseconds a question.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from qabot import Answer, Engine, Settings
from qabot.errors import QabotError
from qabot.evaluation import read_gold

ROOT = Path(__file__).resolve().parent.parent
THREADS, QUESTIONS = 6, 3000


@dataclass
class Versions:
    """Every text that each article had: from when, until when."""

    seeds: Path
    lock: threading.Lock = field(default_factory=threading.Lock)
    known: dict[str, list[tuple[float, float, str]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for file in self.seeds.glob("*.md"):
            self.known[file.name] = [(0.0, float("inf"), file.read_bytes().decode())]

    def put(self, name: str, text: str) -> None:
        aside = self.seeds / f".{name}.part"
        aside.write_bytes(text.encode())
        with self.lock:
            began, _, before = self.known[name].pop()
            changing = time.monotonic()
            aside.replace(self.seeds / name)
            self.known[name] += [(began, time.monotonic(), before), (changing, float("inf"), text)]

    def wrong(self, answer: Answer, asked: float, answered: float) -> list[str]:
        with self.lock:
            return [
                f"{c.article}[{c.start}:{c.end}] {c.quote!r}"
                for c in answer.citations
                if not any(
                    began <= answered and ended >= asked and text[c.start : c.end] == c.quote
                    for began, ended, text in self.known[c.article]
                )
            ]


def edited(text: str, turn: int, chance: random.Random) -> str:
    """A line more before some paragraph of the body, or another digit or letter somewhere."""
    body = text.index("\n\n", text.find("\n---", 3)) if text.startswith("---") else 0
    if turn % 2:
        at = chance.choice([i for i in range(body, len(text)) if text.startswith("\n\n", i)])
        return f"{text[:at]}\n\nCorrection number {turn}: the paper regrets {chance.randrange(9)} errors.{text[at:]}"
    places = [i for i in range(body, len(text)) if text[i].isdigit()] or [len(text) - 3]
    at = chance.choice(places)
    return f"{text[:at]}{(int(text[at]) + 1) % 10 if text[at].isdigit() else 'x'}{text[at + 1 :]}"


def write(seeds: str, embeddings: str) -> None:
    """The second process: writes until its input ends, and prints what it counted."""
    counts: Counter[str] = Counter()
    ended = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
    engine = Engine(replace(Settings(), paths=replace(Settings().paths, seeds=seeds, embeddings=embeddings)))
    while not ended.is_set():
        for what in ("rebuilds there", "refreshes there", "refreshes there"):
            try:
                engine.refresh(rebuild=what.startswith("rebuild"))
                counts[what] += 1
            except Exception as error:
                counts[f"there failed: {type(error).__name__} {error}"[:100]] += 1
    print(json.dumps(counts))


def main() -> None:
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    counts: Counter[str] = Counter()
    wrong: list[str] = []
    generations: set[int] = set()
    took: list[float] = []
    done = threading.Event()
    questions = [question.question for question in read_gold(ROOT / "tests" / "gold" / "seeds.jsonl")]
    with tempfile.TemporaryDirectory() as folder:
        seeds, embeddings = f"{folder}/seeds", f"{folder}/embeddings"
        shutil.copytree(ROOT / "seeds", seeds)
        # As a process of its own: exporting the model brings torch in, which would then embed here.
        cli = [sys.executable, "-m", "qabot", "--seeds", seeds, "--embeddings", embeddings, "index"]
        subprocess.run(cli, env=env, check=True, stdout=subprocess.DEVNULL)
        settings = replace(Settings(), paths=replace(Settings().paths, seeds=seeds, embeddings=embeddings))
        versions = Versions(Path(seeds))
        engine = Engine(settings, beside=True)
        engine.prepare()
        engine.warm_up()

        def edit() -> None:
            chance, turn = random.Random(1), 0
            while not done.wait(0.5):
                turn += 1
                name = chance.choice(sorted(versions.known))
                original = versions.known[name][-1][2]
                for text in (edited(original, turn, chance), original):
                    versions.put(name, text)
                    counts["edits"] += 1
                    done.wait(chance.uniform(0.2, 1.0))
                    if turn % 3 == 0:  # else the engine finds out by itself
                        try:
                            engine.refresh()
                            counts["refreshes here, beside the engine's own"] += 1
                        except QabotError as error:
                            counts[f"refresh failed: {type(error).__name__}"] += 1

        def ask(number: int) -> None:
            began = time.monotonic()
            try:
                answer = engine.ask(questions[number % len(questions)])
            except Exception as error:
                counts[f"failed: {type(error).__name__} {error}"[:100]] += 1
                return
            ended = time.monotonic()
            took.append((ended - began) * 1000)
            wrong.extend(versions.wrong(answer, began, ended))
            generations.add(answer.index.generation)
            counts[answer.status] += 1
            counts["quotes"] += len(answer.citations)
            counts["answers with an article left out"] += any("left out" in note for note in answer.notes)

        writer = subprocess.Popen(
            [sys.executable, __file__, seeds, embeddings],
            env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        editor = threading.Thread(target=edit)
        editor.start()
        began = time.monotonic()
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(ask, range(QUESTIONS)))
        seconds = time.monotonic() - began
        done.set()
        editor.join()
        counts.update(json.loads(writer.communicate()[0]))
        engine.close()
        wal = Path(embeddings, "index.sqlite-wal")
        left = {path.name: path.stat().st_size >> 10 for path in Path(embeddings).glob("*.*")}
    for name, value in sorted(counts.items()):
        print(f"{name:50} {value:6}")
    p50, p95 = statistics.median(took), statistics.quantiles(took, n=20)[-1]
    print(f"{'failed questions':50} {QUESTIONS - len(took):6}\n{'wrong quotes':50} {len(wrong):6}")
    print(f"{'generations seen':50} {len(generations):6}")
    print(f"{'ms a question':50} p50 {p50:.1f}  p95 {p95:.1f}  most {max(took):.0f}; {seconds:.0f} s in all")
    print(f"{'left in embeddings/, KiB':50} {wal.name in left and left[wal.name]} of WAL; {left}")
    for line in wrong[:10]:
        print(f"wrong: {line}")


if __name__ == "__main__":
    write(*sys.argv[1:]) if len(sys.argv) > 1 else main()
