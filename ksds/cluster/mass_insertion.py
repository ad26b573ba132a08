"""Mass insertion: records put in sequentially, one above the other, keep the FREESPACE that a load would keep.

It begins with the second such record. As long as nothing lies between them and each is the highest of its control
interval (CI), the CI takes records up to its share only and the control area (CA), at its high end, CIs up to its
share; then a new CI or CA takes the next record. Everything else is the sequential insert strategy (`split`).

Source: z/OS DFSMS Using Data Sets, "Inserting Records into a Key-Sequenced Data Set", "Optimizing Free Space
Distribution".
"""

from __future__ import annotations

from bisect import bisect_left

from ksds.cluster.index_records import Area, separator
from ksds.cluster.keyed_cluster import KeyedCluster
from ksds.cluster.page import Page


class MassInsertion:
    """What the sequential insertions of one open data set have in common: the key put in last."""

    __slots__ = ("_cluster", "_last")

    def __init__(self, cluster: KeyedCluster) -> None:
        self._cluster = cluster
        self._last = b""

    def put(self, key: bytes, record: bytes, position: int, area: Area, page: Page) -> bool:
        """Put a new record where it keeps free space. False, and nothing is done, if this is no mass insertion or the
        insert strategy has to make room. `page` is the CI that the index names for `key`. Raises NoSpace (8/28)."""
        previous, self._last = self._last, key
        if previous not in page.records or type(page) is not Page:
            return False
        definition = self._cluster.definition
        if not previous < key or next(reversed(page.in_order())) != previous or len(record) > definition.ci_size - 7:
            return False
        if page.fits(key, len(record), definition.ci_load_limit):
            page.append(key, record)
            self._cluster.note_put(area.cis[bisect_left(area.bounds, key)], page, record)
            return True
        return self._begin_ci(key, record, position, area, separator(previous, key))

    def _begin_ci(self, key: bytes, record: bytes, position: int, area: Area, bound: bytes) -> bool:
        cluster, index = self._cluster, self._cluster.index
        slot = bisect_left(area.bounds, key)
        if slot == len(area.cis) - 1 and len(area.cis) >= cluster.definition.ca_load_limit:
            new = cluster.extend_ca()
            index.append_area(position, new, bound)
        elif index.room_for(area, slot, bound):
            new = index.add_ci(area, slot, bound)
        else:
            return False
        cluster.rewrite(new, Page({key: record}))
        return True
