"""What RUN TASK and RUN JOB reach from this program: the step programs of `dtf replay`, and its jobs.

Each runs in an operating system process of its own, in a session of its own and with an empty environment but for
what Python needs: `dtf --system DIR begin task PROGRAM`, which is no command for people. So a node goes on with its
other work meanwhile, and nothing that a program does to its process reaches the node.
"""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from enum import StrEnum

from dtf.errors import NodeError
from ksds.system import System

ABEND_CODE = 16
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
        from dtf.jcl.program_list import PROGRAMS

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
        return int(self._code) if self._code.isdecimal() else ABEND_CODE

    def stop(self) -> None:
        """It and what it may have begun."""
        if self._process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, 9)
            self._process.wait()
