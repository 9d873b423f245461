"""What the bot logs, on stderr: a line an event, for people or as JSON, with a reference for each question."""

from __future__ import annotations

import logging
import sys
from datetime import UTC, datetime

from qabot.discord_bot.token import Token, WithoutToken
from qabot.wire import to_json

_FIELDS = ("reference", "guild", "channel", "ms", "status", "shown")


class _Lines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        fields = " ".join(f"{name}={value}" for name, value in _own(record).items())
        return f"{super().format(record)}{'  ' + fields if fields else ''}"


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "from": record.name,
            "event": record.getMessage(),
            **_own(record),
        }
        if record.exc_info and not record.exc_text:
            record.exc_text = self.formatException(record.exc_info)
        if record.exc_text:
            line["traceback"] = record.exc_text
        return to_json(line)


def _own(record: logging.LogRecord) -> dict[str, object]:
    found = {name: getattr(record, name, None) for name in _FIELDS}
    return {name: value for name, value in found.items() if value is not None}


def _without_traceback(record: logging.LogRecord) -> bool:
    """discord.py logs each lost connection with its whole traceback; what happened is said in a line."""
    if record.name.startswith("discord") and record.exc_info and record.exc_info[1] is not None:
        error = record.exc_info[1]
        record.msg, record.args = f"{record.getMessage()} {type(error).__name__}: {error}", ()
        record.exc_info = None
    return True


def log_to_stderr(token: Token, *, as_json: bool) -> None:
    """For the whole process: qabot's and discord.py's lines alike."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Json() if as_json else _Lines("%(asctime)s %(levelname)-7s %(name)s: %(message)s"))
    handler.addFilter(_without_traceback)
    handler.addFilter(WithoutToken(token))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    # Its own lines about connecting are enough; each request would be one more.
    for name in ("discord", "faiss"):
        logging.getLogger(name).setLevel(logging.WARNING)
