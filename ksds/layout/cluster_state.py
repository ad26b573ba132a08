"""What a cluster remembers beside its control intervals. One after the other, the states of a sphere's members are the
owner's bytes of the sphere's state; that of a member that is gone is zero.

On the real system these fields live in the catalog's volume record; here the journal carries them, so that
they change in the same atomic group as the control intervals. All numbers are big-endian and unsigned.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, fields
from operator import attrgetter

from construct import Int16ub, Int32ub, Int64ub, Struct

from ksds.errors import Damaged

CLUSTER_STATE = Struct(
    "root" / Int32ub,
    "levels" / Int16ub,
    "loading" / Int16ub,
    "records" / Int64ub,
    "inserted" / Int64ub,
    "deleted" / Int64ub,
    "updated" / Int64ub,
    "retrieved" / Int64ub,
    "ci_splits" / Int64ub,
    "ca_splits" / Int64ub,
    "excps" / Int64ub,
    "end" / Int64ub,
    "reclaimed" / Int32ub,
    "emptied" / Int32ub,
    "ca_reclaims" / Int64ub,
    "ca_reuses" / Int64ub,
)

_STATE = struct.Struct(">IHH9QII2Q")
_MOST = (1 << 63) - 1


@dataclass(slots=True)
class ClusterState:
    """`root` is the index CI of the top record, `levels` 0 for a cluster without records yet.

    `loading` is 1 while a RECOVERY load is under way: the data below the high-used RBA counts, there is no index yet.
    The counters are LISTCAT's statistics. `end` is the RBA after the last record of an entry-sequenced data set.
    `reclaimed` is the index CI + 1 of the sequence-set record, first of a chain, whose control area waits to be used
    again; 0 = none does. `emptied` is the same of index-set records that nothing is under any more.
    """

    root: int = 0
    levels: int = 0
    loading: int = 0
    records: int = 0
    inserted: int = 0
    deleted: int = 0
    updated: int = 0
    retrieved: int = 0
    ci_splits: int = 0
    ca_splits: int = 0
    excps: int = 0
    end: int = 0
    reclaimed: int = 0
    emptied: int = 0
    ca_reclaims: int = 0
    ca_reuses: int = 0


_VALUES = attrgetter(*(field.name for field in fields(ClusterState)))


def build(states: Sequence[ClusterState]) -> bytes:
    """The states of members 0 and up."""
    try:
        return b"".join([_STATE.pack(*_VALUES(state)) for state in states])
    except struct.error:  # counters that were wrong when the data set was opened: VERIFY says so
        return b"".join([_STATE.pack(*[min(max(field, 0), _MOST) for field in _VALUES(state)]) for state in states])


def parse(data: bytes) -> list[ClusterState]:
    """What `build` was given. Raises Damaged for a length that cannot be."""
    if not data or len(data) % _STATE.size:
        what = f"cluster states of {len(data)} bytes, {_STATE.size} each"
        raise Damaged(what, feedback=Damaged.READ_DATA, component="data")
    return [ClusterState(*row) for row in _STATE.iter_unpack(data)]
