"""What real members look like: each peculiarity is read, warned about or refused by name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dtf.jcl.cards import read_cards
from dtf.jcl.converter import ConvertedJob, convert
from dtf.jcl.job_result import JobResult
from dtf.jcl.libraries import ProcedureLibraries, parse_folders
from dtf.jcl.statements import read_jobs
from ksds.system import System

STEP = "//S EXEC PGM=IEFBR14"


def converted(text: str | bytes) -> ConvertedJob:
    [deck] = read_jobs(read_cards(text))
    return convert(deck)


def warnings(*lines: str) -> list[str]:
    """The ids of what is noted; the job must be able to run."""
    result = converted("\n".join(lines))
    assert result.job is not None, [str(note) for note in result.diagnostics]
    return [note.message_id for note in result.diagnostics]


def test_crlf_tabs_and_a_missing_last_line_end() -> None:
    """19: Encoding: UTF-8/ASCII with LF, CRLF
    19: Tabs: rare in the sources scanned"""
    assert warnings("//J JOB\r", "//S\tEXEC\tPGM=IEFBR14") == ["DTX449W", "DTX448W"]


def test_lone_characters_of_utf8_in_comments_and_the_not_sign_as_one_byte() -> None:
    """19: Encoding: UTF-8/ASCII with LF, CRLF"""
    assert converted("//J JOB\n//* caf\u00e9 \u2014 \u00a0X\n//S EXEC PGM=X").job is not None
    result = converted(b"//J JOB\n// IF \xacABEND THEN\n//S EXEC PGM=X\n// ENDIF")
    assert result.job is not None


def test_sequence_numbers_a_jobid_in_73_and_text_past_80() -> None:
    """19: Trailing blanks to 80; sequence numbers"""
    assert warnings("//J JOB".ljust(72) + "JOB00134", STEP.ljust(72) + "00020000" + "PAST") == ["DTX452W"]


def test_line_numbers_in_front_of_the_statements() -> None:
    """19: Numbers in 1-6 or 1-8 before //"""
    assert warnings("000100 //J JOB", "000200 //S EXEC PGM=IEFBR14", "000300 //D DD DUMMY") == ["DTX450W"]


def test_blank_lines_and_lines_that_are_no_jcl() -> None:
    """19: Blank lines and non-JCL lines"""
    assert warnings("//J JOB", "", "NOTES OF SOMEBODY", STEP, "", "//D DD DUMMY") == ["DTX454W"]
    result = converted("//J JOB\n//S EXEC PGM=X\n  SOME CONTROL STATEMENT\n//E DD DUMMY")
    assert result.job is not None
    assert [(dd.name, dd.parts[0].records) for dd in result.job.steps[0].dds] == [
        ("SYSIN", ("  SOME CONTROL STATEMENT",)),
        ("E", ()),
    ]
    assert [note.message_id for note in result.diagnostics] == ["DTX446W"]


def test_delimiters_without_data_and_jecl_in_the_header() -> None:
    """19: /* after DDs with no data open"""
    assert (
        warnings("/*PRIORITY 5", "//J JOB", "/*JOBPARM SYSAFF=*", "/* a comment, they thought", STEP, "/*", "/*") == []
    )


def test_comments_inside_continuations() -> None:
    """19: //* inside continuations"""
    result = converted("//J JOB\n//S EXEC PGM=X,\n//* WHY\n//    PARM=A,\n//* AND WHY NOT\n//   COND=EVEN")
    assert result.job is not None
    assert (result.job.steps[0].parameter, result.job.steps[0].conditions.even) == ("A", True)


def test_duplicate_and_missing_step_names() -> None:
    """19: //* inside continuations"""
    assert warnings("//J JOB", STEP, STEP, "// EXEC PGM=IEFBR14", "//T EXEC PGM=IEFBR14,COND=(0,NE,S)") == []


def test_a_member_without_a_job_card() -> None:
    """19: Missing JOB card in members"""
    assert warnings(STEP) == ["DTX451W"]


def test_a_label_on_jcllib_that_looks_like_a_ddname() -> None:
    """19: //JOBLIB JCLLIB ORDER="""
    assert warnings("//J JOB", "//JOBLIB JCLLIB ORDER=(A.B,'C.D')", STEP) == []


def test_several_jobs_and_statements_behind_an_early_null_statement() -> None:
    """19: Several jobs per file; // early"""
    first, second = read_jobs(read_cards("//A JOB\n//S EXEC PGM=X\n//\n//T EXEC PGM=Y\n//B JOB\n//S EXEC PGM=X"))
    assert [note.message_id for note in first.diagnostics] == ["DTX453W"]
    assert [statement.name for statement in second.statements] == ["B", "S"]


def test_editing_debris_behind_a_comma_and_a_blank_is_comment() -> None:
    """19: Editing debris after a comma-blank"""
    result = converted("//J JOB\n//S EXEC PGM=X\n//D DD DSN=A,DISP=(,CATLG), 00,RECFM=FB)\n//   UNIT=SYSDA")
    assert result.job is not None
    assert result.job.steps[0].dds[0].parts[0].dcb.recfm == ""


def test_spellings_of_the_same_thing() -> None:
    """19: Parameters with trailing period"""
    dds = ("//A DD DSNAME=X.Y,DISP=(SHR),VOLUME=SER=WORK01", "//B DD DSN=X.Y,DISP=SHARE,DCB=BLKSIZE=80")
    assert warnings("//J JOB (T),NOTIFY=&SYSUID.", STEP, *dds) == []


def test_both_positionals_of_job_missing_or_one_quoted() -> None:
    for job in ("//J JOB ,NOTIFY=X", "//J JOB ,,CLASS=A", "//J JOB 'TEXT',CLASS=A", "//J JOB 12345,'X'", "//J JOB"):
        assert warnings(job, STEP) == [], job


def test_placeholders_and_scheduler_variables_are_left_as_they_are() -> None:
    result = converted("//J JOB\n//S EXEC PGM=X,PARM='%%ODATE'\n//D DD DSN=@HLQ@.DATA,DISP=SHR")
    assert result.job is not None
    assert result.job.steps[0].parameter == "%%ODATE"
    assert converted("//J JOB\n//S EXEC PGM=X\n//D DD DSN=<HLQ>.DATA,DISP=SHR").job is None


def test_a_symbol_that_smuggles_a_second_keyword_in() -> None:
    result = converted("//J JOB\n// SET S='SYSDA,SPACE=(CYL,(1,1))'\n//S EXEC PGM=X\n//D DD DSN=A,UNIT=&S")
    assert result.job is not None
    assert result.job.steps[0].dds[0].parts[0].space is not None


def test_groups_of_jobs_before_a_job() -> None:
    assert warnings("//G JOBGROUP", "//J2 GJOB", "//G ENDGROUP", "//J JOB", STEP) == ["DTX459W"] * 3


def test_xmit_ships_records_that_are_no_part_of_the_job() -> None:
    result = converted("//J JOB\n//X XMIT DEST=N1,DLM=ZZ\n//OTHER JOB\n/*\nZZ\n//S EXEC PGM=X")
    assert result.job is not None
    assert [note.message_id for note in result.diagnostics] == ["DTX459W"]
    assert len(result.job.steps) == 1


@pytest.mark.parametrize(
    "file", ["PAY.jcl", "PAY.JCL", "pay.prc", "PAY.proc", "pay.cntl", "PAY.CTL", "PAY", "SOME.LIB(PAY).jcl"]
)
def test_names_of_members_on_disk(file: str, tmp_path: Path, system: System) -> None:
    """19: Names carry case and extension on disk"""
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / file).write_text("//S EXEC PGM=IEFBR14")
    found = ProcedureLibraries(system, parse_folders([str(tmp_path / "lib")])).find("PAY", ())
    assert found is not None and [card.text for card in found.cards] == ["//S EXEC PGM=IEFBR14"]


@pytest.mark.parametrize(
    "command",
    [
        (" DEFINE CLUSTER (NAME(A.K)-", "  INDEXED KEYS(11,25) RECORDSIZE(80 80) TRK(1,1)-", " )"),
        (" DEFINE CLUSTER (NAME(A.K) +", "  INDEXED KEYS(11 25) RECORDSIZE(80 80) TRACKS(1 1))"),
        (" DEFINE CLUSTER (NAME(A.K) INDEXED KEYS(11 25) RECORD+", "   SIZE(80 80) TRACKS(1 1))"),
        (" SET MAXCC=0", " IF LASTCC=0THEN -", " DEFINE CLUSTER (NAME(A.K) INDEXED KEYS(11 25) RECSZ(80 80) TRK(1 1))"),
    ],
)
def test_idcams_text_in_the_wild(command: tuple[str, ...], run: Callable[..., JobResult], system: System) -> None:
    """19: IDCAMS text in the wild"""
    result = run("//S EXEC PGM=IDCAMS", "//SYSPRINT DD SYSOUT=*", "//SYSIN DD *", *command, "/*")
    assert result.condition_code == 0, [line for file in result.spool.files for line in file.lines]
    assert system.exists("A.K")
