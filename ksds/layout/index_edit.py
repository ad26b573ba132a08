"""One more entry in a sequence-set record, as the journal carries it instead of the whole image.

    | key_length 1 | reserved 1 | slot 2 | pointer 4 | boundary |

Entry `slot` is parted: `boundary` becomes its own, and a new entry behind it takes the old boundary and the free CI
`pointer` of the control area. All numbers are big-endian and unsigned.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import replace

from construct import Const, GreedyBytes, Int8ub, Int16ub, Int32ub, Struct

from ksds.errors import Damaged
from ksds.layout import index_record

INDEX_EDIT = Struct(
    "key_length" / Int8ub,
    "reserved" / Const(0, Int8ub),
    "slot" / Int16ub,
    "pointer" / Int32ub,
    "boundary" / GreedyBytes,
)

_FRONT = struct.Struct(">BxHI")


def part(key_length: int, slot: int, pointer: int, boundary: bytes) -> bytes:
    """The edit that parts entry `slot` at `boundary`, which is rear-compressed."""
    return _FRONT.pack(key_length, slot, pointer) + boundary


def apply(image: bytes, edits: Iterable[bytes]) -> bytes:
    """The index CI after `edits`, oldest first. Raises Damaged (12/12) if they cannot have been made to this image."""
    record: index_record.IndexRecord | None = None
    key_length = 0
    for edit in edits:
        if len(edit) < _FRONT.size:
            raise _contradiction()
        key_length, slot, pointer = _FRONT.unpack_from(edit)
        record = record or index_record.decode(image, key_length)
        if slot >= len(record.entries) or pointer not in record.free:
            raise _contradiction()
        above, old = record.entries[slot]
        record.entries[slot : slot + 1] = [(edit[_FRONT.size :], old), (above, pointer)]
        record.free.remove(pointer)
    if record is None:
        return image
    try:
        return index_record.encode_fitting(replace(record, sections=None), len(image), key_length)
    except ValueError:
        raise _contradiction() from None


def _contradiction() -> Damaged:
    what = "the journal's edits contradict the index record"
    return Damaged(what, feedback=Damaged.READ_SEQUENCE_SET, component="index")
