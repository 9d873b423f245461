"""Who wishes, demands or fears something in a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from qabot.language.names import names
from qabot.language.words import STOP_WORDS, folded_words

Kind = Literal["wish", "fear"]

# How it is told: verbs, and the nouns and conjunctions of conditions.
_TOLD = {
    "wish": re.compile(
        r"""\b(?:
        want(?:s|ed|ing)? | wish(?:es|ed|ing)? | hop(?:e|es|ed|ing) | seek(?:s|ing)? | sought | demand(?:s|ed|ing)?
      | insist(?:s|ed|ing|ence)? | call(?:s|ed|ing)?\s(?:for|on) | urg(?:e|es|ed|ing) | request(?:s|ed|ing)? | ask(?:s|ed|ing)?
      | requir(?:e|es|ed|ing|ements?) | propos(?:e|es|ed|ing|als?) | aim(?:s|ed|ing)? | goals? | prefer(?:s|red|ring)?
      | favou?r(?:s|ed|ing)? | (?:push|press)(?:es|ed|ing)?\s(?:for|to) | (?:pre)?conditions? | intend(?:s|ed|ing)?
      | (?:is|are|was|were)\s(?:trying|looking|ready|willing|eager|determined|keen)\sto | tries\sto | tried\sto | needs?
      | would\slike | encourag(?:e|es|ed|ing) | recommend(?:s|ed|ing)? | advocat(?:e|es|ed|ing) | suggest(?:s|ed|ing)?
      | support(?:s|ed|ing)? | back(?:s|ed|ing) | argu(?:es|ed|ing) | plan(?:s|ned|ning)?
      | as\slong\sas | (?:only|but)\s(?:if|after|when) | unless | in\s(?:exchange|return)\sfor | provided\sthat
        )\b""",
        re.IGNORECASE | re.VERBOSE,
    ),
    "fear": re.compile(
        r"\b(?:fear(?:s|ed|ing)?|worr(?:y|ies|ied|ying)|concern(?:s|ed)?|afraid|anxious|alarmed|warn(?:s|ed|ing|ings)?"
        r"|dread(?:s|ed|ing)?|nervous)\b",
        re.IGNORECASE,
    ),
}
_NOUNS = frozenset("goal goals aims proposal proposals requirements condition conditions insistence".split())
# Verbs right after whoever does it, nouns anywhere else.
_NOUNS_OR_VERBS = frozenset(
    "demand demands request requests wish wishes hope hopes aim plan plans need needs fear fears worry worries concern "
    "concerns warning warnings support ask asks".split()
)
_DOES = re.compile(
    r"(?:\b[A-Z][\w’'-]*|\b(?:who|which|he|she|it|they|we|I|you|and|to|not|would|will|do|does|did|also|still|now|\w+ly|\w{3,}(?<!ou)s))"
    r"(?:,? \w+ly|[,)])? $"
)
_OWNER = re.compile(r"\b(?P<who>[A-Z][\w.-]*(?: [A-Z][\w.-]*)*)['’]s? (?:[\w-]+ ){0,2}$")
_OF_WHOM = re.compile(r" (?:of|by|from) (?:the )?(?P<who>[A-Z][\w.’'-]*(?: [A-Z][\w.’'-]*)*)")
_ON_CONDITION = re.compile(r"\bon (?:the|one) $", re.IGNORECASE)
_CLAUSE = re.compile(
    r"[;:—–“”\"]|, (?:but|and|while|although|as)\b|\b(?:but|while|because|although|whereas|that)\b", re.IGNORECASE
)
_GOES_ON = re.compile(r"\band (?:(?:has|have|had|is|are|was|were|also|then|later) )*$")
_INSIDE = re.compile(
    r"\b(?:of|with|to|in|for|by|from|between|on|about|against|over|at|into|towards?|including) (?:the )?(?:[\w’'-]+ )?$",
    re.IGNORECASE,
)
_NOT = re.compile(r"(?:\b(?:not|never|no longer)|n['’]t)(?: \w+ly)? $", re.IGNORECASE)
_PASSIVE = re.compile(r"\b(?:be|been|being|is|are|was|were)(?: \w+ly)? $", re.IGNORECASE)
_FEELS = frozenset({"worried", "concerned", "alarmed"})
_FIRST_PERSON = re.compile(r"\b(?:I|we|our|my)\b", re.IGNORECASE)


def holders(text: str, kind: Kind, said_by: str | None, *, denied: bool = True) -> list[frozenset[str]]:
    """For each wish or fear in a sentence the folded words of whoever has it; none where the sentence does not tell.

    ``said_by`` is who says "we"; ``denied`` is whether one that somebody has not counts too: "Poole does not want it".
    """
    found = (one for one in _TOLD[kind].finditer(text) if denied or not _NOT.search(text[: one.start()]))
    return [_holder(text, one, said_by) for one in found]


def _holder(text: str, told: re.Match[str], said_by: str | None) -> frozenset[str]:
    before, word = text[: told.start()], told.group().casefold()
    if owner := _OF_WHOM.match(text, told.end()):
        return folded_words(owner["who"])
    noun = word in _NOUNS or (word in _NOUNS_OR_VERBS and not _DOES.search(before))
    if noun and not _ON_CONDITION.search(before):
        owned = _OWNER.search(before)
        return folded_words(owned["who"]) if owned else frozenset()
    if word.endswith("ed") and word not in _FEELS and _PASSIVE.search(before):
        return frozenset()
    if _GOES_ON.search(before):
        # "Poole has refused, as long as Hale stays, and has insisted": Poole has.
        return next((folded_words(name) for _, name in _named(before)), frozenset())
    clause = before[max((found.end() for found in _CLAUSE.finditer(before)), default=0) :]
    for where in (clause, before):
        subjects = [name for start, name in _named(where) if not _INSIDE.search(where[:start])]
        if subjects:
            return folded_words(subjects[-1])
        if _FIRST_PERSON.search(clause):
            return folded_words(said_by or "we")
    return folded_words(clause) - STOP_WORDS


def _named(text: str) -> Iterator[tuple[int, str]]:
    at = 0
    for name in names(text):
        at = text.find(name, at)
        yield at, name
        at += len(name)
