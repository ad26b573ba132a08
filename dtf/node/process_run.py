"""The PNODE's side of a session: one Process, from where its queue record says it stands.

After each step the CT record is written and then the queue record: the program counter moves on, or the Process is
held for restart where REQUEUE says so. Both are durable before the next step begins.
"""

from __future__ import annotations

from dataclasses import replace

from dtf.copying.dispositions import of_source, of_target
from dtf.copying.report import console_lines, statistics_fields
from dtf.copying.speaker import Line, Need, PartnerEnded, Talk, expect
from dtf.copying.step import Desk, StepReport, primary_step
from dtf.errors import RemoteProtocolError
from dtf.node.local import LocalNode
from dtf.node.queue_control import QueueControl
from dtf.node.steps import Ended, record_step, run_step
from dtf.process import Copy, CopySide, If, Modal, Process, RunJob, RunTask, Submit, next_step
from dtf.protocol.events import (
    Accepted,
    Characteristics,
    CopyRequest,
    FileAttributes,
    FileSide,
    Hello,
    ProcessEnd,
    RunRequest,
    Security,
    SessionEnd,
    StepEnd,
    StepFailed,
)
from dtf.transmission_queue import EXECUTION, HOLD, QueuedProcess

LOST, STOPPED = "SVTM110I", "DTX357I"
"""Messages of a copy that did not come to its end: its session was lost, the operator stopped it."""


class ProcessRun:
    """A Process over one session. `queued` is its queue record as last filed; it stays EX while the Process runs."""

    def __init__(
        self, node: LocalNode, control: QueueControl, queued: QueuedProcess, process: Process, session_id: int
    ) -> None:
        self.queued = queued
        self._node = node
        self._control = control
        self._queue = control.queue
        self._process = process
        self._session_id = session_id
        self._under_way: StepReport | None = None
        self._seen = 0  # checkpoints of the step under way when the operator asked it to stop
        self.stopping = ""  # SUSPEND or FLUSH: seen between two steps, and where nothing would be sent again

    def talk(self, line: Line) -> Talk[None]:
        """FMH68 to FMH75. Raises SessionLost and other ProtocolErrors."""
        queued, process = self.queued, self._process
        line.say(Hello(self._node.name, queued.snode, self._session_id))
        yield from expect(Characteristics)
        user, password = process.snodeid
        line.say(Security(user or queued.submitter, password))
        yield from expect(Accepted)
        self.queued = self._queue.update(replace(self.queued, status="RS" if self.queued.restart else "EX"))
        self._control.partner_is_there(queued.snode)
        while self.queued.queue == EXECUTION and not self.stopping:
            at = next_step(process, self.queued.at, self.queued.codes, self.queued.step_message, self._met)
            if at is None:
                break
            moved = self._moved(self.queued, at)
            if moved != self.queued:
                self.queued = self._queue.update(moved)
            step = process.statements[at]
            if isinstance(step, Copy):
                yield from primary_step(self._desk(line), self._request(step))
            elif isinstance(step, RunTask | RunJob | Submit):
                yield from self._run(line, step)
        if self._is_over:
            code, message_id = self.queued.condition_code, self.queued.message_id
            if self.stopping:
                code, message_id = max(8, code), STOPPED
            line.say(ProcessEnd(queued.name, queued.number, code, message_id, queued.submitted))
            yield from expect(ProcessEnd)
        line.say(SessionEnd())

    def _met(self, modal: Modal, leads_to: int) -> None:
        """Into the statistics: which way was taken, and why."""
        queued = self.queued
        if isinstance(modal, If):
            holds = modal.holds(queued.codes, queued.step_message)
            tested = f"({modal.step} {modal.condition} {modal.message_id or modal.code})"
            self._control.record("IF", queued, TEXT=f"{tested} IS {'TRUE' if holds else 'FALSE'}")
        else:
            self._control.record("GO", queued, TEXT=self._whereto(leads_to))

    def _whereto(self, index: int) -> str:
        if index >= len(self._process.statements):
            return "TO THE END"
        label = getattr(self._process.statements[index], "label", "")
        return f"TO {label or f'STATEMENT {index + 1}'}"

    @property
    def _is_over(self) -> bool:
        """No step of it will come any more: it is not held, nor suspended."""
        return self.queued.queue == EXECUTION and self.stopping != "SUSPEND"

    def stop(self, how: str) -> None:
        """SUSPEND or FLUSH, as soon as the work allows."""
        self.stopping = how
        self._seen = self._under_way.delivery.checkpoints if self._under_way else 0

    @property
    def is_stopping_place(self) -> bool:
        """The operator wants it to stop, and a checkpoint has just been taken."""
        report = self._under_way
        return bool(self.stopping and report and report.delivery.checkpoints > self._seen)

    def _run(self, line: Line, step: RunTask | RunJob | Submit) -> Talk[None]:
        """A step that moves no data, here or there."""
        request = _run_request(self.queued, step)
        if step.node == "PNODE":
            ended = yield from run_step(self._node, self._node.name, self._session_id, request)
        else:
            line.say(request)
            event = yield Need.EVENT
            if isinstance(event, SessionEnd):
                raise PartnerEnded(event)
            if not isinstance(event, StepEnd | StepFailed):
                raise RemoteProtocolError(f"{type(event).__name__} came where the end of the step was expected")
            ended = Ended(event.condition_code, event.message_id, event.text)
        queued = self.queued
        record_step(self._node, request, ended, snode=queued.snode)
        what = {"T": "RUN TASK", "J": "RUN JOB", "S": "SUBMIT"}[request.kind]
        done = f"{what} {request.name} AT THE {step.node}, CODE {ended.code:08d}/{ended.message_id}"
        self._node.log(f"DTX263I {request.step_label:<8} {done}: {ended.text}")
        queued = replace(queued, step_message=ended.message_id)
        if ended.code >= max(queued.codes.values(), default=0):
            queued = replace(queued, condition_code=ended.code, message_id=ended.message_id, text=ended.text[:80])
        self.queued = self._queue.update(self._ended(queued, ended.code))

    def _desk(self, line: Line) -> Desk:
        node = self._node
        return Desk(
            site=node.site,
            checkpoints=node.checkpoints,
            line=line,
            observer=node.observer,
            pnode=node.name,
            snode=self.queued.snode,
            session_id=self._session_id,
            settle=self._settle,
            begun=self._begun,
        )

    def _request(self, copy: Copy) -> CopyRequest:
        queued, parameters = self.queued, self._node.parameters
        interval = parameters.ckpt if copy.checkpoint is None else copy.checkpoint
        source, target = _side(copy.source), _side(copy.target)
        requeued = bool(queued.requeue and interval)
        third = parameters.third_disp_delete
        from_words = of_source(source.disposition, requeued=requeued)
        to_words = of_target(target.disposition, third_counts=third, requeued=requeued)
        return CopyRequest(
            process_name=queued.name,
            process_number=queued.number,
            submit_tod=queued.submitted,
            step_number=copy.number,
            step_label=copy.label,
            direction=copy.direction,
            source=replace(source, disposition=from_words),
            target=replace(target, disposition=to_words),
            checkpoint_interval=interval,
            compress=self._compression(copy),
            prime=copy.prime,
            level=copy.level,
            window=copy.window,
            memory=copy.memory,
            crc=self._process.crc,
            restart=queued.restart,
        )

    def _compression(self, copy: Copy) -> str:
        """What the statement asks for, as far as the partner's netmap entry lets it."""
        rule = self._node.partner(self.queued.snode).compression
        return {"ALLOW": copy.compress, "DISALLOW": "", "FORCE": copy.compress or "E"}[rule]

    def _begun(self, report: StepReport) -> None:
        self._under_way = report
        queued, request = self.queued, report.request
        self._node.record(
            "CI",
            queued.number,
            queued.name,
            SNAM=request.step_label,
            SNOD=queued.snode,
            SFIL=request.source.name,
            DFIL=request.target.name,
            RSTR="Y" if request.restart else "N",
        )

    def interrupted(self, message_id: str) -> None:
        """Into the statistics: a copy that did not come to its end, if one was under way."""
        report = self._under_way
        if report is None:
            return
        report.ended = self._node.clock()
        report.condition_code, report.message_id = 8, message_id
        report.text = "stopped by the operator" if message_id == STOPPED else "session lost"
        fields = statistics_fields(report, local=self._node.name, snode=self.queued.snode, highest=8)
        self._control.record("WT", self.queued, **fields)

    def _settle(self, report: StepReport) -> None:
        """A step has ended: its CT record, its lines, then the queue."""
        self._under_way = None
        queued, code = self.queued, report.condition_code
        before = max(queued.codes.values(), default=0)
        highest = max(before, code)
        fields = statistics_fields(report, local=self._node.name, snode=queued.snode, highest=highest)
        self._node.record("CT", queued.number, queued.name, **fields)
        for line in console_lines(report, snode=queued.snode, class_=queued.class_):
            self._node.log(line)
        if code > 4 and self._control.allocates_again(queued, report.message_id, report.text):
            self.queued = self._control.found(queued.number)
            return
        queued = replace(queued, step_message=report.message_id)
        if code >= before:
            queued = replace(queued, condition_code=code, message_id=report.message_id, text=report.text)
        if code > 4 and queued.requeue and report.restartable:
            status = "HE" if report.abended else "RH"
            self._node.log(f"DTX352I PROCESS {queued.name}({queued.number:06d}) HELD FOR RESTART, HO {status}")
            self.queued = self._queue.update(replace(queued, queue=HOLD, status=status, restart=True))
            return
        self.queued = self._queue.update(replace(self._ended(queued, code), status="EX"))

    def _ended(self, queued: QueuedProcess, code: int) -> QueuedProcess:
        """Its step has ended with this code: the next statement."""
        codes = {**queued.codes, self._process.step_name(queued.at): code}
        return replace(self._moved(queued, queued.at + 1), codes=codes, restart=False, retries=0)

    def _moved(self, queued: QueuedProcess, at: int) -> QueuedProcess:
        return replace(queued, at=at, step=self._process.step_name(at))


def _run_request(queued: QueuedProcess, step: RunTask | RunJob | Submit) -> RunRequest:
    operands: tuple[tuple[str, str], ...] = ()
    if isinstance(step, Submit):
        operands = (*step.keywords, *((f"&{key}", value) for key, value in step.symbols))
    return RunRequest(
        kind={RunTask: "T", RunJob: "J", Submit: "S"}[type(step)],
        process_name=queued.name,
        process_number=queued.number,
        submit_tod=queued.submitted,
        step_number=step.number,
        step_label=step.label,
        name=step.program if isinstance(step, RunTask) else step.name,
        parameter=step.parameter if isinstance(step, RunTask) else "",
        operands=operands,
        again=step.again if isinstance(step, RunTask) else True,
    )


def _side(side: CopySide) -> FileSide:
    """A side of the statement as the FMH71 carries it. A path travels along as an operand too."""
    extra = (("FILE", side.name),) if side.is_path else ()
    name = f"{side.name}({side.member})" if side.member else side.name
    attributes = FileAttributes(side.dsorg, side.recfm, side.lrecl, side.blksize)
    return FileSide(name, side.disposition, attributes, side.operands + extra)
