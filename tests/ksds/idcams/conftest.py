"""A system for each test, and a way to run commands on it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest

from ksds import idcams
from ksds.datasets import DD, DataSetAttributes
from ksds.system import System

NOW = datetime(2026, 11, 23, 14, 13, 41)


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    with System.open(tmp_path / "test") as opened:
        yield opened


def is_message(line: str) -> bool:
    return re.match(r".(IDC|KSD)\d", line) is not None


class Console:
    """Runs command streams; statements may begin in column 1 of the text given, records get their blank here."""

    def __init__(self, system: System) -> None:
        self.system = system

    def run(self, text: str, **dds: DD) -> idcams.Result:
        records = [f" {line}" for line in text.split("\n")]
        return idcams.run(self.system, records, dds=dds, now=NOW)

    def messages(self, text: str, **dds: DD) -> list[str]:
        """The lines of SYSPRINT that are messages, with their carriage control."""
        return [line for line in self.run(text, **dds).sysprint if is_message(line)]

    def sequential(self, name: str, records: list[bytes], recfm: str = "FB", lrecl: int = 80) -> None:
        """Catalog a sequential data set with these records."""
        self.system.allocate(name, DataSetAttributes(recfm, lrecl))
        with self.system.sequential(name, "w") as data_set:
            data_set.append(records)

    def records(self, name: str) -> list[bytes]:
        return list(self.system.records(name))


@pytest.fixture
def console(system: System) -> Console:
    return Console(system)


@pytest.fixture
def run(console: Console) -> Callable[..., idcams.Result]:
    return console.run
