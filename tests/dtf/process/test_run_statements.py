"""RUN TASK, RUN JOB and SUBMIT as they are written."""

import pytest

from dtf.errors import ProcessSyntaxError
from dtf.process import RunJob, RunTask, Submit, next_step, parse, resolve


def step(text, **symbols):
    (one,) = resolve(parse(f"P PROCESS SNODE=CD.B &D=DAY1\nSTEP1 {text}\n"), symbols).statements
    return one


def test_run_task_with_parm_in_upper_case_and_sysopts_as_they_are():
    assert step("RUN TASK (PGM=IEFBR14 PARM=(one,two)) SNODE") == RunTask(
        label="STEP1", number=1, program="IEFBR14", parameter="ONE,TWO", node="SNODE", line=2
    )
    task = step('RUN TASK (PGM=IDCAMS SYSOPTS=" DELETE Abc.&D") PNODE RESTART=NO')
    assert (task.parameter, task.node, task.again) == (" DELETE Abc.DAY1", "PNODE", False)


def test_run_job_names_a_member():
    assert step("RUN JOB (DSN=A.JCL(NIGHT)) SNODE") == RunJob(
        label="STEP1", number=1, name="A.JCL(NIGHT)", node="SNODE", line=2
    )


def test_submit_takes_keywords_and_symbolics():
    submit = step("SUBMIT DSN=A.PROC(NEXT) SUBNODE=SNODE PRTY=5 HOLD=YES &DAY=&D &X='a b'")
    assert submit == Submit(
        label="STEP1",
        number=1,
        name="A.PROC(NEXT)",
        node="SNODE",
        keywords=(("PRTY", "5"), ("HOLD", "YES")),
        symbols=(("DAY", "DAY1"), ("X", "a b")),
        line=2,
    )


def test_in_the_other_layout_too():
    text = 'p process snode=B s1 run task (pgm=IDCAMS sysopts="x") snode s2 run job (dsn=A.B) pnode pend;'
    kinds = [type(statement) for statement in resolve(parse(text)).statements]
    assert kinds == [RunTask, RunJob]


def test_their_codes_can_be_tested():
    text = "P PROCESS SNODE=B\nT1 RUN TASK (PGM=X)\n IF (T1 > 4) THEN\n EXIT\n EIF\nT2 RUN TASK (PGM=Y)\n"
    process = resolve(parse(text))
    assert next_step(process, 1, {"T1": 8}) is None
    assert process.statements[next_step(process, 1, {"T1": 0})].program == "Y"


@pytest.mark.parametrize(
    "text",
    [
        "RUN TASK (PARM=X)",
        "RUN TASK (PGM=../../BIN/SH)",
        "RUN TASK (PGM=TOOLONGNAME)",
        "RUN TASK (PGM=X PGM=Y)",
        'RUN TASK (PGM=X PARM=A SYSOPTS="B")',
        "RUN TASK (PGM=X) RESTART=MAYBE",
        "RUN TASK (PGM=X) ELSEWHERE",
        "RUN TASK (PGM=X DSN=Y)",
        'RUN TASK (PGM=X SYSOPTS="' + "y" * 1817 + '")',
        "RUN JOB (PGM=X)",
        "RUN JOB (DSN=A.B) RESTART=YES",
        "SUBMIT SUBNODE=SNODE",
        "SUBMIT DSN=A.B SUBNODE=THERE",
        "SUBMIT DSN=A.B COLOUR=RED",
    ],
)
def test_what_is_wrong_is_said_with_its_place(text):
    with pytest.raises(ProcessSyntaxError, match="AT LINE 2"):
        step(text)
