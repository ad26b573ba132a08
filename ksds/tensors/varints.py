"""Base-128 numbers, low group first, as protobuf and the table write them."""

from __future__ import annotations

from ksds.errors import BundleError

SIGNED_64 = 1 << 63
_LIMIT = 1 << 64


def read_varint(data: bytes, at: int, end: int) -> tuple[int, int]:
    """The unsigned number at `at`, below 2**64, and where it ends. Raises BundleError if that is not before `end`, or
    if it could be shorter: then a flipped bit could go unnoticed."""
    value = shift = 0
    for place in range(at, min(end, at + 10)):
        byte = data[place]
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            if value >= _LIMIT or (not byte and shift):
                break
            return value, place + 1
        shift += 7
    raise BundleError("A NUMBER RUNS PAST ITS END OR 64 BITS, OR IS LONGER THAN IT NEED BE", offset=at)


def varint(value: int) -> bytes:
    """The bytes of an integer; a negative one in two's complement of 64 bits."""
    value %= _LIMIT
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def signed(value: int) -> int:
    """A number of 64 bits as int64."""
    return value - _LIMIT if value >= SIGNED_64 else value
