"""Tracks of a 3390 that a data set has, how many of them it uses, and in how many extents: what ISPF's 3.4 shows.

There are no tracks here: these are those that the bytes would take. A component has its primary quantity, and whole
secondary ones as it grows, as LISTCAT shows it. A sequential data set or library has what SPACE asked for, and grows by
its secondary quantity; without SPACE it has what it uses.
"""

from __future__ import annotations

from dataclasses import dataclass

from ksds.catalog.entries import ComponentEntry, NonVsamEntry
from ksds.cluster.open_cluster import Statistics
from ksds.cluster.space import blocks_per_track, cis_per_ca, index_allocation

CYLINDER = 15
"""Tracks of a cylinder."""


@dataclass(frozen=True, slots=True)
class TrackUse:
    """`tracks` it has, `used` of them hold data, in `extents`."""

    tracks: int
    used: int
    extents: int

    @property
    def percent(self) -> int:
        """Percent in use, 0 of a data set without tracks."""
        return 100 * self.used // self.tracks if self.tracks else 0


def of_component(entry: ComponentEntry, statistics: Statistics) -> TrackUse:
    """Of a data or index component."""
    shape = entry.cluster.definition
    if entry.component == "data":
        unit = CYLINDER if shape.space_unit == "CYLINDER" else 1
        each, tracks = shape.ca_bytes, shape.ca_tracks
        first, more = shape.primary * unit, shape.secondary * unit
        used, there = statistics.high_used_rba, statistics.high_allocated_rba
    else:
        asked = index_allocation(shape)
        each, tracks = cis_per_ca(shape.index_ci_size, 1) * shape.index_ci_size, 1
        first, more = asked.primary, asked.secondary
        used = there = statistics.index_high_used_rba
    return _grown(-(-there // each) * tracks, -(-used // each) * tracks, first, more)


def of_data_set(entry: NonVsamEntry, size: int) -> TrackUse:
    """Of a sequential data set or library of `size` bytes."""
    blocks = -(-size // entry.attributes.blksize)
    used = -(-blocks // blocks_per_track(entry.attributes.blksize))
    unit = CYLINDER if entry.space.unit == "CYLINDER" else 1
    return _grown(used, used, entry.space.primary * unit, entry.space.secondary * unit)


def _grown(needed: int, used: int, first: int, more: int) -> TrackUse:
    """`first` tracks, and as often as they do not suffice `more`."""
    if needed <= first or not more:
        return TrackUse(max(needed, first), used, 1)
    extents = -(-(needed - first) // more)
    return TrackUse(first + extents * more, used, extents + bool(first))
