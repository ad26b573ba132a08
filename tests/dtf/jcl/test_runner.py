"""Jobs on a real system folder: dispositions, condition codes, abends, JCL errors, and what the spool says of them."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from datetime import datetime

import pytest

from dtf.errors import DtfError
from dtf.jcl.job_result import JobResult
from dtf.jcl.program_list import PROGRAMS
from dtf.jcl.programs import Abend, Program, StepContext, stub
from dtf.jcl.runner import Replay
from ksds.datasets import DataSetAttributes
from ksds.errors import DataSetError
from ksds.system import System

Run = Callable[..., JobResult]


def user_abend(step: StepContext) -> int:
    raise Abend("U0100", 0, "PAY001E NO MONEY")


def broken(step: StepContext) -> int:
    raise DataSetError("BLOCK 3 IS NO BLOCK")


def full(step: StepContext) -> int:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def denied(step: StepContext) -> int:
    raise OSError(errno.EACCES, os.strerror(errno.EACCES), "x.data")


def jobs(system: System, *lines: str, restart: str = "", symbols: dict[str, str] | None = None) -> list[JobResult]:
    programs: dict[str, Program] = {**PROGRAMS, "USER100": user_abend, "BROKEN": broken, "FULL": full, "DENIED": denied}
    programs |= {f"RC{code}": stub(code) for code in (0, 4, 8, 12, 16)}
    replay = Replay(
        system=system,
        programs=programs,
        clock=lambda: datetime(2026, 11, 23, 5, 7, 9),
        symbols=symbols or {},
        restart=restart,
    )
    return list(replay.run("\n".join(lines)))


@pytest.fixture
def run(system: System) -> Run:
    def run_one(*lines: str, **more: str) -> JobResult:
        [result] = jobs(system, "//J        JOB MSGLEVEL=(1,1)", *lines, **more)  # type: ignore[arg-type]
        return result

    return run_one


def codes(result: JobResult) -> list[str]:
    return [f"{step.name} {step}" for step in result.steps]


def log(result: JobResult) -> list[str]:
    return [line[20:].rstrip() for line in result.spool.message_log.lines if line[1:2].isdigit()]


def messages(result: JobResult) -> list[str]:
    return [line[1:] for line in result.spool.messages.lines]


def put(system: System, name: str, *records: str) -> None:
    system.allocate(name, DataSetAttributes("FB", 80))
    with system.sequential(name, "w") as data_set:
        data_set.append(record.ljust(80).encode("cp037") for record in records)


def lines_of(system: System, name: str) -> list[str]:
    return [record.decode("cp037").rstrip() for record in system.records(name)]


# --- condition codes ----------------------------------------------------------------------------------


def test_the_job_ends_with_its_highest_step_code(run: Run) -> None:
    result = run("//A EXEC PGM=RC4", "//B EXEC PGM=RC8", "//C EXEC PGM=RC0")
    assert codes(result) == ["A CC 0004", "B CC 0008", "C CC 0000"]
    assert (result.status, result.condition_code) == ("CC 0008", 8)
    assert "IEF142I J B - STEP WAS EXECUTED - COND CODE 0008" in messages(result)
    assert log(result)[-1] == "$HASP395 J        ENDED - RC=0008"


def test_a_bypassed_step_is_flushed_and_leaves_no_code(run: Run) -> None:
    result = run("//A EXEC PGM=RC4", "//B EXEC PGM=RC16,COND=(0,NE)", "//C EXEC PGM=RC0,COND=(0,NE,B)")
    assert codes(result) == ["A CC 0004", "B FLUSH", "C CC 0000"]
    assert result.condition_code == 4
    assert "IEF202I J B - STEP WAS NOT RUN BECAUSE OF CONDITION CODES" in messages(result)
    assert "IEF272I J B - STEP WAS NOT EXECUTED." in messages(result)


def test_a_bypassed_step_neither_allocates_nor_disposes(run: Run, system: System) -> None:
    run("//A EXEC PGM=RC4", "//B EXEC PGM=IEFBR14,COND=(0,NE)", "//D DD DSN=NEVER,DISP=(,CATLG),DCB=(RECFM=U)")
    assert not system.exists("NEVER")


def test_the_condition_of_the_job_ends_it(system: System) -> None:
    [result] = jobs(system, "//J JOB COND=(4,LT)", "//A EXEC PGM=RC8", "//B EXEC PGM=RC0", "//C EXEC PGM=RC0,COND=EVEN")
    assert codes(result) == ["A CC 0008", "B FLUSH", "C FLUSH"]
    assert log(result).count("IEF451I J A - ENDED BY CC 0008 - TIME=05.07.09") == 1
    assert "IEF201I J B - JOB TERMINATED BECAUSE OF CONDITION CODES" in messages(result)


# --- IF, procedures, restart ------------------------------------------------------------------------------


def test_if_takes_one_part_and_flushes_the_other(run: Run) -> None:
    result = run(
        *("//A EXEC PGM=RC4", "// IF A.RC = 4 THEN", "//B EXEC PGM=RC8", "//C EXEC PGM=RC0"),
        *("// ELSE", "//D EXEC PGM=RC0", "// ENDIF", "//E EXEC PGM=RC0"),
    )
    assert codes(result) == ["A CC 0004", "B CC 0008", "C CC 0000", "D FLUSH", "E CC 0000"]
    text = "IEF206I J D - STEP WAS NOT RUN BECAUSE OF CONDITIONAL EXPRESSION ON STATEMENT 3"
    assert text in messages(result)


def test_an_if_is_decided_once_before_its_first_step(run: Run) -> None:
    result = run("// IF RC = 0 THEN", "//A EXEC PGM=RC8", "//B EXEC PGM=RC0", "// ENDIF")
    assert codes(result) == ["A CC 0008", "B CC 0000"]


def test_nested_ifs_and_an_empty_then(run: Run) -> None:
    result = run(
        *("//A EXEC PGM=RC4", "// IF RC > 4 THEN", "// IF RC = 0 THEN", "//B EXEC PGM=RC0", "// ENDIF", "// ENDIF"),
        *("// IF RC = 0 THEN", "// ELSE", "//C EXEC PGM=RC0", "// ENDIF"),
    )
    assert codes(result) == ["A CC 0004", "B FLUSH", "C CC 0000"]


def test_if_and_cond_must_both_let_the_step_run(run: Run) -> None:
    result = run("//A EXEC PGM=RC4", "// IF RC = 4 THEN", "//B EXEC PGM=RC0,COND=(4,EQ)", "// ENDIF")
    assert codes(result) == ["A CC 0004", "B FLUSH"]


def test_an_if_that_asks_for_abends_lets_its_steps_run_after_one(run: Run) -> None:
    result = run(
        *("//A EXEC PGM=USER100", "// IF ABENDCC = U0100 THEN", "//B EXEC PGM=RC0", "// ENDIF"),
        *("// IF RC = 0 THEN", "//C EXEC PGM=RC0", "// ENDIF", "// IF ¬ABEND THEN", "//D EXEC PGM=RC0", "// ENDIF"),
    )
    assert codes(result) == ["A ABEND U0100", "B CC 0000", "C FLUSH", "D FLUSH"]


PROCEDURE = ("//P PROC", "//ONE EXEC PGM=RC4", "//TWO EXEC PGM=RC0,COND=(4,EQ,ONE)", "//THREE EXEC PGM=RC8", "// PEND")


def test_steps_of_a_procedure_are_named_procstep_then_step(run: Run) -> None:
    result = run(*PROCEDURE, "//S EXEC P", "//T EXEC PGM=RC0,COND=(8,NE,S.THREE)")
    assert [step.label for step in result.steps] == ["S.ONE", "S.TWO", "S.THREE", "T"]
    assert codes(result) == ["S CC 0004", "S FLUSH", "S CC 0008", "T CC 0000"]
    assert "IEF142I J ONE S - STEP WAS EXECUTED - COND CODE 0004" in messages(result)
    assert "-J        S        THREE       08" in log(result)


def test_restart_at_a_step_of_a_procedure(run: Run) -> None:
    result = run(*PROCEDURE, "//S EXEC P", restart="S.THREE")
    assert codes(result) == ["S FLUSH", "S FLUSH", "S CC 0008"]
    assert codes(run(*PROCEDURE, "//R EXEC PGM=RC0", "//S EXEC P", restart="S"))[:2] == ["R FLUSH", "S CC 0004"]


def test_restart_on_the_job_card_and_the_codes_that_are_missing_then(system: System) -> None:
    step = "//C EXEC PGM=RC0,COND=(0,EQ,A)"
    lines = ("//A EXEC PGM=RC0", "//B EXEC PGM=RC0", step, "// IF ¬A.RUN THEN", "//D EXEC PGM=RC4", "// ENDIF")
    [result] = jobs(system, "//J JOB RESTART=B", *lines)
    assert codes(result) == ["A FLUSH", "B CC 0000", "C CC 0000", "D CC 0004"]


def test_a_held_job_does_not_run_until_it_is_released(system: System) -> None:
    deck = ("//J JOB TYPRUN=HOLD", "//A EXEC PGM=RC8")
    [result] = jobs(system, *deck)
    assert (result.status, result.condition_code, result.steps) == ("HELD", 4, [])
    assert log(result)[-1] == "$HASP101 J        HELD"
    replay = Replay(system=system, programs={"RC8": stub(8)}, clock=lambda: datetime(2026, 11, 23), release=True)
    assert [released.condition_code for released in replay.run("\n".join(deck))] == [8]


@pytest.mark.parametrize(("kind", "code"), [("SCAN", 0), ("COPY", 0), ("HOLD", 4), ("JCLHOLD", 4)])
def test_what_typrun_keeps_from_running(system: System, kind: str, code: int) -> None:
    [result] = jobs(system, f"//J JOB TYPRUN={kind}", "//A EXEC PGM=RC8", "//D DD DSN=NEVER,DISP=(,CATLG)")
    assert (result.condition_code, result.steps) == (code, [])
    assert not system.exists("NEVER")


def test_notify_tells_the_user_in_the_log(system: System) -> None:
    [result] = jobs(system, "//J JOB NOTIFY=&SYSUID", "//A EXEC PGM=RC4")
    assert "DTX464I IBMUSER: J (JOB00001) HAS ENDED, CC 0004" in log(result)


def test_procedures_come_from_the_libraries_of_the_system(system: System) -> None:
    system.allocate("SYS1.PROCLIB", DataSetAttributes("FB", 80, dsorg="PO"))
    with system.sequential("SYS1.PROCLIB(P)", "w") as member:
        member.append(["//X EXEC PGM=RC4".ljust(80).encode("cp037")])
    [result] = jobs(system, "//J JOB", "//S EXEC P")
    assert codes(result) == ["S CC 0004"]


def test_jobrc_chooses_the_code_of_the_job(system: System) -> None:
    steps = ("//A EXEC PGM=RC8", "//B EXEC PGM=RC4", "//C EXEC PGM=RC0")
    for keyword, code in (("MAXRC", 8), ("LASTRC", 0), ("(STEP,B)", 4), ("(STEP,NOSUCH)", 8)):
        [result] = jobs(system, f"//J JOB JOBRC={keyword}", *steps)
        assert result.condition_code == code, keyword


def test_a_high_code_takes_the_abnormal_disposition_if_abdispcc_says_so(run: Run, system: System) -> None:
    run("//A EXEC PGM=RC8,ABDISPCC=(4,GT)", "//D DD DSN=A.ONE,DISP=(,CATLG,DELETE),DCB=(RECFM=U)")
    run("//A EXEC PGM=RC4,ABDISPCC=(4,GT)", "//D DD DSN=A.TWO,DISP=(,CATLG,DELETE),DCB=(RECFM=U)")
    assert [system.exists(name) for name in ("A.ONE", "A.TWO")] == [False, True]


def test_parmdd_gives_the_program_the_records_of_a_dd(system: System) -> None:
    seen = []

    def show(step: StepContext) -> int:
        seen.append(step.parameter)
        return 0

    replay = Replay(system=system, programs={"SHOW": show}, clock=lambda: datetime(2026, 11, 23))
    text = "//J JOB\n//A EXEC PGM=SHOW,PARMDD=OPTIONS\n//OPTIONS DD *\nLIST,\n" + "NODECK".ljust(72) + "00000020\n/*"
    list(replay.run(text))
    assert seen == ["LIST,NODECK"]


def test_what_is_written_to_the_internal_reader_runs_as_a_job(system: System) -> None:
    first, second = jobs(
        system,
        *("//FIRST JOB", "//A EXEC PGM=IEBGENER", "//SYSPRINT DD DUMMY", "//SYSIN DD DUMMY"),
        *("//SYSUT2 DD SYSOUT=(A,INTRDR)", "//SYSUT1 DD DATA,DLM=ZZ"),
        *("//SECOND JOB (T),'SOMEBODY'", "//S EXEC PGM=RC8", "ZZ"),
    )
    assert (first.name, first.condition_code, second.name, second.condition_code) == ("FIRST", 0, "SECOND", 8)
    assert "$HASP100 SECOND   ON INTRDR      SOMEBODY             FROM JOB00001 FIRST" in log(second)


def test_data_sets_and_in_stream_data_may_be_concatenated(run: Run, system: System) -> None:
    put(system, "A.ONE", "ONE")
    result = run(
        *("//A EXEC PGM=IEBGENER", "//SYSPRINT DD DUMMY", "//SYSIN DD DUMMY", "//SYSUT2 DD DSN=A.OUT,DISP=(,CATLG)"),
        *("//SYSUT1 DD *", "ZERO", "/*", "// DD DSN=A.ONE,DISP=SHR", "// DD *", "TWO", "/*"),
    )
    assert result.condition_code == 0
    assert lines_of(system, "A.OUT") == ["ZERO", "ONE", "TWO"]
    assert [entry.name for entry in system.entries()] == ["A.ONE", "A.OUT"]


def test_attributes_may_come_from_another_data_set(run: Run, system: System) -> None:
    put(system, "A.MODEL", "X")
    run(
        *("//A EXEC PGM=IEFBR14", "//D DD DSN=A.ONE,DISP=(,CATLG),LIKE=A.MODEL"),
        *("//E DD DSN=A.TWO,DISP=(,CATLG),DCB=(A.MODEL,LRECL=100)", "//F DD DSN=A.THREE,DISP=(,CATLG),DCB=*.E"),
    )
    shapes = []
    for name in ("A.ONE", "A.TWO", "A.THREE"):
        with system.sequential(name) as data_set:
            shapes.append((data_set.attributes.recfm, data_set.attributes.lrecl))
    assert shapes == [("FB", 80), ("FB", 100), ("FB", 100)]
    assert run("//A EXEC PGM=IEFBR14", "//D DD DSN=A.X,DISP=(,CATLG),LIKE=NO.SUCH").status == "JCL ERROR"


def test_a_deck_with_an_error_in_its_last_job_runs_all_the_others(system: System) -> None:
    first, last = jobs(system, "//A JOB", "//S EXEC PGM=RC4", "//B JOB", "//S EXEC PGM=RC4", "//T EXEC FOO=1")
    assert (first.condition_code, last.status, last.steps) == (4, "JCL ERROR", [])


# --- abends ---------------------------------------------------------------------------------------------


def test_an_unknown_program_is_abend_s806_and_flushes_the_rest(run: Run) -> None:
    result = run("//A EXEC PGM=NOSUCH", "//B EXEC PGM=RC0", "//C EXEC PGM=RC4,COND=EVEN", "//D EXEC PGM=RC0,COND=ONLY")
    assert codes(result) == ["A ABEND S806", "B FLUSH", "C CC 0004", "D CC 0000"]
    assert (result.status, result.condition_code) == ("ABEND S806", 16)
    assert "CSV003I REQUESTED MODULE NOSUCH   NOT FOUND" in log(result)
    assert "IEF450I J A - ABEND=S806 U0000 REASON=00000004" in log(result)
    assert "IEF472I J A - COMPLETION CODE - SYSTEM=806 USER=0000 REASON=00000004" in messages(result)
    assert log(result)[-1] == "$HASP395 J        ENDED - ABEND=S806"


def test_only_runs_only_after_an_abend(run: Run) -> None:
    result = run("//A EXEC PGM=RC0", "//B EXEC PGM=RC0,COND=ONLY")
    assert codes(result) == ["A CC 0000", "B FLUSH"]
    assert "IEF203I J B - STEP WAS NOT RUN BECAUSE COND = ONLY" in messages(result)


def test_a_user_abend_shows_its_own_code(run: Run) -> None:
    result = run("//A EXEC PGM=USER100")
    assert result.status == "ABEND U0100"
    assert "PAY001E NO MONEY" in log(result)
    assert "IEF450I J A - ABEND=S000 U0100 REASON=00000000" in log(result)
    assert "IEF472I J A - COMPLETION CODE - SYSTEM=000 USER=0100 REASON=00000000" in messages(result)


def test_an_abend_takes_the_third_word_of_disp_and_a_high_code_does_not(run: Run, system: System) -> None:
    put(system, "OLD.ONE", "X")
    result = run(
        "//A EXEC PGM=RC16",
        "//N DD DSN=NEW.ONE,DISP=(NEW,CATLG,DELETE),DCB=(RECFM=U)",
        "//B EXEC PGM=USER100",
        "//N DD DSN=NEW.TWO,DISP=(NEW,CATLG,DELETE),DCB=(RECFM=U)",
        "//O DD DSN=OLD.ONE,DISP=(OLD,DELETE,KEEP)",
    )
    assert result.status == "ABEND U0100"
    assert system.exists("NEW.ONE")
    assert not system.exists("NEW.TWO")
    assert system.exists("OLD.ONE")


def test_an_error_that_escapes_a_program_is_code_12_and_one_line(run: Run) -> None:
    result = run("//A EXEC PGM=BROKEN", "//B EXEC PGM=RC0")
    assert codes(result) == ["A CC 0012", "B CC 0000"]
    assert "KSD101E BLOCK 3 IS NO BLOCK" in log(result)


def test_a_full_disk_is_abend_sd37_and_the_new_data_set_goes(run: Run, system: System) -> None:
    result = run("//A EXEC PGM=FULL", "//N DD DSN=A.NEW,DISP=(,CATLG,DELETE),DCB=(RECFM=U)", "//B EXEC PGM=RC0")
    assert codes(result) == ["A ABEND SD37", "B FLUSH"]
    assert "DTX465E No space left on device: a file of the system" in log(result)
    assert not system.exists("A.NEW")


def test_another_error_of_the_host_is_an_abend_too(run: Run) -> None:
    result = run("//A EXEC PGM=DENIED")
    assert codes(result) == ["A ABEND S001"]
    assert "DTX465E Permission denied: x.data" in log(result)


# --- JCL errors -----------------------------------------------------------------------------------------


def test_an_error_in_any_statement_and_nothing_runs(run: Run, system: System) -> None:
    result = run(
        "//A EXEC PGM=IEFBR14", "//D DD DSN=NEW.ONE,DISP=(,CATLG),DCB=(RECFM=U)", "//B EXEC PGM=X,FOO=1", "//E DD BAD"
    )
    assert (result.status, result.condition_code) == ("JCL ERROR", 16)
    assert not system.exists("NEW.ONE")
    assert log(result) == ["IEFC452I J - JOB NOT RUN - JCL ERROR"] or log(result)[-1].startswith("IEFC452I J")
    assert messages(result) == [
        " STMT NO. MESSAGE",
        "        4 IEFC630I UNIDENTIFIED KEYWORD FOO (LINE 4 COLUMN 16)",
        "        5 DTX413E POSITIONAL PARAMETER 'BAD' IS NOT * DATA OR DUMMY (LINE 5 COLUMN 8)",
    ]


def test_a_missing_data_set_fails_the_job_at_its_step_and_even_does_not_help(run: Run, system: System) -> None:
    result = run(
        "//A EXEC PGM=RC4",
        "//B EXEC PGM=RC0",
        "//N DD DSN=NEW.ONE,DISP=(,CATLG),DCB=(RECFM=U)",
        "//D DD DSN=NOT.THERE,DISP=SHR",
        "//C EXEC PGM=RC0,COND=EVEN",
    )
    assert codes(result) == ["A CC 0004", "B FLUSH", "C FLUSH"]
    assert (result.status, result.condition_code) == ("JCL ERROR", 16)
    assert "IEF212I J B D - DATA SET NOT FOUND" in messages(result)
    assert "IEF453I J - JOB FAILED - JCL ERROR - TIME=05.07.09" in log(result)
    assert log(result)[-1] == "$HASP395 J        ENDED"
    assert not system.exists("NEW.ONE")


def test_in_a_concatenation_the_message_says_which_one(run: Run, system: System) -> None:
    put(system, "A.ONE", "1")
    result = run("//A EXEC PGM=RC0", "//D DD DSN=A.ONE,DISP=SHR", "//  DD DSN=A.TWO,DISP=SHR")
    assert "IEF212I J A D +001 - DATA SET NOT FOUND" in messages(result)


def test_new_must_not_exist(run: Run, system: System) -> None:
    put(system, "A.ONE", "1")
    result = run("//A EXEC PGM=RC0", "//D DD DSN=A.ONE,DISP=(NEW,CATLG),DCB=(RECFM=U)")
    assert result.status == "JCL ERROR"
    assert "IEF344I J A D - ALLOCATION FAILED DUE TO DATA FACILITY SYSTEM ERROR" in messages(result)
    assert any(line.startswith("IGD17101I DATA SET A.ONE") for line in messages(result))
    assert lines_of(system, "A.ONE") == ["1"]


def test_attributes_that_cannot_be_fail_the_allocation_and_leave_nothing(run: Run, system: System) -> None:
    result = run(
        "//A EXEC PGM=RC0",
        "//D DD DSN=A.ONE,DISP=(NEW,CATLG),DCB=(RECFM=FB,LRECL=80)",
        "//E DD DSN=A.TWO,DISP=(NEW,CATLG),DCB=(RECFM=FB,LRECL=80,BLKSIZE=81)",
    )
    assert result.status == "JCL ERROR"
    assert any("BLKSIZE 81 IS NOT A MULTIPLE" in line for line in messages(result))
    assert not system.exists("A.ONE")


# --- dispositions ---------------------------------------------------------------------------------------


def test_delete_if_there_is_the_mod_delete_idiom(run: Run, system: System) -> None:
    put(system, "A.OLD", "X")
    lines = ("//A EXEC PGM=IEFBR14", "//D DD DSN=A.OLD,DISP=(MOD,DELETE,DELETE),SPACE=(TRK,0)")
    for _ in range(2):
        assert run(*lines).condition_code == 0
        assert not system.exists("A.OLD")


def test_a_temporary_data_set_goes_from_step_to_step_and_is_gone_in_the_end(run: Run, system: System) -> None:
    generate = ("//SYSPRINT DD SYSOUT=*", "//SYSIN DD DUMMY")
    result = run(
        "//A EXEC PGM=IEBGENER",
        *generate,
        "//SYSUT1 DD *",
        "HELLO",
        "//SYSUT2 DD DSN=&&T,DISP=(,PASS)",
        "//B EXEC PGM=IEBGENER",
        *generate,
        "//SYSUT1 DD DSN=&&T,DISP=(OLD,PASS)",
        "//SYSUT2 DD DSN=A.KEPT,DISP=(,CATLG)",
    )
    assert result.condition_code == 0
    assert lines_of(system, "A.KEPT") == ["HELLO"]
    assert [entry.name for entry in system.entries()] == ["A.KEPT"]
    temporary = "SYS26327.T050709.RA000.J.T.H01"
    said = [line for line in messages(result) if temporary in line]
    assert [line.split()[-1] for line in said] == ["PASSED", "PASSED", "DELETED"]


def test_a_passed_data_set_that_nobody_received_is_deleted_if_new_and_kept_if_old(run: Run, system: System) -> None:
    put(system, "A.OLD", "X")
    run("//A EXEC PGM=IEFBR14", "//N DD DSN=A.NEW,DISP=(,PASS),DCB=(RECFM=U)", "//O DD DSN=A.OLD,DISP=(OLD,PASS)")
    assert not system.exists("A.NEW")
    assert system.exists("A.OLD")


def test_a_passed_data_set_may_be_cataloged_by_the_step_that_receives_it(run: Run, system: System) -> None:
    result = run(
        "//A EXEC PGM=IEFBR14",
        "//N DD DSN=A.NEW,DISP=(,PASS),DCB=(RECFM=U)",
        "//B EXEC PGM=IEFBR14",
        "//N DD DSN=A.NEW,DISP=(OLD,CATLG)",
    )
    assert system.exists("A.NEW")
    assert "IEF285I   A.NEW                                        CATALOGED" in messages(result)


def test_mod_adds_at_the_end(run: Run, system: System) -> None:
    put(system, "A.LOG", "ONE")
    run(
        "//A EXEC PGM=IEBGENER",
        "//SYSPRINT DD SYSOUT=*",
        "//SYSIN DD DUMMY",
        "//SYSUT1 DD *",
        "TWO",
        "//SYSUT2 DD DSN=A.LOG,DISP=MOD",
    )
    assert lines_of(system, "A.LOG") == ["ONE", "TWO"]


def test_libraries_of_programs_need_not_exist(run: Run) -> None:
    names = ("STEPLIB", "DMMSGFIL", "DMNETMAP")
    result = run("//A EXEC PGM=IEFBR14", *(f"//{name} DD DSN=CD.{name},DISP=SHR" for name in names))
    assert result.condition_code == 0
    assert [f"DTX461I {name} NOT ALLOCATED, NOTHING HERE READS IT" in messages(result) for name in names] == [True] * 3


def test_the_order_of_messages_is_that_of_a_real_listing(run: Run) -> None:
    result = run(
        "//A EXEC PGM=IEFBR14", "//N DD DSN=A.NEW,DISP=(,CATLG),DCB=(RECFM=U)", "//P DD SYSOUT=*", "//Q DD DUMMY"
    )
    assert messages(result) == [
        "IEF236I ALLOC. FOR J A",
        "IEF237I 0A80 ALLOCATED TO N",
        "IEF237I JES2 ALLOCATED TO P",
        "IEF237I DMY  ALLOCATED TO Q",
        "IEF142I J A - STEP WAS EXECUTED - COND CODE 0000",
        "IEF285I   A.NEW                                        CATALOGED",
        "IEF285I   VOL SER NOS= VOL001.",
        "IEF285I   IBMUSER.J.JOB00001.D0000101.?                SYSOUT",
        "IEF373I STEP/A       /START 2026327.0507",
        "IEF032I STEP/A       /STOP  2026327.0507",
        "        CPU:     0 HR  00 MIN  00.00 SEC    SRB:     0 HR  00 MIN  00.00 SEC",
        "IEF375I  JOB/J       /START 2026327.0507",
        "IEF033I  JOB/J       /STOP  2026327.0507",
        "        CPU:     0 HR  00 MIN  00.00 SEC    SRB:     0 HR  00 MIN  00.00 SEC",
    ]


def test_msglevel_keeps_the_allocation_messages_of_a_good_job_out(system: System) -> None:
    step = ("//A EXEC PGM={}", "//P DD SYSOUT=*")
    [good] = jobs(system, "//J JOB MSGLEVEL=(0,0)", *(line.format("RC8") for line in step))
    [bad] = jobs(system, "//J JOB MSGLEVEL=(0,0)", *(line.format("NOSUCH") for line in step))
    assert not any("ALLOCATED" in line for line in messages(good))
    assert any("ALLOCATED" in line for line in messages(bad))
    assert len(good.spool.jcl.lines) == 1


# --- the deck as a whole --------------------------------------------------------------------------------


def test_several_jobs_run_one_after_the_other(system: System) -> None:
    first, second = jobs(system, "//A JOB", "//S EXEC PGM=RC8", "//", "//B JOB", "//S EXEC PGM=RC0")
    assert (first.spool.job_id, second.spool.job_id) == ("JOB00001", "JOB00002")
    assert (first.condition_code, second.condition_code) == (8, 0)


def test_restart_leaves_out_what_comes_before(run: Run) -> None:
    result = run("//A EXEC PGM=RC8", "//B EXEC PGM=RC4,COND=(4,LT,A)", "//C EXEC PGM=RC0", restart="B")
    assert codes(result) == ["A FLUSH", "B CC 0004", "C CC 0000"]
    assert "DTX463I J A - STEP WAS NOT RUN BECAUSE OF RESTART" in messages(result)


def test_restart_at_a_step_that_is_not_there_runs_nothing(run: Run) -> None:
    result = run("//A EXEC PGM=RC0", restart="Z")
    assert (codes(result), result.status) == (["A FLUSH"], "JCL ERROR")


def test_typrun_scan_looks_and_does_not_run(system: System) -> None:
    [result] = jobs(system, "//J JOB TYPRUN=SCAN", "//A EXEC PGM=RC8")
    assert (result.steps, result.condition_code) == ([], 0)


def test_symbols_of_the_command_line_reach_the_data_sets(run: Run, system: System) -> None:
    run("// SET Q=A", "//A EXEC PGM=IEFBR14", "//N DD DSN=&Q..X,DISP=(,CATLG),DCB=(RECFM=U)", symbols={"Q": "B"})
    assert system.exists("B.X")


def test_a_deck_without_a_job_is_one_error(system: System) -> None:
    with pytest.raises(DtfError, match="DTX400E THE DECK HOLDS NO JOB"):
        jobs(system, "", "")


def test_the_spool_is_kept_in_the_system_folder(run: Run, system: System) -> None:
    run(
        "//A EXEC PGM=IEBGENER",
        "//SYSPRINT DD SYSOUT=*",
        "//SYSIN DD DUMMY",
        "//SYSUT1 DD *",
        "HI",
        "//SYSUT2 DD SYSOUT=A",
    )
    assert system.spool.names() == [
        "JOB00001.001.JES2.JESMSGLG",
        "JOB00001.002.JES2.JESJCL",
        "JOB00001.003.JES2.JESYSMSG",
        "JOB00001.004.A.SYSPRINT",
        "JOB00001.005.A.SYSUT2",
        "JOB00001.REPORT",
    ]
    device = system.spool.open("JOB00001.005.A.SYSUT2")
    assert device.read(0, 100) == b"HI\n"
    device.close()
