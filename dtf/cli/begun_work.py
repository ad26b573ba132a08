"""What a process does that was begun for RUN TASK or RUN JOB (`job_entry`).

A task gets its PARM or SYSOPTS line by line as SYSIN and, unless there is a blank in it, as the step's PARM; what it
prints goes nowhere. A job runs at once, with its spool kept in the system, and its end does not concern the Process.
"""

from __future__ import annotations

import sys
from datetime import datetime
from typing import Annotated

import typer

from dtf.cli.job_entry import ABEND_CODE, Work
from dtf.errors import NodeError
from dtf.jcl.program_list import PROGRAMS
from dtf.jcl.programs import Abend, StepContext
from dtf.jcl.runner import Replay
from ksds.codepage import code_page
from ksds.datasets import DD, DataSetAttributes
from ksds.system import System

_CARD = 80


def begin(
    context: typer.Context,
    work: Annotated[Work, typer.Argument(help="task or job.")],
    name: Annotated[str, typer.Argument(help="The program, or the data set of the job.")],
) -> None:
    """Run a program or a job for a DTF; print its code and name as the last line. PARM or SYSOPTS on standard input."""
    parameter = sys.stdin.read()
    with System.open(context.obj, create=False) as system:
        if work is Work.TASK:
            print(f"\n{_run_task(system, name, parameter)} {name}")
        else:
            print(f"\n0 {_run_job(system, name)}")


def _run_task(system: System, program: str, parameter: str) -> int:
    """The program's return code; 16 for an abend."""
    page = code_page()
    cards = tuple(page.pad(line[:_CARD], _CARD) for line in parameter.splitlines())
    step = StepContext(
        system=system,
        job="RUNTASK",
        job_id="",
        step=program,
        parameter="" if " " in parameter else parameter,
        dds={"SYSIN": DD(name="SYSIN", instream=cards), "SYSPRINT": DD(name="SYSPRINT", dummy=True)},
        spool_files={},
        now=datetime.now,
        log=_unseen,
        reshape=_as_it_is,
        work_data_set=_no_work_data_set,
    )
    try:
        return PROGRAMS[program](step)
    except Abend:
        return ABEND_CODE


def _run_job(system: System, name: str) -> str:
    """Name and state of the job in the data set."""
    decode = code_page().decode
    deck = "\n".join(decode(record).rstrip() for record in system.records(name)) + "\n"
    jobs = list(Replay(system=system, programs=PROGRAMS, clock=datetime.now).run(deck))
    return ", ".join(f"{job.name} {job.status}" for job in jobs)


def _unseen(line: str) -> None:
    """A task has no job log."""


def _as_it_is(ddname: str, attributes: DataSetAttributes) -> None:
    """A task makes no data sets."""


def _no_work_data_set(attributes: DataSetAttributes) -> str:
    raise NodeError("a task has no work data sets")
