"""The kinds of cluster there are, and which of them a definition describes."""

from __future__ import annotations

from ksds.cluster.definition import ClusterDefinition
from ksds.cluster.entry_sequenced import EntrySequenced
from ksds.cluster.key_sequenced import KeySequenced
from ksds.cluster.linear import Linear
from ksds.cluster.relative_record import RelativeRecord
from ksds.cluster.variable_record import VariableRelativeRecord

Cluster = KeySequenced | EntrySequenced | RelativeRecord | VariableRelativeRecord | Linear
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


def class_of(definition: ClusterDefinition) -> ClusterClass:
    """The class that makes, opens and removes clusters of this definition."""
    return VariableRelativeRecord if definition.is_variable else _CLASSES[definition.organization]
