"""What the utilities leave behind."""

from __future__ import annotations

from dtf.jcl.job_result import JobResult
from ksds.system import System


def printed(result: JobResult, name: str = "SYSPRINT") -> list[str]:
    return next(list(file.printed()) for file in result.spool.files if file.name == name)


def members(system: System, name: str) -> list[str]:
    with system.library(name) as library:
        return [member.name for member in library.members()]
