"""A record of an alternate index: one alternate key and where its base records are.

    0       1        2        4           5        5 + key length
    | flags | length | count  | key length | key   | pointer 1 | pointer 2 | ... in order of arrival

A pointer is the prime key of a record of a key-sequenced base, or the RBA (4 bytes, big-endian) of one of an
entry-sequenced base. An index of unique keys has one pointer a record. The record's own key is the alternate key: the
alternate index is a KSDS with KEYS(key length 5).

Source: z/OS DFSMS Using Data Sets, "Access to Records through Alternate Indexes" and "Alternate Index Maintenance". The
meaning of the flag byte is from recall (docs/FIDELITY.md).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from construct import Array, Bytes, Int8ub, Int16ub, Struct, this

from ksds.errors import Damaged

AIX_RECORD = Struct(
    "flags" / Int8ub,
    "pointer_length" / Int8ub,
    "count" / Int16ub,
    "key_length" / Int8ub,
    "key" / Bytes(this.key_length),
    "pointers" / Array(this.count, Bytes(this.pointer_length)),
)

HEADER_LENGTH = 5
"""Also the offset of the key: RKP of every alternate index."""

RBA_LENGTH = 4
MAXIMUM_POINTERS = 32767
PRIME_KEYS = 0x01
"""Flag: pointers are prime keys, not RBAs."""

_HEADER = struct.Struct(">BBHB")


@dataclass(frozen=True, slots=True)
class AixRecord:
    """`pointers` in order of arrival, all of one length; `prime_keys` tells them from RBAs."""

    key: bytes
    pointers: tuple[bytes, ...]
    prime_keys: bool


def record_length(key_length: int, pointer_length: int, pointers: int) -> int:
    """Bytes of a record with so many pointers."""
    return HEADER_LENGTH + key_length + pointers * pointer_length


def build(record: AixRecord) -> bytes:
    """The bytes of a record of at least one pointer."""
    flags = PRIME_KEYS if record.prime_keys else 0
    pointers = record.pointers
    front = _HEADER.pack(flags, len(pointers[0]), len(pointers), len(record.key))
    return b"".join((front, record.key, *pointers))


def check(data: bytes) -> None:
    """Raises Damaged (12/4) if lengths and count do not add up to these bytes."""
    if len(data) < HEADER_LENGTH:
        raise _damaged(f"{len(data)} bytes")
    flags, pointer_length, count, key_length = _HEADER.unpack_from(data)
    if not count or count > MAXIMUM_POINTERS or not key_length or not pointer_length or flags & ~PRIME_KEYS:
        raise _damaged(f"header X'{data[:HEADER_LENGTH].hex().upper()}'")
    if not flags and pointer_length != RBA_LENGTH:
        raise _damaged(f"RBAs of {pointer_length} bytes")
    if len(data) != record_length(key_length, pointer_length, count):
        raise _damaged(f"{count} pointers of {pointer_length} bytes do not end at {len(data)}")


def parse(data: bytes) -> AixRecord:
    """The record of its bytes. Raises Damaged as `check`."""
    check(data)
    flags, length, _, key_length = _HEADER.unpack_from(data)
    start = HEADER_LENGTH + key_length
    pointers = tuple(data[at : at + length] for at in range(start, len(data), length))
    return AixRecord(data[HEADER_LENGTH:start], pointers, bool(flags))


def find(data: bytes, pointer: bytes) -> int:
    """Where in the bytes of a sound record this pointer stands; -1 if it is not there."""
    _, length, _, key_length = _HEADER.unpack_from(data)
    start = HEADER_LENGTH + key_length
    at = data.find(pointer, start)
    while at >= 0 and (at - start) % length:
        at = data.find(pointer, at + 1)
    return at


def with_pointer(data: bytes, pointer: bytes) -> bytes:
    """A record's bytes with one more pointer, the last to arrive."""
    return _counted(data, +1) + pointer


def without_pointer(data: bytes, at: int) -> bytes:
    """A record's bytes without the pointer that `find` found; b"" if that was the only one."""
    _, length, count, _ = _HEADER.unpack_from(data)
    return _counted(data[:at] + data[at + length :], -1) if count > 1 else b""


def pointer_count(data: bytes) -> int:
    """Pointers in a record's bytes."""
    count: int = _HEADER.unpack_from(data)[2]
    return count


def _counted(data: bytes, change: int) -> bytes:
    flags, length, count, key_length = _HEADER.unpack_from(data)
    return _HEADER.pack(flags, length, count + change, key_length) + data[HEADER_LENGTH:]


def _damaged(what: str) -> Damaged:
    return Damaged(f"alternate index record is malformed: {what}", feedback=Damaged.READ_DATA, component="data")
