"""--why and --explain: the job in words, after it ran and before."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from dtf.jcl.cards import read_cards
from dtf.jcl.converter import convert
from dtf.jcl.explanation import explain, plan
from dtf.jcl.job_graph import draw
from dtf.jcl.program_list import PROGRAMS
from dtf.jcl.runner import Replay
from dtf.jcl.statements import read_jobs
from ksds.system import System


def explained(folder: Path, *lines: str) -> list[str]:
    with System.open(folder / "nyc") as system:
        replay = Replay(system=system, programs=PROGRAMS, clock=lambda: datetime(2026, 11, 23))
        [result] = replay.run("\n".join(["//J JOB", *lines]))
        return list(explain(result))[1:]


def test_conditions_data_sets_and_reasons_in_words(tmp_path: Path) -> None:
    assert explained(
        tmp_path,
        "//A EXEC PGM=NOSUCH",
        "//STEPLIB DD DSN=X.LOAD,DISP=SHR",
        "//OUT DD DSN=X.NEW,DISP=(,CATLG,DELETE),DCB=(RECFM=U)",
        "//TMP DD DSN=&&T,DISP=(,PASS)",
        "//IN DD *",
        "ONE",
        "/*",
        "//P DD SYSOUT=*",
        "//N DD DUMMY",
        "//B EXEC PGM=IEFBR14,COND=((4,LT,A),EVEN)",
        "//C EXEC PGM=IEFBR14",
    ) == [
        "Step A runs NOSUCH.",
        "  STEPLIB  not needed, nothing here reads it",
        "  OUT      data set X.NEW: is made; then cataloged, after an abend deleted",
        "  TMP      temporary data set &&T: is made; then passed to a later step, after an abend deleted",
        "  IN       1 records in the deck",
        "  P        printed output, class *",
        "  N        nothing: reads are empty, writes vanish",
        "  It ended abnormally with S806: the third word of each DISP was carried out.",
        "Step B runs IEFBR14.",
        "  It is bypassed if 4 is less than the code of step A.",
        "  EVEN: it may also run after an abend.",
        "  It ended with condition code 0.",
        "Step C runs IEFBR14.",
        "  It did not run: an earlier step had ended abnormally, or the job had failed.",
        "The job ended with ABEND S806: exit status 16.",
    ]


def test_an_error_is_shown_below_its_card(tmp_path: Path) -> None:
    assert explained(tmp_path, "//A EXEC PGM=IEFBR14,COND=ONLY", "//B EXEC PGM=IEFBR14,", "//  COLOR=RED") == [
        "The job did not run. Every error, where it stands:",
        "  IEFC630I UNIDENTIFIED KEYWORD COLOR",
        "    //  COLOR=RED",
        "        ^",
        "The job ended with JCL ERROR: exit status 16.",
    ]


def test_a_bypassed_step_says_why(tmp_path: Path) -> None:
    lines = explained(tmp_path, "//A EXEC PGM=IEFBR14", "//B EXEC PGM=IEFBR14,COND=(0,EQ)")
    assert "  It did not run: step was not run because of condition codes." in lines


def test_the_plan_shows_the_expanded_job_and_what_is_there_and_runs_nothing(tmp_path: Path) -> None:
    text = "\n".join(
        (
            *("//J JOB", "//P PROC Q=", "//ONE EXEC PGM=IEFBR14", "//D DD DSN=A.&Q,DISP=(,CATLG)", "// PEND"),
            *("// IF RC = 0 THEN", "//S EXEC P,Q=NEW", "// ENDIF"),
        )
    )
    with System.open(tmp_path / "nyc") as system:
        [deck] = read_jobs(read_cards(text))
        lines = list(plan(convert(deck), system))
        assert not system.exists("A.NEW")
        assert system.spool.names() == []
    assert "       10 ++D DD DSN=A.&Q,DISP=(,CATLG)" in lines
    assert "          IEFC653I SUBSTITUTION JCL - DSN=A.NEW,DISP=(,CATLG)" in lines
    assert lines[-3:] == [
        "Step S.ONE runs IEFBR14.",
        "  It runs only if the IF of statement 6 holds.",
        "  D        data set A.NEW: is made; then cataloged (is not there now)",
    ]


def test_the_picture_shows_who_reads_what_he_uses_up() -> None:
    lines = (
        *("//J JOB", "//A EXEC PGM=IDCAMS", "//O DD DSN=&&T,DISP=(,PASS)"),
        *("//B EXEC PGM=IDCAMS", "//I DD DSN=&&T,DISP=(OLD,DELETE)", "//O DD DSN=A.B,DISP=OLD"),
        *("//C EXEC PGM=SORT", "//SORTIN01 DD DSN=A.B,DISP=OLD"),
    )
    [deck] = read_jobs(read_cards("\n".join(lines)))
    picture = draw([(convert(deck), {})])
    words = [line.rpartition("url(#")[2].partition(")")[0] for line in picture.split("\n") if "<title>" in line]
    assert [word for word in words if word in ("writes", "reads")] == ["writes", "reads", "writes", "reads"]
