"""Records by their address: what lies at an RBA, and the next record before or after it, in physical order.

In an ESDS that is the order of arrival. In a KSDS it is key order only as long as nothing was split.
Source: z/OS DFSMS Using Data Sets, "Addressed Access".
"""

from __future__ import annotations

from itertools import accumulate

from ksds.cluster.entry_sequenced import EntrySequenced
from ksds.cluster.key_sequenced import KeySequenced

Addressable = KeySequenced | EntrySequenced


def first_from(cluster: Addressable, rba: int) -> tuple[int, bytes] | None:
    """(RBA, record) of the first record that begins at or after `rba`. Raises Damaged."""
    size = cluster.definition.ci_size
    for number in range(max(0, rba) // size, high_used(cluster)):
        for found in _records(cluster, number):
            if found[0] >= rba:
                cluster.state.retrieved += 1
                return found
    return None


def last_upto(cluster: Addressable, rba: int | None = None) -> tuple[int, bytes] | None:
    """(RBA, record) of the last record that begins at or before `rba` (None: the end). Raises Damaged."""
    size, end = cluster.definition.ci_size, high_used(cluster)
    first = end - 1 if rba is None else min(rba // size, end - 1)
    for number in range(first, -1, -1):
        for found in reversed(_records(cluster, number)):
            if rba is None or found[0] <= rba:
                cluster.state.retrieved += 1
                return found
    return None


def high_used(cluster: Addressable) -> int:
    """Control intervals of the data component in use."""
    return cluster.data.used


def _records(cluster: Addressable, number: int) -> list[tuple[int, bytes]]:
    if isinstance(cluster, KeySequenced):
        records = list(cluster.pool.find(number).in_order().values())
    else:
        records = cluster.pool.find(number)
    first = number * cluster.definition.ci_size
    starts = accumulate(map(len, records), initial=first)
    return list(zip(starts, records, strict=False))
