"""Records by their address: what lies at an RBA, and the next record before or after it, in physical order.

In an ESDS that is the order of arrival. In a KSDS it is key order only as long as nothing was split. A spanned record
begins at its first segment. Source: z/OS DFSMS Using Data Sets, "Addressed Access".
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from itertools import accumulate

from ksds.cluster.entry_sequenced import EntrySequenced
from ksds.cluster.index_records import Area
from ksds.cluster.key_sequenced import KeySequenced
from ksds.cluster.spanned_key_sequenced import SpannedKeySequenced

Addressable = KeySequenced | EntrySequenced


def first_from(cluster: Addressable, rba: int) -> tuple[int, bytes] | None:
    """(RBA, record) of the first record that begins at or after `rba`. Raises Damaged."""
    size = cluster.definition.ci_size
    for number in range(max(0, rba) // size, cluster.data.used):
        for found in _records(cluster, number):
            if found[0] >= rba:
                cluster.state.retrieved += 1
                return found
    return None


def browse(cluster: Addressable, rba: int = 0) -> Iterator[tuple[int, bytes]]:
    """(RBA, record) of every record that begins at or after `rba`, ascending. Raises Damaged."""
    for number in range(max(0, rba) // cluster.definition.ci_size, cluster.data.used):
        for found in _records(cluster, number):
            if found[0] >= rba:
                cluster.state.retrieved += 1
                yield found


def last_upto(cluster: Addressable, rba: int | None = None) -> tuple[int, bytes] | None:
    """(RBA, record) of the last record that begins at or before `rba` (None: the end). Raises Damaged."""
    size, end = cluster.definition.ci_size, cluster.data.used
    first = end - 1 if rba is None else min(rba // size, end - 1)
    for number in range(first, -1, -1):
        for found in reversed(_records(cluster, number)):
            if rba is None or found[0] <= rba:
                cluster.state.retrieved += 1
                return found
    return None


def entry_of(cluster: KeySequenced, number: int) -> tuple[Area, int] | None:
    """The sequence-set record and the slot in it that lead to data CI `number`; None if it is free. Raises Damaged."""
    index, base = cluster.index, number - number % cluster.definition.cis_per_ca
    for position in range(len(index.areas)):
        area = index.area(position)
        if area.base == base:
            return (area, area.cis.index(number)) if number in area.cis else None
    return None


def keys_of(cluster: KeySequenced, number: int) -> tuple[bytes | None, bytes] | None:
    """The keys that a data CI may hold: above the first (None: no limit), up to the second. None if it is free."""
    entry = entry_of(cluster, number)
    if entry is None:
        return None
    area, slot = entry
    highest = area.bounds[slot]
    first = bisect_left(area.bounds, highest)
    if first:
        return area.bounds[first - 1], highest
    position = cluster.index.numbers.index(area.number)
    return cluster.index.bounds[position - 1] if position else None, highest


def _records(cluster: Addressable, number: int) -> list[tuple[int, bytes]]:
    """(RBA, record) of the records that begin in a CI, ascending."""
    if not isinstance(cluster, KeySequenced):
        records = cluster.pool.find(number)
    elif isinstance(cluster, SpannedKeySequenced) and not _begins_run(cluster, number):
        return []
    else:
        records = list(cluster.pool.find(number).in_order().values())
    starts = accumulate(map(len, records), initial=number * cluster.definition.ci_size)
    return list(zip(starts, records, strict=False))


def _begins_run(cluster: SpannedKeySequenced, number: int) -> bool:
    """True unless the CI is free or holds a later segment of a spanned record: those have no page of their own."""
    entry = entry_of(cluster, number)
    return entry is not None and cluster.index.run(*entry)[0] == entry[1]
