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
    while not stop.is_set():
        try:
            # What stands in the folder is asked for anew each time: the events only say when.
            for _ in events(
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
                _settle(seeds, stop)
                yield
        except (OSError, RuntimeError) as error:
            # The folder is gone, as in a checkout, or the system's limit of watches is reached.
            if seeds.is_dir() and not told:
                told = True
                log.warning(
                    "%s cannot be watched (%s); it is looked at every %d seconds. "
                    "On Linux fs.inotify.max_user_watches may be raised.",
                    seeds,
                    error,
                    sweep,
                )
            stop.wait(sweep if seeds.is_dir() else _ANEW_AFTER)
            if not stop.is_set():
                yield


def _settle(seeds: Path, stop: threading.Event) -> None:
    """Waits until two looks at the articles, a moment apart, find the same."""
    until = time.monotonic() + _SETTLED_AT_LAST
    before = _looked(seeds)
    while not stop.wait(SETTLED) and time.monotonic() < until:
        now = _looked(seeds)
        if now == before:
            return
        before = now


def _looked(seeds: Path) -> object:
    try:
        return list(find_articles(seeds))
    except (QabotError, OSError) as error:
        return type(error)
