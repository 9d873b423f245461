"""The collection that a command is about, as the options of every command name it."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qabot import Encoders, Engine, RefreshReport, Settings


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

    def begin_loading(self) -> Encoders:
        """The models, for one question; they are loaded beside what else is for it. Raises UsageError."""
        from qabot import begin_loading
        from qabot.terminal.progress import Progress

        settings = self.settings()
        return begin_loading(settings.embedding, settings.embeddings / "models", Progress().say)

    def engine(self, *, refresh: bool = False, beside: bool = False, encoders: Encoders | None = None) -> Engine:
        """One that tells on stderr what it does; its index is not looked at yet. Raises UsageError."""
        from qabot import Engine
        from qabot.terminal.progress import Progress

        progress = Progress()
        return Engine(
            self.settings(),
            auto_refresh=refresh,
            beside=beside,
            encoders=encoders,
            say=progress.say,
            on_progress=progress,
        )

    def opened(self, *, beside: bool = False, encoders: Encoders | None = None) -> tuple[Engine, RefreshReport | None]:
        """An engine whose index can be asked, and what was done for that, which is told. Raises any QabotError."""
        from qabot.terminal.render import render_report

        engine = self.engine(refresh=self.refresh, beside=beside, encoders=encoders)
        report = engine.prepare()
        if report is not None:
            print(render_report(report, brief=beside), file=sys.stderr)
        return engine, report
