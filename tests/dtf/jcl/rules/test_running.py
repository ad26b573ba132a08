"""Rules of jcl.md, sections 13 to 18: how a job runs and ends, its spool, restart, batch interface, utilities."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ksds.system import System
from tests.dtf.jcl.rules.decks import STEP, Seen, ids, run_all

See = Callable[..., Seen]
Put = Callable[..., None]
SHOW, PRINT = "//S EXEC PGM=SHOW", "//SYSPRINT DD SYSOUT=*"


# --- 13. Running a job --------------------------------------------------------------------------------------


def test_13_read_convert_then_step_by_step(see: See, system: System) -> None:
    """13: 1. Read: split jobs"""
    made = "//D DD DSN=A.B,DISP=(NEW,CATLG)"
    wrong = see("//A EXEC PGM=RC0", made, "//B EXEC PGM=RC0,WHAT=1")
    assert wrong.codes == "" and not system.exists("A.B")
    assert "IEFC452I J - JOB NOT RUN - JCL ERROR" in wrong
    order = see("//A EXEC PGM=RC4", made, "//B EXEC PGM=RC0,COND=(4,EQ)", "//X DD DSN=NOT.THERE,DISP=SHR")
    assert order.codes == "A=0004 B=FLUSH"


def test_13_the_code_of_the_job(see: See) -> None:
    """13: Job return code: default is the highest step RC"""
    assert see("//A EXEC PGM=RC8", "//B EXEC PGM=RC0").result.status == "CC 0008"
    assert see("//A EXEC PGM=RC8", "//B EXEC PGM=XU0100").result.status == "ABEND U0100"
    assert see("//A EXEC PGM=RC8", "//B EXEC PGM=RC0", "//D DD DSN=NOT.THERE,DISP=SHR").result.status == "JCL ERROR"


def test_13_an_allocation_error_ends_the_job_and_what_ran_stands(see: See, system: System) -> None:
    """13: Allocation failure in a step
    14: IEF212I jobname step dd"""
    lines = ("//A EXEC PGM=RC0", "//D DD DSN=A.B,DISP=(NEW,CATLG)", "//B EXEC PGM=RC0", "//D DD DSN=A.C,DISP=SHR")
    seen = see(*lines, "//C EXEC PGM=RC0,COND=EVEN", "// IF ABEND THEN", "//E EXEC PGM=RC0", "// ENDIF")
    assert seen.codes == "A=0000 B=FLUSH C=FLUSH E=FLUSH"
    assert "IEF212I J B D - DATA SET NOT FOUND" in seen
    assert "IEF453I J - JOB FAILED - JCL ERROR - TIME=05.07.09" in seen
    assert system.exists("A.B")


# --- 14. Abends and JCL errors ------------------------------------------------------------------------------


def test_14_bad_decimal_data_is_s0c7(see: See, put: Put) -> None:
    """14: S0C1/S0C4/S0C7"""
    put("A.IN", "???", "???")
    lines = ("//S EXEC PGM=SORT", "//SYSOUT DD SYSOUT=*", "//SORTIN DD DSN=A.IN,DISP=SHR", "//SORTOUT DD DUMMY")
    assert see(*lines, "//SYSIN DD *", " SORT FIELDS=(6,1,CH,A)", " SUM FIELDS=(1,3,ZD)").codes == "S=S0C7"


def test_14_a_data_set_that_is_not_on_its_volume_is_s213(see: See, put: Put, system: System, tmp_path: Path) -> None:
    """14: S213-04"""
    put("A.GONE", "X")
    for path in (tmp_path / "nyc" / "volumes").rglob("*"):
        if path.is_file() and path.stat().st_size:
            path.unlink()
    seen = see(SHOW, PRINT, "//IN DD DSN=A.GONE,DISP=SHR")
    assert seen.codes == "S=S213"
    assert "IEC143I 213-04,IFG0194D,J,S,IN,0A80,VOL001,A.GONE" in seen


@pytest.mark.parametrize(
    ("space", "dsorg", "code", "message"),
    [
        ("(TRK,(0,1))", "PS", "", ""),
        ("(TRK,(0,0))", "PS", "SD37", "IEC031I D37-04,IFG0554A,J,W,OUT,0A80,VOL001,A.B"),
        ("(TRK,(0,0,1))", "PO", "SE37", "IEC032I E37-04,IFG0554A,J,W,OUT,0A80,VOL001,A.B(M)"),
    ],
)
def test_14_too_little_space(space: str, dsorg: str, code: str, message: str, see: See) -> None:
    """14: SE37-04"""
    dd = f"//OUT DD DSN=A.B{'(M)' if dsorg == 'PO' else ''},DISP=(,CATLG),SPACE={space},"
    seen = see("//W EXEC PGM=WRITE,PARM=X", dd, "// DCB=(RECFM=FB,LRECL=80)", limit_space=True)
    assert seen.codes == f"W={code or '0000'}"
    assert message in seen


def test_14_a_missing_member_in_a_concatenation_is_s013(see: See, put: Put) -> None:
    """14: IEF212I jobname step dd"""
    put("A.LIB(THERE)", "X")
    lines = (SHOW, PRINT, "//IN DD DSN=A.LIB(THERE),DISP=SHR", "//  DD DSN=A.LIB(GONE),DISP=SHR")
    seen = see(*lines)
    assert seen.codes == "S=S013"
    assert "IEC141I 013-18,IGG0191B,J,S,IN,0A80,VOL001,A.LIB(GONE)" in seen


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (("//S EXECUTE PGM=X",), "IEFC605I UNIDENTIFIED OPERATION FIELD"),
        (("//D DD DUMMY", STEP), "IEFC019I MISPLACED DD STATEMENT"),
        (("//S EXEC PGM=X,WHAT=1",), "IEFC630I UNIDENTIFIED KEYWORD WHAT"),
        (("//S EXEC PGM=X,", "//T EXEC PGM=Y"), "IEFC621I EXPECTED CONTINUATION NOT RECEIVED"),
        (("//S EXEC PGM=X,COND=(1,EQ",), "IEFC622I UNBALANCED PARENTHESIS"),
        (("//S EXEC NOPROC",), "IEFC612I PROCEDURE NOPROC WAS NOT FOUND"),
        (("//1S EXEC PGM=X",), "IEFC662I INVALID LABEL"),
        (("//S EXEC PGM=TOOLONG99",), "IEFC642I EXCESSIVE PARAMETER LENGTH IN THE PGM FIELD"),
        ((STEP, "//D DD DSN=A,SPACE=(TRK,X)"), "IEFC644I INVALID NUMERIC IN THE SPACE FIELD"),
    ],
)
def test_14_errors_of_the_converter(lines: tuple[str, ...], message: str, see: See) -> None:
    seen = see(*lines)
    assert message in seen
    assert seen.messages[0].split() == ["STMT", "NO.", "MESSAGE"]
    assert "IEFC452I J - JOB NOT RUN - JCL ERROR" in seen


# --- 15. Spool ----------------------------------------------------------------------------------------------


def test_15_1_a_job_from_the_internal_reader_says_who_sent_it(system: System) -> None:
    """15.1: $HASP100 (console/log at read-in)"""
    lines = ("//S EXEC PGM=IEBGENER", "//SYSPRINT DD SYSOUT=*", "//SYSIN DD DUMMY", "//SYSUT2 DD SYSOUT=(A,INTRDR)")
    inner = ("//SYSUT1 DD DATA", "//K JOB ,'ANNA'", STEP, "/*")
    seen = run_all(system, "//J JOB", *lines, *inner)[1]
    assert seen.log[1] == "$HASP100 K        ON INTRDR      ANNA                 FROM JOB00001 J"


def test_15_1_the_table_of_steps(see: See) -> None:
    """15.1: The table -STEPNAME PROCSTEP"""
    seen = see("//A EXEC PGM=RC8", "//B EXEC PGM=RC0,COND=(8,EQ)", "//C EXEC PGM=XS0C7")
    table = [line.split()[1:] for line in seen.log if line.startswith("-J ")]
    assert table == [["A", "08"], ["B", "FLUSH"], ["C", "*S0C7"]]


def test_15_3_how_an_abend_is_told(see: See) -> None:
    """15.3: IEF450I"""
    seen = see("//P PROC", "//B EXEC PGM=XS222", "// PEND", "//A EXEC P")
    assert "IEF450I J B A - ABEND=S222 U0000 REASON=00000000" in seen
    assert [line.strip() for line in seen.result.spool.message_log.lines if "TIME=" in line and "IEF" not in line] == [
        "TIME=05.07.09"
    ]
    user = see("//A EXEC PGM=XU0100")
    assert "IEF472I J A - COMPLETION CODE - SYSTEM=000 USER=0100 REASON=00000000" in user


# --- 16. Restart --------------------------------------------------------------------------------------------


def test_16_restart_at_a_step(system: System) -> None:
    """16: RESTART=(step[,checkid]), step.procstep"""
    steps = ("//A EXEC PGM=RC0", "//P PROC", "//B EXEC PGM=RC0", "//C EXEC PGM=RC0", "// PEND", "//D EXEC P")
    for restart, codes in (
        ("D", "A=FLUSH D.B=0000 D.C=0000"),
        ("D.C", "A=FLUSH D.B=FLUSH D.C=0000"),
        ("*", "A=0000 D.B=0000 D.C=0000"),
    ):
        [seen] = run_all(system, f"//J JOB RESTART={restart}", *steps)
        assert seen.codes == codes


def test_16_a_checkid_is_refused_and_syschk_without_restart_ignored(system: System) -> None:
    """16: checkid up to 16 characters"""
    syschk = "//SYSCHK DD DSN=A.CHK,DISP=OLD"
    [seen] = run_all(system, "//J JOB RESTART=(A,C0000001)", syschk, "//A EXEC PGM=RC0")
    assert "DTX410E RESTART=(A,C0000001) IS NOT SUPPORTED" in seen
    [seen] = run_all(system, "//J JOB", syschk, "//A EXEC PGM=RC0")
    assert seen.codes == "A=0000"


def test_16_skipped_steps_have_no_code(see: See) -> None:
    """16: In a deferred step restart, skipped steps"""
    lines = ("//A EXEC PGM=RC8", "//B EXEC PGM=RC0,COND=(0,EQ,A)", "// IF RC = 0 THEN", "//C EXEC PGM=RC0", "// ENDIF")
    assert see(*lines, restart="B").codes == "A=FLUSH B=0000 C=0000"
    group = ("//D EXEC PGM=IDCAMS", PRINT, "//SYSIN DD *", " DEFINE GDG (NAME(A.G) LIMIT(5))", "/*")
    see(*group)
    made = ("//W EXEC PGM=WRITE,PARM=X", "//OUT DD DSN=A.G(+1),DISP=(,CATLG),DCB=(RECFM=FB,LRECL=80)")
    assert see(*made, SHOW, PRINT, "//IN DD DSN=A.G(+1),DISP=SHR", restart="S").result.status == "JCL ERROR"
    assert see(*made).codes == "W=0000"
    assert see(*made, SHOW, PRINT, "//IN DD DSN=A.G(0),DISP=SHR", restart="S").printed() == ["X"]


@pytest.mark.parametrize(("rd", "found"), [("R", []), ("RNC", []), ("NR", []), ("NC", []), ("X", ["DTX419E"])])
def test_16_rd(rd: str, found: list[str]) -> None:
    """16: RD=R automatic step restart allowed
    16: Automatic restart needs a restartable abend code"""
    assert ids(f"//S EXEC PGM=IEFBR14,RD={rd}") == found
    procedure = ("//P PROC", "//A EXEC PGM=IEFBR14", "// PEND")
    assert ids(*procedure, f"//S EXEC P,RD.A={rd}") == ["IEFC001I", *found]


def test_16_checkpoints_at_end_of_volume_are_accepted() -> None:
    """16: CHKPT=EOV on DD and SYSCKEOV"""
    assert ids(STEP, "//D DD DSN=A,DISP=SHR,CHKPT=EOV", "//SYSCKEOV DD DSN=A.CHK,DISP=MOD") == []


# --- 18. Utilities ------------------------------------------------------------------------------------------


def test_18_iebcopy_codes(see: See, put: Put) -> None:
    """18: IEBCOPY"""
    put("A.LIB(M)", "X")
    copy = ("//C EXEC PGM=IEBCOPY", PRINT, "//SYSUT1 DD DSN=A.LIB,DISP=SHR")
    out = "//SYSUT2 DD DSN=A.OUT{},DISP=(,CATLG),DCB=(RECFM=FB,LRECL=80,DSORG=PO)"
    control = "  COPY OUTDD=SYSUT2,INDD=SYSUT1"
    assert see(*copy, out.format(1)).codes == "C=0000"
    for member, code in (("M", "0000"), ("NOT", "0004")):
        lines = ("//SYSIN DD *", control, f"  SELECT MEMBER={member}")
        assert see(*copy, out.format(f"X{code[-1]}"), *lines).codes == f"C={code}"
    assert see(*copy, out.format(9), "//SYSIN DD *", "  COPY OUTDD=NOWHERE,INDD=SYSUT1").codes == "C=0008"


def test_18_an_abend_of_a_command_is_code_12_of_ikjeft01(see: See) -> None:
    """18: IKJEFT01 / 1A / 1B"""
    lines = ("//SYSTSPRT DD SYSOUT=*", "//SYSTSIN DD *", "CALL 'A.LOAD(XS0C7)'", "LISTCAT", "/*")
    seen = see("//T EXEC PGM=IKJEFT01", *lines)
    assert seen.codes == "T=0012"
    assert seen.printed("SYSTSPRT") == [
        "READY",
        "CALL 'A.LOAD(XS0C7)'",
        "IKJ56641I PROGRAM ENDED DUE TO ERROR+",
        "SYSTEM ABEND CODE 0C7",
        "READY",
    ]
    assert see("//T EXEC PGM=IKJEFT1B", *lines).codes == "T=S0C7"


@pytest.mark.parametrize(
    ("parm", "outcome", "log"),
    [
        ("S10,4", "W=0004", "WAITED 10 SECONDS, VIRTUALLY"),
        ("M2", "W=0000", "WAITED 120 SECONDS"),
        ("H99,-", "W=4095", "WAITED 356400 SECONDS"),
        (",8", "W=0008", "WAITED 0 SECONDS"),
        ("ABEND,100", "W=U0100", "ABEND=S000 U0100"),
        ("LONG", "W=0016", "DTX484E"),
        ("S1,5000", "W=0016", "DTX484E"),
    ],
)
def test_17_dgadwait_waits_and_sets_a_code(parm: str, outcome: str, log: str, see: See) -> None:
    """17: DGADWAIT as a step or RUN TASK"""
    seen = see(f"//W EXEC PGM=DGADWAIT,PARM='{parm}'")
    assert seen.codes == outcome
    assert log in seen
