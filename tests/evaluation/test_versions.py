"""Stories made in two versions, to measure whether they are told apart."""

from __future__ import annotations

from pathlib import Path

from qabot.evaluation.gold import GoldQuestion
from qabot.evaluation.versions import make_stories

TEXTS = (
    "The Arden bridge near Norvik was opened by Olive Strand in 1931. It cost 40 million crowns.",
    "The harbour of Grent was closed by Lars Endersen in 1962 after a storm. Nobody from Ostby was there.",
    "The mill of Selby was built by Jon Hartvig in 1899. The river Ouse drives it.",
    "The school of Tarn was founded by Ada Brekke in 1910. Few came from Lund.",
)


def _gold(number: int, who: str, verb: str, piece: str) -> GoldQuestion:
    docs, answer = (f"{number:03}",), (who.lower(),)
    return GoldQuestion(who, "fact", f"Who {verb}?", True, docs=docs, evidence=((piece,),), answer=answer)


def test_one_version_differs_in_the_answer_and_another_event_in_names_and_years(tmp_path: Path) -> None:
    for number, text in enumerate(TEXTS):
        (tmp_path / f"{number:03}_place.txt").write_text(text)
    questions = [
        _gold(0, "Olive Strand", "opened the Arden bridge", "was opened by Olive Strand in 1931."),
        _gold(1, "Lars Endersen", "closed the harbour", "was closed by Lars Endersen in 1962 after a storm."),
        _gold(2, "Jon Hartvig", "built the mill", "was built by Jon Hartvig in 1899."),
        _gold(3, "Ada Brekke", "founded the school", "was founded by Ada Brekke in 1910."),
    ]
    stories = make_stories(tmp_path, questions, most=2)
    assert sorted(story.kind for story in stories) == ["another event"] * 2 + ["two versions"] * 2
    for story in stories:
        assert story.answer not in story.text and story.instead in story.text
        year = next(y for y in ("1931", "1962", "1899", "1910") if y in story.question.evidence[0][0])
        assert (year in story.text) is (story.kind == "two versions")
    assert stories == make_stories(tmp_path, questions, most=2)
