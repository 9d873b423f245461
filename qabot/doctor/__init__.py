"""What is wrong with an installation and a collection, what to do about it, and doing what can be done."""

from qabot.doctor.examine import examine, examine_settings
from qabot.doctor.mend import mend
from qabot.doctor.result import CheckResult, Severity

__all__ = ["CheckResult", "Severity", "examine", "examine_settings", "mend"]
