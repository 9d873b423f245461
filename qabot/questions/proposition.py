"""What a question supposes, for those who are asked about "it" next: "Is the US pressing for talks?", "Why did it?"."""

from __future__ import annotations

import re

_OPENS = r"^(?:and |but |so |then )*"
_SUBJECT = (
    r"(?P<subject>(?:(?:the|a|an|his|her|their|its|our|any|some) )?"
    # "Ukraine's leadership", "the Ukrainian leadership", "the White House", "the mayor and Ann Poole".
    r"(?:[\w-]+['’]s (?!(?:not|a|an|the)\b)\w+|(?<=the )\w+(?:ian|ish|ese|can) \w+|[A-Z][\w.’'-]*(?: [A-Z][\w.’'-]*)*|white house|\w+)"
    r"(?: and (?:the )?[A-Z]\w+)?)"
)
_YES_NO = re.compile(
    rf"{_OPENS}(?P<auxiliary>is|are|was|were|has|have|had|will|would|can|could|should|may|might|must) {_SUBJECT} "
    r"(?P<rest>.+?)[\s?!.]*$",
)
# Where it is plain what the subject is: "the senior" of "the senior official" is not.
_DID = re.compile(
    rf"{_OPENS}(?P<auxiliary>do|does|did) (?!(?:you|we|i)\b|(?:the|an?|his|her|their|its|our|any|some) [a-z]+ [a-z]|[\w ]+ and (?:the|an?|his|her) )"
    rf"{_SUBJECT} (?P<rest>.+?)[\s?!.]*$"
)
# "Did the US push for talks", "why did the US push for talks": the auxiliary falls away.
_WITH_DO = re.compile(
    rf"{_OPENS}(?:(?:why|how|when|where) )?(?:do|does|did) (?P<clause>(?!you\b|we\b|i\b)\w.+?)[\s?!.]*$", re.IGNORECASE
)
_GERUND = re.compile(r"\w{2,}ing\b")
# "What does Ann Poole think about it?", "who is behind that?"
_ON_IT = re.compile(
    r"\b(?:(?:think|say|says|said|feel|know|hear|heard) (?:about|of)|behind|react(?:ed)? to|respond(?:ed)? to|comment(?:ed)? on|(?:dis)?agrees? with)"
    r"(?P<object> (?:it|that|this))\W*$",
    re.IGNORECASE,
)
_SAID = re.compile(
    r"\b(?:den(?:y|ies|ied)|confirm(?:s|ed)?|says?|said|claim(?:s|ed)?|believes?|disputes?|disputed|admits?|admitted|thinks?)(?P<object> (?:it|that|this|so))\W*$",
    re.IGNORECASE,
)


def supposed(question: str) -> str:
    """As a clause: "the US is pressing for talks", "the US did press for talks"; nothing for a question that is not
    answered by yes or no."""
    opened = _opened(question)
    if found := _YES_NO.match(opened) or _DID.match(opened):
        return f"{found['subject']} {found['auxiliary']} {found['rest']}"
    found = _WITH_DO.match(opened) if re.match(rf"{_OPENS}(?:do|does|did)\b", opened) else None
    return found["clause"] if found else ""


def event(question: str) -> str:
    """What is asked whether, why or when it happened: "the US pressing for talks", "the US push for talks"."""
    opened = _opened(question)
    if found := _YES_NO.match(opened):
        is_so = found["auxiliary"] in ("is", "are", "was", "were") and not _GERUND.match(found["rest"])
        return f"{found['subject']} {'being ' if is_so else ''}{found['rest']}"
    found = _WITH_DO.match(opened)
    return found["clause"] if found else ""


def on_event(question: str, told: str) -> str | None:
    """ "What does Ann Poole think about it?" with what is ``told`` for "it"; ``None`` where nothing is thought of it."""
    found = _ON_IT.search(question)
    return f"{question[: found.start('object')]} {told}?" if found else None


def said_of(question: str, clause: str) -> str | None:
    """ "Who denies it?" with the clause for "it"; ``None`` where nothing is said, denied or believed."""
    found = _SAID.search(question)
    return f"{question[: found.start('object')]} that {clause}?" if found else None


def _opened(question: str) -> str:
    return question[:1].lower() + question[1:]
