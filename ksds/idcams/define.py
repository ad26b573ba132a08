"""DEFINE and DELETE: names into the catalog and out of it.

Source: z/OS DFSMS Access Method Services Commands, DEFINE CLUSTER and DELETE.
"""

from __future__ import annotations

from dataclasses import replace

from ksds.catalog.entries import ClusterEntry, ComponentEntry, NonVsamEntry
from ksds.cluster.definition import ClusterDefinition
from ksds.cluster.space import InvalidDefinition, derive
from ksds.errors import CatalogError, DataSetNotFound, VsamError
from ksds.idcams.attributes import components, expiration, first, report_definition, space_request, volume
from ksds.idcams.commands import (
    ClusterOperands,
    DataOperands,
    Define,
    Delete,
    IndexOperands,
)
from ksds.idcams.invocation import Invocation, Line, Refusal, catalog_code

_BYPASSED = 8
_ENTRY_TYPES = {"CLUSTER": "C", "NONVSAM": "A"}


def define(invocation: Invocation, command: Define) -> int:
    """Make what was asked for, empty, and catalog it."""
    operands = command.target[1]
    data, index = components(command)
    if not isinstance(operands, ClusterOperands):
        raise Refusal(("KSD302E", command.target[0]))
    return _define_cluster(invocation, operands, data, index)


def _define_cluster(invocation: Invocation, cluster: ClusterOperands, data: DataOperands, index: IndexOperands) -> int:
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
    """Raises Refusal for what this version cannot make, InvalidDefinition for what cannot be."""
    if cluster.organization == "ZFS":
        raise Refusal(("KSD302E", cluster.organization))
    if cluster.organization == "LINEAR":
        _check_linear(cluster, data)
    request = space_request(cluster, data, index, record_size=(4089, 4089))
    return derive(replace(request, organization=cluster.organization))


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


def delete(invocation: Invocation, command: Delete) -> int:
    """Delete each entry named, or each that a generic name covers; the rest goes on when one cannot be deleted."""
    code = 0
    for wanted in command.entries:
        generic = "*" in wanted or "%" in wanted
        names = _covered(invocation, wanted) if generic else [wanted]
        if not names:
            code = max(code, _not_deleted(invocation, wanted, DataSetNotFound(wanted)))
        for name in names:
            try:
                _delete_one(invocation, name, command)
            except (CatalogError, VsamError) as error:
                code = max(code, _not_deleted(invocation, name, error))
    return code


def _covered(invocation: Invocation, pattern: str) -> list[str]:
    return [
        entry.name for entry in invocation.system.entries(pattern) if isinstance(entry, ClusterEntry | NonVsamEntry)
    ]


def _delete_one(invocation: Invocation, name: str, command: Delete) -> None:
    wanted = _ENTRY_TYPES.get(command.object_type or "")
    if wanted and invocation.system.entry(name).letter != wanted:
        raise DataSetNotFound(name)
    today = invocation.now.date()
    erase = None if command.erase is None else command.erase == "ERASE"
    entry = invocation.system.delete(name, purge=command.purge == "PURGE", today=today, erase=erase)
    components: list[ComponentEntry] = entry.components if isinstance(entry, ClusterEntry) else []
    for gone in [*components, entry]:
        invocation.listing.message("IDC0550I", gone.letter, gone.name)


def _not_deleted(invocation: Invocation, name: str, error: CatalogError | VsamError) -> int:
    lines: list[Line]
    if isinstance(error, DataSetNotFound):
        lines = [("IDC3012I", name), catalog_code(8, "IGG0CLEG-42")]
    else:
        lines = [("IDC3014I",), ("KSD304E", error.what)]
    return invocation.report(Refusal(*lines, ("IDC0551I", name), code=_BYPASSED))
