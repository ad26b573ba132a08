"""DEFINE with RECATALOG: an entry for what is on the volume and was uncatalogued by DELETE NOSCRATCH.

A cluster comes back with its alternate indexes and paths, as they went together; RECATALOG of one of those then finds
it done already.

Source: z/OS DFSMS Access Method Services Commands, DEFINE, RECATALOG.
"""

from __future__ import annotations

from ksds.catalog.entries import AlternateIndexEntry, PathEntry
from ksds.idcams.define_operands import AlternateIndexOperands, ClusterOperands, PathOperands
from ksds.idcams.invocation import Invocation, Refusal

RecataloguedOperands = ClusterOperands | AlternateIndexOperands | PathOperands


def recatalog(invocation: Invocation, operands: RecataloguedOperands) -> int:
    """Catalog it again as it was. Raises DataSetNotFound, DuplicateName, CatalogError, Refusal for another object."""
    if isinstance(operands, ClusterOperands):
        coded = operands.organization if "organization" in operands.model_fields_set else None
        invocation.system.associations.bring_back(operands.name, coded)
        return 0
    entry = invocation.system.entry(operands.name)
    kind = AlternateIndexEntry if isinstance(operands, AlternateIndexOperands) else PathEntry
    below = operands.base if isinstance(operands, AlternateIndexOperands) else operands.over
    over = entry.base if isinstance(entry, AlternateIndexEntry) else entry.over if isinstance(entry, PathEntry) else ""
    if not isinstance(entry, kind) or over != below:
        raise Refusal(("KSD303E", f"{entry.type} {entry.name} IS NOT WHAT IS TO BE RECATALOGUED OVER {below}"))
    return 0
