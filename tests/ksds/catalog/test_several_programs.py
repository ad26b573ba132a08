"""Several programs change one catalog at once: each gets its turn, or one clear error."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ksds.catalog.catalog import Catalog
from ksds.catalog.entries import GdgEntry, UserCatalogEntry
from ksds.datasets import DataSetAttributes
from ksds.errors import DuplicateName
from ksds.storage.device import MemoryFolder
from ksds.system import System

ROOT = Path(__file__).resolve().parents[3]
FB80 = DataSetAttributes("FB", 80)

ROLL_IN = """
import sys
from ksds.datasets import DataSetAttributes
from ksds.errors import DuplicateName
from ksds.system import System
made = 0
with System.open(sys.argv[1]) as system:
    while made < 6:
        try:
            system.allocate(system.generations.group("A.LOG").relative(1), DataSetAttributes("FB", 80))
            made += 1
        except DuplicateName:
            pass
"""

DELETE_AND_MAKE = """
import sys
from ksds.datasets import DataSetAttributes
from ksds.errors import OpenError
from ksds.system import System
gone = 0
with System.open(sys.argv[1]) as system:
    while gone < 30:
        try:
            system.delete("A.B", purge=True)
        except OpenError:
            continue
        gone += 1
        system.allocate("A.B", DataSetAttributes("FB", 80))
        with system.sequential("A.B", "w") as data_set:
            data_set.append([b"%080d" % gone] * 50)
"""

READ = """
import sys
from ksds.errors import DataSetError, DataSetNotFound
from ksds.system import System
with System.open(sys.argv[1]) as system:
    for _ in range(60):
        try:
            records = list(system.records("A.B"))
        except (DataSetNotFound, DataSetError) as error:
            assert "\\n" not in str(error)
        else:
            assert len(set(records)) <= 1 and len(records) in (0, 50), records[:2]
"""


def together(folder: Path, *programs: str) -> None:
    """Run the programs at once; all must end well."""
    command = [sys.executable, "-c"]
    running = [subprocess.Popen([*command, text, str(folder)], cwd=ROOT, stderr=subprocess.PIPE) for text in programs]
    for process in running:
        _, said = process.communicate(timeout=120)
        assert process.returncode == 0, said.decode()


def test_generations_rolled_in_by_several_programs_at_once(tmp_path):
    folder = tmp_path / "nyc"
    with System.open(folder) as system:
        system.generations.define(GdgEntry(name="A.LOG", limit=3, scratch=True))
    together(folder, ROLL_IN, ROLL_IN, ROLL_IN)
    with System.open(folder) as system:
        names = [entry.name for entry in system.generations.group("A.LOG").active]
        assert names == [f"A.LOG.G{number:04}V00" for number in (16, 17, 18)]
        assert [entry.name for entry in system.entries("A.LOG.*")] == names
        assert system.diagnosis.left_over() == []
        assert not any(one.errors for one in system.diagnosis.entries())


def test_one_program_deletes_and_makes_what_another_reads(tmp_path):
    folder = tmp_path / "nyc"
    with System.open(folder) as system:
        system.allocate("A.B", FB80)
    together(folder, DELETE_AND_MAKE, READ, READ)
    with System.open(folder) as system:
        assert len(list(system.records("A.B"))) == 50
        assert system.diagnosis.left_over() == []


def test_a_turn_that_fails_changes_nothing():
    catalog = Catalog.open(MemoryFolder(), "NYC")
    catalog.add(UserCatalogEntry(name="A.B"))
    with pytest.raises(DuplicateName), catalog.turn() as turn:
        turn.add(UserCatalogEntry(name="A.C"))
        turn.erase(UserCatalogEntry(name="A.B"))
        turn.add(UserCatalogEntry(name="A.C"))
    assert [entry.name for entry in catalog.entries()] == ["A.B"]
