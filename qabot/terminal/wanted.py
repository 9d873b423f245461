"""Which conversation is wanted, and how."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which conversation: a new one, the last over these articles, or one by ``id``, which is picked from a list where
    it is not named. A ``private`` one is kept nowhere."""

    last: bool = False
    resume: bool = False
    id: str | None = None
    private: bool = False
    json: bool = False
