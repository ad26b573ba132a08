"""A checkpoint record for people and programs: every field with its place, its bytes' meaning in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from dtf.copying import checkpoint
from dtf.copying.checkpoint import CheckpointDamaged, CheckpointRecord, PositionSet, Shape

_STATES = {"O": "open", "D": "done, not yet deleted", "X": "rejected"}
_KINDS = {"C": "copy", "T": "run task"}
_DIRECTIONS = {"P": "PNODE sends", "S": "SNODE sends"}
_MODES = {"B": "block", "R": "record"}
_FLAGS = {
    checkpoint.RESTARTED: "restarted",
    checkpoint.VSAM: "VSAM",
    checkpoint.COMPRESSED: "compressed",
    checkpoint.CRC_ON: "CRC",
}
_ITEMS = {
    checkpoint.SOURCE_NAME: "source name",
    checkpoint.TARGET_NAME: "target name",
    checkpoint.LAST_KEY: "last key",
    checkpoint.GENERATION: "generation",
    checkpoint.TARGET_TOKEN: "staged target",
    checkpoint.TASK: "task",
    checkpoint.TARGET_BASE: "there before",
    checkpoint.CREATED: "made by this copy",
}
_OF_THE_HOST = {"HF": "a file of the host", "HS": "files of the host", "TS": "a TensorFlow checkpoint set"}
_TEXT_ITEMS = {checkpoint.SOURCE_NAME, checkpoint.TARGET_NAME, checkpoint.GENERATION, checkpoint.TARGET_TOKEN}


@dataclass(frozen=True, slots=True)
class FieldLine:
    """One field: offset and length in the record, its name in the layout, its value in words."""

    offset: int
    length: int
    name: str
    value: str


def fields(raw: bytes) -> list[FieldLine]:
    """Every field of a record in order. Raises CheckpointDamaged."""
    record = checkpoint.decode(raw)
    shown = _values(record, len(raw), int.from_bytes(raw[150:154], "big"))
    lines: list[FieldLine] = []
    at = 0
    for part in checkpoint.LAYOUT.subcons:
        if part.name in shown:
            length = part.sizeof()
            lines.append(FieldLine(at, length, part.name, shown[part.name]))
            at += length
    for number, position in enumerate(record.sets, 1):
        value = f"source {_place(record, position)}, target {position.target} bytes, "
        value += f"{position.records} {_units(record)}, CRC-32C {position.crc:08X}"
        lines.append(FieldLine(at, checkpoint.SET_BYTES, f"SET {number}", value))
        at += checkpoint.SET_BYTES
    for tag, data in sorted(record.items.items()):
        length = len(data) + (2 if len(data) < 255 else 4)
        lines.append(FieldLine(at, length, f"ITEM {tag}", f"{_ITEMS.get(tag, 'item')}: {_item(tag, data)}"))
        at += length
    return lines


def as_json(raw: bytes) -> dict[str, Any]:
    """The record as plain values; `damage` instead if it is not sound."""
    try:
        record = checkpoint.decode(raw)
    except CheckpointDamaged as error:
        return {"length": len(raw), "damage": error.what, "data": raw.hex()}
    return {
        "pnode": record.pnode,
        "process_number": record.number,
        "submitted": record.submitted,
        "type": record.kind,
        "state": record.state,
        "flags": record.flags,
        "length": len(raw),
        "sequence": record.sequence,
        "step_number": record.step_number,
        "step_label": record.step_label,
        "snode": record.snode,
        "direction": record.direction,
        "mode": record.mode,
        "interval": record.interval,
        "created": record.created,
        "updated": record.updated,
        "retries": record.retries,
        "session": record.session,
        "source": {"name": record.source_name, "attributes": str(record.source_shape), "size": record.source.size},
        "target": {"name": record.target_name, "attributes": str(record.target_shape)},
        "positions": [
            {"source": s.source, "target": s.target, "records": s.records, "crc": f"{s.crc:08X}"} for s in record.sets
        ],
        "items": {str(tag): _item(tag, data) for tag, data in sorted(record.items.items())},
        "data": raw.hex(),
    }


def title(raw: bytes) -> str:
    """One line that says what the record is."""
    try:
        record = checkpoint.decode(raw)
    except CheckpointDamaged as error:
        return f"RECORD {raw[:28].hex().upper()}, {len(raw)} BYTES: {error}"
    newest = f"{record.sets[0].target} BYTES SAFE" if record.sets else "NO CHECKPOINT YET"
    return (
        f"{record.pnode} PROCESS {record.number} STEP {record.step_number} {record.step_label}: {record.source_name} "
        f"TO {record.target_name}, CHECKPOINT {record.sequence}, {newest}, {len(raw)} BYTES"
    )


def _values(record: CheckpointRecord, length: int, crc: int) -> dict[str, str]:
    flags = ", ".join(name for bit, name in _FLAGS.items() if record.flags & bit)
    return {
        "PNODE": record.pnode,
        "PNUM": str(record.number),
        "SUBTOD": _moment(record.submitted),
        "EYE": "CKPT",
        "VER": str(checkpoint.VERSION),
        "TYPE": f"{record.kind} {_KINDS.get(record.kind, '')}",
        "STATE": f"{record.state} {_STATES.get(record.state, '')}",
        "FLAGS": f"{record.flags:02X} {flags}".rstrip(),
        "RECLEN": str(length),
        "CKSEQ": str(record.sequence),
        "STEPNO": str(record.step_number),
        "STEPLBL": record.step_label,
        "SNODE": record.snode,
        "DIR": f"{record.direction} {_DIRECTIONS.get(record.direction, '')}",
        "MODE": f"{record.mode} {_MODES.get(record.mode, '')}",
        "INTERVAL": f"{record.interval} bytes",
        "CREATED": _moment(record.created),
        "UPDATED": _moment(record.updated),
        "RETRY": str(record.retries),
        "SESSID": str(record.session),
        "SOURCE": _shape(record.source_shape),
        "TARGET": _shape(record.target_shape),
        "SSIZE": f"{record.source.size} bytes",
        "SMTIME": _moment(record.source.mtime),
        "SINODE": str(record.source.inode),
        "NSLOT": str(len(record.sets)),
        "NVAR": str(len(record.items)),
        "RECCRC": f"{crc:08X}",
    }


def _moment(ns: int) -> str:
    seconds, rest = divmod(ns, 1_000_000_000)
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S}.{rest:09d}"
    except (OverflowError, ValueError, OSError):
        return f"{ns} ns"


def _units(record: CheckpointRecord) -> str:
    return "blocks" if record.mode == "B" else "records"


def _place(record: CheckpointRecord, position: PositionSet) -> str:
    """A place in the source: a block, a record by its count, an RBA, a byte."""
    count, offset = position.source >> 32, position.source
    if record.mode == "B":
        return f"block {count}"
    if count and count == position.records:
        return f"{'unit' if record.source_shape.organization in ('HS', 'TS') else 'record'} {count}"
    return f"RBA {offset}" if record.source_shape.organization in ("VS", "LD") else f"position {offset}"


def _shape(shape: Shape) -> str:
    words = _OF_THE_HOST.get(shape.organization)
    return f"{shape.organization}, {words}" if words else str(shape)


def _item(tag: int, data: bytes) -> str:
    return data.decode("cp037") if tag in _TEXT_ITEMS else data.hex().upper()
