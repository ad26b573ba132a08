"""The PNODE's side of a session: one Process, from where its queue record says it stands.

After each step the CT record is written and then the queue record: the program counter moves on, or the Process is
held for restart where REQUEUE says so. Both are durable before the next step begins.
"""

from __future__ import annotations

from dataclasses import replace

from dtf.copying.report import console_lines, statistics_fields
from dtf.copying.speaker import Line, Talk, expect
from dtf.copying.step import Desk, StepReport, primary_step
from dtf.node.local import LocalNode
from dtf.node.queue_control import QueueControl
from dtf.process import Copy, CopySide, Process, next_copy
from dtf.protocol.events import (
    Accepted,
    Characteristics,
    CopyRequest,
    FileAttributes,
    FileSide,
    Hello,
    ProcessEnd,
    Security,
    SessionEnd,
)
from dtf.transmission_queue import EXECUTION, HOLD, QueuedProcess


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
        self.stopping = ""  # SUSPEND or FLUSH: seen between two steps

    def talk(self, line: Line) -> Talk[None]:
        """FMH68 to FMH75. Raises SessionLost and other ProtocolErrors."""
        queued, process = self.queued, self._process
        line.say(Hello(self._node.name, queued.snode, self._session_id))
        yield from expect(Characteristics)
        user, password = process.snodeid
        line.say(Security(user or queued.submitter, password))
        yield from expect(Accepted)
        self.queued = self._queue.update(replace(self.queued, status="EX"))
        self._control.partner_is_there(queued.snode)
        while self.queued.queue == EXECUTION and not self.stopping:
            at = next_copy(process, self.queued.at, self.queued.codes)
            if at is None:
                break
            if at != self.queued.at:
                self.queued = self._queue.update(replace(self.queued, at=at))
            copy = process.statements[at]
            if isinstance(copy, Copy):
                yield from primary_step(self._desk(line), self._request(copy))
        line.say(ProcessEnd(queued.name, queued.number, self.queued.condition_code, self.queued.message_id))
        yield from expect(ProcessEnd)
        line.say(SessionEnd())

    def _desk(self, line: Line) -> Desk:
        node = self._node
        return Desk(
            system=node.system,
            checkpoints=node.checkpoints,
            line=line,
            observer=node.observer,
            pnode=node.name,
            snode=self.queued.snode,
            session_id=self._session_id,
            settle=self._settle,
        )

    def _request(self, copy: Copy) -> CopyRequest:
        queued = self.queued
        return CopyRequest(
            process_name=queued.name,
            process_number=queued.number,
            submit_tod=queued.submitted,
            step_number=copy.number,
            step_label=copy.label,
            direction=copy.direction,
            source=_side(copy.source),
            target=_side(copy.target),
            checkpoint_interval=self._node.parameters.ckpt if copy.checkpoint is None else copy.checkpoint,
            compress=copy.compress,
            prime=copy.prime,
            level=copy.level,
            window=copy.window,
            memory=copy.memory,
            crc=self._process.crc,
            restart=queued.restart,
        )

    def _settle(self, report: StepReport) -> None:
        """A step has ended: its CT record, its lines, then the queue."""
        queued, code = self.queued, report.condition_code
        before = max(queued.codes.values(), default=0)
        highest = max(before, code)
        fields = statistics_fields(report, local=self._node.name, snode=queued.snode, highest=highest)
        self._node.record("CT", queued.number, queued.name, **fields)
        for line in console_lines(report, snode=queued.snode, class_=queued.class_):
            self._node.log(line)
        if code >= before:
            queued = replace(queued, condition_code=code, message_id=report.message_id, text=report.text)
        if code > 4 and queued.requeue and report.restartable:
            status = "HE" if report.abended else "RH"
            self._node.log(f"DTX352I PROCESS {queued.name}({queued.number:06d}) HELD FOR RESTART, HO {status}")
            self.queued = self._queue.update(replace(queued, queue=HOLD, status=status, restart=True))
            return
        label = report.request.step_label or f"STEP{report.request.step_number}"
        codes = {**queued.codes, label: code}
        self.queued = self._queue.update(replace(queued, codes=codes, at=queued.at + 1, restart=False, retries=0))


def _side(side: CopySide) -> FileSide:
    """A side of the statement as the FMH71 carries it. Members and paths travel along, to be refused on opening."""
    extra = ((("MEMBER", side.member),) if side.member else ()) + ((("FILE", side.name),) if side.is_path else ())
    attributes = FileAttributes(side.dsorg, side.recfm, side.lrecl, side.blksize)
    return FileSide(side.name, side.disposition, attributes, side.operands + extra)
