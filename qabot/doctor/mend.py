"""Healing what can be healed: all that is derived, from what it is derived from."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from qabot.doctor.examine import examine
from qabot.doctor.model import index_sha256
from qabot.doctor.result import CheckResult
from qabot.embedding import find_model, weights_sha256
from qabot.engine import Engine
from qabot.errors import IndexLockedError, ModelError, QabotError, SeedsError
from qabot.files import FOLDER, kind_of
from qabot.settings import Settings
from qabot.upkeep import told

# Findings that a refresh leaves: what is in the database is wrong in itself.
_OF_THE_DATABASE = ("database", "full text", "vectors", "vector files", "index")


def mend(
    settings: Settings,
    found: Sequence[CheckResult],
    *,
    say: Callable[[str], None],
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> None:
    """Brings the index in line with the articles and makes anew what is damaged of it, and of the exported model.

    ``found`` is what an examination found. What cannot be healed is told through ``say``, and stays for the next one to
    find. The index is made anew from the articles only where less does not heal it.
    """
    if kind_of(settings.embeddings) not in ("", FOLDER):
        return  # nothing can be made in it: the finding says what to do
    with Engine(settings, say=say, on_progress=on_progress) as engine:
        if any(one.severity == "error" for one in found) or not _held(engine):
            _refresh(engine, say)
        try:
            # Without articles there is no refresh, and a model to be exported all the same.
            sha256 = index_sha256(settings) or weights_sha256(find_model(settings.embedding.model, online=False))
            engine.encoders.mend(sha256, again=True)
        except QabotError as error:
            say(str(error))
        except OSError as error:
            say(told(error))


def _refresh(engine: Engine, say: Callable[[str], None]) -> None:
    for rebuild in (False, True):
        try:
            engine.refresh(rebuild=rebuild)
        except (SeedsError, ModelError, IndexLockedError) as error:
            say(str(error))
            return
        except QabotError as error:
            say(error.problem)
        left = [one.name for one in examine(engine.settings) if one.severity == "error"]
        if not any(name in _OF_THE_DATABASE for name in left):
            return
        if not rebuild:
            say("Making the index anew from the articles ...")


def _held(engine: Engine) -> bool:
    """Whether somebody went back a generation, and wants to stay there."""
    try:
        engine.look()
    except QabotError:
        return False
    return engine.lag.held
