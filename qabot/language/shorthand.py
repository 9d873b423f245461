"""What people type for short: "why r ppl against it"."""

from __future__ import annotations

import re

_SHORT = {
    "r": "are", "u": "you", "ur": "your", "pls": "please", "plz": "please", "ppl": "people", "abt": "about",
    "bc": "because", "cuz": "because", "coz": "because", "wat": "what", "wut": "what", "wht": "what", "hw": "how",
    "govt": "government", "gov't": "government", "w/": "with", "w/o": "without", "btwn": "between",
    "b4": "before", "tho": "though", "thru": "through", "yr": "year", "yrs": "years", "mths": "months", "wks": "weeks",
}  # fmt: skip
# In small letters and by itself: the R of "R&D" and of "(R-Maryland)" is none.
_WORD = re.compile(
    rf"(?<![\w&/.'’-])(?:{'|'.join(map(re.escape, sorted(_SHORT, key=len, reverse=True)))})(?![\w&/.'’-])"
)


def spelled_out(text: str) -> str:
    return _WORD.sub(lambda short: _SHORT[short.group()], text)
