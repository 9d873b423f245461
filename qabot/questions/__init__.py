"""A question and the conversation so far -> what is asked, before anything is searched."""

from qabot.questions.about import About
from qabot.questions.asked import Asked
from qabot.questions.clean import MAX_QUESTION_CHARACTERS, clean_question
from qabot.questions.conversation import MAX_TURNS, Cited, Conversation, Turn
from qabot.questions.intents import Examples, Kind
from qabot.questions.named import Named
from qabot.questions.period import Period
from qabot.questions.pointing import Intent
from qabot.questions.understand import understand

__all__ = [
    "MAX_QUESTION_CHARACTERS",
    "MAX_TURNS",
    "About",
    "Asked",
    "Cited",
    "Conversation",
    "Examples",
    "Intent",
    "Kind",
    "Named",
    "Period",
    "Turn",
    "clean_question",
    "understand",
]
