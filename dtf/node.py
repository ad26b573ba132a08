"""One DTF node: takes Processes, works its queue, answers its partners.

The queue is the truth. Before a step begins and after it has ended the head record in the TCQ says so, durably; a node
that opens after a crash finds what was executing, puts it back to the Wait queue and runs the step again, and inside
a COPY the checkpoint record says from where. Three layers of trying again (connect-direct.md 3.9):

    session lost or not to be had   Timer queue TI RE, WTRETRIES apart, MAXRETRIES times, then Hold HO WC
    step failed, restartable        REQUEUE=YES: Hold HO RH, or HO HE after an abend; RELEASE or nothing lost
    DTF ended                       EX goes back to WA WC, and so does HO WC

Time is `clock` plus what was jumped over: with nothing else to do, the node moves its time to the next timer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Protocol

from dtf import netmap, statistics_log, transmission_queue
from dtf.copying import checkpoint_file
from dtf.copying.checkpoint_file import CheckpointFile
from dtf.copying.progress import Observer, Onlooker
from dtf.copying.report import console_lines, statistics_fields
from dtf.copying.speaker import Line, Need, PartnerEnded, Talk, expect
from dtf.copying.step import Desk, StepReport, primary_step, secondary_step
from dtf.errors import NodeError, ProcessNotSupported, ProtocolError, SessionLost
from dtf.netmap import FOLDER, AdjacentNode, Netmap, NetmapError, node_name
from dtf.process import Copy, CopySide, Process, intrinsic_values, next_copy, parse, resolve
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
from dtf.statistics_log import Statistic, StatisticsLog
from dtf.transmission_queue import EXECUTION, HOLD, TIMER, WAIT, Document, QueuedProcess, TransmissionQueue, ready
from ksds import idcams
from ksds.system import System

WTRETRIES = 180.0  # seconds
MAXRETRIES = 7
DEFAULT_INTERVAL = 10_000_000  # initparm CKPT
BUFFER_BYTES = 256 * 1024


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

    def __call__(self, node: Node, partner: AdjacentNode, talk: Callable[[Line], Talk[None]]) -> None: ...


def _silent(line: str) -> None:
    """A console that nobody reads."""


def install(system: System, now: float) -> None:
    """Define the DTF's own clusters that are not there yet, and name the local node after the system."""
    moment = datetime.fromtimestamp(now, UTC).replace(tzinfo=None)
    for module, name in (
        (checkpoint_file, checkpoint_file.NAME),
        (netmap, netmap.NAME),
        (transmission_queue, transmission_queue.NAME),
        (statistics_log, statistics_log.INDEX),
    ):
        if not system.exists(name):
            result = idcams.run(system, module.DEFINE, now=moment)
            if not system.exists(name):
                raise NodeError(f"{name} cannot be defined, IDCAMS ended with {result.max_cc}", condition_code=12)
    with Netmap(system) as nodes:
        named = nodes.local
    if not named:
        with Netmap(system, "w") as nodes:
            nodes.name_local(system.name)


class Node:
    """The local DTF of `system`, from `open` to `close`. It alone may have the TCQ open for work.

    `log` takes each console line (SVTM052I ... reports, restarts, retries). `connect` is dtf.transport.memory.connect.
    `observer` watches every copy: a progress bar, or a dtf.simulation.faults.FaultPlan.

        with Node.open(system, clock=time.time, connect=memory.connect, log=print) as node:
            number = node.submit(text, symbols={"DSN1": "A.B"}, submitter="IBMUSER")
            node.run(number)                      # until it has ended or stands in HO
            print(node.outcome(number).condition_code)
    """

    def __init__(
        self,
        system: System,
        clock: Callable[[], float],
        connect: Connector,
        log: Callable[[str], None],
        observer: Observer,
    ) -> None:
        self.system = system
        self.observer = observer
        self._base_clock = clock
        self._skipped = 0.0
        self._connect = connect
        self._log = log
        self._ended: dict[int, ProcessOutcome] = {}
        self._session = 0
        self._statistics = StatisticsLog(system, "w")
        self._queue: TransmissionQueue | None = None
        with Netmap(system) as nodes:
            self.name = nodes.local
            self.partners = {node.name: node for node in nodes.nodes()}

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
            node = cls.answering(system, clock=clock, connect=connect, log=log, observer=observer)
            undo.callback(node.close)
            node._queue = TransmissionQueue(system, "w")
            node._purge_checkpoints()
            node._recover()
            undo.pop_all()
            return node

    @classmethod
    def answering(
        cls,
        system: System,
        *,
        clock: Callable[[], float],
        connect: Connector,
        log: Callable[[str], None] = _silent,
        observer: Observer | None = None,
    ) -> Node:
        """A node that only answers: the SNODE of an in-process session. It leaves the TCQ to whoever works it."""
        install(system, clock())
        return cls(system, clock, connect, log, observer or Onlooker())

    def __enter__(self) -> Node:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._statistics.close()
        if self._queue is not None:
            self._queue.close()

    def clock(self) -> float:
        """Seconds since 1970, with what was jumped over."""
        return self._base_clock() + self._skipped

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
        now = self.clock()
        moment = datetime.fromtimestamp(now, UTC).replace(tzinfo=None)
        intrinsics = intrinsic_values(moment, pnode=self.name, user=submitter, random=int(now * 1000))
        document = Document(text=text, symbols=symbols or {}, intrinsics=intrinsics, overrides=overrides or {})
        process = _resolved(document)
        if process.startt or process.retain != "NO":
            raise ProcessNotSupported("STARTT AND RETAIN ARE NOT RUN BY THIS RELEASE")
        self._partner(process.snode)
        queue, status = {"YES": (HOLD, "HI"), "CALL": (HOLD, "HC")}.get(process.hold, (WAIT, "WC"))
        queued = self._tcq.add(
            QueuedProcess(
                number=0,
                submitted=int(now * 1_000_000_000),
                name=process.name[:8],
                snode=process.snode.upper(),
                submitter=submitter[:8],
                queue=queue,
                status=status,
                class_=process.class_ or 1,
                priority=process.priority,
                requeue=process.requeue is not False,
            ),
            document,
        )
        self._record("PS", queued, SBID=submitter, SNOD=queued.snode, QUEU=f"{queue} {status}")
        return queued.number

    def run(self, number: int | None = None) -> None:
        """Work the queue: all of it, or until Process `number` has ended or is held. Timers are jumped to."""
        while True:
            if number is not None and self.outcome(number).queue in ("", HOLD):
                return
            processes = self._tcq.processes()
            self._expire_timers(processes)
            following = next(ready(self._tcq.processes()), None)
            if following is not None:
                self._execute(following)
                continue
            due = [process.due for process in processes if process.queue == TIMER]
            if not due:
                return
            self._skipped += max(0.0, min(due) / 1e9 - self.clock())

    def processes(self) -> list[QueuedProcess]:
        """The queue in the order of submission."""
        return self._tcq.processes()

    def statistics(self) -> list[Statistic]:
        """Everything in the statistics log, in the order of time."""
        return list(self._statistics.all())

    def outcome(self, number: int) -> ProcessOutcome:
        """How Process `number` stands or ended. Raises NodeError if there never was one."""
        queued = self._tcq.find(number)
        if queued is not None:
            return _outcome(queued)
        if number in self._ended:
            return self._ended[number]
        ends = [s for s in self._statistics.of_process(number) if s.kind == "PT"]
        if not ends:
            raise NodeError(f"there is no Process {number}", message_id="DTX321E")
        fields = ends[-1].fields
        return ProcessOutcome(
            number, ends[-1].name, ends[-1].condition_code, fields.get("MSGI", ""), fields.get("MSST", "")
        )

    def release(self, number: int) -> None:
        """CHANGE PROCESS RELEASE: from Hold to Wait."""
        queued = self._found(number)
        if queued.queue != HOLD:
            raise NodeError(f"Process {number} is not held, it is {queued.queue} {queued.status}")
        self._record("CH", queued, TEXT="RELEASE")
        self._tcq.update(replace(queued, queue=WAIT, status="WC", retries=0))

    def hold(self, number: int) -> None:
        """CHANGE PROCESS HOLD=YES: to Hold HO."""
        queued = self._found(number)
        self._record("CH", queued, TEXT="HOLD=YES")
        self._tcq.update(replace(queued, queue=HOLD, status="HO"))

    def delete(self, number: int) -> bool:
        """DELETE PROCESS: out of the queue. Its checkpoint record stays, as in the product; True if there is one."""
        queued = self._found(number)
        self._record("DP", queued)
        self._tcq.remove(queued)
        with CheckpointFile(self.system) as checkpoints:
            return any(raw[16:20] == number.to_bytes(4, "big") for raw, _ in checkpoints.records())

    # -- the PNODE's side -------------------------------------------------------------------------------

    def _execute(self, queued: QueuedProcess) -> None:
        """One session for one Process, to its end or to its trouble."""
        queued = self._tcq.update(replace(queued, queue=EXECUTION, status="SS"))
        self._session = self._tcq.next_session()
        try:
            process = _resolved(self._tcq.document(queued))
            partner = self._partner(queued.snode)
            self._log(f"DTX350I PROCESS {queued.name}({queued.number:06d}) STARTED, SNODE={queued.snode}")
            self._connect(self, partner, lambda line: self._process_talk(line, queued.number, process))
        except PartnerEnded as error:
            refused = error.end.condition_code > 4
            self._hold(queued.number, "HP", error) if refused else self._retry(queued.number, error)
        except SessionLost as error:
            self._retry(queued.number, error)
        except ProtocolError as error:
            self._hold(queued.number, "HP", error)
        except NodeError as error:
            self._hold(queued.number, "HE", error)

    def _process_talk(self, line: Line, number: int, process: Process) -> Talk[None]:
        queued = self._found(number)
        line.say(Hello(self.name, queued.snode, self._session))
        yield from expect(Characteristics)
        user, password = process.snodeid
        line.say(Security(user or queued.submitter, password))
        yield from expect(Accepted)
        self._tcq.update(replace(queued, status="EX", retries=0))
        while True:
            queued = self._found(number)
            at = next_copy(process, queued.at, queued.codes)
            if at is None or queued.queue != EXECUTION:
                break
            copy = process.statements[at]
            if isinstance(copy, Copy):
                if at != queued.at:
                    queued = self._tcq.update(replace(queued, at=at))
                yield from primary_step(self._desk(line, number), self._request(queued, process, copy))
        line.say(ProcessEnd(queued.name, number, queued.condition_code, queued.message_id))
        line.say(SessionEnd())
        if queued.queue == EXECUTION:
            self._finish(queued)

    def _desk(self, line: Line, number: int) -> Desk:
        queued = self._found(number)

        def settle(report: StepReport) -> None:
            self._settle(number, report)

        return Desk(
            system=self.system,
            line=line,
            observer=self.observer,
            pnode=self.name,
            snode=queued.snode,
            session_id=self._session,
            settle=settle,
        )

    def _request(self, queued: QueuedProcess, process: Process, copy: Copy) -> CopyRequest:
        return CopyRequest(
            process_name=queued.name,
            process_number=queued.number,
            submit_tod=queued.submitted,
            step_number=copy.number,
            step_label=copy.label,
            direction=copy.direction,
            source=_side(copy.source),
            target=_side(copy.target),
            checkpoint_interval=DEFAULT_INTERVAL if copy.checkpoint is None else copy.checkpoint,
            compress=copy.compress,
            prime=copy.prime,
            level=copy.level,
            window=copy.window,
            memory=copy.memory,
            crc=process.crc,
            restart=queued.restart,
        )

    def _settle(self, number: int, report: StepReport) -> None:
        """A step has ended: its CT record, its lines, the queue; held for restart where REQUEUE says so."""
        queued = self._found(number)
        code = report.condition_code
        highest = max(queued.condition_code, code)
        fields = statistics_fields(report, local=self.name, snode=queued.snode, highest=highest)
        self._record("CT", queued, **fields)
        for line in console_lines(report, snode=queued.snode, class_=queued.class_):
            self._log(line)
        label = report.request.step_label or f"STEP{report.request.step_number}"
        worst = code >= queued.condition_code and code > 0
        queued = replace(
            queued,
            condition_code=highest,
            message_id=report.message_id if worst or not queued.message_id else queued.message_id,
            text=report.text if worst or not queued.text else queued.text,
        )
        if code > 4 and queued.requeue and report.restartable:
            status = "HE" if report.abended else "RH"
            self._log(f"DTX352I PROCESS {queued.name}({number:06d}) HELD FOR RESTART, HO {status}")
            self._tcq.update(replace(queued, queue=HOLD, status=status, restart=True))
            return
        codes = {**queued.codes, label: code}
        self._tcq.update(replace(queued, codes=codes, at=queued.at + 1, restart=False))

    def _finish(self, queued: QueuedProcess) -> None:
        outcome = replace(_outcome(queued), queue="", status="")
        self._record("PT", queued, CCOD=queued.condition_code, MSGI=queued.message_id, MSST=queued.text)
        self._log(
            f"DTX351I PROCESS {queued.name}({queued.number:06d}) ENDED, CODE {queued.condition_code:08d}"
            + (f" {queued.message_id}" if queued.message_id else "")
        )
        self._ended[queued.number] = outcome
        self._tcq.remove(queued)

    def _retry(self, number: int, error: ProtocolError) -> None:
        """The session is gone: Timer queue, and after MAXRETRIES Hold HO WC."""
        queued = self._found(number)
        if queued.at >= 0 and queued.status == "EX":
            queued = replace(queued, restart=True)
        if queued.retries >= MAXRETRIES:
            self._log(f"SVTM105I {queued.name}({number:06d}) ALL SESSION RETRIES USED, HELD HO WC: {error}")
            self._tcq.update(replace(queued, queue=HOLD, status="WC", message_id="SVTM105I", text=error.what[:80]))
            return
        due = int((self.clock() + WTRETRIES) * 1_000_000_000)
        self._log(f"SVTM110I {queued.name}({number:06d}) TO TIMER QUEUE TI RE, RETRY {queued.retries + 1}: {error}")
        self._tcq.update(replace(queued, queue=TIMER, status="RE", retries=queued.retries + 1, due=due))

    def _hold(self, number: int, status: str, error: NodeError | ProtocolError) -> None:
        queued = self._found(number)
        self._log(f"DTX353E PROCESS {queued.name}({number:06d}) HELD, HO {status}: {error}")
        held = replace(queued, queue=HOLD, status=status, message_id=error.message_id, text=error.what[:80])
        self._tcq.update(replace(held, condition_code=max(8, queued.condition_code)))

    # -- the SNODE's side -------------------------------------------------------------------------------

    def answer(self, line: Line) -> Talk[None]:
        """Serve one session as SNODE, from FMH68 to FMH75."""
        hello = yield from expect(Hello)
        why = self._refusal(hello)
        if why:
            line.say(SessionEnd(8, "DTX311E", why))
            return
        line.say(Characteristics(self.name))
        yield from expect(Security)
        line.say(Accepted())
        while True:
            event = yield Need.EVENT
            if isinstance(event, SessionEnd):
                return
            if isinstance(event, CopyRequest):
                yield from secondary_step(self._answering_desk(line, hello), event)

    def _refusal(self, hello: Hello) -> str:
        if hello.snode != self.name:
            return f"this node is {self.name}, not {hello.snode}"
        if hello.pnode != self.name and hello.pnode not in self.partners:
            return f"node {hello.pnode} is not in the netmap of {self.name}"
        return ""

    def _answering_desk(self, line: Line, hello: Hello) -> Desk:
        def settle(report: StepReport) -> None:
            request = report.request
            fields = statistics_fields(report, local=self.name, snode=self.name, highest=report.condition_code)
            when = int(self.clock() * 1_000_000_000)
            self._statistics.write(
                Statistic(kind="CT", when=when, number=request.process_number, name=request.process_name, fields=fields)
            )

        return Desk(
            system=self.system,
            line=line,
            observer=self.observer,
            pnode=hello.pnode,
            snode=self.name,
            session_id=hello.session_id,
            settle=settle,
        )

    # -- the queue --------------------------------------------------------------------------------------

    @property
    def _tcq(self) -> TransmissionQueue:
        if self._queue is None:
            raise NodeError("this node only answers, it does not work a queue")
        return self._queue

    def _found(self, number: int) -> QueuedProcess:
        queued = self._tcq.find(number)
        if queued is None:
            raise NodeError(f"there is no Process {number} in the queue", message_id="DTX321E")
        return queued

    def _partner(self, name: str) -> AdjacentNode:
        wanted = node_name(name)
        if wanted == self.name:
            return AdjacentNode(wanted, FOLDER, str(self.system.folder))
        try:
            return self.partners[wanted]
        except KeyError:
            raise NetmapError(f"node {wanted} is not in the netmap") from None

    def _expire_timers(self, processes: list[QueuedProcess]) -> None:
        now = int(self.clock() * 1_000_000_000)
        for queued in processes:
            if queued.queue == TIMER and queued.due <= now:
                self._tcq.update(replace(queued, queue=WAIT, status="WC"))

    def _recover(self) -> None:
        """What was executing when the DTF ended waits again; so does what had used up its retries."""
        for queued in self._tcq.processes():
            if queued.queue == EXECUTION:
                self._log(f"DTX354I PROCESS {queued.name}({queued.number:06d}) WAS EXECUTING, RESTARTED AT ITS STEP")
                self._tcq.update(replace(queued, queue=WAIT, status="WC", restart=True))
            elif (queued.queue, queued.status) == (HOLD, "WC"):
                self._tcq.update(replace(queued, queue=WAIT, status="WC", retries=0))

    def _purge_checkpoints(self) -> None:
        with CheckpointFile(self.system, "w") as checkpoints:
            for record in checkpoints.purge(int(self.clock() * 1_000_000_000)):
                self._log(f"DTX213I CHECKPOINT RECORD OF PROCESS {record.number} PURGED, OLDER THAN CKPT.DAYS")

    def _record(self, kind: str, queued: QueuedProcess, **fields: object) -> None:
        texts = {key: str(value) for key, value in fields.items() if value != ""}
        when = int(self.clock() * 1_000_000_000)
        self._statistics.write(Statistic(kind=kind, when=when, number=queued.number, name=queued.name, fields=texts))


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


def _side(side: CopySide) -> FileSide:
    """A side of the statement as the FMH71 carries it. Members and paths travel along, to be refused on opening."""
    extra = ((("MEMBER", side.member),) if side.member else ()) + ((("FILE", side.name),) if side.is_path else ())
    attributes = FileAttributes(side.dsorg, side.recfm, side.lrecl, side.blksize)
    return FileSide(side.name, side.disposition, attributes, side.operands + extra)
