"""What the cross-encoder is tuned on: rough questions, questions made of news, groups that compete."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from qabot.embedding import find_model
from qabot.embedding.cross_encoder import ADAPTER_FILE
from qabot.engine import Engine
from qabot.evaluation.made_questions import make_polar_question, make_question
from qabot.evaluation.rough import mistyped, roughen
from qabot.evaluation.training_groups import Asked, asked_of_articles, made_of_articles, make_group
from qabot.evaluation.training_pairs import TrainingArticle, TrainingQuestion, read_squad
from qabot.evaluation.training_sources import read_articles
from qabot.evaluation.tune_cross_encoder import groups_of, tune
from qabot.settings import DEFAULT_MODEL
from tests.evaluation.test_learning import _squad

SENTENCE = (
    "Ms Ada Brekke told reporters in Norvik on Monday that the yard would cut 1,200 jobs because of falling orders."
)
NEWS = (
    "Yard cuts jobs\n\n"
    f"{SENTENCE} The yard lost 40 million crowns in 2019. Mr Jon Hartvig, its owner, did not comment in Ostby.\n"
    "Orders fell by 12% to $3.5bn last year, the company said. It has 4,800 workers in three countries."
)


def test_a_rough_question_is_the_same_for_the_same_seed_and_keeps_who_or_when_where_that_decides() -> None:
    question = "When did the mayor of Norvik open the new harbour?"
    rough = [roughen(question, random.Random(seed), keep_asking=True) for seed in range(200)]
    assert rough == [roughen(question, random.Random(seed), keep_asking=True) for seed in range(200)]
    assert len(set(rough)) > 50
    asking = [text for text in rough if "when" in text.lower().replace("whn", "when")]
    assert len(asking) == len(rough)


@pytest.mark.parametrize("seed", range(20))
def test_a_typing_error_changes_one_longer_word(seed: int) -> None:
    words = "who opened the harbour".split()
    changed = mistyped(words, random.Random(seed))
    assert len(changed) == len(words) and sum(a != b for a, b in zip(words, changed, strict=True)) <= 1
    assert changed[0] == "who" and changed[2] == "the"


def test_a_made_question_asks_for_what_it_leaves_out() -> None:
    kinds = set()
    for seed in range(300):
        made = make_question(SENTENCE, lambda word: 0.5, random.Random(seed))
        assert made is not None
        answer = SENTENCE[made.start : made.end]
        assert answer.casefold() not in made.text.casefold()
        kinds.add(answer)
    assert {"on Monday", "1,200", "Norvik"} <= kinds
    assert make_question("nothing.", lambda word: 0.5, random.Random(0)) is None


@pytest.mark.parametrize(
    ("sentence", "begins"),
    [
        ("The yard has not cut 1,200 jobs, the union said.", "has the yard cut"),
        ("The yard carried its cranes to Ostby.", "did the yard carry"),
        ("Ms Brekke didn't sign the lease of the yard.", "did Ms Brekke sign"),
        ("Norvik was closed by the mayor.", "was Norvik closed"),
    ],
)
def test_a_statement_is_asked_for_by_yes_or_no(sentence: str, begins: str) -> None:
    made = make_polar_question(sentence, random.Random(0))
    assert made is not None and made.startswith(begins)


@pytest.mark.parametrize(
    "sentence", ["It has been sold to a firm.", "Sold, at last!", "When it was sold, people wept."]
)
def test_nothing_is_asked_of_what_is_not_named(sentence: str) -> None:
    assert make_polar_question(sentence, random.Random(0)) is None


def test_a_group_has_its_answer_first_or_none(tmp_path: Path, samples: Engine) -> None:
    chance = random.Random(0)
    (tmp_path / "001.txt").write_text(NEWS)
    asked = [
        *asked_of_articles(read_squad(_squad(tmp_path / "squad.json")), samples.encoder),
        *made_of_articles(read_articles(tmp_path), samples.encoder, chance),
    ]
    assert {"Mayor Olive Strand", "1962"} <= {_answer(one) for one in asked}
    assert any(one.made for one in asked) and any(one.home is None for one in asked)
    groups = [(one, make_group(one, chance)) for one in asked for _ in range(40)]
    for one, group in groups:
        assert 1 <= len(group.texts) <= 4
        assert not group.answered or one.home is not None
        assert (group.span is not None) == group.answered
        if group.span is not None:
            assert group.texts[0][slice(*group.span)] == _answer(one)
    answered = [group.answered for one, group in groups if one.home is not None]
    assert 0.6 < sum(answered) / len(answered) < 0.95, "now and then none of them answers"


def _answer(asked: Asked) -> str:
    return "" if asked.home is None or asked.span is None else asked.home.text[slice(*asked.span)]


def test_a_sentence_answers_though_its_words_are_not_told_and_others_compete_from_elsewhere(samples: Engine) -> None:
    answer = "It was closed for the winter."
    question = TrainingQuestion("When was the mill closed?", ((answer, 0, 0),), words_known=False)
    articles = [
        TrainingArticle("Mill", (answer,), (question,)),
        TrainingArticle("Quay", ("The quay was closed in 1962. It was built by masons.",), ()),
    ]
    asked = asked_of_articles(articles, samples.encoder)
    assert {sentence.title for one in asked for sentence in one.far} == {"Quay"}
    groups = [make_group(asked[0], random.Random(seed)) for seed in range(20)]
    assert any(group.answered for group in groups) and all(group.span is None for group in groups)


def test_tuning_changes_the_later_layers_and_leaves_the_first(tmp_path: Path, samples: Engine) -> None:
    from safetensors.torch import load_file

    asked = list(asked_of_articles(read_squad(_squad(tmp_path / "squad.json")), samples.encoder))
    groups = groups_of([(1.0, asked)], random.Random(0))
    before = load_file(str(ADAPTER_FILE))
    after = tune(groups, 8, find_model(DEFAULT_MODEL), ADAPTER_FILE, threads=1)
    assert {name: tensor.shape for name, tensor in after.items()} == {n: t.shape for n, t in before.items()}
    changed = {name for name in before if not np.array_equal(before[name].float().numpy(), after[name].float().numpy())}
    assert any(name.startswith("encoder.layer.5.") for name in changed)
    assert not any(name.startswith(("encoder.layer.0.", "encoder.layer.1.")) for name in changed)


def test_an_adapter_may_grow_in_rank_and_what_has_no_sentences_is_passed_over(tmp_path: Path, samples: Engine) -> None:
    asked = list(asked_of_articles(read_squad(_squad(tmp_path / "squad.json")), samples.encoder))
    lonely = Asked("Who fell?", None, None, ())  # of which no group comes
    groups = groups_of([(0.5, asked), (0.5, [lonely])], random.Random(0))
    after = tune(groups, 8, find_model(DEFAULT_MODEL), ADAPTER_FILE, threads=1, rank=24)
    ranks = {tensor.shape[0] for name, tensor in after.items() if name.endswith(".down") and ".layer.5." in name}
    assert ranks == {24}
