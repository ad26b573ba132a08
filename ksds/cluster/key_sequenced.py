"""A key-sequenced data set: records by key, each request atomic, `commit` makes them durable.

A request changes pages and index records in memory only. `commit` (or a full buffer pool, between two requests)
turns everything changed into one journal group, so what a crash leaves is always the state between two
requests. The hot path of `get` is two bisections and two dictionary look-ups; keep it so.

Source of the request rules: z/OS DFSMS Using Data Sets, "Processing VSAM Data Sets"; macro IDARMRCD for codes.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Literal, Self

from ksds.cluster import browse as browsing
from ksds.cluster import load as loading
from ksds.cluster import split, verify
from ksds.cluster.definition import ClusterDefinition
from ksds.cluster.index import INDEX, Area, Index
from ksds.cluster.page import Page
from ksds.errors import (
    DuplicateKey,
    InvalidAccess,
    InvalidKeyLength,
    InvalidLength,
    KsdsError,
    LoadModeViolation,
    OpenError,
    RecordNotFound,
    VsamError,
)
from ksds.layout import cluster_state
from ksds.layout.control_interval import build, parse_keyed
from ksds.storage import sphere_files
from ksds.storage.buffer_pool import BufferPool
from ksds.storage.device import Folder
from ksds.storage.pager import Pager

DATA = 0
DEFAULT_BUFFER_BYTES = 256 << 20

Component = Literal["data", "index"]


@dataclass(frozen=True, slots=True)
class Statistics:
    """LISTCAT's figures of a cluster. RBAs in bytes, the rest counts."""

    records: int
    inserted: int
    deleted: int
    updated: int
    retrieved: int
    ci_splits: int
    ca_splits: int
    excps: int
    levels: int
    index_records: int
    extents: int
    index_extents: int
    high_used_rba: int
    high_allocated_rba: int
    index_high_used_rba: int
    index_high_allocated_rba: int
    high_level_index_rba: int
    sequence_set_rba: int
    free_space_bytes: int


class KeySequenced:
    """An open KSDS. Use as a context manager; leaving it closes it, which commits.

    After an I/O error on the way to the disk every request raises PhysicalError (R15 = 12) until the data
    set is opened again, which recovers everything that `commit` had acknowledged.
    """

    def __init__(self, pager: Pager, definition: ClusterDefinition, *, writable: bool, buffer_bytes: int) -> None:
        self.definition = definition
        self.pager = pager
        self.state = cluster_state.parse(pager.state)
        self.index = Index(pager, definition)
        self.pool: BufferPool[Page] = BufferPool(max(16, buffer_bytes // definition.ci_size), self._load_page)
        self._most_dirty = max(16, buffer_bytes // definition.ci_size)
        self._key_length = definition.key_length
        self._key_offset, self._shortest = definition.key_offset, definition.key_end
        self._writable = writable
        self._open = True
        pager.on_failure = self._forget_buffers

    # -- life -------------------------------------------------------------------------------------------

    @classmethod
    def create(cls, folder: Folder, stem: str, definition: ClusterDefinition) -> None:
        """Make the empty data set's files (`stem`.data .index .sum .jnl), durably. Raises FileExistsError."""
        state = cluster_state.build(cluster_state.ClusterState())
        sphere_files.create(folder, stem, (definition.ci_size, definition.index_ci_size), state)

    @classmethod
    def open(
        cls,
        folder: Folder,
        stem: str,
        definition: ClusterDefinition,
        *,
        mode: str = "r",
        buffer_bytes: int = DEFAULT_BUFFER_BYTES,
    ) -> Self:
        """Open for input ("r") or update ("w"), recovering what a crash left.

        Raises OpenError (ACBERFLG 168) if another handle excludes this one, Damaged if the data set's
        journal or index set cannot be trusted.
        """
        if mode not in ("r", "w"):
            raise ValueError(f"mode {mode!r} is not 'r' or 'w'")
        try:
            pager = Pager.open(folder, stem, 2, writable=mode == "w")
        except VsamError as error:
            error.data_set = definition.name
            raise
        except FileNotFoundError as error:
            raise OpenError(f"{error.filename} is missing", feedback=OpenError.NOT_AVAILABLE) from error
        cluster = cls(pager, definition, writable=mode == "w", buffer_bytes=buffer_bytes)
        try:
            cluster._check_definition()
            cluster.index.open(cluster.state.root, cluster.state.levels)
        except KsdsError:
            pager.close()
            raise
        return cluster

    @classmethod
    def destroy(cls, folder: Folder, stem: str) -> None:
        """Remove the data set's files."""
        sphere_files.destroy(folder, stem)

    def _check_definition(self) -> None:
        if self.pager.ci_sizes != [self.definition.ci_size, self.definition.index_ci_size]:
            raise OpenError(
                "the files have other CI sizes than the catalog says",
                feedback=OpenError.INCONSISTENT,
                data_set=self.definition.name,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Commit, bring everything home, let go. A second close does nothing."""
        if not self._open:
            return
        self._open = False
        try:
            if self._writable and not self.pager.failed:
                self._harden(sync=False)
        finally:
            self.pager.close()

    # -- requests ---------------------------------------------------------------------------------------

    def get(self, key: bytes) -> bytes:
        """The record with this key. Raises RecordNotFound (8/16), InvalidKeyLength (8/112), Damaged (12)."""
        index = self.index
        try:
            position = bisect_left(index.bounds, key)
            area = index.areas[position] or index.area(position)
            number = area.cis[bisect_left(area.bounds, key)]
            page = self.pool.young.get(number) or self.pool.find(number)
            record = (page.lookup or page.by_key())[key]
        except (KeyError, IndexError):
            raise self._not_found(key) from None
        self.state.retrieved += 1
        return record

    def insert(self, record: bytes, *, sequential: bool = False) -> None:
        """Add a record; `sequential` chooses the sequential insert strategy for a CI that is full.

        Raises DuplicateKey (8/8), InvalidLength (8/108), NoSpace (8/28), InvalidAccess (8/68).
        """
        key = self._key_of(record)
        index, pool, size = self.index, self.pool, len(record)
        if not index.levels:
            self._begin()
        position = bisect_left(index.bounds, key)
        area = index.areas[position] or index.area(position)
        number = area.cis[bisect_left(area.bounds, key)]
        page = pool.young.get(number) or pool.find(number)
        keys, ci_size = page.keys, self.definition.ci_size
        at = bisect_left(keys, key)
        if at < len(keys) and keys[at] == key:
            raise DuplicateKey(f"key {key.hex().upper()} exists", data_set=self.definition.name)
        if page.used + size + 3 * len(keys) + 7 <= ci_size or page.fits(at, size, ci_size, replaces=False):
            page.insert(at, key, record)
            pool.dirty[number] = page
        else:
            split.insert_with_split(self, key, record, sequential=sequential)
        state = self.state
        state.records += 1
        state.inserted += 1
        if len(pool.dirty) > self._most_dirty:
            self._harden(sync=False)

    def update(self, record: bytes) -> None:
        """Replace the record with the same key; its length may change. Raises RecordNotFound, InvalidLength."""
        key = self._key_of(record)
        index, pool, size = self.index, self.pool, len(record)
        if not index.levels:
            raise self._not_found(key)
        position = bisect_left(index.bounds, key)
        area = index.areas[position] or index.area(position)
        number = area.cis[bisect_left(area.bounds, key)]
        page = pool.young.get(number) or pool.find(number)
        at, there = page.position(key)
        if not there:
            raise self._not_found(key)
        if size == len(page.records[at]) or page.fits(at, size, self.definition.ci_size, replaces=True):
            page.replace(at, record)
            pool.dirty[number] = page
        else:
            split.insert_with_split(self, key, record, sequential=False)
        self.state.updated += 1
        if len(pool.dirty) > self._most_dirty:
            self._harden(sync=False)

    def erase(self, key: bytes) -> bytes:
        """Remove the record with this key and return it. Raises RecordNotFound."""
        self._require_update()
        if len(key) != self._key_length or not self.index.levels:
            raise self._not_found(key)
        _, area, slot, page = self.find(key)
        at, there = page.position(key)
        if not there:
            raise self._not_found(key)
        record = page.remove(at)
        self.pool.dirty[area.cis[slot]] = page
        if not page.records:
            split.reclaim(self, area, slot)
        self.state.records -= 1
        self.state.deleted += 1
        if len(self.pool.dirty) > self._most_dirty:
            self._harden(sync=False)
        return record

    def load(self, records: Iterable[bytes]) -> int:
        """Fill an empty data set from records in ascending key order, keeping FREESPACE. The count.

        Written home directly and made to count at the end: an error or a crash leaves the data set empty.
        Raises LoadModeViolation (8/116) if it is not empty, OutOfSequence (8/12), DuplicateKey (8/8),
        InvalidLength (8/108), NoSpace (8/28).
        """
        self._require_update()
        if self.index.levels:
            raise LoadModeViolation("load needs an empty data set", data_set=self.definition.name)
        return loading.load(self, records)

    def browse(
        self,
        start: bytes | None = None,
        stop: bytes | None = None,
        *,
        prefix: bytes | None = None,
        reverse: bool = False,
    ) -> Iterator[bytes]:
        """Records in key order from the first at or after `start` (KGE) to the last not above `stop`.

        Either may be shorter than the key (generic): `start` then begins at, and `stop` ends after, the keys
        that begin with it. `prefix` stands for both. `reverse` reads the same range backward. A control
        interval is read as a whole: changes made to it while its records are being consumed show up only in
        the next browse, as with a VSAM string's own buffer.
        """
        low, high = browsing.limits(self._key_length, start, stop, prefix)
        return browsing.records(self, low, high, reverse=reverse)

    def locate(self, key: bytes) -> tuple[int, int]:
        """(CI number, RBA) of the record with this key. Raises RecordNotFound."""
        if len(key) != self._key_length or not self.index.levels:
            raise self._not_found(key)
        _, area, slot, page = self.find(key)
        at, there = page.position(key)
        if not there:
            raise self._not_found(key)
        number = area.cis[slot]
        return number, number * self.definition.ci_size + sum(map(len, page.records[:at]))

    def commit(self) -> None:
        """Make every request so far durable: one journal group, one sync. Raises PhysicalError."""
        self._require_update()
        self._harden(sync=True)

    def reset(self) -> None:
        """Empty a REUSE data set. Raises OpenError (ACBERFLG 232) if it is not reusable and not empty."""
        self._require_update()
        if not self.definition.reuse and self.index.levels:
            raise OpenError(
                "the data set is not empty and not defined with REUSE",
                feedback=OpenError.NOT_REUSABLE,
                data_set=self.definition.name,
            )
        self.index.clear()
        self.pool.clear()
        self.state = cluster_state.ClusterState()
        self.pager.reset(cluster_state.build(self.state))

    def __len__(self) -> int:
        return self.state.records

    # -- looking inside ---------------------------------------------------------------------------------

    @property
    def statistics(self) -> Statistics:
        """The figures as of the last request."""
        state, pager, definition = self.state, self.pager, self.definition
        index_size = definition.index_ci_size
        first = self.index.numbers[0] if self.index.numbers else 0
        return Statistics(
            records=state.records,
            inserted=state.inserted,
            deleted=state.deleted,
            updated=state.updated,
            retrieved=state.retrieved,
            ci_splits=state.ci_splits,
            ca_splits=state.ca_splits,
            excps=state.excps,
            levels=self.index.levels,
            index_records=pager.used[INDEX],
            extents=pager.extents[DATA],
            index_extents=pager.extents[INDEX],
            high_used_rba=pager.used[DATA] * definition.ci_size,
            high_allocated_rba=pager.allocated[DATA] * definition.ci_size,
            index_high_used_rba=pager.used[INDEX] * index_size,
            index_high_allocated_rba=pager.allocated[INDEX] * index_size,
            high_level_index_rba=self.index.root * index_size,
            sequence_set_rba=first * index_size,
            free_space_bytes=self._free_cis() * definition.ci_size,
        )

    def _free_cis(self) -> int:
        free = sum(len(self.index.area(position).free) for position in range(len(self.index.areas)))
        return free + self.pager.allocated[DATA] - self.pager.used[DATA]

    def read_ci(self, component: Component, number: int) -> bytes:
        """A control interval as it is or, for changed ones, will be on disk. Raises IndexError past the end."""
        side = DATA if component == "data" else INDEX
        if not 0 <= number < self.pager.used[side]:
            raise IndexError(f"{component} control interval {number} is not below {self.pager.used[side]}")
        if self._writable:
            self._harden(sync=False)
        return self.pager.read(side, number)

    def verify(self) -> list[verify.Finding]:
        """Everything that is wrong with the data set; empty if it is sound."""
        return verify.verify(self)

    # -- for the modules of this package ------------------------------------------------------------------

    def find(self, key: bytes) -> tuple[int, Area, int, Page]:
        """(position of the area, area, slot in it, page) where `key` belongs. The cluster is not empty."""
        index = self.index
        position = bisect_left(index.bounds, key)
        area = index.areas[position] or index.area(position)
        slot = bisect_left(area.bounds, key)
        number = area.cis[slot]
        return position, area, slot, self.pool.young.get(number) or self.pool.find(number)

    def extend_data(self) -> int:
        """Add a CA at the high-used end of the data component; its first CI. Raises NoSpace."""
        definition = self.definition
        tracks = 15 if definition.space_unit == "CYLINDER" else 1
        units = definition.secondary if self.pager.allocated[DATA] else definition.primary
        cas = -(-units * tracks // definition.ca_tracks)
        unit = cas * definition.cis_per_ca
        return self.pager.extend(DATA, definition.cis_per_ca, unit=unit)

    def state_bytes(self) -> bytes:
        """The cluster's part of the sphere state, current."""
        self.state.root, self.state.levels = self.index.root, self.index.levels
        return cluster_state.build(self.state)

    def _begin(self) -> None:
        """The first control area of an empty data set."""
        self.index.reserve()
        base = self.extend_data()
        self.index.start(base)
        self.pool.change(base, Page([], []))

    def _forget_buffers(self) -> None:
        """The pager answers no more: nothing may be answered from memory either."""
        self.pool.clear()
        self.index.forget_areas()

    def _load_page(self, number: int) -> Page:
        definition = self.definition
        self.state.excps += 1
        try:
            image = self.pager.read(DATA, number)
            records = parse_keyed(image, definition.key_offset, definition.key_end)
            return Page(list(records), list(records.values()))
        except VsamError as error:
            error.data_set = definition.name
            if error.rba is None:
                error.rba = number * definition.ci_size
            raise

    def _harden(self, *, sync: bool) -> None:
        size, dirty = self.definition.ci_size, self.pool.dirty
        images = [(DATA, number, build(page.records, size)) for number, page in dirty.items()]
        images += self.index.images()
        if images:
            self.state.excps += len(images)
            self.pager.commit(images, self.state_bytes(), sync=sync)
            self.pool.clean()
        elif sync:
            self.pager.harden()

    def _key_of(self, record: bytes) -> bytes:
        definition = self.definition
        if not self._writable or not self._open:
            self._require_update()
        low, high = self._shortest, definition.maximum_record
        if not low <= len(record) <= high:
            raise InvalidLength(f"record of {len(record)} bytes, not {low} to {high}", data_set=definition.name)
        return record[self._key_offset : low]

    def _require_update(self) -> None:
        if not self._open:
            raise InvalidAccess("the data set is closed", data_set=self.definition.name)
        if not self._writable:
            raise InvalidAccess("the data set is open for input only", data_set=self.definition.name)

    def _not_found(self, key: bytes) -> VsamError:
        name = self.definition.name
        if len(key) != self._key_length:
            return InvalidKeyLength(f"key of {len(key)} bytes, not {self._key_length}", data_set=name)
        return RecordNotFound(f"no record with key {key.hex().upper()}", data_set=name)
