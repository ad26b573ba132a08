"""The DTF at work: takes Processes, works its queue, recovers it after a crash.

The queue is the truth. Before a step begins and after it has ended the head record in the TCQ says so, durably; a node
that opens after a crash finds what was executing, puts it back to the Wait queue and runs the step again, and inside
a COPY the checkpoint record says from where. Three layers of trying again (connect-direct.md 3.9):

    session lost or not to be had   Timer queue TI RE, WTRETRIES apart, MAXRETRIES times, then Hold HO WC
    step failed, restartable        REQUEUE=YES: Hold HO RH, or HO HE after an abend; RELEASE and nothing is lost
    DTF ended                       EX goes back to WA WC, and so does HO WC

With nothing else to do, the node moves its time to the next timer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Protocol

from dtf.copying.checkpoint_file import CheckpointFile
from dtf.copying.progress import Observer, Onlooker
from dtf.copying.speaker import Line, PartnerEnded, Talk
from dtf.errors import NodeError, ProcessNotSupported, ProtocolError, SessionLost
from dtf.netmap import AdjacentNode
from dtf.node.local import LocalNode
from dtf.node.process_run import ProcessRun
from dtf.process import Process, intrinsic_values, parse, resolve
from dtf.statistics_log import Statistic
from dtf.transmission_queue import EXECUTION, HOLD, TIMER, WAIT, Document, QueuedProcess, TransmissionQueue, ready
from ksds.system import System

WTRETRIES = 180.0  # seconds
MAXRETRIES = 7


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


class Connector(Protocol):
    """Runs `talk` as PNODE over a new session to `partner`, to its end. Raises SessionLost, ProtocolError."""

    def __call__(self, node: LocalNode, partner: AdjacentNode, talk: Callable[[Line], Talk[None]]) -> None: ...


def _silent(line: str) -> None:
    """A console that nobody reads."""


class Node:
    """The local DTF of a system, from `open` to `close`. It alone may work the TCQ.

    `log` takes each console line (SVTM052I ... reports, restarts, retries). `connect` is dtf.transport.memory.connect.
    `observer` watches every copy: a progress bar, or a dtf.simulation.faults.FaultPlan.

        with Node.open(system, clock=time.time, connect=memory.connect, log=print) as node:
            number = node.submit(text, symbols={"DSN1": "A.B"}, submitter="IBMUSER")
            node.run(number)                      # until it has ended or stands in HO
            print(node.outcome(number).condition_code)
    """

    def __init__(self, local: LocalNode, queue: TransmissionQueue, connect: Connector) -> None:
        self._local = local
        self._queue = queue
        self._connect = connect
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
    ) -> Node:
        """Initialize the DTF: define what is missing, purge old checkpoint records, recover the queue.

        Raises OpenError (ACBERFLG 168) if another DTF works this system.
        """
        with ExitStack() as undo:
            local = LocalNode(system, clock, log, Onlooker() if observer is None else observer)
            undo.callback(local.close)
            queue = TransmissionQueue(system, "w")
            undo.callback(queue.close)
            node = cls(local, queue, connect)
            node._purge_checkpoints()
            node._recover()
            undo.pop_all()
            return node

    def __enter__(self) -> Node:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._local.close()
        self._queue.close()

    @property
    def name(self) -> str:
        return self._local.name

    # -- commands ---------------------------------------------------------------------------------------

    def submit(
        self,
        text: str,
        *,
        symbols: Mapping[str, str] | None = None,
        submitter: str = "",
        overrides: Mapping[str, str] | None = None,
    ) -> int:
        """Parse, resolve, file in the TCQ; the Process number.

        Symbolics and %intrinsics keep the values of this moment. Raises ProcessError, NetmapError, QueueError.
        """
        now = self._local.now_ns()
        moment = datetime.fromtimestamp(now / 1e9, UTC).replace(tzinfo=None)
        intrinsics = intrinsic_values(moment, pnode=self.name, user=submitter, random=now // 1_000_000)
        document = Document(text=text, symbols=symbols or {}, intrinsics=intrinsics, overrides=overrides or {})
        process = _resolved(document)
        if process.startt or process.retain != "NO":
            raise ProcessNotSupported("STARTT AND RETAIN ARE NOT RUN BY THIS RELEASE")
        partner = self._local.partner(process.snode)
        queue, status = {"YES": (HOLD, "HI"), "CALL": (HOLD, "HC")}.get(process.hold, (WAIT, "WC"))
        entry = QueuedProcess(
            number=0,
            submitted=now,
            name=process.name[:8],
            snode=partner.name,
            submitter=submitter[:8],
            queue=queue,
            status=status,
            class_=process.class_ or 1,
            priority=process.priority,
            requeue=process.requeue is not False,
        )
        queued = self._queue.add(entry, document)
        self._record("PS", queued, SBID=submitter, SNOD=queued.snode, QUEU=f"{queue} {status}")
        return queued.number

    def run(self, number: int | None = None) -> None:
        """Work the queue: all of it, or until Process `number` has ended or is held. Timers are jumped to."""
        while number is None or self.outcome(number).queue not in ("", HOLD):
            self._expire_timers()
            processes = self._queue.processes()
            following = next(ready(processes), None)
            due = [process.due for process in processes if process.queue == TIMER]
            if following is not None:
                self._execute(following)
            elif due:
                self._local.jump_to(min(due) / 1e9)
            else:
                return

    def processes(self) -> list[QueuedProcess]:
        """The queue in the order of submission."""
        return self._queue.processes()

    def statistics(self) -> list[Statistic]:
        """Everything in the statistics log, in the order of time."""
        return list(self._local.statistics.all())

    def outcome(self, number: int) -> ProcessOutcome:
        """How Process `number` stands or ended. Raises NodeError if there never was one."""
        queued = self._queue.find(number)
        if queued is not None:
            return _outcome(queued)
        if number in self._ended:
            return self._ended[number]
        ends = [s for s in self._local.statistics.of_process(number) if s.kind == "PT"]
        if not ends:
            raise NodeError(f"there is no Process {number}", message_id="DTX321E")
        last = ends[-1]
        message_id, text = last.fields.get("MSGI", ""), last.fields.get("MSST", "")
        return ProcessOutcome(number, last.name, last.condition_code, message_id, text)

    def release(self, number: int) -> None:
        """CHANGE PROCESS RELEASE: from Hold to Wait."""
        queued = self._found(number)
        if queued.queue != HOLD:
            raise NodeError(f"Process {number} is not held, it is {queued.queue} {queued.status}")
        self._record("CH", queued, TEXT="RELEASE")
        self._queue.update(replace(queued, queue=WAIT, status="WC", retries=0))

    def hold(self, number: int) -> None:
        """CHANGE PROCESS HOLD=YES: to Hold HO."""
        queued = self._found(number)
        self._record("CH", queued, TEXT="HOLD=YES")
        self._queue.update(replace(queued, queue=HOLD, status="HO"))

    def delete(self, number: int) -> bool:
        """DELETE PROCESS: out of the queue. Its checkpoint record stays, as in the product; True if there is one."""
        queued = self._found(number)
        self._record("DP", queued)
        self._queue.remove(queued)
        with CheckpointFile(self._local.system) as checkpoints:
            return any(raw[16:20] == number.to_bytes(4, "big") for raw, _ in checkpoints.records())

    # -- the queue --------------------------------------------------------------------------------------

    def _execute(self, queued: QueuedProcess) -> None:
        """One session for one Process, to its end or to its trouble."""
        queued = self._queue.update(replace(queued, queue=EXECUTION, status="SS"))
        try:
            process = _resolved(self._queue.document(queued))
            partner = self._local.partner(queued.snode)
            run = ProcessRun(self._local, self._queue, queued, process, self._queue.next_session())
            self._log("DTX350I", queued, f"STARTED, SNODE={queued.snode}")
            self._connect(self._local, partner, run.talk)
        except SessionLost as error:
            if isinstance(error, PartnerEnded) and error.end.condition_code > 4:
                self._hold_in_error(queued.number, "HP", error)
            else:
                self._retry(queued.number, error)
        except ProtocolError as error:
            self._hold_in_error(queued.number, "HP", error)
        except NodeError as error:
            self._hold_in_error(queued.number, "HE", error)
        else:
            if run.queued.queue == EXECUTION:
                self._finish(run.queued)

    def _finish(self, queued: QueuedProcess) -> None:
        """The Process has ended: its PT record, then it leaves the queue."""
        with CheckpointFile(self._local.system, "w") as checkpoints:
            checkpoints.remove_done(self.name, queued.number)
        self._record("PT", queued, CCOD=queued.condition_code, MSGI=queued.message_id, MSST=queued.text)
        self._log("DTX351I", queued, f"ENDED, CODE {queued.condition_code:08d} {queued.message_id}".rstrip())
        self._ended[queued.number] = replace(_outcome(queued), queue="", status="")
        self._queue.remove(queued)

    def _retry(self, number: int, error: ProtocolError) -> None:
        """The session is gone: Timer queue, and after MAXRETRIES Hold HO WC."""
        queued = self._found(number)
        queued = replace(queued, restart=queued.restart or queued.status == "EX")
        if queued.retries >= MAXRETRIES:
            self._log("SVTM105I", queued, f"ALL SESSION RETRIES USED, HELD HO WC: {error}")
            self._queue.update(replace(queued, queue=HOLD, status="WC", message_id="SVTM105I", text=error.what[:80]))
            return
        due = int((self._local.clock() + WTRETRIES) * 1_000_000_000)
        self._log("SVTM110I", queued, f"TO TIMER QUEUE TI RE, RETRY {queued.retries + 1}: {error}")
        self._queue.update(replace(queued, queue=TIMER, status="RE", retries=queued.retries + 1, due=due))

    def _hold_in_error(self, number: int, status: str, error: NodeError | ProtocolError) -> None:
        queued = self._found(number)
        self._log("DTX353E", queued, f"HELD, HO {status}: {error}")
        code = max(8, queued.condition_code)
        held = replace(queued, queue=HOLD, status=status, message_id=error.message_id, text=error.what[:80])
        self._queue.update(replace(held, condition_code=code))

    def _expire_timers(self) -> None:
        now = self._local.now_ns()
        for queued in self._queue.processes():
            if queued.queue == TIMER and queued.due <= now:
                self._queue.update(replace(queued, queue=WAIT, status="WC"))

    def _recover(self) -> None:
        """What was executing when the DTF ended waits again; so does what had used up its retries."""
        for queued in self._queue.processes():
            if queued.queue == EXECUTION:
                self._log("DTX354I", queued, "WAS EXECUTING, ITS STEP IS RESTARTED")
                self._queue.update(replace(queued, queue=WAIT, status="WC", restart=True))
            elif (queued.queue, queued.status) == (HOLD, "WC"):
                self._queue.update(replace(queued, queue=WAIT, status="WC", retries=0))

    def _purge_checkpoints(self) -> None:
        with CheckpointFile(self._local.system, "w") as checkpoints:
            for record in checkpoints.purge(self._local.now_ns()):
                self._local.log(f"DTX213I CHECKPOINT RECORD OF PROCESS {record.number} PURGED, OLDER THAN CKPT.DAYS")

    def _found(self, number: int) -> QueuedProcess:
        queued = self._queue.find(number)
        if queued is None:
            raise NodeError(f"there is no Process {number} in the queue", message_id="DTX321E")
        return queued

    def _record(self, kind: str, queued: QueuedProcess, **fields: object) -> None:
        self._local.record(kind, queued.number, queued.name, **fields)

    def _log(self, message_id: str, queued: QueuedProcess, text: str) -> None:
        self._local.log(f"{message_id} PROCESS {queued.name}({queued.number:06d}) {text}")


def _resolved(document: Document) -> Process:
    return resolve(parse(document.text), document.symbols, document.intrinsics, document.overrides)


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
