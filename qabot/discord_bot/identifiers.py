"""What a button says of itself: the deed and the answer that it is about. Nothing else is kept in memory for it."""

from __future__ import annotations

import re
from dataclasses import dataclass

# A new form of these gets a new number, so that buttons of old messages are told from today's.
_FORM = "qa1"
_CUSTOM_ID = re.compile(rf"{_FORM}:([a-z]+):([\w-]{{1,40}}):(\d{{1,4}})")


@dataclass(frozen=True, slots=True)
class Deed:
    """``name`` says what is to be done with the answer of id ``answer``; ``number`` is a citation, page or question."""

    name: str
    answer: str
    number: int = 0

    @property
    def custom_id(self) -> str:
        return f"{_FORM}:{self.name}:{self.answer}:{self.number}"


def read_custom_id(custom_id: str) -> Deed | None:
    """``None`` for one that was not made here, or by an older version."""
    found = _CUSTOM_ID.fullmatch(custom_id)
    return Deed(found[1], found[2], int(found[3])) if found else None
