"""A library as a stream of bytes: what IEBCOPY writes into a sequential data set to unload, and reads to load.

    stream := header { member { record } | alias } end          each part: kind, length, data

The stream is cut into records of whatever length the data set has; zeros behind the end are filling. The layout is
ours. The end counts the records and carries a checksum, so that half a stream loads nothing.
Source of the idea: z/OS DFSMSdfp Utilities, IEBCOPY, "Unloading (backing up) data sets".
"""

from __future__ import annotations

import struct
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

import construct as cs
import google_crc32c

from ksds.datasets import DataSetAttributes, PartitionedDataSet
from ksds.datasets.partitioned import MemberWriter
from ksds.errors import DataSetError

HEADER, MEMBER, RECORD, ALIAS, END = range(1, 6)
MAGIC = "KSDSUNL1".encode("cp037")
MAXIMUM_PART = 1 << 20
_BLANK = b"\x40"
_BEGINNING = bytes([HEADER])

UNLOAD_PART = cs.Struct("kind" / cs.Int8ub, "length" / cs.Int32ub, "data" / cs.Bytes(cs.this.length))
PART_CODEC = struct.Struct(">BI")
UNLOAD_HEADER = cs.Struct(
    "magic" / cs.Const(MAGIC),
    "recfm" / cs.Bytes(4),
    "lrecl" / cs.Int32ub,
    "blksize" / cs.Int32ub,
    "pdse" / cs.Int8ub,
)
HEADER_CODEC = struct.Struct(">8s4sIIB")
UNLOAD_MEMBER = cs.Struct("name" / cs.Bytes(8), "user_data" / cs.GreedyBytes)
UNLOAD_ALIAS = cs.Struct("name" / cs.Bytes(8), "member" / cs.Bytes(8))
UNLOAD_END = cs.Struct("records" / cs.Int64ub, "checksum" / cs.Int32ub)
END_CODEC = struct.Struct(">QI")


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a stream."""

    kind: int
    data: bytes


def unload(library: PartitionedDataSet, names: Collection[str]) -> Iterator[bytes]:
    """The stream of these members and of their aliases, part by part."""
    checksum, records = 0, 0
    for part in _parts(library, names):
        records += part.kind == RECORD
        written = PART_CODEC.pack(part.kind, len(part.data)) + part.data
        checksum = google_crc32c.extend(checksum, written)
        yield written
    yield PART_CODEC.pack(END, END_CODEC.size) + END_CODEC.pack(records, checksum)


def _parts(library: PartitionedDataSet, names: Collection[str]) -> Iterator[Part]:
    shape = library.attributes
    recfm = shape.recfm.encode("cp037").ljust(4, _BLANK)
    yield Part(HEADER, HEADER_CODEC.pack(MAGIC, recfm, shape.lrecl, shape.blksize, shape.pdse))
    for member in library.members():
        if member.name in names:
            yield Part(MEMBER, _name(member.name) + member.user_data)
            yield from (Part(RECORD, record) for record in library.records(member.name))
    for member in library.members():
        if member.is_alias and member.alias_of in names:
            yield Part(ALIAS, _name(member.name) + _name(member.alias_of))


def cut(stream: Iterable[bytes], length: int, *, fixed: bool) -> Iterator[bytes]:
    """The stream in records of `length` bytes; the last is filled with zeros if they are `fixed`."""
    pending = bytearray()
    for piece in stream:
        pending += piece
        while len(pending) >= length:
            yield bytes(pending[:length])
            del pending[:length]
    if pending:
        yield bytes(pending).ljust(length if fixed else 0, b"\0")


def read(records: Iterable[bytes]) -> Iterator[Part]:
    """The parts of a stream, without its end. Raises DataSetError, at the end at the latest, if it is not whole."""
    pending, checksum, count = bytearray(), 0, 0
    ended = started = False
    for record in records:
        if ended:
            break
        pending += record
        if not started and not _BEGINNING.startswith(pending[:1]):
            raise DataSetError("THE DATA SET HOLDS NO UNLOADED LIBRARY")
        while not ended and (part := _first(pending)) is not None:
            if not started and (part.kind != HEADER or part.data[: len(MAGIC)] != MAGIC):
                raise DataSetError("THE DATA SET HOLDS NO UNLOADED LIBRARY")
            written = bytes(pending[: PART_CODEC.size + len(part.data)])
            del pending[: len(written)]
            started = True
            if part.kind == END:
                if part.data != END_CODEC.pack(count, checksum):
                    raise DataSetError("THE UNLOADED LIBRARY IS DAMAGED: ITS CHECKSUM IS WRONG")
                ended = True
                continue
            count += part.kind == RECORD
            checksum = google_crc32c.extend(checksum, written)
            yield part
    if not ended:
        raise DataSetError("THE UNLOADED LIBRARY HAS NO END" if started else "THE DATA SET HOLDS NO UNLOADED LIBRARY")


def _first(pending: bytearray) -> Part | None:
    """The part that `pending` begins with, or None as long as it is not whole."""
    if len(pending) < PART_CODEC.size:
        return None
    kind, length = PART_CODEC.unpack_from(pending)
    if not HEADER <= kind <= END or length > MAXIMUM_PART:
        raise DataSetError("THE UNLOADED LIBRARY IS DAMAGED: NO SUCH PART")
    end = PART_CODEC.size + length
    return Part(kind, bytes(pending[PART_CODEC.size : end])) if len(pending) >= end else None


def attributes_of(header: Part) -> DataSetAttributes:
    """The attributes of the library that was unloaded. Raises DataSetError."""
    if header.kind != HEADER or len(header.data) != HEADER_CODEC.size:
        raise DataSetError("THE UNLOADED LIBRARY IS DAMAGED: NO HEADER")
    _, recfm, lrecl, blksize, pdse = HEADER_CODEC.unpack(header.data)
    return DataSetAttributes(recfm.decode("cp037").rstrip(), lrecl, blksize, "PO", pdse=bool(pdse))


def load(parts: Iterable[Part], library: PartitionedDataSet) -> None:
    """Put the members and aliases of a stream into a library. Raises DataSetError."""
    writer: MemberWriter | None = None
    for part in parts:
        if part.kind == RECORD and writer is not None:
            writer.append([part.data])
            continue
        if writer is not None:
            writer.close()
            writer = None
        if part.kind == MEMBER:
            writer = library.create(_text(part.data[:8]), part.data[8:])
        elif part.kind == ALIAS:
            library.add_alias(_text(part.data[:8]), _text(part.data[8:16]))
        elif part.kind != HEADER:
            raise DataSetError("THE UNLOADED LIBRARY IS DAMAGED: A RECORD OF NO MEMBER")
    if writer is not None:
        writer.close()


def _name(text: str) -> bytes:
    return text.encode("cp037").ljust(8, _BLANK)


def _text(name: bytes) -> str:
    return name.decode("cp037").rstrip()
