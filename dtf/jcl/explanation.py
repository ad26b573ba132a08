"""A job in plain words: what each COND asks, what each DD stands for, why a step did not run, where an error stands.

For people who read JCL seldom. `dtf replay --explain` prints `plan`: the expanded job and what its steps would
allocate, without running it; `dtf replay --why` prints `explain` behind the spool of each job.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from dtf.jcl.allocation import NOT_ALLOCATED
from dtf.jcl.cards import Card
from dtf.jcl.conditions import Conditions, ReturnCodeTest
from dtf.jcl.converter import ConvertedJob
from dtf.jcl.diagnostics import Diagnostic
from dtf.jcl.job import Dd, DdKind, DdPart, Step
from dtf.jcl.job_graph import shown_name
from dtf.jcl.job_result import FLUSHED, JobResult, StepResult
from dtf.jcl.joblog import JobLog
from dtf.jcl.spool import PAGE_WIDTH, Spool
from ksds.system import System

_OPERATORS = {
    "GT": "greater than",
    "GE": "greater than or equal to",
    "EQ": "equal to",
    "LT": "less than",
    "LE": "less than or equal to",
    "NE": "not equal to",
}
_STATUS = {
    "NEW": "is made",
    "OLD": "must exist, used alone",
    "SHR": "must exist, shared",
    "MOD": "is added to, or made",
}
_FATE = {"KEEP": "kept", "CATLG": "cataloged", "DELETE": "deleted", "PASS": "passed to a later step"}


def plan(converted: ConvertedJob, system: System) -> Iterator[str]:
    """The expanded job as JESJCL lists it, then each step: its conditions and what it would allocate in `system`."""
    yield f"---- {converted.name} EXPANDED ".ljust(PAGE_WIDTH, "-")
    spool = Spool(0, converted.name)
    log = JobLog(spool, system.name, replace(converted, message_level=(1, 1)))
    log.list_statements(converted)
    yield from (line.removesuffix(spool.job_id).rstrip() for line in spool.jcl.lines)
    yield ""
    yield f"---- {converted.name} WOULD DO ".ljust(PAGE_WIDTH, "-")
    if converted.job is None:
        yield "The job would not run."
    yield from _explain_errors(converted)
    made: dict[str, str] = {}
    for step in converted.job.steps if converted.job else ():
        yield f"Step {step.label or '(without a name)'} runs {step.program}."
        yield from _explain_branches(step)
        yield from _explain_conditions(step.conditions)
        for dd in step.dds:
            yield from _explain_dd(dd, system, made)
        for part in (part for dd in step.dds for part in dd.parts):
            if part.disposition.status in ("", "NEW", "MOD") and part.disposition.normal not in ("", "DELETE"):
                made.setdefault(shown_name(part), step.label)


def _explain_errors(converted: ConvertedJob) -> Iterator[str]:
    cards = [card for statement in converted.statements for card in statement.cards if not statement.member]
    for diagnostic in converted.diagnostics:
        yield from _explain_error(diagnostic, () if diagnostic.member else cards)


def _explain_branches(step: Step) -> Iterator[str]:
    for branch in step.branches:
        word = "holds" if branch.taken_if else "does not hold"
        yield f"  It runs only if the IF of statement {branch.statement} {word}."


def explain(result: JobResult) -> Iterator[str]:
    """The lines below the heading EXPLAINED."""
    yield f"---- {result.name} ({result.spool.job_id}) EXPLAINED ".ljust(PAGE_WIDTH, "-")
    job = result.converted.job
    if job is None:
        yield "The job did not run. Every error, where it stands:"
        yield from _explain_errors(result.converted)
    else:
        for step, ended in zip(job.steps, result.steps, strict=False):
            yield from _explain_step(step, ended)
    yield f"The job ended with {result.status}: exit status {result.condition_code}."


def _explain_error(diagnostic: Diagnostic, cards: Sequence[Card]) -> Iterator[str]:
    yield f"  {diagnostic}"
    card = next((card for card in cards if card.line == diagnostic.at.line), None)
    if card is not None:
        yield f"    {card.text}"
        yield "    " + " " * (diagnostic.at.column - 1) + "^"


def _explain_step(step: Step, ended: StepResult) -> Iterator[str]:
    yield f"Step {step.label or '(without a name)'} runs {step.program}."
    yield from _explain_branches(step)
    yield from _explain_conditions(step.conditions)
    for dd in step.dds:
        yield from _explain_dd(dd)
    if ended.abend:
        yield f"  It ended abnormally with {ended.abend}: the third word of each DISP was carried out."
    elif ended.return_code is not None:
        yield f"  It ended with condition code {ended.return_code}."
    else:
        yield f"  It did not run: {_why(ended.reason)}."


def _why(reason: str) -> str:
    """What the message says behind job and step, or what a step without a message of its own fell victim to."""
    if reason == FLUSHED:
        return "an earlier step had ended abnormally, or the job had failed"
    return reason.partition(" - ")[2].lower() or reason


def _explain_conditions(conditions: Conditions) -> Iterator[str]:
    for test in conditions.tests:
        yield f"  It is bypassed if {_test(test)}."
    if conditions.even:
        yield "  EVEN: it may also run after an abend."
    if conditions.only:
        yield "  ONLY: it runs only after an abend."


def _test(test: ReturnCodeTest) -> str:
    whose = f"the code of step {test.step}" if test.step else "the code of any earlier step"
    return f"{test.code} is {_OPERATORS[test.operator]} {whose}"


def _explain_dd(dd: Dd, system: System | None = None, made: Mapping[str, str] | None = None) -> Iterator[str]:
    """What a DD stands for; with a system also whether its data set is there now, or which step before makes it."""
    for index, part in enumerate(dd.parts):
        name = f"{dd.name:<8}" if index == 0 else f"{'':8}"
        text = "not needed, nothing here reads it" if dd.name in NOT_ALLOCATED else _part(part)
        if system is not None and part.kind is DdKind.DATA_SET and dd.name not in NOT_ALLOCATED:
            maker = (made or {}).get(shown_name(part))
            there = "is there" if system.exists(part.data_set) else "is not there"
            text += f" (made by step {maker})" if maker else f" ({there} now)"
        yield f"  {name} {text}"


def _part(part: DdPart) -> str:
    if part.kind is DdKind.DUMMY:
        return "nothing: reads are empty, writes vanish"
    if part.kind is DdKind.VOLUME:
        return "a volume, no data set"
    if part.kind is DdKind.SYSOUT:
        return f"printed output, class {part.sysout_class}"
    if part.kind is DdKind.INSTREAM:
        return f"{len(part.records)} records in the deck"
    if part.unix is not None:
        return f"UNIX file {part.unix.path}"
    name = shown_name(part) if part.data_set else "(unnamed)"
    kind = f"temporary data set {name}" if part.kind is DdKind.TEMPORARY else f"data set {name}"
    disposition = part.disposition.filled(found=part.disposition.status not in ("", "NEW"))
    fates = _FATE[disposition.normal]
    if disposition.abnormal != disposition.normal:
        fates += f", after an abend {_FATE[disposition.abnormal]}"
    return f"{kind}: {_STATUS[disposition.status]}; then {fates}"
