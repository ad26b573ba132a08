"""Bytes read again from the beginning of a file: what a position set says of a prefix is held against them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from google_crc32c import extend as crc_extend

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


def prefix_crcs(file: Readable, start: int, ends: Iterable[int]) -> dict[int, int]:
    """The CRC-32C of the bytes from `start` to below each of `ends`; each byte is read once."""
    crc, at, found = 0, start, dict[int, int]()
    for end in sorted(set(ends)):
        crc, at = crc_of(file, at, end, crc), end
        found[end] = crc
    return found
