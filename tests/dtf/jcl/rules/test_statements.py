"""Rules of jcl.md, sections 1 to 3: what a statement is, continuation, in-stream data, what stands where."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.dtf.jcl.rules.decks import STEP, Seen, converted, data, decks, ids, job, parameter, statement

See = Callable[..., Seen]


# --- 1. Statement format ------------------------------------------------------------------------------------


def test_1_five_fields() -> None:
    """1: A statement is one or more 80-byte records"""
    read = statement("//LOAD     EXEC PGM=IDCAMS,PARM=X    LOADS THE FILE")
    assert (read.cards[0].text[:2], read.name, read.operation, read.operand.text) == (
        "//",
        "LOAD",
        "EXEC",
        "PGM=IDCAMS,PARM=X",
    )


def test_1_what_columns_1_and_2_say() -> None:
    """1: Columns 1-2 // = JCL statement"""
    lines = ("//D DD *", "DATA", "/*", "//E DD *,DLM=ZZ", "/*", "ZZ", "//* COMMENT")
    assert data(*lines) == {"D": ("DATA",), "E": ("/*",)}


def test_1_column_72_continues_a_comment_and_73_to_80_are_never_read() -> None:
    """1: Column 72: nonblank marks a continued comment"""
    first = "//S EXEC PGM=IEFBR14   A COMMENT THAT GOES ON".ljust(71) + "X" + "00010000"
    assert parameter(first, "// PARM=NOT", "//* THE END") == ""
    assert parameter("//S EXEC PGM=IEFBR14,".ljust(72) + "PARM=BAD", "// PARM=OK".ljust(72) + "00020000") == "OK"


@pytest.mark.parametrize("name", ["A", "@#$45678", "STEP0001"])
def test_1_names(name: str) -> None:
    """1: Name: starts in column 3, 1-8 characters"""
    assert ids(f"//{name} EXEC PGM=IEFBR14") == []


@pytest.mark.parametrize("name", ["1A", "TOOLONG99", "A-B", "A.B.C"])
def test_1_what_is_no_name(name: str) -> None:
    """1: Name: starts in column 3, 1-8 characters"""
    assert ids(f"//{name} EXEC PGM=IEFBR14") == ["IEFC662I"]


def test_1_an_override_may_have_a_name_of_17_characters() -> None:
    """1: Name: starts in column 3, 1-8 characters"""
    procedure = ("//P PROC", "//STEP0001 EXEC PGM=IEFBR14", "//DDNAME01 DD DUMMY", "// PEND")
    assert ids(*procedure, "//S EXEC P", "//STEP0001.DDNAME01 DD SYSOUT=*") == ["IEFC001I"]


def test_1_the_operation_stands_in_any_column() -> None:
    """1: Operation: surrounded by blanks"""
    assert job("//S" + " " * 40 + "EXEC" + " " * 8 + "PGM=IEFBR14").steps[0].program == "IEFBR14"


def test_1_the_parameter_field_ends_at_the_first_blank_outside_apostrophes() -> None:
    """1: Parameter field: starts after a blank"""
    assert parameter("//S EXEC PGM=IEFBR14,PARM='A B' ,PARM=COMMENT") == "A B"


def test_1_positionals_come_first_and_a_comma_shows_a_missing_one() -> None:
    """1: Positional parameters come first, in order"""
    [deck] = decks("//J JOB ,'A NAME',CLASS=B", STEP)
    assert [text.split("=")[0] for text in deck.statements[0].operand.text.split(",")][-1] == "CLASS"
    assert ids("//S EXEC PGM=IEFBR14,P") == ["DTX402E"]


def test_1_a_comment_where_a_parameter_field_is_due_is_read_as_one() -> None:
    """1: A comment cannot be coded where the parameter field"""
    assert ids(STEP, "//D DD   THE INPUT") == ["DTX413E"]
    group = ("// IF RC = 0 THEN", STEP, "// ELSE   OTHERWISE", "//T EXEC PGM=IEFBR14", "// ENDIF   OF THE GROUP")
    assert ids(*group) == []


def test_1_apostrophes() -> None:
    """1: Apostrophes enclose values with special characters"""
    assert parameter("//S EXEC PGM=X,PARM='O''HARA (ONE'") == "O'HARA (ONE"


def test_1_double_ampersands_outside_and_inside_apostrophes() -> None:
    """1: && inside apostrophes"""
    assert parameter("//S EXEC PGM=X,PARM='A&&B'") == "A&B"
    plain = ("// SET A=X&&Y", "// SET B='X&&Y'", "//S EXEC PGM=X,PARMDD=IN")
    shown = converted(*plain, "//IN DD DSN=&A,DISP=SHR", "//OUT DD DSN=&B,DISP=SHR").substitutions.values()
    assert list(shown) == ["DSN=X&Y,DISP=SHR", "DSN=X&&Y,DISP=SHR"]


# --- 1.1 Continuation ---------------------------------------------------------------------------------------


def test_1_1_what_cannot_be_continued() -> None:
    """1.1: You cannot continue: the command statement"""
    assert job("//* A COMMENT".ljust(71) + "X", STEP).steps[0].name == "S"
    lines = ("//D DD *", "A", "/* THE END".ljust(71) + "X", "//E DD *", "B")
    assert data(*lines) == {"D": ("A",), "E": ("B",)}


def test_1_1_an_unquoted_field_goes_on_behind_a_comma() -> None:
    """1.1: Unquoted parameter field: stop after a complete"""
    for column in range(4, 17):
        assert parameter("//S EXEC PGM=X,", "//".ljust(column - 1) + "PARM=Y") == "Y", column


def test_1_1_a_nonblank_column_3_begins_a_statement() -> None:
    """1.1: If column 3 of the next record is not blank"""
    assert ids("//S EXEC PGM=X,", "//T EXEC PGM=Y") == ["IEFC621I"]


def test_1_1_a_comma_and_a_comment_still_continue() -> None:
    """1.1: A comma followed by a blank and text"""
    assert parameter("//S EXEC PGM=X,     THE PROGRAM", "//   PARM=Y      ITS PARAMETER") == "Y"


def test_1_1_column_72_is_not_needed() -> None:
    """1.1: A comma ending the field makes the continuation"""
    assert parameter("//S EXEC PGM=X,", "//   PARM=Y") == "Y"


def test_1_1_a_quoted_value_runs_through_71_and_goes_on_in_16() -> None:
    """1.1: Quoted value: write through column 71"""
    first = "//S EXEC PGM=X,PARM='".ljust(71, "A")
    assert parameter(first, "//".ljust(15) + "B  C'") == "A" * 50 + "B  C"
    assert parameter("//S EXEC PGM=X,PARM='AB", "//".ljust(15) + "C'").startswith("AB  ")


def test_1_1_a_continued_comment_is_ignored_when_parameters_go_on_too() -> None:
    """1.1: Comment continued: nonblank in column 72"""
    assert parameter("//S EXEC PGM=X,   A COMMENT".ljust(71) + "X", "//  PARM=Y   ITS END") == "Y"


def test_1_1_a_null_statement_ends_a_statement_that_waits() -> None:
    """1.1: A null statement where a continuation is expected"""
    assert ids("//S EXEC PGM=IEFBR14,", "//", "//T EXEC PGM=IEFBR14") == []


def test_1_1_if_breaks_at_any_blank() -> None:
    """1.1: IF relational expressions break at any blank"""
    lines = ("// IF (S.RC = 0 AND", "//       S.RUN)", "//  THEN", "//T EXEC PGM=IEFBR14", "// ENDIF")
    assert ids(STEP, *lines) == []
    assert ids(STEP, "// IF (S.RC = 0 OR   COMMENT", "//  S.RUN) THEN", "//T EXEC PGM=X", "// ENDIF") == ["DTX423E"]


# --- 1.2 Comments, delimiter, null --------------------------------------------------------------------------


def test_1_2_text_behind_a_delimiter_is_comment() -> None:
    """1.2: /* delimiter: columns 1-2"""
    assert data("//D DD *", "A", "/* END OF A", "//E DD *", "B") == {"D": ("A",), "E": ("B",)}


def test_1_2_nothing_between_a_null_statement_and_the_next_job_is_read() -> None:
    """1.2: Null statement // with blanks in 3-72"""
    first, second = decks("//A JOB", STEP, "//", "//NOT EXEC PGM=X", "//B JOB", STEP)
    assert [read.name for read in first.statements] == ["A", "S", ""]
    assert [read.name for read in second.statements] == ["B", "S"]


def test_1_2_a_null_statement_behind_data_ends_the_data() -> None:
    """1.2: A // line that directly ends in-stream data"""
    assert ids(STEP, "//D DD *", "DATA", "//", "//T EXEC PGM=IEFBR14") == ["DTX458W"]
    assert ids(STEP, "//D DD *", "DATA", "//") == []


# --- 2. In-stream data --------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", [("/*",), ("//E DD DUMMY",), ("//* COMMENT",), ()])
def test_2_dd_star_ends_at_any_of_these(end: tuple[str, ...]) -> None:
    """2: //dd DD * opens data; ends at /*"""
    assert data("//D DD *", "A", "B", *end)["D"] == ("A", "B")


def test_2_dd_data_holds_jcl() -> None:
    """2: //dd DD DATA opens data that may itself"""
    assert data("//D DD DATA", "//X JOB", "// EXEC P", "/*")["D"] == ("//X JOB", "// EXEC P")


def test_2_dlm() -> None:
    """2: DLM=xx (2 characters; may be quoted"""
    assert data("//D DD *,DLM='@@'", "/*", "A", "@@")["D"] == ("/*", "A")
    assert data("//D DD *,DLM=@@", "/*", "//E DD DUMMY")["D"] == ("/*",)
    assert data("//D DD DATA,DLM=@@", "/*", "//A", "@@")["D"] == ("/*", "//A")
    assert data("//D DD DATA,DLM=@@", "A", "//", "/*")["D"] == ("A", "//", "/*")


def test_2_an_error_before_dlm_leaves_the_default_delimiter() -> None:
    """2: If the DD statement has an error before DLM="""
    assert decks("//J JOB", STEP, "//D DD *,(X,DLM=ZZ", "A", "/*", "//T EXEC PGM=X")[0].statements[-1].name == "T"


@pytest.mark.parametrize("more", ["DCB=BLKSIZE=80", "SYMBOLS=JCLONLY", "DSNAME=&&NAME", "DCB=(RECFM=FB,LRECL=80)"])
def test_2_operands_behind_the_star(more: str) -> None:
    """2: DD *,DCB=BLKSIZE=80, DD *,SYMBOLS=JCLONLY"""
    assert data(f"//D DD *,{more}", "A")["D"] == ("A",)


def test_2_several_in_one_step_and_the_first_of_two_with_one_name() -> None:
    """2: A step may hold several in-stream data sets"""
    assert data("//D DD *", "A", "//E DD *", "B", "//D DD *", "C") == {"D": ("A",), "E": ("B",)}
    assert ids(STEP, "//D DD *", "A", "//D DD *", "C") == ["DTX404W"]


# --- 2.1 Symbols in in-stream data --------------------------------------------------------------------------


def test_2_1_symbols_says_which(see: See) -> None:
    """2.1: Only when the DD says SYMBOLS="""
    lines = ("// EXPORT SYMLIST=(A)", "// SET A=1", "//S EXEC PGM=SHOW", "//SYSPRINT DD SYSOUT=*")
    text = "&A. &SYSNAME &SYSUID"
    assert see(*lines, "//IN DD *", text).printed() == [text]
    assert see(*lines, "//IN DD *,SYMBOLS=JCLONLY", text).printed() == ["1 &SYSNAME IBMUSER"]
    for level in ("EXECSYS", "CNVTSYS"):
        assert see(*lines, f"//IN DD *,SYMBOLS={level}", text).printed() == ["1 NYC IBMUSER"]
    assert ids(STEP, "//D DD *,SYMBOLS=ALL", "A") == ["DTX419E"]


def test_2_1_a_second_value_logs_what_was_replaced(see: See) -> None:
    """2.1: Only when the DD says SYMBOLS="""
    lines = ("// EXPORT SYMLIST=A", "// SET A=NEW", "//S EXEC PGM=SHOW", "//SYSPRINT DD SYSOUT=*", "//LOG DD SYSOUT=*")
    seen = see(*lines, "//IN DD *,SYMBOLS=(JCLONLY,LOG)", "NOTHING", "A &A.")
    assert seen.printed() == ["NOTHING", "A NEW"]
    assert seen.printed("LOG") == ["IN RECORD 2: A &A.", "IN RECORD 2: A NEW"]


def test_2_1_export_must_come_before_set(see: See) -> None:
    """2.1: JCL symbols must be named on EXPORT"""
    step = ("//S EXEC PGM=SHOW", "//SYSPRINT DD SYSOUT=*", "//IN DD *,SYMBOLS=JCLONLY", "(&A,&B,&C)")
    before = ("// SET A=OLD", "// EXPORT SYMLIST=(A,B)", "// SET B=1", "// SET B=2", "// SET C=3")
    assert see(*before, *step).printed() == ["(,2,&C)"]
    assert see("// EXPORT SYMLIST=*", "// SET A=1,B=2,C=3", *step).printed() == ["(1,2,3)"]


def test_2_1_sysuid_needs_no_export_and_symlist_is_limited(see: See) -> None:
    """2.1: SYSUID is substituted without being exported"""
    step = ("//S EXEC PGM=SHOW", "//SYSPRINT DD SYSOUT=*", "//IN DD *,SYMBOLS=JCLONLY", "&SYSUID")
    assert see(*step).printed() == ["IBMUSER"]
    assert ids("// EXPORT SYMLIST=(A,A,B)", STEP) == []
    names = [f"SYMBOL{number:02d}" for number in range(16)]
    for count, found in ((15, []), (16, ["IEFC642I"])):
        lines = [f"//  {name}," for name in names[1 : count - 1]]
        assert ids(f"// EXPORT SYMLIST=({names[0]},", *lines, f"//  {names[count - 1]})", STEP) == found


# --- 3. Statements, their order, JES2 -----------------------------------------------------------------------


def test_3_1_what_may_stand_before_the_first_exec() -> None:
    """3.1: JOB, then (in any order where allowed)"""
    early = ("// JCLLIB ORDER=A.B", "//JOBLIB DD DSN=A.LOAD,DISP=SHR", "//OUT OUTPUT CLASS=A", "// SET A=1")
    assert ids(*early, STEP) == ["DTX459W"]
    assert ids("//ANY DD DUMMY", STEP) == ["IEFC019I"]
    assert ids(STEP, "// JCLLIB ORDER=A.B") == ["DTX437E"]


def test_3_2_jes2_control_statements_are_passed_by(see: See) -> None:
    """3.2: /*JOBPARM (SYSAFF=, LINES="""
    header = (
        "/*JOBPARM SYSAFF=*,LINES=99",
        "/*ROUTE PRINT LOCAL",
        "/*XEQ NYC",
        "/*$DJ1-9",
        "/*SETUP A",
        "/*MESSAGE HI",
    )
    seen = see(*header, "/*NOTIFY ANNA", STEP)
    assert seen.codes == "S=0000"
    assert "ANNA: J (JOB00001) HAS ENDED, CC 0000" in seen
    assert [line[10:].rstrip() for line in seen.listing if "/*" in line] == [*header, "/*NOTIFY ANNA"]
    assert data("//D DD *", "A", "/*JOBPARM LINES=1", "//E DD *", "B") == {"D": ("A",), "E": ("B",)}
