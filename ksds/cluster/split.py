"""Where a record goes that does not fit: CI splits, CA splits, and the CIs that erasing gives back.

Invariants, before and after every function here:
  * each key of the data set lies in the CI that the index search finds for it;
  * used CIs + free CIs of a control area (CA) = CIs per CA, and a free CI holds no record;
  * CIs that changed are in the buffer pool's `dirty`, index records that changed are the index's to write.

Nothing here touches a file except to allocate space, which is durable before anything refers to it. All
changed images, data and index alike, leave in one journal group at the next commit, so a crash sees all of a
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
from typing import TYPE_CHECKING

from ksds.cluster.index import Area, separator
from ksds.cluster.page import Page
from ksds.layout.control_interval import CIDF_LENGTH, RDF_LENGTH, control_bytes

if TYPE_CHECKING:
    from ksds.cluster.key_sequenced import KeySequenced


def insert_with_split(cluster: KeySequenced, key: bytes, record: bytes, *, sequential: bool) -> None:
    """Put a record, new or grown, into a cluster whose CI for `key` has no room for it."""
    ci_size = cluster.definition.ci_size
    while True:
        position, area, slot, page = cluster.find(key)
        if page.fits(key, len(record), ci_size):
            _put(cluster, area.cis[slot], page, key, record)
            return
        last = position == len(cluster.index.areas) - 1 and slot == len(area.cis) - 1
        records, keys, middle = _cut(page.records, key, record, ci_size, sequential, last)
        if _place(cluster, position, area, slot, records, keys, middle, last) and records is not page.records:
            return


def _place(
    cluster: KeySequenced,
    position: int,
    area: Area,
    slot: int,
    records: dict[bytes, bytes],
    keys: list[bytes],
    middle: int,
    last: bool,
) -> bool:
    """Give the records from `keys[middle]` on a CI of their own. False if the CA had to be split first."""
    index, number = cluster.index, area.cis[slot]
    bound = separator(keys[middle - 1], keys[middle])
    extends = middle == len(keys) - 1 and keys[middle] not in cluster.pool.find(number).records
    if index.room_for(area, slot, bound):
        new = index.add_ci(area, slot, bound)
        cluster.state.ci_splits += not extends
    elif (last and extends) or len(area.cis) == 1:
        new = _new_area(cluster)
        index.append_area(position, new, bound)
    else:
        _split_area(cluster, position)
        return False
    if not extends:
        _replace(cluster, number, {key: records[key] for key in keys[:middle]})
    _replace(cluster, new, {key: records[key] for key in keys[middle:]})
    return True


def _put(cluster: KeySequenced, number: int, page: Page, key: bytes, record: bytes) -> None:
    records = page.records
    old = records.get(key)
    if old is None:
        page.ordered = False
    page.used += len(record) - (len(old) if old is not None else 0)
    records[key] = record
    cluster.pool.change(number, page)


def _replace(cluster: KeySequenced, number: int, records: dict[bytes, bytes]) -> None:
    cluster.pool.change(number, Page(records))


def _cut(
    old: dict[bytes, bytes], key: bytes, record: bytes, ci_size: int, sequential: bool, last: bool
) -> tuple[dict[bytes, bytes], list[bytes], int]:
    """(records, their keys ascending, how many stay); the new record is among them, neither part is empty.

    Where no single cut leaves two parts that fit, only the `old` records are cut, at the insertion point: the
    caller comes back with the record and finds a CI in which it is the first or the last.
    """
    records = {**old, key: record}
    keys = sorted(records)
    at = keys.index(key)
    lengths = [len(records[k]) for k in keys]
    new = key not in old
    if new and at == len(keys) - 1 and (sequential or last):
        return records, keys, at
    middle = at + 1 if new and sequential else _half(lengths, ci_size)
    if _fit(lengths[:middle], ci_size) and _fit(lengths[middle:], ci_size):
        return records, keys, middle
    return old, sorted(old), at


def _half(lengths: list[int], ci_size: int) -> int:
    """How many records stay: the boundary next to half of the bytes, or the nearest at which both parts fit."""
    ends = list(accumulate([length + RDF_LENGTH for length in lengths]))
    total, room = ends[-1], ci_size - CIDF_LENGTH
    above = bisect_left(ends, total / 2)
    for cut in sorted((above, above + 1), key=lambda cut: abs(2 * ends[cut - 1] - total)):
        if 0 < cut < len(ends) and ends[cut - 1] <= room and total - ends[cut - 1] <= room:
            return cut
    cuts = range(1, len(ends))
    fitting = [cut for cut in cuts if ends[cut - 1] <= room and total - ends[cut - 1] <= room]
    return min(fitting or cuts, key=lambda cut: abs(2 * ends[cut - 1] - total))


def _fit(lengths: list[int], ci_size: int) -> bool:
    used = sum(lengths)
    return used + RDF_LENGTH * len(lengths) + CIDF_LENGTH <= ci_size or used + control_bytes(lengths) <= ci_size


def _new_area(cluster: KeySequenced) -> int:
    """Format a CA at the end of the data component, durably. The number of its first CI.

    Raises NoSpace, also for the index records that the CA may need, while nothing is changed yet.
    """
    cluster.index.reserve()
    return cluster.extend_data()


def _split_area(cluster: KeySequenced, position: int) -> None:
    """Move the CIs above the middle of an area's index record to a new CA; the vacated ones become free."""
    area = cluster.index.area(position)
    keep = max(1, len(area.cis) // 2)
    pages = [cluster.pool.find(number) for number in area.cis[keep:]]
    vacated = area.cis[keep:]
    base = _new_area(cluster)
    moved = list(range(base, base + len(pages)))
    cluster.index.add_area(position, keep, base, moved)
    for number in vacated:
        _replace(cluster, number, {})
    for number, page in zip(moved, pages, strict=True):
        cluster.pool.change(number, page)
    cluster.state.ca_splits += 1


def reclaim(cluster: KeySequenced, area: Area, slot: int) -> None:
    """After the last record of a CI was erased: free the CI, unless it is the CA's highest.

    z/OS DFSMS Macro Instructions for Data Sets, ERASE.
    """
    if slot < len(area.cis) - 1:
        cluster.index.remove_ci(area, slot)
