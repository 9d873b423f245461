"""What is wanted of a question that asks for no fact."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from qabot.engine import Engine
from qabot.questions import Conversation, Examples, understand
from qabot.questions.intents import is_foreign, topic_of, without_names


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("tl;dr", "gist"),
        ("can you sum up the Courier piece for me", "gist"),
        ("what are these stories about?", "gist"),
        ("recap of the ferry fire", "gist"),
        ("what does the Courier article say about the ferry", "question"),
        ("who is the author of the Courier piece?", "author"),
        ("what date was the Courier article published?", "published"),
        ("what are the sources of the Courier report?", "sources"),
        ("what time span do the reports cover?", "period"),
        ("is there a link to the article?", "link"),
        ("Should ferries be banned?", "opinion"),
        ("who do you believe?", "opinion"),
        ("Was the evacuation a mistake?", "opinion"),
        ("Who wrote Das Kapital?", "question"),
        ("When was the novel Emma published?", "question"),
        ("What are the talks about?", "question"),
        ("What is the main source of energy in Norway?", "question"),
        ("What did the Courier report about the fire?", "question"),
        ("Is the war over?", "question"),
        ("who runs News Corp", "question"),
        ("What is News Corp?", "question"),
    ],
)
def test_the_kind_is_that_of_the_examples_it_is_near_to(samples: Engine, question: str, kind: str) -> None:
    examples, encoder = Examples(samples.settings.embeddings / "models"), samples.encoder
    assert understand(question, Conversation(), kind_of=lambda text: examples.kind_of(text, encoder)).kind == kind


@pytest.mark.parametrize(
    ("question", "about"),
    [
        ("what news outlets do you have?", "outlets"),
        ("what stories do you have?", "articles"),
        ("how do you work?", "help"),
    ],
)
def test_questions_about_the_bot_are_known_by_example_too(samples: Engine, question: str, about: str) -> None:
    examples, encoder = Examples(samples.settings.embeddings / "models"), samples.encoder
    assert understand(question, Conversation(), kind_of=lambda text: examples.kind_of(text, encoder)).of_bot == about


def test_a_damaged_cache_of_examples_is_made_anew(samples: Engine, tmp_path: Path) -> None:
    assert Examples(tmp_path).kind_of("tl;dr", samples.encoder) == "gist"
    (file,) = tmp_path.glob("intents-*.npy")
    vectors = np.load(file)
    file.write_bytes(file.read_bytes()[:200])
    assert Examples(tmp_path).kind_of("tl;dr", samples.encoder) == "gist"
    assert np.array_equal(np.load(file), vectors)


def test_a_folder_that_is_not_there_is_no_failure(samples: Engine, tmp_path: Path) -> None:
    assert Examples(tmp_path / "nowhere").kind_of("tl;dr", samples.encoder) == "gist"


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        ("tldr on the ferry fire", "the ferry fire"),
        ("summarize the article about the ferry", "the ferry"),
        ("quick summary of the Courier article", ""),
        ("give me the key takeaways", ""),
        ("when was the ferry article published?", "ferry"),
    ],
)
def test_the_topic_is_what_is_left_of_the_question(question: str, topic: str) -> None:
    assert topic_of(question, ("Daily Courier",)) == topic


def test_names_are_masked() -> None:
    assert without_names("who wrote the courier article?", ["courier"]) == "who wrote the X article?"
    assert without_names("What does Lars Endersen say?") == "What does X say?"


@pytest.mark.parametrize(
    ("question", "foreign"),
    [
        ("Что сказал Лавров?", True),
        ("¿Qué dijo el capitán sobre el fuego?", True),
        ("Wie viel hat das gekostet?", True),
        ("What is a coup d'etat?", False),
        ("ferry fyre norvik", False),
        ("Who is Angela de la Cruz?", False),
    ],
)
def test_another_language_is_told_from_english(question: str, foreign: bool) -> None:
    assert is_foreign(question) == foreign
