"""`qabot index` as a whole process: with nothing changed, and after one edited sentence."""

from __future__ import annotations

import compileall
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def index(folder: str) -> tuple[float, str]:
    began = time.perf_counter()
    command = [
        sys.executable,
        "-m",
        "qabot",
        "--seeds",
        f"{folder}/seeds",
        "--embeddings",
        f"{folder}/embeddings",
        "index",
    ]
    printed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return time.perf_counter() - began, printed.splitlines()[-1]


def main() -> None:
    compileall.compile_dir(ROOT / "qabot", quiet=1)  # as pip does for the peers
    os.environ["PYTHONPATH"] = str(ROOT)
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(ROOT / "seeds", f"{folder}/seeds")
        print("first          {:6.2f} s  {}".format(*index(folder)))
        print("nothing new    {:6.2f} s  {}".format(*index(folder)))
        file = next(Path(folder, "seeds").glob("*.md"))
        file.write_text(file.read_text().rstrip() + " One sentence more stands here.\n")
        print("one sentence   {:6.2f} s  {}".format(*index(folder)))


if __name__ == "__main__":
    main()
