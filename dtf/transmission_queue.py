"""The Transmission Control Queue: every submitted Process, in an RRDS, as it must be found again after a crash.

    slot 1         control record: last Process number, last session id
    a Process      one head record, whose slot it keeps, and 1-42 pieces of its document (connect-direct.md 2.3: a
                   Process occupies 1-43 records)

The document (Process text, symbolics, intrinsics and keywords frozen at submit, as JSON) is written once, before the
head that leads to it. Everything that changes is in the head, so every change of state is one record and one
commit: durable before the work goes on. Pieces without a head, left by a crash, are freed at the next open.

Queues EX WA TI HO and their status codes are those of connect-direct.md 3.10. There is no TCX: the RRDS itself knows
which slots are free. The bytes of the records are declared in `dtf.record_layouts`; the document is UTF-8.
"""

from __future__ import annotations

import contextlib
import json
import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from google_crc32c import value as crc32c

from dtf.errors import NodeError
from dtf.record_layouts import (
    CONTROL_EYE,
    HEAD_EYE,
    PIECE_EYE,
    QUEUE_BODY_BYTES,
    QUEUE_CONTROL_CODEC,
    QUEUE_HEAD_CODEC,
    QUEUE_PIECE_CODEC,
    QUEUE_RECORD_BYTES,
    QUEUE_RESULT_CODEC,
    QUEUE_VERSION,
)
from ksds import RelativeRecord
from ksds.closing import Closing
from ksds.errors import RecordNotFound
from ksds.system import System

NAME = "DTF.TCQ"
DEFINE = f"""  DEFINE CLUSTER(NAME({NAME}) NUMBERED -
         RECORDSIZE({QUEUE_RECORD_BYTES} {QUEUE_RECORD_BYTES}) CYLINDERS(1 1) SHAREOPTIONS(2 3)) -
         DATA(NAME({NAME}.DATA) CONTROLINTERVALSIZE(4096))
"""
EXECUTION, WAIT, TIMER, HOLD = "EX", "WA", "TI", "HO"
HIGHEST_NUMBER = 99_999
QUEUE_LIMIT = 10_000
PIECES = 42
RESULTS = 255

_PIECE_BYTES = QUEUE_BODY_BYTES - QUEUE_PIECE_CODEC.size
_REQUEUE, _RESTART = 0x80, 0x40
_RETAIN = {"NO": 0x00, "YES": 0x20, "INITIAL": 0x10}


class QueueError(NodeError):
    """The queue cannot take, find or read a Process."""

    default_id = "DTX320E"


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedProcess:
    """A head record. `submitted` and `due` in ns since the epoch; `at` is the index of the statement to run next,
    `step` the name of the step that it is, "" for an IF and its like.

    `message_id` is that of the highest code so far, or why it is held; `step_message` that of the step that ended last.
    """

    number: int
    submitted: int
    name: str
    snode: str
    submitter: str = ""
    queue: str = WAIT
    status: str = "WC"
    at: int = 0
    step: str = ""
    class_: int = 1
    priority: int = 10
    requeue: bool = True
    restart: bool = False
    retain: str = "NO"
    retries: int = 0
    due: int = 0
    condition_code: int = 0
    message_id: str = ""
    text: str = ""
    step_message: str = ""
    codes: Mapping[str, int] = field(default_factory=dict)
    slot: int = 0
    pieces: tuple[int, ...] = ()
    length: int = 0
    crc: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What was submitted: enough to resolve the very same Process again."""

    text: str
    symbols: Mapping[str, str]
    intrinsics: Mapping[str, str]
    overrides: Mapping[str, str]

    def to_bytes(self) -> bytes:
        parts = {name: getattr(self, name) for name in ("text", "symbols", "intrinsics", "overrides")}
        return json.dumps({n: v if isinstance(v, str) else dict(v) for n, v in parts.items()}).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> Document:
        parts = json.loads(data)
        return cls(**{name: parts[name] for name in ("text", "symbols", "intrinsics", "overrides")})


class TransmissionQueue(Closing):
    """The open TCQ; mode "w" for the DTF, "r" to look. A method that changes something returns when it is durable."""

    def __init__(self, system: System, mode: str = "r") -> None:
        self._cluster = system.relative_record(NAME, mode)
        self._heads: dict[int, QueuedProcess] | None = None  # the only writer need not read again
        try:
            self._last_number, self._last_session = self._control()
            if mode == "w":
                self._recover()
        except QueueError:
            self._cluster.close()
            raise

    def close(self) -> None:
        self._cluster.close()

    def processes(self) -> list[QueuedProcess]:
        """All Processes in the order of submission. A record that is damaged is a QueueError."""
        if self._heads is not None:
            return sorted(self._heads.values(), key=_order)
        return sorted(_heads(self._cluster.browse(2)), key=_order)

    def find(self, number: int) -> QueuedProcess | None:
        if self._heads is not None:
            return self._heads.get(number)
        return next((process for process in self.processes() if process.number == number), None)

    def document(self, process: QueuedProcess) -> Document:
        """What was submitted as `process`. Raises QueueError if a piece is gone or damaged."""
        try:
            data = b"".join(self._piece(slot) for slot in process.pieces)
            if len(data) == process.length and crc32c(data) == process.crc:
                return Document.from_bytes(data)
        except (RecordNotFound, ValueError, KeyError) as error:
            raise QueueError(f"Process {process.number}: its text cannot be read: {error}") from None
        raise QueueError(f"Process {process.number}: its text fails its CRC-32C")

    def add(self, process: QueuedProcess, document: Document) -> QueuedProcess:
        """File a new Process under the next number. Raises QueueError if it or the queue is too large."""
        data = document.to_bytes()
        pieces = [data[at : at + _PIECE_BYTES] for at in range(0, len(data), _PIECE_BYTES)]
        there = {other.number for other in self.processes()}
        if len(pieces) > PIECES or len(there) >= QUEUE_LIMIT:
            what = f"{len(data)} bytes" if len(pieces) > PIECES else f"{len(there)} Processes queued"
            raise QueueError(f"no room in the TCQ: {what}")
        number = self._last_number % HIGHEST_NUMBER + 1
        while number in there:
            number = number % HIGHEST_NUMBER + 1
        self._set_control(number, self._last_session)
        slots = tuple(self._store_piece(number, part, piece) for part, piece in enumerate(pieces))
        slot = self._cluster.first_free()
        process = replace(process, number=number, slot=slot, pieces=slots, length=len(data), crc=crc32c(data))
        self._cluster.insert(slot, _encode(process))
        self._cluster.commit()
        return self._filed(process)

    def update(self, process: QueuedProcess) -> QueuedProcess:
        """File the Process's new state."""
        self._cluster.update(process.slot, _encode(process))
        self._cluster.commit()
        return self._filed(process)

    def remove(self, process: QueuedProcess) -> None:
        """The Process leaves the queue: its head first, so a crash leaves only orphans."""
        self._cluster.erase(process.slot)
        self._cluster.commit()
        if self._heads is not None:
            self._heads.pop(process.number, None)
        for slot in process.pieces:
            self._cluster.erase(slot)
        self._cluster.commit()

    def next_session(self) -> int:
        """A session id that is larger than every one before."""
        self._set_control(self._last_number, self._last_session + 1)
        self._cluster.commit()
        return self._last_session

    def _filed(self, process: QueuedProcess) -> QueuedProcess:
        if self._heads is not None:
            self._heads[process.number] = process
        return process

    def _control(self) -> tuple[int, int]:
        try:
            record = self._cluster.get(1)
        except RecordNotFound:
            return 0, 0
        _, _, number, session = QUEUE_CONTROL_CODEC.unpack_from(_checked(record, CONTROL_EYE, "control record"))
        return number, session

    def _set_control(self, number: int, session: int) -> None:
        self._last_number, self._last_session = number, session
        self._cluster.put(1, _sealed(QUEUE_CONTROL_CODEC.pack(CONTROL_EYE, QUEUE_VERSION, number, session)))

    def _store_piece(self, number: int, part: int, piece: bytes) -> int:
        slot = self._cluster.first_free()
        self._cluster.insert(
            slot, _sealed(QUEUE_PIECE_CODEC.pack(PIECE_EYE, QUEUE_VERSION, number, part, len(piece)) + piece)
        )
        return slot

    def _piece(self, slot: int) -> bytes:
        record = _checked(self._cluster.get(slot), PIECE_EYE, f"record {slot}")
        length = QUEUE_PIECE_CODEC.unpack_from(record)[4]
        return record[QUEUE_PIECE_CODEC.size : QUEUE_PIECE_CODEC.size + length]

    def _recover(self) -> None:
        """Read the queue, and free the pieces that a crash has left without their head."""
        records = list(self._cluster.browse(2))
        self._heads = {process.number: process for process in _heads(records)}
        owned = {slot for process in self._heads.values() for slot in process.pieces}
        orphans = [slot for slot, record in records if record[:4] == PIECE_EYE and slot not in owned]
        for slot in orphans:
            self._cluster.erase(slot)
        if orphans:
            self._cluster.commit()


def clear(system: System) -> list[QueuedProcess]:
    """Cold start: every Process leaves the queue; those that could be read. Numbers go on where they were."""
    with contextlib.closing(system.relative_record(NAME, "w")) as cluster:
        lost = []
        for slot, record in list(cluster.browse(2)):
            if record[:4] == HEAD_EYE:
                with contextlib.suppress(QueueError):
                    lost.append(_decode(slot, record))
            cluster.erase(slot)
        cluster.commit()
    return sorted(lost, key=_order)


def repair(system: System) -> list[str]:
    """Remove what is damaged from the queue, so that the rest can be worked; a line for each thing removed."""
    with contextlib.closing(system.relative_record(NAME, "w")) as cluster:
        said = []
        for slot, record in list(cluster.browse(1)):
            why = _damage(slot, record, cluster)
            if why:
                cluster.erase(slot)
                said.append(f"RECORD {slot} REMOVED: {why}")
        cluster.commit()
    return said


def _damage(slot: int, record: bytes, cluster: RelativeRecord) -> str:
    """What is wrong with one record of the queue, "" if nothing is. A head without its text is damaged too."""
    try:
        if record[:4] != HEAD_EYE:
            _checked(record, CONTROL_EYE if slot == 1 else PIECE_EYE, f"record {slot}")
            return ""
        process = _decode(slot, record)
        for piece in process.pieces:
            _checked(cluster.get(piece), PIECE_EYE, f"record {piece}")
    except (QueueError, RecordNotFound) as error:
        return str(error)
    return ""


def _heads(records: Iterable[tuple[int, bytes]]) -> Iterator[QueuedProcess]:
    try:
        yield from (_decode(slot, record) for slot, record in records if record[:4] == HEAD_EYE)
    except QueueError as error:
        raise QueueError(f"{error.what}: dtf repair removes it") from None


def _order(process: QueuedProcess) -> tuple[int, int]:
    return process.submitted, process.number


def _sealed(data: bytes) -> bytes:
    body = data.ljust(QUEUE_BODY_BYTES, b"\0")
    return body + struct.pack(">I", crc32c(body))


def _checked(record: bytes, eye: bytes, what: str) -> bytes:
    if len(record) != QUEUE_RECORD_BYTES or record[:4] != eye or record[4] != QUEUE_VERSION:
        raise QueueError(f"{what} of the TCQ is not what it should be")
    if crc32c(record[:QUEUE_BODY_BYTES]) != int.from_bytes(record[QUEUE_BODY_BYTES:], "big"):
        raise QueueError(f"{what} of the TCQ fails its CRC-32C")
    return record


def _padded(text: str, width: int) -> bytes:
    return text.encode("cp037", "replace")[:width].ljust(width, b"\x40")


def _text(raw: bytes) -> str:
    return raw.decode("cp037").rstrip(" ")


def _encode(process: QueuedProcess) -> bytes:
    results = list(process.codes.items())[:RESULTS]
    flags = _REQUEUE * process.requeue | _RESTART * process.restart | _RETAIN[process.retain]
    head = QUEUE_HEAD_CODEC.pack(
        HEAD_EYE,
        QUEUE_VERSION,
        flags,
        process.number,
        process.submitted,
        _padded(process.name, 8),
        _padded(process.snode, 16),
        _padded(process.submitter, 8),
        _padded(process.queue, 2),
        _padded(process.status, 2),
        process.at,
        _padded(process.step, 8),
        process.class_,
        process.priority,
        min(process.retries, 65535),
        process.due,
        process.condition_code,
        _padded(process.message_id, 8),
        _padded(process.text, 80),
        _padded(process.step_message, 8),
        process.length,
        process.crc,
        len(process.pieces),
        len(results),
    )
    slots = struct.pack(f">{len(process.pieces)}I", *process.pieces)
    return _sealed(head + slots + b"".join(QUEUE_RESULT_CODEC.pack(_padded(label, 8), code) for label, code in results))


def _decode(slot: int, record: bytes) -> QueuedProcess:
    fields = QUEUE_HEAD_CODEC.unpack_from(_checked(record, HEAD_EYE, f"record {slot}"))
    _, _, flags, number, submitted, name, snode, submitter, queue, status, at, step = fields[:12]
    class_, priority, retries, due, condition_code, message_id, text, step_message = fields[12:20]
    length, crc, piece_count, result_count = fields[20:]
    end = QUEUE_HEAD_CODEC.size + 4 * piece_count
    results = [QUEUE_RESULT_CODEC.unpack_from(record, end + n * QUEUE_RESULT_CODEC.size) for n in range(result_count)]
    return QueuedProcess(
        number=number,
        submitted=submitted,
        name=_text(name),
        snode=_text(snode),
        submitter=_text(submitter),
        queue=_text(queue),
        status=_text(status),
        at=at,
        step=_text(step),
        class_=class_,
        priority=priority,
        retries=retries,
        due=due,
        condition_code=condition_code,
        message_id=_text(message_id),
        text=_text(text),
        step_message=_text(step_message),
        length=length,
        crc=crc,
        requeue=bool(flags & _REQUEUE),
        restart=bool(flags & _RESTART),
        retain=next((word for word, bit in _RETAIN.items() if flags & bit), "NO"),
        codes={_text(label): code for label, code in results},
        slot=slot,
        pieces=struct.unpack_from(f">{piece_count}I", record, QUEUE_HEAD_CODEC.size),
    )


def ready(processes: Iterable[QueuedProcess]) -> list[QueuedProcess]:
    """The Processes of the Wait queue that may run, in their order: highest PRTY, then first come."""
    waiting = (process for process in processes if process.queue == WAIT and process.status != "WT")
    return sorted(waiting, key=lambda process: (-process.priority, *_order(process)))
