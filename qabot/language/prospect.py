"""What has happened against what may: "did they vote?" is not answered by "they could vote"."""

from __future__ import annotations

import re

_PAST = re.compile(
    r"\b(?:did|didn['’]?t|was|were|has|have|had|got|won|lost|kept|took|made|went|became|ended|[a-z]{2,}ed)\b",
    re.IGNORECASE,
)
# Plans, claims and words are asked about in the past too, and are about what may be.
_OF_WORDS = re.compile(
    r"\b(?:could|would|will|might|may|should|going to|if|say|says|said|told|think|thought|want(?:ed)?|plan\w*|offer\w*|"
    r"ask\w*|demand\w*|propos\w*|predict\w*|expect\w*|warn\w*|claim\w*|threat\w*|hop(?:e|ed|es|ing)|request\w*|bid\w*|"
    r"accus\w*|charg\w*|alleg\w*|fear\w*|forecast\w*|den(?:y|ied|ies)|suggest\w*|promis\w*|call(?:ed)? for|view\w*|"
    r"opinion|react\w*|estimat\w*|agree\w*|refus\w*|reject\w*|according)\b",
    re.IGNORECASE,
)
_MAY_BE = re.compile(
    r"\b(?:could|would|may|might|should|will|won['’]?t|can|if|unless|whether|possible|possibly|potential(?:ly)?|likely|"
    r"expected|hopes?|hoping|plans?|planned|planning|faces?|facing|accused|alleged|proposed|considering|seeking|seeks|"
    r"set to|due to (?:be|begin|start|face|meet|vote|decide)|poised|rule out|expects?|intends?|aims?|yet to)\b",
    re.IGNORECASE,
)


def asks_what_happened(question: str) -> bool:
    """Whether it asks for something that was done, and not for what was said, planned or feared."""
    return _PAST.search(question) is not None and _OF_WORDS.search(question) is None


def tells_what_may_be(sentence: str) -> bool:
    """Whether a sentence has a modal verb, a condition, a plan or a charge in it."""
    return _MAY_BE.search(sentence) is not None
