"""The figures of sequential data sets and libraries."""

from __future__ import annotations

from pathlib import Path

import pytest

from ksds.datasets import DataSetAttributes
from ksds.figures import library_figures, sequential_figures
from ksds.system import System


@pytest.fixture
def system(tmp_path: Path):
    with System.open(tmp_path / "system") as opened:
        yield opened


def test_blocks_and_records_of_a_sequential_data_set(system: System) -> None:
    system.allocate("A.PS", DataSetAttributes("VB", 104, 1004))
    with system.sequential("A.PS", "a") as data_set:
        data_set.append([bytes(96)] * 10 + [bytes(46)] * 2)
    with system.sequential("A.PS") as data_set:
        found = sequential_figures(data_set, "A.PS")
    assert found.summary == "PS RECFM=VB LRECL=104 BLKSIZE=1004"
    records = {"count": 12, "bytes": 1052, "shortest": 46, "average": pytest.approx(1052 / 12), "longest": 96}
    assert found.groups["records"] == records
    assert found.groups["space"] == {"blocks": 2, "average_block": (1004 + 104) / 2, "tracks": 1, "bytes": 1108}
    assert [(bar.low, bar.count) for bar in found.histograms["block_fill"].bars if bar.count] == [(10, 1), (99, 1)]


@pytest.mark.parametrize(("recfm", "lrecl", "blocks"), [("FB", 80, 1), ("F", 80, 3), ("U", 0, 3), ("V", 84, 3)])
def test_every_record_format(system: System, recfm: str, lrecl: int, blocks: int) -> None:
    system.allocate("A.PS", DataSetAttributes(recfm, lrecl))
    with system.sequential("A.PS", "a") as data_set:
        data_set.append([bytes(80)] * 3)
    with system.sequential("A.PS") as data_set:
        found = sequential_figures(data_set, "A.PS")
    assert (found.groups["records"]["count"], found.groups["space"]["blocks"]) == (3, blocks)


def test_an_empty_data_set_has_figures(system: System) -> None:
    system.allocate("A.PS", DataSetAttributes("FB", 80))
    with system.sequential("A.PS") as data_set:
        found = sequential_figures(data_set, "A.PS")
    assert found.groups["space"] == {"blocks": 0, "average_block": None, "tracks": 0, "bytes": 0}


def test_members_and_the_space_that_replaced_ones_have_left(system: System) -> None:
    system.allocate("A.LIB", DataSetAttributes("FB", 80, dsorg="PO"))

    def write(name: str, count: int) -> None:
        with system.sequential(f"A.LIB({name})", "w") as member:
            member.append([bytes(80)] * count)

    write("ONE", 10)
    write("TWO", 100)
    with system.library("A.LIB", "w") as library:
        library.add_alias("ALSO", "TWO")
    write("ONE", 20)
    with system.library("A.LIB") as library:
        found = library_figures(library, "A.LIB")
    assert found.organization == "PO"
    members = {"count": 2, "aliases": 1, "with_statistics": 0, "largest": 8000, "average": 4800.0}
    assert found.groups["members"] == members
    assert found.groups["records"]["count"] == 120
    assert found.groups["space"]["bytes_lost"] >= 800, "the old member ONE"
    assert found.groups["space"]["bytes"] > 9600 + found.groups["space"]["bytes_lost"]
    assert found.histograms["member_size"].total == 2


def test_an_empty_library_has_figures(system: System) -> None:
    system.allocate("A.LIB", DataSetAttributes("FB", 80, dsorg="PO", pdse=True))
    with system.library("A.LIB") as library:
        found = library_figures(library, "A.LIB")
    assert (found.organization, found.groups["members"]["average"]) == ("PO-E", None)
