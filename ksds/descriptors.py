"""Descriptor words of host files: what stands before a record (RDW) or a block of records (BDW) and tells its length.

    form            bytes of a record ABC     length field
    ibm             00 07 00 00 C1 C2 C3      big-endian, counts its own 4 bytes
    ibm, 0          00 03 00 00 C1 C2 C3      big-endian, counts the data only
    cobrix          00 00 03 00 C1 C2 C3      little-endian in the second half, counts the data only
    cobrix, -4      00 00 07 00 C1 C2 C3      the same, counts its own 4 bytes

`adjustment` is what has to be added to the length field to get bytes of data; the number behind the form in the table.
Little-endian lengths are read in either half, as the Spark data source Cobrix does since 2021; its own writer uses the
first, its earlier releases read the second only, which is the one written here.

Lengths are checked against what remains and what a record may hold before they are believed; an error names the offset.
Sources: z/OS DFSMS Using Data Sets, "Record Descriptor Word", "Block Descriptor Word"; Cobrix README and issue 430.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from ksds.errors import DataSetError

LENGTH = 4
"""Bytes of a descriptor word."""
MOST = {"big": 32760, "little": 65535}
"""Highest length field by byte order: an RDW or BDW of z/OS ends at 32,760, two bytes at 65,535."""
BLOCK = 27998
"""Bytes of a block that `framed` fills, its BDW included, unless one record needs more: half a track of a 3390."""


class Order(StrEnum):
    """The byte order of lengths."""

    IBM = "ibm"
    COBRIX = "cobrix"


@dataclass(frozen=True, slots=True)
class Descriptor:
    """One kind of descriptor word."""

    order: Order
    adjustment: int

    @classmethod
    def usual(cls, order: Order, adjustment: int | None = None) -> Descriptor:
        """Of z/OS, whose lengths count themselves, or of Cobrix without options, whose lengths do not."""
        return cls(order, {Order.IBM: -LENGTH, Order.COBRIX: 0}[order] if adjustment is None else adjustment)

    def word(self, length: int) -> bytes | None:
        """The descriptor of `length` bytes of data; None if there can be none. One of zeros would say nothing."""
        field = length - self.adjustment
        if self.order is Order.IBM:
            return field.to_bytes(2, "big") + b"\0\0" if 0 < field <= MOST["big"] else None
        return b"\0\0" + field.to_bytes(2, "little") if 0 < field <= MOST["little"] else None

    def length(self, word: bytes) -> int:
        """Bytes of data that follow this descriptor; -1 if it is none."""
        first, second = word[:2], word[2:]
        if self.order is Order.IBM:
            field, other = int.from_bytes(first, "big"), second
        elif any(first):
            field, other = int.from_bytes(first, "little"), second
        else:
            field, other = int.from_bytes(second, "little"), first
        return field + self.adjustment if field and not any(other) else -1


@dataclass(frozen=True, slots=True)
class Framing:
    """How records lie in a host file: each behind an RDW, and with `block` in blocks behind a BDW each."""

    record: Descriptor
    block: Descriptor | None = None

    def __str__(self) -> str:
        """The options of the command line that say so."""
        words = [f"--rdw {self.record.order}"]
        if self.record != Descriptor.usual(self.record.order):
            words.append(f"--rdw-adjustment {self.record.adjustment}")
        if self.block:
            words.append(f"--bdw {self.block.order}")
        return " ".join(words)


def framed(records: Iterable[bytes], framing: Framing) -> Iterator[bytes]:
    """The pieces of a host file. Raises DataSetError for a record that a descriptor cannot describe."""
    block: list[bytes] = []
    size = 0
    for number, record in enumerate(records, 1):
        word = framing.record.word(len(record))
        if word is None:
            raise DataSetError(f"RECORD {number} OF {len(record)} BYTES CANNOT STAND BEHIND A DESCRIPTOR ({framing})")
        if framing.block is None:
            yield word
            yield record
            continue
        if block and LENGTH + size + LENGTH + len(record) > BLOCK:
            yield from _block(block, size, framing.block)
            block, size = [], 0
        block += (word, record)
        size += LENGTH + len(record)
    if block and framing.block:
        yield from _block(block, size, framing.block)


def _block(block: list[bytes], size: int, descriptor: Descriptor) -> Iterator[bytes]:
    word = descriptor.word(size)
    if word is None:
        raise DataSetError(f"A RECORD OF {size - LENGTH} BYTES DOES NOT FIT A BLOCK")
    yield word
    yield from block


def unframed(chunks: Iterable[bytes], framing: Framing, lowest: int, highest: int) -> Iterator[bytes]:
    """The records of a host file that comes in `chunks`. DataSetError names the offset of what is wrong: a word that is
    no descriptor, a record of less than `lowest` or more than `highest` bytes, data that end inside a record or block.
    """
    if framing.block is None:
        yield from _records(_Pieces(chunks, framing.record, 0, highest), lowest, highest)
        return
    for at, block in _Pieces(chunks, framing.block, 0, MOST["little"]):
        if len(block) < LENGTH:
            raise DataSetError("A BLOCK WITHOUT A RECORD", offset=at)
        pieces = _Pieces([block], framing.record, at + LENGTH, highest)
        yield from _records(pieces, lowest, highest)


def _records(pieces: _Pieces, lowest: int, highest: int) -> Iterator[bytes]:
    for at, record in pieces:
        if len(record) < lowest:
            allowed = str(highest) if lowest == highest else f"{lowest} TO {highest}"
            raise DataSetError(f"A RECORD OF {len(record)} BYTES, NOT {allowed}", offset=at)
        yield record


class _Pieces:
    """What stands behind each descriptor word of a run of bytes, with the word's offset; `start` is the run's."""

    def __init__(self, chunks: Iterable[bytes], descriptor: Descriptor, start: int, highest: int) -> None:
        self._chunks = chunks
        self._descriptor = descriptor
        self._start = start
        self._highest = highest

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        left, start = b"", self._start
        for chunk in self._chunks:
            data = left + chunk
            at, size = 0, len(data)
            while size - at >= LENGTH:
                length = self._length(data[at : at + LENGTH], start + at)
                end = at + LENGTH + length
                if end > size:
                    break
                yield start + at, data[at + LENGTH : end]
                at = end
            left = data[at:]
            start += at
        if left:
            self._refuse_end(left, start)

    def _length(self, word: bytes, at: int) -> int:
        length = self._descriptor.length(word)
        if length < 0:
            raise DataSetError(f"X'{word.hex().upper()}' IS NOT A DESCRIPTOR ({self._descriptor.order})", offset=at)
        if length > self._highest:
            what = f"DESCRIPTOR X'{word.hex().upper()}' TELLS {length} BYTES, MORE THAN {self._highest}"
            raise DataSetError(what, offset=at)
        return length

    def _refuse_end(self, left: bytes, at: int) -> None:
        if len(left) < LENGTH:
            raise DataSetError(f"{len(left)} BYTES AT THE END WHERE A DESCRIPTOR BELONGS", offset=at)
        length = self._length(left[:LENGTH], at)
        what = f"DESCRIPTOR X'{left[:LENGTH].hex().upper()}' TELLS {length} BYTES, {len(left) - LENGTH} ARE THERE"
        raise DataSetError(what, offset=at)


CANDIDATES = tuple(
    Framing(Descriptor(order, adjustment), Descriptor.usual(block) if block else None)
    for block in (Order.IBM, Order.COBRIX, None)
    for order in Order
    for adjustment in (-LENGTH, 0)
)
"""What `detect` tries. Blocks of one record each also read as records that are descriptors and records: blocks win."""
