"""IEBCOPY, IEBCOMPR, IEBUPDTE, IEHPROGM and TSO: what each does to libraries and data sets."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dtf.jcl.job_result import JobResult
from ksds.system import System
from tests.dtf.jcl.utilities.outputs import members, printed

Run = Callable[..., JobResult]
Put = Callable[..., None]
LinesOf = Callable[[str], list[str]]


# --- IEBCOPY --------------------------------------------------------------------------------------------


def copy(run: Run, *control: str) -> JobResult:
    dds = ("//SYSUT1 DD DSN=A.OLD,DISP=SHR", "//SYSUT2 DD DSN=A.NEW,DISP=(MOD,CATLG),SPACE=(TRK,(1,1,5))")
    sysin = ("//SYSIN DD *", *control, "/*") if control else ("//SYSIN DD DUMMY",)
    return run("//C EXEC PGM=IEBCOPY", "//SYSPRINT DD SYSOUT=*", *dds, *sysin)


@pytest.fixture
def old(put: Put) -> None:
    for name in ("ONE", "TWO", "THREE"):
        put(f"A.OLD({name})", name)


@pytest.mark.usefixtures("old")
def test_everything_is_copied_without_statements(run: Run, system: System, lines_of: LinesOf) -> None:
    with system.library("A.OLD", "w") as library:
        library.add_alias("UNO", "ONE")
    result = copy(run)
    assert result.condition_code == 0, printed(result)
    assert members(system, "A.NEW") == ["ONE", "THREE", "TWO", "UNO"]
    assert lines_of("A.NEW(UNO)") == ["ONE"]
    assert "IEB154I TWO HAS BEEN SUCCESSFULLY COPIED" in printed(result)


@pytest.mark.usefixtures("old")
def test_select_renames_and_exclude_leaves_out(run: Run, system: System) -> None:
    assert copy(run, " COPY OUTDD=SYSUT2,INDD=SYSUT1", " SELECT MEMBER=(ONE,(TWO,ZWEI))").condition_code == 0
    assert members(system, "A.NEW") == ["ONE", "ZWEI"]
    copy(run, " COPY OUTDD=SYSUT2,INDD=((SYSUT1,R))", " EXCLUDE MEMBER=(ONE,TWO)")
    assert members(system, "A.NEW") == ["ONE", "THREE", "ZWEI"]


@pytest.mark.usefixtures("old")
def test_a_member_is_replaced_only_if_told_so(run: Run, put: Put, lines_of: LinesOf) -> None:
    put("A.NEW(ONE)", "KEEP ME")
    assert "DTX478I ONE IS IN THE OUTPUT DATA SET AND WAS NOT REPLACED" in printed(copy(run))
    assert lines_of("A.NEW(ONE)") == ["KEEP ME"]
    copy(run, " COPY OUTDD=SYSUT2,INDD=SYSUT1", " SELECT MEMBER=((ONE,,R))")
    assert lines_of("A.NEW(ONE)") == ["ONE"]


@pytest.mark.usefixtures("old")
def test_a_selected_member_that_is_nowhere_is_code_4_and_a_bad_statement_8(run: Run) -> None:
    result = copy(run, " COPY OUTDD=SYSUT2,INDD=SYSUT1", " SELECT MEMBER=NOSUCH")
    assert result.condition_code == 4
    assert "IEB177I NOSUCH WAS SELECTED BUT NOT FOUND IN ANY INPUT DATA SET" in printed(result)
    assert copy(run, " SELECT MEMBER=ONE").condition_code == 8
    assert copy(run, " COPY OUTDD=NODD,INDD=SYSUT1").condition_code == 8
    assert copy(run, " COPY OUTDD=SYSUT1,INDD=SYSUT1").condition_code == 0


# --- IEBCOMPR -------------------------------------------------------------------------------------------


def compare(run: Run, one: str, other: str, *control: str) -> JobResult:
    sysin = ("//SYSIN DD *", *control, "/*") if control else ("//SYSIN DD DUMMY",)
    dds = (f"//SYSUT1 DD DSN={one},DISP=SHR", f"//SYSUT2 DD DSN={other},DISP=SHR")
    return run("//C EXEC PGM=IEBCOMPR", "//SYSPRINT DD SYSOUT=*", *dds, *sysin)


def test_data_sets_are_compared_record_by_record(run: Run, put: Put) -> None:
    put("A.ONE", "1", "2", "3")
    put("A.SAME", "1", "2", "3")
    put("A.OTHER", "1", "X")
    assert compare(run, "A.ONE", "A.SAME").condition_code == 0
    result = compare(run, "A.ONE", "A.OTHER")
    assert result.condition_code == 8
    assert "IEB221I RECORDS ARE NOT EQUAL: RECORD 00000002" in printed(result)
    assert "IEB223I EXTRA RECORD ON SYSUT1: RECORD 00000003" in printed(result)


def test_libraries_are_compared_member_by_member(run: Run, put: Put) -> None:
    for name in ("A.L1", "A.L2"):
        put(f"{name}(X)", "SAME")
    assert compare(run, "A.L1", "A.L2", "  COMPARE TYPORG=PO").condition_code == 0
    put("A.L2(Y)", "MORE")
    assert compare(run, "A.L1", "A.L2").condition_code == 8
    assert compare(run, "A.L1", "A.L2", "  EXITS X=Y").condition_code == 12


# --- IEBUPDTE -------------------------------------------------------------------------------------------


def update(run: Run, *lines: str) -> JobResult:
    dds = ("//SYSUT1 DD DSN=A.SRC,DISP=OLD", "//SYSUT2 DD DSN=A.SRC,DISP=OLD")
    return run("//U EXEC PGM=IEBUPDTE", "//SYSPRINT DD SYSOUT=*", *dds, "//SYSIN DD DATA", *lines, "/*")


def numbered(text: str, number: int) -> str:
    return f"{text:<72}{number:08d}"


def test_members_are_added_numbered_changed_and_replaced(run: Run, put: Put, lines_of: LinesOf, system: System) -> None:
    put("A.SRC(OTHER)", "X")
    result = update(
        run, "./ ADD NAME=M", "./ NUMBER NEW1=10,INCR=10", "ONE", "TWO", "THREE", "./ ALIAS NAME=N", "./ ENDUP"
    )
    assert result.condition_code == 0, printed(result)
    assert lines_of("A.SRC(N)") == [numbered("ONE", 10), numbered("TWO", 20), numbered("THREE", 30)]
    change = ("./ CHANGE NAME=M", "./ DELETE SEQ1=20,SEQ2=20", numbered("FIRST", 10), numbered("BETWEEN", 15))
    assert update(run, *change).condition_code == 0
    assert [line[:8].strip() for line in lines_of("A.SRC(M)")] == ["FIRST", "BETWEEN", "THREE"]
    update(run, "./ REPL NAME=M", "NEW", "./ ENDUP")
    assert lines_of("A.SRC(M)") == ["NEW"]


def test_sysprint_shows_statements_and_the_records_that_list_asks_for(run: Run, put: Put) -> None:
    put("A.SRC(M)", numbered("ONE", 10), numbered("TWO", 20))
    change = ("./ CHANGE NAME=M", "./ DELETE SEQ1=10,SEQ2=10", numbered("NEW", 15))
    head, changed, whole = "NEW MASTER          IEBUPDTE LOG PAGE 0001", numbered("NEW", 15), numbered("TWO", 20)
    assert printed(update(run, *change))[:4] == [head, *change[:2], changed]
    listed = ("./ REPRO NAME=M,LIST=ALL", "./ ADD NAME=NEXT", "NOT SHOWN")
    lines = printed(update(run, *listed))
    assert lines[:4] == [head, listed[0], changed, whole]
    assert "NOT SHOWN" not in lines
    assert listed[1] in lines


def test_what_iebupdte_refuses(run: Run, put: Put) -> None:
    put("A.SRC(M)", "X")
    assert update(run, "./ ADD NAME=M", "Y").condition_code == 12
    assert update(run, "./ CHANGE NAME=NOSUCH", "Y").condition_code == 4
    assert update(run, "NO STATEMENT").condition_code == 12
    assert update(run, "./ MOVE NAME=M").condition_code == 12


# --- IEHPROGM -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("detail", ["NUMBER NEW1=X", "DELETE SEQ1=10,SEQ2=R0", "NUMBER NEW1=99999999,INCR=10"])
def test_sequence_numbers_that_are_none(run: Run, put: Put, lines_of: LinesOf, detail: str) -> None:
    put("A.LIB(ONE)", "X")
    dds = ("//SYSUT1 DD DSN=A.LIB,DISP=SHR", "//SYSUT2 DD DSN=A.LIB,DISP=OLD", "//SYSIN DD *")
    result = run("//U EXEC PGM=IEBUPDTE", "//SYSPRINT DD SYSOUT=*", *dds, "./ CHANGE NAME=ONE", f"./ {detail}")
    assert result.condition_code == 12
    assert lines_of("A.LIB(ONE)") == ["X"]


def test_iehprogm_scratches_and_renames(run: Run, put: Put, system: System) -> None:
    put("A.GONE", "X")
    put("A.LIB(OLD)", "X")
    put("A.LIB(DEAD)", "X")
    result = run(
        *("//P EXEC PGM=IEHPROGM", "//SYSPRINT DD SYSOUT=*", "//SYSIN DD *"),
        "  SCRATCH DSNAME=A.GONE,VOL=3390=WORK01,PURGE",
        "  SCRATCH DSNAME=A.LIB,MEMBER=DEAD,VOL=3390=WORK01",
        "  RENAME DSNAME=A.LIB,MEMBER=OLD,NEWNAME=NEW,VOL=3390=WORK01",
        "  SCRATCH DSNAME=A.GONE,VOL=3390=WORK01",
    )
    assert result.condition_code == 8
    assert not system.exists("A.GONE")
    assert members(system, "A.LIB") == ["NEW"]


# --- compressing, cataloging ------------------------------------------------------------------------------


def test_a_library_copied_to_itself_is_compressed_with_all_it_has(
    run: Run, put: Put, system: System, lines_of: LinesOf
) -> None:
    for text in ("FIRST", "SECOND", "THIRD"):
        put("A.LIB(ONE)", text)
    put("A.LIB(TWO)", "OTHER")
    with system.library("A.LIB", "w") as library:
        library.add_alias("UNO", "ONE")
    with system.library("A.LIB") as library:
        size, wasted = library.space()
    assert wasted > 0
    dds = ("//SYSPRINT DD SYSOUT=*", "//PDS DD DSN=A.LIB,DISP=OLD")
    result = run("//C EXEC PGM=IEBCOPY", *dds, "//SYSIN DD *", " COPY OUTDD=PDS,INDD=PDS", "/*")
    assert result.condition_code == 0, printed(result)
    with system.library("A.LIB") as library:
        assert library.space()[0] < size
        assert library.space()[1] == 0
    assert members(system, "A.LIB") == ["ONE", "TWO", "UNO"]
    assert lines_of("A.LIB(UNO)") == ["THIRD"]
    refused = run("//C EXEC PGM=IEBCOPY", *dds, "//SYSIN DD *", " COPY OUTDD=PDS,INDD=PDS", " S M=ONE", "/*")
    assert refused.condition_code == 8


def test_a_data_set_is_taken_out_of_the_catalog_and_put_back(run: Run, put: Put, system: System) -> None:
    put("A.FLAT", "X")
    control = ("//P EXEC PGM=IEHPROGM", "//SYSPRINT DD SYSOUT=*", "//SYSIN DD *")
    assert run(*control, " UNCATLG DSNAME=A.FLAT").condition_code == 0
    assert not system.exists("A.FLAT")
    assert run(*control, " UNCATLG DSNAME=A.FLAT").condition_code == 8
    assert run(*control, " CATLG DSNAME=A.FLAT,VOL=3390=VOL001").condition_code == 0
    assert system.exists("A.FLAT")
