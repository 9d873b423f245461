"""How much one person and one channel may ask, and how many questions may wait."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable

_WINDOW = 60.0  # seconds
_MOST_KEYS = 10_000


class RateLimit:
    """At most ``most`` in any minute for each key (Discord's ids of people or of channels)."""

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._clock = clock
        self._times: dict[int, deque[float]] = {}

    def wait(self, key: int) -> int:
        """Seconds until ``key`` may ask again; 0 for now."""
        times = self._recent(key)
        if len(times) < self._most:
            return 0
        return max(1, math.ceil(times[0] + _WINDOW - self._clock()))

    def count(self, key: int) -> None:
        """Notes that ``key`` asked."""
        if len(self._times) >= _MOST_KEYS and key not in self._times:
            self._times = {known: times for known, times in self._times.items() if self._recent(known)}
        self._times.setdefault(key, deque()).append(self._clock())

    def _recent(self, key: int) -> deque[float]:
        times = self._times.get(key, deque())
        while times and times[0] <= self._clock() - _WINDOW:
            times.popleft()
        return times
