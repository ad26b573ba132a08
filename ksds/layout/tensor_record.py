"""A record of a cluster that keeps the index of a TensorFlow checkpoint: one row of the index, as it is.

The key field is as long as the cluster's KEYS say. A row's own key is `length` bytes of it, the rest is X'00': the
cluster's order is then that of the index. The header of the index is the record whose key has no bytes; it alone
names the `origin`, the prefix (a path of the host, in UTF-8) of the files that hold the data.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from construct import Bytes, GreedyBytes, Int8ub, Int32ub, Struct, this

from ksds.errors import BundleError

TENSOR_RECORD = Struct(
    "key" / Bytes(this._params.key_width),
    "length" / Int8ub,  # bytes of the key that count
    "value_length" / Int32ub,
    "value" / Bytes(this.value_length),
    "origin" / GreedyBytes,
)

_LENGTHS = struct.Struct(">BI")


@dataclass(frozen=True, slots=True)
class TensorRecord:
    """A row: `key` without its padding, `value` as in the index, `origin` b"" but in the header."""

    key: bytes
    value: bytes
    origin: bytes = b""


def build(record: TensorRecord, key_width: int) -> bytes:
    """The bytes of a record in a cluster of KEYS(key_width 0). The key must not be longer."""
    front = record.key.ljust(key_width, b"\0") + _LENGTHS.pack(len(record.key), len(record.value))
    return front + record.value + record.origin


def parse(data: bytes, key_width: int) -> TensorRecord:
    """The record of its bytes. Raises BundleError if they are none."""
    start = key_width + _LENGTHS.size
    if len(data) >= start:
        length, value_length = _LENGTHS.unpack_from(data, key_width)
        end = start + value_length
        if length <= key_width and end <= len(data) and not any(data[length:key_width]):
            return TensorRecord(data[:length], data[start:end], data[end:])
    raise BundleError(f"RECORD X'{data[:16].hex().upper()}' OF {len(data)} BYTES IS NO ROW OF A TENSOR INDEX")
