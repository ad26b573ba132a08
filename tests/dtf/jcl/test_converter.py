"""Conversion: every error of a job in one pass, or a job with all its values."""

from __future__ import annotations

import pytest

from dtf.jcl.cards import read_cards
from dtf.jcl.converter import ConvertedJob, convert
from dtf.jcl.job import DcbOperands, DdKind, DdPart, Disposition, Job, SpaceRequest
from dtf.jcl.statements import read_jobs


def converted(*lines: str, symbols: dict[str, str] | None = None) -> ConvertedJob:
    [deck] = read_jobs(read_cards("\n".join(lines)))
    return convert(deck, symbols)


def job(*lines: str, symbols: dict[str, str] | None = None) -> Job:
    result = converted(*lines, symbols=symbols)
    assert result.job is not None, [str(note) for note in result.diagnostics]
    return result.job


def dd(*lines: str) -> DdPart:
    return job("//J JOB", "//S EXEC PGM=X", *lines).steps[0].dds[0].parts[0]


def errors(*lines: str) -> list[tuple[str, int, int]]:
    result = converted(*lines)
    assert result.job is None
    return [(note.message_id, note.statement, note.at.column) for note in result.diagnostics]


def test_a_job_with_its_steps_and_dds() -> None:
    result = job(
        "//PAYROLL  JOB (T,1),'A. NAME',CLASS=B,MSGLEVEL=(1,0),",
        "//             NOTIFY=&SYSUID.,COND=(8,LT)",
        "//ONE      EXEC PGM=IDCAMS,PARM=(A,'B C'),REGION=0M",
        "//SYSPRINT DD SYSOUT=*",
        "//TWO      EXEC PGM=IEFBR14,COND=((4,LT,ONE),EVEN)",
    )
    assert (result.name, result.programmer, result.job_class) == ("PAYROLL", "A. NAME", "B")
    assert (result.message_level, result.notify) == ((1, 0), "IBMUSER")
    assert [(step.name, step.program, step.parameter) for step in result.steps] == [
        ("ONE", "IDCAMS", "A,B C"),
        ("TWO", "IEFBR14", ""),
    ]
    assert result.steps[1].conditions.even


def test_a_data_set_with_everything_that_matters() -> None:
    part = dd(
        "//D DD DSNAME=A.B-C.D,DISP=(,CATLG,DELETE),UNIT=SYSDA,VOL=SER=WORK01,",
        "//     SPACE=(CYL,(1,2),RLSE),",
        "//     DCB=(RECFM=FB,LRECL=80,BLKSIZE=800,DSORG=PS)",
    )
    assert part.kind is DdKind.DATA_SET
    assert part.data_set == "A.B-C.D"
    assert part.disposition == Disposition("", "CATLG", "DELETE")
    assert part.dcb == DcbOperands("FB", 80, 800, "PS")
    assert part.space == SpaceRequest("CYL", 1, 2)


@pytest.mark.parametrize(
    ("text", "kind", "name"),
    [
        ("DSN=&&WORK,DISP=(,PASS)", DdKind.TEMPORARY, "WORK"),
        ("DSN=&WORK,DISP=(,PASS)", DdKind.TEMPORARY, "WORK"),
        ("DISP=(,PASS),UNIT=SYSDA", DdKind.TEMPORARY, ""),
        ("DUMMY", DdKind.DUMMY, ""),
        ("DUMMY,DSN=A.B,DISP=SHR", DdKind.DUMMY, "A.B"),
        ("DSN=NULLFILE", DdKind.DUMMY, ""),
        ("SYSOUT=*", DdKind.SYSOUT, ""),
        ("SYSOUT=(A,,STD)", DdKind.SYSOUT, ""),
        ("DCB=BLKSIZE=80,SYSOUT=A", DdKind.SYSOUT, ""),
    ],
)
def test_the_kinds_of_dd(text: str, kind: DdKind, name: str) -> None:
    part = dd(f"//D DD {text}")
    assert (part.kind, part.data_set) == (kind, name)


def test_in_stream_records_belong_to_their_dd() -> None:
    part = dd("//D DD *", " ONE", "", "TWO", "/*")
    assert part.kind is DdKind.INSTREAM
    assert part.records == (" ONE", "", "TWO")


@pytest.mark.parametrize(
    ("coded", "found", "filled"),
    [
        (("", "", ""), False, ("NEW", "DELETE", "DELETE")),
        (("", "CATLG", ""), False, ("NEW", "CATLG", "CATLG")),
        (("NEW", "PASS", ""), False, ("NEW", "PASS", "DELETE")),
        (("OLD", "PASS", ""), True, ("OLD", "PASS", "KEEP")),
        (("SHR", "", ""), True, ("SHR", "KEEP", "KEEP")),
        (("OLD", "", "DELETE"), True, ("OLD", "KEEP", "DELETE")),
        (("MOD", "", ""), True, ("MOD", "KEEP", "KEEP")),
        (("MOD", "", ""), False, ("NEW", "DELETE", "DELETE")),
        (("MOD", "CATLG", ""), False, ("NEW", "CATLG", "CATLG")),
        (("MOD", "DELETE", "DELETE"), True, ("MOD", "DELETE", "DELETE")),
    ],
)
def test_defaults_of_disp(coded: tuple[str, str, str], found: bool, filled: tuple[str, str, str]) -> None:
    assert Disposition(*coded).filled(found=found) == Disposition(*filled)


def test_a_symbol_holds_from_its_set_on_and_shows_in_the_listing() -> None:
    result = converted(
        "//J JOB",
        "// SET HLQ=PROD,Q='A.B'",
        "//S EXEC PGM=X",
        "//A DD DSN=&HLQ..&Q,DISP=SHR",
        "// SET HLQ=TEST,B=&HLQ",
        "//B DD DSN=&HLQ..&B,DISP=SHR",
    )
    assert result.job is not None
    assert [part.data_set for ddef in result.job.steps[0].dds for part in ddef.parts] == ["PROD.A.B", "TEST.PROD"]
    assert result.substitutions[4] == "DSN=PROD.A.B,DISP=SHR"


def test_values_of_the_command_line_beat_the_deck() -> None:
    result = job("//J JOB", "// SET Q=A", "//S EXEC PGM=X", "//D DD DSN=&Q,DISP=SHR", symbols={"Q": "B"})
    assert result.steps[0].dds[0].parts[0].data_set == "B"


def test_a_dd_without_name_is_concatenated() -> None:
    result = job("//J JOB", "//S EXEC PGM=X", "//D DD DSN=A,DISP=SHR", "// DD DSN=B,DISP=SHR", "//E DD DUMMY")
    assert [[part.data_set for part in ddef.parts] for ddef in result.steps[0].dds] == [["A", "B"], [""]]


def test_a_ddname_coded_twice_is_a_warning_and_the_first_counts() -> None:
    result = converted("//J JOB", "//S EXEC PGM=X", "//D DD DSN=A,DISP=SHR", "//D DD DSN=B,DISP=SHR")
    assert result.job is not None
    assert [note.message_id for note in result.diagnostics] == ["DTX404W"]
    assert result.job.steps[0].dds[0].parts[0].data_set == "A"


def test_all_errors_of_a_job_are_reported_together_with_statement_and_column() -> None:
    assert errors(
        "//J JOB CLASS=A,FOO=1",
        "//D DD DSN=TOO.EARLY",
        "//S1 EXEC PGM=IEFBR14,COLOR=RED",
        "//A DD DSN=A..B,DISP=(NEW,CATALOG),LRECL=X",
        "//S2 XEQ PGM=IEFBR14",
        "//S3 EXEC PGM=(IEFBR14",
        "//B DD DSN=A,SYSOUT=*",
    ) == [
        ("IEFC630I", 1, 17),
        ("IEFC019I", 2, 5),
        ("IEFC630I", 3, 23),
        ("DTX416E", 4, 12),
        ("DTX417E", 4, 22),
        ("IEFC644I", 4, 42),
        ("IEFC605I", 5, 6),
        ("IEFC622I", 6, 15),
        ("DTX412E", 7, 21),
    ]


@pytest.mark.parametrize(
    ("line", "message_id"),
    [
        ("//P PROC", "DTX440E"),
        ("// IF RC = 0 THEN", "DTX426E"),
        ("// INCLUDE MEMBER=X", "IEFC612I"),
        ("//X EXEC PROC=ABC", "IEFC612I"),
        ("//X EXEC ABC", "IEFC612I"),
        ("//X EXEC PGM=*.S.D", "DTX429E"),
        ("//X EXEC PGM=TOOLONGNAME", "IEFC642I"),
        ("//X EXEC PGM=A,PARM='" + "P" * 30 + "',COND=(4,XX)", "DTX422E"),
        ("//X EXEC COND=EVEN", "DTX402E"),
        ("//X EXEC", "DTX402E"),
        ("//D DD DSN=*.S.D", "DTX429E"),
        ("//D DD DSN=" + ".".join(["ABCDEFGH"] * 6), "IEFC642I"),
        ("//D DD DSN=A/../B", "DTX416E"),
        ("//D DD DSN=1A", "DTX416E"),
        ("//D DD DSN=&&TOOLONGNM", "DTX415E"),
        ("//D DD DSN=(A,B)", "DTX414E"),
        ("//D DD PATH='etc/passwd'", "DTX419E"),
        ("//D DD DSN=A,SPACE=CYL", "DTX418E"),
        ("//D DD DSN=A,DSN=B", "DTX411E"),
        ("//D DD WHAT", "DTX413E"),
        ("//D DD DSN=A.B(1BAD)", "DTX416E"),
        ("//D DD DSN=A.B()", "DTX416E"),
        ("//D DD DSN=A,DSORG=IS", "DTX410E"),
        ("//D DD SUBSYS=X", "DTX410E"),
        ("//D DD RECORG=XX", "DTX419E"),
        ("//D DD DDNAME=1X", "DTX414E"),
        ("//D DD DSN=A,DCB=*.S.NOSUCH", "DTX429E"),
        ("// ELSE", "DTX428E"),
        ("// ENDIF", "DTX428E"),
        ("// IF RC THEN", "DTX423E"),
        ("// PEND", "DTX435E"),
        ("// JCLLIB ORDER=A.B", "DTX437E"),
        ("// INCLUDE X", "DTX438E"),
        ("// EXPORT FOO=1", "IEFC630I"),
        ("//X EXEC PGM=A,ABDISPCC=(4,EQ)", "DTX425E"),
        ("//X EXEC PGM=A,PARMDD=1", "DTX414E"),
        ("// SET LONGSYMBOL=1", "DTX403E"),
        ("// SET 5", "DTX403E"),
    ],
)
def test_what_is_not_supported_or_wrong_says_so(line: str, message_id: str) -> None:
    assert message_id in [code for code, _, _ in errors("//J JOB", "//S EXEC PGM=X", line)]


@pytest.mark.parametrize(
    ("keyword", "message_id"),
    [
        ("TYPRUN=LATER", "DTX410E"),
        ("JOBRC=(STEP,1)", "DTX424E"),
        ("RESTART=(S,CHK1)", "DTX410E"),
        ("RESTART=NO", "DTX407E"),
    ],
)
def test_job_keywords_that_would_change_what_runs(keyword: str, message_id: str) -> None:
    assert errors(f"//J JOB {keyword}", "//S EXEC PGM=X")[0][0] == message_id


def test_a_job_without_steps_does_not_run() -> None:
    assert errors("//J JOB") == [("DTX401E", 1, 5)]


def test_more_than_255_steps_do_not_run() -> None:
    assert errors("//J JOB", *["//S EXEC PGM=IEFBR14"] * 256)[0][0] == "DTX406E"


def test_members_generations_and_attributes_of_other_data_sets() -> None:
    part = dd("//D DD DSN=A.LIB(MEM),DISP=SHR")
    assert (part.data_set, part.member, part.generation) == ("A.LIB", "MEM", None)
    assert [dd(f"//D DD DSN=A.GDG({n}),DISP=SHR").generation for n in ("+1", "0", "-2")] == [1, 0, -2]
    assert dd("//D DD DSN=&&LIB(MEM),DISP=(,PASS)").member == "MEM"
    assert dd("//D DD DSN=A,DISP=(,CATLG),LIKE=B.C").dcb.model == "B.C"
    assert dd("//D DD DSN=A,DCB=(B.C,LRECL=90)").dcb == DcbOperands(lrecl=90, model="B.C")
    assert dd("//D DD DSN=A,SPACE=(,(,,5))").space == SpaceRequest("TRK", 0, 0, 5)
    assert dd("//D DD PATH='/dev/null'").kind is DdKind.DUMMY
    assert dd("//D DD SYSOUT=(A,INTRDR)").internal_reader


def test_backward_references_take_name_kind_and_attributes() -> None:
    result = job(
        "//J JOB",
        "//A EXEC PGM=X",
        "//D DD DSN=P.Q,DISP=(,CATLG),DCB=(RECFM=FB,LRECL=80)",
        "//  DD DSN=OTHER,DISP=SHR",
        "//T DD DISP=(,PASS)",
        "//L DD DSN=&&GO(MAIN),DISP=(,PASS)",
        "//E DD DSN=*.D,DISP=OLD",
        "//B EXEC PGM=*.A.L",
        "//F DD DSN=*.A.D,DISP=SHR,DCB=(*.A.D,BLKSIZE=800)",
        "//U DD DSN=*.A.T,DISP=OLD",
    )
    first, second = ({dd.name: dd.parts[0] for dd in step.dds} for step in result.steps)
    assert [first["E"].data_set, second["F"].data_set] == ["P.Q", "P.Q"]
    assert second["F"].dcb == DcbOperands("FB", 80, 800, model="P.Q")
    assert (second["U"].kind, second["U"].serial) == (DdKind.TEMPORARY, first["T"].serial)
    assert result.steps[1].program == "MAIN"


def test_ddname_waits_for_a_later_dd_of_the_step() -> None:
    result = converted(
        "//J JOB", "//S EXEC PGM=X", "//IN DD DDNAME=LATER", "//N DD DDNAME=NEVER", "//LATER DD DSN=A,DISP=SHR"
    )
    assert result.job is not None
    assert [(dd.name, dd.parts[0].kind, dd.parts[0].data_set) for dd in result.job.steps[0].dds] == [
        ("IN", DdKind.DATA_SET, "A"),
        ("N", DdKind.DUMMY, ""),
    ]
    assert [note.message_id for note in result.diagnostics] == ["DTX443W"]


def test_uncatlg_is_keep_and_says_so() -> None:
    result = converted("//J JOB", "//S EXEC PGM=X", "//D DD DSN=A,DISP=(OLD,UNCATLG)")
    assert result.job is not None
    assert result.job.steps[0].dds[0].parts[0].disposition.normal == "KEEP"
    assert [note.message_id for note in result.diagnostics] == ["DTX445W"]


def test_exported_symbols_reach_in_stream_data_that_asks_for_them() -> None:
    result = job(
        "//J JOB",
        "// EXPORT SYMLIST=(A,NEVERSET)",
        "// SET A='ONE',B=TWO",
        "//S EXEC PGM=X",
        "//D DD *,SYMBOLS=JCLONLY",
        "&A..X &B &NEVERSET.Y &&A &SYSUID",
        "/*",
        "//E DD *",
        "&A",
    )
    assert [dd.parts[0].records[0] for dd in result.steps[0].dds] == ["ONE.X &B Y &&A IBMUSER", "&A"]


def test_operator_commands_have_no_effect_but_only_without_a_name() -> None:
    result = converted("//J JOB", "// DISPLAY A,L", "// MODIFY CICS,'CEMT I TASK'", "//S EXEC PGM=X")
    assert result.job is not None
    assert [note.message_id for note in result.diagnostics] == ["DTX459W", "DTX459W"]
    assert errors("//J JOB", "//S EXEC PGM=X", "//T START PGM=Y")[0][0] == "IEFC605I"


def test_statements_without_effect_are_said_to_have_none() -> None:
    result = converted("//J JOB", "//O OUTPUT CLASS=A", "//S EXEC PGM=IEFBR14")
    assert result.job is not None
    assert [str(note) for note in result.diagnostics] == ["DTX459W OUTPUT STATEMENT HAS NO EFFECT HERE"]


def test_joblib_may_stand_before_the_first_step() -> None:
    assert job("//J JOB", "//JOBLIB DD DSN=A.LOAD,DISP=SHR", "//S EXEC PGM=IEFBR14").steps[0].dds == ()


def test_text_that_is_not_in_the_code_page_is_refused_before_anything_runs() -> None:
    assert errors("//J JOB", "//S EXEC PGM=X", "//D DD *", "FINE", "A \u2014 DASH") == [("DTX408E", 3, 3)]
