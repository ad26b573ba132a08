"""A system, and jobs of one step on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest

from dtf.jcl.job_result import JobResult
from dtf.jcl.program_list import PROGRAMS
from dtf.jcl.runner import Replay
from ksds.datasets import DataSetAttributes
from ksds.system import System

Run = Callable[..., JobResult]


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    with System.open(tmp_path / "nyc") as system:
        yield system


@pytest.fixture
def run(system: System) -> Run:
    def run_one(*lines: str) -> JobResult:
        replay = Replay(system=system, programs=PROGRAMS, clock=lambda: datetime(2026, 11, 23, 5, 7, 9))
        [result] = replay.run("\n".join(("//J JOB", *lines)))
        return result

    return run_one


@pytest.fixture
def put(system: System) -> Callable[..., None]:
    """Make a data set FB 80, or with LIB(MEMBER) a library if need be, with text records."""

    def put_one(name: str, *records: str, lrecl: int = 80) -> None:
        library = name.partition("(")[0]
        if not system.exists(library):
            dsorg = "PO" if "(" in name else "PS"
            system.allocate(library, DataSetAttributes("FB", lrecl, dsorg=dsorg))
        with system.sequential(name, "w") as data_set:
            data_set.append(record.ljust(lrecl).encode("cp037") for record in records)

    return put_one


@pytest.fixture
def lines_of(system: System) -> Callable[[str], list[str]]:
    return lambda name: [record.decode("cp037").rstrip() for record in system.records(name)]
