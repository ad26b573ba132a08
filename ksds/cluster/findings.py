"""What a check finds: the place, what is wrong there, and IBM's message for it where its text is known."""

from __future__ import annotations

from dataclasses import dataclass

from ksds.errors import VsamError
from ksds.storage.sphere_files import ComponentName

MINOR, MAJOR = 4, 8
"""Suspicious, damaged: the condition codes of EXAMINE."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with control interval `ci`. `severity` is MINOR or MAJOR; `message_id` an IDC number of
    EXAMINE, empty where no document gives one."""

    severity: int
    component: ComponentName
    ci: int
    message: str
    message_id: str = ""

    def __str__(self) -> str:
        return f"{self.component} CI {self.ci}: {self.message}"


def highest(findings: list[Finding]) -> int:
    """The condition code of a check: that of its worst finding, 0 for none."""
    return max((finding.severity for finding in findings), default=0)


def why(error: Exception) -> str:
    """What an error says, without the codes: those are of requests."""
    return error.what if isinstance(error, VsamError) else str(error)
