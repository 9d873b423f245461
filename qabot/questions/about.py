"""Questions about the bot itself: greetings, what it can do, which articles it has."""

from __future__ import annotations

import re
from typing import Literal

About = Literal["greeting", "thanks", "help", "articles", "outlets", "language"]

_PATTERNS: tuple[tuple[About, re.Pattern[str]], ...] = (
    ("greeting", re.compile(r"^(?:hi|hello|hey|hiya|yo|hallo|good (?:morning|afternoon|evening|day)|greetings|howdy)(?: there| qabot| bot| all| everyone)?[\s!.,?]*$")),
    ("thanks", re.compile(r"^(?:ok(?:ay)?,? )?(?:thanks?(?: you)?(?: a lot| so much| very much)?|thank you(?: very much| so much)?|thx|ty|cheers|great|cool|nice|perfect|lol|ok(?:ay)?|good bot|bye|goodbye)[\s!.,]*$")),
    ("articles", re.compile(
        r"^(?:(?:which|what) (?:articles?|sources?|documents?|files?|reports?|reporting) (?:do you (?:have|know|hold|read|cover|use)|have you (?:got|read)|are (?:there|in (?:here|the (?:index|collection))|you based on|available|indexed|loaded))|"
        r"(?:list|show)(?: me)?(?: all)?(?: of)?(?: the| your)? (?:articles|sources|documents|files)|how many (?:articles|documents|sources|files) (?:do you have|are there(?: in (?:the )?(?:index|collection))?|have you(?: got| read)?))[\s?!.]*$")),
    ("outlets", re.compile(r"^(?:which|what|list(?: all)?(?: the)?) (?:outlets?|newspapers?|publications|media)(?: (?:do you (?:have|know|hold|read|cover|use)|are (?:there|in (?:here|the (?:index|collection))|covered|included|available)))?[\s?!.]*$")),
    ("help", re.compile(
        r"^(?:help(?: me)?|what (?:can|do) you (?:do|answer|know(?: about)?|help(?: me)? with)|what can i ask(?: you)?(?: about)?|who (?:are|made) you|what are you|are you (?:a )?(?:bot|human|ai|there|real|a robot)|"
        r"how (?:do|does|can) (?:you|this|this bot|i (?:use (?:you|this)|ask))(?: work)?|what is (?:this|qabot)|what (?:kind|kinds|sort|sorts) of questions (?:can|do) (?:you|i) (?:answer|ask))[\s?!.]*$")),
)  # fmt: skip


def about_the_bot(question: str) -> About | None:
    """What of itself is asked for, where the words of the question decide that."""
    lowered = " ".join(question.casefold().replace("’", "'").split())
    return next((kind for kind, pattern in _PATTERNS if pattern.match(lowered)), None)
