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
_NAME = r"(?:[A-Z][\w’'-]+ ){0,2}[A-Z][\w’'-]+"
_SAYS = re.compile(
    rf"(?P<who>{_NAME}),? (?:has |had )?(?P<verb>said|says|told|warned|argued|claimed|wrote|denied|reported|reports|writes|predicted|estimated|announced|called)\b"
)
_AMOUNT = re.compile(r"[$€£]\d[\d.,]*\s?(?:million|billion|trillion)?")
_DONE = re.compile(
    rf"(?P<who>{_NAME}) (?P<verb>met|banned|opposed|offered|demanded|demands|wants|asked|expects|fears|favors|rejected) "
)
_BASE = {
    "met": "meet", "banned": "ban", "opposed": "oppose", "offered": "offer", "demanded": "demand", "demands": "demand",
    "wants": "want", "asked": "ask", "expects": "expect", "fears": "fear", "favors": "favor", "rejected": "reject",
    "said": "say", "says": "say", "told": "say", "warned": "warn of", "argued": "argue", "claimed": "claim",
    "wrote": "write", "writes": "write", "denied": "deny", "reported": "report", "reports": "report",
    "predicted": "predict", "estimated": "estimate", "announced": "announce", "called": "say",
}  # fmt: skip
_NOT_WHO = frozenset(
    "he she it they the this that on in but and as when while however meanwhile earlier monday tuesday wednesday thursday friday saturday sunday".split()
)


def suggest(ranked: Sequence[Candidate], cross_encoder: CrossEncoder | None) -> list[str]:
    """At most three, each answered by a sentence that it was made from, as far as the cross-encoder can tell."""
    made: dict[str, str] = {}
    for candidate in ranked:
        for question in _questions(candidate.text):
            made.setdefault(question, candidate.in_context)
        if len(made) >= _READ:
            break
    if cross_encoder is not None:
        made = {q: text for q, text in made.items() if cross_encoder.read(q, [text])[0].relevance > _ANSWERED}
    return list(made)[:_MOST]


def _questions(sentence: str) -> list[str]:
    for pattern in (_SAYS, _DONE):
        found = pattern.search(sentence)
        if found:
            words = found["who"].split()
            while words and words[0].casefold() in _NOT_WHO:
                words = words[1:]
            if len(words) > 1 and not is_organisation(" ".join(words)):
                asked = "Whom" if found["verb"] == "met" else "What"
                return [f"{asked} did {' '.join(words)} {_BASE[found['verb']]}?"]
    amount = _AMOUNT.search(sentence)
    return [f"What are the {amount.group().strip(' .,')} for?"] if amount else []
