"""The key under which the index keeps a slice of a partitioned tensor: its name and extents, in a code whose bytes sort
as the values do. Source: tensorflow core/lib/strings/ordered_code.cc, core/util/saved_tensor_slice_util.cc.

    00 | name, 00 as 00 FF and FF as FF 00 | 00 01 | rank: length, bytes | for each dimension: start, length, -1 = all
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Extent:
    """Rows `start` and on of one dimension, `length` of them; None for the whole dimension."""

    start: int = 0
    length: int | None = None

    def within(self, size: int) -> tuple[int, int]:
        """(first, behind last) in a dimension of `size`."""
        return self.start, size if self.length is None else self.start + self.length


Slice = tuple[Extent, ...]

_QUOTED = {0x00: b"\x00\xff", 0xFF: b"\xff\x00"}


def slice_key(name: bytes, extents: Sequence[Extent]) -> bytes:
    """The key of a slice of tensor `name`."""
    quoted = b"".join(_QUOTED.get(byte, bytes([byte])) for byte in name)
    parts = [b"\0", quoted, b"\0\1", _unsigned(len(extents))]
    for extent in extents:
        parts += [ordered(extent.start), ordered(-1 if extent.length is None else extent.length)]
    return b"".join(parts)


def _unsigned(value: int) -> bytes:
    raw = value.to_bytes((value.bit_length() + 7) // 8)
    return bytes([len(raw)]) + raw


def ordered(value: int) -> bytes:
    """An int64 in 1 to 10 bytes: two's complement of 7 bits a byte, the top bits flipped, one for each byte."""
    length = 1
    while not -(1 << 7 * length - 1) <= value < 1 << 7 * length - 1:
        length += 1
    bits = 8 * length
    flipped = value % (1 << bits) ^ ((1 << length) - 1) << bits - length
    return flipped.to_bytes(length)
