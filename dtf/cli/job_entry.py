"""What RUN TASK and RUN JOB reach from this program: the step programs of `dtf replay`, and its jobs.

Each runs in an operating system process of its own, in a session of its own and with an empty environment but for
what Python needs: `dtf --system DIR begin task PROGRAM`, which is no command for people. So a node goes on with its
other work meanwhile, and nothing that a program does to its process reaches the node.

A task gets its PARM or SYSOPTS line by line as SYSIN and, unless there is a blank in it, as the step's PARM; what it
prints goes nowhere. A job runs at once, with its spool kept in the system, and its end does not concern the Process.
"""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from datetime import datetime
from enum import StrEnum
from typing import Annotated

import typer

from dtf.errors import NodeError
from dtf.jcl.program_list import PROGRAMS
from dtf.jcl.programs import Abend, StepContext
from dtf.jcl.runner import Replay
from ksds.codepage import code_page
from ksds.datasets import DD, DataSetAttributes
from ksds.system import System

_ABEND_CODE = 16
_CARD = 80
_KEPT = ("PATH", "PYTHONPATH", "HOME", "TMPDIR", "KSDS_CODEPAGE")
_MAIN = "from dtf.cli import main; main()"


class Work(StrEnum):
    """What a process of its own is begun for."""

    TASK = "task"
    JOB = "job"


class JobEntry:
    """`dtf.node.local.Programs` of the command line."""

    def start_task(self, system: System, program: str, parameter: str) -> Child:
        """Raises NodeError if there is no such program."""
        if program not in PROGRAMS:
            raise NodeError(f"there is no program {program[:20]}")
        return Child(system, Work.TASK, program, parameter)

    def start_job(self, system: System, name: str) -> Child:
        """Raises DataSetNotFound."""
        next(iter(system.records(name)), None)
        return Child(system, Work.JOB, name, "")


class Child:
    """A program or job in a process of its own (`dtf.node.local.Task`)."""

    def __init__(self, system: System, work: Work, name: str, parameter: str) -> None:
        environment = {key: value for key, value in os.environ.items() if key in _KEPT}
        folder = str(system.folder.resolve())
        command = [sys.executable, "-c", _MAIN, "--system", folder, "begin", work, name]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            start_new_session=True,
        )
        self.text = ""
        if self._process.stdin is not None:
            with suppress(BrokenPipeError), self._process.stdin as pipe:
                pipe.write(parameter.encode())  # 2,040 bytes at most: a pipe takes them at once

    def ended(self) -> int | None:
        """What its last line says; an abend if it has not come to that."""
        if self._process.poll() is None:
            return None
        if self._process.stdout is not None and not self._process.stdout.closed:
            said = self._process.stdout.read().decode(errors="replace").splitlines()
            self._process.stdout.close()
            self._code, _, self.text = (said[-1] if said else "").partition(" ")
        return int(self._code) if self._code.isdecimal() else _ABEND_CODE

    def stop(self) -> None:
        """It and what it may have begun."""
        if self._process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, 9)
            self._process.wait()


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
        return _ABEND_CODE


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
