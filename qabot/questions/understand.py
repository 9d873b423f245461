"""A question and the conversation so far -> Asked."""

from __future__ import annotations

from qabot.language.answer_type import answer_type
from qabot.questions.about import about_the_bot
from qabot.questions.asked import Asked
from qabot.questions.clean import clean_question
from qabot.questions.conversation import Conversation
from qabot.questions.follow_up import standalone
from qabot.questions.parts import parts_of
from qabot.questions.period import period_of
from qabot.questions.several import asks_for_several, subject_of


def understand(question: str, conversation: Conversation) -> Asked:
    """``question`` is as ``clean_question`` gives it."""
    about = about_the_bot(question)
    if about is not None:
        return Asked(question, question, question, of_bot=about)
    follow_up = standalone(question, conversation)
    several = asks_for_several(follow_up.asked)
    alone = follow_up.asked == follow_up.text
    wording = subject_of(follow_up.asked) if several else follow_up.asked
    return Asked(
        question=question,
        searched_for=clean_question(wording if several and alone else follow_up.text),
        wording=wording,
        focus="" if alone else follow_up.asked,
        intent=follow_up.intent,
        follows=follow_up.about,
        answer_type=answer_type(wording),
        several=several,
        parts=() if several else tuple(parts_of(wording)),
        period=period_of(follow_up.asked),
    )
