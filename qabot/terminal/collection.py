"""The collection that a command is about, as the options of every command name it."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qabot import Engine, RefreshReport, Settings


@dataclass(frozen=True, slots=True)
class Collection:
    """``--seeds``, ``--embeddings`` and ``--config`` as they were given; ``refresh`` unless ``--no-refresh`` was.

    What it gives loads the engine, which ``--help`` does without.
    """

    seeds: str | None
    embeddings: str | None
    config: Path | None
    refresh: bool = True

    def settings(self) -> Settings:
        """Raises UsageError."""
        from qabot import load_settings

        flags = {"paths.seeds": self.seeds, "paths.embeddings": self.embeddings}
        return load_settings(config=self.config, flags=flags)

    def engine(self, *, refresh: bool = False, beside: bool = False, once: bool = False) -> Engine:
        """One that tells on stderr what it does; its index is not looked at yet. Raises UsageError."""
        from qabot import Engine
        from qabot.terminal.progress import Progress

        progress = Progress()
        return Engine(
            self.settings(), auto_refresh=refresh, beside=beside, once=once, say=progress.say, on_progress=progress
        )

    def opened(self, *, beside: bool = False, once: bool = False) -> tuple[Engine, RefreshReport | None]:
        """An engine whose index can be asked, and what was done for that, which is told. Raises any QabotError."""
        from qabot.terminal.render import render_report

        engine = self.engine(refresh=self.refresh, beside=beside, once=once)
        report = engine.prepare()
        if report is not None:
            print(render_report(report, brief=beside), file=sys.stderr)
        return engine, report
