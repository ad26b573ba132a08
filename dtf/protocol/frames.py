"""Frames: the bytes of each event.

A frame is a 16-byte header and a body. All numbers are big-endian and unsigned.

    LENGTH(4) of the body   KIND(1)   SUBTYPE(1)   FLAGS(1)   zero(1)   CHECK(4)   CRC(4)   body

KIND is IBM's FMH number read as two hexadecimal digits (X'68' is FMH68); the frames of the data phase, for which no
number is published, and the one for steps without data, are X'D1' to X'D5'. CHECK is the CRC-32C of the 8 bytes before
it: a length that was damaged on its way is found out at once, and nobody waits for bytes that will not come. CRC is
the CRC-32C of the same 8 bytes and the body. Every frame carries it (FLAGS bit 0 on), except that Data does so only
when the COPY asked for it; without it CRC is zero.

The construct layouts below are the declaration: docs/PROTOCOL.md is tested against them, and so are the few lines of
`struct` that do the same for the frames of the data phase, of which there may be a hundred thousand in one COPY.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from struct import Struct as Packed
from struct import error as PackError

import google_crc32c
from construct import (
    Const,
    Construct,
    ConstructError,
    GreedyBytes,
    Int8ub,
    Int16ub,
    Int32ub,
    Int64ub,
    OneOf,
    Struct,
    Terminated,
)

from dtf.protocol.events import (
    FAILING_CODE,
    Accepted,
    Characteristics,
    CheckpointMark,
    CheckpointTaken,
    CopyReply,
    CopyRequest,
    Data,
    EndOfData,
    Event,
    FileAttributes,
    FileIdentity,
    FileSide,
    Hello,
    Position,
    Positions,
    ProcessEnd,
    RunRequest,
    Security,
    SessionEnd,
    Start,
    StepEnd,
    StepFailed,
)
from dtf.protocol.fields import FrameError, exactly, flag, index_or_none, name, pair, record, several, text

HEADER_BYTES = 16
DATA_PREFIX_BYTES = 8
CONTROL_BODY_LIMIT = 32768  # no frame but Data is longer
CRC_FLAG = 0x01
POSITION_LIMIT = 4
OPERAND_LIMIT = 64

# ---- layouts

HEADER = Struct(
    "length" / Int32ub,
    "kind" / Int8ub,
    "subtype" / Int8ub,
    "flags" / OneOf(Int8ub, (0, CRC_FLAG)),
    "zero" / Const(0, Int8ub),
    "check" / Int32ub,
    "crc" / Int32ub,
)

ATTRIBUTES = Struct(
    "dsorg" / name(4),
    "recfm" / name(4),
    "lrecl" / Int32ub,
    "blksize" / Int32ub,
    "key_length" / Int16ub,
    "key_offset" / Int16ub,
)
IDENTITY = Struct("size" / Int64ub, "mtime_ns" / Int64ub, "token" / Int64ub)
POSITION = Struct("source" / Int64ub, "target" / Int64ub, "records" / Int64ub, "crc" / Int32ub)
SIDE = Struct(
    "disposition" / exactly(3, name(8)),
    "attributes" / record(FileAttributes, ATTRIBUTES),
    "name" / text(1024),
    "operands" / several(OPERAND_LIMIT, pair(text(16), text(2040))),
)

HELLO = Struct(
    "version" / Int16ub,
    "pnode" / name(16),
    "snode" / name(16),
    "session_id" / Int64ub,
    "charset" / OneOf(name(1), ("E", "A")),
    "buffer_bytes" / Int32ub,
    "platform" / text(64),
)
CHARACTERISTICS = Struct(
    "version" / Int16ub,
    "snode" / name(16),
    "charset" / OneOf(name(1), ("E", "A")),
    "buffer_bytes" / Int32ub,
    "platform" / text(64),
)
SECURITY = Struct("user" / text(64), "password" / text(256))
COPY_REQUEST = Struct(
    "process_name" / name(8),
    "process_number" / Int32ub,
    "submit_tod" / Int64ub,
    "step_number" / Int16ub,
    "step_label" / name(8),
    "direction" / OneOf(name(1), ("P", "S")),
    "checkpoint_interval" / Int64ub,
    "compress" / OneOf(name(1), ("", "P", "E")),
    "prime" / Int8ub,
    "level" / OneOf(Int8ub, range(1, 10)),
    "window" / OneOf(Int8ub, range(9, 16)),
    "memory" / OneOf(Int8ub, range(1, 10)),
    "crc" / flag(),
    "restart" / flag(),
    "identity" / record(FileIdentity, IDENTITY),
    "source" / record(FileSide, SIDE),
    "target" / record(FileSide, SIDE),
)
COPY_REPLY = Struct(
    "condition_code" / OneOf(Int16ub, range(FAILING_CODE)),
    "message_id" / name(8),
    "checkpoint_interval" / Int64ub,
    "attributes" / record(FileAttributes, ATTRIBUTES),
    "identity" / record(FileIdentity, IDENTITY),
    "name" / text(1024),
    "text" / text(512),
)
POSITIONS = Struct(
    "mode" / OneOf(name(1), ("B", "R")),
    "positions" / several(POSITION_LIMIT, record(Position, POSITION)),
)
START = Struct("chosen" / index_or_none(POSITION_LIMIT), "checkpoint_interval" / Int64ub, "reason" / text(512))
DATA = Struct("records" / Int32ub, "expanded" / Int32ub, "payload" / GreedyBytes)
CHECKPOINT_MARK = Struct("sequence" / Int32ub, "source" / Int64ub, "records" / Int64ub, "crc" / Int32ub)
CHECKPOINT_TAKEN = Struct("sequence" / Int32ub)
END_OF_DATA = Struct("byte_count" / Int64ub, "records" / Int64ub, "crc" / Int32ub)
STEP_END = Struct(
    "condition_code" / Int16ub,
    "byte_count" / Int64ub,
    "records" / Int64ub,
    "message_id" / name(8),
    "text" / text(512),
)
RUN_REQUEST = Struct(
    "kind" / OneOf(name(1), ("T", "J", "S")),
    "process_name" / name(8),
    "process_number" / Int32ub,
    "submit_tod" / Int64ub,
    "step_number" / Int16ub,
    "step_label" / name(8),
    "again" / flag(),
    "name" / text(1024),
    "parameter" / text(2040),
    "operands" / several(OPERAND_LIMIT, pair(text(33), text(1024))),
)
PROCESS_END = Struct(
    "process_name" / name(8),
    "process_number" / Int32ub,
    "condition_code" / Int16ub,
    "message_id" / name(8),
    "submit_tod" / Int64ub,
)
SESSION_END = Struct("condition_code" / Int16ub, "message_id" / name(8), "text" / text(512))


@dataclass(frozen=True, slots=True)
class Frame:
    """One row of the table of frames: IBM's name where there is one, KIND, SUBTYPE, the layout of the body."""

    name: str
    kind: int
    subtype: int
    layout: Struct


FRAMES: dict[type[Event], Frame] = {
    Hello: Frame("FMH68", 0x68, 1, HELLO),
    Characteristics: Frame("FMH70", 0x70, 1, CHARACTERISTICS),
    Security: Frame("FMH72", 0x72, 1, SECURITY),
    Accepted: Frame("FMH72", 0x72, 2, Struct()),
    CopyRequest: Frame("FMH71", 0x71, 1, COPY_REQUEST),
    CopyReply: Frame("FMH71", 0x71, 2, COPY_REPLY),
    Positions: Frame("FMH71", 0x71, 3, POSITIONS),
    Start: Frame("FMH71", 0x71, 4, START),
    Data: Frame("DATA", 0xD1, 0, DATA),
    CheckpointMark: Frame("CKPT MARK", 0xD2, 0, CHECKPOINT_MARK),
    CheckpointTaken: Frame("CKPT TAKEN", 0xD3, 0, CHECKPOINT_TAKEN),
    EndOfData: Frame("END OF DATA", 0xD4, 0, END_OF_DATA),
    StepEnd: Frame("FMH74", 0x74, 2, STEP_END),
    StepFailed: Frame("FMH74", 0x74, 2, STEP_END),
    RunRequest: Frame("RUN", 0xD5, 0, RUN_REQUEST),
    ProcessEnd: Frame("FMH74", 0x74, 4, PROCESS_END),
    SessionEnd: Frame("FMH75", 0x75, 1, SESSION_END),
}
BODIES: dict[type[Event], Construct] = {
    event: Struct("event" / record(event, frame.layout), Terminated) for event, frame in FRAMES.items()
}

DATA_KIND = FRAMES[Data].kind
_BY_CODE = {(frame.kind, frame.subtype): event for event, frame in FRAMES.items() if event is not StepFailed}

# ---- the data phase, by struct

_HEAD = Packed(">IBBBB")
_HEADER = Packed(">IBBBBII")
_CHECKS = Packed(">II")
_DATA_PREFIX = Packed(">II")
_MARK = Packed(">IQQI")
_TAKEN = Packed(">I")
_crc_value: Callable[[bytes], int] = google_crc32c.value
_crc_extend: Callable[[int, bytes], int] = google_crc32c.extend


@dataclass(frozen=True, slots=True)
class Header:
    """A frame header that passed its checks; `crc` is None where the frame carries none."""

    event: type[Event]
    length: int
    head: bytes
    crc: int | None


def decode_header(raw: bytes, data_limit: int) -> Header:
    """Reads 16 bytes. FrameError if they cannot begin a frame, or if its length is above the limit for its kind."""
    length, kind, subtype, flags, zero, check, crc = _HEADER.unpack(raw)
    event = _BY_CODE.get((kind, subtype))
    if event is None:
        raise FrameError(f"unknown frame X'{kind:02X}' X'{subtype:02X}'")
    if flags > CRC_FLAG or zero or not (flags or (crc == 0 and event is Data)):
        raise FrameError(f"header of {event.__name__} with flags X'{flags:02X}{zero:02X}' and CRC X'{crc:08X}'")
    limit = data_limit + DATA_PREFIX_BYTES if event is Data else CONTROL_BODY_LIMIT
    if length > limit or (event is Data and length <= DATA_PREFIX_BYTES):
        raise FrameError(f"{event.__name__} with a body of {length} bytes, the limit is {limit}")
    head = raw[:8]
    if check != _crc_value(head):
        raise FrameError(f"check sum of the header of {event.__name__} is wrong")
    return Header(event, length, head, crc if flags else None)


def decode_body(header: Header, body: bytes) -> Event:
    """The event of a frame other than Data. FrameError if the body is not that of its kind."""
    if header.crc != _crc_extend(_crc_value(header.head), body):
        raise FrameError(f"CRC of {header.event.__name__} is wrong")
    if header.event is CheckpointMark and header.length == _MARK.size:
        return CheckpointMark(*_MARK.unpack(body))
    if header.event is CheckpointTaken and header.length == _TAKEN.size:
        return CheckpointTaken(*_TAKEN.unpack(body))
    return _parse(header.event, body)


def decode_data(header: Header, prefix: bytes, payload: bytes) -> Data:
    """A Data event; `payload` is kept, not copied. FrameError if its CRC is wrong."""
    if header.crc is not None and header.crc != _crc_extend(_crc_value(header.head + prefix), payload):
        raise FrameError("CRC of Data is wrong")
    records, expanded = _DATA_PREFIX.unpack(prefix)
    return Data(payload, records, expanded)


def encode(event: Event) -> bytes:
    """The frame of an event other than Data. FrameError if a field does not fit."""
    frame = FRAMES[type(event)]
    body = _build(event)
    if len(body) > CONTROL_BODY_LIMIT:
        raise FrameError(f"{type(event).__name__} of {len(body)} bytes, the limit is {CONTROL_BODY_LIMIT}")
    head = _HEAD.pack(len(body), frame.kind, frame.subtype, CRC_FLAG, 0)
    check = _crc_value(head)
    return head + _CHECKS.pack(check, _crc_extend(check, body)) + body


def encode_data(event: Data, crc: bool) -> tuple[bytes, bytes]:
    """The two chunks of a Data frame: 24 bytes, and the payload itself. FrameError if a count does not fit."""
    payload = event.payload
    try:
        head = _HEAD.pack(len(payload) + DATA_PREFIX_BYTES, DATA_KIND, 0, CRC_FLAG if crc else 0, 0)
        prefix = _DATA_PREFIX.pack(event.records, event.expanded)
    except PackError as error:
        raise FrameError(f"Data: {error}") from None
    check = _crc_value(head)
    whole = _crc_extend(_crc_extend(check, prefix), payload) if crc else 0
    return head + _CHECKS.pack(check, whole) + prefix, payload


def _build(event: Event) -> bytes:
    try:
        if type(event) is CheckpointMark:
            return _MARK.pack(event.sequence, event.source, event.records, event.crc)
        if type(event) is CheckpointTaken:
            return _TAKEN.pack(event.sequence)
        body: bytes = BODIES[type(event)].build({"event": event})
    except (ConstructError, PackError, ValueError, TypeError, AttributeError) as error:
        raise FrameError(f"{type(event).__name__}: {_reason(error)}") from None
    return body


def _parse(kind: type[Event], body: bytes) -> Event:
    if kind is StepEnd and int.from_bytes(body[:2], "big") >= FAILING_CODE:
        kind = StepFailed
    try:
        event: Event = BODIES[kind].parse(body).event
    except (ConstructError, ValueError) as error:
        raise FrameError(f"{kind.__name__}: {_reason(error)}") from None
    return event


def _reason(error: Exception) -> str:
    return str(error).strip().splitlines()[-1] if str(error).strip() else type(error).__name__
