"""Runs converted jobs: conditions, allocation, program, disposition, step by step, and writes the spool.

    for each step:  job COND -> EXEC COND, EVEN, ONLY -> allocation -> program -> disposition

An allocation error fails the whole job: no later step runs, whatever its COND says. An abend takes the
abnormal dispositions and flushes every later step without EVEN or ONLY. A high return code is neither.
Time is asked from `clock`, a callable; nothing here sleeps.
Source: JCL Reference and listings; order of messages as in real listings.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from dtf.errors import DtfError
from dtf.jcl.allocation import AllocationFailed, JobDataSets, StepAllocation
from dtf.jcl.cards import read_cards
from dtf.jcl.conditions import Verdict, any_test_holds, decide
from dtf.jcl.converter import ConvertedJob, convert
from dtf.jcl.job import Job, Step
from dtf.jcl.joblog import JobLog
from dtf.jcl.programs import Abend, Program, StepContext, not_found
from dtf.jcl.spool import Spool, reserve
from dtf.jcl.statements import read_jobs
from ksds.errors import KsdsError
from ksds.system import System

ABEND_OR_JCL_ERROR = 16
MAXIMUM_RETURN_CODE = 4095
FLUSHED = "flushed"
"""Why a step did not run that has no message of its own: after an abend, after a JCL error."""


@dataclass(frozen=True, slots=True)
class StepResult:
    """How a step ended. `return_code` None: it produced none. `reason` says why it did not run."""

    name: str
    return_code: int | None = None
    abend: str = ""
    reason: str = ""

    @property
    def abended(self) -> bool:
        return bool(self.abend)

    def __str__(self) -> str:
        if self.abend:
            return f"ABEND {self.abend}"
        return f"CC {self.return_code:04d}" if self.return_code is not None else "FLUSH"


@dataclass(slots=True)
class JobResult:
    """A finished job. `status` is CC nnnn, ABEND Sxxx or JCL ERROR; `condition_code` is the exit status."""

    name: str
    spool: Spool
    converted: ConvertedJob
    steps: list[StepResult] = field(default_factory=list)
    jcl_error: bool = False

    @property
    def status(self) -> str:
        if self.jcl_error:
            return "JCL ERROR"
        abended = next((step for step in self.steps if step.abended), None)
        return str(abended) if abended else f"CC {self.highest_code:04d}"

    @property
    def highest_code(self) -> int:
        return max((step.return_code for step in self.steps if step.return_code is not None), default=0)

    @property
    def failed(self) -> bool:
        """Abended, or not run (to its end) because of a JCL error. A high return code is no failure."""
        return self.jcl_error or any(step.abended for step in self.steps)

    @property
    def condition_code(self) -> int:
        return ABEND_OR_JCL_ERROR if self.failed else self.highest_code


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """Everything a deck needs to run: the system, the programs, the time, and what the command line asks."""

    system: System
    programs: Mapping[str, Program]
    clock: Callable[[], datetime]
    symbols: Mapping[str, str] = field(default_factory=dict)
    restart: str = ""

    def run(self, deck: bytes | str) -> Iterator[JobResult]:
        """Run every job of the deck, one after the other; each result comes when its job has ended.

        Raises DtfError if the deck holds no job; CatalogError and OSError if the system itself fails.
        """
        jobs = read_jobs(read_cards(deck))
        if not jobs:
            raise DtfError("THE DECK HOLDS NO JOB", message_id="DTX400E", condition_code=ABEND_OR_JCL_ERROR)
        for job in jobs:
            converted = convert(job, self.symbols)
            yield _JobRun(self, converted).run()


class _JobRun:
    """One job from its first line in JESMSGLG to its last."""

    def __init__(self, replay: Replay, converted: ConvertedJob) -> None:
        self._replay = replay
        self._converted = converted
        self._started = replay.clock()
        spool = reserve(replay.system, converted.name)
        self._log = JobLog(spool, replay.system.name, converted)
        self._result = JobResult(converted.name, spool, converted)
        self._data_sets = JobDataSets(replay.system, converted.name, self._started, spool)

    def run(self) -> JobResult:
        log, converted = self._log, self._converted
        log.open(self._started)
        log.list_statements(converted)
        log.explain(converted.diagnostics)
        if converted.job is None:
            self._result.jcl_error = True
            log.log(f"IEFC452I {converted.name} - JOB NOT RUN - JCL ERROR", self._now())
        elif converted.job.scan_only:
            log.log(f"DTX462I {converted.name} - TYPRUN=SCAN, JOB NOT RUN", self._now())
        else:
            self._execute(converted.job)
        if not self._result.failed:
            log.drop_allocation_messages()
        log.statistics(converted.card_count, self._now(), self._started)
        self._result.spool.keep(self._replay.system)
        return self._result

    def _now(self) -> datetime:
        return self._replay.clock()

    def _execute(self, job: Job) -> None:
        self._log.started(self._started)
        restart = self._replay.restart or job.restart
        if restart and all(step.name != restart for step in job.steps):
            self._log.say(f"DTX407E RESTART STEP {restart[:20]} IS NOT IN THE JOB")
            self._result.jcl_error = True
        waiting = bool(restart)
        for step in job.steps:
            waiting = waiting and step.name != restart
            self._result.steps.append(self._step(job, step, waiting))
        self._data_sets.end(self._log.say_allocation)
        self._finish(job)

    def _finish(self, job: Job) -> None:
        now, result = self._now(), self._result
        if result.jcl_error:
            self._log.log(f"IEF453I {job.name} - JOB FAILED - JCL ERROR - TIME={now:%H.%M.%S}", now)
        self._log.job_stopped(self._started, now)
        self._log.ended(now, "" if result.jcl_error else f" - {result.status.replace('CC ', 'RC=').replace(' ', '=')}")

    # --- one step ---------------------------------------------------------------------------------

    def _step(self, job: Job, step: Step, waiting: bool) -> StepResult:
        reason = self._why_not(job, step, waiting)
        if reason is not None:
            return self._not_executed(step, reason)
        return self._run_step(job, step)

    def _why_not(self, job: Job, step: Step, waiting: bool) -> str | None:
        """The message that says why the step does not run ("" = none of its own), or None if it runs."""
        where = f"{job.name} {step.name}".rstrip()
        if waiting:
            return f"DTX463I {where} - STEP WAS NOT RUN BECAUSE OF RESTART"
        if self._result.jcl_error:
            return ""
        history = self._result.steps
        if job.conditions.tests and any_test_holds(job.conditions.tests, history):
            self._end_by_condition(job)
            return f"IEF201I {where} - JOB TERMINATED BECAUSE OF CONDITION CODES"
        verdict = decide(step.conditions, history)
        if verdict is Verdict.RUN:
            return None
        return "" if verdict is Verdict.AFTER_ABEND else verdict.value.format(where)

    def _end_by_condition(self, job: Job) -> None:
        if any(step.reason.startswith("IEF201I") for step in self._result.steps):
            return
        ended = next(step for step in reversed(self._result.steps) if step.return_code is not None)
        now = self._now()
        text = f"IEF451I {job.name} {ended.name} - ENDED BY CC {ended.return_code:04d} - TIME={now:%H.%M.%S}"
        self._log.log(text, now)

    def _not_executed(self, step: Step, reason: str) -> StepResult:
        if reason:
            self._log.say(reason)
        self._log.say(f"IEF272I {self._converted.name} {step.name} - STEP WAS NOT EXECUTED.")
        self._log.tabulate(step.name, "FLUSH", self._now())
        return StepResult(step.name, reason=reason or FLUSHED)

    def _run_step(self, job: Job, step: Step) -> StepResult:
        allocation = StepAllocation(self._data_sets, step, self._log.say_allocation)
        try:
            allocation.allocate()
        except AllocationFailed as failure:
            for message in failure.messages[:-1]:
                self._log.say(message)
            self._result.jcl_error = True
            return self._not_executed(step, failure.messages[-1])
        started = self._now()
        result = self._call(job, step, allocation)
        now = self._now()
        self._say_result(job, step, result)
        allocation.dispose(abended=result.abended)
        self._log.step_started(step.name, started)
        self._log.step_stopped(step.name, now)
        self._log.tabulate(step.name, f"*{result.abend}" if result.abend else f"{result.return_code:02d}", now)
        return result

    def _call(self, job: Job, step: Step, allocation: StepAllocation) -> StepResult:
        """Run the program of the step; errors of this package that escape it are condition code 12."""
        context = StepContext(
            system=self._replay.system,
            job=job.name,
            job_id=self._result.spool.job_id,
            step=step.name,
            parameter=step.parameter,
            dds=allocation.dds,
            spool_files=allocation.spool_files,
            now=self._now,
            log=lambda message: self._log.log(message, self._now()),
            reshape=allocation.reshape,
        )
        program = self._replay.programs.get(step.program) or not_found(step.program)
        try:
            return StepResult(step.name, min(program(context), MAXIMUM_RETURN_CODE))
        except (KsdsError, DtfError) as error:
            context.log(str(error))
            return StepResult(step.name, max(12, min(error.condition_code, 16)))
        except OSError as error:
            abend = _io_abend(error, f"{job.name},{step.name}")
        except Abend as own:
            abend = own
        for message in abend.messages:
            context.log(message)
        self._say_abend(job, step, abend)
        return StepResult(step.name, abend=abend.code)

    def _say_abend(self, job: Job, step: Step, abend: Abend) -> None:
        now = self._now()
        system = abend.code[1:] if abend.code.startswith("S") else "000"
        user = abend.code[1:] if abend.code.startswith("U") else "0000"
        where = f"{job.name} {step.name}".rstrip()
        shown = f"ABEND={abend.code} U0000" if system != "000" else f"ABEND=S000 {abend.code}"
        self._log.log(f"IEF450I {where} - {shown} REASON={abend.reason:08X}", now)
        self._log.continue_log(f"        TIME={now:%H.%M.%S}")
        self._log.say(f"IEF472I {where} - COMPLETION CODE - SYSTEM={system} USER={user} REASON={abend.reason:08X}")

    def _say_result(self, job: Job, step: Step, result: StepResult) -> None:
        if result.return_code is not None:
            where = f"{job.name} {step.name}".rstrip()
            self._log.say(f"IEF142I {where} - STEP WAS EXECUTED - COND CODE {result.return_code:04d}")


def _io_abend(error: OSError, where: str) -> Abend:
    """A full disk is D37; any other refusal of the host's file system is an I/O error, 001."""
    detail = f"{error.strerror or error}: {error.filename or 'a file of the system'}"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Abend("SD37", 4, f"IEC031I D37-04,{where}", f"DTX465E {detail}")
    return Abend("S001", 0, f"DTX465E {detail}")
