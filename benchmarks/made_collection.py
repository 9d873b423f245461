"""Collections of any size that look like reporting: sentences of ../shared/devset recombined, with made-up names.

`python -m benchmarks.made_collection FOLDER SENTENCES` writes articles of twenty sentences each, the same ones for the
same size. Each sentence is another: the names in it are made up. Every article has a town and people of its own, and is
of one of forty outlets.
"""

from __future__ import annotations

import random
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DEVSET = ROOT.parent / "shared" / "devset" / "seeds"
SENTENCES_AN_ARTICLE = 20
_OUTLETS = 40

_STARTS = "Bel Ar Mor Tan Kel Vos Hal Ser Ost Lin Dra Fen Gal Nor Ple Ric Sul Tor Ven Wes".split()
_MIDDLES = "a e i o u an en in or ar el il am ev ov as".split()
_ENDS = "den mont ford wick by ham ton dale ster grad ova ville burg mouth field".split()
_FIRST = "Ann Bo Cal Dina Egon Fay Gus Hana Ivo Jana Karl Lea Mats Nora Otto Pia Rolf Sara Tom Una".split()
_NAME = re.compile(r"(?<=[a-z,;] )[A-Z][a-z]{3,}(?: [A-Z][a-z]{3,})*")


def make_collection(folder: Path, sentences: int, seed: int = 0) -> list[str]:
    """Writes the articles; gives a question for each hundredth of them, about what stands in it."""
    dice = random.Random(seed)
    pool = real_sentences()
    folder.mkdir(parents=True, exist_ok=True)
    outlets = [f"The {_place(dice)} Post" for _ in range(_OUTLETS)]
    questions = []
    articles = max(1, sentences // SENTENCES_AN_ARTICLE)
    for number in range(articles):
        town, person = _place(dice), f"{dice.choice(_FIRST)} {_place(dice)}"
        names = [town, person, _place(dice), f"{dice.choice(_FIRST)} {_place(dice)}"]
        lines = [f"{person} of {town} was asked about it on day {number}."]
        while len(lines) < SENTENCES_AN_ARTICLE:
            text = _renamed(dice.choice(pool), names, dice)
            lines.append(f"{text[:-1]}, {dice.choice(names)} said.")
        paragraphs = [" ".join(lines[at : at + 4]) for at in range(0, len(lines), 4)]
        head = (
            f"---\noutlet: {dice.choice(outlets)}\npublished: 2024-{1 + number % 12:02}-{1 + number % 28:02}\n---\n\n"
        )
        shelf = folder / f"{number // 500:03}"
        shelf.mkdir(exist_ok=True)
        (shelf / f"{number:05}.md").write_text(head + "\n\n".join(paragraphs) + "\n", encoding="utf-8")
        if number % max(1, articles // 100) == 0:
            subject = " ".join(lines[dice.randrange(1, 20)].split()[:9]).strip(",.;")
            questions.append(f"What did {person} say about {subject}?")
    return questions[:100]


def _renamed(sentence: str, names: list[str], dice: random.Random) -> str:
    return _NAME.sub(lambda found: dice.choice(names), sentence)


def real_sentences() -> list[str]:
    if not DEVSET.is_dir():
        sys.exit("../shared/devset is absent: there are no sentences to recombine.")
    found = []
    for file in sorted(DEVSET.glob("*.txt")):
        for sentence in re.split(r"(?<=[a-z)]\.)\s+", file.read_text(encoding="utf-8")):
            if 40 <= len(sentence) <= 260 and "\n" not in sentence and sentence.endswith("."):
                found.append(sentence)
    return found


def _place(dice: random.Random) -> str:
    return dice.choice(_STARTS) + dice.choice(_MIDDLES) + dice.choice(_ENDS)


if __name__ == "__main__":
    print("\n".join(make_collection(Path(sys.argv[1]), int(sys.argv[2]))))
