"""The checker behind VERIFY, EXAMINE, the command line and every crash test.

It reads control intervals and trusts nothing that the engine keeps in memory. What it proves of a sound KSDS:
  * each index record is reached exactly once from the top, its level one below its parent's;
  * boundaries ascend, and the last one of a record is its parent's; horizontal pointers chain each level;
  * used + free CIs of a control area = CIs per CA, no CI twice; each CA below the high-used RBA has one record;
  * every data CI decodes, its keys ascend and lie above the boundary before and not above its own;
  * free CIs hold no records; the records counted are the records there.

IDCAMS EXAMINE INDEXTEST is the index part, DATATEST both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ksds.cluster.keyed_cluster import KeyedCluster
from ksds.cluster.open_cluster import ComponentName
from ksds.errors import KsdsError
from ksds.layout import index_record
from ksds.layout.control_interval import decode
from ksds.layout.index_record import IndexRecord
from ksds.storage.checksums import PER_PAGE
from ksds.storage.component import Component
from ksds.storage.pager import Pager


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong. `severity` is the condition code: 4 suspicious, 8 damaged."""

    severity: int
    component: str
    ci: int
    message: str

    def __str__(self) -> str:
        return f"{self.component} CI {self.ci}: {self.message}"


def verify(cluster: KeyedCluster, *, data: bool = True) -> list[Finding]:
    """All findings; without `data` only the index is read."""
    if not cluster.index.levels:
        return []
    checker = _Checker(cluster)
    checker.findings += rebuilt_pages(cluster.sphere.pager, (cluster.data, cluster.index.component))
    checker.index()
    if data:
        checker.data()
    return checker.findings


def rebuilt_pages(pager: Pager, components: Sequence[Component]) -> list[Finding]:
    """A finding for each page of these components' checksums that was damaged and is rebuilt."""
    what = "its page of the checksum file was damaged and is rebuilt"
    found = [(component, page) for component, page in pager.rebuilt if component in components]
    return [Finding(4, component.name, page * PER_PAGE, what) for component, page in found]


class _Checker:
    def __init__(self, cluster: KeyedCluster) -> None:
        self._cluster = cluster
        self._definition = cluster.definition
        self.findings: list[Finding] = []
        self._top = b"\xff" * cluster.definition.key_length
        self._seen: set[int] = set()
        self._areas: list[tuple[int, IndexRecord, bytes]] = []

    def _report(self, component: ComponentName, ci: int, message: str, severity: int = 8) -> None:
        self.findings.append(Finding(severity, component, ci, message))

    # -- index ------------------------------------------------------------------------------------------

    def index(self) -> None:
        cluster = self._cluster
        level: list[tuple[int, bytes]] = [(cluster.index.root, self._top)]
        for height in range(cluster.index.levels, 0, -1):
            records = [(number, bound, self._record(number, height)) for number, bound in level]
            self._check_chain(records)
            level = []
            below = b""
            for number, bound, record in records:
                if record is None:
                    continue
                self._check_record(number, record, below, bound)
                if height == 1:
                    self._areas.append((number, record, below))
                level += [(pointer, self._padded(boundary)) for boundary, pointer in record.entries]
                below = bound
        unreached = set(range(cluster.index.component.used)) - self._seen
        for number in sorted(unreached):
            self._report("index", number, "no entry leads to this record", 4)
        self._check_areas()

    def _record(self, number: int, level: int) -> IndexRecord | None:
        if number in self._seen:
            self._report("index", number, "reached twice")
            return None
        self._seen.add(number)
        try:
            record = index_record.decode(self._cluster.read_ci("index", number), self._definition.key_length)
        except (KsdsError, IndexError) as error:
            self._report("index", number, f"cannot be read: {error}")
            return None
        if record.level != level:
            self._report("index", number, f"level {record.level}, not {level}")
            return None
        return record

    def _check_chain(self, records: list[tuple[int, bytes, IndexRecord | None]]) -> None:
        size = self._definition.index_ci_size
        following = [*(number for number, _, _ in records[1:]), None]
        for (number, _, record), after in zip(records, following, strict=True):
            if record is not None and record.next_rba != (0 if after is None else after * size):
                self._report("index", number, f"horizontal pointer is RBA {record.next_rba}")

    def _check_record(self, number: int, record: IndexRecord, below: bytes, bound: bytes) -> None:
        bounds = [self._padded(boundary) for boundary, _ in record.entries]
        previous = below
        for at, value in enumerate(bounds):
            if value <= previous and not (at == 0 and previous == b""):
                self._report("index", number, f"entry {at} is not above the one before it")
            previous = value
        if bounds and bounds[-1] != bound:
            self._report("index", number, "last boundary is not that of the level above")

    def _padded(self, boundary: bytes) -> bytes:
        return boundary.ljust(self._definition.key_length, b"\xff")

    def _check_areas(self) -> None:
        per_ca, size = self._definition.cis_per_ca, self._definition.ci_size
        bases = set()
        for number, record, _ in self._areas:
            pointers = [pointer for _, pointer in record.entries] + record.free
            if sorted(pointers) != list(range(per_ca)):
                self._report("index", number, "used and free pointers are not each CI of the control area once")
            if record.base_rba % (per_ca * size) or record.base_rba in bases:
                self._report("index", number, f"control area at RBA {record.base_rba} is misplaced or has two records")
            bases.add(record.base_rba)
        for base in range(0, self._cluster.data.used * size, per_ca * size):
            if base not in bases:
                self._report("data", base // size, "no sequence-set record governs this control area", 4)

    # -- data -------------------------------------------------------------------------------------------

    def data(self) -> None:
        count = 0
        for _, record, below in self._areas:
            base = record.base_rba // self._definition.ci_size
            for boundary, pointer in record.entries:
                bound = self._padded(boundary)
                count += self._check_data(base + pointer, below, bound)
                below = bound
            for pointer in record.free:
                if self._check_data(base + pointer, b"", self._top):
                    self._report("data", base + pointer, "holds records but is on the free list")
        if count != self._cluster.state.records and not self.findings:
            self._report("data", 0, f"{count} records, but {self._cluster.state.records} are counted", 4)

    def _check_data(self, number: int, below: bytes, bound: bytes) -> int:
        """How many records a CI holds; what is wrong with them is reported."""
        try:
            interval = decode(self._cluster.read_ci("data", number))
        except (KsdsError, IndexError) as error:
            self._report("data", number, f"cannot be read: {error}")
            return 0
        if interval.busy:
            self._report("data", number, "the busy flag of a split is on", 4)
        definition, previous = self._definition, below
        for record in interval.records:
            key = record[definition.key_offset : definition.key_end]
            if not definition.key_end <= len(record) <= definition.maximum_record:
                self._report("data", number, f"a record of {len(record)} bytes")
            elif key <= previous and not (previous == b"" and key == b""):
                self._report("data", number, f"key {key.hex().upper()} is not above the one before it")
            elif key > bound:
                self._report("data", number, f"key {key.hex().upper()} is above the CI's boundary in the index")
            previous = key
        return len(interval.records)
