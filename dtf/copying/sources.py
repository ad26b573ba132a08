"""The file that a copy reads, as a row of whole blocks (block mode) or of records in the target's form (record mode).

A source is a cursor. `read` gives the next whole units and their number, `seek` puts the cursor behind the first
`units` of them and returns the CRC-32C of all that was skipped: the sender re-reads the prefix before it believes
a checkpoint. `position` is what the checkpoint record shows: block number in the upper half (block mode), byte
offset in the delivered stream, or the RBA of the last record sent (VSAM).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

from google_crc32c import extend as crc_extend

from dtf.copying.checkpoint import Shape
from dtf.copying.prefixes import Readable, crc_of
from dtf.copying.shaping import BLOCK, block_fills, described, record_shaper, split_described
from ksds import KeySequenced
from ksds.datasets.sequential import SequentialDataSet
from ksds.errors import DataSetError


class Source(Protocol):
    """See above. `unit_bytes`: the nominal block (or record) that intervals are rounded to."""

    unit_bytes: int

    def read(self, limit: int) -> tuple[bytes, int]:
        """Whole units, at most `limit` bytes but at least one unit, and how many; (b"", 0) at the end."""
        ...

    def seek(self, units: int) -> tuple[int, int] | None:
        """Go behind the first `units` units; their CRC-32C and bytes, or None if they do not end there."""
        ...

    def position(self) -> int: ...


class Bytes(Readable, Protocol):
    """A file of a known size that can be read at any place."""

    def size(self) -> int: ...


class FixedSource:
    """Straight from a file whose units have one length, but for the last: blocks, records of one LRECL, bytes."""

    def __init__(self, file: Bytes, unit_bytes: int, *, blocks: bool = False) -> None:
        self._file = file
        self._blocks = blocks
        self.unit_bytes = unit_bytes
        self._offset = 0

    def read(self, limit: int) -> tuple[bytes, int]:
        unit = self.unit_bytes
        data = self._file.read(self._offset, max(1, limit // unit) * unit)
        self._offset += len(data)
        return data, -(-len(data) // unit)

    def seek(self, units: int) -> tuple[int, int] | None:
        end = min(units * self.unit_bytes, self._file.size())
        if end <= (units - 1) * self.unit_bytes:
            return None
        self._offset = end
        return crc_of(self._file, 0, end), end

    def position(self) -> int:
        return -(-self._offset // self.unit_bytes) << 32 if self._blocks else self._offset


Unit = tuple[bytes, int]


class UnitSource:
    """Anything that comes as an iterator of units (bytes, number of blocks or records in them).

    `units` starts a new pass, which gives the same units each time. `place` turns the last unit sent into what
    `position` shows; without it that is the count in the upper half.
    """

    def __init__(
        self, units: Callable[[], Iterator[Unit]], unit_bytes: int, place: Callable[[bytes], int] | None = None
    ) -> None:
        self.unit_bytes = unit_bytes
        self._units = units
        self._place = place
        self._start()

    def _start(self) -> None:
        self._iterator = self._units()
        self._held: Unit | None = None
        self._last = b""
        self._passed = 0

    def read(self, limit: int) -> tuple[bytes, int]:
        taken: list[bytes] = []
        size = count = 0
        unit = self._held or next(self._iterator, None)
        while unit and (not taken or size + len(unit[0]) <= limit):
            taken.append(unit[0])
            size += len(unit[0])
            count += unit[1]
            unit = next(self._iterator, None)
        self._held = unit
        self._passed += count
        self._last = taken[-1] if taken else self._last
        return b"".join(taken), count

    def seek(self, units: int) -> tuple[int, int] | None:
        self._start()
        crc = size = 0
        while self._passed < units:
            payload, count = next(self._iterator, (b"", 0))
            if not count:
                return None
            crc = crc_extend(crc, payload)
            size += len(payload)
            self._passed += count
            self._last = payload
        return (crc, size) if self._passed == units else None

    def position(self) -> int:
        return self._place(self._last) if self._place and self._last else self._passed << 32


def open_sequential(data_set: SequentialDataSet, target: Shape, mode: str) -> Source:
    """The source that reads `data_set` for another data set of this shape."""
    attributes = data_set.attributes
    if mode == BLOCK:
        if attributes.kind == "F":
            return open_fixed(data_set, attributes.blksize, blocks=True)
        return UnitSource(lambda: ((block, 1) for _, block in data_set.blocks()), attributes.blksize)
    if attributes.kind == "F" and not described(target) and attributes.lrecl == target.lrecl:
        return open_fixed(data_set, attributes.lrecl)
    if attributes.kind == "V" and target.organization == "PS" and target.recfm[:1] == "V":
        return UnitSource(lambda: block_fills((block for _, block in data_set.blocks()), target), target.blksize)
    longest = attributes.lrecl or attributes.blksize  # U has no LRECL
    return UnitSource(lambda: shaped(data_set.records(), target), target.blksize or longest)


def open_fixed(data_set: SequentialDataSet, unit_bytes: int, *, blocks: bool = False) -> Source:
    """Blocks or records of a RECFM F data set as they are in the file."""
    if data_set.size() % data_set.attributes.lrecl:
        raise DataSetError("SIZE IS NO MULTIPLE OF LRECL", data_set=data_set.name, offset=data_set.size())
    return FixedSource(data_set, unit_bytes, blocks=blocks)


def open_keyed(cluster: KeySequenced, target: Shape) -> Source:
    """The source that reads a KSDS in key order for a target of this shape."""
    definition = cluster.definition

    def last_rba(unit: bytes) -> int:
        record = split_described(unit)[-1] if described(target) else unit
        return cluster.locate(record[definition.key_offset : definition.key_end])[1]

    return UnitSource(lambda: shaped(cluster.browse(), target), target.blksize or definition.maximum_record, last_rba)


def open_records(records: Callable[[], Iterator[bytes]], longest: int, target: Shape) -> Source:
    """The source that reads anything else as records, `longest` bytes at most, for a target of this shape."""
    return UnitSource(lambda: shaped(records(), target), target.blksize or longest)


def shaped(records: Iterator[bytes], target: Shape) -> Iterator[Unit]:
    """Records in the target's form; for V targets a unit is all that goes into one block there."""
    shape = record_shaper(target)
    if target.organization != "PS" or target.recfm[:1] != "V":
        return ((shape(record), 1) for record in records)
    return _block_fills((shape(record) for record in records), target)


def _block_fills(records: Iterator[bytes], target: Shape) -> Iterator[Unit]:
    room = target.blksize - 4 if "B" in target.recfm else 0
    block: list[bytes] = []
    size = 0
    for record in records:
        if block and size + len(record) > room:
            yield b"".join(block), len(block)
            block, size = [], 0
        block.append(record)
        size += len(record)
    if block:
        yield b"".join(block), len(block)
