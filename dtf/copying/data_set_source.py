"""A data set, member, library or cluster as the source of a COPY."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from dtf.copying.checkpoint import Shape, SourceIdentity
from dtf.copying.file_set import PIECE_BYTES
from dtf.copying.folder_library import files_of
from dtf.copying.host_text import HostOptions, HostTextError, host_options, records_to_lines
from dtf.copying.library_rows import unloaded
from dtf.copying.open_source import OpenSource
from dtf.copying.places import MEMBER, Openable, Place, shape_of
from dtf.copying.shaping import FILE, FILES, NUMBER, ShapeError, numbered
from dtf.copying.sources import (
    FixedSource,
    Source,
    UnitSource,
    open_fixed,
    open_keyed,
    open_records,
    open_sequential,
)
from dtf.protocol.events import FileSide
from ksds import KeySequenced, SequentialDataSet
from ksds.datasets import PartitionedDataSet
from ksds.system import Linear, Numbered, System


class DataSetSource(OpenSource):
    """The open data set of FROM."""

    def __init__(self, system: System, side: FileSide, place: Place, file: Openable) -> None:
        self._system = system
        self._place = place
        self._operands = dict(side.operands)
        self._file = file
        identity = system.identity(place.name)
        self.identity = SourceIdentity(_size(file, identity.size), identity.mtime_ns, identity.inode)
        self.shape = shape_of(file)

    def cursor(self, target: Shape, mode: str, there: FileSide) -> Source:
        """The data set as whole blocks, or as records in the form of this target."""
        file = self._file
        if isinstance(file, PartitionedDataSet) and target.organization == FILES:
            library, options = file, host_options(dict(there.operands))
            return UnitSource(lambda: files_of(library, self._operands, options), PIECE_BYTES)
        if target.organization == FILE:
            return _for_host(file, host_options(dict(there.operands)), self.shape)
        if isinstance(file, Linear):
            return FixedSource(_Window(file), file.definition.ci_size)
        if isinstance(file, SequentialDataSet):
            if target.organization == "LD":
                return open_fixed(file, file.attributes.lrecl)
            return open_sequential(file, target, mode)
        if isinstance(file, KeySequenced):
            return open_keyed(file, target)
        if isinstance(file, PartitionedDataSet):
            library, operands = file, self._operands
            return UnitSource(lambda: unloaded(library, operands), library.attributes.blksize)
        longest, records = file.definition.maximum_record, records_of(file)
        if isinstance(file, Numbered) and target.organization == "RR":
            return open_records(lambda: numbered(file.browse()), longest, replace(target, lrecl=target.lrecl + NUMBER))
        return open_records(records, longest, target)

    def close(self) -> None:
        self._file.close()

    def _remove(self) -> None:
        if self._place.kind != MEMBER:
            self._system.delete(self._place.name, purge=True)
            return
        with self._system.library(self._place.name, "w") as library:
            library.delete(self._place.member)


def _size(file: Openable, in_file: int) -> int:
    """Bytes of data: of a cluster those of its records, or as near to that as its figures come."""
    if isinstance(file, SequentialDataSet | PartitionedDataSet | Linear):
        return in_file
    definition = file.definition
    if definition.average_record == definition.maximum_record:
        return len(file) * definition.maximum_record
    figures = file.statistics  # looks at every record of the sequence set, as the copy will
    return figures.high_allocated_rba - figures.free_space_bytes


@dataclass(frozen=True, slots=True)
class _Window:
    """The bytes of a linear data set."""

    cluster: Linear

    def size(self) -> int:
        return self.cluster.size

    def read(self, offset: int, length: int) -> bytes:
        return self.cluster.read(offset, length)


def records_of(file: Openable) -> Callable[[], Iterator[bytes]]:
    """What starts a pass over the records. Raises ShapeError for a file that has none of its own."""
    if isinstance(file, SequentialDataSet):
        return file.records
    if isinstance(file, KeySequenced):
        return file.browse
    if isinstance(file, PartitionedDataSet):
        raise ShapeError("a library is copied to a library, or member by member")
    return lambda: (record for _, record in file.browse())


def _for_host(file: Openable, options: HostOptions, shape: Shape) -> Source:
    """For a file of the host: lines, or the bytes of the records one behind the other."""
    if isinstance(file, Linear):
        if options.text:
            raise HostTextError("a linear data set has no lines: copy it with DATATYPE=BINARY")
        return FixedSource(_Window(file), file.definition.ci_size)
    if isinstance(file, SequentialDataSet) and file.attributes.kind == "F" and not options.text:
        return open_fixed(file, file.attributes.lrecl)
    records = records_of(file)
    return UnitSource(lambda: ((line, 1) for line in records_to_lines(records(), options)), shape.lrecl or 1)
