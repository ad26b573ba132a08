"""What erasing gives back: control intervals (CIs), and control areas (CAs) that nothing is left in.

CI reclaim: a CI whose last record is erased joins the free CIs of its CA, unless it is the CA's highest, which keeps
the CA's place in the index. CA reclaim: once that one is all that is left, and empty, the CA leaves the index, its key
range falls to the next CA, and it waits, with its sequence-set record, to be used again before the data set grows. The
records of CAs that wait are chained by their horizontal pointers from the cluster's state on, so that all of this
changes in one commit with the erasure. The CA at RBA 0 and the one with the highest keys stay, and all of them in a
data set with NORECLAIMCA or a variable-length RRDS.

Source: z/OS DFSMS Using Data Sets, "Reclaiming CA Space"; Macro Instructions for Data Sets, ERASE.
"""

from __future__ import annotations

from ksds.cluster.index_records import Area
from ksds.cluster.keyed_cluster import KeyedCluster
from ksds.errors import VsamError


def reclaim(cluster: KeyedCluster, position: int, area: Area, slot: int) -> None:
    """After the last record of a CI was erased: free the CI, and the CA if it was the last one in it."""
    if slot < len(area.cis) - 1:
        cluster.index.remove_ci(area, slot)
    if cluster.definition.no_ca_reclaim:
        return
    if len(area.cis) == 1 and area.base and position < len(cluster.index.bounds) - 1:
        _reclaim_area(cluster, position, area)


def _reclaim_area(cluster: KeyedCluster, position: int, area: Area) -> None:
    """A record that cannot be read keeps its neighbours where they are: the request is done without this."""
    state = cluster.state
    try:
        if cluster.pool.find(area.cis[0]).records:
            return
        following = state.reclaimed - 1 if state.reclaimed else None
        given = cluster.index.drop_area(position, following)
    except VsamError:
        return
    if given is not None:
        given.cis[:] = [given.base]
        given.free = list(range(cluster.definition.cis_per_ca - 1, 0, -1))
        state.reclaimed = given.number + 1
        state.ca_reclaims += 1
