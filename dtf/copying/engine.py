"""The data path of one COPY step: the talk of the sender and the talk of the receiver.

Both speak only through their session, so the same code runs in one process, over TCP and in the simulator.

The order that makes a restart exact, on the receiver's side, for every checkpoint:

    1  the target is durable up to the mark         target.secure
    2  the checkpoint record is durable             checkpoints.file
    3  the sender is told                           CheckpointTaken

and at the end: target accepted as what it should be, durable, record marked done, target published under its name; the
caller then writes its CT record and moves the queue on, and only then removes the checkpoint record. A crash between
any two leaves either a valid position or a finished target that is recognised as such.

Behind a mark that is not answered the sender says one more buffer and then waits, so at most one interval and one
buffer are sent again. Both keep a rolling CRC-32C over everything delivered since the beginning of the file; marks
carry it, so a checkpoint is never taken of bytes that were damaged on the way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from google_crc32c import extend as crc_extend

from dtf.copying.checkpoint import (
    STATE_DONE,
    CheckpointDamaged,
    CheckpointRecord,
    PositionSet,
    mismatch,
    with_position,
)
from dtf.copying.checkpoint_file import CheckpointFile
from dtf.copying.compression import NO_COMPRESSION, Compression, packer, unpack
from dtf.copying.progress import CKPT, TARGET, Observer, Progress
from dtf.copying.shaping import effective_interval
from dtf.copying.sources import Source
from dtf.copying.speaker import Line, Need, Talk, check, expect
from dtf.copying.targets import Target
from dtf.errors import RemoteProtocolError, StepError, in_words
from dtf.protocol.events import (
    CheckpointMark,
    CheckpointTaken,
    Data,
    EndOfData,
    Event,
    Position,
    Positions,
    Start,
    StepEnd,
)
from ksds.errors import KsdsError, NoSpace


class NotFiled(StepError):
    """The checkpoint file cannot take the record."""

    default_id = "DTX222E"
    default_condition_code = 16


class NotReadable(StepError):
    """The checkpoint file itself is damaged: somebody has to define it anew."""

    default_id = "DTX219E"
    default_condition_code = 16


HOLDING = (NotFiled.default_id, NotReadable.default_id)
"""Whoever mends the checkpoint file can let the step go on."""


class BeginningUnknown(StepError):
    """A target that only grows was begun, and the record that says where is damaged."""

    default_id = "DTX221E"


class DataDamaged(StepError):
    """What arrived is not what was sent."""

    default_id = "DTX220E"


@dataclass(slots=True)
class Delivery:
    """What one side has seen of the data: totals of the whole file, and what this session moved of it."""

    bytes: int = 0
    records: int = 0
    crc: int = 0
    moved: int = 0
    wire: int = 0
    buffers: int = 0
    checkpoints: int = 0
    interval: int = 0
    restarted: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Terms:
    """What both nodes agreed on: mode B or R, checkpoint interval in bytes (0 = none), compression."""

    mode: str
    interval: int = 0
    compression: Compression = NO_COMPRESSION


class Sender:
    """Reads the source and speaks the sender's part."""

    def __init__(self, source: Source, terms: Terms, line: Line, observer: Observer, total: int) -> None:
        self._source = source
        self._terms = terms
        self._line = line
        self._observer = observer
        self._pack = packer(terms.compression)
        self._progress = Progress(total=total)
        self._marks = self._unanswered = 0
        self.delivery = Delivery()

    def talk(self) -> Talk[None]:
        """From Positions to the receiver's StepEnd, which the caller answers.

        Raises StepError, StepRefused, SessionLost.
        """
        offered = yield from expect(Positions)
        if offered.mode != self._terms.mode:
            raise StepError(f"the receiver wants mode {offered.mode}, the attributes say {self._terms.mode}")
        chosen = self._choose(offered.positions)
        unit = self._source.unit_bytes
        self.delivery.interval = effective_interval(self._terms.interval, unit)
        self._line.say(Start(chosen, self.delivery.reason, self.delivery.interval))
        yield from self._stream(unit // 2)
        self._line.say(EndOfData(self.delivery.bytes, self.delivery.records, self.delivery.crc))
        while True:
            event = yield Need.EVENT
            if isinstance(event, StepEnd):
                self.delivery.reason = self.delivery.reason or event.text
                return
            self._heard(event)

    def _choose(self, positions: Sequence[Position]) -> int | None:
        """The first offered set whose prefix is still in the source, read again. Else the beginning."""
        for index, position in enumerate(positions):
            found = self._source.seek(position.records)
            if found and found[0] == position.crc:
                delivery = self.delivery
                delivery.crc, delivery.bytes, delivery.records = found[0], found[1], position.records
                delivery.restarted = True
                self._progress.sent, self._progress.records = found[1], position.records
                return index
        if positions:
            self.delivery.reason = "the source is not what it was before any of the positions"
        self._source.seek(0)
        return None

    def _stream(self, half_unit: int) -> Talk[None]:
        delivery, line, interval = self.delivery, self._line, self.delivery.interval
        since = 0
        while True:
            while self._unanswered and since:
                self._heard((yield Need.EVENT))
            limit = min(line.buffer_bytes, interval - since) if interval else line.buffer_bytes
            payload, count = self._source.read(limit)
            if not payload:
                return
            delivery.crc = crc_extend(delivery.crc, payload)
            self._say_data(payload, count)
            since += len(payload)
            self._heard((yield Need.TURN))
            if interval and since + half_unit >= interval:
                while self._unanswered:
                    self._heard((yield Need.EVENT))
                self._mark()
                self._heard((yield Need.TURN))
                since = 0

    def _say_data(self, payload: bytes, count: int) -> None:
        delivery, progress = self.delivery, self._progress
        delivery.bytes += len(payload)
        delivery.moved += len(payload)
        delivery.records += count
        progress.sent, progress.records = delivery.bytes, delivery.records
        out, expanded = self._observer.payload(progress, payload), 0
        if self._pack:
            packed = self._pack(out)
            if len(packed) < len(out):
                out, expanded = packed, len(payload)
        delivery.wire += len(out)
        delivery.buffers += 1
        self._line.say(Data(out, count, expanded))
        self._observer.sent(progress)

    def _mark(self) -> None:
        delivery = self.delivery
        self._marks += 1
        self._unanswered += 1
        self._line.say(CheckpointMark(self._marks, self._source.position(), delivery.records, delivery.crc))

    def _heard(self, event: Event | None) -> None:
        check(event)
        if isinstance(event, CheckpointTaken):
            self._unanswered -= 1
            self.delivery.checkpoints += 1
            self._progress.checkpoints += 1
        elif event is not None:
            raise RemoteProtocolError(f"{type(event).__name__} in the middle of the data")


class Receiver:
    """Writes the target, files the checkpoints, speaks the receiver's part."""

    def __init__(
        self,
        target: Target,
        terms: Terms,
        line: Line,
        observer: Observer,
        running: CheckpointRecord,
        checkpoints: CheckpointFile | None,
    ) -> None:
        self._target = target
        self._terms = terms
        self._line = line
        self._observer = observer
        self._record = running
        self._checkpoints = checkpoints
        self._progress = Progress(total=running.source.size)
        self._position = 0
        self.delivery = Delivery()

    def talk(self, earlier: EarlierTry) -> Talk[None]:
        """From Positions to a published target; the caller says StepEnd."""
        sets, reason = earlier.sets, earlier.reason
        self._record = replace(self._record, sets=sets)
        true = [s for s, holds in zip(sets, self._target.verified(sets), strict=True) if holds] if sets else []
        if sets and not true:
            reason = "no position of the checkpoint record matches the target"
        offers = tuple(Position(s.source, s.target, s.records, s.crc) for s in true)
        self._line.say(Positions(self._terms.mode, offers))
        start = yield from expect(Start)
        self._begin(true, start, reason)
        while True:
            event = yield Need.EVENT
            check(event)
            if type(event) is Data:
                self._write(event)
            elif isinstance(event, CheckpointMark):
                self._checkpoint(event)
            elif isinstance(event, EndOfData):
                self._finish(event)
                return
            else:
                raise RemoteProtocolError(f"{type(event).__name__} in the middle of the data")

    def _begin(self, sets: Sequence[PositionSet], start: Start, reason: str) -> None:
        delivery = self.delivery
        delivery.interval = start.checkpoint_interval
        if start.chosen is None:
            delivery.reason = start.reason or reason
            self._target.begin()
            kept: tuple[PositionSet, ...] = ()
        else:
            chosen = sets[start.chosen]
            self._target.resume(chosen)
            delivery.crc, delivery.records, delivery.restarted = chosen.crc, chosen.records, True
            self._position = chosen.source
            kept = tuple(sets[start.chosen :])
        self._progress.records = delivery.records
        items = {**self._record.items, **self._target.items()}
        self._record = replace(self._record, sets=kept, interval=start.checkpoint_interval, items=items)
        self._file_record()

    @property
    def restartable(self) -> bool:
        """Whether a restart has a position to go on from."""
        return bool(self._record.sets)

    def _write(self, data: Data) -> None:
        payload = data.payload
        if data.expanded:
            payload = unpack(payload, self._terms.compression, data.expanded, self._line.buffer_bytes)
        delivery, progress = self.delivery, self._progress
        delivery.crc = crc_extend(delivery.crc, payload)
        delivery.moved += len(payload)
        delivery.wire += len(data.payload)
        delivery.buffers += 1
        delivery.records += data.records
        progress.sent, progress.records = delivery.moved, delivery.records
        self._observer.writing(progress)
        self._target.write(self._observer.stored(progress, TARGET, payload))

    def _checkpoint(self, mark: CheckpointMark) -> None:
        self._compare(mark.records, mark.crc)
        self._position = mark.source
        self._file()
        self.delivery.checkpoints += 1
        self._progress.checkpoints += 1
        self._line.say(CheckpointTaken(mark.sequence))
        self._observer.filed(self._progress)

    def _file(self) -> None:
        """Target durable, then the record."""
        length = self._target.secure()
        if self._checkpoints is None:
            return
        position = PositionSet(self._position, length, self.delivery.records, self.delivery.crc)
        now, last_key = self._line.now_ns(), self._target.last_key
        self._record = with_position(self._record, position, now=now, last_key=last_key)
        self._file_record()

    def _file_record(self) -> None:
        if self._checkpoints is None:
            return
        progress = self._progress
        taken = replace(progress, checkpoints=progress.checkpoints + bool(self._record.sets))
        try:
            self._checkpoints.file(self._record, lambda data: self._observer.stored(taken, CKPT, data))
        except (NoSpace, OSError) as error:
            raise NotFiled(f"the checkpoint file cannot take the record: {in_words(error)}") from None

    def _finish(self, end: EndOfData) -> None:
        self._compare(end.records, end.crc)
        try:
            self._target.accept()
        except StepError:  # nothing of it is worth going on from
            self._record = replace(self._record, sets=())
            raise
        self.delivery.bytes = end.byte_count
        self._record = replace(self._record, state=STATE_DONE)
        self._file()
        self._target.publish(datetime.fromtimestamp(self._line.clock(), UTC).date())

    def _compare(self, records: int, crc: int) -> None:
        delivery = self.delivery
        if (delivery.records, delivery.crc) != (records, crc):
            raise DataDamaged(
                f"{delivery.records} blocks or records with CRC-32C {delivery.crc:08X} arrived, "
                f"{records} with {crc:08X} were sent"
            )


@dataclass(frozen=True, slots=True)
class EarlierTry:
    """What is known of a step that has run before: its filed record, the sets of it that may be tried, newest first,
    and why there are none. A record that is `damaged` was there, and says nothing."""

    record: CheckpointRecord | None = None
    sets: tuple[PositionSet, ...] = ()
    reason: str = ""
    damaged: bool = False


def earlier_try(checkpoints: CheckpointFile | None, running: CheckpointRecord) -> EarlierTry:
    """Of the `running` step. Raises NotReadable.

    A record of another step, which a session lost at its end has left, says nothing about the target of this one.
    """
    if checkpoints is None:
        return EarlierTry(reason="checkpointing is off")
    try:
        filed = checkpoints.find(running.key)
    except CheckpointDamaged as error:
        return EarlierTry(reason=f"the checkpoint record is damaged: {error.what}", damaged=True)
    except KsdsError as error:
        raise NotReadable(f"the checkpoint file cannot be read: {error}") from None
    if filed is None:
        return EarlierTry(reason="no checkpoint record is filed")
    why = mismatch(filed, running)
    if why:
        of_this_step = (filed.kind, filed.step_number) == (running.kind, running.step_number)
        return EarlierTry(filed if of_this_step else None, reason=f"the checkpoint record does not match: {why}")
    return EarlierTry(filed, filed.sets, "" if filed.sets else "no checkpoint had been taken")
