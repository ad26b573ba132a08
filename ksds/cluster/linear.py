"""A linear data set (LDS): control intervals that are all data, no RDF, no CIDF, no records.

A program reads and writes whole control intervals by RBA, or any bytes through a window, as data-in-virtual shows
them. The data set grows at its end, a control interval at a time; what was never written reads as zeros.
Source: z/OS DFSMS Using Data Sets, "Linear Data Sets".
"""

from __future__ import annotations

from collections.abc import Iterator

from ksds.cluster.unindexed import Unindexed
from ksds.errors import InvalidLength, InvalidRba


class Linear(Unindexed[bytes]):
    """An open LDS. RBAs are byte offsets; a control interval has exactly CISIZE bytes."""

    @property
    def size(self) -> int:
        """Bytes of the data set: its high-used RBA."""
        return self.data.used * self.definition.ci_size

    def get(self, rba: int) -> bytes:
        """The control interval at this RBA. Raises InvalidRba (8/32) if none begins there, Damaged (12)."""
        number = self._number(rba)
        self.state.retrieved += 1
        return self.pool.find(number)

    def append(self, data: bytes) -> int:
        """Add a control interval at the end; its RBA. Raises InvalidLength (8/108), NoSpace (8/28), InvalidAccess."""
        self._require_update()
        self._check_length(data)
        with self.health:
            number = self.extend_data(1)
            self._change(number, bytes(data))
        return number * self.definition.ci_size

    def update(self, rba: int, data: bytes) -> None:
        """Replace the control interval at this RBA. Raises InvalidRba (8/32), InvalidLength (8/108)."""
        self._require_update()
        number = self._number(rba)
        self._check_length(data)
        with self.health:
            self.state.updated += 1
            self._change(number, bytes(data))

    def browse(self, start_rba: int = 0) -> Iterator[tuple[int, bytes]]:
        """(RBA, control interval), ascending, from the one at `start_rba`. Raises InvalidRba (8/32)."""
        first = self._number(start_rba) if start_rba else 0
        return self._intervals(first)

    def _intervals(self, first: int) -> Iterator[tuple[int, bytes]]:
        for number, page in self._pages(first):
            self.state.retrieved += 1
            yield number * self.definition.ci_size, page

    def forget_records(self) -> None:
        """Count nothing any more: what was an entry-sequenced data set until now had records. Durable on return."""
        self.state.records = self.state.end = 0
        if self.data.used:
            self._change(0, self.pool.find(0))  # counts are committed with control intervals only
        self.commit()

    # -- a window on the bytes ------------------------------------------------------------------------------

    def read(self, offset: int, length: int) -> bytes:
        """Up to `length` bytes from `offset`, fewer only at the end. Raises InvalidRba for a negative offset."""
        self._check_offset(offset)
        size = self.definition.ci_size
        end = min(offset + length, self.size)
        parts = [self.pool.find(number) for number in range(offset // size, -(-end // size))] if offset < end else []
        return b"".join(parts)[offset % size :][: max(0, end - offset)]

    def write(self, offset: int, data: bytes) -> None:
        """Put bytes at `offset`, growing the data set as needed; all or nothing. Raises NoSpace (8/28), InvalidRba."""
        self._require_update()
        self._check_offset(offset)
        size, used = self.definition.ci_size, self.data.used
        first, end = offset // size, -(-(offset + len(data)) // size)
        there = b"".join([self.pool.find(number) for number in range(first, min(end, used))])
        start = min(first, used)
        whole = bytearray(bytes((first - start) * size) + there).ljust((end - start) * size, b"\0")
        whole[offset - start * size : offset - start * size + len(data)] = data
        with self.health:
            if end > used:
                self.extend_data(end - used)
            for number in range(start, end):
                self.pool.change(number, bytes(whole[(number - start) * size : (number - start + 1) * size]))
            if end > start:
                self._change(end - 1, self.pool.find(end - 1))  # the request is complete: now memory may be relieved

    def _check_offset(self, offset: int) -> None:
        if offset < 0:
            raise InvalidRba(f"offset {offset}", data_set=self.definition.name, component="data")

    def _number(self, rba: int) -> int:
        number, rest = divmod(rba, self.definition.ci_size)
        if rest or not 0 <= number < self.data.used:
            what = f"no control interval begins at RBA {rba}"
            raise InvalidRba(what, data_set=self.definition.name, component="data")
        return number

    def _check_length(self, data: bytes) -> None:
        if len(data) != self.definition.ci_size:
            what = f"{len(data)} bytes in place of a control interval of {self.definition.ci_size}"
            raise InvalidLength(what, data_set=self.definition.name)

    # -- pages are the control intervals themselves ----------------------------------------------------------

    def _decode(self, image: bytes) -> bytes:
        return image

    def _image(self, page: bytes) -> bytes:
        return page
