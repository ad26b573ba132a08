"""What a name of a COPY means in a system: data set, cluster, library, member, generation; and its attributes.

A relative generation is made absolute when the step first opens it, and the checkpoint record keeps it, so a restart
means the same one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from dtf.copying.checkpoint import Shape
from dtf.errors import StepError
from dtf.protocol.events import FileSide
from ksds import EntrySequenced, KeySequenced, SequentialDataSet
from ksds.catalog.entries import ClusterEntry, GdgEntry, NonVsamEntry
from ksds.datasets import PartitionedDataSet
from ksds.errors import DataSetNotFound
from ksds.system import Linear, Numbered, System

OWN_PREFIX = "DTF."
"""First qualifier of the node's own clusters."""

_IN_PARENTHESES = re.compile(r"([^()]*)\(([^()]*)\)")
_RELATIVE = re.compile(r"[+-]?\d{1,4}")
SEQUENTIAL, CLUSTER, LIBRARY, MEMBER = "sequential", "cluster", "library", "member"

ClusterFile = KeySequenced | EntrySequenced | Numbered | Linear
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
        """The name with its member."""
        return f"{self.name}({self.member})" if self.member else self.name


def place_of(system: System, side: FileSide, generation: str = "") -> Place:
    """What the name means. `generation`: what a relative one meant before. Raises EndpointError, CatalogError."""
    match = _IN_PARENTHESES.fullmatch(side.name)
    if not match:
        return Place(side.name, kind=_kind(system, side.name))
    name, inside = match[1], match[2].upper()
    if not _RELATIVE.fullmatch(inside):
        kind = _kind(system, name)
        if kind != LIBRARY:
            raise EndpointError(f"{name} is {'a ' + kind if kind else 'not there'}, not a library with members")
        with system.library(name) as library:
            there = inside in library
        return Place(name, inside, MEMBER if there else "")
    absolute = f"{name}.{generation}" if generation else system.generations.group(name).relative(int(inside))
    return Place(absolute, kind=_kind(system, absolute), generation=absolute.rpartition(".")[2])


def _kind(system: System, name: str) -> str:
    """What is catalogued under the name, "" if nothing is. Raises EndpointError for what is not copied."""
    try:
        entry = system.entry(name)
    except DataSetNotFound:
        return ""
    if isinstance(entry, NonVsamEntry):
        return LIBRARY if entry.attributes.dsorg == "PO" else SEQUENTIAL
    if isinstance(entry, ClusterEntry):
        return CLUSTER
    if isinstance(entry, GdgEntry):
        raise EndpointError(f"{name} is a generation group: name a generation of it, such as (+1)")
    raise EndpointError(f"{name} is a {entry.type or 'component'}: not copied by itself")


def open_place(system: System, place: Place) -> Openable:
    """What the place names, for input. Raises KsdsError, EndpointError."""
    if place.kind == CLUSTER:
        return open_cluster(system, place.name, "r")
    return system.library(place.name) if place.kind == LIBRARY else system.sequential(place.whole_name)


def open_cluster(system: System, name: str, mode: str) -> ClusterFile:
    """A cluster that is not a path or an alternate index. Raises KsdsError, EndpointError."""
    cluster = system.cluster(name, mode)
    if isinstance(cluster, KeySequenced | EntrySequenced | Numbered | Linear):
        return cluster
    cluster.close()
    raise EndpointError(f"{name} is a path: copy its base")


def shape_of(file: Openable) -> Shape:
    """A cluster shows F for records of one length, V for others; LRECL is its longest record, or the CI size."""
    if isinstance(file, SequentialDataSet | PartitionedDataSet):
        attributes = file.attributes
        organization = "PO" if isinstance(file, PartitionedDataSet) else "PS"
        return Shape(organization, attributes.recfm, attributes.lrecl, attributes.blksize)
    definition = file.definition
    if isinstance(file, Linear):
        return Shape("LD", "F", definition.ci_size, 0)
    kind = "F" if definition.average_record == definition.maximum_record else "V"
    return Shape("RR" if isinstance(file, Numbered) else "VS", kind, definition.maximum_record, 0)
