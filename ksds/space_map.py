"""Where the space of a cluster is: every control interval (CI) of every control area (CA), how full, how sound.

A map is made from a `ClusterImage`, so that a damaged cluster has one too; what the checker finds is marked on it.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass, field

from ksds.cluster.cluster_image import ClusterImage
from ksds.cluster.findings import MAJOR, Finding
from ksds.cluster.verify import check
from ksds.errors import Damaged
from ksds.layout import segment
from ksds.layout.control_interval import parse_slots
from ksds.layout.index_record import HEADER
from ksds.storage.sphere_files import ComponentName

DAMAGED = -1
"""In place of a percentage: the CI cannot be trusted."""

NO_LEVEL = 0


@dataclass(frozen=True, slots=True)
class AreaMap:
    """One CA: its RBA and how full each CI is, in percent of CISIZE (of its slots in an RRDS), None = free.

    `segments` are the places of CIs that hold a segment of a spanned record.
    """

    number: int
    rba: int
    fill: list[int | None]
    segments: frozenset[int]

    @property
    def used(self) -> int:
        """Control intervals in use, damaged ones too."""
        return sum(percent is not None for percent in self.fill)

    @property
    def picture(self) -> str:
        """One character a CI: `.` free, 0..9 tenths in use, `#` 99% or more, `!` damaged."""
        return "".join(map(_character, self.fill))


@dataclass(frozen=True, slots=True)
class SpaceMap:
    """All CAs below the high-used RBA, the level of each index CI (NO_LEVEL = damaged), and the findings."""

    image: ClusterImage
    areas: list[AreaMap]
    index_levels: list[int]
    findings: list[Finding] = field(default_factory=list)

    @property
    def histogram(self) -> list[int]:
        """CIs by tenths of fill, the last those that are full; damaged and free ones are not in it."""
        counts = [0] * 11
        for area in self.areas:
            for percent in area.fill:
                if percent is not None and percent >= 0:
                    counts[tenths(percent)] += 1
        return counts

    def count(self, wanted: int | None) -> int:
        """CIs whose fill is `wanted`: None for free ones, DAMAGED."""
        return sum(area.fill.count(wanted) for area in self.areas)


def space_map(image: ClusterImage) -> SpaceMap:
    """Read every CI once for its fill and once for the check."""
    findings = check(image)
    bad: dict[ComponentName, set[int]] = {
        component: {finding.ci for finding in findings if finding.component == component and finding.severity >= MAJOR}
        for component in ("data", "index")
    }
    levels = [NO_LEVEL if number in bad["index"] else _level(image, number) for number in range(image.index_cis)]
    return SpaceMap(image, list(areas(image, bad["data"])), levels, findings)


def areas(image: ClusterImage, bad: Container[int] = ()) -> Iterator[AreaMap]:
    """Every CA below the high-used RBA; the data CIs in `bad` count as damaged, and those that cannot be read."""
    per_ca = image.definition.cis_per_ca
    for first in range(0, image.data_cis, per_ca):
        numbers = range(first, min(first + per_ca, image.data_cis))
        looks = [(DAMAGED, False) if number in bad else _look(image, number) for number in numbers]
        spanned = frozenset(at for at, (_, is_segment) in enumerate(looks) if is_segment)
        fill = [percent for percent, _ in looks]
        yield AreaMap(first // per_ca, first * image.definition.ci_size, fill, spanned)


def tenths(percent: int) -> int:
    """0 to 9, and 10 for a CI that is full."""
    return 10 if percent >= 99 else percent // 10


def _character(percent: int | None) -> str:
    if percent is None:
        return "."
    if percent == DAMAGED:
        return "!"
    return "#" if percent >= 99 else str(percent // 10)


def _look(image: ClusterImage, number: int) -> tuple[int | None, bool]:
    """(percent in use, whether a segment of a spanned record is there)."""
    definition = image.definition
    try:
        ci = image.read("data", number)
        if definition.organization == "LINEAR":
            return (100 if ci.strip(b"\0") else None), False
        if definition.organization == "NUMBERED":
            slots = parse_slots(ci, definition.maximum_record)
            full = len(slots) - slots.count(None)
            return (100 * full // len(slots) if full else None), False
        used, free = int.from_bytes(ci[-4:-2], "big"), int.from_bytes(ci[-2:], "big") & 0x7FFF
        return (100 * (len(ci) - free) // len(ci) if used else None), segment.parse(ci) is not None
    except Damaged:
        return DAMAGED, False


def _level(image: ClusterImage, number: int) -> int:
    try:
        return int(HEADER.parse(image.read("index", number)).level)
    except Damaged:
        return NO_LEVEL
