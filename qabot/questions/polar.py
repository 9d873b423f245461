"""Questions that are answered by yes or no, and those about a denial."""

from __future__ import annotations

import re

OPENS = r"(?:and |but |so |really,? |ok(?:ay)?,? )*"
_POLAR = re.compile(
    rf"^{OPENS}(?:is|are|was|were|am|do|does|did|has|have|had|can|could|will|would|should|may|might|must|"
    r"isn['’]?t|aren['’]?t|wasn['’]?t|weren['’]?t|don['’]?t|doesn['’]?t|didn['’]?t|hasn['’]?t|haven['’]?t|can['’]?t|won['’]?t|wouldn['’]?t)\b(?!.*\bor (?:what|who|when|how)\b)|"
    r"\bor not\b\W*$|\b(?:is|was) it true\b|^(?:really|true)\b",
    re.IGNORECASE,
)
_CLAIM = re.compile(
    r"\bis it true\b|\bdid .* (?:really|actually|admit|confirm)\b|\bwhat do they say (?:about|on)\b", re.IGNORECASE
)
# "Reject talks" denies nothing that somebody said.
_OFFERED = (
    r"(?! (?:the |a |an |any |all |his |her |its |their |peace |more |new |latest )*(?:talks?|negotiations?|negotiating|offers?|deals?|"
    r"bids?|plans?|proposals?|peace|takeovers?|truces?|cease-?fires?|settlements?|terms|conditions)\b)"
)
_DENIAL = re.compile(
    rf"\b(?:den(?:y|ies|ied|ying|ial)|(?:reject(?:s|ed|ing)?|dismiss(?:es|ed|ing)?)\b{_OFFERED}|disput(?:e|es|ed|ing)|push(?:es|ed|ing)? back|"
    r"contradict(?:s|ed|ing)?|refus(?:e|es|ed|ing) to confirm)\b",
    re.IGNORECASE,
)


def is_polar(question: str) -> bool:
    """Whether yes or no would be an answer."""
    return bool(_POLAR.search(question) or _CLAIM.search(question))


def asks_for_denial(question: str) -> bool:
    """Whether what is asked about is that somebody denied, rejected or disputed something."""
    return bool(_DENIAL.search(question))
