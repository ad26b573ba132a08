"""What real members look like: each peculiarity is read, warned about or refused by name."""

from __future__ import annotations

from dtf.jcl.cards import read_cards
from dtf.jcl.converter import ConvertedJob, convert
from dtf.jcl.statements import read_jobs

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
    assert warnings("//J JOB\r", "//S\tEXEC\tPGM=IEFBR14") == ["DTX449W", "DTX448W"]


def test_lone_characters_of_utf8_in_comments_and_the_not_sign_as_one_byte() -> None:
    assert converted("//J JOB\n//* caf\u00e9 \u2014 \u00a0X\n//S EXEC PGM=X").job is not None
    result = converted(b"//J JOB\n// IF \xacABEND THEN\n//S EXEC PGM=X\n// ENDIF")
    assert result.job is not None


def test_sequence_numbers_a_jobid_in_73_and_text_past_80() -> None:
    assert warnings("//J JOB".ljust(72) + "JOB00134", STEP.ljust(72) + "00020000" + "PAST") == ["DTX452W"]


def test_line_numbers_in_front_of_the_statements() -> None:
    assert warnings("000100 //J JOB", "000200 //S EXEC PGM=IEFBR14", "000300 //D DD DUMMY") == ["DTX450W"]


def test_blank_lines_and_lines_that_are_no_jcl() -> None:
    assert warnings("//J JOB", "", "NOTES OF SOMEBODY", STEP, "", "//D DD DUMMY") == ["DTX454W"]
    result = converted("//J JOB\n//S EXEC PGM=X\n  SOME CONTROL STATEMENT\n//E DD DUMMY")
    assert result.job is not None
    assert [(dd.name, dd.parts[0].records) for dd in result.job.steps[0].dds] == [
        ("SYSIN", ("  SOME CONTROL STATEMENT",)),
        ("E", ()),
    ]
    assert [note.message_id for note in result.diagnostics] == ["DTX446W"]


def test_delimiters_without_data_and_jecl_in_the_header() -> None:
    assert (
        warnings("/*PRIORITY 5", "//J JOB", "/*JOBPARM SYSAFF=*", "/* a comment, they thought", STEP, "/*", "/*") == []
    )


def test_comments_inside_continuations() -> None:
    result = converted("//J JOB\n//S EXEC PGM=X,\n//* WHY\n//    PARM=A,\n//* AND WHY NOT\n//   COND=EVEN")
    assert result.job is not None
    assert (result.job.steps[0].parameter, result.job.steps[0].conditions.even) == ("A", True)


def test_duplicate_and_missing_step_names() -> None:
    assert warnings("//J JOB", STEP, STEP, "// EXEC PGM=IEFBR14", "//T EXEC PGM=IEFBR14,COND=(0,NE,S)") == []


def test_a_member_without_a_job_card() -> None:
    assert warnings(STEP) == ["DTX451W"]


def test_a_label_on_jcllib_that_looks_like_a_ddname() -> None:
    assert warnings("//J JOB", "//JOBLIB JCLLIB ORDER=(A.B,'C.D')", STEP) == []


def test_several_jobs_and_statements_behind_an_early_null_statement() -> None:
    first, second = read_jobs(read_cards("//A JOB\n//S EXEC PGM=X\n//\n//T EXEC PGM=Y\n//B JOB\n//S EXEC PGM=X"))
    assert [note.message_id for note in first.diagnostics] == ["DTX453W"]
    assert [statement.name for statement in second.statements] == ["B", "S"]


def test_editing_debris_behind_a_comma_and_a_blank_is_comment() -> None:
    result = converted("//J JOB\n//S EXEC PGM=X\n//D DD DSN=A,DISP=(,CATLG), 00,RECFM=FB)\n//   UNIT=SYSDA")
    assert result.job is not None
    assert result.job.steps[0].dds[0].parts[0].dcb.recfm == ""


def test_spellings_of_the_same_thing() -> None:
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
