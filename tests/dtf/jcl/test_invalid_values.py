"""Values that the real system refuses: also those of parameters that have no effect here."""

from __future__ import annotations

import pytest

from ksds.system import System
from tests.dtf.jcl.rules.decks import STEP, ids, job, run_all

DATA_SET = "//D DD DSN=A.B,DISP=(,CATLG)"


@pytest.mark.parametrize(
    ("operands", "expected"),
    [
        ("TIME=5", []),
        ("TIME=(12,10)", []),
        ("TIME=(,30)", []),
        ("TIME=NOLIMIT", []),
        ("TIME=(1,60)", ["DTX419E"]),
        ("TIME=SOON", ["DTX419E"]),
        ("REGION=0M", []),
        ("REGION=10X", ["DTX419E"]),
        ("TIME=5,TIME=6", ["DTX411E"]),
        ("PGM=IEFBR14", ["DTX411E"]),
    ],
)
def test_of_exec(operands: str, expected: list[str]) -> None:
    """JCL Reference, TIME parameter: minutes, seconds 0 to 59; REGION=valueK or valueM; a keyword stands once."""
    assert ids(f"{STEP},{operands}") == expected


def test_of_job(system: System) -> None:
    """JCL Reference, PRTY parameter: 0 to 15."""
    wrong, right = run_all(system, "//A JOB 1,PRTY=16,TIME=1,TIME=2", STEP, "//B JOB 1,PRTY=15,TIME=1440", STEP)
    assert [note.message_id for note in wrong.result.converted.diagnostics] == ["DTX419E", "DTX411E"]
    assert right.codes == "S=0000"


@pytest.mark.parametrize(
    ("operands", "expected"),
    [
        ("SPACE=(TRK,(1,1),RLSE,CONTIG,ROUND)", []),
        ("SPACE=(TRK,(1,1),RELEASE)", ["DTX418E"]),
        ("SPACE=(TRK,(1,1),,CONTIGUE)", ["DTX418E"]),
        ("RECFM=FBA,LRECL=133", []),
        ("RECFM=QQ", ["DTX419E"]),
        ("DCB=(RECFM=FBQ,LRECL=80)", ["DTX419E"]),
        ("RECFM=FB,LRECL=99999", ["IEFC644I"]),
        ("VOL=SER=WORK01", []),
        ("VOL=(,,,2,SER=(WORK01,WORKVOL02))", ["IEFC642I"]),
        ("EXPDT=99365", []),
        ("EXPDT=2027/001", []),
        ("EXPDT=TOMORROW", ["DTX419E"]),
        ("RETPD=30,EXPDT=99365", ["DTX412E"]),
        ("DLM=ZZ", ["DTX412E"]),
    ],
)
def test_of_dd(operands: str, expected: list[str]) -> None:
    """JCL Reference, SPACE, EXPDT, RETPD (which exclude each other), DLM (only with * or DATA), VOLUME."""
    assert ids(STEP, f"{DATA_SET},{operands}") == expected


@pytest.mark.parametrize(("sysout", "expected"), [("*", []), ("(,)", []), ("(A,INTRDR)", []), ("AB", ["DTX419E"])])
def test_a_class_is_one_character(sysout: str, expected: list[str]) -> None:
    assert ids(STEP, f"//D DD SYSOUT={sysout}") == expected


def test_joblib_comes_before_the_first_exec() -> None:
    """JCL Reference, JOBLIB DD statement, Location in the JCL."""
    assert ids("//JOBLIB DD DSN=A.LIB,DISP=SHR", STEP) == []
    assert ids(STEP, "//JOBLIB DD DSN=A.LIB,DISP=SHR") == ["IEFC019I"]


def test_an_overriding_dd_takes_away_what_it_excludes() -> None:
    """JCL Reference, EXPDT parameter: null on an overriding DD; what excludes the old value takes its place."""
    procedure = ("//P PROC", "//A EXEC PGM=X", "//D DD DSN=A.B,DISP=(,CATLG),EXPDT=99365", "//I DD DATA,DLM=ZZ", "ZZ")
    [step] = job(*procedure, "// PEND", "//S EXEC P", "//A.D DD RETPD=30", "//A.I DD DSN=A.C,DISP=SHR").steps
    assert [dd.parts[0].data_set for dd in step.dds] == ["A.B", "A.C"]
    assert ids(*procedure, "// PEND", "//S EXEC P", "//A.D DD EXPDT=") == ["IEFC001I"]


def test_attributes_that_do_not_go_together_fail_the_step_of_an_existing_data_set_too(system: System) -> None:
    """Not with a traceback: the jobs behind it run."""
    made = ("//A JOB", "//M EXEC PGM=WRITE", "//OUT DD DSN=A.B,DISP=(,CATLG),RECFM=FB,LRECL=80")
    wrong = ("//B JOB", "//S EXEC PGM=IEFBR14", "//D DD DSN=A.B,DISP=SHR,DCB=(RECFM=FB,LRECL=80,BLKSIZE=81)")
    _, failed, after = run_all(system, *made, *wrong, "//C JOB", "//S EXEC PGM=IEFBR14")
    assert (failed.result.status, after.result.status) == ("JCL ERROR", "CC 0000")
    assert "BLKSIZE 81 IS NOT A MULTIPLE OF LRECL 80" in failed


def test_a_job_whose_procedures_are_wrong_is_not_blamed_for_having_no_steps() -> None:
    assert ids("//S EXEC NOSUCH") == ["IEFC612I"]
    assert ids("//P PROC", "//A EXEC PGM=X", "// PEND") == ["DTX401E"]
