"""Protobuf messages, taken apart.

A message is a row of fields: a tag (number << 3 | type), then a varint (type 0), 8 bytes (1), a varint length and so
many bytes (2), or 4 bytes (5), fixed ones little-endian. Fields that a reader does not know are passed over. A field
that may be there once and is there twice is refused, although protobuf takes the last: no writer makes it.
"""

from __future__ import annotations

from ksds.errors import BundleError
from ksds.tensors.varints import read_varint, signed

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
_WIDTHS = {FIXED64: 8, FIXED32: 4}

Value = int | bytes


class Message:
    """The fields of one message, by number, in their order. Raises BundleError if the bytes are not a message."""

    __slots__ = ("_fields", "_what")

    def __init__(self, data: bytes, what: str) -> None:
        self._what = what
        self._fields: dict[int, list[tuple[int, Value]]] = {}
        at, end = 0, len(data)
        while at < end:
            tag, at = read_varint(data, at, end)
            number, kind = tag >> 3, tag & 7
            if kind == VARINT:
                value: Value
                value, at = read_varint(data, at, end)
            else:
                start, at = self._extent(data, at, kind)
                value = data[start:at] if kind == BYTES else int.from_bytes(data[start:at], "little")
            if not 0 < number < 1 << 29:
                raise BundleError(f"FIELD NUMBER {number} IN {what}")
            self._fields.setdefault(number, []).append((kind, value))

    def _extent(self, data: bytes, at: int, kind: int) -> tuple[int, int]:
        """Where the bytes of a field of this type begin and end."""
        if kind == BYTES:
            length, at = read_varint(data, at, len(data))
        elif kind in _WIDTHS:
            length = _WIDTHS[kind]
        else:
            raise BundleError(f"WIRE TYPE {kind} IN {self._what}")
        if length > len(data) - at:
            raise BundleError(f"A FIELD OF {length} BYTES RUNS PAST THE END OF {self._what}")
        return at, at + length

    def _values(self, number: int, kind: int) -> list[Value]:
        found = self._fields.get(number, ())
        if any(other != kind for other, _ in found):
            raise BundleError(f"FIELD {number} OF {self._what} HAS ANOTHER TYPE")
        return [value for _, value in found]

    def _one(self, number: int, kind: int) -> Value | None:
        found = self._values(number, kind)
        if len(found) > 1:
            raise BundleError(f"FIELD {number} OF {self._what} IS THERE {len(found)} TIMES")
        return found[0] if found else None

    def integer(self, number: int) -> int:
        """The int64 in a field; 0 if it is not there."""
        value = self._one(number, VARINT)
        return signed(value) if isinstance(value, int) else 0

    def has(self, number: int) -> bool:
        return number in self._fields

    def fixed32(self, number: int) -> int:
        """The unsigned 4-byte number in a field; 0 if it is not there."""
        value = self._one(number, FIXED32)
        return value if isinstance(value, int) else 0

    def part(self, number: int) -> bytes | None:
        """The message in a field."""
        value = self._one(number, BYTES)
        return value if isinstance(value, bytes) else None

    def parts(self, number: int) -> list[bytes]:
        """The messages in a repeated field."""
        return [value for value in self._values(number, BYTES) if isinstance(value, bytes)]

    def integers(self, number: int) -> list[int]:
        """The int64s of a repeated field, packed or not."""
        found: list[int] = []
        for kind, value in self._fields.get(number, ()):
            if isinstance(value, int) and kind == VARINT:
                found.append(signed(value))
            elif isinstance(value, bytes):
                found += _unpacked(value)
            else:
                raise BundleError(f"FIELD {number} OF {self._what} HAS ANOTHER TYPE")
        return found


def _unpacked(data: bytes) -> list[int]:
    found = []
    at = 0
    while at < len(data):
        value, at = read_varint(data, at, len(data))
        found.append(signed(value))
    return found
