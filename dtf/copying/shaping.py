"""What the two sides of a copy decide from their attributes: the target's shape, block or record mode, the interval.

Both nodes run these rules on the same inputs, so they need no further talk (connect-direct.md 3.1, 3.5). Records
travel in the TARGET's form: fixed records back to back and padded, variable and VSAM records each behind an RDW.
The sender shapes them, so what was delivered can be read again from the target and compared.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator

from dtf.copying.checkpoint import Shape
from dtf.errors import StepError
from ksds.datasets.attributes import DataSetAttributes
from ksds.errors import DataSetError

BLOCK, RECORD = "B", "R"
FILE, FILES, TENSORS = HOST = ("HF", "HS", "TS")
VSAM = ("VS", "RR", "LD")
NUMBER = 4  # bytes of a relative record number in front of a record that goes from one numbered cluster to another
PAD = b"\x40"
_RDW = struct.Struct(">HH")


class ShapeError(StepError):
    """The attributes of source and target do not go together, or a record does not fit."""

    default_id = "DTX203E"


def described(shape: Shape) -> bool:
    """Whether records for such a target travel behind RDWs: all but those of files of the host, and fixed records of
    a sequential data set."""
    return shape.organization in ("VS", "RR", "PO") or (shape.organization in ("PS", "") and shape.recfm[:1] != "F")


def target_shape(source: Shape, asked: Shape) -> Shape:
    """The shape of a target: what is asked for or already there, the rest as the source has it.

    A KSDS copied to a new sequential data set becomes FB if its records have one length, else VB.
    """
    if source.organization == TENSORS:
        return _set_shape(source, asked)
    if asked.organization == FILES or source.organization == FILES:
        return _files_shape(source, asked)
    if asked.organization in (*VSAM, FILE):
        if source.organization == "PO":
            raise ShapeError("a library is copied to a library, or member by member")
        if asked.organization == "LD" and source.organization not in ("LD", FILE) and source.recfm[:1] != "F":
            raise ShapeError("a linear data set takes records of one length only")
        return asked
    if "PO" in (source.organization, asked.organization):
        return _library_shape(source, asked)
    recfm, lrecl = source.recfm, source.lrecl
    if source.organization in VSAM:
        recfm, lrecl = recfm + "B", lrecl + (4 if recfm == "V" else 0)
    if asked.recfm and asked.recfm[0] != recfm[:1]:
        lrecl += {"FV": 4, "VF": -4}.get(recfm[:1] + asked.recfm[0], 0)
    recfm, lrecl = asked.recfm or recfm, asked.lrecl or lrecl
    same = source.organization in ("PS", FILE) and (recfm, lrecl) == (source.recfm, source.lrecl)
    blksize = asked.blksize or (source.blksize if same else 0)
    return _made(asked, recfm, lrecl, blksize)


def _made(asked: Shape, recfm: str, lrecl: int, blksize: int) -> Shape:
    """The shape with everything filled in. Raises ShapeError for what cannot be."""
    try:
        made = DataSetAttributes(recfm=recfm, lrecl=lrecl, blksize=blksize, dsorg=asked.organization or "PS")
    except DataSetError as error:
        raise ShapeError(f"target attributes: {error.what}") from None
    return Shape(made.dsorg, made.recfm, made.lrecl, made.blksize)


def _files_shape(source: Shape, asked: Shape) -> Shape:
    """Files of the host go to a folder under their own names, or into a library; a library into a folder."""
    if asked.organization == "PO" and asked.recfm:
        return _made(asked, asked.recfm, asked.lrecl, asked.blksize)
    if asked.organization != FILES:
        raise ShapeError("several files are copied to a library or to a folder: end its path with a slash")
    if source.organization not in (*HOST, "PO"):
        raise ShapeError("the target is a folder: name a file in it")
    return asked


def _set_shape(source: Shape, asked: Shape) -> Shape:
    """A checkpoint set goes to the host, under the prefix that TO names or its own."""
    if asked.organization not in HOST:
        raise ShapeError("a TensorFlow checkpoint set is copied to a set: name its prefix, or a folder, with FILE=")
    return source


def _library_shape(source: Shape, asked: Shape) -> Shape:
    """A whole library goes to a library of the same records, blocked anew if it is there."""
    if source.organization != "PO":
        raise ShapeError("the target is a library: name a member of it")
    if asked.organization not in ("", "PO"):
        raise ShapeError("a library is copied to a library, or member by member")
    if (asked.recfm and asked.recfm[0] != source.recfm[:1]) or (asked.lrecl and asked.lrecl != source.lrecl):
        raise ShapeError(f"libraries of other records: {source} and {asked}")
    blksize = asked.blksize or source.blksize
    return Shape("PO", asked.recfm or source.recfm, source.lrecl, blksize)


def mode_of(source: Shape, target: Shape) -> str:
    """Block mode needs DSORG=PS on both sides, the same RECFM and BLKSIZE and, if blocked, the same LRECL."""
    same = (source.organization, source.recfm, source.blksize) == ("PS", target.recfm, target.blksize)
    if target.organization == "PS" and same and (source.lrecl == target.lrecl or "B" not in source.recfm):
        return BLOCK
    return RECORD


def effective_interval(asked: int, block: int) -> int:
    """The checkpoint interval rounded to the nearest block boundary, at least one block; 0 stays 0."""
    if asked <= 0:
        return 0
    return max(1, (asked + block // 2) // block) * block


def record_shaper(target: Shape) -> Callable[[bytes], bytes]:
    """The function that gives a record the target's form. It raises ShapeError for a record that does not fit."""
    if not described(target):
        return lambda record: _fixed(record, target.lrecl)
    kind = target.organization if target.organization != "PS" else target.recfm[:1]
    longest = {"V": target.lrecl - 4, "U": target.blksize, "PO": 32752}.get(kind, target.lrecl)

    def with_rdw(record: bytes) -> bytes:
        if len(record) > longest:
            raise ShapeError(f"record of {len(record)} bytes, the target takes {longest}")
        return _RDW.pack(len(record) + 4, 0) + record

    return with_rdw


def numbered(records: Iterator[tuple[int, bytes]]) -> Iterator[bytes]:
    """Each record of an RRDS or VRRDS behind its number."""
    return (number.to_bytes(NUMBER, "big") + record for number, record in records)


def split_described(payload: bytes) -> list[bytes]:
    """The records of a payload in which each stands behind an RDW. Raises ShapeError where the lengths go wrong."""
    records: list[bytes] = []
    at, end = 0, len(payload)
    while at < end:
        length, zero = _RDW.unpack_from(payload, at) if end - at >= 4 else (0, 0)
        if zero or not 4 <= length <= end - at:
            raise ShapeError(f"record descriptor X'{payload[at : at + 4].hex().upper()}' at {at} of a buffer is wrong")
        records.append(payload[at + 4 : at + length])
        at += length
    return records


def block_fills(blocks: Iterable[bytes], target: Shape) -> Iterator[tuple[bytes, int]]:
    """The records of V blocks, each behind its RDW, gathered into all that goes into one block of a V target: bytes and
    number of records. Nothing is taken apart that can stay together. Raises ShapeError."""
    room, longest = target.blksize - 4 if "B" in target.recfm else 0, target.lrecl
    unpack = _RDW.unpack_from
    held: list[bytes] = []
    size = count = 0
    for block in blocks:
        start = at = 4
        end = len(block)
        while at < end:
            length, zero = unpack(block, at) if end - at >= 4 else (0, 0)
            if zero or not 4 <= length <= longest or length > end - at:
                raise _wrong_record(block, at, longest)
            if count and size + length > room:
                held.append(block[start:at])
                yield b"".join(held), count
                held, start, size, count = [], at, 0, 0
            size += length
            count += 1
            at += length
        held.append(block[start:])
    if count:
        yield b"".join(held), count


def in_blocks(payload: bytes, target: Shape) -> bytes:
    """Records behind RDWs as blocks of a V data set, each as full as it can be; the last ends with the payload. Raises
    ShapeError."""
    room, longest = target.blksize - 4 if "B" in target.recfm else 0, target.lrecl
    unpack, pack = _RDW.unpack_from, _RDW.pack
    parts: list[bytes] = []
    start = at = 0
    end = len(payload)
    while at < end:
        length, zero = unpack(payload, at) if end - at >= 4 else (0, 0)
        if zero or not 4 <= length <= longest or length > end - at:
            raise _wrong_record(payload, at, longest)
        if at + length - start > room and at > start:
            parts += (pack(at - start + 4, 0), payload[start:at])
            start = at
        at += length
    if end > start:
        parts += (pack(end - start + 4, 0), payload[start:])
    return b"".join(parts)


def _wrong_record(data: bytes, at: int, longest: int) -> ShapeError:
    length, zero = _RDW.unpack_from(data, at) if len(data) - at >= 4 else (0, 1)
    if not zero and longest < length <= len(data) - at:
        return ShapeError(f"record of {length - 4} bytes, the target takes {longest - 4}")
    return ShapeError(f"record descriptor X'{data[at : at + 4].hex().upper()}' at {at} of a buffer is wrong")


def _fixed(record: bytes, lrecl: int) -> bytes:
    if len(record) > lrecl:
        raise ShapeError(f"record of {len(record)} bytes, the target takes {lrecl}")
    return record.ljust(lrecl, PAD)
