"""Ladders of COND and IF as grown jobs have them: steps of one name in and out of procedures, codes in ranges, abends.

Each expectation was worked out from the JCL Reference's tables before the deck ran.
"""

from __future__ import annotations

from ksds.system import System
from tests.dtf.jcl.rules.decks import run_all

PROCEDURE = ("//P PROC", "//A EXEC PGM=RC4", "//B EXEC PGM=IEFBR14,COND=(4,EQ,A)", "// PEND")


def test_a_name_means_the_step_of_the_same_procedure_or_one_outside_of_all(system: System) -> None:
    """EXEC COND, stepname: in a procedure a step of the same procedure, else one with PGM outside of procedures."""
    [seen] = run_all(
        system,
        *("//J JOB 1", *PROCEDURE, "//A EXEC PGM=RC8", "//S1 EXEC P"),
        "//S2 EXEC PGM=IEFBR14,COND=(4,EQ,A)",
        "//S3 EXEC PGM=IEFBR14,COND=(8,EQ,A)",
        "//S4 EXEC PGM=IEFBR14,COND=(4,EQ,S1.A)",
        "//S5 EXEC P,COND.B=((4,EQ,A),EVEN)",
        "//S6 EXEC P,COND.B=",
    )
    assert seen.codes == (
        "A=0008 S1.A=0004 S1.B=FLUSH S2=0000 S3=FLUSH S4=FLUSH S5.A=0004 S5.B=FLUSH S6.A=0004 S6.B=0000"
    )


def test_ranges_of_codes_and_what_runs_after_an_abend(system: System) -> None:
    """IF: RC is the highest so far, a range takes two tests; behind an abend only what asks for abends runs."""
    [seen] = run_all(
        system,
        *("//J JOB 1", *PROCEDURE, "//A EXEC PGM=RC8", "//S1 EXEC P"),
        *("// IF (S1.A.RC = 4 AND A.RC = 8) OR (NOT S9.RUN) THEN", "//Y1 EXEC PGM=IEFBR14", "// ENDIF"),
        *("// IF A.RC >= 8 & A.RC <= 8 & ¬S1.B.RUN THEN", "// ELSE", "//N1 EXEC PGM=IEFBR14", "// ENDIF"),
        *("// IF (RC GT 4 AND", "//             RC LT 12) THEN a comment", "//Y2 EXEC PGM=IEFBR14", "// ENDIF"),
        "//X1 EXEC PGM=XU0100",
        *("// IF X1.ABENDCC = U0200 THEN", "//N2 EXEC PGM=IEFBR14", "// ENDIF"),
        *("// IF ABENDCC = U0100 & X1.ABEND THEN", "//Y3 EXEC PGM=IEFBR14", "// ENDIF"),
        *("// IF RC = 8 THEN", "//N3 EXEC PGM=IEFBR14", "// ENDIF"),
        *(
            "// IF X1.RC = 0 | ABEND = FALSE THEN",
            "//N4 EXEC PGM=IEFBR14",
            "// ELSE",
            "//Y4 EXEC PGM=IEFBR14",
            "// ENDIF",
        ),
    )
    ran = {step.label for step in seen.result.steps if step.return_code == 0}
    assert ran == {"Y1", "Y2", "Y3", "Y4"}


def test_the_conditions_of_job_and_exec_together_with_even_and_only(system: System) -> None:
    """JOB COND ends the job at its first true test, also behind an abend; ONLY with a test that holds is bypassed."""
    [seen] = run_all(
        system,
        "//J JOB 1,COND=((16,EQ),(12,LT))",
        "//S1 EXEC PGM=RC4",
        "//S2 EXEC PGM=RC0,COND=(4,LE,S1)",
        "//S3 EXEC PGM=RC8,COND=((4,LT,S1),(8,EQ,S2))",
        "//S4 EXEC PGM=XS0C7",
        "//S5 EXEC PGM=IEFBR14,COND=EVEN",
        "//S6 EXEC PGM=IEFBR14,COND=((8,EQ,S3),EVEN)",
        "//S7 EXEC PGM=IEFBR14,COND=(ONLY,(8,NE,S3))",
        "//S8 EXEC PGM=IEFBR14,COND=((8,EQ),ONLY)",
        "//S9 EXEC PGM=RC16,COND=EVEN",
        "//SA EXEC PGM=IEFBR14,COND=EVEN",
    )
    assert seen.codes == ("S1=0004 S2=FLUSH S3=0008 S4=S0C7 S5=0000 S6=FLUSH S7=0000 S8=FLUSH S9=0016 SA=FLUSH")
    assert "IEF451I J S9 - ENDED BY CC 0016" in seen
