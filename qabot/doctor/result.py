"""One finding."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from qabot.errors import QabotError

# A note tells, a warning is of something that works for now, and an error is a check that failed.
Severity = Literal["ok", "note", "warning", "error"]


@dataclass(frozen=True, slots=True)
class CheckResult:
    """How something stands, and what to do about it where it does not stand well."""

    name: str
    severity: Severity
    message: str
    remedy: str = ""


Check = Callable[[], Iterator[CheckResult]]


def failed(name: str, error: QabotError) -> CheckResult:
    """An error that a check met, as its finding."""
    return CheckResult(name, "error", error.problem, error.remedy)


def carried_out(name: str, check: Check) -> list[CheckResult]:
    """What a check finds. Whatever else it runs into is a finding as well: a doctor does not fall ill."""
    found: list[CheckResult] = []
    try:
        found.extend(check())
    except QabotError as error:
        found.append(failed(name, error))
    except Exception as error:  # of damage, anything may be raised
        said = " ".join(str(error).split())
        found.append(
            CheckResult(
                name,
                "error",
                f"this could not be looked at: {type(error).__name__}{f': {said}' if said else ''}.",
                "Put right what else is found, and run `qabot doctor` again.",
            )
        )
    return found
