"""Links and pipes planted in a system's folder, in place of every file it has: nothing outside is touched.

A program that meets one ends with one clear error, or does not need the file.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from ksds import idcams
from ksds.datasets import DD, DataSetAttributes
from ksds.errors import KsdsError
from ksds.system import System

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 23, 14, 13, 41)
SECRET = ("SECRET" * 700).encode("cp037")
CARDS = DD(name="CARDS", instream=tuple(f"{number:04}{'':76}".encode("cp037") for number in range(9)))
THE_SYSTEM = """
 DEFINE CLUSTER(NAME(A.K) TRK(1 1) KEYS(4 0) RECSZ(80 80))
 REPRO IFILE(CARDS) ODS(A.K)
 DEFINE AIX(NAME(A.X) RELATE(A.K) TRK(1 1) KEYS(2 2) RECSZ(80 200))
 BLDINDEX IDS(A.K) ODS(A.X)
 REPRO IFILE(CARDS) ODS(A.B)
 REPRO IFILE(CARDS) ODS(A.LIB(M))
"""
COMMANDS = """
 LISTCAT ALL
 PRINT IDS(A.K) CHARACTER
 PRINT IDS(A.B) CHARACTER
 PRINT IDS(A.LIB(M)) CHARACTER
 REPRO IFILE(CARDS) ODS(A.K) REPLACE
 REPRO IFILE(CARDS) ODS(A.B)
 REPRO IFILE(CARDS) ODS(A.LIB(N))
 VERIFY DATASET(A.K)
 EXAMINE NAME(A.K) DATATEST
 DIAGNOSE VVDS
 ALTER A.B NEWNAME(A.C)
 DELETE (A.K A.C A.B A.LIB) ERASE
 DEFINE CLUSTER(NAME(A.NEW) TRK(1 1))
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("links") / "nyc"
    with System.open(folder) as system:
        system.allocate("A.B", DataSetAttributes("FB", 80))
        system.allocate("A.LIB", DataSetAttributes("FB", 80, dsorg="PO"))
        assert idcams.run(system, THE_SYSTEM, dds={"CARDS": CARDS}, now=NOW).max_cc == 0
    return folder


def files(folder: Path) -> list[Path]:
    return sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())


def symbolic(path: Path, outside: Path) -> None:
    path.symlink_to(outside / "secret")


def hard(path: Path, outside: Path) -> None:
    os.link(outside / "secret", path)


def dangling(path: Path, outside: Path) -> None:
    path.symlink_to(outside / "not-there")


def pipe(path: Path, outside: Path) -> None:
    os.mkfifo(path)


PLANTED: list[Callable[[Path, Path], None]] = [symbolic, hard, dangling, pipe]


@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__)
def test_what_is_planted_in_place_of_a_file_leads_nowhere(made: Path, tmp_path: Path, plant) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_bytes(SECRET)
    for name in files(made):
        folder = tmp_path / "nyc"
        shutil.copytree(made, folder)
        (folder / name).unlink()
        plant(folder / name, outside)
        try:
            with System.open(folder) as system:
                printed = idcams.run(system, COMMANDS, dds={"CARDS": CARDS}, now=NOW).sysprint
        except (KsdsError, OSError) as error:
            assert "\n" not in str(error), name
            printed = []
        assert not any("SECRET" in line for line in printed), name
        assert [path.name for path in outside.iterdir()] == ["secret"], name
        assert (outside / "secret").read_bytes() == SECRET, name
        shutil.rmtree(folder)


@pytest.mark.parametrize("name", ["catalog", "volumes", "volumes/VOL001", "spool"])
def test_a_folder_that_is_a_link_is_refused(made: Path, tmp_path: Path, name: str) -> None:
    folder, outside = tmp_path / "nyc", tmp_path / "outside"
    shutil.copytree(made, folder)
    shutil.move(folder / name, outside)
    before = files(outside)
    (folder / name).symlink_to(outside)
    with pytest.raises(OSError, match="symbolic link"):
        System.open(folder)
    assert files(outside) == before


@pytest.mark.parametrize("name", ["catalog/catalog.mark", "catalog/catalog.lock", "catalog/catalog.data"])
def test_a_program_ends_with_one_line(made: Path, tmp_path: Path, name: str) -> None:
    folder, outside = tmp_path / "nyc", tmp_path / "outside"
    shutil.copytree(made, folder)
    outside.write_bytes(SECRET)
    (folder / name).unlink()
    (folder / name).symlink_to(outside)
    command = [sys.executable, "-c", "from ksds.cli import main; main()", "--system", str(folder), "ls", "A.**"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert ended.returncode in (8, 12) and ended.stdout == ""
    assert len(ended.stderr.splitlines()) == 1 and "SECRET" not in ended.stderr, ended.stderr
    assert outside.read_bytes() == SECRET
