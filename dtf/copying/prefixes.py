"""Bytes read again from the beginning of a file: what a position set says of a prefix is held against them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Protocol

from google_crc32c import extend as crc_extend

from dtf.copying.checkpoint import PositionSet

READ_BYTES = 256 * 1024


class Readable(Protocol):
    """A file that can be read at any place."""

    def read(self, offset: int, length: int) -> bytes: ...


def pieces(file: Readable, start: int, end: int) -> Iterator[bytes]:
    """The bytes from `start` to below `end`, READ_BYTES at a time."""
    for offset in range(start, end, READ_BYTES):
        yield file.read(offset, min(READ_BYTES, end - offset))


def crc_of(file: Readable, start: int, end: int, crc: int = 0) -> int:
    """The CRC-32C of what `crc` is that of, and the bytes from `start` to below `end` behind it."""
    for piece in pieces(file, start, end):
        crc = crc_extend(crc, piece)
    return crc


def true_of_bytes(file: Readable, start: int, size: int, sets: Sequence[PositionSet]) -> list[bool]:
    """Which of the sets are true of a file of `size` bytes to which the copy was written from `start` on."""
    crc, at, found = 0, start, dict[int, int]()
    for end in sorted({s.target for s in sets if start <= s.target <= size}):
        crc, at = crc_of(file, at, end, crc), end
        found[end] = crc
    return [found.get(s.target) == s.crc for s in sets]


def true_of_units(units: Iterable[bytes], sets: Sequence[PositionSet]) -> list[bool]:
    """Which of the sets are true of a target that gives back the records or units that were delivered to it."""
    wanted = {s.records for s in sets}
    crc, found = 0, dict[int, int]()
    for count, unit in enumerate(islice(units, max(wanted, default=0)), 1):
        crc = crc_extend(crc, unit)
        if count in wanted:
            found[count] = crc
    return [found.get(s.records) == s.crc for s in sets]
