"""Questions that the nearest passages do answer, made from what they say."""

from __future__ import annotations

import re
from collections.abc import Sequence

from qabot.answers.candidates import Candidate
from qabot.embedding import CrossEncoder
from qabot.language.names import is_organisation

_MOST = 3
_READ = 8
_ANSWERED = 0.0  # a logit
_COVERED = 0.3  # of the question's words, by idf
_NAME = r"(?:[A-Z][\w’'-]+ ){0,2}[A-Z][\w’'-]+"
_SAYS = re.compile(
    rf"(?P<who>{_NAME}),? (?:has |had )?(?P<verb>said|says|told|warned|argued|claimed|wrote|denied|reported|reports|writes|predicted|estimated|announced|called)\b"
)
_DONE = re.compile(
    rf"(?P<who>{_NAME}) (?P<verb>met|banned|opposed|offered|demanded|demands|wants|asked|expects|fears|favors|rejected) "
)
# What only a title or a possessive would make of a name: "Secretary John Snow", "BBC's Jonathan Beale".
_TITLES = frozenset(
    "secretary minister adviser president general chairman director judge senator representative chancellor governor ambassador mr mrs ms dr sir lord professor".split()
)
_BASE = {
    "met": "meet", "banned": "ban", "opposed": "oppose", "offered": "offer", "demanded": "demand", "demands": "demand",
    "wants": "want", "asked": "ask", "expects": "expect", "fears": "fear", "favors": "favor", "rejected": "reject",
    "said": "say", "says": "say", "told": "say", "warned": "warn of", "argued": "argue", "claimed": "claim",
    "wrote": "write", "writes": "write", "denied": "deny", "reported": "report", "reports": "report",
    "predicted": "predict", "estimated": "estimate", "announced": "announce", "called": "say",
}  # fmt: skip
_NOT_WHO = frozenset(
    "rival former he she it they the this that on in but and as when while however meanwhile earlier monday tuesday wednesday thursday friday saturday sunday".split()
)


def suggest(ranked: Sequence[Candidate], cross_encoder: CrossEncoder | None) -> list[str]:
    """At most three about what was asked, each answered by the sentence that it was made from.

    Made from sentences that share words with the question, one of each surname. None without a cross-encoder, which tells whether they
    answer.
    """
    if cross_encoder is None:
        return []
    made: dict[str, str] = {}
    people: set[str] = set()
    for candidate in ranked:
        question, who = question_from(candidate.text) if candidate.features.covered >= _COVERED else ("", "")
        if candidate.sentence.said_by and who not in candidate.sentence.said_by:
            continue  # "Investment Banking said" is the end of somebody's title
        if question and who not in people:
            people.add(who)
            made[question] = candidate.in_context
        if len(made) >= _READ:
            break
    readings = cross_encoder.read_each(list(made.items()))
    answered = [q for q, reading in zip(made, readings, strict=True) if reading.relevance > _ANSWERED]
    return answered[:_MOST]


def question_from(sentence: str) -> tuple[str, str]:
    """ "What did Jane Roe say?" and her surname, of a sentence in which somebody with a name says or does something."""
    for pattern in (_SAYS, _DONE):
        found = pattern.search(sentence)
        if found is None or "’s " in found["who"] or "'s " in found["who"]:
            continue
        words = found["who"].split()
        while words and (words[0].casefold() in _NOT_WHO or (len(words) > 2 and words[0].casefold() in _TITLES)):
            words = words[1:]
        if len(words) > 1 and words[0].casefold() not in _NOT_WHO and not is_organisation(" ".join(words)):
            asked = "Whom" if found["verb"] == "met" else "What"
            return f"{asked} did {' '.join(words)} {_BASE[found['verb']]}?", words[-1]
    return "", ""
