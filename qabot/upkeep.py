"""Keeping a long-lived engine in line with its articles: looked at now and then, refreshed beside the answers."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from qabot.errors import IndexHeldError, QabotError

log = logging.getLogger(__name__)

# Seconds. A look walks the folder; a refresh that failed will most likely fail again.
LOOK_EVERY = 2.0
TRY_AGAIN_AFTER = 30.0
# How long a question waits for a refresh that runs beside it: for one edited article that is enough, mostly.
WAIT_FOR_REFRESH = 1.0
_CLOSE_WITHIN = 2.0


class Closing(BaseException):
    """Ends a refresh between two batches when its engine is closed; nothing is wrong."""


@dataclass(frozen=True, slots=True)
class Lag:
    """How the index stands to the articles: ``behind`` them or not, ``refreshing`` right now, or the ``reason`` it
    could not be brought up to date; ``held`` where somebody rolled it back, so that it is not to be."""

    behind: bool = False
    refreshing: bool = False
    reason: str = ""
    held: bool = False


class Upkeep:
    """``look`` says whether the articles have changed, ``refresh`` brings the index in line; one at a time.

    With ``beside`` both run in a thread of their own, otherwise in that of whoever asks. ``refresh`` is ``None`` where
    the index is to be asked as it is.
    """

    def __init__(
        self,
        look: Callable[[], bool],
        refresh: Callable[[], object] | None,
        *,
        beside: bool,
        clock: Callable[[], float],
    ) -> None:
        self._look = look
        self._refresh = refresh
        self._beside = beside
        self._clock = clock
        self._lock = threading.Lock()
        self._next_look = clock()
        self._idle = threading.Event()
        self._idle.set()
        self._began = 0.0
        self._thread: threading.Thread | None = None
        self._lag = Lag()
        self._closed = False
        self._stop = threading.Event()
        self._follower: threading.Thread | None = None

    @property
    def lag(self) -> Lag:
        return self._lag

    def note(self, *, behind: bool, reason: str = "", held: bool = False) -> None:
        """What somebody else found out just now."""
        self._lag = Lag(behind, reason=reason, held=held)
        self._next_look = self._clock() + (TRY_AGAIN_AFTER if reason else LOOK_EVERY)

    def keep_up(self, *, now: bool = False) -> Lag:
        """Looks where that is due, or ``now``; waits for what is done, beside the answers a second at most."""
        with self._lock:
            # What failed just now would fail again, whoever is in a hurry.
            hurried = now and not self._lag.reason
            due = (hurried or self._clock() >= self._next_look) and self._idle.is_set() and not self._closed
            if due:
                self._next_look = self._clock() + LOOK_EVERY
                self._idle.clear()
                self._began = time.monotonic()
                if self._beside:
                    self._thread = threading.Thread(target=self._run, name="qabot-upkeep")
                    self._thread.start()
        if due and not self._beside:
            self._run()
        # A long one is waited for by the questions of its first second, not by each.
        self._idle.wait(max(0.0, self._began + WAIT_FOR_REFRESH - time.monotonic()) if self._beside else None)
        return self._lag

    def follow(self, events: Callable[[threading.Event], Iterator[None]]) -> None:
        """Looks whenever ``events`` yields, in a thread of its own, until closed."""
        if self._follower is None:
            self._follower = threading.Thread(target=self._follow, args=(events,), name="qabot-watch", daemon=True)
            self._follower.start()

    def _follow(self, events: Callable[[threading.Event], Iterator[None]]) -> None:
        try:
            for _ in events(self._stop):
                self.keep_up(now=True)
        except Exception:
            # The questions go on looking at the articles themselves.
            log.exception("watching the articles failed inside")

    def close(self) -> None:
        """Waits for what is running, so far as it ends within two seconds: loading a model cannot be hurried."""
        with self._lock:
            self._closed = True
        self._stop.set()
        if self._follower is not None:
            self._follower.join(_CLOSE_WITHIN)
        if self._thread is not None:
            self._thread.join(_CLOSE_WITHIN)

    def _run(self) -> None:
        try:
            if not self._look():
                self.note(behind=False)
            elif self._refresh is None:
                self.note(behind=True)
            else:
                self._lag = Lag(behind=True, refreshing=True)
                self._refresh()
                self.note(behind=False)
        except Closing:
            pass
        except IndexHeldError as error:
            self.note(behind=True, reason=told(error), held=True)
        except (QabotError, OSError) as error:
            self.note(behind=True, reason=told(error))
        except Exception:
            # A programming error must neither stay unseen nor stop the answers.
            self.note(behind=True, reason="bringing it up to date failed; the log has more")
            log.exception("bringing the index up to date failed inside")
        finally:
            self._idle.set()


def told(error: QabotError | OSError) -> str:
    """What is wrong, in one line."""
    if isinstance(error, QabotError):
        return error.problem
    return f"{error.filename}: {error.strerror}." if error.filename and error.strerror else str(error)


def monotonic() -> float:
    return time.monotonic()
