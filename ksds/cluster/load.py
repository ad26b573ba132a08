"""Initial load: records in key order become control intervals written straight to their homes.

Nothing refers to what is written here until `Sphere.finish_load`, so no journal is needed; an error on the way leaves
the data set empty. So does a crash, if it was defined with SPEED. With RECOVERY control areas (CAs) that are complete
begin to count, MARK_BYTES at a time, before there is an index: the next open for update makes it out of them
(`resume`), and the load goes on by sequential insertion.

FREESPACE is kept: a CI takes records while data and control information stay within CISIZE less its share, a CA takes
CIs while fewer than CIs per CA less its share are used (Using Data Sets, "Optimizing Free Space Distribution").
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ksds.cluster.index_records import Area, separator
from ksds.cluster.keyed_cluster import KeyedCluster
from ksds.errors import DuplicateKey, InvalidLength, OutOfSequence
from ksds.layout.control_interval import CIDF_LENGTH, RDF_LENGTH, build, control_bytes, empty, parse

BATCH = 64
MARK_BYTES = 64 << 20
"""Data that a crash of a RECOVERY load may cost."""


Unloadable = InvalidLength | DuplicateKey | OutOfSequence
Reject = Callable[[Unloadable, bytes], bool]
"""Told why a record cannot be loaded, and its key: the load goes on without it, or, told True, ends before it."""


def load(cluster: KeyedCluster, loader: Loader, records: Iterable[bytes], reject: Reject | None = None) -> int:
    """Fill an empty cluster; the number of records. On any error the cluster is empty again; without `reject` a record
    that cannot be loaded is one."""
    loader.reject = reject
    cluster.sphere.begin_load()
    try:
        count = loader.run(records)
    except BaseException:
        loader.abandon()
        raise
    with cluster.health:
        cluster.state.records += count
        if count:
            loader.finish()
    return count


def resume(cluster: KeyedCluster) -> None:
    """Give the CAs that a RECOVERY load left before it crashed their index. Raises Damaged, NoSpace (8/28)."""
    index, definition = cluster.index, cluster.definition
    low, high = definition.key_offset, definition.key_end
    last = b""
    count = 0
    for base in range(0, cluster.data.used, definition.cis_per_ca):
        for number in range(base, base + definition.cis_per_ca):
            records = parse(cluster.data.read(number))
            if not records:
                break
            if not last:
                index.start(base)
            elif number == base:
                index.append_area(len(index.areas) - 1, base, separator(last, records[0][low:high]))
            else:
                area = index.area(len(index.areas) - 1)
                index.add_ci(area, len(area.cis) - 1, separator(last, records[0][low:high]))
            last = records[-1][low:high]
            count += len(records)
    cluster.state.records, cluster.state.loading = count, 0


class Loader:
    """CI images in order of their numbers, written `BATCH` at a time behind each other; `_marked` CIs count already."""

    def __init__(self, cluster: KeyedCluster) -> None:
        self._cluster = cluster
        self._definition = cluster.definition
        self._images: list[bytes] = []
        self._written = 0
        self._marked = 0
        self._marks = not cluster.definition.speed
        self._area: Area | None = None
        self.reject: Reject | None = None

    def run(self, records: Iterable[bytes]) -> int:
        definition = self._definition
        low, high = definition.key_offset, definition.key_end
        longest, limit = definition.maximum_record, definition.ci_load_limit
        pending: list[bytes] = []
        used = count = 0
        control = CIDF_LENGTH
        last = b""
        for record in records:
            key = record[low:high]
            length = len(record)
            if key <= last or length > longest or length < high:
                if self._refused(key, last, length):
                    break
                continue
            used += length
            control += RDF_LENGTH
            if used + control > limit and pending and not _fits(pending, record, used, limit):
                self._close_ci(pending, last, key)
                pending = []
                used = length
                control = CIDF_LENGTH + RDF_LENGTH
            pending.append(record)
            count += 1
            last = key
        if pending:
            self._close_ci(pending, last, None)
        return count

    def _refused(self, key: bytes, last: bytes, length: int) -> bool:
        """Say why a record cannot be loaded; True if that ends the load."""
        definition, name = self._definition, self._definition.name
        error: Unloadable
        if not definition.key_end <= length <= definition.maximum_record:
            what = f"record of {length} bytes, not {definition.key_end} to {definition.maximum_record}"
            error = InvalidLength(what, data_set=name)
        elif key == last:
            error = DuplicateKey(f"key {key.hex().upper()} occurs twice", data_set=name)
        else:
            error = OutOfSequence(f"key {key.hex().upper()} after {last.hex().upper()}", data_set=name)
        if self.reject is None:
            raise error
        return self.reject(error, key)

    def _close_ci(self, pending: list[bytes], last: bytes, following: bytes | None) -> None:
        """Write the pending records as the next CI; `following` is the key after them, None at the end."""
        cluster, index, area = self._cluster, self._cluster.index, self._area
        if area is None:
            area = self._area = index.start(cluster.extend_ca())
        self._images.append(build(pending, self._definition.ci_size))
        if following is not None:
            bound = separator(last, following)
            slot = len(area.cis) - 1
            if len(area.cis) < self._definition.ca_load_limit and index.room_for(area, slot, bound):
                index.add_ci(area, slot, bound)
            else:
                self._begin_area(area, bound)
        if len(self._images) >= BATCH:
            self._write()

    def _begin_area(self, area: Area, bound: bytes) -> Area:
        """The next CA, for keys above `bound`; the free CIs of the last one, behind its used ones, are empty."""
        cluster = self._cluster
        self._fill(area)
        unmarked = self._written + len(self._images) - self._marked
        if self._marks and unmarked * self._definition.ci_size >= MARK_BYTES:
            self._mark()
        self._area = cluster.index.append_area(len(cluster.index.areas) - 1, cluster.extend_ca(), bound)
        return self._area

    def _mark(self) -> None:
        """Let the complete CAs count, and no index."""
        cluster, index = self._cluster, self._cluster.index.component
        self._write()
        self._marked = self._written
        used, index.used = index.used, 0
        cluster.state.loading = 1
        cluster.sphere.finish_load()
        index.used = used

    def _fill(self, area: Area) -> None:
        self._images += [empty(self._definition.ci_size)] * len(area.free)

    def _write(self) -> None:
        self._cluster.data.load(self._written, self._images)
        self._cluster.state.excps += len(self._images)
        self._written += len(self._images)
        self._images = []

    def finish(self) -> None:
        """Write the rest of the last CA and the index, then make it all count."""
        cluster = self._cluster
        if self._area is not None:
            self._fill(self._area)
        self._write()
        _, images = cluster.index.changes()
        cluster.index.component.load(0, [image for _, _, _, image in sorted(images)])
        cluster.state.excps += len(images)
        cluster.state.loading = 0
        cluster.sphere.finish_load()

    def abandon(self) -> None:
        """The cluster is as empty as it was. Nothing refers to what was written, but for a mark."""
        cluster = self._cluster
        cluster.index.clear()
        cluster.data.used = cluster.index.component.used = 0
        if self._marked and not cluster.sphere.pager.health.failed:
            cluster.state.loading = 0
            cluster.sphere.finish_load()


def _fits(pending: list[bytes], record: bytes, used: int, limit: int) -> bool:
    """True if equal lengths save enough RDFs for one more record; `used` are the data bytes with it."""
    if used + CIDF_LENGTH + 2 * RDF_LENGTH > limit:
        return False
    return used + control_bytes([len(other) for other in (*pending, record)]) <= limit
