"""The two files of a COPY, found at a node and opened by what they are (`places`).

A side with FILE= is a file of the host (`host_source`, `host_target`) or a set of them (`tensor_set`), any other a data
set of the system.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace

from dtf.copying.allocation import completed, new_cluster, shape_of_new, space_of
from dtf.copying.appended_target import AppendedTarget
from dtf.copying.checkpoint import CREATED, GENERATION, LAST_KEY, STATE_DONE, CheckpointRecord, Shape, mismatch
from dtf.copying.data_set_source import DataSetSource
from dtf.copying.host_paths import HostPaths
from dtf.copying.host_source import HostSource
from dtf.copying.host_target import asked_host_shape, open_host_target, token_of
from dtf.copying.library_target import LibraryTarget, MemberTarget, NewLibrary
from dtf.copying.linear_target import LinearTarget
from dtf.copying.new_cluster_target import NewClusterTarget
from dtf.copying.open_source import OpenSource
from dtf.copying.places import (
    CLUSTER,
    LIBRARY,
    OWN_PREFIX,
    EndpointError,
    Place,
    open_cluster,
    open_place,
    place_of,
    shape_of,
)
from dtf.copying.shaping import TENSORS, VSAM, ShapeError
from dtf.copying.targets import KeyedTarget, SequentialTarget, Target, TargetExists
from dtf.copying.tensor_set import TensorSetSource, is_tensor_set, open_tensor_target
from dtf.protocol.events import FileAttributes, FileSide
from ksds import KeySequenced
from ksds.system import Linear, System


@dataclass(frozen=True, slots=True)
class Site:
    """Where a node's files are: its system, and what it may touch of the host."""

    system: System
    host: HostPaths


def open_source(site: Site, side: FileSide) -> OpenSource:
    """Open the FROM file for reading. Raises EndpointError and other StepErrors, KsdsError."""
    if _of_host(side):
        return TensorSetSource(site.host, side) if is_tensor_set(site.host, side) else HostSource(site.host, side)
    system = site.system
    place = place_of(system, side)
    if not place.kind:
        raise EndpointError(f"{side.name} is not in the catalog")
    with ExitStack() as undo:
        file = open_place(system, place)
        undo.callback(file.close)
        source = DataSetSource(system, side, place, file)
        undo.pop_all()
        return source


def completed_target(site: Site, side: FileSide) -> FileSide:
    """TO with what TYPE= and LIKE= say. Raises EndpointError."""
    return side if _of_host(side) else completed(site.system, side)


def asked_shape(site: Site, side: FileSide) -> Shape:
    """What the TO side fixes: coded attributes, completed from the data set if that is there and not NEW."""
    if _of_host(side):
        return asked_host_shape(site.host, side)
    system = site.system
    if side.name.upper().startswith(OWN_PREFIX):
        raise EndpointError(f"{side.name} is a file of the node itself: not a target")
    coded = from_wire(side.attributes)
    place = place_of(system, side)
    status = side.disposition[0] or "NEW"
    if place.kind == CLUSTER:  # with NEW it may be this copy's own: open_target looks
        with open_place(system, place) as file:
            return shape_of(file)
    if place.member or (place.kind == LIBRARY and status != "NEW"):
        return _of_library(system, place, coded)
    if not place.kind or status == "NEW":  # a data set that is there may be this copy's own: open_target looks
        if status in ("OLD", "SHR"):
            raise EndpointError(f"{side.name} is not in the catalog and DISP={status}")
        definition = new_cluster(system, side) if not place.kind else None
        if definition is not None:
            return shape_of_new(definition)
        if coded.organization not in ("", "PS", "PO"):
            raise EndpointError(f"{side.name} is no sequential data set: define it first")
        return coded
    with system.sequential(place.name) as data_set:
        there = shape_of(data_set)
    return there if status == "MOD" else _completed(coded, there)


def open_target(
    site: Site,
    side: FileSide,
    shape: Shape,
    running: CheckpointRecord,
    filed: CheckpointRecord | None,
    *,
    again: bool,
) -> Target:
    """Open the TO file of this shape. `running`: this step's record as it would be filed now; `filed`: the record of
    an earlier try; `again`: there was one."""
    matching = filed if filed and not mismatch(filed, running) else None
    complete = matching is not None and matching.state == STATE_DONE
    token = token_of(running.key, running.step_number)
    ending = token[-8:]
    if _of_host(side):
        if shape.organization == TENSORS:
            return open_tensor_target(site.host, side, running, token, complete=complete)
        return open_host_target(site.host, side, shape, token, matching)
    system, mode = site.system, running.mode
    status = side.disposition[0] or "NEW"
    items = filed.items if filed else {}
    token = filed.target_token if filed else ""
    place = place_of(system, side, items.get(GENERATION, b"").decode("cp037"))
    if shape.organization in VSAM:
        made = _make_cluster(system, place, side, ending, created=CREATED in items)
        target = _cluster_target(system, place, status, items, running, again=again)
        return NewClusterTarget(target, lambda: system.delete(place.name, purge=True)) if made else target
    if shape.organization == "PO":
        replacing = "NOREPLACE" not in dict(side.operands)
        new = "NEW" if status == "NEW" and not token else ""
        pdse = dict(side.operands).get("DSNTYPE") == "LIBRARY"
        made_as = NewLibrary(space_of(side), pdse=pdse)
        return LibraryTarget(
            *(system, place.name, shape, new, token, made_as), replacing=replacing, complete=complete, ending=ending
        )
    if place.member:
        new = "NEW" if status == "NEW" and not token else ""
        names = place.name, place.member
        return MemberTarget(system, *names, shape, new, mode, token, complete=complete, ending=ending)
    space, generation = space_of(side), place.generation
    return SequentialTarget(
        *(system, place.name, shape, status, mode, token), generation=generation, space=space, ending=ending
    )


def _make_cluster(system: System, place: Place, side: FileSide, ending: str, *, created: bool) -> bool:
    """Make the cluster that TO is to make, if it is not there. Whether this copy has made it, now or before."""
    new = (side.disposition[0] or "NEW") == "NEW"
    if place.kind:
        if created or not new:
            return created
        if getattr(system.entry(place.name), "stem", "") != f"{place.name}.{ending}":
            raise TargetExists(f"{side.name} exists and DISP=NEW was asked for")
        system.delete(place.name, purge=True)  # an earlier try made it, and ended before it could say so
    definition = new_cluster(system, side)
    if definition is None:
        raise EndpointError(f"{side.name} is not in the catalog")
    system.define_cluster(definition, ending=ending)
    return True


def _cluster_target(
    system: System, place: Place, status: str, items: Mapping[int, bytes], running: CheckpointRecord, *, again: bool
) -> Target:
    cluster = open_cluster(system, place.name, "w")
    if isinstance(cluster, KeySequenced):
        return KeyedTarget(cluster, status, items.get(LAST_KEY, b""), again=again)
    if isinstance(cluster, Linear):
        return LinearTarget(cluster, status, items)
    return AppendedTarget(cluster, status, items, numbered=running.source_shape.organization == "RR")


def to_wire(shape: Shape) -> FileAttributes:
    """A shape as frames carry it."""
    return FileAttributes(shape.organization, shape.recfm, shape.lrecl, shape.blksize)


def from_wire(attributes: FileAttributes) -> Shape:
    """The shape that frames carried."""
    return Shape(attributes.dsorg, attributes.recfm, attributes.lrecl, attributes.blksize)


def _of_host(side: FileSide) -> bool:
    return "FILE" in dict(side.operands)


def _of_library(system: System, place: Place, coded: Shape) -> Shape:
    """The shape of a library that is there, or of a member in it; what is coded must agree."""
    with system.library(place.name) as library:
        there = library.attributes
    organization = "PS" if place.member else "PO"
    shape = Shape(organization, there.recfm, there.lrecl, there.blksize)
    for what, asked, given in (("RECFM", coded.recfm, shape.recfm), ("LRECL", coded.lrecl, shape.lrecl)):
        if asked and asked != given:
            raise ShapeError(f"{place.name} has {what}={given}, DCB asks for {asked}")
    return shape


def _completed(coded: Shape, there: Shape) -> Shape:
    if coded.recfm and coded.recfm != there.recfm:
        return replace(coded, organization=coded.organization or "PS")
    if coded.organization not in ("", "PS"):
        raise ShapeError("a sequential data set is there, DCB asks for another organization")
    return Shape("PS", there.recfm, coded.lrecl or there.lrecl, coded.blksize or (0 if coded.lrecl else there.blksize))
