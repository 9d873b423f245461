"""The bot's token: where it comes from, and that it is written nowhere."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Mapping
from pathlib import Path

from qabot import DiscordSettings, UsageError

VARIABLE = "QABOT_DISCORD_TOKEN"
# Three parts of letters, digits, "-" and "_": the first is the bot's id, base64.
_LOOKS_LIKE_ONE = re.compile(r"[\w-]{20,}\.[\w-]{5,}\.[\w-]{20,}")


class Token:
    """A secret that does not show itself: not in a traceback, a log, or a message."""

    def __init__(self, value: str) -> None:
        self.__value = value

    def reveal(self) -> str:
        return self.__value

    def __repr__(self) -> str:
        return "Token(...)"


def read_token(settings: DiscordSettings, environ: Mapping[str, str] | None = None) -> Token:
    """From the variable, or from the file that the settings name. Raises UsageError, without the token in it."""
    environ = os.environ if environ is None else environ
    value = environ.get(VARIABLE, "").strip()
    if not value and settings.token_file:
        file = Path(settings.token_file).expanduser()
        try:
            value = file.read_text(encoding="utf-8-sig").strip()
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or type(error).__name__
            # The token itself, put there by mistake, is not to be printed.
            named = "in [discord] token_file" if _LOOKS_LIKE_ONE.search(settings.token_file) else str(file)
            problem = f"The token file {named} cannot be read: {reason}."
            raise UsageError(problem, "Check its path and permissions.") from None
    if not value:
        raise UsageError(
            "There is no Discord token.",
            f"Set {VARIABLE}, or put it into a file and name that as [discord] token_file. docs/discord.md says how to "
            "get one.",
        )
    if any(c.isspace() for c in value) or not value.isascii():
        raise UsageError("The Discord token has characters that no token has.", "Copy it again from the portal.")
    return Token(value)


class WithoutToken(logging.Filter):
    """Takes the token, and whatever looks like one, out of every log line."""

    def __init__(self, token: Token) -> None:
        super().__init__()
        self._token = token

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        clean = _LOOKS_LIKE_ONE.sub("[token]", message.replace(self._token.reveal(), "[token]"))
        if clean != message:
            record.msg, record.args = clean, ()
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = _LOOKS_LIKE_ONE.sub("[token]", record.exc_text.replace(self._token.reveal(), "[token]"))
        return True
