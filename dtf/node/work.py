"""The DTF at work: takes Processes, works its queue, recovers it after a crash.

The queue is the truth. Before a step begins and after it has ended the head record in the TCQ says so, durably; a node
that opens after a crash finds what was executing, puts it back to the Wait queue and runs the step again, and inside
a COPY the checkpoint record says from where. How a Process moves between the queues is in `queue_control`.

A node has one thread. `turn` starts what may start and lets every session go on once; `run` takes turns until the
work is done and, with nothing else to do, moves the node's time to the next timer. A listening node takes turns too,
but waits (dtf.transport.service).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime

from dtf.copying.progress import Observer, Onlooker
from dtf.copying.speaker import PartnerEnded
from dtf.errors import DtfError, NodeError, ProtocolError, SessionLost, TransportMissing
from dtf.netmap import NetmapError
from dtf.node.calls import Call, Connector, wait
from dtf.node.local import LocalNode, Programs
from dtf.node.process_run import LOST, STOPPED, ProcessRun
from dtf.node.queue_control import QueueControl, moment, nanoseconds
from dtf.node.sessions import free_session, session_class
from dtf.process import NO_JOB, Process, SubmittingJob, intrinsic_values, parse, resolve
from dtf.process.start_time import first_start
from dtf.statistics_log import Statistic
from dtf.transmission_queue import EXECUTION, HOLD, TIMER, WAIT, Document, QueuedProcess, TransmissionQueue, ready
from ksds.closing import Closing
from ksds.system import System

_PASSWORD = re.compile(r"([PS]NODEID\s*=\s*\([^(),]{0,64},)[^()]{0,600}\)", re.IGNORECASE)
GARBLED = "DTX102E"
"""The partner could not understand what it heard: damaged on its way, more likely than not. It is tried again."""


@dataclass(frozen=True, slots=True)
class ProcessOutcome:
    """How a Process stands. `queue` is "" when it has ended, else EX WA TI HO with `status`; codes 0 4 8 12 16."""

    number: int
    name: str
    condition_code: int
    message_id: str
    text: str
    queue: str = ""
    status: str = ""


@dataclass(frozen=True, slots=True)
class _Running:
    """A Process with a session: the `slot`th of its partner's."""

    call: Call
    run: ProcessRun
    partner: str
    slot: int


def _silent(line: str) -> None:
    """A console that nobody reads."""


class Node(Closing):
    """The local DTF of a system, from `open` to `close`. It alone may work the TCQ.

    `log` takes each console line (SVTM052I ... reports, restarts, retries). `connect` is dtf.connect.
    `observer` watches every copy: a progress bar, or a dtf.simulation.faults.FaultPlan. `programs` is what RUN TASK
    and RUN JOB may set going.

        with Node.open(system, clock=time.time, connect=dtf.connect, log=print) as node:
            number = node.submit(text, symbols={"DSN1": "A.B"}, submitter="IBMUSER")
            node.run(number)                      # until it has ended or stands in HO
            print(node.outcome(number).condition_code)
    """

    def __init__(self, local: LocalNode, queue: TransmissionQueue, connect: Connector) -> None:
        self.local = local
        self.name = local.name
        self.record = local.record_command
        self._queue = queue
        self._control = QueueControl(local, queue)
        self._connect = connect
        local.called = self._control.partner_is_there
        local.submit = lambda text, symbols, overrides: self.submit(text, symbols=symbols, overrides=overrides)
        self._running: dict[int, _Running] = {}
        self._ended: dict[int, ProcessOutcome] = {}

    @classmethod
    def open(
        cls,
        system: System,
        *,
        clock: Callable[[], float],
        connect: Connector,
        log: Callable[[str], None] = _silent,
        observer: Observer | None = None,
        programs: Programs | None = None,
    ) -> Node:
        """Initialize the DTF: define what is missing, purge old checkpoint records, recover the queue.

        Raises OpenError (ACBERFLG 168) if another DTF works this system.
        """
        with ExitStack() as undo:
            local = LocalNode(system, clock, log, Onlooker() if observer is None else observer, programs)
            undo.callback(local.close)
            queue = TransmissionQueue(system, "w")
            undo.callback(queue.close)
            node = cls(local, queue, connect)
            for record in local.checkpoints.purge(local.now_ns(), local.parameters.ckpt_days):
                log(f"DTX213I CHECKPOINT RECORD OF PROCESS {record.number} PURGED, OLDER THAN CKPT.DAYS")
            node._control.start()
            undo.pop_all()
            return node

    def close(self) -> None:
        """Drop the sessions that are left: their Processes go on when the DTF is started again."""
        for running in self._running.values():
            running.call.close()
        self.local.close()
        self._queue.close()

    # -- commands ---------------------------------------------------------------------------------------

    def submit(
        self,
        text: str,
        *,
        symbols: Mapping[str, str] | None = None,
        submitter: str = "",
        overrides: Mapping[str, str] | None = None,
        job: SubmittingJob = NO_JOB,
    ) -> int:
        """Parse, resolve, file in the TCQ; the Process number.

        Symbolics and %intrinsics keep the values of this moment. Raises ProcessError, NetmapError, QueueError.
        """
        now = self.local.now_ns()
        random = now // 1_000_000
        intrinsics = intrinsic_values(moment(now), pnode=self.name, user=submitter, job=job, random=random)
        document = Document(text=text, symbols=symbols or {}, intrinsics=intrinsics, overrides=overrides or {})
        process = _resolved(document)
        partner = self.local.partner(process.snode)
        if process.pnode not in ("", self.name):
            raise NetmapError(f"PNODE={process.pnode} is not this node, {self.name}")
        if process.secure and not partner.is_encrypted:
            raise NetmapError(f"SECURE asks for TLS, and no certificate of {partner.name} is pinned")
        queue, status, due = _first_queue(process, moment(now))
        entry = QueuedProcess(
            number=0,
            submitted=now,
            name=process.name[:8],
            snode=partner.name,
            submitter=submitter[:8],
            queue=queue,
            status=status,
            due=due,
            step=process.step_name(0),
            class_=session_class(process.class_, partner),
            priority=process.priority,
            requeue=self.local.parameters.requeue if process.requeue is None else process.requeue,
            retain=process.retain,
        )
        queued = self._queue.add(entry, document)
        self._control.record("PS", queued, SBID=submitter, SNOD=queued.snode, QUEU=f"{queue} {status}")
        return queued.number

    def processes(self) -> list[QueuedProcess]:
        """The queue in the order of submission."""
        return self._queue.processes()

    def statistics(self) -> list[Statistic]:
        """Everything in the statistics log, in the order of time."""
        return list(self.local.statistics.all())

    def outcome(self, number: int) -> ProcessOutcome:
        """How Process `number` stands or ended. Raises NodeError if there never was one."""
        queued = self._queue.find(number)
        if queued is not None:
            return _outcome(queued)
        if number in self._ended:
            return self._ended[number]
        own = [s for s in self.local.statistics.of_process(number) if s.fields.get("PNOD", self.name) == self.name]
        ends = [s for s in own if s.kind in ("PT", "DP", "FP")]
        if not ends:
            raise NodeError(f"there is no Process {number}", message_id="DTX321E")
        last = ends[-1]
        message_id, text = last.fields.get("MSGI", ""), last.fields.get("MSST", "")
        return ProcessOutcome(number, last.name, last.condition_code, message_id, text)

    def change(self, number: int, settings: Mapping[str, str]) -> str:
        """CHANGE PROCESS: PRTY CLASS HOLD RETAIN STARTT DEST; HOLD=NO releases. All of it, or NodeError."""
        return self._control.change(number, settings)

    def release(self, number: int) -> str:
        """CHANGE PROCESS RELEASE: from Hold to Wait."""
        return self.change(number, {"HOLD": "NO"})

    def hold(self, number: int) -> str:
        """CHANGE PROCESS HOLD=YES: to Hold HO."""
        return self.change(number, {"HOLD": "YES"})

    def stop(self, number: int, how: str, *, force: bool = False) -> str:
        """SUSPEND or FLUSH an executing Process: at the next checkpoint or end of a step, or with `force` at once."""
        queued = self._control.found(number)
        running = self._running.get(number)
        if running is None:
            raise NodeError(f"Process {number} is not executing: {queued.queue} {queued.status}", message_id="DTX324E")
        running.run.stop(how)
        self._control.record("FS" if how == "SUSPEND" else "FP", queued, TEXT="FORCE" if force else "")
        if force:
            self._stopped(number, running)
        return ""

    def delete(self, number: int) -> bool:
        """DELETE PROCESS: out of the queue. Its checkpoint record stays, as in the product; True if there is one."""
        queued = self._control.idle(number)
        self._control.record("DP", queued)
        self._queue.remove(queued)
        self._control.relieve(queued)
        return any(raw[16:20] == number.to_bytes(4, "big") for raw, _ in self.local.checkpoints.records())

    def text(self, number: int) -> str:
        """VIEW PROCESS: the text as it was submitted, without its passwords."""
        return _PASSWORD.sub(r"\1***)", self._queue.document(self._control.found(number)).text)

    # -- work -------------------------------------------------------------------------------------------

    def run(self, number: int | None = None) -> None:
        """Work the queue: all of it, or until Process `number` has ended or is held. Timers are jumped to."""
        while number is None or self.outcome(number).queue not in ("", HOLD):
            if self.turn():
                continue
            due = self._control.next_due()
            if self._running:
                wait(self.calls, self.seconds_left())
            elif due is not None:
                self.local.jump_to(due)
            else:
                return

    def turn(self) -> bool:
        """Start what may start, let every session go on once; False if nothing moved."""
        self._control.expire_timers(lambda queued: _resolved(self._queue.document(queued)))
        moved = self._start_ready()
        for number, running in list(self._running.items()):
            moved |= running.call.advance()
            if running.call.finished:
                del self._running[number]
                self._ended_call(number, running)
            elif running.run.is_stopping_place:
                self._stopped(number, running)
        return moved

    @property
    def calls(self) -> Iterable[Call]:
        """The sessions in which this node is PNODE."""
        return [running.call for running in self._running.values()]

    def seconds_left(self) -> float:
        """How long the node may wait if no socket wakes it."""
        moments = [at for call in self.calls if (at := call.deadline()) is not None]
        due = self._control.next_due()
        return min([*moments, *([due] if due is not None else [])], default=float("inf")) - self.local.clock()

    def _start_ready(self) -> bool:
        started, retrying = False, self._control.retrying()
        for queued in ready(self._queue.processes()):
            now = self._queue.find(queued.number)
            if now is None or now.queue != WAIT:  # the one before has failed, and this one waits for its retry
                continue
            if queued.snode in retrying:
                self._control.wait_for(queued, retrying[queued.snode])
                continue
            try:
                partner = self.local.partner(queued.snode)
            except NetmapError as error:
                self._broken(queued.number, error)
                continue
            taken = {running.slot for running in self._running.values() if running.partner == partner.name}
            slot = free_session(queued.class_, partner, taken)
            if slot is not None:
                self._execute(queued, slot)
                started = True
            elif queued.status != "WP":
                self._queue.update(replace(queued, status="WP"))
        return started

    def _execute(self, queued: QueuedProcess, slot: int) -> None:
        """Begin a session for a Process."""
        queued = self._queue.update(replace(queued, queue=EXECUTION, status="SS"))
        try:
            process = _resolved(self._queue.document(queued))
            partner = self.local.partner(queued.snode)
            run = ProcessRun(self.local, self._control, queued, process, self._queue.next_session())
            self._control.say("DTX350I", queued, f"STARTED, SNODE={queued.snode}")
            call = self._connect(self.local, partner, run.talk)
        except TransportMissing as error:
            self._control.say("DTX353E", queued, f"WAITS, WA WT: {error}")
            self._queue.update(
                replace(queued, queue=WAIT, status="WT", message_id=error.message_id, text=error.what[:80])
            )
        except DtfError as error:
            self._broken(queued.number, error)
        else:
            self._running[queued.number] = _Running(call, run, queued.snode, slot)

    def _ended_call(self, number: int, running: _Running) -> None:
        error = running.call.error
        if error is not None:
            running.run.interrupted(LOST)
        if running.run.stopping:
            self._stopped(number, running)
        elif running.run.queued.queue != EXECUTION:
            return  # its step has failed: it is held, or waits to allocate, whatever became of the session
        elif error is not None:
            self._broken(number, error)
        else:
            self._finish(running.run.queued)

    def _stopped(self, number: int, running: _Running) -> None:
        """The operator has suspended or flushed the Process: a step that is under way is cut short."""
        queued, cut_short = self._control.found(number), not running.call.finished
        if cut_short:
            del self._running[number]
            running.run.interrupted(STOPPED)
            running.call.close()
        if queued.queue != EXECUTION:  # its step has failed
            return
        if cut_short or running.call.error is not None:
            queued = replace(queued, restart=True)
        if running.run.stopping == "SUSPEND":
            self._control.say(STOPPED, queued, "SUSPENDED, HELD HO HS")
            self._control.hold(queued, "HS")
            return
        self._control.say(STOPPED, queued, "FLUSHED")
        code = max(8, queued.condition_code)
        self._control.record_end(queued, code, STOPPED, "flushed")
        self._ended[queued.number] = ProcessOutcome(queued.number, queued.name, code, STOPPED, "flushed")
        self._queue.remove(queued)

    def _finish(self, queued: QueuedProcess) -> None:
        """The Process has ended: its PT record, then it leaves the queue."""
        self.local.checkpoints.remove_done(self.name, queued.number)
        if not (queued.restart and self.local.has_ended(queued.number, queued.submitted)):
            self._control.record_end(queued, queued.condition_code, queued.message_id, queued.text)
        self._control.say("DTX351I", queued, f"ENDED, CODE {queued.condition_code:08d} {queued.message_id}".rstrip())
        self._ended[queued.number] = replace(_outcome(queued), queue="", status="")
        if queued.retain == "NO":
            self._queue.remove(queued)
        else:
            self._control.keep(queued)

    def _broken(self, number: int, error: DtfError) -> None:
        """A session could not be had, or ended before its time."""
        queued = self._control.found(number)
        refused = isinstance(error, PartnerEnded) and error.end.condition_code > 4 and error.message_id != GARBLED
        if isinstance(error, SessionLost) and not refused:
            self._control.retry(queued, error)
            return
        status = "HP" if isinstance(error, ProtocolError | NetmapError) else "HE"
        self._control.say("DTX353E", queued, f"HELD, HO {status}: {error}")
        self._control.hold(queued, status, message_id=error.message_id, text=error.what, code=8)


def _resolved(document: Document) -> Process:
    return resolve(parse(document.text), document.symbols, document.intrinsics, document.overrides)


def _first_queue(process: Process, now: datetime) -> tuple[str, str, int]:
    """Queue, status and due time of a Process just submitted. Raises StartTimeError."""
    due = nanoseconds(first_start(process.startt, now)) if process.startt else 0
    if process.hold != "NO":
        return HOLD, "HI" if process.hold == "YES" else "HC", due
    if due > nanoseconds(now) or (due and process.retain == "YES"):
        return TIMER, "WC", due
    return (HOLD, "HR", 0) if process.retain != "NO" else (WAIT, "WC", 0)


def _outcome(queued: QueuedProcess) -> ProcessOutcome:
    return ProcessOutcome(
        queued.number,
        queued.name,
        queued.condition_code,
        queued.message_id,
        queued.text,
        queued.queue,
        queued.status,
    )
