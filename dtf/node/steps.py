"""Steps that move no data, on the node where they are to happen: RUN TASK, RUN JOB, SUBMIT.

All three are off unless the node's initialization parameters allow them: RUN.TASK names the programs, RUN.JOB=YES lets
jobs in. A name is looked up in that list and nowhere else; nothing a partner sends is ever read as a command.

A task leaves a record in the CKPT file (connect-direct.md 3.8): state E when it is taken, A just before the program
begins, D with its return code when it has ended. So a Process that lost its session meanwhile finds the result and
does not run the program twice; one that finds it running waits for it. A program that was begun and did not end
because its node did is run again with RESTART=YES, skipped with RESTART=NO.

Programs and jobs run beside the node, in operating system processes of their own: its other sessions go on meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

from dtf.copying.checkpoint import STATE_DONE, TASK, TYPE_TASK, CheckpointDamaged, CheckpointRecord
from dtf.copying.speaker import Need, Talk
from dtf.errors import DtfError, NodeError, ProtocolError, StepError
from dtf.node.local import LocalNode, Task, process_text
from dtf.protocol.events import FAILING_CODE, RunRequest, StepEnd, StepFailed
from dtf.user_table import ANYBODY, Profile
from ksds.errors import KsdsError

DONE = "SCPA000I"
TIMED_OUT = 16
_ENTERED, _ATTACHED, _ENDED = "E", "A", "D"


class StepNotAllowed(StepError):
    """The node does not let this program or job run."""

    default_id = "DTX260E"


@dataclass(frozen=True, slots=True)
class Ended:
    """How a step ended."""

    code: int
    message_id: str = DONE
    text: str = ""

    def event(self) -> StepEnd | StepFailed:
        """As the partner is told."""
        if self.code < FAILING_CODE:
            return StepEnd(self.message_id, self.text[:200], self.code)
        return StepFailed(self.message_id, self.text[:200], self.code)


class Kind(Protocol):
    """Carries out one kind of step."""

    def __call__(self, node: LocalNode, pnode: str, session: int, request: RunRequest) -> Talk[Ended]: ...


def run_step(node: LocalNode, pnode: str, session: int, request: RunRequest, profile: Profile = ANYBODY) -> Talk[Ended]:
    """Do what is asked, in session `session` of a Process of `pnode`. What goes wrong is in the result.

    Raises ProtocolError if the session is lost meanwhile.
    """
    try:
        profile.check_run(request.kind)
        return (yield from _KINDS[request.kind](node, pnode, session, request))
    except ProtocolError:
        raise
    except DtfError as error:
        return Ended(max(FAILING_CODE, error.condition_code), error.message_id, error.what)
    except KsdsError as error:
        return Ended(max(FAILING_CODE, error.condition_code), StepError.default_id, str(error))


def record_step(node: LocalNode, request: RunRequest, ended: Ended, *, snode: str, pnode: str = "") -> None:
    """The statistics record of a step that has ended: RT, RJ or PS. `pnode`: whose Process it is, if not its own."""
    node.record(
        _STATISTICS[request.kind],
        request.process_number,
        request.process_name,
        SNAM=request.step_label,
        CCOD=ended.code,
        MSGI=ended.message_id,
        MSST=ended.text,
        PNOD=pnode,
        SNOD=snode,
        SFIL=request.name,
    )


def _task(node: LocalNode, pnode: str, session: int, request: RunRequest) -> Talk[Ended]:
    if request.name not in node.parameters.run_task:
        raise StepNotAllowed(f"program {request.name[:20]} is not in RUN.TASK of node {node.name}")
    record = _record(node, pnode, session, request)
    key = (pnode, request.process_number, request.submit_tod, request.step_number)
    filed = _filed(node, record)
    if filed is not None and key not in node.tasks:
        state, code = filed
        if state == _ENDED:
            return Ended(code, DONE if code < FAILING_CODE else "DTX261E", f"{request.name} had ended with {code}")
        if state == _ATTACHED and not request.again:
            return Ended(0, "DTX262W", f"{request.name} was interrupted and is skipped, RESTART=NO")
    if key not in node.tasks:
        for state in (_ENTERED, _ATTACHED):
            node.checkpoints.file(_with_task(record, request.name, state, 0))
        node.tasks[key] = node.programs.start_task(node.system, request.name, request.parameter)
    code = yield from _finished(node, node.tasks[key])
    node.tasks.pop(key, None)
    done = replace(record, state=STATE_DONE, updated=node.now_ns())
    node.checkpoints.file(_with_task(done, request.name, _ENDED, code))
    return Ended(code, DONE if code < FAILING_CODE else "DTX261E", f"{request.name} ended with {code}")


def _finished(node: LocalNode, task: Task) -> Talk[int]:
    """Its return code, when it has ended: by itself, or because RUN.TASK.TIME has passed."""
    limit = node.clock() + node.parameters.run_task_time
    while (code := task.ended()) is None:
        if node.clock() >= limit:
            task.stop()
            return TIMED_OUT
        yield Need.LATER
    return code


def _job(node: LocalNode, pnode: str, session: int, request: RunRequest) -> Talk[Ended]:
    if not node.parameters.run_job:
        raise StepNotAllowed(f"node {node.name} runs no jobs: RUN.JOB=NO")
    job = node.programs.start_job(node.system, request.name)
    if (yield from _finished(node, job)):
        return Ended(FAILING_CODE, "DTX264E", f"the job in {request.name} could not be run")
    return Ended(0, DONE, f"submitted as {job.text}" if job.text else "submitted")


def _submit(node: LocalNode, pnode: str, session: int, request: RunRequest) -> Talk[Ended]:
    text = process_text(node.system, request.name)
    symbols = {key[1:]: value for key, value in request.operands if key.startswith("&")}
    overrides = {key: value for key, value in request.operands if not key.startswith("&")}
    number = node.submit(text, symbols, overrides)
    yield Need.TURN
    return Ended(0, DONE, f"submitted as Process {number} of node {node.name}")


_STATISTICS = {"T": "RT", "J": "RJ", "S": "PS"}
_KINDS: dict[str, Kind] = {"T": _task, "J": _job, "S": _submit}


def _record(node: LocalNode, pnode: str, session: int, request: RunRequest) -> CheckpointRecord:
    now = node.now_ns()
    return CheckpointRecord(
        pnode=pnode,
        number=request.process_number,
        submitted=request.submit_tod,
        kind=TYPE_TASK,
        step_number=request.step_number,
        step_label=request.step_label,
        snode=node.name,
        direction="P",
        mode="R",
        created=now,
        updated=now,
        session=session,
    )


def _with_task(record: CheckpointRecord, program: str, state: str, code: int) -> CheckpointRecord:
    item = f"{program:<8}{state}".encode("cp037") + code.to_bytes(2, "big")
    return replace(record, items={TASK: item})


def _filed(node: LocalNode, record: CheckpointRecord) -> tuple[str, int] | None:
    """State and code that an earlier try of this very step has filed."""
    try:
        filed = node.checkpoints.find(record.key)
    except CheckpointDamaged as error:
        raise NodeError(f"the record of the task is damaged: {error.what}") from None
    if filed is None or (filed.kind, filed.step_number) != (record.kind, record.step_number):
        return None
    item = filed.items.get(TASK, b"")
    return (item[8:9].decode("cp037"), int.from_bytes(item[9:11], "big")) if len(item) == 11 else None
