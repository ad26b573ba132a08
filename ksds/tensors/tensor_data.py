"""The bytes of a tensor, held against the checksum that the index has of them.

Numbers: the CRC-32C of the bytes as they lie in the data file. Strings lie there as N varint lengths, the masked
CRC-32C of the lengths, the N strings; their checksum runs over each length as 4 bytes (8 if it needs more), the stored
checksum, the strings. Variants have a checksum for each element in between and are not checked (docs/FIDELITY.md).
Source: tensorflow core/util/tensor_bundle.cc, WriteStringTensor and ReadStringTensor.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import prod
from typing import Literal, Protocol

from google_crc32c import extend as crc_extend

from ksds.errors import BundleError, TensorDamaged
from ksds.tensors.checksums import masked
from ksds.tensors.dtypes import STRING, VARIANT
from ksds.tensors.entries import Entry
from ksds.tensors.varints import read_varint

CHUNK = 1 << 20
_LONGEST_VARINT = 10

Advance = Callable[[int], object]
"""Told how many bytes went by."""


class DataFile(Protocol):
    """A file of tensor bytes; a `ksds.storage.device.Device` is one."""

    def size(self) -> int: ...

    def read(self, offset: int, length: int) -> bytes: ...


def is_checked(entry: Entry) -> bool:
    """False where the checksum cannot be held against the data."""
    return entry.dtype != VARIANT


def check_data(file: DataFile, entry: Entry, *, big_endian: bool, advance: Advance) -> None:
    """Read the bytes of a row. Raises TensorDamaged if they are not all there or not those of its checksum."""
    there = file.size()
    if entry.offset > there - entry.size:
        raise TensorDamaged(f"{entry.size} BYTES ARE NOT IN A FILE OF {there}", offset=entry.offset)
    if entry.dtype == STRING:
        crc = _string_crc(file, entry, "big" if big_endian else "little", advance)
    else:
        crc = _crc(file, entry.offset, entry.offset + entry.size, 0, advance)
    if is_checked(entry) and masked(crc) != entry.crc:
        what = f"{entry.size} BYTES HAVE THE CHECKSUM {masked(crc):08X}, NOT {entry.crc:08X}"
        raise TensorDamaged(what, offset=entry.offset)


def _crc(file: DataFile, at: int, end: int, crc: int, advance: Advance) -> int:
    while at < end:
        data = file.read(at, min(CHUNK, end - at))
        if not data:
            raise TensorDamaged("THE FILE IS BEING CUT", offset=at)
        crc = crc_extend(crc, data)
        at += len(data)
        advance(len(data))
    return crc


def _string_crc(file: DataFile, entry: Entry, order: Literal["big", "little"], advance: Advance) -> int:
    at, end = entry.offset, entry.offset + entry.size
    crc = total = 0
    for length, following in _lengths(file, entry):
        at = following
        crc = crc_extend(crc, length.to_bytes(4 if length < 1 << 32 else 8, order))
        total += length
    stored = file.read(at, 4)
    if at + 4 + total != end:
        raise TensorDamaged(f"ITS STRINGS ARE {total} BYTES, ROOM IS FOR {end - at - 4}", offset=entry.offset)
    if int.from_bytes(stored, order) != masked(crc):
        raise TensorDamaged("THE LENGTHS OF ITS STRINGS FAIL THEIR CHECKSUM", offset=entry.offset)
    advance(at + 4 - entry.offset)
    return _crc(file, at + 4, end, crc_extend(crc, stored), advance)


def _lengths(file: DataFile, entry: Entry) -> Iterator[tuple[int, int]]:
    """Each string's length, and where the next one stands."""
    at, end = entry.offset, entry.offset + entry.size
    data, start = b"", at
    for _ in range(prod(entry.shape)):
        if start + len(data) - at < _LONGEST_VARINT and start + len(data) < end:
            data, start = file.read(at, min(CHUNK, end - at)), at
        try:
            length, used = read_varint(data, at - start, len(data))
        except BundleError as error:
            raise TensorDamaged(f"A STRING'S LENGTH: {error.what}", offset=at) from None
        at = start + used
        yield length, at
