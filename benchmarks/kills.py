"""An index that is killed at random instants, amid refreshes, rebuilds and first builds: does it answer afterwards?

`python benchmarks/kills.py 300`. After each kill the index is opened and asked as it is: the database has to be whole,
and every quote to stand in an article as it is or as it was before the edit under way. A first build may have no index
yet; what it had embedded has to be there still. At the end one refresh has to bring all in line.
"""

from __future__ import annotations

import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

from qabot.engine import Engine
from qabot.errors import NoIndexError
from qabot.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
QUESTION = "How many crowns did the bridge of Arden cost?"
_WORK = """
import sys, itertools
from dataclasses import replace
from pathlib import Path
from qabot.engine import Engine
from qabot.settings import Settings
seeds, embeddings, kind = sys.argv[1:]
engine = Engine(Settings(paths=replace(Settings().paths, seeds=seeds, embeddings=embeddings)))
engine.encoders.for_building(0)
print("begun", flush=True)
for number in itertools.count():
    if kind == "refresh":
        # As editors save: killed between emptying it and writing, an article would be empty, and rightly told so.
        aside = Path(seeds, ".mayor.txt.part")
        aside.write_text(f"The bridge of Arden cost {40 + number % 9} million crowns. It is new.")
        aside.replace(Path(seeds, "mayor.txt"))
    engine.refresh(rebuild=kind == "rebuild")
    if kind == "first build":
        break
"""


def main() -> None:
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    dice, seen, wrong = random.Random(seed), Counter[str](), 0
    with tempfile.TemporaryDirectory() as folder:
        seeds, embeddings, fresh = Path(folder, "seeds"), Path(folder, "embeddings"), Path(folder, "fresh")
        shutil.copytree(ROOT / "seeds", seeds)
        (seeds / "mayor.txt").write_text("The bridge of Arden cost 40 million crowns. It is new.")
        settings = Settings(paths=replace(Settings().paths, seeds=str(seeds), embeddings=str(embeddings)))
        Engine(settings).prepare()
        for number in range(kills):
            kind = ("refresh", "rebuild", "first build")[number % 3]
            where = embeddings
            if kind == "first build":
                shutil.rmtree(fresh, ignore_errors=True)
                fresh.mkdir()
                (fresh / "models").symlink_to(embeddings / "models")
                where = fresh
            process = subprocess.Popen(
                [sys.executable, "-c", _WORK, str(seeds), str(where), kind], cwd=ROOT, stdout=subprocess.PIPE
            )
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(dice.expovariate(1 / 0.4) if kind != "first build" else dice.uniform(0, 6))
            process.send_signal(signal.SIGKILL)
            process.wait()
            found = _asked(replace(settings, paths=replace(settings.paths, embeddings=str(where))))
            seen[f"{kind}: {found}"] += 1
            if found not in ("answers", "no index yet") or (found == "no index yet" and kind != "first build"):
                wrong += 1
                print(f"kill {number} of a {kind}: {found}", flush=True)
        report = Engine(settings).refresh()
        left = sorted(file.name for file in embeddings.glob("*") if file.suffix in (".aside", ".faiss"))
        print(f"after all: generation {report.generation}, {len(left)} vector files")
    for what, count in sorted(seen.items()):
        print(f"{count:5}  {what}")
    print(f"{kills - wrong} of {kills} survived")


def _asked(settings: Settings) -> str:
    """What an index is like that nobody mends first."""
    file = settings.embeddings / "index.sqlite"
    if file.exists():
        database = sqlite3.connect(file)
        sound = database.execute("PRAGMA integrity_check").fetchone()[0]
        database.close()
        if sound != "ok":
            return f"damaged: {sound}"
    engine = Engine(settings, auto_refresh=False)
    try:
        answer = engine.ask(QUESTION)
    except NoIndexError:
        return "no index yet"
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    finally:
        engine.close()
    # The edit under way may have taken its words from the file; then they are left out, and said.
    left_out = any("has changed since it was indexed" in note for note in answer.notes)
    held = all(found.state == "holds" for found in engine.verify(answer))
    return "answers" if held and ("million crowns" in answer.answer or left_out) else f"answers {answer.answer!r}"


if __name__ == "__main__":
    main()
