"""IEHLIST and IEBPTPCH: what they show of volumes, libraries and records."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dtf.jcl.job_result import JobResult
from ksds.system import System

Run = Callable[..., JobResult]
Put = Callable[..., None]


def printed(result: JobResult, name: str = "SYSPRINT") -> list[str]:
    return next(list(file.printed()) for file in result.spool.files if file.name == name)


# --- IEHLIST ------------------------------------------------------------------------------------------


def iehlist(run: Run, *control: str) -> JobResult:
    dds = ("//SYSPRINT DD SYSOUT=*", "//DD1 DD UNIT=3390,VOL=SER=VOL001,DISP=OLD")
    return run("//L EXEC PGM=IEHLIST", *dds, "//SYSIN DD *", *control, "/*")


def test_the_volume_libraries_and_the_catalog_are_listed(run: Run, put: Put) -> None:
    put("A.LIB(ONE)", "1")
    put("A.LIB(TWO)", "2")
    put("A.FLAT", "X", lrecl=40)
    result = iehlist(
        run,
        " LISTPDS DSNAME=(A.LIB),VOL=3390=VOL001,FORMAT",
        " LISTVTOC FORMAT,VOL=3390=VOL001,DSNAME=(A.FLAT)",
        " LISTCTLG NODE=A",
    )
    lines = printed(result)
    assert result.condition_code == 0, lines
    assert lines[lines.index("MEMBERS") + 1 :][:2] == ["ONE", "TWO"]
    assert any(line.split() == ["A.FLAT", "0000.000", "0000.000", "PS", "FB", "40", "27960"] for line in lines)
    assert [line for line in lines if line in ("A.FLAT", "A.LIB")] == ["A.FLAT", "A.LIB"]


def test_a_request_for_what_is_not_there_is_code_8_and_the_next_is_carried_out(run: Run, put: Put) -> None:
    put("A.LIB(ONE)", "1")
    result = iehlist(run, " LISTPDS DSNAME=NO.SUCH", " LISTPDS DSNAME=A.LIB,DUMP", " LISTNONE VOL=3390=X")
    assert result.condition_code == 8
    assert "ONE" in printed(result)


# --- IEBPTPCH -----------------------------------------------------------------------------------------


def ptpch(run: Run, *control: str, data: tuple[str, ...] = ("ABCDEFGHIJ", "KLM"), ut1: str = "") -> JobResult:
    source = (f"//SYSUT1 DD DSN={ut1},DISP=SHR",) if ut1 else ("//SYSUT1 DD *", *data, "/*")
    dds = ("//SYSPRINT DD SYSOUT=*", "//SYSUT2 DD SYSOUT=*", *source)
    return run("//P EXEC PGM=IEBPTPCH", *dds, "//SYSIN DD *", *control, "/*")


def test_records_are_printed_in_groups_of_eight(run: Run, put: Put) -> None:
    put("A.IN", "ABCDEFGHIJ", "KLM", lrecl=12)
    result = ptpch(run, " PRINT", ut1="A.IN")
    assert result.condition_code == 0, printed(result)
    assert printed(result, "SYSUT2") == ["1ABCDEFGH  IJ  *", " KLM           *"]
    assert printed(ptpch(run, " PRINT TOTCONV=XE", ut1="A.IN"), "SYSUT2")[0] == ("1C1C2C3C4  C5C6C7C8  C9D14040*")


def test_titles_fields_and_the_end_of_a_group(run: Run) -> None:
    result = ptpch(
        run,
        " PRINT MAXFLDS=2,MAXGPS=2,MAXLITS=9,STOPAFT=3",
        " TITLE ITEM=('NAMES',5),ITEM=('AGE',12)",
        " RECORD IDENT=(3,'END',1),FIELD=(4,1,,5),FIELD=(2,6,XE,12)",
        " RECORD FIELD=(3)",
        data=("ANNA 31", "END  00", "REST", "MORE"),
    )
    assert result.condition_code == 0, printed(result)
    assert printed(result, "SYSUT2") == ["1    NAMES  AGE", "     ANNA   F3F1", "     END    F0F0", " RES"]


def test_members_of_a_library_are_punched_with_numbers(run: Run, put: Put) -> None:
    put("A.LIB(ONE)", "FIRST")
    put("A.LIB(TWO)", "SECOND")
    result = ptpch(run, " PUNCH TYPORG=PO,CDSEQ=100,CDINCR=10", ut1="A.LIB")
    assert printed(result, "SYSUT2") == [f"{'FIRST':72}00000100", f"{'SECOND':72}00000110"]
    result = ptpch(run, " PUNCH TYPORG=PO,MAXNAME=1", " MEMBER NAME=TWO", ut1="A.LIB")
    assert [line.rstrip() for line in printed(result, "SYSUT2")] == ["SECOND"]


def test_skip_start_and_pages(run: Run) -> None:
    data = tuple(f"R{n}" for n in range(1, 8))
    fields = " RECORD FIELD=(2)"
    skipped = printed(ptpch(run, " PRINT SKIP=2,MAXFLDS=1", fields, data=data), "SYSUT2")
    assert [line[1:] for line in skipped] == ["R2", "R4", "R6"]
    later = printed(ptpch(run, " PRINT STRTAFT=4,MAXLINE=2,CNTRL=1", fields, data=data), "SYSUT2")
    assert later == ["1R5", " R6", "1R7"]
    assert printed(ptpch(run, " PRINT PREFORM=A", data=("1TITLE", " LINE")), "SYSUT2") == ["1TITLE", " LINE"]


@pytest.mark.parametrize(
    "control",
    [
        (" TITLE ITEM=('A',1)",),
        (" PRINT BAD=1",),
        (" PRINT", " EXITS INREC=X"),
        (" PRINT", " RECORD FIELD=(A)"),
        (" PRINT", " RECORD IDENT=(1)"),
        (" PRINT", " RECORD FIELD=(3,1,QQ)"),
    ],
)
def test_what_is_not_supported_is_code_12(run: Run, control: tuple[str, ...]) -> None:
    assert ptpch(run, *control).condition_code == 12


def test_a_member_that_is_not_there_is_an_abend(run: Run, put: Put, system: System) -> None:
    put("A.LIB(ONE)", "FIRST")
    result = ptpch(run, " PRINT TYPORG=PO", " MEMBER NAME=NONE", ut1="A.LIB")
    assert result.steps[0].abend == "S013"
