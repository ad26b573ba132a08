"""Where a spanned record goes, and a record next to one: control intervals (CIs) set apart, runs that grow and shrink.

Two steps, each of which leaves the data set sound and its records as they were, so that a request which finds no space
has changed nothing that anybody can see:
  1. `set_apart`: the CI for a key is made to hold nothing but the record with that key, if there is one. What else
     was in it moves to a new CI beside it.
  2. `stretch`: the run of CIs that begins there gets as many as the record needs.
Both take free CIs of the control area (CA). Where there are not enough the CA is split beside the run, so that the
whole record stays in one CA; at an end of the CA a new one is begun instead.

Source: z/OS DFSMS Using Data Sets, "Control Field Values for Spanned Key-Sequenced and Entry-Sequenced Data Sets".
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from ksds.cluster.index_records import Area, separator
from ksds.cluster.keyed_cluster import KeyedCluster
from ksds.cluster.page import Page
from ksds.cluster.spanned_index import SpannedIndex
from ksds.cluster.split import split_area


def set_apart(cluster: KeyedCluster, index: SpannedIndex, key: bytes) -> None:
    """Let the CI for `key` hold at most the record with this key. Raises NoSpace (8/28)."""
    while True:
        position, area, slot, page = cluster.find(key)
        keys = list(page.in_order())
        low, high = bisect_left(keys, key), bisect_right(keys, key)
        if not low and high == len(keys):
            return
        number, run = area.cis[slot], index.run(area, slot)
        if not low:
            moved, new = keys[:high], _below(cluster, index, position, run, separator(key, keys[high]))
        elif high < len(keys):
            moved, new = keys[high:], _above(cluster, index, position, run, separator(key, keys[high]))
        else:
            moved, new = keys[low:], _above(cluster, index, position, run, separator(keys[low - 1], key))
        if new is None:
            continue
        cluster.rewrite(new, Page({each: page.records[each] for each in moved}))
        if moved:
            rest = {each: page.records[each] for each in keys if each not in moved}
            cluster.rewrite(number, Page(rest))
            cluster.state.ci_splits += 1


def stretch(cluster: KeyedCluster, index: SpannedIndex, key: bytes, count: int) -> list[int]:
    """Give the run for `key` this many CIs; their numbers. Raises NoSpace (8/28)."""
    while True:
        position, area, slot, _ = cluster.find(key)
        first, end = index.run(area, slot)
        missing = count - (end - first)
        if missing < 0:
            for number in index.give_back(area, first + count, end):
                cluster.rewrite(number, Page({}))
        if missing > 0:
            bounds = [*area.bounds[:end], *[area.bounds[first]] * missing, *area.bounds[end:]]
            if index.take(area, end, bounds) is None:
                split_area(cluster, position, end if end < len(area.cis) else first)
                continue
        return area.cis[first : first + count]


def _above(cluster: KeyedCluster, index: SpannedIndex, position: int, run: tuple[int, int], bound: bytes) -> int | None:
    """A new CI for the keys of a run above `bound`. None if the CA had to be split first: then nothing else is done."""
    area = index.area(position)
    first, end = run
    bounds = [*area.bounds[:first], *[bound] * (end - first), *area.bounds[end - 1 :]]
    return _new_ci(cluster, index, position, end, bounds, bound)


def _below(cluster: KeyedCluster, index: SpannedIndex, position: int, run: tuple[int, int], bound: bytes) -> int | None:
    """As `_above`, for the keys of a run up to `bound`."""
    area = index.area(position)
    first, _ = run
    return _new_ci(cluster, index, position, first, [*area.bounds[:first], bound, *area.bounds[first:]], bound)


def _new_ci(
    cluster: KeyedCluster, index: SpannedIndex, position: int, slot: int, bounds: list[bytes], bound: bytes
) -> int | None:
    area: Area = index.area(position)
    taken = index.take(area, slot, bounds)
    if taken is not None:
        return taken[0]
    cluster.index_full += bool(area.free)
    if 0 < slot < len(area.cis):
        split_area(cluster, position, slot)
        return None
    new = cluster.extend_ca()
    if slot:
        index.append_area(position, new, bound)
    else:
        index.prepend_area(position, new, bound)
    return new
