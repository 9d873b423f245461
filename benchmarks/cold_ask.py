"""A question as a whole process, index built: qabot against sentence-transformers + faiss in a script (peer.py).

Five runs each, taken in turns; the median of seconds and the most memory (resident, MiB).
"""

from __future__ import annotations

import compileall
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
QUESTION = "What do the outlets report about Mark Milley's view of negotiations?"
RUNS = 5


def run(command: list[str]) -> tuple[float, float]:
    """Seconds and MiB of a process from start to end."""
    began = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{' '.join(command)} failed")
    return time.perf_counter() - began, usage.ru_maxrss / 1024


def main() -> None:
    compileall.compile_dir(ROOT / "qabot", quiet=1)  # as pip does for the peers
    with tempfile.TemporaryDirectory() as folder:
        qabot = [sys.executable, "-m", "qabot", "--embeddings", f"{folder}/embeddings"]
        peer = [sys.executable, "benchmarks/peer.py"]
        os.environ["PYTHONPATH"] = str(ROOT)
        run([*qabot, "index"])
        run([*peer, "build", folder, "seeds"])
        figures: dict[str, list[tuple[float, float]]] = {"qabot": [], "sentence-transformers + faiss": []}
        for _ in range(RUNS):
            figures["qabot"].append(run([*qabot, "ask", "--json", QUESTION]))
            figures["sentence-transformers + faiss"].append(run([*peer, "ask", folder, QUESTION]))
        medians = []
        for name, measured in figures.items():
            medians.append(statistics.median(seconds for seconds, _ in measured))
            print(f"{name:30} {medians[-1]:6.2f} s  {max(mib for _, mib in measured):6.0f} MiB")
        print(f"{'ratio':30} {medians[1] / medians[0]:6.1f}")


if __name__ == "__main__":
    main()
