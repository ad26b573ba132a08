"""IEHLIST and IEBPTPCH: what they show of volumes, libraries and records."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dtf.jcl.job_result import JobResult
from ksds.system import System
from tests.dtf.jcl.utilities.outputs import printed

Run = Callable[..., JobResult]
Put = Callable[..., None]


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


# --- IEBDG --------------------------------------------------------------------------------------------


def iebdg(run: Run, *control: str, dds: tuple[str, ...] = ("//OUT DD DSN=A.OUT,DISP=(,CATLG)",)) -> JobResult:
    return run("//G EXEC PGM=IEBDG", "//SYSPRINT DD SYSOUT=*", *dds, "//SYSIN DD *", *control, "/*")


def field_of(run: Run, system: System, field: str, count: int = 3) -> list[bytes]:
    if system.exists("A.OUT"):
        system.delete("A.OUT")
    control = (" DSD OUTPUT=(OUT)", f" FD NAME=F,LENGTH={field}", f" CREATE QUANTITY={count},NAME=(F)", " END")
    result = iebdg(run, *control)
    assert result.condition_code == 0, printed(result)
    return list(system.records("A.OUT"))


@pytest.mark.parametrize(
    ("field", "records"),
    [
        ("5,FORMAT=AL", ["ABCDE", "ABCDE", "ABCDE"]),
        ("4,FORMAT=AL,ACTION=RP", ["ABCD", "BCDE", "CDEF"]),
        ("3,FORMAT=AL,ACTION=TL", ["ABC", " BC", "  C"]),
        ("3,FORMAT=AL,ACTION=TR", ["ABC", "AB ", "A  "]),
        ("3,FORMAT=AL,ACTION=SR", ["ABC", " AB", "  A"]),
        ("3,FORMAT=AN,CHARACTER=Y", ["YZ0", "YZ0", "YZ0"]),
        ("3,FILL='*'", ["***", "***", "***"]),
        ("4,PICTURE=4,'ABCD',ACTION=SL", ["ABCD", "BCD ", "CD  "]),
        ("3,FORMAT=ZD,INDEX=5", ["00A", "00F", "01A"]),
        ("3,FORMAT=ZD,INDEX=5,CYCLE=2", ["00A", "00A", "00F"]),
        ("3,FORMAT=ZD,INDEX=5,RANGE=5", ["00A", "00F", "00A"]),
    ],
)
def test_fields_of_test_data(run: Run, system: System, field: str, records: list[str]) -> None:
    assert [record.decode("cp037") for record in field_of(run, system, field)] == records


def test_numbers_of_test_data(run: Run, system: System) -> None:
    assert [record.hex() for record in field_of(run, system, "2,FORMAT=PD,INDEX=1", 2)] == ["001c", "002c"]
    assert [record.hex() for record in field_of(run, system, "2,FORMAT=BI,INDEX=1", 2)] == ["0001", "0002"]
    assert [record.hex() for record in field_of(run, system, "2,FORMAT=PD,SIGN=-,INDEX=1", 2)] == ["001d", "002d"]
    assert [record.hex() for record in field_of(run, system, "3,PICTURE=3,P'123',INDEX=1", 2)] == ["00123c", "00124c"]


def test_records_from_input_with_fields_put_over_them(run: Run, put: Put, system: System) -> None:
    put("A.IN", "ONE", "TWO", lrecl=6)
    dds = ("//IN DD DSN=A.IN,DISP=SHR", "//OUT DD DSN=A.OUT,DISP=(,CATLG),RECFM=FB,LRECL=10")
    control = (
        *(" DSD OUTPUT=(OUT),INPUT=(IN)", " FD NAME=N,LENGTH=2,STARTLOC=9,FORMAT=ZD,INDEX=1"),
        *(" FD NAME=C,LENGTH=3,STARTLOC=5,INPUT=IN,FROMLOC=1", " CREATE INPUT=IN,NAME=(N,C),FILL='.'"),
    )
    result = iebdg(run, *control, dds=dds)
    assert result.condition_code == 0, printed(result)
    texts = [record.decode("cp037") for record in system.records("A.OUT")]
    assert texts == ["ONE ONE.0A", "TWO TWO.0B"]


@pytest.mark.parametrize(
    "control",
    [
        (" FD NAME=A,LENGTH=1",),
        (" DSD OUTPUT=(NONE)", " CREATE QUANTITY=1"),
        (" DSD OUTPUT=(OUT)", " FD NAME=A,LENGTH=3,FORMAT=RA"),
        (" DSD OUTPUT=(OUT)", " FD NAME=A,LENGTH=3,ACTION=WV"),
        (" DSD OUTPUT=(OUT)", " FD NAME=A"),
        (" DSD OUTPUT=(OUT)", " CREATE NAME=(B)"),
        (" DSD OUTPUT=(OUT)", " REPEAT QUANTITY=2,CREATE=1"),
        (" DSD OUTPUT=(OUT)", " FD NAME=A,LENGTH=1,PICTURE=1,P'5000'"),
    ],
)
def test_test_data_that_cannot_be_made_is_code_12(run: Run, control: tuple[str, ...]) -> None:
    assert iebdg(run, *control).condition_code == 12
