"""A job in plain words: what each COND asked, what each DD stands for, why a step did not run, where an error stands.

For people who read JCL seldom; printed by `dtf replay --explain` behind the spool of each job.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dtf.jcl.allocation import NOT_ALLOCATED
from dtf.jcl.cards import Card
from dtf.jcl.conditions import Conditions, ReturnCodeTest
from dtf.jcl.diagnostics import Diagnostic
from dtf.jcl.job import Dd, DdKind, DdPart, Step
from dtf.jcl.runner import FLUSHED, JobResult, StepResult
from dtf.jcl.spool import PAGE_WIDTH

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


def explain(result: JobResult) -> Iterator[str]:
    """The lines below the heading EXPLAINED."""
    yield f"---- {result.name} ({result.spool.job_id}) EXPLAINED ".ljust(PAGE_WIDTH, "-")
    job = result.converted.job
    if job is None:
        yield "The job did not run. Every error, where it stands:"
        cards = [card for statement in result.converted.statements for card in statement.cards]
        for diagnostic in result.converted.diagnostics:
            yield from _explain_error(diagnostic, cards)
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
    yield f"Step {step.name or '(without a name)'} runs {step.program}."
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


def _explain_dd(dd: Dd) -> Iterator[str]:
    for index, part in enumerate(dd.parts):
        name = f"{dd.name:<8}" if index == 0 else f"{'':8}"
        yield f"  {name} {'not needed, nothing here reads it' if dd.name in NOT_ALLOCATED else _part(part)}"


def _part(part: DdPart) -> str:
    if part.kind is DdKind.DUMMY:
        return "nothing: reads are empty, writes vanish"
    if part.kind is DdKind.SYSOUT:
        return f"printed output, class {part.sysout_class}"
    if part.kind is DdKind.INSTREAM:
        return f"{len(part.records)} records in the deck"
    name = part.data_set or "(unnamed)"
    kind = f"temporary data set &&{name}" if part.kind is DdKind.TEMPORARY else f"data set {name}"
    disposition = part.disposition.filled(found=part.disposition.status not in ("", "NEW"))
    fates = _FATE[disposition.normal]
    if disposition.abnormal != disposition.normal:
        fates += f", after an abend {_FATE[disposition.abnormal]}"
    return f"{kind}: {_STATUS[disposition.status]}; then {fates}"
