"""The kinds of cluster there are, a path among them, and which of them a definition describes."""

from __future__ import annotations

from ksds.cluster.definition import ClusterDefinition
from ksds.cluster.entry_sequenced import EntrySequenced
from ksds.cluster.key_sequenced import KeySequenced
from ksds.cluster.linear import Linear
from ksds.cluster.path import Path
from ksds.cluster.relative_record import RelativeRecord
from ksds.cluster.spanned_entry_sequenced import SpannedEntrySequenced
from ksds.cluster.spanned_key_sequenced import SpannedKeySequenced
from ksds.cluster.upgrade import Upgraded
from ksds.cluster.variable_record import VariableRelativeRecord

Cluster = KeySequenced | EntrySequenced | RelativeRecord | VariableRelativeRecord | Linear | Path
Keyed = KeySequenced | Path
Numbered = RelativeRecord | VariableRelativeRecord
ClusterClass = (
    type[KeySequenced] | type[EntrySequenced] | type[RelativeRecord] | type[VariableRelativeRecord] | type[Linear]
)

_CLASSES: dict[str, ClusterClass] = {
    "INDEXED": KeySequenced,
    "NONINDEXED": EntrySequenced,
    "NUMBERED": RelativeRecord,
    "LINEAR": Linear,
}
_SPANNED: dict[str, ClusterClass] = {"INDEXED": SpannedKeySequenced, "NONINDEXED": SpannedEntrySequenced}


def unmaintained(cluster: Cluster) -> tuple[str, ...]:
    """The alternate indexes of the upgrade set that an open cluster or path does not keep up to date, for they were
    never built (ACBERFLG 100)."""
    base = cluster.base if isinstance(cluster, Path) else cluster
    return base.upgrades.unmaintained if isinstance(base, Upgraded) else ()


def class_of(definition: ClusterDefinition) -> ClusterClass:
    """The class that makes, opens and removes clusters of this definition."""
    if definition.is_variable:
        return VariableRelativeRecord
    return (_SPANNED if definition.spanned else _CLASSES)[definition.organization]
