"""An entry-sequenced data set (ESDS): records in the order they arrived, known by their RBA, which never changes.

Records are added only at the end, one CI after the other; the CI after the last one used is the software end of
file (all zeros on disk). There is no erase, and an update keeps the length.
Source: z/OS DFSMS Using Data Sets, "Entry-Sequenced Data Sets".
"""

from __future__ import annotations

from collections.abc import Iterator

from ksds.cluster.unindexed import Unindexed
from ksds.errors import InvalidLength, InvalidRba, LengthChange
from ksds.layout.control_interval import build, control_bytes, parse


class EntrySequenced(Unindexed[list[bytes]]):
    """An open ESDS."""

    def append(self, record: bytes) -> int:
        """Add a record after the last one; its RBA. Raises InvalidLength (8/108), NoSpace (8/28), InvalidAccess."""
        self._require_update()
        size = self.definition.ci_size
        if not 1 <= len(record) <= self.definition.maximum_record:
            what = f"record of {len(record)} bytes, not 1 to {self.definition.maximum_record}"
            raise InvalidLength(what, data_set=self.definition.name)
        rba = self.next_rba(record)
        number = rba // size
        with self.health:
            page = self.pool.find(number) if number < self.data.used else []
            if number == self.data.used:
                self.extend_data(1)
            page.append(record)
            self.state.end = rba + len(record)
            self.state.records += 1
            self.state.inserted += 1
            self._change(number, page)
        return rba

    def next_rba(self, record: bytes) -> int:
        """Where `append` will put this record."""
        number, end = self.data.used - 1, self.state.end
        size = self.definition.ci_size
        if number >= 0 and self._fits(self.pool.find(number), end - number * size, record):
            return end
        return self.data.used * size

    def _fits(self, page: list[bytes], used: int, record: bytes) -> bool:
        free = self.definition.ci_size - used - len(record)
        return 3 * len(page) + 7 <= free or control_bytes([*map(len, page), len(record)]) <= free

    def get(self, rba: int) -> bytes:
        """The record at this RBA. Raises InvalidRba (8/32) if none begins there, Damaged (12)."""
        page, at = self._find(rba)
        self.state.retrieved += 1
        return page[at]

    def update(self, rba: int, record: bytes) -> None:
        """Replace the record at this RBA by one of the same length. Raises LengthChange (8/100), InvalidRba."""
        self._require_update()
        page, at = self._find(rba)
        if len(record) != len(page[at]):
            what = f"record of {len(record)} bytes in place of {len(page[at])}"
            raise LengthChange(what, data_set=self.definition.name)
        with self.health:
            page[at] = record
            self.state.updated += 1
            self._change(rba // self.definition.ci_size, page)

    def browse(self, start_rba: int = 0) -> Iterator[tuple[int, bytes]]:
        """(RBA, record) in the order of arrival, from the record at `start_rba`, or none from the end. A control
        interval is read as a whole: records added to it while it is being consumed show up in the next browse.
        Raises InvalidRba (8/32)."""
        if start_rba not in (0, self.state.end):
            self._find(start_rba)
        return self._records(start_rba)

    def _records(self, start_rba: int) -> Iterator[tuple[int, bytes]]:
        size = self.definition.ci_size
        for number, page in self._pages(start_rba // size):
            rba = number * size
            for record in tuple(page):
                if rba >= start_rba:
                    self.state.retrieved += 1
                    yield rba, record
                rba += len(record)

    def _find(self, rba: int) -> tuple[list[bytes], int]:
        if 0 <= rba < self.state.end:
            number, wanted = divmod(rba, self.definition.ci_size)
            page = self.pool.find(number)
            start = 0
            for at, record in enumerate(page):
                if start == wanted:
                    return page, at
                start += len(record)
        raise InvalidRba(f"no record begins at RBA {rba}", data_set=self.definition.name, component="data")

    def _decode(self, image: bytes) -> list[bytes]:
        return parse(image)

    def _image(self, page: list[bytes]) -> bytes:
        return build(page, self.definition.ci_size)
