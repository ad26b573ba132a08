"""Steps that sort, and what they print."""

from __future__ import annotations

from collections.abc import Callable

from dtf.jcl.job_result import JobResult

Run = Callable[..., JobResult]
Sort = Callable[..., list[str]]
SALES = ("NORTH  APPLES   0012", "SOUTH  PEARS    0100", "NORTH  PEARS    0007", "EAST   APPLES   0001")


def printed(result: JobResult, name: str = "SYSOUT") -> list[str]:
    return next((list(file.printed()) for file in result.spool.files if file.name == name), [])


def step(*control: str, data: tuple[str, ...] = SALES, dds: tuple[str, ...] = ()) -> tuple[str, ...]:
    sysin = ("//SYSIN DD *", *control, "/*")
    return ("//S EXEC PGM=SORT", "//SYSOUT DD SYSOUT=*", *dds, *sysin, "//SORTIN DD *", *data, "/*")
