"""`qabot init`: what a collection needs, where nothing is there already."""

from __future__ import annotations

from contextlib import suppress
from importlib.resources import files
from pathlib import Path

from qabot import UsageError

_IGNORED = """\
# Files in this folder that are no articles, with gitignore's rules: one pattern a line.
# drafts/
# *-notes.md
# !important-notes.md
"""


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError:
        with suppress(OSError):
            file.unlink()  # half of it would be "there already"
        raise


def begin(folder: Path) -> list[tuple[Path, bool]]:
    """Makes seeds/, seeds/.qabotignore and config/qabot.toml; gives each, and whether it is new. Raises UsageError."""
    seeds = folder / "seeds"
    settings = files("qabot").joinpath("qabot.toml").read_text(encoding="utf-8")
    made = []
    try:
        made.append((seeds, not seeds.exists()))
        seeds.mkdir(exist_ok=True)
        (folder / "config").mkdir(exist_ok=True)
        for file, text in ((seeds / ".qabotignore", _IGNORED), (folder / "config" / "qabot.toml", settings)):
            made.append((file, not file.exists()))
            if made[-1][1]:
                _write(file, text)
    except OSError as error:
        raise UsageError(
            f"{error.filename or made[-1][0]} cannot be made: {error.strerror}.",
            "Go to a folder of yours, with room on its disk.",
        ) from error
    return made
