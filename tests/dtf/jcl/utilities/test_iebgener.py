"""IEBGENER with control statements: fields, literals, conversions, groups that become members."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dtf.jcl.job_result import JobResult
from ksds.datasets import DataSetAttributes
from ksds.system import System

STEP = ("//G EXEC PGM=IEBGENER", "//SYSPRINT DD SYSOUT=*")
Run = Callable[..., JobResult]


def printed(result: JobResult, name: str = "SYSPRINT") -> list[str]:
    [file] = [file for file in result.spool.files if file.name == name]
    return list(file.printed())


def edit(run: Run, *control: str, data: tuple[str, ...] = ("ABCDEFGH",)) -> JobResult:
    sysin = ("//SYSIN DD *", *control, "/*")
    return run(*STEP, *sysin, "//SYSUT2 DD SYSOUT=*", "//SYSUT1 DD *", *data, "/*")


def test_fields_are_moved_and_literals_put_in(run: Run) -> None:
    result = edit(
        run,
        "         GENERATE MAXFLDS=3,MAXLITS=5",
        " RECORD FIELD=(3,6,,1),FIELD=(5,'--->',,5),   COMMENT",
        "               FIELD=(2,1,,12)",
    )
    assert (result.condition_code, printed(result, "SYSUT2")) == (0, ["FGH ---->  AB".replace("---->", "---> ")])


def test_zoned_to_packed_and_back(run: Run, system: System) -> None:
    dds = ("//SYSUT2 DD DSN=A.OUT,DISP=(,CATLG),RECFM=FB,LRECL=3", "//SYSUT1 DD *", "12345", "/*")
    run(*STEP, "//SYSIN DD *", " GENERATE MAXFLDS=1", " RECORD FIELD=(5,1,ZP,1)", "/*", *dds)
    assert list(system.records("A.OUT")) == [bytes.fromhex("12345F")]
    back = ("//SYSUT2 DD DSN=A.TEXT,DISP=(,CATLG),RECFM=FB,LRECL=5", "//SYSUT1 DD DSN=A.OUT,DISP=SHR")
    run(*STEP, "//SYSIN DD *", " GENERATE MAXFLDS=1", " RECORD FIELD=(3,1,PZ,1)", "/*", *back)
    assert list(system.records("A.TEXT")) == ["12345".encode("cp037")]


def test_groups_of_records_become_members(run: Run, system: System, lines_of: Callable[[str], list[str]]) -> None:
    system.allocate("A.LIB", DataSetAttributes("FB", 80, dsorg="PO"))
    result = run(
        *(*STEP, "//SYSUT2 DD DSN=A.LIB,DISP=OLD", "//SYSIN DD *"),
        *(" GENERATE MAXNAME=2,MAXGPS=1", " MEMBER NAME=ONE", " RECORD IDENT=(3,'END',1)", " MEMBER NAME=TWO", "/*"),
        *("//SYSUT1 DD *", "A", "END OF ONE", "B", "C", "/*"),
    )
    assert result.condition_code == 0, printed(result)
    assert lines_of("A.LIB(ONE)") == ["A", "END OF ONE"]
    assert lines_of("A.LIB(TWO)") == ["B", "C"]


@pytest.mark.parametrize(
    ("control", "message"),
    [
        (" RECORD FIELD=(1,1,,1)", "DTX471E LINE 1: GENERATE EXPECTED"),
        (" GENERATE\n EXITS X", "DTX471E LINE 2: EXITS IS NOT SUPPORTED"),
        (" GENERATE\n RECORD FIELD=(1,1,XX,1)", "DTX471E LINE 2: CONVERSION XX IS NOT SUPPORTED"),
        (f" GENERATE\n RECORD FIELD=(41,'{'X' * 41}')", "DTX471E LINE 2: A LITERAL HAS MORE THAN 40 BYTES"),
        (" GENERATE\n RECORD FIELD=(A,1,,1)", "DTX471E LINE 2: 'A' IS NOT A LENGTH OR POSITION"),
        (" GENERATE\n RECORD FIELD=((1,1", "DTX474E LINE 2: UNBALANCED PARENTHESIS"),
        (" GENERATE\n RECORD IDENT=(1,2)", "DTX471E LINE 2: IDENT IS NOT (LENGTH,'TEXT',POSITION)"),
    ],
)
def test_what_is_wrong_with_a_control_statement(run: Run, control: str, message: str) -> None:
    result = edit(run, *control.split("\n"))
    assert result.condition_code == 12
    assert message in printed(result)


def test_icegener_fills_and_cuts_what_iebgener_refuses(run: Run, system: System, put: Callable[..., None]) -> None:
    put("A.IN", "ABCDE", lrecl=10)
    dds = ("//SYSPRINT DD SYSOUT=*", "//SYSIN DD DUMMY", "//SYSUT1 DD DSN=A.IN,DISP=SHR")
    for name, length in (("A.LONG", 12), ("A.SHORT", 3)):
        target = f"//SYSUT2 DD DSN={name},DISP=(,CATLG),RECFM=FB,LRECL={length}"
        assert run("//S EXEC PGM=IEBGENER", *dds, target.replace(name, f"{name}.X")).condition_code == 12
        assert run("//S EXEC PGM=ICEGENER", *dds, target).condition_code == 0
    assert list(system.records("A.LONG")) == ["ABCDE     ".encode("cp037") + b"\0\0"]
    assert list(system.records("A.SHORT")) == ["ABC".encode("cp037")]
