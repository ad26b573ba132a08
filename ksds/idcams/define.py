"""DEFINE: names into the catalog.

Source: z/OS DFSMS Access Method Services Commands, DEFINE CLUSTER.
"""

from __future__ import annotations

from dataclasses import replace

from ksds.cluster.definition import ClusterDefinition
from ksds.cluster.space import InvalidDefinition, derive
from ksds.idcams.alternate_index import define_alternate_index, define_path
from ksds.idcams.attributes import (
    NONSPANNED_RECORDS,
    SPANNED_RECORDS,
    components,
    expiration,
    first,
    report_definition,
    space_request,
    volume,
    with_what_is_listed,
)
from ksds.idcams.define_names import NameOperands, define_name
from ksds.idcams.define_operands import (
    AlternateIndexOperands,
    ClusterOperands,
    DataOperands,
    Define,
    IndexOperands,
    PathOperands,
)
from ksds.idcams.invocation import Invocation
from ksds.idcams.model import after_model
from ksds.idcams.recatalog import recatalog


def define(invocation: Invocation, command: Define) -> int:
    """Make what was asked for, empty, and catalog it."""
    operands = command.target[1]
    data, index = components(command)
    if isinstance(operands, NameOperands):
        return define_name(invocation, operands)
    if operands.recatalog == "RECATALOG":
        return recatalog(invocation, operands)
    if isinstance(operands, AlternateIndexOperands):
        return define_alternate_index(invocation, operands, data, index)
    if isinstance(operands, PathOperands):
        return define_path(invocation, operands)
    return _define_cluster(invocation, operands, data, index)


def _define_cluster(invocation: Invocation, cluster: ClusterOperands, data: DataOperands, index: IndexOperands) -> int:
    cluster, data, index = after_model(invocation, cluster, data, index)
    definition = _definition(cluster, data, index)
    today = invocation.now.date()
    entry = invocation.system.define_cluster(
        definition,
        created=today,
        expires=expiration(cluster.expiration, today),
        owner=cluster.owner or data.owner or "",
        volume=volume(data.volumes or cluster.volumes),
    )
    report_definition(invocation, entry, data, index)
    return 0


def _definition(cluster: ClusterOperands, data: DataOperands, index: IndexOperands) -> ClusterDefinition:
    """Raises Refusal and InvalidDefinition for what cannot be."""
    if cluster.organization == "LINEAR":
        _check_linear(cluster, data)
    spanned = first(data.spanned, cluster.spanned, "NONSPANNED") == "SPANNED"
    request = space_request(cluster, data, index, record_size=SPANNED_RECORDS if spanned else NONSPANNED_RECORDS)
    definition = derive(replace(request, organization=cluster.organization))
    return with_what_is_listed(definition, cluster, data, index)


def _check_linear(cluster: ClusterOperands, data: DataOperands) -> None:
    """A linear data set has no records, keys or free space, and its cross-system share option is 3."""
    for keyword, coded in (
        ("RECORDSIZE", data.record_size or cluster.record_size),
        ("KEYS", data.keys or cluster.keys),
        ("FREESPACE", data.free_space or cluster.free_space),
        ("SHAREOPTIONS", first(data.share_options, cluster.share_options, (1, 3))[1:] == (4,)),
    ):
        if coded:
            raise InvalidDefinition("IDC3226I", f"INCONSISTENT PARAMETERS INVOLVING '{keyword}'", "LINEAR")
