"""The checks, in the order of what rests on what."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from qabot.doctor.database import check_database
from qabot.doctor.index import check_agreement, check_index, check_vector_files
from qabot.doctor.model import check_export, check_hub, check_model
from qabot.doctor.result import Check, CheckResult, carried_out, failed
from qabot.doctor.surroundings import (
    check_articles,
    check_packages,
    check_permissions,
    check_python,
    check_room,
    check_watches,
)
from qabot.errors import QabotError
from qabot.settings import Settings


def examine_settings(load: Callable[[], Settings]) -> tuple[Settings | None, list[CheckResult]]:
    """The settings in force, if they can be read, and how they stand."""
    try:
        settings = load()
    except QabotError as error:
        return None, [failed("settings", error)]
    where = f"articles in {settings.seeds}, index in {settings.embeddings}, model {settings.embedding.model}"
    return settings, [CheckResult("settings", "ok", where)]


def examine(settings: Settings | None, *, online: bool = False) -> list[CheckResult]:
    """All findings; of the installation alone where there are no settings to go by. Nothing is written or mended.

    The network is asked only where ``online``.
    """
    checks: list[tuple[str, Check]] = [("python", check_python), ("packages", check_packages)]
    if settings is not None:
        of_collection = {
            "articles": check_articles,
            "disk": check_room,
            "permissions": check_permissions,
            "watching": check_watches,
            "model": check_model,
            "export": check_export,
            "index": check_index,
            "database": check_database,
            "vector files": check_vector_files,
            "vectors": check_agreement,
        }
        if online:
            of_collection["hub"] = check_hub
        checks += [(name, partial(check, settings)) for name, check in of_collection.items()]
    return [found for name, check in checks for found in carried_out(name, check)]
