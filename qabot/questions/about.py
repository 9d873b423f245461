"""Questions about the bot itself: greetings, what it can do, which articles it has."""

from __future__ import annotations

import re
from typing import Literal

About = Literal["greeting", "thanks", "help", "articles"]

_PATTERNS: tuple[tuple[About, re.Pattern[str]], ...] = (
    ("greeting", re.compile(r"^(?:hi|hello|hey|hallo|good (?:morning|afternoon|evening|day)|greetings|howdy)(?: there| qabot| bot| all| everyone)?[\s!.,?]*$")),
    ("thanks", re.compile(r"^(?:thanks?(?: you)?|thank you(?: very much| so much)?|thx|cheers|great|ok(?:ay)?|good bot|bye|goodbye)[\s!.,]*$")),
    ("articles", re.compile(
        r"^(?:(?:which|what) (?:articles?|sources?|outlets?|documents?|files?|reports?|reporting) (?:do you (?:have|know|hold|read|cover|use)|have you (?:got|read)|are (?:there|in (?:here|the (?:index|collection))|you based on|available|indexed|loaded))|"
        r"(?:list|show)(?: me)?(?: all)?(?: of)?(?: the| your)? (?:articles|sources|documents|files)|how many (?:articles|documents|sources|files) (?:do you have|are there(?: in (?:the )?(?:index|collection))?|have you(?: got| read)?))[\s?!.]*$")),
    ("help", re.compile(
        r"^(?:help(?: me)?|what (?:can|do) you (?:do|answer|know(?: about)?|help(?: me)? with)|what can i ask(?: you)?(?: about)?|who (?:are|made) you|what are you|are you (?:a )?(?:bot|human|ai|there|real|a robot)|"
        r"how (?:do|does|can) (?:you|this|this bot|i (?:use (?:you|this)|ask))(?: work)?|what is (?:this|qabot)|what (?:kind|kinds|sort|sorts) of questions (?:can|do) (?:you|i) (?:answer|ask))[\s?!.]*$")),
)  # fmt: skip


def about_the_bot(question: str) -> About | None:
    lowered = " ".join(question.casefold().replace("’", "'").split())
    return next((kind for kind, pattern in _PATTERNS if pattern.match(lowered)), None)
