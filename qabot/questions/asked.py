"""The type that leaves this room: everything about a question before anything is searched."""

from __future__ import annotations

from dataclasses import dataclass

from qabot.questions.about import About
from qabot.questions.conversation import Turn
from qabot.questions.intents import Kind
from qabot.questions.named import NOTHING_NAMED, Named
from qabot.questions.period import Period
from qabot.questions.pointing import Intent


@dataclass(frozen=True, slots=True)
class Asked:
    """``question`` as it was typed, without what is short for something; ``searched_for`` as it stands alone.

    ``of_bot`` is set where the bot itself is asked about, and nothing is to be searched. ``kind`` is what is wanted
    where that is no fact, ``named`` the articles that are named, ``topic`` what a gist is to be of where not of whole
    articles. ``follows`` is the turn that is followed up on. ``polar`` questions are answered by yes or no;
    ``wants_denial`` is set where a denial is asked about; ``several`` wants a list. ``may_start`` is set where the
    question may not follow up on anything after all, which shows when there is no answer. ``others`` wants somebody or
    something else than was answered: "who else says so?".
    """

    question: str
    searched_for: str
    of_bot: About | None = None
    kind: Kind = "question"
    named: Named = NOTHING_NAMED
    topic: str = ""
    intent: Intent = "question"
    follows: Turn | None = None
    several: bool = False
    polar: bool = False
    wants_denial: bool = False
    period: Period | None = None
    may_start: bool = False
    others: bool = False


@dataclass(frozen=True, slots=True)
class FollowUp:
    """``text`` stands alone; ``about`` is the turn it follows up on, ``None`` where it starts a topic of its own.

    ``may_start`` is set where it follows up as it seems, and may be meant by itself: it names somebody or has some words
    of its own, and points at nothing said before.
    """

    text: str
    intent: Intent = "question"
    about: Turn | None = None
    may_start: bool = False
