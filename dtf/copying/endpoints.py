"""The two files of a COPY, found at a node and opened by what they are.

A name is a data set, a cluster, `LIB(MEMBER)`, or a relative generation `GROUP(+1)`, `GROUP(0)`, `GROUP(-1)`. A
relative generation is made absolute when the step first opens it, and the checkpoint record keeps it, so a restart
means the same one. A side with FILE= is a file of the host (`host_source`, `host_target`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from types import TracebackType

from dtf.copying.appended_target import AppendedTarget
from dtf.copying.checkpoint import GENERATION, LAST_KEY, CheckpointRecord, Shape, SourceIdentity, mismatch
from dtf.copying.host_paths import HostPaths
from dtf.copying.host_source import HostSource
from dtf.copying.host_target import asked_host_shape, open_host_target, token_of
from dtf.copying.host_text import host_options, records_to_lines
from dtf.copying.library import LibraryTarget, MemberTarget, unloaded
from dtf.copying.shaping import FILE, ShapeError
from dtf.copying.sources import Source, UnitSource, open_fixed, open_keyed, open_records, open_sequential
from dtf.copying.targets import KeyedTarget, SequentialTarget, Target, TargetExists
from dtf.errors import StepError
from dtf.protocol.events import FileAttributes, FileSide
from ksds import DataSetAttributes, EntrySequenced, KeySequenced, RelativeRecord, SequentialDataSet
from ksds.catalog.entries import ClusterEntry, GdgEntry, NonVsamEntry
from ksds.datasets import PartitionedDataSet
from ksds.errors import DataSetNotFound
from ksds.system import System

OWN_PREFIX = "DTF."
"""First qualifier of the node's own clusters."""

_IN_PARENTHESES = re.compile(r"([^()]*)\(([^()]*)\)")
_RELATIVE = re.compile(r"[+-]?\d{1,4}")
_SEQUENTIAL, _CLUSTER, _LIBRARY, _MEMBER = "sequential", "cluster", "library", "member"

ClusterFile = KeySequenced | EntrySequenced | RelativeRecord
Openable = SequentialDataSet | PartitionedDataSet | ClusterFile


class EndpointError(StepError):
    """The file is not there, or is of a kind that is not copied."""

    default_id = "DTX201E"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a side of the COPY is: data set, member of it, and what it is; `kind` "" if the name is not there."""

    name: str
    member: str = ""
    kind: str = ""
    generation: str = ""

    @property
    def whole_name(self) -> str:
        return f"{self.name}({self.member})" if self.member else self.name


@dataclass(frozen=True, slots=True)
class Site:
    """Where a node's files are: its system, and what it may touch of the host."""

    system: System
    host: HostPaths


class DataSetSource:
    """The open data set of FROM. As a context manager it closes it, and deletes it if that was asked for."""

    def __init__(self, system: System, side: FileSide, place: Place, file: Openable) -> None:
        self._system = system
        self._place = place
        self._operands = dict(side.operands)
        self._file = file
        self._delete = False
        identity = system.identity(place.name)
        self.identity = SourceIdentity(identity.size, identity.mtime_ns, identity.inode)
        self.shape = _shape_of(file)

    def __enter__(self) -> DataSetSource:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        if self._delete:
            self._remove()

    def cursor(self, target: Shape, mode: str, there: FileSide) -> Source:
        """The source as whole blocks, or as records in the form of this target; `there`: the TO side."""
        file = self._file
        if target.organization == FILE:
            return self._for_host(there)
        if isinstance(file, KeySequenced):
            return open_keyed(file, target)
        if isinstance(file, SequentialDataSet):
            return open_sequential(file, target, mode)
        if isinstance(file, PartitionedDataSet):
            library, operands = file, self._operands
            return open_records(lambda: unloaded(library, operands), library.attributes.blksize, target)
        return open_records(_records_of(file), file.definition.maximum_record, target)

    def _for_host(self, there: FileSide) -> Source:
        file, options = self._file, host_options(dict(there.operands))
        if isinstance(file, SequentialDataSet) and file.attributes.kind == "F" and not options.text:
            return open_fixed(file, file.attributes.lrecl)
        records = _records_of(file)
        return UnitSource(lambda: ((line, 1) for line in records_to_lines(records(), options)), self.shape.lrecl or 1)

    def delete_when_closed(self) -> None:
        """DISP=(,DELETE) on FROM."""
        self._delete = True

    def _remove(self) -> None:
        if self._place.kind != _MEMBER:
            self._system.delete(self._place.name, purge=True)
            return
        with self._system.library(self._place.name, "w") as library:
            library.delete(self._place.member)


OpenSource = DataSetSource | HostSource


def open_source(site: Site, side: FileSide) -> OpenSource:
    """Open the FROM file for reading. Raises EndpointError and other StepErrors, KsdsError."""
    if _of_host(side):
        return HostSource(site.host, side)
    system = site.system
    place = _place(system, side)
    if not place.kind:
        raise EndpointError(f"{side.name} is not in the catalog")
    with ExitStack() as undo:
        file = _open(system, place)
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
    place = _place(system, side)
    status = side.disposition[0] or "NEW"
    if place.kind == _CLUSTER:
        if status == "NEW":
            raise TargetExists(f"{side.name} exists and DISP=NEW was asked for")
        with _open(system, place) as file:
            return _shape_of(file)
    if place.member or (place.kind == _LIBRARY and status != "NEW"):
        return _of_library(system, place, coded)
    if not place.kind or status == "NEW":  # a data set that is there may be this copy's own: open_target looks
        if status in ("OLD", "SHR"):
            raise EndpointError(f"{side.name} is not in the catalog and DISP={status}")
        if coded.organization not in ("", "PS", "PO"):
            raise EndpointError(f"{side.name} is no sequential data set: define it first")
        return coded
    with system.sequential(place.name) as data_set:
        there = _shape_of(data_set)
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
    if _of_host(side):
        matching = filed if filed and not mismatch(filed, running) else None
        return open_host_target(site.host, side, shape, token_of(running.key, running.step_number), matching)
    system, mode = site.system, running.mode
    status = side.disposition[0] or "NEW"
    items = filed.items if filed else {}
    token = filed.target_token if filed else ""
    place = _place(system, side, items.get(GENERATION, b"").decode("cp037"))
    if shape.organization == "VS":
        cluster = _cluster(system, place.name, "w")
        if isinstance(cluster, KeySequenced):
            return KeyedTarget(cluster, status, items.get(LAST_KEY, b""), again=again)
        return AppendedTarget(cluster, status, items)
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


def _place(system: System, side: FileSide, generation: str = "") -> Place:
    """What the name means. `generation`: what a relative one meant before. Raises EndpointError, CatalogError."""
    match = _IN_PARENTHESES.fullmatch(side.name)
    if not match:
        return Place(side.name, kind=_kind(system, side.name))
    name, inside = match[1], match[2].upper()
    if not _RELATIVE.fullmatch(inside):
        kind = _kind(system, name)
        if kind != _LIBRARY:
            raise EndpointError(f"{name} is {'a ' + kind if kind else 'not there'}, not a library with members")
        with system.library(name) as library:
            there = inside in library
        return Place(name, inside, _MEMBER if there else "")
    absolute = f"{name}.{generation}" if generation else system.generations.group(name).relative(int(inside))
    return Place(absolute, kind=_kind(system, absolute), generation=absolute.rpartition(".")[2])


def _kind(system: System, name: str) -> str:
    """What is catalogued under the name, "" if nothing is. Raises EndpointError for what is not copied."""
    try:
        entry = system.entry(name)
    except DataSetNotFound:
        return ""
    if isinstance(entry, NonVsamEntry):
        return _LIBRARY if entry.attributes.dsorg == "PO" else _SEQUENTIAL
    if isinstance(entry, ClusterEntry):
        return _CLUSTER
    if isinstance(entry, GdgEntry):
        raise EndpointError(f"{name} is a generation group: name a generation of it, such as (+1)")
    raise EndpointError(f"{name} is a {entry.type or 'component'}: not copied by itself")


def _open(system: System, place: Place) -> Openable:
    if place.kind == _CLUSTER:
        return _cluster(system, place.name, "r")
    return system.library(place.name) if place.kind == _LIBRARY else system.sequential(place.whole_name)


def _cluster(system: System, name: str, mode: str) -> ClusterFile:
    cluster = system.cluster(name, mode)
    if isinstance(cluster, KeySequenced | EntrySequenced | RelativeRecord):
        return cluster
    cluster.close()
    raise EndpointError(f"{name} is not a KSDS, ESDS or RRDS: not copied")


def _records_of(file: Openable) -> Callable[[], Iterator[bytes]]:
    if isinstance(file, SequentialDataSet):
        return file.records
    if isinstance(file, KeySequenced):
        return file.browse
    if isinstance(file, PartitionedDataSet):
        raise ShapeError("a library is copied to a library, or member by member")
    return lambda: (record for _, record in file.browse())


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


def _shape_of(file: Openable) -> Shape:
    """A cluster shows F for records of one length, V for others; LRECL is its longest record."""
    if isinstance(file, SequentialDataSet | PartitionedDataSet):
        attributes: DataSetAttributes = file.attributes
        organization = "PO" if isinstance(file, PartitionedDataSet) else "PS"
        return Shape(organization, attributes.recfm, attributes.lrecl, attributes.blksize)
    definition = file.definition
    kind = "F" if definition.average_record == definition.maximum_record else "V"
    return Shape("VS", kind, definition.maximum_record, 0)


def _completed(coded: Shape, there: Shape) -> Shape:
    if coded.recfm and coded.recfm != there.recfm:
        return replace(coded, organization=coded.organization or "PS")
    if coded.organization not in ("", "PS"):
        raise ShapeError("a sequential data set is there, DCB asks for another organization")
    return Shape("PS", there.recfm, coded.lrecl or there.lrecl, coded.blksize or (0 if coded.lrecl else there.blksize))
