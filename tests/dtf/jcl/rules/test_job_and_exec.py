"""Rules of jcl.md, sections 4 to 7: JOB, EXEC, COND, IF."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ksds.system import System
from tests.dtf.jcl.rules.decks import STEP, Seen, converted, ids, job, parameter, run_all

See = Callable[..., Seen]


# --- 4. JOB -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "operands", ["", "(A,B),'NAME',CLASS=A", "12345,'X'", ",NOTIFY=X", ",,CLASS=A", "'TEXT',CLASS=A", "(T,'A B')"]
)
def test_4_every_parameter_of_job_is_optional(operands: str, system: System) -> None:
    """4: //jobname JOB (acct,...),'programmer',keywords"""
    [seen] = run_all(system, f"//J JOB {operands}", STEP)
    assert seen.codes == "S=0000"


def test_4_no_symbols_on_job_but_sysuid(system: System) -> None:
    """4: No symbols on JOB except system-supplied &SYSUID"""
    [seen] = run_all(system, "//J JOB CLASS=&C,NOTIFY=&SYSUID", STEP, symbols={"C": "Z"})
    assert any("NOTIFY=IBMUSER" in line for line in seen.listing)
    assert not any("CLASS=Z" in line for line in seen.listing)


def test_4_typrun_scan_looks_into_procedures_and_runs_nothing(system: System) -> None:
    """4: TYPRUN=SCAN"""
    lines = ("//P PROC", "//A EXEC PGM=IEFBR14", "//D DD DSN=NEW.ONE,DISP=(,CATLG)", "// PEND", "//S EXEC P")
    [seen] = run_all(system, "//J JOB TYPRUN=SCAN", *lines)
    assert seen.codes == "" and not system.exists("NEW.ONE")
    [seen] = run_all(system, "//J JOB TYPRUN=SCAN", "//P PROC", "//A EXEC PGM=X,BAD=1", "// PEND", "//S EXEC P")
    assert seen.result.status == "JCL ERROR"


@pytest.mark.parametrize(("kind", "status"), [("HOLD", "HELD"), ("JCLHOLD", "HELD"), ("COPY", "CC 0000")])
def test_4_what_typrun_keeps_back(kind: str, status: str, system: System) -> None:
    """4: TYPRUN=HOLD / JCLHOLD / COPY"""
    [seen] = run_all(system, f"//J JOB TYPRUN={kind}", STEP)
    assert (seen.codes, seen.result.status) == ("", status)


@pytest.mark.parametrize(("jobrc", "code"), [("MAXRC", 8), ("LASTRC", 4), ("(STEP,A)", 0), ("(STEP,P.B)", 8)])
def test_4_jobrc_chooses(jobrc: str, code: int, system: System) -> None:
    """4: JOBRC=MAXRC / LASTRC"""
    procedure = ("//Q PROC", "//B EXEC PGM=RC8", "// PEND")
    lines = ("//A EXEC PGM=RC0", *procedure, "//P EXEC Q", "//C EXEC PGM=RC4")
    [seen] = run_all(system, f"//J JOB JOBRC={jobrc}", *lines)
    assert seen.result.condition_code == code


# --- 5. EXEC ------------------------------------------------------------------------------------------------


def test_5_what_exec_runs() -> None:
    """5: One of PGM=name, PGM=*.step"""
    assert job("//A EXEC PGM=ONE").steps[0].program == "ONE"
    link = ("//L EXEC PGM=IEWL", "//SYSLMOD DD DSN=&&GO(MAIN),DISP=(,PASS)", "//G EXEC PGM=*.L.SYSLMOD")
    assert [step.program for step in job(*link).steps] == ["IEWL", "MAIN"]
    procedure = ("//P PROC", "//A EXEC PGM=ONE", "// PEND")
    for call in ("PROC=P", "P"):
        assert job(*procedure, f"//S EXEC {call}").steps[0].label == "S.A"
    assert ids("//S EXEC COND=EVEN,PGM=ONE") == ["DTX402E"]


def test_5_a_step_may_have_no_name_and_the_first_of_two_is_meant(see: See) -> None:
    """5: Stepname optional; a step with no name"""
    assert see("// EXEC PGM=RC4", "//T EXEC PGM=RC0").codes == "=0004 T=0000"
    twins = ("//A EXEC PGM=RC0", "//A EXEC PGM=RC8")
    assert see(*twins, "//C EXEC PGM=RC0,COND=(8,EQ,A)").codes == "A=0000 A=0008 C=0000"


def test_5_up_to_255_steps() -> None:
    """5: Up to 255 steps per job after expansion"""
    procedure = ("//P PROC", *("// EXEC PGM=IEFBR14" for _ in range(85)), "// PEND")
    assert len(job(*procedure, *("// EXEC P",) * 3).steps) == 255
    assert "DTX406E" in ids(*procedure, *("// EXEC P",) * 3, STEP)


def test_5_other_keywords_on_a_call_are_symbols() -> None:
    """5: When EXEC calls a procedure, keywords"""
    procedure = ("//P PROC", "//A EXEC PGM=&WHAT", "// PEND")
    assert job(*procedure, "//S EXEC P,WHAT=IEFBR14,REGION=0M").steps[0].program == "IEFBR14"


def test_5_parm() -> None:
    """5: PARM='..' or (a,b)"""
    assert parameter("//S EXEC PGM=X,PARM=('A','B',C)") == "A,B,C"
    assert parameter(f"//S EXEC PGM=X,PARM='{'A' * 50}", "//".ljust(15) + f"{'B' * 50}'").endswith("B")
    long = "//S EXEC PGM=X,PARM=('" + "A" * 40 + "',"
    assert ids(long, f"// '{'B' * 58}')") == []
    assert ids(long, f"// '{'B' * 60}')") == ["IEFC642I"]
    procedure = ("//P PROC", "//A EXEC PGM=X,PARM=1", "//B EXEC PGM=X,PARM=2", "// PEND")
    assert [step.parameter for step in job(*procedure, "//S EXEC P,PARM=NEW").steps] == ["NEW", ""]
    assert [step.parameter for step in job(*procedure, "//S EXEC P,PARM.B=NEW").steps] == ["1", "NEW"]


def test_5_what_only_a_real_machine_needs_is_recorded() -> None:
    """5: REGION, REGIONX, TIME, MEMLIMIT"""
    keywords = "REGION=0M REGIONX=(1M,2M) TIME=(1,30) TIME=1440 MEMLIMIT=2G ACCT=(A,B) ADDRSPC=REAL DYNAMNBR=5"
    for keyword in f"{keywords} PERFORM=1 RLSTMOUT=3 TVSMSG=MINIMAL CCSID=37".split():
        assert ids(f"//S EXEC PGM=IEFBR14,{keyword}") == [], keyword
    procedure = ("//P PROC", "//A EXEC PGM=IEFBR14", "//B EXEC PGM=IEFBR14,TIME=1", "// PEND")
    assert ids(*procedure, "//S EXEC P,TIME=5") == ["IEFC001I"]


def test_5_abdispcc_makes_a_high_code_abnormal(see: See, system: System) -> None:
    """5: ABDISPCC=(code,GT or GE)"""
    lines = ("//A EXEC PGM=RC8,ABDISPCC=({},GE)", "//D DD DSN=A.B,DISP=(NEW,CATLG,DELETE)")
    assert see(lines[0].format(9), lines[1]).fates == ["A.B CATALOGED"]
    system.delete("A.B")
    assert see(lines[0].format(8), lines[1]).fates == ["A.B DELETED"]


def test_5_overrides_of_exec() -> None:
    """5: Proc-call override rules"""
    procedure = ("//P PROC", "//A EXEC PGM=X,COND=EVEN", "//B EXEC PGM=X,COND=ONLY", "// PEND")

    def conds(*call: str) -> list[str]:
        steps = job(*procedure, f"//S EXEC P{''.join(call)}").steps
        return ["EVEN" if s.conditions.even else "ONLY" if s.conditions.only else "" for s in steps]

    assert conds(",COND=EVEN") == ["EVEN", "EVEN"]
    assert conds(",COND.B=EVEN") == ["EVEN", "EVEN"]
    assert conds(",COND.A=ONLY") == ["ONLY", "ONLY"]
    assert conds(",COND=") == ["", ""]
    assert conds(",COND.B=") == ["EVEN", ""]


# --- 6. COND ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operator", "bypassed"),
    [("GT", [5]), ("GE", [5, 6]), ("EQ", [6]), ("LT", [7]), ("LE", [6, 7]), ("NE", [5, 7])],
)
def test_6_1_code_operator_rc_true_means_bypass(operator: str, bypassed: list[int], see: See) -> None:
    """6.1: COND=(code,op) or (code,op,stepname)"""
    found = []
    for code in (5, 6, 7):
        seen = see("//A EXEC PGM=RC6", f"//B EXEC PGM=RC0,COND=({12 - code},{operator},A)")
        found += [code] if seen.codes.endswith("FLUSH") else []
    assert found == bypassed


def test_6_1_up_to_eight_tests() -> None:
    """6.1: COND=(code,op) or (code,op,stepname)"""
    for more, found in (("(8,EQ))", []), ("(8,EQ),(9,EQ))", ["DTX420E"])):
        assert ids("//S EXEC PGM=IEFBR14,COND=(" + "(1,EQ)," * 5, f"// (6,EQ),(7,EQ),{more}") == found


def test_6_1_codes_go_up_to_4095() -> None:
    """6.1: code is 0-4095"""
    assert ids("//S EXEC PGM=IEFBR14,COND=(4095,LT)") == []
    assert ids("//S EXEC PGM=IEFBR14,COND=(4096,LT)") == ["IEFC644I"]


def test_6_1_without_a_name_every_step_that_returned_is_asked(see: See) -> None:
    """6.1: No stepname = tested against every earlier step"""
    assert see("//A EXEC PGM=RC8", "//B EXEC PGM=RC0", "//C EXEC PGM=RC0,COND=(8,EQ)").codes == (
        "A=0008 B=0000 C=FLUSH"
    )


def test_6_1_a_bypassed_step_has_no_code(see: See) -> None:
    """6.1: A step that was bypassed has no return code"""
    lines = ("//A EXEC PGM=RC8", "//B EXEC PGM=RC0,COND=(8,EQ)", "//C EXEC PGM=RC0,COND=(0,EQ,B)")
    assert see(*lines).codes == "A=0008 B=FLUSH C=0000"


def test_6_1_a_step_of_a_procedure_is_named_alone_inside_it(see: See) -> None:
    """6.1: A named step inside a procedure must be"""
    procedure = ("//P PROC", "//A EXEC PGM=RC4", "//B EXEC PGM=RC0,COND=(4,EQ,A)", "// PEND")
    after = ("//S EXEC P", "//T EXEC PGM=RC0,COND=(4,EQ,S.A)", "//U EXEC PGM=RC0,COND=(4,EQ,A)")
    assert see(*procedure, *after).codes == "S.A=0004 S.B=FLUSH T=FLUSH U=0000"


@pytest.mark.parametrize(
    ("word", "first", "test", "outcome"),
    [
        ("", "RC8", "(4,LT)", "FLUSH"),
        ("", "XS0C7", "(4,LT)", "FLUSH"),
        ("EVEN", "RC4", "(4,LT)", "0000"),
        ("EVEN", "XS0C7", "(4,LT)", "0000"),
        ("EVEN", "RC8", "(4,LT)", "FLUSH"),
        ("ONLY", "RC4", "(4,LT)", "FLUSH"),
        ("ONLY", "XS0C7", "(4,LT)", "0000"),
    ],
)
def test_6_2_even_and_only(word: str, first: str, test: str, outcome: str, see: See) -> None:
    """6.2: COND=((16,GE),(90,LE,STEP1),ONLY)"""
    cond = f"({test},{word})" if word else test
    seen = see(f"//A EXEC PGM={first}", f"//B EXEC PGM=RC0,COND={cond}")
    assert seen.codes.split()[-1] == f"B={outcome}"


def test_6_2_even_obeys_its_tests_after_an_abend(see: See) -> None:
    """6.2: COND=((16,GE),(90,LE,STEP1),ONLY)"""
    lines = ("//A EXEC PGM=RC8", "//B EXEC PGM=XU0100", "//C EXEC PGM=RC0,COND=((4,LT),EVEN)")
    assert see(*lines, "//D EXEC PGM=RC0,COND=((4,LT),ONLY)").codes == "A=0008 B=U0100 C=FLUSH D=FLUSH"


def test_6_2_a_missing_data_set_or_a_cancelled_step_loses_the_rest(see: See) -> None:
    """6.2: EVEN/ONLY react to abends"""
    rest = ("//B EXEC PGM=RC0,COND=EVEN", "//C EXEC PGM=RC0,COND=ONLY", "// IF ABEND THEN", "//D EXEC PGM=RC0")
    missing = see("//A EXEC PGM=RC0", "//X DD DSN=NOT.THERE,DISP=SHR", *rest, "// ENDIF")
    assert missing.codes == "A=FLUSH B=FLUSH C=FLUSH D=FLUSH"
    cancelled = see("//A EXEC PGM=XS222", *rest, "// ENDIF")
    assert cancelled.codes == "A=S222 B=FLUSH C=FLUSH D=FLUSH"


def test_6_2_what_an_abended_step_should_have_made_may_be_missing(see: See) -> None:
    """6.2: A data set that an abended step should have created"""
    lines = ("//A EXEC PGM=XS0C7", "//D DD DSN=A.B,DISP=(NEW,CATLG,DELETE)")
    seen = see(*lines, "//B EXEC PGM=RC0,COND=EVEN", "//D DD DSN=A.B,DISP=SHR")
    assert "IEF212I J B D - DATA SET NOT FOUND" in seen


def test_6_3_the_condition_of_the_job(system: System) -> None:
    """6.3: Same test syntax, no stepname, no EVEN/ONLY"""
    lines = ("//A EXEC PGM=RC4", "//B EXEC PGM=RC8", "//C EXEC PGM=RC0,COND=EVEN", "//D EXEC PGM=RC0")
    [seen] = run_all(system, "//J JOB COND=(4,LT)", *lines)
    assert seen.codes == "A=0004 B=0008 C=FLUSH D=FLUSH"
    assert "IEF451I J B - ENDED BY CC 0008 - TIME=05.07.09" in seen
    for cond in ("(4,LT,A)", "EVEN"):
        [seen] = run_all(system, f"//J JOB COND={cond}", STEP)
        assert seen.result.status == "JCL ERROR"


# --- 7. IF --------------------------------------------------------------------------------------------------


def taken(see: See, expression: str, *before: str) -> bool:
    """Whether THEN is taken."""
    seen = see(*before, f"// IF {expression} THEN", "//YES EXEC PGM=RC0", "// ELSE", "//NO EXEC PGM=RC0", "// ENDIF")
    outcome = dict(pair.split("=") for pair in seen.codes.split())
    assert (outcome["YES"], outcome["NO"]) in (("0000", "FLUSH"), ("FLUSH", "0000")), seen.codes
    return outcome["YES"] == "0000"


CODE4, ABENDED = "//A EXEC PGM=RC4", "//X EXEC PGM=XS0C7"
PROCEDURE = ("//P PROC", "//B EXEC PGM=RC8", "// PEND", "//C EXEC P")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("RC = 8", True),
        ("A.RC = 4", True),
        ("C.B.RC = 8", True),
        ("B.RC = 8", False),
        ("RUN", True),
        ("A.RUN", True),
        ("¬A.RUN", False),
        ("¬ABEND", True),
        ("A.ABEND", False),
    ],
)
def test_7_keywords_and_their_prefixes(expression: str, expected: bool, see: See) -> None:
    """7: Keywords: RC, ABEND
    7: A test such as IF (STEP1.STEP2.RC"""
    assert taken(see, expression, CODE4, *PROCEDURE) is expected


def test_7_rc_alone_is_the_highest_so_far_and_0_at_the_start(see: See) -> None:
    """7: RC alone = the highest RC"""
    assert taken(see, "RC = 0")
    assert taken(see, "RC = 8", "//A EXEC PGM=RC8", "//B EXEC PGM=RC0")
    assert taken(see, "RC = 4 & ABEND", CODE4, ABENDED)


@pytest.mark.parametrize("expression", ["B.RC = 0", "B.RC NE 0", "B.RC ¬= 0", "B.RC < 9", "NOWHERE.RC = 0"])
def test_7_a_step_that_did_not_run_makes_it_false(expression: str, see: See) -> None:
    """7: step.RC for a step that did not execute"""
    assert not taken(see, expression, CODE4, "//B EXEC PGM=RC0,COND=(4,EQ)")


@pytest.mark.parametrize(
    ("program", "expression", "expected"),
    [
        ("S0C7", "ABEND", True),
        ("S0C7", "ABEND=TRUE", True),
        ("S0C7", "ABENDCC = S0C7", True),
        ("S0C7", "X.ABENDCC=S0C4 OR ABENDCC=U0100", False),
        ("U0100", "ABENDCC = U0100", True),
        ("U0100", "ABENDCC ¬= S0C7", True),
    ],
)
def test_7_abends(program: str, expression: str, expected: bool, see: See) -> None:
    """7: ABEND / ABEND=TRUE"""
    assert taken(see, expression, f"//X EXEC PGM=X{program}") is expected


def test_7_abend_false_is_true_before_any_abend(see: See) -> None:
    """7: ABEND / ABEND=TRUE"""
    assert taken(see, "ABEND=FALSE", CODE4)


def test_7_not_run_is_the_guard_for_restart(see: See) -> None:
    """7: step.RUN true if the step started"""
    lines = ("//A EXEC PGM=RC0", "//B EXEC PGM=RC0", "// IF ¬A.RUN | A.RC = 0 THEN", "//C EXEC PGM=RC0", "// ENDIF")
    assert see(*lines, restart="B").codes == "A=FLUSH B=0000 C=0000"


def test_7_values_go_up_to_4095() -> None:
    """7: Range 0-4095"""
    for value, found in (("4095", []), ("4096", ["DTX423E"])):
        assert ids(f"// IF RC = {value} THEN", STEP, "// ENDIF") == found


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("RC = 4 OR RC = 0 AND RC = 8", True),
        ("(RC = 4 OR RC = 0) AND RC = 8", False),
        ("NOT RC = 8", True),
        ("NOT RC = 8 AND RC = 8", False),
        ("RC GE 4 & RC NL 4 & RC LE 4 & RC NG 4 & RC >= 4 & RC <= 4", True),
        ("RC NE 4 | RC LT 4 | RC GT 4 | RC < 4 | RC > 4", False),
        ("RC ¬> 4 & RC ¬< 4 & RC EQ 4", True),
    ],
)
def test_7_which_operator_binds_first(expression: str, expected: bool, see: See) -> None:
    """7: Operator priority, high to low"""
    assert taken(see, expression, CODE4) is expected


def test_7_groups_nest_and_may_be_empty(see: See) -> None:
    """7: IF nests up to 15 deep"""
    assert see("// IF RC=0 THEN", "// ELSE", STEP, "// ENDIF").codes == "S=FLUSH"
    assert see("// IF RC=0 THEN", STEP, "// ELSE", "// ENDIF").codes == "S=0000"
    assert ids(*("// IF RC=0 THEN",) * 15, STEP, *("// ENDIF",) * 15) == []
    assert ids(*("// IF RC=0 THEN",) * 16, STEP, *("// ENDIF",) * 16) == ["DTX427E"]


def test_7_an_if_that_asks_for_abends_lets_its_steps_run(see: See) -> None:
    """7: An IF that mentions ABEND/ABENDCC"""
    lines = ("// IF ABENDCC=S0C7 THEN", "//B EXEC PGM=RC0", "// ENDIF", "// IF RC=0 THEN", "//C EXEC PGM=RC0")
    assert see(ABENDED, *lines, "// ENDIF").codes == "X=S0C7 B=0000 C=FLUSH"


def test_7_the_expression_is_evaluated_before_the_first_step_of_the_group(see: See) -> None:
    """7: The expression is evaluated at execution time"""
    lines = ("// IF RC = 0 THEN", "//A EXEC PGM=RC8", "//B EXEC PGM=RC0", "// ENDIF")
    assert see(*lines).codes == "A=0008 B=0000"


def test_7_then_is_needed_and_what_follows_is_comment() -> None:
    """7: Operand THEN is required"""
    assert ids("// IF RC = 0 THEN   ALL IS WELL", STEP, "// ENDIF") == []
    assert ids("// IF RC = 0", STEP, "// ENDIF") == ["DTX426E"]


def test_7_set_in_the_part_that_is_not_taken_counts() -> None:
    lines = ("// SET A=1", "// IF RC = 9 THEN", "// SET A=2", STEP, "// ENDIF", "//T EXEC PGM=X,PARM=&A")
    assert converted(*lines).substitutions.popitem()[1] == "PGM=X,PARM=2"  # type: ignore[attr-defined]
