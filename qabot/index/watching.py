"""seeds/ watched: told once when what happened in it has settled, and now and then in any case."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from qabot.articles import find_articles
from qabot.articles.front_matter import OVERRIDES_FILE
from qabot.errors import QabotError

log = logging.getLogger(__name__)

# Seconds. Editors save by deleting and adding, copies grow, a checkout touches a hundred files: what stays as it is for
# so long is done.
SETTLED = 0.3
# A file that never stops growing must not keep the others waiting.
_SETTLED_AT_LAST = 10.0
# Network drives, containers and a paused laptop lose events.
SWEEP = 30.0
# Between looks whether it is still the folder that is watched: no event tells of one above it that was moved, nor of a
# drive that was taken out.
_LOOKED_FOR = 2.0


def watch(seeds: Path, stop: threading.Event, *, sweep: float = SWEEP) -> Iterator[None]:
    """Yields whenever the articles may have changed and have settled since, at the latest after ``sweep`` seconds.

    Ends once ``stop`` is set. Where the system has no watch to give, only the sweep is left, and the log says so.
    """
    from watchfiles import watch as events

    told = False
    before = _looked(seeds)
    while not stop.is_set():
        watched = _inode(seeds)
        if watched is None:
            # For a folder that is not there watchfiles waits in silence, also once it has come.
            if not stop.wait(_LOOKED_FOR):
                yield
            continue
        # What was saved before the system began to watch is no event: the first look does not wait for one.
        due = 0.0
        try:
            # What stands in the folder is asked for anew each time: the events only say when.
            for changes in events(
                seeds,
                watch_filter=None,
                debounce=int(SETTLED * 1000),
                step=50,
                stop_event=stop,
                rust_timeout=int(min(sweep, _LOOKED_FOR) * 1000),
                yield_on_timeout=True,
                raise_interrupt=False,
                ignore_permission_denied=True,
            ):
                if stop.is_set():
                    return
                if changes or time.monotonic() >= due:
                    now = _settled(seeds, stop)
                    # Events that came in while it settled tell nothing new, nor does the first look after none.
                    if now != before or (not changes and due):
                        before = now
                        yield
                    due = time.monotonic() + sweep
                if _inode(seeds) != watched:
                    break  # another folder is there now, or none: the watch went along with the old one
        except (OSError, RuntimeError) as error:
            # It went just now, or the system's limit of watches is reached.
            if not told and _inode(seeds) is not None:
                told = True
                log.warning(
                    "%s cannot be watched (%s); it is looked at every %d seconds. "
                    "On Linux fs.inotify.max_user_watches may be raised.",
                    seeds,
                    error,
                    sweep,
                )
            if not stop.wait(sweep if told else _LOOKED_FOR):
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
        return list(find_articles(seeds)), _written(seeds / OVERRIDES_FILE)
    except (QabotError, OSError) as error:
        return type(error)


def _written(file: Path) -> int | None:
    """When, in nanoseconds."""
    try:
        return file.stat().st_mtime_ns
    except OSError:
        return None
