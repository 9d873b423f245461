"""Floors under the figures of `qabot eval`: a change that costs quality fails here."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from qabot.engine import Engine
from qabot.errors import UsageError
from qabot.evaluation import by_type, evaluate, read_gold
from qabot.evaluation.measure import fold
from tests.conftest import ROOT, SHARED, over

GOLD = ROOT / "tests" / "gold" / "seeds.jsonl"


def test_the_gold_questions_are_many_of_every_kind_and_their_evidence_stands_in_seeds() -> None:
    questions = read_gold(GOLD)
    kinds = [question.type for question in questions]
    assert len(questions) >= 60 and kinds.count("unanswerable") >= 15 and len(set(kinds)) == 5
    for question in questions:
        texts = [fold(file.read_text()) for doc in question.docs for file in (ROOT / "seeds").glob(f"{doc}*")]
        for piece in question.evidence:
            for alternative in piece:
                assert any(fold(alternative) in text for text in texts), (question.id, alternative)
        assert question.need == (len(question.evidence) if question.type == "multi" else question.need)


def test_own_questions_over_the_samples(samples: Engine) -> None:
    figures = by_type(evaluate(samples, read_gold(GOLD)))
    total = figures["all"]
    assert total.recall_at_1 is not None and total.recall_at_1 >= 0.83
    assert total.recall_at_3 is not None and total.recall_at_3 >= 0.95
    assert total.recall_at_5 is not None and total.recall_at_5 >= 0.96
    assert figures["fact"].recall_at_1 is not None and figures["fact"].recall_at_1 >= 0.93
    assert figures["followup"].recall_at_3 is not None and figures["followup"].recall_at_3 >= 0.95
    assert figures["followup"].answer_hit is not None and figures["followup"].answer_hit >= 0.58
    assert total.answer_hit is not None and total.answer_hit >= 0.75
    assert total.caught is not None and total.caught >= 0.3
    assert total.wrong_abstentions is not None and total.wrong_abstentions <= 0.09  # 6 of 69
    assert total.exact_quotes == 1.0
    assert total.characters is not None and total.characters <= 370


def test_questions_that_sound_answerable_and_those_that_are(samples: Engine) -> None:
    questions = read_gold(ROOT / "tests" / "gold" / "hard.jsonl")
    assert sum(question.answerable for question in questions) >= 150
    assert sum(not question.answerable for question in questions) >= 150
    total = by_type(evaluate(samples, questions[::2]))["all"]
    assert total.answer_hit is not None and total.answer_hit >= 0.94
    assert total.caught is not None and total.caught >= 0.46
    assert total.wrong_abstentions is not None and total.wrong_abstentions <= 0.05
    assert total.exact_quotes == 1.0


def test_public_questions_over_the_devset(tmp_path: Path, models: Path) -> None:
    if not (SHARED / "devset").is_dir():
        pytest.skip("the devset is not beside this checkout (../shared/devset)")
    # Every sixth article, and every third question that they answer or that none does: the suite has minutes.
    articles = sorted((SHARED / "devset" / "seeds").iterdir())[::6]
    (tmp_path / "devset").mkdir()
    for article in articles:
        shutil.copy(article, tmp_path / "devset")
    held = {article.name[:3] for article in articles}
    questions = [q for q in read_gold(SHARED / "devset" / "qa.jsonl") if held.issuperset(doc[:3] for doc in q.docs)]
    engine = over(tmp_path / "devset", tmp_path / "embeddings", models)
    total = by_type(evaluate(engine, questions[::3]))["all"]
    assert total.recall_at_1 is not None and total.recall_at_1 >= 0.93
    assert total.recall_at_3 is not None and total.recall_at_3 >= 0.98
    assert total.recall_at_5 is not None and total.recall_at_5 >= 0.99
    assert total.caught is not None and total.caught >= 0.9
    assert total.wrong_abstentions is not None and total.wrong_abstentions <= 0.06
    assert total.answer_hit is not None and total.answer_hit >= 0.88
    assert total.characters is not None and total.characters <= 370
    assert total.disagreements is not None and total.disagreements <= 0.01
    assert total.exact_quotes == 1.0


def test_a_question_over_the_scraped_articles_is_traced_to_the_character(scraped: Engine) -> None:
    answer = scraped.ask("What do the outlets report about Mark Milley's view of negotiations?")
    assert answer.status == "answered" and len(answer.passages) >= 5
    for passage in answer.passages:
        text = (scraped.settings.seeds / passage.article).read_bytes().decode()
        assert text[passage.start : passage.end] == passage.text and len(passage.text) <= 800
    assert any("Milley" in citation.quote for citation in answer.citations)


def test_a_broken_gold_file_is_named_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "gold.jsonl"
    file.write_text('\n{"id": "1"}\n')
    with pytest.raises(UsageError, match=r"gold\.jsonl, line 2"):
        read_gold(file)
