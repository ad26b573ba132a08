"""One COPY step between two nodes: who opens what, what each tells the other, and how the step ends.

    PNODE   opens its file, CopyRequest      SNODE   opens its file, CopyReply (or StepFailed: refused)
    both    work out mode and target shape from the same attributes, then Sender and Receiver talk
    both    StepEnd; the receiver's first, since its word says that the target stands

`settle` is the node's part (statistics, queue). It is called when the step has ended on this side, before the sender's
StepEnd and before the receiver removes its checkpoint record: so a crash at any point either leaves the step to be
run again with its record, or done.
"""

from __future__ import annotations

import errno
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from dtf.copying import checkpoint, endpoints
from dtf.copying.checkpoint import CheckpointRecord, Shape, SourceIdentity
from dtf.copying.checkpoint_file import CheckpointFile
from dtf.copying.compression import Compression
from dtf.copying.dispositions import DELETE, check_retry
from dtf.copying.engine import HOLDING, BeginningUnknown, Delivery, EarlierTry, Receiver, Sender, Terms, earlier_try
from dtf.copying.open_source import OpenSource
from dtf.copying.progress import Observer
from dtf.copying.shaping import VSAM, mode_of, target_shape
from dtf.copying.speaker import Line, Need, PartnerEnded, StepRefused, Talk, check, expect
from dtf.errors import DtfError, ProtocolError, SessionLost, StepError, in_words
from dtf.protocol.events import FAILING_CODE, CopyReply, CopyRequest, FileIdentity, SessionEnd, StepEnd, StepFailed
from ksds.errors import DataSetInUse, KsdsError, NoSpace, OpenError

COMPLETED = "SCPA000I"
OUT_OF_SPACE = "DTX240E"
NOT_ALLOCATED = "DTX241E"
"""A data set is in use: the message that allocation is tried again for."""
ABEND_CODE = 16
_FAILURES = (DtfError, KsdsError, OSError)


@dataclass(slots=True, kw_only=True)
class StepReport:
    """How one side saw a COPY step: what CT records and SVTM052I show. Times in seconds since 1970."""

    request: CopyRequest
    sending: bool
    started: float
    ended: float = 0.0
    condition_code: int = 0
    message_id: str = COMPLETED
    text: str = "Copy step successful."
    partner_code: int = 0
    partner_message: str = COMPLETED
    mode: str = ""
    interval: int = 0
    restartable: bool = False
    no_checkpoint: str = ""
    buffer_bytes: int = 0
    delivery: Delivery = field(default_factory=Delivery)
    doomed: OpenSource | None = None
    """The source, closed, that DISP=DELETE takes away when the PNODE has settled the step: until then a restart may
    need it. An SNODE knows that by the PNODE's next word."""

    @property
    def abended(self) -> bool:
        """True if the step ended as an abend does."""
        return self.condition_code >= ABEND_CODE


def _unwatched(report: StepReport) -> None:
    """Nobody asks how far the step is."""


def _admitted(name: str, writing: bool) -> None:
    """Whoever asks is this node itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What a side works with: its files, its line to the partner, who looks on, what to do when a step ends.

    `begun` gets the report of a step that begins, to be read if it does not come to its end. `admit` raises StepError
    for the name of a file that the partner may not have written (True) or read here.
    """

    site: endpoints.Site
    checkpoints: CheckpointFile
    line: Line
    observer: Observer
    pnode: str
    snode: str
    session_id: int
    settle: Callable[[StepReport], None]
    begun: Callable[[StepReport], None] = _unwatched
    admit: Callable[[str, bool], None] = _admitted


def primary_step(desk: Desk, request: CopyRequest) -> Talk[StepReport]:
    """The PNODE's side. Raises SessionLost or another ProtocolError; every other failure is in the report."""
    report = StepReport(request=request, sending=request.direction == "P", started=desk.line.clock())
    desk.begun(report)
    spoken = False
    try:
        if report.sending:
            with endpoints.open_source(desk.site, request.source) as source:
                report.request = request = _with_source(request, source.shape, source.identity)
                desk.line.say(request)
                spoken = True
                reply = yield from expect(CopyReply)
                shape = endpoints.from_wire(reply.attributes)
                yield from _send(desk, report, source, shape, reply.checkpoint_interval)
        else:
            request = replace(request, target=endpoints.completed_target(desk.site, request.target))
            asked = endpoints.asked_shape(desk.site, request.target)
            wanted = replace(request.target, attributes=endpoints.to_wire(asked))
            desk.line.say(replace(request, target=wanted))
            spoken = True
            reply = yield from expect(CopyReply)
            report.request = request = _with_source(
                request, endpoints.from_wire(reply.attributes), _from_wire(reply.identity)
            )
            shape = target_shape(endpoints.from_wire(reply.attributes), asked)
            yield from _receive(desk, report, shape, reply.checkpoint_interval)
    except _FAILURES as error:
        yield from _failed(desk, report, error, spoken=spoken)
    if report.doomed:
        report.doomed.delete()
    return report


def secondary_step(desk: Desk, request: CopyRequest) -> Talk[StepReport]:
    """The SNODE's side, from the request that it heard. Its source may be `doomed`. Raises as `primary_step`."""
    report = StepReport(request=request, sending=request.direction == "S", started=desk.line.clock())
    asked = endpoints.from_wire(request.target.attributes)
    try:
        desk.admit(request.source.name if report.sending else request.target.name, not report.sending)
        if report.sending:
            with endpoints.open_source(desk.site, request.source) as source:
                report.request = _with_source(request, source.shape, source.identity)
                desk.line.say(_reply(request, request.source.name, source.shape, source.identity))
                yield from _send(desk, report, source, target_shape(source.shape, asked), request.checkpoint_interval)
        else:
            report.request = request = replace(request, target=endpoints.completed_target(desk.site, request.target))
            source_shape = endpoints.from_wire(request.source.attributes)
            shape = target_shape(source_shape, endpoints.asked_shape(desk.site, request.target))
            desk.line.say(_reply(request, request.target.name, shape, SourceIdentity()))
            yield from _receive(desk, report, shape, request.checkpoint_interval)
    except _FAILURES as error:
        yield from _failed(desk, report, error, spoken=True)
    return report


def _send(desk: Desk, report: StepReport, source: OpenSource, shape: Shape, interval: int) -> Talk[None]:
    report.mode, report.interval = mode_of(source.shape, shape), interval
    terms = Terms(report.mode, interval, _compression(report.request))
    cursor = source.cursor(shape, report.mode, report.request.target)
    sender = Sender(cursor, terms, desk.line, desk.observer, source.identity.size)
    report.delivery = sender.delivery
    try:
        yield from sender.talk()
    except _FAILURES as error:
        if _abends(error) and report.request.source.disposition[2] == DELETE:
            report.doomed = source
        raise
    if report.request.source.disposition[1] == DELETE:
        report.doomed = source
    _end(desk, report)
    desk.line.say(_step_end(report))


def _receive(desk: Desk, report: StepReport, shape: Shape, interval: int) -> Talk[None]:
    request = report.request
    source_shape = endpoints.from_wire(request.source.attributes)
    report.mode, report.interval = mode_of(source_shape, shape), min(interval, request.checkpoint_interval)
    yield from _receive_into(desk, report, shape, desk.checkpoints if report.interval else None)


def _receive_into(desk: Desk, report: StepReport, shape: Shape, checkpoints: CheckpointFile | None) -> Talk[None]:
    request, line = report.request, desk.line
    running = _running(desk, report, shape)
    earlier = earlier_try(checkpoints, running) if request.restart else EarlierTry()
    filed = earlier.record
    if filed:
        running = replace(running, created=filed.created, retries=min(filed.retries + 1, 65535))
    target = endpoints.open_target(desk.site, request.target, shape, running, filed, again=request.restart)
    terms = Terms(report.mode, report.interval, _compression(request))
    receiver = Receiver(target, terms, line, desk.observer, running, checkpoints)
    report.delivery = receiver.delivery
    remembered = deleted = False
    try:
        if request.restart and (filed or not checkpoints or earlier.damaged):  # else it was not begun
            check_retry(request.target.name, request.target.disposition)
        if target.grows and earlier.damaged:
            what = f"what an earlier try has added is not known, {earlier.reason}"
            raise BeginningUnknown(f"{request.target.name}: {what}")
        yield from receiver.talk(earlier)
    except ProtocolError:
        remembered = target.grows
        raise
    except _FAILURES:
        deleted = request.target.disposition[2] == DELETE  # which is never said of a step that is held for restart
        raise
    finally:
        report.restartable = receiver.restartable and not deleted
        target.close(keep=report.restartable)
        if checkpoints and not (report.restartable or remembered):
            checkpoints.remove(desk.pnode, request.process_number, request.submit_tod)
    line.say(_step_end(report))
    yield from _sender_end(report)
    _end(desk, report)
    if checkpoints:
        checkpoints.remove(desk.pnode, request.process_number, request.submit_tod)


def _sender_end(report: StepReport) -> Talk[None]:
    """The sender's word closes the step. It may be a StepFailed that crossed ours: the target stands all the same."""
    event = yield Need.EVENT
    if not isinstance(event, StepFailed):
        check(event)
    if isinstance(event, StepEnd | StepFailed):
        report.partner_code, report.partner_message = event.condition_code, event.message_id


def _failed(desk: Desk, report: StepReport, error: DtfError | KsdsError | OSError, *, spoken: bool) -> Talk[None]:
    """Tell the partner, hear his end of the step, settle. A broken session is passed on."""
    if isinstance(error, ProtocolError):
        raise error
    report.condition_code, report.message_id, report.text = _failure(error)
    if isinstance(error, StepRefused):
        report.partner_code, report.partner_message = error.condition_code, error.message_id
    if spoken:
        failed = StepFailed(report.message_id, report.text[:200], max(8, report.condition_code))
        desk.line.say(failed)
        while not isinstance(error, StepRefused):
            event = yield Need.EVENT
            if isinstance(event, SessionEnd):
                raise PartnerEnded(event)
            if isinstance(event, StepFailed | StepEnd):
                report.partner_code, report.partner_message = event.condition_code, event.message_id
                break
    if report.sending:
        report.restartable = report.delivery.restarted or report.delivery.checkpoints > 0
    report.restartable |= report.message_id in HOLDING
    _end(desk, report)


def _abends(error: DtfError | KsdsError | OSError) -> bool:
    return not isinstance(error, ProtocolError) and _failure(error)[0] >= ABEND_CODE


def _failure(error: DtfError | KsdsError | OSError) -> tuple[int, str, str]:
    """Condition code, message id and text of what went wrong."""
    cause = error.__cause__ if isinstance(error.__cause__, OSError) else error
    if isinstance(error, NoSpace) or (isinstance(cause, OSError) and cause.errno in (errno.ENOSPC, errno.EDQUOT)):
        return ABEND_CODE, OUT_OF_SPACE, f"ABEND SD37, no space for the target: {in_words(error)}"
    if isinstance(error, DtfError):
        return error.condition_code, error.message_id, error.what
    if isinstance(error, DataSetInUse) or (isinstance(error, OpenError) and error.feedback == OpenError.NOT_AVAILABLE):
        return 8, NOT_ALLOCATED, str(error)
    if isinstance(error, KsdsError):
        return max(8, error.condition_code), StepError.default_id, str(error)
    return 8, StepError.default_id, in_words(error)


def _end(desk: Desk, report: StepReport) -> None:
    """Settles. A node that cannot file its own statistics or queue cannot go on: that is no failure of the step."""
    report.ended = desk.line.clock()
    report.buffer_bytes = desk.line.buffer_bytes
    report.no_checkpoint = _why_none(report)
    try:
        desk.settle(report)
    except (KsdsError, OSError) as error:
        raise SessionLost(f"this node cannot settle the step: {in_words(error)}") from error


def _why_none(report: StepReport) -> str:
    """Why no checkpoint was taken, "" if one was."""
    delivery = report.delivery
    if delivery.checkpoints:
        return ""
    if not report.request.checkpoint_interval:
        return "CKPT=0 on the COPY or in the initialization parameters"
    if report.condition_code >= FAILING_CODE:
        return "the step ended before the first"
    if not report.interval:
        return "the partner takes none"
    return "less than one interval was sent"


def _step_end(report: StepReport) -> StepEnd:
    """FMH74-02. Its text says why a restarted step had to begin at the beginning, if it had to."""
    delivery = report.delivery
    return StepEnd(COMPLETED, delivery.reason[:200], 0, delivery.bytes, delivery.records)


def _reply(request: CopyRequest, name: str, shape: Shape, identity: SourceIdentity) -> CopyReply:
    attributes, interval = endpoints.to_wire(shape), request.checkpoint_interval
    return CopyReply(name, attributes, _to_wire(identity), interval, message_id=COMPLETED)


def _with_source(request: CopyRequest, shape: Shape, identity: SourceIdentity) -> CopyRequest:
    source = replace(request.source, attributes=endpoints.to_wire(shape))
    return replace(request, source=source, identity=_to_wire(identity))


def _to_wire(identity: SourceIdentity) -> FileIdentity:
    return FileIdentity(identity.size, identity.mtime, identity.inode)


def _from_wire(wire: FileIdentity) -> SourceIdentity:
    return SourceIdentity(wire.size, wire.mtime_ns, wire.token)


def _compression(request: CopyRequest) -> Compression:
    return Compression(request.compress, request.prime, request.level, request.window, request.memory)


def _running(desk: Desk, report: StepReport, shape: Shape) -> CheckpointRecord:
    """The record of this step as it would be filed now, without positions."""
    request, now = report.request, desk.line.now_ns()
    flags = checkpoint.CRC_ON * request.crc | checkpoint.COMPRESSED * bool(request.compress)
    flags |= checkpoint.RESTARTED * request.restart | checkpoint.VSAM * (shape.organization in VSAM)
    return CheckpointRecord(
        pnode=desk.pnode,
        number=request.process_number,
        submitted=request.submit_tod,
        flags=flags,
        step_number=request.step_number,
        step_label=request.step_label,
        snode=desk.snode,
        direction=request.direction,
        mode=report.mode,
        created=now,
        updated=now,
        session=desk.session_id,
        source_shape=endpoints.from_wire(request.source.attributes),
        target_shape=shape,
        source=_from_wire(request.identity),
        items={
            checkpoint.SOURCE_NAME: request.source.name.encode("cp037", "backslashreplace"),
            checkpoint.TARGET_NAME: request.target.name.encode("cp037", "backslashreplace"),
        },
    )
