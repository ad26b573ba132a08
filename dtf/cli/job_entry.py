"""What RUN TASK and RUN JOB reach from this program: the step programs of `dtf replay`, and its jobs.

A task gets its PARM or SYSOPTS line by line as SYSIN and, unless there is a blank in it, as the step's PARM; what it
prints goes nowhere. A job runs at once, with its spool kept in the system, and its end does not concern the Process.
"""

from __future__ import annotations

from datetime import datetime

from dtf.errors import NodeError
from dtf.jcl.program_list import PROGRAMS
from dtf.jcl.programs import Abend, StepContext
from dtf.jcl.runner import Replay
from ksds.codepage import code_page
from ksds.datasets import DD, DataSetAttributes
from ksds.system import System

_ABEND_CODE = 16
_CARD = 80


class JobEntry:
    """`dtf.node.local.Programs` of the command line."""

    def run_task(self, system: System, program: str, parameter: str) -> int:
        """The program's return code; 16 for an abend. Raises NodeError if there is no such program."""
        run = PROGRAMS.get(program)
        if run is None:
            raise NodeError(f"there is no program {program[:20]}")
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
            return run(step)
        except Abend:
            return _ABEND_CODE

    def submit_job(self, system: System, name: str) -> str:
        """Name and state of the job in the data set. Raises DataSetNotFound."""
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
