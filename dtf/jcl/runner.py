"""Runs converted jobs: conditions, allocation, program, disposition, step by step, and writes the spool.

    for each step:  job COND -> IF -> EXEC COND, EVEN, ONLY -> allocation -> program -> disposition

An allocation error fails the whole job: no later step runs, whatever its COND says. An abend takes the
abnormal dispositions and flushes every later step without EVEN or ONLY and not in an IF that asks for abends. A high
return code is neither. An IF is decided once, before the first step of its group. What a step writes to the internal
reader is a job of its own, run behind this one.
Time is asked from `clock`, a callable; nothing here sleeps.
Source: JCL Reference and listings; order of messages as in real listings.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from dtf.errors import DtfError
from dtf.jcl.allocation import AllocationFailed, StepAllocation
from dtf.jcl.cards import CARD_COLUMNS, read_cards
from dtf.jcl.conditions import LOST_BY, Verdict, any_test_holds, decide
from dtf.jcl.converter import ConvertedJob, convert, is_named
from dtf.jcl.io_abends import check_space, io_abend, placed_messages
from dtf.jcl.job import Branch, Job, Step
from dtf.jcl.job_archive import keep
from dtf.jcl.job_data_sets import JobDataSets
from dtf.jcl.job_report import as_json
from dtf.jcl.job_result import ABEND_OR_JCL_ERROR, FLUSHED, JobResult, StepResult
from dtf.jcl.joblog import JobLog
from dtf.jcl.libraries import ProcedureLibraries
from dtf.jcl.member_search import Libraries
from dtf.jcl.programs import Abend, Program, RecordExit, StepContext, not_found, open_abend
from dtf.jcl.relational import asks_for_abends
from dtf.jcl.spool import reserve
from dtf.jcl.statements import JobDeck, read_jobs
from dtf.jcl.symbols import system_symbols
from dtf.jcl.unix_files import UnixFiles
from ksds.codepage import code_page
from ksds.errors import KsdsError
from ksds.system import VOLUME, System

MAXIMUM_SUBMITTED = 100
"""Jobs that the jobs of a deck may submit through the internal reader, so that a job submitting itself ends."""
MAXIMUM_RETURN_CODE = 4095


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """Everything a deck needs to run: the system, the programs, the time, and what the command line asks."""

    system: System
    programs: Mapping[str, Program]
    clock: Callable[[], datetime]
    exits: Mapping[str, RecordExit] = field(default_factory=dict)
    """Exits of the site that SORT may call, by name."""
    symbols: Mapping[str, str] = field(default_factory=dict)
    restart: str = ""
    libraries: Libraries | None = None
    """Where procedures come from; None = from the libraries of the system."""
    unix: UnixFiles = field(default_factory=UnixFiles)
    """The folders that PATH= reaches."""
    release: bool = False
    """Run jobs that TYPRUN=HOLD or JCLHOLD would hold."""
    limit_space: bool = False
    """A new data set that outgrows its SPACE is abend B37, D37 or E37."""
    begins: Callable[[str], None] = lambda step: None
    """Told of each step as it begins: job, step, program."""

    def run(self, deck: bytes | str) -> Iterator[JobResult]:
        """Run every job of the deck, one after the other; each result comes when its job has ended.

        Raises DtfError if the deck holds no job; CatalogError and OSError if the system itself fails.
        """
        waiting = deque((job, "") for job in self._read(deck))
        submitted = 0
        while waiting:
            job, submitter = waiting.popleft()
            result = _JobRun(self, self.convert(job)).run(submitter)
            yield result
            for text in result.submitted:
                decks = read_jobs(read_cards(text))
                submitted += len(decks)
                if submitted > MAXIMUM_SUBMITTED:
                    text = f"MORE THAN {MAXIMUM_SUBMITTED} JOBS CAME FROM THE INTERNAL READER"
                    raise DtfError(text, message_id="DTX467E", condition_code=ABEND_OR_JCL_ERROR)
                waiting.extend((job, f"{result.spool.job_id} {result.name}") for job in decks)

    def convert(self, job: JobDeck) -> ConvertedJob:
        """Convert one job with the symbols and libraries of this replay."""
        libraries = self.libraries or ProcedureLibraries(self.system)
        return convert(job, self.symbols, libraries, system_symbols(self.system.name, VOLUME, self.clock()))

    def conversions(self, deck: bytes | str) -> list[ConvertedJob]:
        """Every job of the deck, converted and not run. Raises DtfError if it holds none."""
        return [self.convert(job) for job in self._read(deck)]

    def _read(self, deck: bytes | str) -> list[JobDeck]:
        jobs = read_jobs(read_cards(deck))
        if not jobs:
            raise DtfError("THE DECK HOLDS NO JOB", message_id="DTX400E", condition_code=ABEND_OR_JCL_ERROR)
        return jobs


class _JobRun:
    """One job from its first line in JESMSGLG to its last."""

    def __init__(self, replay: Replay, converted: ConvertedJob) -> None:
        self._replay = replay
        self._converted = converted
        self._started = replay.clock()
        spool = reserve(replay.system, converted.name)
        self._log = JobLog(spool, replay.system.name, converted)
        self._result = JobResult(converted.name, spool, converted, self._started)
        self._data_sets = JobDataSets(replay.system, converted.name, self._started, spool, replay.unix)
        self._result.data_sets = self._data_sets.events
        self._taken: dict[int, bool] = {}

    def run(self, submitter: str = "") -> JobResult:
        """`submitter` is the job that wrote this one to the internal reader: its number and name."""
        log, converted = self._log, self._converted
        log.open(self._started)
        if submitter:
            programmer = converted.job.programmer if converted.job else ""
            log.log(f"$HASP100 {converted.name:<8} ON INTRDR      {programmer:<20} FROM {submitter}", self._started)
        log.list_statements(converted)
        log.explain(converted.diagnostics)
        kind = converted.job.type_of_run if converted.job else ""
        if converted.job is None:
            self._result.jcl_error = True
            log.log(f"IEFC452I {converted.name} - JOB NOT RUN - JCL ERROR", self._now())
        elif kind in ("SCAN", "COPY"):
            log.log(f"DTX462I {converted.name} - TYPRUN={kind}, JOB NOT RUN", self._now())
        elif kind and not self._replay.release:
            self._result.held = True
            log.log(f"$HASP101 {converted.name:<8} HELD", self._now())
        else:
            self._execute(converted.job)
        if not self._result.failed:
            log.drop_allocation_messages()
        self._result.ended = self._now()
        log.statistics(converted.card_count, self._result.ended, self._started)
        keep(self._replay.system, self._result.spool, as_json(self._result))
        return self._result

    def _now(self) -> datetime:
        return self._replay.clock()

    def _execute(self, job: Job) -> None:
        self._log.started(self._started)
        restart = self._replay.restart or job.restart
        if restart and not any(is_named(step, restart) for step in job.steps):
            self._log.say(f"DTX407E RESTART STEP {restart[:20]} IS NOT IN THE JOB")
            self._result.jcl_error = True
        waiting = bool(restart)
        for step in job.steps:
            waiting = waiting and not is_named(step, restart)
            self._result.steps.append(replace(self._step(job, step, waiting), procstep=step.procstep))
        self._data_sets.end(self._log.say_allocation)
        self._finish(job)

    def _finish(self, job: Job) -> None:
        now, result = self._now(), self._result
        if result.jcl_error:
            self._log.log(f"IEF453I {job.name} - JOB FAILED - JCL ERROR - TIME={now:%H.%M.%S}", now)
        if job.notify:
            self._log.log(f"DTX464I {job.notify}: {job.name} ({result.spool.job_id}) HAS ENDED, {result.status}", now)
        self._log.job_stopped(self._started, now)
        self._log.ended(now, "" if result.jcl_error else f" - {result.status.replace('CC ', 'RC=').replace(' ', '=')}")

    # --- one step ---------------------------------------------------------------------------------

    def _step(self, job: Job, step: Step, waiting: bool) -> StepResult:
        reason = self._why_not(job, step, waiting)
        if reason is not None:
            return self._not_executed(step, reason)
        self._replay.begins(f"{step_of(job.name, step)} {step.program}")
        return self._run_step(job, step)

    def _why_not(self, job: Job, step: Step, waiting: bool) -> str | None:
        """The message that says why the step does not run ("" = none of its own), or None if it runs."""
        where = step_of(job.name, step)
        if waiting:
            return f"DTX463I {where} - STEP WAS NOT RUN BECAUSE OF RESTART"
        history = self._result.steps
        if self._result.jcl_error or any(ended.abend in LOST_BY for ended in history):
            return ""
        if job.conditions.tests and any_test_holds(job.conditions.tests, history):
            self._end_by_condition(job)
            return f"IEF201I {where} - JOB TERMINATED BECAUSE OF CONDITION CODES"
        untaken = self._untaken(step)
        if untaken is not None:
            text = f"STEP WAS NOT RUN BECAUSE OF CONDITIONAL EXPRESSION ON STATEMENT {untaken.statement}"
            return f"IEF206I {where} - {text}"
        conditions = step.conditions
        if any(asks_for_abends(branch.expression) for branch in step.branches) and not conditions.only:
            conditions = replace(conditions, even=True)
        verdict = decide(conditions, history)
        if verdict is Verdict.RUN:
            return None
        return "" if verdict is Verdict.AFTER_ABEND else verdict.value.format(where)

    def _untaken(self, step: Step) -> Branch | None:
        """The first IF around the step whose other part is taken. Each IF is decided once."""
        for branch in step.branches:
            if branch.group not in self._taken:
                self._taken[branch.group] = branch.expression.holds(self._result.steps)
            if self._taken[branch.group] is not branch.taken_if:
                return branch
        return None

    def _end_by_condition(self, job: Job) -> None:
        if any(step.reason.startswith("IEF201I") for step in self._result.steps):
            return
        ended = next(step for step in reversed(self._result.steps) if step.return_code is not None)
        now = self._now()
        name = " ".join(word for word in (ended.procstep, ended.name) if word)
        text = f"IEF451I {job.name} {name} - ENDED BY CC {ended.return_code:04d} - TIME={now:%H.%M.%S}"
        self._log.log(text, now)

    def _not_executed(self, step: Step, reason: str) -> StepResult:
        if reason:
            self._log.say(reason)
        where = step_of(self._converted.name, step) if step.name else f"{self._converted.name} "
        self._log.say(f"IEF272I {where} - STEP WAS NOT EXECUTED.")
        self._log.tabulate(step.name, step.procstep, "FLUSH", self._now())
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
        high = step.abnormal_codes
        abnormal = high is not None and result.return_code is not None and high.holds(result.return_code)
        allocation.dispose(abended=result.abended or abnormal)
        self._result.submitted += allocation.submitted()
        self._log.step_started(step.procstep or step.name, started)
        self._log.step_stopped(step.procstep or step.name, now)
        code = f"*{result.abend}" if result.abend else f"{result.return_code:02d}"
        self._log.tabulate(step.name, step.procstep, code, now)
        return result

    def _call(self, job: Job, step: Step, allocation: StepAllocation) -> StepResult:
        """Run the program of the step; errors of this package that escape it are condition code 12."""
        context = StepContext(
            system=self._replay.system,
            job=job.name,
            job_id=self._result.spool.job_id,
            step=step.name,
            parameter=self._parameter(step, allocation),
            dds=allocation.dds,
            spool_files=allocation.spool_files,
            now=self._now,
            log=lambda message: self._log.log(message, self._now()),
            reshape=allocation.reshape,
            work_data_set=allocation.work_data_set,
            exits=self._replay.exits,
            call=lambda name, parameter: self._program(name)(replace(context, parameter=parameter)),
            submit=self._result.submitted.append,
        )
        try:
            code = min(self._program(step.program)(context), MAXIMUM_RETURN_CODE)
            if self._replay.limit_space:
                check_space(allocation)
            return StepResult(step.name, code)
        except (KsdsError, DtfError) as error:
            opening = open_abend(error)
            if opening is None:
                context.log(str(error))
                return StepResult(step.name, max(12, min(error.condition_code, 16)))
            abend = opening
        except OSError as error:
            abend = io_abend(error)
        except Abend as own:
            abend = own
        for message in placed_messages(abend, job.name, step, allocation):
            context.log(message)
        self._say_abend(job, step, abend)
        return StepResult(step.name, abend=abend.code)

    def _program(self, name: str) -> Program:
        return self._replay.programs.get(name) or not_found(name)

    def _parameter(self, step: Step, allocation: StepAllocation) -> str:
        """PARM, or the records of the PARMDD: columns 1-72 if 73-80 hold a sequence number."""
        dd = allocation.dds.get(step.parameter_dd)
        if dd is None:
            return step.parameter
        decode = code_page().decode
        texts = (decode(record) for record in self._replay.system.records(dd))
        return "".join(
            (text[:72] if len(text) == CARD_COLUMNS and text[72:].isdecimal() else text).rstrip() for text in texts
        )

    def _say_abend(self, job: Job, step: Step, abend: Abend) -> None:
        now = self._now()
        system = abend.code[1:] if abend.code.startswith("S") else "000"
        user = abend.code[1:] if abend.code.startswith("U") else "0000"
        where = step_of(job.name, step)
        shown = f"ABEND={abend.code} U0000" if system != "000" else f"ABEND=S000 {abend.code}"
        self._log.log(f"IEF450I {where} - {shown} REASON={abend.reason:08X}", now)
        self._log.continue_log(f"        TIME={now:%H.%M.%S}")
        self._log.say(f"IEF472I {where} - COMPLETION CODE - SYSTEM={system} USER={user} REASON={abend.reason:08X}")

    def _say_result(self, job: Job, step: Step, result: StepResult) -> None:
        if result.return_code is not None:
            self._log.say(f"IEF142I {step_of(job.name, step)} - STEP WAS EXECUTED - COND CODE {result.return_code:04d}")


def step_of(job: str, step: Step) -> str:
    """How messages name a step: job, step of the procedure if there is one, step."""
    return " ".join(word for word in (job, step.procstep, step.name) if word)
