"""Initial load of a data set with spanned records.

As `ksds.cluster.load`, but a record too long for a control interval (CI) gets the next CIs of the control area (CA) for
itself, or, if there are too few, the first ones of a new CA. FREESPACE of a CI says nothing about its segments; the
share of a CA counts unless the record alone needs more. A crash leaves nothing, with RECOVERY too.
"""

from __future__ import annotations

from collections.abc import Iterable

from ksds.cluster.index_records import separator
from ksds.cluster.keyed_cluster import KeyedCluster
from ksds.cluster.load import BATCH, Loader
from ksds.cluster.spanned_index import SpannedIndex
from ksds.layout import segment
from ksds.layout.control_interval import CIDF_LENGTH, build, control_bytes


class SpannedLoader(Loader):
    """`_pending` are the records of the CI being filled, or one that spans `_count` CIs."""

    def __init__(self, cluster: KeyedCluster, index: SpannedIndex) -> None:
        super().__init__(cluster)
        self._index = index
        self._marks = False
        self._pending: list[bytes] = []
        self._count = 1

    def run(self, records: Iterable[bytes]) -> int:
        definition = self._definition
        low, high = definition.key_offset, definition.key_end
        last, total = b"", 0
        for record in records:
            key = record[low:high]
            if key <= last or not high <= len(record) <= definition.maximum_record:
                if self._refused(key, last, len(record)):
                    break
                continue
            count = segment.count(len(record), definition.ci_size)
            if self._pending and (count > 1 or self._count > 1 or not self._takes(record)):
                self._close_run()
                self._open_run(separator(last, key), count)
                self._pending = []
            elif not total:
                self._start(count)
            self._pending.append(record)
            self._count = count
            last = key
            total += 1
        if self._pending:
            self._close_run()
        return total

    def _takes(self, record: bytes) -> bool:
        lengths = [*map(len, self._pending), len(record)]
        used = sum(lengths)
        limit = self._definition.ci_load_limit
        return used + CIDF_LENGTH < limit and used + control_bytes(lengths) <= limit

    def _start(self, count: int) -> None:
        """The first CIs of the first CA."""
        self._area = self._index.start(self._cluster.extend_ca())
        self._index.take(self._area, 1, self._area.bounds * count)

    def _close_run(self) -> None:
        size = self._definition.ci_size
        self._images += segment.build(self._pending[0], size, 0) if self._count > 1 else [build(self._pending, size)]
        if len(self._images) >= BATCH:
            self._write()

    def _open_run(self, bound: bytes, count: int) -> None:
        """The next CIs, for keys above `bound`, which is the highest of the ones before."""
        index, area = self._index, self._area
        assert area is not None
        first, end = index.run(area, len(area.cis) - 1)
        bounds = [*area.bounds[:first], *[bound] * (end - first), *[index.top] * count]
        if end + count > self._definition.ca_load_limit or index.take(area, end, bounds) is None:
            area = self._begin_area(area, bound)
            index.take(area, 1, area.bounds * count)
