from __future__ import annotations

import pytest

from qabot.errors import UsageError
from qabot.questions import Conversation
from qabot.questions.conversation import MAX_TURNS, Cited, Turn
from qabot.questions.follow_up import standalone


def after(question: str, answer: str = "", searched_for: str = "") -> Conversation:
    return Conversation((Turn(question, searched_for or question, "answered", (answer,), (Cited("a.md", 0, 9),)),))


WATSON = after("Who speaks for the Security Council?", "Adrienne Watson, its spokeswoman, declined to comment. [1]")


@pytest.mark.parametrize(
    ("conversation", "question", "asked"),
    [
        (WATSON, "And how old is she?", "How old is Adrienne Watson?"),
        (after("Who is Andy Harris?"), "Where were his parents from?", "Where were Andy Harris's parents from?"),
        (after("What did the CIA expect?"), "and the Pentagon?", "What did the Pentagon expect?"),
        (after("What was asked for in 2023?"), "what about 2022?", "What was asked for in 2022?"),
        (after("Why did aid run out?"), "why?", "Why? Why did aid run out?"),
    ],
)
def test_a_follow_up_is_made_whole(conversation: Conversation, question: str, asked: str) -> None:
    follow_up = standalone(question, conversation)
    assert follow_up.asked.casefold() == asked.casefold()
    assert follow_up.about is conversation.turns[-1]


@pytest.mark.parametrize(
    "question", ["And how much more was asked for?", "How large was that error?", "Why does it matter?"]
)
def test_what_points_back_without_a_name_takes_the_question_before_along(question: str) -> None:
    before = after("How much aid has been given to Ukraine?")
    assert standalone(question, before).text == f"How much aid has been given to Ukraine? {question}"


@pytest.mark.parametrize(
    "question",
    [
        "What did Milley say about his plans?",
        "Where did Burns meet Naryskin?",
        "How many drones did Russia shoot down over the Crimean Bridge?",
        "What did the Gallup poll of 2023 find?",
        "What is the boiling point of lead?",
    ],
)
def test_a_new_topic_does_not_drag_the_old_one_along(question: str) -> None:
    follow_up = standalone(question, WATSON)
    assert follow_up.text == question and follow_up.about is None


@pytest.mark.parametrize(
    ("question", "intent"),
    [
        ("show me more", "more"),
        ("Anything else?", "more"),
        ("When was that published?", "published"),
        ("How old is that article?", "published"),
        ("Who reported that?", "source"),
        ("What's your source?", "source"),
        ("Who said that?", "question"),
    ],
)
def test_what_is_wanted_of_an_answer_is_told_apart(question: str, intent: str) -> None:
    assert standalone(question, WATSON).intent == intent


def test_only_the_last_questions_are_carried_along() -> None:
    long = after("And then?", searched_for="Who is A? " * 200 + "What did Harris say? And then?")
    assert len(standalone("why?", long).text) < 320


def test_a_conversation_is_bounded_and_comes_back_from_json() -> None:
    conversation = WATSON
    for number in range(20):
        turn = Turn(f"Question {number}?", f"Question {number}?", "answered", ("x",), ())
        conversation = Conversation((*conversation.turns, turn)[-MAX_TURNS:])
    assert len(conversation.turns) == MAX_TURNS
    assert Conversation.from_json(conversation.to_json()) == conversation
    with pytest.raises(UsageError, match="cannot be read"):
        Conversation.from_json('{"turns": 3}')
