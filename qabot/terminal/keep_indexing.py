"""`qabot index --watch`: the index follows the articles until it is stopped."""

from __future__ import annotations

import signal
import sys
import threading
from datetime import datetime
from types import FrameType

from qabot import Engine, QabotError
from qabot.terminal.render import render_report
from qabot.terminal.text import visible


def keep_indexing(engine: Engine) -> None:
    """Prints what is done, each time with the time of day; ends with Ctrl-C or SIGTERM."""
    stop = threading.Event()

    def end(number: int, frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    with engine:
        first = True
        for done in engine.following(stop):
            if isinstance(done, QabotError):
                print(visible(str(done)), file=sys.stderr, flush=True)
                continue
            at = "" if first else f"{datetime.now():%H:%M:%S}  "
            print(f"{at}{render_report(done)}", flush=True)
            if first:
                first = False
                print(f"Watching {visible(str(engine.settings.seeds))}; Ctrl-C ends it.", file=sys.stderr, flush=True)
