"""Four threads ask one `Engine(beside=True)` 4,200 questions, and four processes ask as well, while articles are edited
and the index is written.

A thread replaces an article every second or so, now longer, now of the same size, and restores it; this process
refreshes, and a second one rebuilds and refreshes over and over. Counted: questions that failed, quotes that stood in
no text that their file had while the question was asked (in a process: that failed though their file was not written
meanwhile), generations, refreshes, rebuilds, milliseconds a question.
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
from dataclasses import replace
from pathlib import Path
from subprocess import PIPE

from qabot import Answer, Engine, Settings
from qabot.evaluation import read_gold

ROOT = Path(__file__).resolve().parent.parent
THREADS, PROCESSES, QUESTIONS = 4, 4, 4200


class Versions:
    """Every text that each article had: from when, until when."""

    def __init__(self, seeds: Path) -> None:
        self.seeds = seeds
        self.lock = threading.Lock()
        self.known = {f.name: [(0.0, float("inf"), f.read_bytes().decode())] for f in seeds.glob("*.md")}

    def put(self, name: str, text: str) -> None:
        aside = self.seeds / f".{name}.part"
        aside.write_bytes(text.encode())
        with self.lock:
            since, _, before = self.known[name].pop()
            changing = time.monotonic()
            aside.replace(self.seeds / name)
            self.known[name] += [(since, time.monotonic(), before), (changing, float("inf"), text)]

    def wrong(self, answer: Answer, asked: float, answered: float) -> list[str]:
        with self.lock:
            known = {
                name: [text for since, until, text in versions if since <= answered and until >= asked]
                for name, versions in self.known.items()
            }
        return [str(c) for c in answer.citations if not any(t[c.start : c.end] == c.quote for t in known[c.article])]


def edit(versions: Versions, ended: threading.Event) -> Counter[str]:
    """A paragraph more somewhere in a body, or another letter in it; then as it was."""
    chance, counts = random.Random(1), Counter[str]()
    while not ended.is_set():
        name = chance.choice(sorted(versions.known))
        text = versions.known[name][-1][2]
        body = text.index("\n\n", text.index("\n---", 3))
        longer = counts["edits"] % 4 == 0
        at = chance.choice([i for i in range(body, len(text)) if text.startswith("\n\n" if longer else ("a", "e"), i)])
        rest = "\n\nThe paper regrets 4 errors." + text[at:] if longer else "y" + text[at + 1 :]
        for version in (text[:at] + rest, text):
            versions.put(name, version)
            counts["edits"] += 1
            ended.wait(chance.uniform(0.5, 1.5))
    return counts


def write(engine: Engine, ended: threading.Event, where: str, pause: float) -> Counter[str]:
    """Refreshes over and over, every third time "there" all of it anew; what was done and what failed."""
    counts: Counter[str] = Counter()
    # The lock is polled: without a pause nobody else would get it.
    while not ended.wait(pause):
        anew = where == "there" and counts.total() % 3 == 0
        try:
            engine.refresh(rebuild=anew)
            counts[f"{'rebuilds' if anew else 'refreshes'} {where}"] += 1
        except Exception as error:
            counts[f"not refreshed {where}: {type(error).__name__}"] += 1
    return counts


def engine_of(seeds: str, embeddings: str) -> Engine:
    return Engine(Settings(paths=replace(Settings().paths, seeds=seeds, embeddings=embeddings)), beside=True)


def other_process(seeds: str, embeddings: str) -> None:
    """Writes until its input ends, then prints what it counted."""
    with ThreadPoolExecutor() as pool:
        counts = pool.submit(write, engine_of(seeds, embeddings), ended := threading.Event(), "there", 0.3)
        sys.stdin.read()
        ended.set()
    print(json.dumps(counts.result()))


def asking_process(seeds: str, embeddings: str) -> None:
    """Asks until its input ends, then prints what it counted."""
    questions = [gold.question for gold in read_gold(ROOT / "tests" / "gold" / "seeds.jsonl")]
    counts: Counter[str] = Counter()

    def ask() -> None:
        with engine_of(seeds, embeddings) as engine:
            engine.prepare()
            while not ended.is_set():
                question, began = questions[counts.total() % len(questions)], time.time()
                try:
                    answer = engine.ask(question)
                except Exception as error:
                    counts[f"failed in a process: {type(error).__name__} {error}"[:80]] += 1
                    continue
                counts["asked in processes"] += 1
                for found in engine.verify(answer):
                    if found.state != "holds" and Path(seeds, found.citation.article).stat().st_mtime < began:
                        counts["wrong quotes in processes"] += 1

    ended = threading.Event()
    with ThreadPoolExecutor() as pool:
        asking = pool.submit(ask)
        sys.stdin.read()
        ended.set()
        asking.result()
    print(json.dumps(counts))


def run(seeds: str, embeddings: str) -> tuple[Counter[str], list[float], list[str]]:
    """What was counted, milliseconds a question, and the quotes that were wrong."""
    questions = [gold.question for gold in read_gold(ROOT / "tests" / "gold" / "seeds.jsonl")]
    versions, done, wrong = Versions(Path(seeds)), threading.Event(), list[str]()

    def ask(number: int) -> tuple[float, str, int]:
        began = time.monotonic()
        try:
            answer = engine.ask(questions[number % len(questions)])
        except Exception as error:
            return 0.0, f"failed: {type(error).__name__} {error}"[:80], 0
        wrong.extend(versions.wrong(answer, began, ended := time.monotonic()))
        outcome = answer.status + ", an article left out" * any("left out" in note for note in answer.notes)
        return (ended - began) * 1000, outcome, answer.index.generation

    with engine_of(seeds, embeddings) as engine, ThreadPoolExecutor(2) as others:
        engine.prepare()
        engine.warm_up()
        command = [sys.executable, __file__, seeds, embeddings]
        asking = [subprocess.Popen([*command, "ask"], stdin=PIPE, stdout=PIPE, text=True) for _ in range(PROCESSES)]
        with subprocess.Popen(command, stdin=PIPE, stdout=PIPE, text=True) as other:
            beside = [others.submit(edit, versions, done), others.submit(write, engine, done, "here", 3.0)]
            with ThreadPoolExecutor(THREADS) as pool:
                asked = list(pool.map(ask, range(QUESTIONS)))
            done.set()
            counts = sum((one.result() for one in beside), Counter[str](json.loads(other.communicate()[0])))
            for process in asking:
                counts += Counter[str](json.loads(process.communicate()[0]))
    counts.update(outcome for _, outcome, _ in asked)
    counts["generations seen"] = len({generation for *_, generation in asked if generation})
    return counts, [took for took, *_ in asked if took], wrong


def main() -> None:
    os.environ["PYTHONPATH"] = str(ROOT)
    with tempfile.TemporaryDirectory() as folder:
        seeds, embeddings = shutil.copytree(ROOT / "seeds", f"{folder}/seeds"), f"{folder}/embeddings"
        # A process of its own: exporting the model brings torch in, which would then embed here.
        index = [sys.executable, "-m", "qabot", "--seeds", seeds, "--embeddings", embeddings, "index"]
        subprocess.run(index, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        counts, took, wrong = run(seeds, embeddings)
    counts.update({"failed questions": QUESTIONS - len(took), "wrong quotes": len(wrong)})
    for name, value in sorted(counts.items()):
        print(f"{name:50} {value:6}")
    p50, p95 = statistics.median(took), statistics.quantiles(took, n=20)[-1]
    print(f"{'ms a question':50} p50 {p50:.1f}  p95 {p95:.1f}  most {max(took):.0f}", *wrong[:10], sep="\n")


if __name__ == "__main__":
    if sys.argv[3:] == ["ask"]:
        asking_process(*sys.argv[1:3])
    else:
        other_process(*sys.argv[1:]) if len(sys.argv) > 1 else main()
