"""The checkpoint record: what one Process needs to go on with a copy, in about 256 bytes.

The RECEIVER of a copy files one record per Process (connect-direct.md 3.6, layout section 11). It is
believed only if every rule below holds; a record that fails one is not repaired, the copy starts again
from zero and says why.

    1  the key (PNODE, Process number, submit time) never contains the step: one record per Process
    2  Process, step, direction, both names and both attribute groups match the running step
    3  the source has the size, time of change and inode it had
    4  a set's target position is not beyond the target; its prefix, read again, has the set's CRC-32C
    5  a set was written only after its target bytes were durable: target, then record, then acknowledgement
    6  the newest of the four sets is tried first; each set stands alone, so an older one is as good
    7  a record written by a younger session is not overwritten by an older one

All integers are big-endian and unsigned, all text is EBCDIC (code page 037). `LAYOUT` declares the record;
`encode` and `decode` are the struct path in use. A property test holds the two equal.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import construct as cs
from google_crc32c import value as crc32c

from dtf.errors import StepError

KEY_BYTES = 28
EYE = "CKPT".encode("cp037")
VERSION = 1
RINGS = 4  # position sets kept

TYPE_COPY, TYPE_TASK = "C", "T"
STATE_OPEN, STATE_DONE, STATE_REJECTED = "O", "D", "X"
RESTARTED, VSAM, COMPRESSED, CRC_ON = 0x80, 0x20, 0x10, 0x08  # 0x40 is free

SOURCE_NAME, TARGET_NAME = 1, 2  # 3 to 6 and 11 are free
LAST_KEY, GENERATION, TARGET_TOKEN, TASK, TARGET_BASE, CREATED = 7, 8, 9, 10, 12, 13

# DS1DSORG; VS (KSDS and ESDS) is the ORGAM bit of its second byte, RR (RRDS, VRRDS) and LD (LDS) are that and a bit of
# ours. Ours too: HF a file of the host, HS several, TS a checkpoint set.
_ORGANIZATIONS = {"": 0x00, "PS": 0x40, "PO": 0x02, "VS": 0x08, "RR": 0x18, "LD": 0x88}
_ORGANIZATIONS |= {"HF": 0x04, "HS": 0x05, "TS": 0x06}
_KINDS = {"": 0x00, "F": 0x80, "V": 0x40, "U": 0xC0}  # DCBRECFM
_MODIFIERS = {"B": 0x10, "S": 0x08, "A": 0x04, "M": 0x02}
_ORGANIZATION_NAMES = {code: name for name, code in _ORGANIZATIONS.items()}
_KIND_NAMES = {code: name for name, code in _KINDS.items()}

_FIXED = struct.Struct(">16sIQ 4sB1s1sBHIH8s16s1s1s QQQHQ BBII BBII QQQ BBI")
_SET = struct.Struct(">QQQI")
FIXED_BYTES = _FIXED.size
SET_BYTES = _SET.size
_CRC_AT = FIXED_BYTES - 4

_SHAPE = cs.Struct("organization" / cs.Int8ub, "format" / cs.Int8ub, "lrecl" / cs.Int32ub, "blksize" / cs.Int32ub)
_ITEM = cs.Struct(
    "tag" / cs.Int8ub,
    "short_length" / cs.Int8ub,
    "long_length" / cs.If(cs.this.short_length == 255, cs.Int16ub),
    "data" / cs.Bytes(lambda item: item.short_length if item.long_length is None else item.long_length),
)
LAYOUT = cs.Struct(
    "PNODE" / cs.Bytes(16),
    "PNUM" / cs.Int32ub,
    "SUBTOD" / cs.Int64ub,
    "EYE" / cs.Const(EYE),
    "VER" / cs.Const(VERSION, cs.Int8ub),
    "TYPE" / cs.Bytes(1),
    "STATE" / cs.Bytes(1),
    "FLAGS" / cs.Int8ub,
    "RECLEN" / cs.Int16ub,
    "CKSEQ" / cs.Int32ub,
    "STEPNO" / cs.Int16ub,
    "STEPLBL" / cs.Bytes(8),
    "SNODE" / cs.Bytes(16),
    "DIR" / cs.Bytes(1),
    "MODE" / cs.Bytes(1),
    "INTERVAL" / cs.Int64ub,
    "CREATED" / cs.Int64ub,
    "UPDATED" / cs.Int64ub,
    "RETRY" / cs.Int16ub,
    "SESSID" / cs.Int64ub,
    "SOURCE" / _SHAPE,
    "TARGET" / _SHAPE,
    "SSIZE" / cs.Int64ub,
    "SMTIME" / cs.Int64ub,
    "SINODE" / cs.Int64ub,
    "NSLOT" / cs.Int8ub,
    "NVAR" / cs.Int8ub,
    "RECCRC" / cs.Int32ub,
    "positions"
    / cs.Array(
        cs.this.NSLOT,
        cs.Struct("SRCPOS" / cs.Int64ub, "DSTPOS" / cs.Int64ub, "RECS" / cs.Int64ub, "DATACRC" / cs.Int32ub),
    ),
    "variable" / cs.Array(cs.this.NVAR, _ITEM),
    cs.Terminated,
)


class CheckpointDamaged(StepError):
    """The bytes are not a checkpoint record, or a value does not fit one."""

    default_id = "DTX210E"


@dataclass(frozen=True, slots=True)
class Shape:
    """The attribute group of one side: organization PS, PO, VS RR LD (VSAM), HF HS TS (files of the host); RECFM;
    LRECL and BLKSIZE in bytes."""

    organization: str = ""
    recfm: str = ""
    lrecl: int = 0
    blksize: int = 0

    def __str__(self) -> str:
        words = [self.organization or "?"]
        words += [f"RECFM={self.recfm}"] if self.recfm else []
        return ",".join([*words, f"LRECL={self.lrecl}", f"BLKSIZE={self.blksize}"])


@dataclass(frozen=True, slots=True)
class SourceIdentity:
    """What the sender saw of its file at open: size in bytes, time of change in ns, inode."""

    size: int = 0
    mtime: int = 0
    inode: int = 0


@dataclass(frozen=True, slots=True)
class PositionSet:
    """One place to go on from. `source`: block number in the upper half (block mode) or RBA or byte offset;
    `target`: durable length of the target in bytes; `records`: blocks or records delivered;
    `crc`: CRC-32C of everything delivered before it."""

    source: int
    target: int
    records: int
    crc: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointRecord:
    """One record of the CKPT cluster, decoded. Times are ns since the epoch, lengths and the interval bytes."""

    pnode: str
    number: int
    submitted: int
    kind: str = TYPE_COPY
    state: str = STATE_OPEN
    flags: int = 0
    sequence: int = 0
    step_number: int = 1
    step_label: str = ""
    snode: str = ""
    direction: str = "P"
    mode: str = "B"
    interval: int = 0
    created: int = 0
    updated: int = 0
    retries: int = 0
    session: int = 0
    source_shape: Shape = field(default_factory=Shape)
    target_shape: Shape = field(default_factory=Shape)
    source: SourceIdentity = field(default_factory=SourceIdentity)
    sets: tuple[PositionSet, ...] = ()
    items: Mapping[int, bytes] = field(default_factory=dict)

    @property
    def key(self) -> bytes:
        """The record's key in the CKPT cluster."""
        return key_of(self.pnode, self.number, self.submitted)

    @property
    def source_name(self) -> str:
        return self.items.get(SOURCE_NAME, b"").decode("cp037")

    @property
    def target_name(self) -> str:
        return self.items.get(TARGET_NAME, b"").decode("cp037")

    @property
    def target_token(self) -> str:
        """The name under which the target is staged."""
        return self.items.get(TARGET_TOKEN, b"").decode("cp037")


def key_of(pnode: str, number: int, submitted: int) -> bytes:
    """The 28 bytes that name a Process: node blank-padded, number, submit time in ns."""
    return struct.pack(">16sIQ", _padded(pnode, 16), number, submitted)


def with_position(record: CheckpointRecord, position: PositionSet, *, now: int, last_key: bytes) -> CheckpointRecord:
    """The record after one more checkpoint: the new set first, at most four kept, the oldest forgotten."""
    items = {**record.items, LAST_KEY: last_key} if last_key else record.items
    sets = (position, *record.sets)[:RINGS]
    return replace(record, sequence=record.sequence + 1, updated=now, sets=sets, items=items)


def mismatch(record: CheckpointRecord, running: CheckpointRecord) -> str | None:
    """Why `record` may not be used for the `running` step (its record as it would be written now), or None.

    Rules 1, 2 and 3 of connect-direct.md 11.5. The interval and the session may differ.
    """
    if record.step_number != running.step_number or record.step_label != running.step_label:
        return f"it belongs to step {record.step_number} {record.step_label}".rstrip()
    if record.state == STATE_REJECTED:
        return "it is marked rejected"
    pairs = [
        ("Process", record.key, running.key),
        ("type", record.kind, running.kind),
        ("direction", record.direction, running.direction),
        ("mode", record.mode, running.mode),
        ("source name", record.source_name, running.source_name),
        ("target name", record.target_name, running.target_name),
        ("source attributes", record.source_shape, running.source_shape),
        ("target attributes", record.target_shape, running.target_shape),
        ("source size", record.source.size, running.source.size),
        ("source time of change", record.source.mtime, running.source.mtime),
        ("source inode", record.source.inode, running.source.inode),
    ]
    for what, filed, now in pairs:
        if filed != now:
            return f"its {what} is another one" if isinstance(now, bytes) else f"its {what} was {filed}, now {now}"
    return None


def encode(record: CheckpointRecord) -> bytes:
    """The record's bytes. A value that does not fit its field is a CheckpointDamaged, never a struct error."""
    try:
        tail = b"".join(_SET.pack(s.source, s.target, s.records, s.crc) for s in record.sets)
        tail += b"".join(_item_bytes(tag, data) for tag, data in sorted(record.items.items()))
        packed = bytearray(_fixed_bytes(record, FIXED_BYTES + len(tail)) + tail)
    except (struct.error, KeyError, UnicodeEncodeError, ValueError) as error:
        raise CheckpointDamaged(f"a checkpoint record cannot hold this: {error}") from None
    struct.pack_into(">I", packed, _CRC_AT, crc32c(bytes(packed)))
    return bytes(packed)


def decode(data: bytes) -> CheckpointRecord:
    """The record in `data`. Raises CheckpointDamaged for anything but a whole, sound record."""
    fields = _fixed_fields(data)
    count, items = fields[-3], fields[-2]
    if count > RINGS:
        raise CheckpointDamaged(f"checkpoint record with {count} position sets")
    end = FIXED_BYTES + count * SET_BYTES
    if end > len(data):
        raise CheckpointDamaged("checkpoint record ends inside its position sets")
    sets = tuple(PositionSet(*_SET.unpack_from(data, FIXED_BYTES + n * SET_BYTES)) for n in range(count))
    try:
        return _record(fields, sets, _items(data, end, items))
    except (KeyError, UnicodeDecodeError) as error:
        raise CheckpointDamaged(f"checkpoint record with an unknown code: {error}") from None


def session_of(data: bytes) -> int:
    """The session that filed the record in `data`; 0 if that is damaged, for then nobody's word stands."""
    try:
        return int(_fixed_fields(data)[19])
    except CheckpointDamaged:
        return 0


def _fixed_fields(data: bytes) -> tuple[Any, ...]:
    """The fields of the fixed part, of a record whose length and CRC-32C are right."""
    if len(data) < FIXED_BYTES:
        raise CheckpointDamaged(f"checkpoint record of {len(data)} bytes, {FIXED_BYTES} needed")
    fields = _FIXED.unpack_from(data)
    if fields[3] != EYE or fields[4] != VERSION:
        raise CheckpointDamaged(f"not a checkpoint record of layout {VERSION}: eye catcher {fields[3].hex().upper()}")
    if fields[8] != len(data):
        raise CheckpointDamaged(f"checkpoint record says {fields[8]} bytes and has {len(data)}")
    if crc32c(b"".join((data[:_CRC_AT], bytes(4), data[FIXED_BYTES:]))) != fields[-1]:
        raise CheckpointDamaged("checkpoint record fails its CRC-32C")
    return fields


def _padded(text: str, width: int) -> bytes:
    raw = text.encode("cp037")
    if len(raw) > width:
        raise ValueError(f"{text!r} is longer than {width}")
    return raw.ljust(width, b"\x40")


def _text(raw: bytes) -> str:
    return raw.decode("cp037").rstrip(" ")


def _shape_values(shape: Shape) -> tuple[int, int, int, int]:
    recfm = _KINDS[shape.recfm[:1]] | sum(_MODIFIERS[letter] for letter in shape.recfm[1:])
    return _ORGANIZATIONS[shape.organization], recfm, shape.lrecl, shape.blksize


def _fixed_bytes(record: CheckpointRecord, length: int) -> bytes:
    if len(record.sets) > RINGS:
        raise ValueError(f"{len(record.sets)} position sets")
    return _FIXED.pack(
        _padded(record.pnode, 16),
        record.number,
        record.submitted,
        EYE,
        VERSION,
        _padded(record.kind, 1),
        _padded(record.state, 1),
        record.flags,
        length,
        record.sequence,
        record.step_number,
        _padded(record.step_label, 8),
        _padded(record.snode, 16),
        _padded(record.direction, 1),
        _padded(record.mode, 1),
        record.interval,
        record.created,
        record.updated,
        record.retries,
        record.session,
        *_shape_values(record.source_shape),
        *_shape_values(record.target_shape),
        record.source.size,
        record.source.mtime,
        record.source.inode,
        len(record.sets),
        len(record.items),
        0,
    )


def _item_bytes(tag: int, data: bytes) -> bytes:
    if len(data) < 255:
        return struct.pack(">BB", tag, len(data)) + data
    return struct.pack(">BBH", tag, 255, len(data)) + data


def _items(data: bytes, at: int, count: int) -> dict[int, bytes]:
    items: dict[int, bytes] = {}
    for _ in range(count):
        head = data[at : at + 4]
        if len(head) < 2 or (head[1] == 255 and len(head) < 4):
            raise CheckpointDamaged("checkpoint record ends inside its items")
        tag, length, start = head[0], head[1], at + 2
        if length == 255:
            length, start = int.from_bytes(head[2:4], "big"), at + 4
        at = start + length
        if at > len(data) or tag in items:
            raise CheckpointDamaged(f"item {tag} of a checkpoint record is repeated or runs past its end")
        items[tag] = data[start:at]
    if at != len(data):
        raise CheckpointDamaged(f"checkpoint record with {len(data) - at} bytes after its items")
    return items


def _shape(organization: int, recfm: int, lrecl: int, blksize: int) -> Shape:
    kind, modifiers = _KIND_NAMES[recfm & 0xC0], [letter for letter, bit in _MODIFIERS.items() if recfm & bit]
    return Shape(_ORGANIZATION_NAMES[organization], kind + "".join(modifiers), lrecl, blksize)


def _record(fields: tuple[Any, ...], sets: tuple[PositionSet, ...], items: dict[int, bytes]) -> CheckpointRecord:
    pnode, number, submitted, _, _, kind, state, flags, _, sequence, step_number, step_label, snode = fields[:13]
    direction, mode, interval, created, updated, retries, session = fields[13:20]
    return CheckpointRecord(
        pnode=_text(pnode),
        number=number,
        submitted=submitted,
        kind=_text(kind),
        state=_text(state),
        flags=flags,
        sequence=sequence,
        step_number=step_number,
        step_label=_text(step_label),
        snode=_text(snode),
        direction=_text(direction),
        mode=_text(mode),
        interval=interval,
        created=created,
        updated=updated,
        retries=retries,
        session=session,
        source_shape=_shape(*fields[20:24]),
        target_shape=_shape(*fields[24:28]),
        source=SourceIdentity(*fields[28:31]),
        sets=sets,
        items=items,
    )
