"""INDEXTEST: the index component as a tree.

* each index record is reached exactly once from the top, its level one below its parent's;
* boundaries ascend (the segments of a spanned record repeat one), and the last of a record is its parent's;
* horizontal pointers chain each level;
* used + free CIs of a control area (CA) = CIs per CA, no CI twice; each CA below the high-used RBA has one record.
"""

from __future__ import annotations

from dataclasses import dataclass

from ksds.cluster import sequence_set
from ksds.cluster.cluster_image import ClusterImage
from ksds.cluster.findings import MAJOR, MINOR, Finding, why
from ksds.errors import KsdsError
from ksds.layout import index_record
from ksds.layout.index_record import IndexRecord

_DECODING = {
    index_record.NOT_ASCENDING: "IDC11704I",
    index_record.SAME_INTERVAL: "IDC11705I",
}
"""What the decoder itself refuses, in EXAMINE's numbers."""


@dataclass(frozen=True, slots=True)
class CheckedArea:
    """A sequence-set record that was reached: the first data CI of its control area, the boundary below its first
    entry, its entries as (boundary filled up, data CI) and its free data CIs."""

    number: int
    below: bytes
    entries: list[tuple[bytes, int]]
    free: list[int]


def check_index(image: ClusterImage, findings: list[Finding]) -> list[CheckedArea]:
    """Append what is wrong with the index; the control areas that it leads to, in key order."""
    if not image.levels:
        return []
    return _IndexCheck(image, findings).run()


class _IndexCheck:
    def __init__(self, image: ClusterImage, findings: list[Finding]) -> None:
        self._image = image
        self._definition = image.definition
        self._findings = findings
        self._seen: set[int] = set()
        self._cut = False  # an index-set record is damaged: what it led to is out of its reach, not forgotten

    def _report(self, ci: int, message: str, message_id: str = "", severity: int = MAJOR) -> None:
        self._findings.append(Finding(severity, "index", ci, message, message_id))

    def run(self) -> list[CheckedArea]:
        """Level by level from the top."""
        image = self._image
        areas: list[tuple[int, IndexRecord, bytes]] = []
        level: list[tuple[int, bytes]] = [(image.root, b"\xff" * self._definition.key_length)]
        for height in range(image.levels, 0, -1):
            records = [(number, bound, self._record(number, height)) for number, bound in level]
            self._check_chain(records)
            level = []
            below = b""
            for number, bound, record in records:
                if record is not None:
                    self._check_boundaries(number, record, below, bound)
                    if height == 1:
                        areas.append((number, record, below))
                    level += [(pointer, self._filled(boundary)) for boundary, pointer in record.entries]
                below = bound
        chained = self._along_the_sequence_set(areas)
        areas = chained if self._cut else areas
        waiting = self._waiting()
        self._see_emptied()
        for number in sorted(set(range(image.index_cis)) - self._seen):
            self._report(number, "no entry leads to this record", "IDC11711I", MINOR)
        self._check_areas(areas + waiting)
        return [self._checked(*area) for area in chained] + [self._empty(*area) for area in waiting]

    def _waiting(self) -> list[tuple[int, IndexRecord, bytes]]:
        """The records of the control areas that were given back, along their chain."""
        found: list[tuple[int, IndexRecord, bytes]] = []
        following = self._image.reclaimed
        while following:
            number = following - 1
            record = self._record(number, 1)
            if record is None:
                break
            found.append((number, record, b""))
            following = record.next_rba // self._definition.index_ci_size + 1 if record.next_rba else 0
        return found

    def _see_emptied(self) -> None:
        """The index-set records that nothing is under, along their chain."""
        following = self._image.emptied
        while following:
            record = self._decoded(following - 1, None)
            if record is None:
                return
            following = record.next_rba // self._definition.index_ci_size + 1 if record.next_rba else 0

    def _along_the_sequence_set(
        self, reached: list[tuple[int, IndexRecord, bytes]]
    ) -> list[tuple[int, IndexRecord, bytes]]:
        """The areas reached from the top, or if the index set fails to reach them, those of a whole sequence set: the
        data can be checked all the same."""
        definition, image = self._definition, self._image
        chain = sequence_set.chain(
            lambda number: image.read("index", number),
            image.index_cis,
            definition.index_ci_size,
            definition.key_length,
            image.reclaimed,
        )
        if chain is None or len(chain) <= len(reached):
            return reached
        if self._cut:
            self._seen.update(number for _, number in chain)
        belows = [b"", *(bound for bound, _ in chain)]
        return [
            (number, index_record.decode(image.read("index", number), definition.key_length), below)
            for (_, number), below in zip(chain, belows, strict=False)
        ]

    def _record(self, number: int, level: int) -> IndexRecord | None:
        record = self._decoded(number, level)
        self._cut |= record is None and level > 1
        return record

    def _decoded(self, number: int, level: int | None) -> IndexRecord | None:
        """The record, None if it cannot be trusted. `level` None: one of the index set that was given up."""
        if number in self._seen:
            self._report(number, "reached twice", "IDC11707I" if level == 1 else "IDC11705I")
            return None
        self._seen.add(number)
        try:
            record = index_record.decode(self._image.read("index", number), self._definition.key_length)
        except (KsdsError, IndexError) as error:
            self._report(number, f"cannot be read: {why(error)}", _DECODING.get(why(error), ""))
            return None
        if record.level < 2 if level is None else record.level != level:
            self._report(number, f"level {record.level}, not {level or 'of the index set'}")
            return None
        return record

    def _check_chain(self, records: list[tuple[int, bytes, IndexRecord | None]]) -> None:
        size = self._definition.index_ci_size
        for at, (number, _, record) in enumerate(records, 1):
            after = records[at][0] * size if at < len(records) else 0
            if record is not None and record.next_rba != after:
                self._report(number, f"horizontal pointer is RBA {record.next_rba}")

    def _check_boundaries(self, number: int, record: IndexRecord, below: bytes, bound: bytes) -> None:
        bounds = [self._filled(boundary) for boundary, _ in record.entries]
        if bounds and bounds[0] <= below and below:
            self._report(number, "entry 0 is not above the record before it", "IDC11704I")
        if len(set(bounds)) < len(bounds) and not self._definition.spanned:
            self._report(number, "two entries have one boundary, and no record is spanned", "IDC11703I")
        if bounds and bounds[-1] != bound:
            self._report(number, "last boundary is not that of the level above")

    def _filled(self, boundary: bytes) -> bytes:
        return boundary.ljust(self._definition.key_length, b"\xff")

    def _check_areas(self, areas: list[tuple[int, IndexRecord, bytes]]) -> None:
        per_ca, size = self._definition.cis_per_ca, self._definition.ci_size
        bases = set()
        for number, record, _ in areas:
            pointers = [pointer for _, pointer in record.entries] + record.free
            if sorted(pointers) != list(range(per_ca)):
                self._report(number, "used and free pointers are not each CI of the control area once")
            outside = record.base_rba // size + per_ca > self._image.data_cis
            if record.base_rba % (per_ca * size) or record.base_rba in bases or outside:
                what = f"control area at RBA {record.base_rba} is misplaced or has two records"
                self._report(number, what, "IDC11725I")
            bases.add(record.base_rba)
        for base in range(0, self._image.data_cis * size, per_ca * size):
            if base not in bases:
                what = "no sequence-set record governs this control area"
                self._findings.append(Finding(MINOR, "data", base // size, what, "IDC11724I"))

    def _empty(self, number: int, record: IndexRecord, below: bytes) -> CheckedArea:
        first = record.base_rba // self._definition.ci_size
        return CheckedArea(number, below, [], list(range(first, first + self._definition.cis_per_ca)))

    def _checked(self, number: int, record: IndexRecord, below: bytes) -> CheckedArea:
        base = record.base_rba // self._definition.ci_size
        entries = [(self._filled(boundary), base + pointer) for boundary, pointer in record.entries]
        return CheckedArea(number, below, entries, [base + pointer for pointer in record.free])
