"""seeds/ watched: told once when what happened in it has settled, and now and then in any case."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from qabot.articles import find_articles
from qabot.errors import QabotError

log = logging.getLogger(__name__)

# Seconds. Editors save by deleting and adding, copies grow, a checkout touches a hundred files: what stays as it is for
# so long is done.
SETTLED = 0.3
# A file that never stops growing must not keep the others waiting.
_SETTLED_AT_LAST = 10.0
# Network drives, containers and a paused laptop lose events.
SWEEP = 30.0
_ANEW_AFTER = 2.0  # where the folder is gone, or there are no more watches to be had


def watch(seeds: Path, stop: threading.Event, *, sweep: float = SWEEP) -> Iterator[None]:
    """Yields whenever the articles may have changed and have settled since, at the latest after ``sweep`` seconds.

    Ends once ``stop`` is set. Where the system has no watch to give, only the sweep is left, and the log says so.
    """
    from watchfiles import watch as events

    told = False
    before: object = None
    while not stop.is_set():
        watched = _inode(seeds)
        try:
            # What stands in the folder is asked for anew each time: the events only say when.
            for changes in events(
                seeds,
                watch_filter=None,
                debounce=int(SETTLED * 1000),
                step=50,
                stop_event=stop,
                rust_timeout=int(sweep * 1000),
                yield_on_timeout=True,
                raise_interrupt=False,
                ignore_permission_denied=True,
            ):
                if stop.is_set():
                    return
                now = _settled(seeds, stop)
                # Events that came in while it settled tell nothing new.
                if not changes or now != before:
                    before = now
                    yield
                if _inode(seeds) != watched:
                    break  # another folder is there now, or none: the watch went along with the old one
        except (OSError, RuntimeError) as error:
            # No folder, as amid a checkout, or the system's limit of watches is reached.
            if watched is not None and not told:
                told = True
                log.warning(
                    "%s cannot be watched (%s); it is looked at every %d seconds. "
                    "On Linux fs.inotify.max_user_watches may be raised.",
                    seeds,
                    error,
                    sweep,
                )
            stop.wait(_ANEW_AFTER if watched is None else sweep)
            if not stop.is_set():
                yield


def _inode(seeds: Path) -> int | None:
    try:
        return seeds.stat().st_ino
    except OSError:
        return None


def _settled(seeds: Path, stop: threading.Event) -> object:
    """The articles' state, once two looks at them, a moment apart, find the same."""
    until = time.monotonic() + _SETTLED_AT_LAST
    before = _looked(seeds)
    while not stop.wait(SETTLED) and time.monotonic() < until:
        now = _looked(seeds)
        if now == before:
            break
        before = now
    return before


def _looked(seeds: Path) -> object:
    try:
        return list(find_articles(seeds))
    except (QabotError, OSError) as error:
        return type(error)
