"""Which ways lead to the records of a data set, and the code for each that does not."""

from __future__ import annotations

from ksds.access.addressing import Addressing
from ksds.access.by_address import EntriesByAddress, KeysByAddress
from ksds.access.by_index import ByIndex
from ksds.access.by_interval import ByInterval
from ksds.access.by_key import ByKey
from ksds.access.by_number import BySlot, ByVariableNumber
from ksds.access.by_path import ByPath
from ksds.cluster.entry_sequenced import EntrySequenced
from ksds.cluster.key_sequenced import KeySequenced
from ksds.cluster.linear import Linear
from ksds.cluster.organizations import Cluster
from ksds.cluster.path import Path
from ksds.cluster.relative_record import RelativeRecord
from ksds.cluster.variable_record import VariableRelativeRecord
from ksds.errors import AddressedPath, AddressedRelative, InvalidKeyedRequest, InvalidOptions


def way(cluster: Cluster, kind: str) -> Addressing:
    """The records of `cluster` as KEY, ADR or CNV shows them, or those of its index (INDEX).

    Raises InvalidKeyedRequest (8/72), AddressedRelative (8/196), AddressedPath (8/200), InvalidOptions (8/104).
    """
    if kind == "KEY":
        return _by_key(cluster)
    if isinstance(cluster, Path):
        raise AddressedPath("a path leads to records by key only")
    if kind == "ADR":
        return _by_address(cluster)
    return _of_the_index(cluster) if kind == "INDEX" else ByInterval(cluster)


def _of_the_index(cluster: Cluster) -> Addressing:
    if isinstance(cluster, KeySequenced):
        return ByIndex(cluster)
    if isinstance(cluster, VariableRelativeRecord):
        return ByIndex(cluster.keyed)
    raise InvalidKeyedRequest("the data set has no index")


def _by_key(cluster: Cluster) -> Addressing:
    if isinstance(cluster, KeySequenced):
        return ByKey(cluster)
    if isinstance(cluster, RelativeRecord):
        return BySlot(cluster)
    if isinstance(cluster, EntrySequenced):
        raise InvalidKeyedRequest("an entry-sequenced data set is reached by ADR or CNV")
    if isinstance(cluster, Linear):
        raise InvalidOptions("a linear data set is reached by CNV")
    if isinstance(cluster, Path):
        return ByPath(cluster)
    return ByVariableNumber(cluster)


def _by_address(cluster: Cluster) -> Addressing:
    if isinstance(cluster, KeySequenced):
        return KeysByAddress(cluster)
    if isinstance(cluster, EntrySequenced):
        return EntriesByAddress(cluster)
    if isinstance(cluster, Linear):
        raise InvalidOptions("a linear data set is reached by CNV")
    raise AddressedRelative("a relative-record data set is reached by KEY or CNV")
