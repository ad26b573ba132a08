"""One change of one record in a keyed control interval, as the journal carries it instead of the whole image.

    | operation 1 | key_length 1 | key_offset 2 | data |

PUT: `data` is the record; it takes the place of the one with its key, or goes in between. ERASE: `data` is the key; the
record may have come and gone between two commits.
All numbers are big-endian and unsigned.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable

from construct import GreedyBytes, Int8ub, Int16ub, Struct

from ksds.errors import Damaged
from ksds.layout.control_interval import build, parse_keyed

PUT, ERASE = 1, 2

RECORD_EDIT = Struct(
    "operation" / Int8ub,
    "key_length" / Int8ub,
    "key_offset" / Int16ub,
    "data" / GreedyBytes,
)

_FRONT = struct.Struct(">BBH")


def put(key_offset: int, key_length: int) -> bytes:
    """What stands before a record in the edit that adds it, or replaces the one with its key."""
    return _FRONT.pack(PUT, key_length, key_offset)


def erase(key_offset: int, key_length: int) -> bytes:
    """What stands before a key in the edit that removes its record."""
    return _FRONT.pack(ERASE, key_length, key_offset)


def apply(image: bytes, edits: Iterable[bytes]) -> bytes:
    """The control interval after `edits`, oldest first; all of them name the same key field.

    Raises Damaged (12/4) if they cannot have been made to this image.
    """
    records: dict[bytes, bytes] | None = None
    for edit in edits:
        if len(edit) < _FRONT.size:
            raise _contradiction()
        operation, length, offset = _FRONT.unpack_from(edit)
        data = edit[_FRONT.size :]
        if records is None:
            records = parse_keyed(image, offset, offset + length)
        if operation == PUT and len(data) >= offset + length:
            records[data[offset : offset + length]] = data
        elif operation == ERASE and len(data) == length:
            records.pop(data, None)
        else:
            raise _contradiction()
    if records is None:
        return image
    try:
        return build([records[key] for key in sorted(records)], len(image))
    except ValueError:
        raise _contradiction() from None


def _contradiction() -> Damaged:
    return Damaged("the journal's edits contradict the control interval", feedback=Damaged.READ_DATA, component="data")
