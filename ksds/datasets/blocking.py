"""Blocks and records inside a run of bytes: pure, no file.

What a data set's bytes are, by RECFM:

    F, FB   records back to back, nothing else: the size is a multiple of LRECL, every block but the last is full
    V, VB   blocks, each a BDW (length of the block with the BDW, 2 bytes; 2 zero bytes) and records, each behind an RDW
            (length of the record with the RDW, 2 bytes; 2 zero bytes), all big-endian
    U       blocks, each behind a descriptor of the shape of a BDW; a block is a record

Every length is checked against what remains before it is believed: a wrong one is a DataSetError with its offset.

Source: z/OS DFSMS Using Data Sets, "Format-V records" (BDW, RDW).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from ksds.datasets.attributes import DataSetAttributes
from ksds.errors import DataSetError

MAXIMUM_DESCRIBED = 0x10000
"""No block is longer than its two-byte descriptor can say."""

_DESCRIPTOR = struct.Struct(">HH")


class Deblocker:
    """Takes runs of whole blocks apart."""

    __slots__ = ("_attributes", "_largest", "_name", "_smallest")

    def __init__(self, attributes: DataSetAttributes, name: str = "") -> None:
        self._attributes = attributes
        self._name = name
        self._smallest = 8 if attributes.kind == "V" else 5
        self._largest = attributes.blksize + (4 if attributes.kind == "U" else 0)

    def blocks(self, run: bytes, offset: int = 0, *, cut: bool = False) -> Iterator[tuple[int, int]]:
        """Start and end of each block in `run`, whose own offset in the file is `offset`.

        With `cut` the run may end inside a block, which is then left out.
        """
        if self._attributes.kind == "F":
            yield from self._fixed_blocks(run, offset)
            return
        at, size = 0, len(run)
        while at < size:
            block, zero = _DESCRIPTOR.unpack_from(run, at) if size - at >= 4 else (size - at + 1, 0)
            if zero or (size - at >= 4 and not self._smallest <= block <= self._largest):
                shown = run[at : at + 4].hex().upper()
                raise self._error(
                    f"BLOCK DESCRIPTOR X'{shown}' IS NOT {self._smallest} TO {self._largest}", offset + at
                )
            if block > size - at:
                if cut:
                    return
                raise self._error(f"THE DATA END INSIDE A BLOCK, AFTER {size - at} BYTES OF IT", offset + at)
            yield at, at + block
            at += block

    def records(self, run: bytes, offset: int = 0) -> list[bytes]:
        """The records of a run of whole blocks, without their RDWs."""
        if self._attributes.kind == "F":
            lrecl = self._attributes.lrecl
            self.check_fixed(len(run), offset)
            return [run[at : at + lrecl] for at in range(0, len(run), lrecl)]
        if self._attributes.kind == "U":
            return [run[at + 4 : end] for at, end in self.blocks(run, offset)]
        records: list[bytes] = []
        for at, end in self.blocks(run, offset):
            self._split_block(run, at + 4, end, offset, records)
        return records

    def whole(self, run: bytes, offset: int = 0, *, cut: bool = False) -> int:
        """Bytes of `run` that are whole blocks, all of it unless `cut`; every block is checked."""
        if self._attributes.kind == "F":
            self.check_fixed(len(run), offset)
            return len(run)
        return max((end for _, end in self.blocks(run, offset, cut=cut)), default=0)

    def check_fixed(self, size: int, offset: int = 0) -> None:
        """Fixed formats: `size` bytes must be whole records."""
        lrecl = self._attributes.lrecl
        if size % lrecl:
            raise self._error(
                f"{size % lrecl} BYTES AFTER THE LAST WHOLE RECORD OF {lrecl}", offset + size - size % lrecl
            )

    def _fixed_blocks(self, run: bytes, offset: int) -> Iterator[tuple[int, int]]:
        self.check_fixed(len(run), offset)
        blksize = self._attributes.blksize
        for at in range(0, len(run), blksize):
            yield at, min(at + blksize, len(run))

    def _split_block(self, run: bytes, at: int, end: int, offset: int, records: list[bytes]) -> None:
        longest, unpack = self._attributes.lrecl, _DESCRIPTOR.unpack_from
        while at < end:
            if end - at < 4:
                raise self._error(f"{end - at} BYTES WHERE A RECORD DESCRIPTOR BELONGS", offset + at)
            length, segment = unpack(run, at)
            if segment or not 4 <= length <= longest or length > end - at:
                shown = run[at : at + 4].hex().upper()
                raise self._error(f"RECORD DESCRIPTOR X'{shown}' IS NOT 4 TO {min(longest, end - at)}", offset + at)
            records.append(run[at + 4 : at + length])
            at += length

    def _error(self, what: str, offset: int) -> DataSetError:
        return DataSetError(what, data_set=self._name or None, offset=offset)


class Blocker:
    """Gathers records into blocks. `waiting` counts the bytes of finished blocks that `take` would give."""

    __slots__ = ("_attributes", "_block", "_block_bytes", "_finished", "_name", "waiting")

    def __init__(self, attributes: DataSetAttributes, name: str = "") -> None:
        self._attributes = attributes
        self._name = name
        self.drop()

    def drop(self) -> None:
        """Forget everything gathered."""
        self._finished: list[bytes] = []
        self.waiting = 0
        self._block: list[bytes] = []  # V: the block being filled, RDWs and records by turns
        self._block_bytes = 4

    def add(self, batch: list[bytes], before: int = 0) -> None:
        """Take in a batch of records, all or none; `before` is how many came earlier, for messages."""
        if batch:
            self._check(batch, before)
            {"F": self._add_fixed, "V": self._add_variable, "U": self._add_undefined}[self._attributes.kind](batch)

    def add_run(self, run: bytes) -> int:
        """Take in records of a fixed format that stand back to back; how many. DataSetError if the last is cut."""
        count, rest = divmod(len(run), self._attributes.lrecl)
        if rest:
            raise DataSetError(f"{rest} BYTES AFTER THE LAST WHOLE RECORD", data_set=self._name or None)
        self._finished.append(run)
        self.waiting += len(run)
        return count

    def end_block(self) -> None:
        """Finish the V block being filled, full or not."""
        if self._block:
            self._finished.append(_DESCRIPTOR.pack(self._block_bytes, 0))
            self._finished.extend(self._block)
            self.waiting += self._block_bytes
            self._block = []
            self._block_bytes = 4

    def take(self) -> bytes:
        """The finished blocks, which are then forgotten."""
        data = b"".join(self._finished)
        self._finished = []
        self.waiting = 0
        return data

    def _check(self, batch: list[bytes], before: int) -> None:
        highest = self._attributes.maximum_data
        lowest = {"F": highest, "V": 0, "U": 1}[self._attributes.kind]
        lengths = set(map(len, batch))
        if lowest <= min(lengths) and max(lengths) <= highest:
            return
        at, length = next((i, len(r)) for i, r in enumerate(batch) if not lowest <= len(r) <= highest)
        allowed = str(highest) if lowest == highest else f"{lowest} TO {highest}"
        raise DataSetError(f"RECORD {before + at + 1} HAS {length} BYTES, NOT {allowed}", data_set=self._name or None)

    def _add_fixed(self, batch: list[bytes]) -> None:
        self._finished.extend(batch)
        self.waiting += self._attributes.lrecl * len(batch)

    def _add_variable(self, batch: list[bytes]) -> None:
        full, blocked, pack = self._attributes.blksize, self._attributes.blocked, _DESCRIPTOR.pack
        for record in batch:
            length = len(record) + 4
            if self._block and (not blocked or self._block_bytes + length > full):
                self.end_block()
            self._block.append(pack(length, 0))
            self._block.append(record)
            self._block_bytes += length

    def _add_undefined(self, batch: list[bytes]) -> None:
        for record in batch:
            self._finished.append(_DESCRIPTOR.pack(len(record) + 4, 0))
            self._finished.append(record)
            self.waiting += len(record) + 4
