"""Where a record goes that does not fit: CI splits and CA splits.

Invariants, before and after every function here:
  * each key of the data set lies in the CI that the index search finds for it;
  * used CIs + free CIs of a control area (CA) = CIs per CA, and a free CI holds no record;
  * CIs that changed are in the buffer pool's `dirty`, index records that changed are the index's to write.

Nothing here touches a file except to allocate space, which is durable before anything refers to it. All
changes, data and index alike, leave in one commit of the journal, so a crash sees all of a
split or nothing of it. The real VSAM writes in a careful order under a busy flag instead, and leaves an
interrupted split to VERIFY (vsam.md 4.4; docs/FIDELITY.md).

Three ways to make room, after Using Data Sets, "Inserting Records into a Key-Sequenced Data Set":
  direct       the CI's records are cut in half (by bytes); the higher half moves to a free CI of the CA
  sequential   the cut is at the insertion point: the new record stays, all higher ones move
  at the end   above the highest key of the data set (direct), or after the last record of the CI
               (sequential): the CI stays as it is, the record starts a new one
If the CA has no free CI, or its index record no room, first the CA is split: the CIs above the middle of its
index record move to a new CA at the end of the data set. Beyond the highest key a new CA is begun instead.
"""

from __future__ import annotations

from bisect import bisect_left
from itertools import accumulate

from ksds.cluster.index_records import Area, separator
from ksds.cluster.keyed_cluster import KeyedCluster
from ksds.cluster.page import Page
from ksds.layout.control_interval import CIDF_LENGTH, RDF_LENGTH, control_bytes


def insert_with_split(cluster: KeyedCluster, key: bytes, record: bytes, *, sequential: bool) -> None:
    """Put a record, new or grown, into a cluster whose CI for `key` has no room for it."""
    ci_size = cluster.definition.ci_size
    position, area, slot, page = cluster.find(key)
    while True:
        old = page.records
        records = {**old, key: record}
        keys = sorted(records)
        new = len(records) > len(old)
        at = bisect_left(keys, key)
        last = slot == len(area.cis) - 1 and position == len(cluster.index.areas) - 1
        adds = new and at == len(keys) - 1 and (sequential or last)
        lengths = [len(records[k]) for k in keys]
        middle = at if adds else _cut(lengths, at, ci_size, sequential=sequential and new)
        if not middle:
            _place(cluster, position, area, slot, old, sorted(old), at, adds=False, last=last)
        elif _place(cluster, position, area, slot, records, keys, middle, adds=adds, last=last):
            return
        position, area, slot, page = cluster.find(key)
        if page.fits(key, len(record), ci_size):
            page.put(key, record)
            cluster.rewrite(area.cis[slot], page)
            return


def _place(
    cluster: KeyedCluster,
    position: int,
    area: Area,
    slot: int,
    records: dict[bytes, bytes],
    keys: list[bytes],
    middle: int,
    *,
    adds: bool,
    last: bool,
) -> bool:
    """Give the records from `keys[middle]` on a CI of their own; with `adds` the others are as they were.

    False if the CA had to be split first: then nothing else is done.
    """
    index = cluster.index
    bound = separator(keys[middle - 1], keys[middle])
    if index.room_for(area, slot, bound):
        new = index.add_ci(area, slot, bound)
        cluster.state.ci_splits += not adds
    elif (last and adds) or len(area.cis) == 1:
        cluster.index_full += bool(area.free)
        new = cluster.extend_ca()
        index.append_area(position, new, bound)
    else:
        cluster.index_full += bool(area.free)
        split_area(cluster, position, index.edge(area, len(area.cis) // 2))
        return False
    if not adds:
        cluster.rewrite(area.cis[slot], Page({key: records[key] for key in keys[:middle]}))
    cluster.rewrite(new, Page({key: records[key] for key in keys[middle:]}))
    return True


def _cut(lengths: list[int], at: int, ci_size: int, *, sequential: bool) -> int:
    """How many records stay when the one at `at` is put in, which `lengths` holds: at least one, not all.

    0 where no single cut leaves two parts that fit. Then the caller cuts only the old records, at the insertion
    point, and comes back with the new one to find a CI in which it is the first or the last.
    """
    middle = at + 1 if sequential else _half(lengths, ci_size)
    return middle if _fit(lengths[:middle], ci_size) and _fit(lengths[middle:], ci_size) else 0


def _half(lengths: list[int], ci_size: int) -> int:
    """How many records stay: the boundary next to half of the bytes, or the nearest at which both parts fit."""
    ends = list(accumulate([length + RDF_LENGTH for length in lengths]))
    total, room = ends[-1], ci_size - CIDF_LENGTH
    above = bisect_left(ends, total / 2)
    near = above if above and 2 * ends[above] - total >= total - 2 * ends[above - 1] else above + 1
    if near < len(ends) and ends[near - 1] <= room and total - ends[near - 1] <= room:
        return near
    cuts = range(1, len(ends))
    fitting = [cut for cut in cuts if ends[cut - 1] <= room and total - ends[cut - 1] <= room]
    return min(fitting or cuts, key=lambda cut: abs(2 * ends[cut - 1] - total))


def _fit(lengths: list[int], ci_size: int) -> bool:
    used = sum(lengths)
    return used + RDF_LENGTH * len(lengths) + CIDF_LENGTH <= ci_size or used + control_bytes(lengths) <= ci_size


def split_area(cluster: KeyedCluster, position: int, keep: int) -> None:
    """Move the CIs of an area from slot `keep` on to a new CA; the vacated ones become free."""
    area = cluster.index.area(position)
    vacated = area.cis[keep:]
    images = cluster.read_cis(vacated)
    base = cluster.extend_ca()
    moved = list(range(base, base + len(vacated)))
    cluster.index.add_area(position, keep, base, moved)
    cluster.move_cis(vacated, moved, images)
    cluster.state.ca_splits += 1
