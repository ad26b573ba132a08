"""DEFINE CLUSTER with MODEL(entry): what was not coded is as in an entry that is there.

Precedence: what was coded, then the model, then the defaults. Names, owner and dates are never taken from a model.

Source: z/OS DFSMS Access Method Services Commands, DEFINE CLUSTER, MODEL.
"""

from __future__ import annotations

from typing import Any

from ksds.catalog.entries import ClusterEntry, ComponentEntry
from ksds.idcams.define_operands import ClusterOperands, DataOperands, IndexOperands
from ksds.idcams.invocation import Invocation, Refusal


def after_model(
    invocation: Invocation, cluster: ClusterOperands, data: DataOperands, index: IndexOperands
) -> tuple[ClusterOperands, DataOperands, IndexOperands]:
    """The operands completed from the model. Raises Refusal (IDC3501I) if the model is no cluster."""
    if cluster.model is None:
        return cluster, data, index
    entry = invocation.system.entry(cluster.model[0])
    model = entry.cluster if isinstance(entry, ComponentEntry) else entry
    if not isinstance(model, ClusterEntry):
        raise Refusal(("IDC3501I",), ("KSD304E", f"{entry.name} IS {entry.type}"))
    shape = model.definition
    values: dict[str, Any] = {
        "space": (f"{shape.space_unit}S", shape.primary, shape.secondary),
        "share_options": (shape.cross_region, shape.cross_system),
        "reuse": "REUSE" if shape.reuse else "NOREUSE",
        "erase": "ERASE" if shape.erase else "NOERASE",
        "loading": "SPEED" if shape.speed else "RECOVERY",
    }
    if "organization" not in cluster.model_fields_set:
        values["organization"] = shape.organization
    if values.get("organization", cluster.organization) == shape.organization != "LINEAR":
        values["record_size"] = (shape.average_record, shape.maximum_record)
        values["spanned"] = "SPANNED" if shape.spanned else "NONSPANNED"
        if shape.organization == "INDEXED":
            values["keys"] = (shape.key_length, shape.key_offset)
            values["free_space"] = (shape.free_ci_percent, shape.free_ca_percent)
    if cluster.ci_size is None and data.ci_size is None:
        data = data.model_copy(update={"ci_size": shape.ci_size})
    if cluster.ci_size is None and index.ci_size is None and shape.index_ci_size:
        index = index.model_copy(update={"ci_size": shape.index_ci_size})
    missing = {
        name: value
        for name, value in values.items()
        if name == "organization" or (getattr(cluster, name) is None and getattr(data, name) is None)
    }
    return cluster.model_copy(update=missing), data, index
