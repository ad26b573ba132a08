"""Compressing a library: nobody's member is lost by it, and what goes wrong leaves nothing behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from ksds.catalog import compression
from ksds.catalog.entries import NonVsamEntry
from ksds.datasets import DataSetAttributes
from ksds.datasets.partitioned import PartitionedDataSet
from ksds.errors import DataSetError, DataSetInUse
from ksds.system import System

RECORDS = [b"%080d" % number for number in range(50)]


@pytest.fixture
def system(tmp_path: Path) -> System:
    system = System.open(tmp_path / "nyc")
    system.allocate("A.LIB", DataSetAttributes("FB", 80, dsorg="PO"))
    for _ in range(3):
        with system.library("A.LIB", "w") as library, library.create("M") as writer:
            writer.append(RECORDS)
    return system


def test_while_it_is_compressed_nobody_adds_a_member_that_would_go(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lock of the old file was given back before the catalog named the new one: a member added between was lost."""
    volume, old = system._volume, system.entry("A.LIB")
    assert isinstance(old, NonVsamEntry)
    opened, tried = volume.library, []

    def watched(file_name: str, attributes: DataSetAttributes, *, exclusive: bool) -> PartitionedDataSet:
        if file_name != old.file_name:
            try:
                opened(old.file_name, attributes, exclusive=True).close()
            except DataSetInUse:
                tried.append("in use")
            else:
                tried.append("open to anybody")
        return opened(file_name, attributes, exclusive=exclusive)

    monkeypatch.setattr(volume, "library", watched)
    assert system.compression.compress("A.LIB") > 0
    assert set(tried) == {"in use"}
    monkeypatch.undo()
    with system.library("A.LIB") as library:
        assert list(library.records("M")) == RECORDS
    assert system.diagnosis.left_over() == []


def test_a_library_that_cannot_be_copied_stays_as_it_was(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(old: object, new: object) -> None:
        raise DataSetError("NO SPACE")

    monkeypatch.setattr(compression, "_copy", full)
    with pytest.raises(DataSetError, match="NO SPACE"):
        system.compression.compress("A.LIB")
    assert system.diagnosis.left_over() == []
    with system.library("A.LIB") as library:
        assert list(library.records("M")) == RECORDS
