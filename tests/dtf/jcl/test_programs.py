"""IEBGENER and IDCAMS as steps of a job."""

from __future__ import annotations

from datetime import datetime

import pytest

from dtf.jcl.job_result import JobResult
from dtf.jcl.program_list import PROGRAMS
from dtf.jcl.runner import Replay
from ksds.datasets import DataSetAttributes
from ksds.system import System


def run(system: System, *lines: str) -> JobResult:
    replay = Replay(system=system, programs=PROGRAMS, clock=lambda: datetime(2026, 11, 23, 5, 7, 9))
    [result] = replay.run("\n".join(["//J JOB", *lines]))
    return result


def printed(result: JobResult, name: str = "SYSPRINT") -> list[str]:
    return [line for file in result.spool.files if file.name == name for line in file.printed()]


GENERATE = ("//G EXEC PGM=IEBGENER", "//SYSPRINT DD SYSOUT=*", "//SYSIN DD DUMMY")


def test_iebgener_copies_cards_to_a_data_set_that_takes_its_shape_from_them(system: System) -> None:
    result = run(system, *GENERATE, "//SYSUT1 DD *", "ONE", "TWO", "//SYSUT2 DD DSN=A.B,DISP=(,CATLG)")
    assert result.condition_code == 0
    with system.sequential("A.B") as data_set:
        assert data_set.attributes.recfm == "FB"
        assert data_set.attributes.lrecl == 80
        assert [record.decode("cp037").rstrip() for record in data_set.records()] == ["ONE", "TWO"]
    assert printed(result)[2:] == [
        "IEB352I WARNING: ONE OR MORE OF THE OUTPUT DCB PARMS COPIED FROM INPUT",
        "",
        "PROCESSING ENDED AT EOD",
    ]


def test_iebgener_shows_a_concatenation_on_the_spool(system: System) -> None:
    for name in ("A.ONE", "A.TWO"):
        run(system, *GENERATE, "//SYSUT1 DD *", name, f"//SYSUT2 DD DSN={name},DISP=(,CATLG)")
    result = run(
        system, *GENERATE, "//SYSUT1 DD DSN=A.TWO,DISP=SHR", "//  DD DSN=A.ONE,DISP=SHR", "//SYSUT2 DD SYSOUT=*"
    )
    assert printed(result, "SYSUT2") == ["A.TWO", "A.ONE"]


def test_iebgener_of_variable_records(system: System) -> None:
    system.allocate("V.IN", DataSetAttributes("VB", 104))
    with system.sequential("V.IN", "w") as data_set:
        data_set.append([b"\xc1" * length for length in (1, 100, 7)])
    result = run(system, *GENERATE, "//SYSUT1 DD DSN=V.IN,DISP=SHR", "//SYSUT2 DD DSN=V.OUT,DISP=(,CATLG)")
    assert result.condition_code == 0
    assert [len(record) for record in system.records("V.OUT")] == [1, 100, 7]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (("//SYSUT1 DD *", "X"), "DTX470E DD STATEMENT SYSUT2 IS MISSING"),
        (("//SYSUT1 DD *", "X", "//SYSUT2 DD DSN=A,DISP=(,CATLG),DCB=(RECFM=FB,LRECL=100)"), "DTX473E"),
        (("//SYSUT1 DD *", "X", "//SYSUT2 DD DSN=A,DISP=(,CATLG),DCB=(RECFM=VB,LRECL=100)"), "DTX473E"),
    ],
)
def test_iebgener_ends_with_12_when_it_cannot(system: System, lines: tuple[str, ...], message: str) -> None:
    result = run(system, *GENERATE, *lines)
    assert result.condition_code == 12
    assert any(line.startswith(message) for line in printed(result)), printed(result)


def test_iebgener_refuses_vsam(system: System) -> None:
    define = "  DEFINE CLUSTER (NAME(K) KEYS(8 0) RECORDSIZE(80 80) TRACKS(1 1))"
    run(system, "//D EXEC PGM=IDCAMS", "//SYSPRINT DD SYSOUT=*", "//SYSIN DD *", define)
    result = run(system, *GENERATE, "//SYSUT1 DD DSN=K,DISP=SHR", "//SYSUT2 DD SYSOUT=*")
    assert result.condition_code == 12


@pytest.mark.parametrize(("parm", "code"), [("", 12), (",PARM='MARGINS(1 72)'", 7), (",PARM='MARGIN(1 72)'", 12)])
def test_idcams_takes_margins_from_the_parm(system: System, parm: str, code: int) -> None:
    deck = (f"//D EXEC PGM=IDCAMS{parm}", "//SYSPRINT DD SYSOUT=*", "//SYSIN DD *", "SET MAXCC = 7")
    assert run(system, *deck).condition_code == code


@pytest.mark.parametrize(("parm", "told"), [("", True), (",PARM='MARGINS(2 80)'", False)])
def test_the_job_log_says_what_idcams_does_not_read_of_a_line(system: System, parm: str, told: bool) -> None:
    """As an example of IBM's own has it: the continuation mark in column 74."""
    deck = (f"//D EXEC PGM=IDCAMS{parm}", "//SYSPRINT DD SYSOUT=*", "//SYSIN DD *")
    result = run(system, *deck, f"{' LISTCAT LEVEL(A)':73}-", f"{'     NAME':72}00000100")
    said = [line for file in result.spool.files for line in file.printed() if "DTX487W" in line]
    expected = " DTX487W SYSIN LINE 1 GOES ON BEHIND COLUMN 72, WHICH IS NOT READ: -"
    assert [line.endswith(expected) for line in said] == [True] * told


def test_idcams_runs_its_commands_and_the_step_takes_maxcc(system: System) -> None:
    result = run(
        system,
        "//D EXEC PGM=IDCAMS",
        "//SYSPRINT DD SYSOUT=*",
        "//CARDS DD *",
        "00000001 FIRST",
        "00000002 SECOND",
        "/*",
        "//SYSIN DD *",
        "  DEFINE CLUSTER (NAME(DEMO.K) KEYS(8 0) RECORDSIZE(80 80) TRACKS(1 1))",
        "  REPRO INFILE(CARDS) OUTDATASET(DEMO.K)",
        "  DELETE NOT.THERE",
    )
    assert result.condition_code == 8
    assert [record[:8].decode("cp037") for record in system.records("DEMO.K")] == ["00000001", "00000002"]
    assert any("IDC0005I NUMBER OF RECORDS PROCESSED WAS 2" in line for line in printed(result))


def test_sequence_numbers_in_73_to_80_of_sysin_are_not_read(system: System) -> None:
    line = "  DEFINE CLUSTER (NAME(DEMO.K) KEYS(8 0) RECORDSIZE(80 80) TRACKS(1 1))".ljust(72) + "00010000"
    assert run(system, "//D EXEC PGM=IDCAMS", "//SYSPRINT DD SYSOUT=*", "//SYSIN DD *", line).condition_code == 0


def test_a_listing_may_go_to_a_data_set_instead_of_the_spool(system: System) -> None:
    result = run(
        system,
        "//D EXEC PGM=IDCAMS",
        "//SYSPRINT DD DSN=A.LISTING,DISP=(,CATLG)",
        "//SYSIN DD *",
        "  LISTCAT NAME",
    )
    assert result.condition_code == 0
    with system.sequential("A.LISTING") as listing:
        assert listing.attributes.recfm == "VBA"
        assert any("IDCAMS  SYSTEM SERVICES" in record.decode("cp037") for record in listing.records())
