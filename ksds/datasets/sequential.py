"""A sequential data set: a file of real blocks (see `blocking`), moved many whole blocks at a time.

Positions are byte offsets in the file, always between blocks. Appended records gather in memory until a few hundred
KiB are there or `flush` comes; a flush ends the V block being filled, so a copy that flushes at the same records writes
the same bytes. Nothing is durable before `sync` or `close`. A failed write is not tried again: its bytes are dropped,
and the caller, who got the error, truncates or gives up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, islice
from types import TracebackType

from ksds.datasets.attributes import DataSetAttributes
from ksds.datasets.blocking import MAXIMUM_DESCRIBED, Blocker, Deblocker
from ksds.errors import DataSetError
from ksds.storage.device import Device

RUN_BYTES = 256 * 1024
"""Bytes read or written at a time."""

LONG_BYTES = 64 * 1024
"""What is at least as long begins its way to the disk at once: `close` will wait for it in any case."""

_BATCH = 512


class SequentialDataSet:
    """The blocks and records of one data set on `device`, which `close` closes. One user at a time."""

    __slots__ = ("_blocker", "_deblocker", "_device", "_end", "_unsynced", "attributes", "name")

    def __init__(self, device: Device, attributes: DataSetAttributes, name: str = "") -> None:
        self.attributes = attributes
        self.name = name
        self._device = device
        self._end = device.size()
        self._unsynced = False
        self._blocker = Blocker(attributes, name)
        self._deblocker = Deblocker(attributes, name)

    def __enter__(self) -> SequentialDataSet:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._blocker.drop()
            self._unsynced = False
        self.close()

    def size(self) -> int:
        """Bytes in the file. Appended records that still wait for `flush` are not among them."""
        return self._end

    def runs(self, offset: int = 0, length: int = RUN_BYTES) -> Iterator[tuple[int, bytes]]:
        """Runs of whole blocks, about `length` bytes each, with their offsets: the way to copy a data set.

        Descriptors are checked; DataSetError where the blocks go wrong.
        """
        if self.attributes.kind == "F":
            return self._fixed_runs(offset, length)
        return self._described_runs(offset, length, self._end)

    def blocks(self, offset: int = 0, end: int | None = None) -> Iterator[tuple[int, bytes]]:
        """Every block with its offset, up to `end`, of which nothing behind is read. V and U come with descriptors."""
        whole = end is None or self.attributes.kind == "F"
        for start, run in self.runs(offset) if whole else self._described_runs(offset, RUN_BYTES, end or 0):
            for at, end in self._deblocker.blocks(run, start):
                yield start + at, run[at:end]

    def records(self, offset: int = 0) -> Iterator[bytes]:
        """Every record, without its RDW, from the block at `offset`."""
        return chain.from_iterable(self._deblocker.records(run, start) for start, run in self.runs(offset))

    def split(self, run: bytes, offset: int = 0) -> list[bytes]:
        """The records of a run of whole blocks; `offset` is the run's, for messages."""
        return self._deblocker.records(run, offset)

    def record_count(self) -> int:
        """Records in the file. Fixed formats divide; the others read everything."""
        if self.attributes.kind == "F":
            return self._end // self.attributes.lrecl
        return sum(len(self.split(run, start)) for start, run in self.runs())

    def read(self, offset: int, length: int) -> bytes:
        """Raw bytes of the file; short at its end."""
        return self._device.read(offset, length)

    def append(self, records: Iterable[bytes]) -> int:
        """Add records (without RDW) at the end; returns how many.

        Raises DataSetError for a record that LRECL does not allow; nothing of its batch is added.
        """
        count = 0
        iterator = iter(records)
        while batch := list(islice(iterator, _BATCH)):
            self.append_batch(batch, count)
            count += len(batch)
        return count

    def append_batch(self, batch: list[bytes], before: int = 0) -> None:
        """Add records (without RDW), all or none; `before` is how many came earlier, for messages."""
        self._blocker.add(batch, before)
        self._write_if_full()

    def _write_if_full(self) -> None:
        if self._blocker.waiting >= RUN_BYTES:
            self.write(self._end, self._blocker.take())

    def append_back_to_back(self, run: bytes) -> int:
        """Add records of a fixed format that stand back to back; returns how many."""
        count = self._blocker.add_run(run)
        self._write_if_full()
        return count

    def append_run(self, run: bytes) -> None:
        """Add whole blocks as `runs` gives them, after checking their descriptors."""
        self.flush()
        self._deblocker.whole(run, self._end)
        self.write(self._end, run)

    def flush(self) -> None:
        """Hand everything appended to the device; an unfilled V block ends here."""
        self._blocker.end_block()
        if self._blocker.waiting:
            self.write(self._end, self._blocker.take())

    def write(self, offset: int, data: bytes) -> None:
        """Raw bytes at `offset`, which must not leave a gap after the end."""
        if not 0 <= offset <= self._end:
            raise DataSetError(f"WRITE BEYOND THE END, {self._end}", data_set=self.name or None, offset=offset)
        try:
            self._device.write(offset, data)
        except OSError as error:
            raise self._failed("WRITE", error, offset) from error
        if len(data) >= LONG_BYTES:
            self._device.write_back(offset, len(data))
        self._unsynced = True
        self._end = max(self._end, offset + len(data))

    def truncate(self, size: int) -> None:
        """Cut the file to `size` bytes; what still waited for `flush` is dropped."""
        if not 0 <= size <= self._end:
            raise DataSetError(f"CANNOT CUT {self._end} BYTES TO {size}", data_set=self.name or None)
        self._blocker.drop()
        self._unsynced = True
        self._device.resize(size)
        self._end = size

    def sync(self) -> None:
        """Flush, then make everything durable. A failure is final."""
        self.flush()
        self._unsynced = False
        try:
            self._device.sync()
        except OSError as error:
            raise self._failed("SYNC", error, self._end) from error

    def close(self) -> None:
        """Make durable what was written since the last `sync`, and let the file go. A second close does nothing."""
        try:
            self.flush()
            if self._unsynced:
                self.sync()
        finally:
            self._device.close()

    def _fixed_runs(self, offset: int, length: int) -> Iterator[tuple[int, bytes]]:
        self._deblocker.check_fixed(self._end)
        step = max(1, length // self.attributes.blksize) * self.attributes.blksize
        while offset < self._end and (run := self._device.read(offset, step)):
            yield offset, run
            offset += len(run)

    def _described_runs(self, offset: int, length: int, limit: int) -> Iterator[tuple[int, bytes]]:
        step = max(length, MAXIMUM_DESCRIBED)
        while data := self._device.read(offset, min(step, limit - offset)):
            more = len(data) == step
            end = self._deblocker.whole(data, offset, cut=more)
            yield offset, data if end == len(data) else data[:end]
            offset += end

    def _failed(self, what: str, error: OSError, offset: int) -> DataSetError:
        return DataSetError(f"{what} FAILED: {error.strerror or error}", data_set=self.name or None, offset=offset)
