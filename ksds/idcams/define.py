"""DEFINE CLUSTER and DELETE: names into the catalog and out of it.

Precedence: what DATA or INDEX say, then what CLUSTER says, then the default. CONTROLINTERVALSIZE at cluster level is
that of data and index.

Source: z/OS DFSMS Access Method Services Commands, DEFINE CLUSTER and DELETE.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TypeVar

from ksds.catalog.entries import ClusterEntry, ComponentEntry, NonVsamEntry
from ksds.cluster.definition import ClusterDefinition
from ksds.cluster.space import InvalidDefinition, SpaceQuantity, SpaceRequest, derive
from ksds.errors import CatalogError, DataSetNotFound, VsamError
from ksds.idcams.commands import ClusterOperands, DataOperands, Define, Delete, IndexOperands
from ksds.idcams.invocation import Invocation, Line, Refusal, catalog_code
from ksds.system import VOLUME

_Value = TypeVar("_Value")

_BYPASSED = 8
_ENTRY_TYPES = {"CLUSTER": "C", "NONVSAM": "A"}


def define(invocation: Invocation, command: Define) -> int:
    """Make an empty cluster and catalog it."""
    cluster, data, index = command.cluster, command.data or DataOperands(), command.index or IndexOperands()
    definition = _definition(cluster, data, index)
    today = invocation.now.date()
    owner = cluster.owner or data.owner or ""
    entry = invocation.system.define_cluster(
        definition,
        created=today,
        expires=_expiration(cluster, today),
        owner=owner,
        volume=_volume(data.volumes or cluster.volumes),
    )
    _report_definition(invocation, entry, data, index)
    return 0


def _report_definition(invocation: Invocation, entry: ClusterEntry, data: DataOperands, index: IndexOperands) -> None:
    message = invocation.listing.message
    message("IDC0508I", entry.volume, 0)
    if entry.definition.index_name:
        message("IDC0509I", entry.volume, 0)
    if data.name is None:
        message("IDC0512I", "D", entry.definition.data_name)
    if entry.definition.index_name and index.name is None:
        message("IDC0512I", "I", entry.definition.index_name)


def _volume(volumes: tuple[str, ...]) -> str:
    """The first volume named; `*` and nothing leave the choice to the system."""
    return volumes[0] if volumes and volumes[0] != "*" else VOLUME


def _definition(cluster: ClusterOperands, data: DataOperands, index: IndexOperands) -> ClusterDefinition:
    """Raises Refusal for what this version cannot make, InvalidDefinition for what cannot be."""
    if cluster.organization == "ZFS":
        raise Refusal(("KSD302E", cluster.organization))
    if cluster.organization == "LINEAR":
        _check_linear(cluster, data)
    space = cluster.space or data.space
    if space is None:
        raise InvalidDefinition("IDC3505I", "INCORRECT SPECIFICATION OF SPACE ALLOCATION", "NO SPACE WAS ASKED FOR")
    reuse = _first(data.reuse, cluster.reuse, "NOREUSE")
    if index.reuse is not None and index.reuse != reuse:
        raise Refusal(("IDC3519I",))
    key_length, key_offset = _first(data.keys, cluster.keys, (64, 0))
    average, maximum = _first(data.record_size, cluster.record_size, (4089, 4089))
    free_ci, free_ca = (*_first(data.free_space, cluster.free_space, (0, 0)), 0)[:2]
    cross_region, cross_system = (*_first(data.share_options, cluster.share_options, (1, 3)), 3)[:2]
    return derive(
        SpaceRequest(
            name=cluster.name,
            space=SpaceQuantity(*space),
            organization=cluster.organization,
            key_length=key_length,
            key_offset=key_offset,
            average_record=average,
            maximum_record=maximum,
            ci_size=data.ci_size or cluster.ci_size,
            index_ci_size=index.ci_size or cluster.ci_size,
            buffer_space=data.buffer_space or cluster.buffer_space,
            free_ci_percent=free_ci,
            free_ca_percent=free_ca,
            cross_region=cross_region,
            cross_system=cross_system,
            reuse=reuse == "REUSE",
            erase=_first(data.erase, cluster.erase, "NOERASE") == "ERASE",
            speed=_first(data.loading, cluster.loading, "RECOVERY") == "SPEED",
            data_name=data.name or "",
            index_name=index.name or "",
        )
    )


def _check_linear(cluster: ClusterOperands, data: DataOperands) -> None:
    """A linear data set has no records, keys or free space, and its cross-system share option is 3."""
    for keyword, coded in (
        ("RECORDSIZE", data.record_size or cluster.record_size),
        ("KEYS", data.keys or cluster.keys),
        ("FREESPACE", data.free_space or cluster.free_space),
        ("SHAREOPTIONS", _first(data.share_options, cluster.share_options, (1, 3))[1:] == (4,)),
    ):
        if coded:
            raise InvalidDefinition("IDC3226I", f"INCONSISTENT PARAMETERS INVOLVING '{keyword}'", "LINEAR")


def _first(component: _Value | None, cluster: _Value | None, default: _Value) -> _Value:
    if component is not None:
        return component
    return default if cluster is None else cluster


def _expiration(cluster: ClusterOperands, today: date) -> date | None:
    """TO(yyyyddd), TO(yyddd) in the twentieth century, FOR(days). Day 99999 or 9999.999 means never, as does none."""
    if cluster.expiration is None:
        return None
    word, number = cluster.expiration
    if word == "FOR":
        return today + timedelta(days=number) if number < 9999 else None
    year, day = divmod(number, 1000)
    if year in (99, 1999, 9999) and day >= 365:
        return None
    year = year + 1900 if year < 100 else year
    try:
        found = date(year, 1, 1) + timedelta(days=day - 1)
    except (ValueError, OverflowError):
        found = date.min
    if found.year != year or day == 0:
        raise Refusal(("IDC3221I", number))
    return found


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
