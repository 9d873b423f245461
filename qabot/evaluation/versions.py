"""`python -m qabot.evaluation.versions SEEDS QUESTIONS`: stories in two versions, and how they are told apart.

Beside the articles of SEEDS stand retellings: the sentences around an answer as another article, the answer in them
replaced by another of its kind. A question about it should be answered with both. Of as many others the retelling is
of another event - another year, other names - and nothing in it contradicts anything.
"""

from __future__ import annotations

import argparse
import random
import re
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from qabot.answers import Answer
from qabot.engine import Engine
from qabot.evaluation.gold import GoldQuestion, read_gold
from qabot.evaluation.measure import fold
from qabot.language.answer_type import AnswerType, answer_type
from qabot.passages.sentences import sentence_spans
from qabot.settings import PathSettings, Settings

Kind = Literal["two versions", "another event"]

_AROUND = 2  # sentences of the story before and after the one that answers
_MOST_WORDS = 6  # of an answer that is replaced
_NUMBER = re.compile(r"\d[\d,.]*\d|\d")
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{2,}(?: [A-Z][a-z]{2,})*")
_YEAR = re.compile(r"\b1[0-9]\d\d\b|\b20[0-2]\d\b")


@dataclass(frozen=True, slots=True)
class Story:
    """``text`` is the retelling, in which ``instead`` stands for the first version's ``answer``."""

    kind: Kind
    question: GoldQuestion
    answer: str
    instead: str
    text: str


@dataclass(frozen=True, slots=True)
class Shown:
    """``differing``: positions are set side by side; ``both``: the answer has both versions' words."""

    story: Story
    answer: Answer
    differing: bool
    both: bool


def make_stories(seeds: Path, questions: Sequence[GoldQuestion], most: int, seed: int = 0) -> list[Story]:
    """At most ``most`` of each kind, the same ones for the same ``seed``."""
    chance = random.Random(seed)
    texts = {file.name[:3]: file.read_text(encoding="utf-8") for file in sorted(seeds.glob("*.txt"))}
    found = [found for question in questions for found in [_answered_in(question, texts)] if found]
    answers = [(answer_type(question.question), text[start:end]) for question, text, start, end in found]
    names = sorted({name for text in texts.values() for name in _NAME.findall(text)})
    chance.shuffle(found)
    stories: list[Story] = []
    lines_used: set[tuple[str, tuple[int, int]]] = set()
    for question, text, start, end in found:
        told_apart = sum(story.kind == "another event" for story in stories)
        kind: Kind = "another event" if told_apart <= len(stories) / 2 and told_apart < most else "two versions"
        if len(stories) - told_apart >= most and kind == "two versions":
            break
        line = text.rfind("\n", 0, start) + 1, (text.find("\n", end) + 1 or len(text) + 1) - 1
        spans = list(sentence_spans(text, *line))
        home = next((n for n, (s, e) in enumerate(spans) if s <= start and end <= e), None)
        answer = text[start:end]
        instead = _another(answer, answers, question.question, text, chance)
        if home is None or instead is None or (question.docs[0], line) in lines_used:
            continue
        told = []
        for n in range(max(0, home - _AROUND), min(len(spans), home + _AROUND + 1)):
            s, e = spans[n]
            if n == home:
                told.append(text[s:start] + instead + text[end:e])
            elif chance.random() < 0.75:
                told.append(text[s:e])
        retelling = " ".join(told)
        if kind == "another event":
            retelling = _of_another_event(retelling, instead, names, chance)
            own = _of_another_event(text[slice(*spans[home])], answer, names, chance)
            if own == text[slice(*spans[home])]:
                continue  # nothing in the sentence says which event it is
        lines_used.add((question.docs[0], line))
        stories.append(Story(kind, question, answer, instead, retelling))
    return stories


def _answered_in(question: GoldQuestion, texts: dict[str, str]) -> tuple[GoldQuestion, str, int, int] | None:
    """The text that answers, and where the answer's words stand in it."""
    if not question.answerable or len(question.evidence) != 1 or len(question.docs) != 1:
        return None
    text = texts.get(question.docs[0], "")
    for piece in question.evidence[0]:
        at = text.find(piece)
        match = re.search(rf"(?<!\w)(?:{question.answer[0]})(?!\w)", piece, re.IGNORECASE)
        if at >= 0 and match and len(match.group().split()) <= _MOST_WORDS:
            return question, text, at + match.start(), at + match.end()
    return None


def _another(
    answer: str, answers: Sequence[tuple[AnswerType, str]], question: str, text: str, chance: random.Random
) -> str | None:
    """Words of the answer's kind that stand neither in the question nor in the story."""
    number = _NUMBER.search(answer)
    if number:
        digits = number.group()
        changed = "".join(str((int(c) + chance.randrange(1, 9)) % 9 + 1) if c.isdigit() else c for c in digits[-2:])
        return answer[: number.start()] + digits[:-2] + changed + answer[number.end() :]
    like = [
        other
        for kind, other in answers
        if kind == answer_type(question)
        and other[:1].isupper() == answer[:1].isupper()
        and len(other.split()) == len(answer.split())
        and not _NUMBER.search(other)
        and fold(other) not in fold(text)
        and fold(other) not in fold(question)
    ]
    return chance.choice(like) if like else None


def _of_another_event(retelling: str, instead: str, names: Sequence[str], chance: random.Random) -> str:
    """Every other name and year replaced, each the same way wherever it stands."""
    put: dict[str, str] = {}

    def other(match: re.Match[str]) -> str:
        old = match.group()
        if old in instead:
            return old
        if old.isdigit():
            return put.setdefault(old, str(int(old) + chance.choice((-31, -12, 7, 16))))
        return put.setdefault(old, chance.choice(names))

    return _NAME.sub(other, _YEAR.sub(other, retelling))


def show(story: Story, engine: Engine) -> Shown:
    answer = engine.ask(story.question.question)
    said = fold(answer.answer)
    return Shown(story, answer, bool(answer.disagreements), fold(story.answer) in said and fold(story.instead) in said)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seeds", type=Path)
    parser.add_argument("questions", type=Path, help="gold questions over them, with evidence")
    parser.add_argument("--most", type=int, default=100, help="stories of each kind")
    parser.add_argument("--embeddings", type=Path, help="kept from run to run; else made anew")
    parser.add_argument("--show", action="store_true", help="each story that is not as it should be")
    arguments = parser.parse_args()
    stories = make_stories(arguments.seeds, read_gold(arguments.questions), arguments.most)
    with tempfile.TemporaryDirectory() as aside:
        seeds = Path(aside) / "seeds"
        shutil.copytree(arguments.seeds, seeds)
        for number, story in enumerate(stories):
            (seeds / f"version-{number:03}.txt").write_text(story.text + "\n", encoding="utf-8")
        paths = PathSettings(str(seeds), str(arguments.embeddings or Path(aside) / "embeddings"))
        with Engine(replace(Settings(), paths=paths)) as engine:
            shown = [show(story, engine) for story in stories]
    for kind in ("two versions", "another event"):
        own = [s for s in shown if s.story.kind == kind]
        print(
            f"{kind}: {len(own)} stories, {sum(s.differing for s in own)} set side by side, "
            f"{sum(s.differing and s.both for s in own)} with both versions' words, "
            f"{sum(s.both for s in own)} with both in any form"
        )
        for s in own if arguments.show else ():
            if (s.differing and s.both) != (kind == "two versions"):
                print(f"- {s.story.question.question} {s.story.answer!r} {s.story.instead!r}\n{s.answer.answer}\n")


if __name__ == "__main__":
    main()
