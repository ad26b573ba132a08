"""The two files of a COPY, found at a node and opened by what they are (`places`).

A side with FILE= is a file of the host (`host_source`, `host_target`) or a set of
them (`tensor_set`), any other a data set of the system.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, replace

from dtf.copying.appended_target import AppendedTarget
from dtf.copying.checkpoint import GENERATION, LAST_KEY, STATE_DONE, CheckpointRecord, Shape, mismatch
from dtf.copying.data_set_source import DataSetSource
from dtf.copying.host_paths import HostPaths
from dtf.copying.host_source import HostSource
from dtf.copying.host_target import asked_host_shape, host_target_is_new, open_host_target, token_of
from dtf.copying.library import LibraryTarget, MemberTarget
from dtf.copying.linear_target import LinearTarget
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


OpenSource = DataSetSource | HostSource | TensorSetSource


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
    if place.kind == CLUSTER:
        if status == "NEW":
            raise TargetExists(f"{side.name} exists and DISP=NEW was asked for")
        with open_place(system, place) as file:
            return shape_of(file)
    if place.member or (place.kind == LIBRARY and status != "NEW"):
        return _of_library(system, place, coded)
    if not place.kind or status == "NEW":  # a data set that is there may be this copy's own: open_target looks
        if status in ("OLD", "SHR"):
            raise EndpointError(f"{side.name} is not in the catalog and DISP={status}")
        if coded.organization not in ("", "PS", "PO"):
            raise EndpointError(f"{side.name} is no sequential data set: define it first")
        return coded
    with system.sequential(place.name) as data_set:
        there = shape_of(data_set)
    return there if status == "MOD" else _completed(coded, there)


def target_is_new(site: Site, side: FileSide) -> bool:
    """Whether TO names what is not there yet."""
    if _of_host(side):
        return host_target_is_new(site.host, side)
    return not place_of(site.system, side).kind


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
    if _of_host(side):
        matching = filed if filed and not mismatch(filed, running) else None
        token = token_of(running.key, running.step_number)
        if shape.organization == TENSORS:
            complete = matching is not None and matching.state == STATE_DONE
            return open_tensor_target(site.host, side, running, token, complete=complete)
        return open_host_target(site.host, side, shape, token, matching)
    system, mode = site.system, running.mode
    status = side.disposition[0] or "NEW"
    items = filed.items if filed else {}
    token = filed.target_token if filed else ""
    place = place_of(system, side, items.get(GENERATION, b"").decode("cp037"))
    if shape.organization in VSAM:
        cluster = open_cluster(system, place.name, "w")
        if isinstance(cluster, KeySequenced):
            return KeyedTarget(cluster, status, items.get(LAST_KEY, b""), again=again)
        if isinstance(cluster, Linear):
            return LinearTarget(cluster, status, items)
        return AppendedTarget(cluster, status, items, numbered=running.source_shape.organization == "RR")
    if shape.organization == "PO":
        replacing = "NOREPLACE" not in dict(side.operands)
        new = "NEW" if status == "NEW" and not token else ""
        return LibraryTarget(system, place.name, shape, new, token, replacing=replacing)
    if place.member:
        new = "NEW" if status == "NEW" and not token else ""
        return MemberTarget(system, place.name, place.member, shape, new, mode, token)
    return SequentialTarget(system, place.name, shape, status, mode, token, generation=place.generation)


def to_wire(shape: Shape) -> FileAttributes:
    return FileAttributes(shape.organization, shape.recfm, shape.lrecl, shape.blksize)


def from_wire(attributes: FileAttributes) -> Shape:
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
