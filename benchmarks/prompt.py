"""The conversation as a person at a terminal has it, through a pseudo-terminal and the screen it draws.

From the start of the process until the prompt can be typed on, an index being there, beside the time that importing
sentence-transformers takes, in turns: the median of five. Then how long a key takes to the screen while answers are
made, over 400 keys, ten to thirty milliseconds apart, in milliseconds.
"""

from __future__ import annotations

import compileall
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.terminal.terminal import Terminal  # noqa: E402

QUESTIONS = (
    "How much did Biden ask Congress for?",
    "What do the outlets report about Mark Milley's view of negotiations?",
    "What did Zelensky say about the war?",
    "Which figures do the outlets give for the aid to Ukraine?",
)
READY = "Tab completes"
RUNS, KEYS = 5, 400


def opened(embeddings: str) -> Terminal:
    return Terminal("--embeddings", embeddings, "chat", "--private", where=ROOT)


def seconds_to_prompt(embeddings: str) -> float:
    began = time.perf_counter()
    terminal = opened(embeddings)
    terminal.until(READY, 60)
    took = time.perf_counter() - began
    terminal.type("\x04")
    terminal.ended()
    return took


def seconds_to_import() -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import sentence_transformers"], check=True)
    return time.perf_counter() - began


def milliseconds_a_key(embeddings: str) -> list[float]:
    """From a key to its letter on the screen; only of keys that were pressed while an answer was made."""
    terminal = opened(embeddings)
    terminal.until(READY, 60)
    took: list[float] = []
    pauses = random.Random(0)
    turn = 0
    while len(took) < KEYS:
        for question in QUESTIONS * 3:
            terminal.type(question + "\r")
        typed = ""
        # All were answered when the line after them is: the name of no command, another each time.
        turn += 1
        terminal.type(f"/{turn}\r")
        answered = f"There is no command /{turn}."
        while answered not in terminal.text and len(took) < KEYS:
            typed = typed + "qxzj"[len(typed) % 4]
            began = time.perf_counter()
            terminal.type(typed[-1])
            terminal.until(f"> {typed}", 60)
            # The first questions load the models; the first key of a turn waits for the lines before it.
            if turn > 1 and len(typed) > 1:
                took.append((time.perf_counter() - began) * 1000)
            if len(typed) == 60:
                break
            end = time.perf_counter() + pauses.uniform(0.01, 0.03)
            while (left := end - time.perf_counter()) > 0:
                terminal.read(left)
        terminal.type("\x15")
        terminal.until(answered, 120)
    terminal.process.close(force=True)
    return took


def main() -> None:
    compileall.compile_dir(ROOT / "qabot", quiet=1)  # as pip does for the peers
    os.environ["PYTHONPATH"] = str(ROOT)
    with tempfile.TemporaryDirectory() as folder:
        qabot = [sys.executable, "-m", "qabot", "--embeddings", folder, "index"]
        subprocess.run(qabot, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        prompt, imported = [], []
        for _ in range(RUNS):
            prompt.append(seconds_to_prompt(folder))
            imported.append(seconds_to_import())
        ready, beside = statistics.median(prompt), statistics.median(imported)
        print(f"prompt ready                 {ready:6.2f} s  ({min(prompt):.2f} to {max(prompt):.2f})")
        print(f"import sentence_transformers {beside:6.2f} s  ({min(imported):.2f} to {max(imported):.2f})")
        print(f"ratio                        {beside / ready:6.1f}")
        took = sorted(milliseconds_a_key(folder))
        p50, p99 = statistics.median(took), took[int(len(took) * 0.99)]
        print(f"{len(took)} keys while answering: p50 {p50:.1f} ms, p99 {p99:.1f} ms, most {took[-1]:.1f} ms")


if __name__ == "__main__":
    main()
