"""What is learned: the material, and that the shipped weights fit the features."""

from __future__ import annotations

import json
from pathlib import Path

from qabot.answers.weights import load_weights
from qabot.engine import Engine
from qabot.evaluation.training_pairs import make_pairs, read_squad

PARAGRAPHS = [
    "The Arden bridge was opened by Mayor Olive Strand in 1931. It cost 40 million crowns. Engineers from Norvik had planned it.",
    "The harbour of Grent closed in 1962 after a storm. Captain Lars Endersen was the last to leave it with his ship.",
]


def _squad(file: Path) -> Path:
    def question(text: str, answer: str, context: str) -> dict[str, object]:
        return {
            "question": text,
            "id": text,
            "is_impossible": False,
            "answers": [{"text": answer, "answer_start": context.index(answer)}],
        }

    first, second = PARAGRAPHS
    paragraphs = [
        {"context": first, "qas": [question("Who opened the Arden bridge in 1931?", "Mayor Olive Strand", first)]},
        {
            "context": second,
            "qas": [
                question("When did the harbour of Grent close?", "1962", second),
                {"question": "Who sank the ship at Grent?", "id": "4", "is_impossible": True, "answers": []},
            ],
        },
    ]
    file.write_text(json.dumps({"data": [{"title": "Arden", "paragraphs": paragraphs}]}))
    return file


def test_pairs_hold_the_answer_at_its_span_and_swapped_questions_have_none(tmp_path: Path, samples: Engine) -> None:
    (article,) = read_squad(_squad(tmp_path / "squad.json"))
    pairs = list(make_pairs(article, samples.encoder))
    spans = {pair.question: pair.text[slice(*pair.span)] for pair in pairs if pair.span}
    assert spans == {
        "Who opened the Arden bridge in 1931?": "Mayor Olive Strand",
        "When did the harbour of Grent close?": "1962",
    }
    without = [pair for pair in pairs if pair.span is None]
    assert any(pair.question == "Who sank the ship at Grent?" for pair in without)
    swapped = [pair for pair in without if pair.question not in {q.text for q in article.questions}]
    assert swapped and all(pair.question not in pair.text for pair in swapped)
    assert pairs == list(make_pairs(article, samples.encoder)), "the same seed gives the same pairs"


def test_the_shipped_weights_name_exactly_the_features_and_carry_their_figures() -> None:
    from qabot.answers.candidates import FEATURES
    from qabot.answers.decide import FEATURES as ANSWERABLE_FEATURES
    from qabot.answers.decide import OF_READINGS as _OF_READINGS
    from qabot.answers.rank import READ_FEATURES

    weights = load_weights()
    assert tuple(weights.retrieved.weights) == FEATURES
    assert tuple(weights.read.weights) == READ_FEATURES
    assert tuple(weights.answerable.weights) == ANSWERABLE_FEATURES
    assert set(weights.answerable_unread.weights) == set(ANSWERABLE_FEATURES) - _OF_READINGS
    assert 0 < weights.answer_from.few_articles < 1 and 0 < weights.answer_from.many_articles < 1
    assert any("caught" in name for name in weights.figures)
