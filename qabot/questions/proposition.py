"""What a yes-or-no question supposes, for those who are asked about "it" next: "Is the US pressing for talks?"."""

from __future__ import annotations

import re

_YES_NO = re.compile(
    r"^(?:and |but |so |then )*(?P<auxiliary>is|are|was|were|has|have|had|will|would|can|could|should|may|might|must) "
    r"(?P<subject>(?:(?:the|a|an|his|her|their|its|our|any|some) )?(?:[A-Z][\w.’'-]*(?: [A-Z][\w.’'-]*)*|\w+)(?: and (?:the )?[A-Z]\w+)?) "
    r"(?P<rest>.+?)[\s?!.]*$",
)
_SAID = re.compile(
    r"\b(?:den(?:y|ies|ied)|confirm(?:s|ed)?|says?|said|claim(?:s|ed)?|believes?|disputes?|disputed|admits?|admitted|thinks?)(?P<object> (?:it|that|this|so))\W*$",
    re.IGNORECASE,
)


def supposed(question: str) -> str:
    """As a clause: "the US is pressing for talks"; nothing for a question that is not answered by yes or no."""
    found = _YES_NO.match(_opened(question))
    return f"{found['subject']} {found['auxiliary']} {found['rest']}" if found else ""


def matter(question: str) -> str:
    """As a noun phrase: "the US pressing for talks"; nothing where it cannot be made one."""
    found = _YES_NO.match(_opened(question))
    if found is None or not re.match(r"\w{2,}ing\b", found["rest"]):
        return ""
    return f"{found['subject']} {found['rest']}"


def said_of(question: str, clause: str) -> str | None:
    """ "Who denies it?" with the clause for "it"; ``None`` where nothing is said, denied or believed."""
    found = _SAID.search(question)
    return f"{question[: found.start('object')]} that {clause}?" if found else None


def _opened(question: str) -> str:
    return question[:1].lower() + question[1:]
