"""The two files of a COPY, found in a system and opened by what they are: sequential data set or KSDS."""

from __future__ import annotations

from dataclasses import replace
from types import TracebackType

from dtf.copying.checkpoint import LAST_KEY, CheckpointRecord, Shape, SourceIdentity
from dtf.copying.shaping import ShapeError
from dtf.copying.sources import Source, open_keyed, open_sequential
from dtf.copying.targets import KeyedTarget, SequentialTarget, Target, TargetExists
from dtf.errors import StepError
from dtf.protocol.events import FileAttributes, FileSide
from ksds import KeySequenced, SequentialDataSet
from ksds.errors import DataSetNotFound
from ksds.system import System

OWN_PREFIX = "DTF."
"""First qualifier of the node's own clusters."""

_SEQUENTIAL, _CLUSTER = "NONVSAM", "CLUSTER"


class EndpointError(StepError):
    """The file is not there, or is of a kind that is not copied."""

    default_id = "DTX201E"


class OpenSource:
    """The open source of a COPY. As a context manager it closes the file, and deletes it if that was asked for."""

    def __init__(self, system: System, name: str, file: SequentialDataSet | KeySequenced) -> None:
        self._system = system
        self._name = name
        self._file = file
        self._delete = False
        identity = system.identity(name)
        self.identity = SourceIdentity(identity.size, identity.mtime_ns, identity.inode)
        self.shape = _shape_of(file)

    def __enter__(self) -> OpenSource:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        if self._delete:
            self._system.delete(self._name, purge=True)

    def cursor(self, target: Shape, mode: str) -> Source:
        """The source as whole blocks, or as records in the form of this target."""
        if isinstance(self._file, KeySequenced):
            return open_keyed(self._file, target)
        return open_sequential(self._file, target, mode)

    def delete_when_closed(self) -> None:
        """DISP=(,DELETE) on FROM."""
        self._delete = True


def open_source(system: System, side: FileSide) -> OpenSource:
    """Open the FROM file for reading. Raises EndpointError, KsdsError."""
    kind = _kind(system, side)
    if not kind:
        raise EndpointError(f"{side.name} is not in the catalog")
    file = system.key_sequenced(side.name) if kind == _CLUSTER else system.sequential(side.name)
    return OpenSource(system, side.name, file)


def asked_shape(system: System, side: FileSide) -> Shape:
    """What the TO side fixes: coded attributes, completed from the data set if that is there and not NEW."""
    if side.name.upper().startswith(OWN_PREFIX):
        raise EndpointError(f"{side.name} is a file of the node itself: not a target")
    coded = from_wire(side.attributes)
    kind = _kind(system, side)
    status = side.disposition[0] or "NEW"
    if kind == _CLUSTER and status == "NEW":
        raise TargetExists(f"{side.name} exists and DISP=NEW was asked for")
    if not kind or status == "NEW":  # a sequential data set that is there may be this copy's own: open_target looks
        if status in ("OLD", "SHR"):
            raise EndpointError(f"{side.name} is not in the catalog and DISP={status}")
        if coded.organization not in ("", "PS"):
            raise EndpointError(f"{side.name} is no sequential data set: define it first")
        return coded
    if kind == _CLUSTER:
        with system.key_sequenced(side.name) as cluster:
            return _shape_of(cluster)
    with system.sequential(side.name) as data_set:
        there = _shape_of(data_set)
    if status == "MOD":
        return there
    return _completed(coded, there)


def open_target(
    system: System, side: FileSide, shape: Shape, mode: str, filed: CheckpointRecord | None, *, again: bool
) -> Target:
    """Open the TO file of this shape. `filed`: the record of an earlier try; `again`: there was one."""
    status = side.disposition[0] or "NEW"
    if shape.organization == "VS":
        last_key = filed.items.get(LAST_KEY, b"") if filed else b""
        return KeyedTarget(system.key_sequenced(side.name, "w"), status, last_key, again=again)
    return SequentialTarget(system, side.name, shape, status, mode, filed.target_token if filed else "")


def to_wire(shape: Shape) -> FileAttributes:
    return FileAttributes(shape.organization, shape.recfm, shape.lrecl, shape.blksize)


def from_wire(attributes: FileAttributes) -> Shape:
    return Shape(attributes.dsorg, attributes.recfm, attributes.lrecl, attributes.blksize)


def _kind(system: System, side: FileSide) -> str:
    """NONVSAM, CLUSTER, or "" if the name is not there. Raises EndpointError for what this release does not copy."""
    operands = dict(side.operands)
    if "MEMBER" in operands or "FILE" in operands:
        what = "a member" if "MEMBER" in operands else "a path"
        raise EndpointError(f"{side.name} names {what}: this release copies sequential data sets and KSDS")
    try:
        entry = system.entry(side.name)
    except DataSetNotFound:
        return ""
    kind = entry.type
    if kind not in (_SEQUENTIAL, _CLUSTER):
        raise EndpointError(f"{side.name} is a {kind or 'component'}: not copied by itself")
    return kind


def _shape_of(file: SequentialDataSet | KeySequenced) -> Shape:
    """A KSDS shows F for records of one length, V for others; LRECL is its longest record."""
    if isinstance(file, KeySequenced):
        definition = file.definition
        kind = "F" if definition.average_record == definition.maximum_record else "V"
        return Shape("VS", kind, definition.maximum_record, 0)
    attributes = file.attributes
    return Shape("PS", attributes.recfm, attributes.lrecl, attributes.blksize)


def _completed(coded: Shape, there: Shape) -> Shape:
    if coded.recfm and coded.recfm != there.recfm:
        return replace(coded, organization=coded.organization or "PS")
    if coded.organization not in ("", "PS"):
        raise ShapeError("a sequential data set is there, DCB asks for another organization")
    return Shape("PS", there.recfm, coded.lrecl or there.lrecl, coded.blksize or (0 if coded.lrecl else there.blksize))
