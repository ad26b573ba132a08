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
    """A program that was slow may make the number it was told after three younger ones: it rolls off at once."""
    folder = tmp_path / "nyc"
    with System.open(folder) as system:
        system.generations.define(GdgEntry(name="A.LOG", limit=3, scratch=True))
    together(folder, ROLL_IN, ROLL_IN, ROLL_IN)
    with System.open(folder) as system:
        names = [entry.name for entry in system.generations.group("A.LOG").active]
        newest = int(names[-1][-7:-3])
        assert 6 <= newest <= 18
        assert names == [f"A.LOG.G{number:04}V00" for number in range(newest - 2, newest + 1)]
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


# -- IDCAMS in several processes at once --------------------------------------------------------------------------

COMMANDS_AT_ONCE = """
import sys
from datetime import datetime
from ksds import idcams
from ksds.datasets import DD
from ksds.system import System
ours, turns = sys.argv[2], int(sys.argv[3])
cards = DD(name="IN", instream=tuple(b"%04d%076d" % (n, n) for n in range(60)))
streams = {
    "define": ["DEFINE CLUSTER(NAME(A.K) TRK(1 1) KEYS(4 0) RECSZ(80 80))", "REPRO IFILE(IN) ODS(A.K)"],
    "delete": ["DELETE A.K PURGE"],
    "rename": ["ALTER A.K NEWNAME(A.L)", "ALTER A.L NEWNAME(A.K)"],
    "index": ["DEFINE AIX(NAME(A.X) RELATE(A.K) TRK(1 1) KEYS(2 2) RECSZ(80 400))", "BLDINDEX IDS(A.K) ODS(A.X)"],
    "list": ["LISTCAT ENT(A.*) ALL", "LISTCAT LEVEL(A)"],
    "read": ["PRINT IDS(A.K) CHARACTER", "EXAMINE NAME(A.K) INDEXTEST DATATEST"],
    "export": ["EXPORT A.K ODS(A.PORT) TEMPORARY",
               "IMPORT IDS(A.PORT) -\\n ODS(A.M) OBJECTS((A.K NEWNAME(A.M)))", "DELETE A.M"],
}
with System.open(sys.argv[1]) as system:
    for _ in range(turns):
        for statement in streams[ours]:
            result = idcams.run(system, f" {statement}", dds={"IN": cards}, now=datetime(2026, 11, 23))
            for line in result.sysprint:
                if line[1:4] in ("IDC", "KSD") and line[4].isdigit():
                    print(ours, line[1:9], line[9:].strip())
"""
EXPECTED = {
    "the end of a command": "IDC0001I IDC0002I IDC0005I IDC3003I",
    "it is done": "IDC0508I IDC0509I IDC0512I IDC0550I IDC0531I IDC0652I IDC0594I IDC0604I IDC0611I",
    "a sound cluster, figures": "IDC01700 IDC01701 IDC01724 IDC01709 IDC01708 IDC01710 IDC01711 IDC01712 IDC01722",
    "not there, or there already": "IDC3012I IDC3009I IDC0551I IDC0532I IDC3013I",
    "in use, or somebody was quicker": "IDC3014I IDC3300I IDC3302I IDC3351I IDC3312I KSD303E KSD304E",
    "not what it was": "IDC3308I IDC31467 IDC3643I IDC2654I IDC3318I IDC3625I",
}


def test_processes_that_do_everything_at_once_get_one_clear_error_each_and_lose_nothing(tmp_path):
    folder = tmp_path / "nyc"
    with System.open(folder) as system:
        system.allocate("A.PORT", DataSetAttributes("VB", 2044, 2048))
        system.allocate("A.SEQ", FB80)
        with system.sequential("A.SEQ", "w") as data_set:
            data_set.append([b"%080d" % number for number in range(7)])
    turns = {"define": 12, "delete": 8, "rename": 10, "index": 6, "list": 6, "read": 10, "export": 5}
    command = [sys.executable, "-c", COMMANDS_AT_ONCE, str(folder)]
    piped = {"cwd": ROOT, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    running = [subprocess.Popen([*command, role, str(count)], **piped) for role, count in turns.items()]
    said = []
    for process in running:
        out, wrong = process.communicate(timeout=120)
        assert (process.returncode, wrong) == (0, "")
        said += out.splitlines()
    print(*sorted(set(said)), sep="\n")
    expected = " ".join(EXPECTED.values()).split()
    assert [line for line in said if line.split(" ")[1] not in expected] == []
    for line in said:  # whatever could be opened was whole
        assert "NUMBER OF RECORDS PROCESSED WAS" not in line or line.endswith((" 0", " 60")), line
        if "VSAM OPEN RETURN CODE IS" in line:  # 100: an index that is not built yet
            assert line.endswith((" 100", " 168", " 160", " 232", " 8", " 16")), line
    with System.open(folder) as system:
        assert len(list(system.records("A.SEQ"))) == 7
        assert [one.errors for one in system.diagnosis.entries() if one.errors] == []
        assert system.diagnosis.left_over() == []
        for entry in system.entries():
            if entry.type in ("CLUSTER", "AIX"):
                with system.cluster(entry.name) as cluster:
                    assert cluster.verify() == []
