"""A key-sequenced data set: records by key, each request atomic, `commit` makes them durable.

The way to a record, which must stay short, is two bisections and two dictionary look-ups. Each request has it written
out, and its edit and the question whether memory is full too: calls cost more than what they do.

Source of the request rules: z/OS DFSMS Using Data Sets, "Processing VSAM Data Sets"; macro IDARMRCD for codes.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import takewhile

from ksds.cluster import browse as browsing
from ksds.cluster import load as loading
from ksds.cluster import split
from ksds.cluster.definition import ClusterDefinition
from ksds.cluster.keyed_cluster import KeyedCluster
from ksds.cluster.mass_insertion import MassInsertion
from ksds.cluster.page import Page
from ksds.cluster.reclaim import reclaim
from ksds.cluster.sphere import Sphere
from ksds.errors import DuplicateKey, InvalidKeyLength, InvalidLength, LoadModeViolation, RecordNotFound, VsamError
from ksds.layout.journal_group import EDIT
from ksds.storage.buffer_pool import LEAVING


class KeySequenced(KeyedCluster):
    """An open KSDS: see `ksds.cluster.open_cluster.OpenCluster` for its life."""

    def __init__(self, sphere: Sphere, member: int, definition: ClusterDefinition, *, buffer_bytes: int) -> None:
        super().__init__(sphere, member, definition, buffer_bytes=buffer_bytes)
        self._key_length = definition.key_length
        self._component = self.data.number
        self._key_offset, self._shortest = definition.key_offset, definition.key_end
        self._longest = definition.maximum_record
        keeps_free = definition.free_ci_percent or definition.free_ca_percent
        self._mass = MassInsertion(self) if keeps_free else None

    def get(self, key: bytes) -> bytes:
        """The record with this key. Raises RecordNotFound (8/16), InvalidKeyLength (8/112), Damaged (12)."""
        index = self.index
        try:
            position = bisect_left(index.bounds, key)
            area = index.areas[position] or index.area(position)
            number = area.cis[bisect_left(area.bounds, key)]
            page = self.pool.young.get(number) or self.pool.find(number)
            record = page.records[key]
        except (KeyError, IndexError):
            raise self._not_found(key) from None
        self.state.retrieved += 1
        return record

    def insert(self, record: bytes, *, sequential: bool = False) -> None:
        """Add a record; `sequential` chooses the sequential insert strategy for a CI that is full, and mass insertion
        for ascending records, which keeps FREESPACE.

        Raises DuplicateKey (8/8), InvalidLength (8/108), NoSpace (8/28), InvalidAccess (8/68).
        """
        key = self._key_of(record)
        index, pool, size = self.index, self.pool, len(record)
        if not index.levels:
            with self.health:
                self._begin()
        position = bisect_left(index.bounds, key)
        area = index.areas[position] or index.area(position)
        number = area.cis[bisect_left(area.bounds, key)]
        page = pool.young.get(number) or pool.find(number)
        records, ci_size = page.records, self.definition.ci_size
        if key in records:
            raise DuplicateKey(f"key {key.hex().upper()} exists", data_set=self.definition.name)
        try:
            if sequential and self._mass is not None and self._mass.put(key, record, position, area, page):
                pass
            elif page.used + size + 3 * len(records) + 7 <= ci_size or page.fits(key, size, ci_size):
                page.records[key] = record
                page.used += size
                page.ordered = False
                pool.dirty[number] = page
                if number not in pool.whole:
                    self.edits.append((self._component, EDIT, number, self.put_edit + record))
            else:
                self._make_room(key, record, sequential=sequential)
            state = self.state
            state.records += 1
            state.inserted += 1
        except BaseException as error:
            self.health.cut_short(error)
            raise
        if len(pool.leaving) > LEAVING or len(self.edits) > self.most_edits:
            self.sphere.spill()

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
        old = page.records.get(key)
        if old is None:
            raise self._not_found(key)
        try:
            if size == len(old) or page.fits(key, size, self.definition.ci_size):
                page.records[key] = record
                page.used += size - len(old)
                pool.dirty[number] = page
                if number not in pool.whole:
                    self.edits.append((self._component, EDIT, number, self.put_edit + record))
            else:
                split.insert_with_split(self, key, record, sequential=False)
            self.state.updated += 1
        except BaseException as error:
            self.health.cut_short(error)
            raise
        if len(pool.leaving) > LEAVING or len(self.edits) > self.most_edits:
            self.sphere.spill()

    def erase(self, key: bytes) -> bytes:
        """Remove the record with this key and return it. Raises RecordNotFound."""
        if not self.writable or not self._open:
            self._require_update()
        index, pool = self.index, self.pool
        try:
            position = bisect_left(index.bounds, key)
            area = index.areas[position] or index.area(position)
            slot = bisect_left(area.bounds, key)
            number = area.cis[slot]
            page = pool.young.get(number) or pool.find(number)
            record = page.records[key]
        except (KeyError, IndexError):
            raise self._not_found(key) from None
        try:
            del page.records[key]
            page.used -= len(record)
            pool.dirty[number] = page
            if number not in pool.whole:
                self.edits.append((self._component, EDIT, number, self.erase_edit + key))
            if not page.records:
                reclaim(self, position, area, slot)
            state = self.state
            state.records -= 1
            state.deleted += 1
        except BaseException as error:
            self.health.cut_short(error)
            raise
        if len(pool.leaving) > LEAVING or len(self.edits) > self.most_edits:
            self.sphere.spill()
        return record

    def load(self, records: Iterable[bytes], reject: loading.Reject | None = None) -> int:
        """Fill an empty data set from records in ascending key order, keeping FREESPACE. The count.

        `reject` is told of each record that cannot be loaded, which is then left out (True: with all behind it);
        without it the first one is the error.

        Written home directly and made to count at the end: an error leaves the data set empty. So does a crash with
        SPEED; with RECOVERY the next open for update finds the first of the records (`ksds.cluster.load`).
        Raises LoadModeViolation (8/116) if it is not empty, OutOfSequence (8/12), DuplicateKey (8/8),
        InvalidLength (8/108), NoSpace (8/28).
        """
        self._require_update()
        if self.index.levels:
            raise LoadModeViolation("load needs an empty data set", data_set=self.definition.name)
        return loading.load(self, self._loader(), records, reject)

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
        return self.reader(low, high).records(reverse=reverse)

    def runs(self, length: int) -> Iterator[bytes | list[bytes]]:
        """The records in key order, for a copy: back to back in runs where each has `length` bytes; those of a control
        interval where one has not as a list. Of a cluster open for input, without spanned records."""
        return self.reader(None, None).runs(length)

    def reader(self, low: bytes | None, high: bytes | None) -> browsing.Reader:
        """What `browse` reads with: whole keys, both included, None = no limit."""
        return browsing.Reader(self, low, high)

    def locate(self, key: bytes) -> tuple[int, int]:
        """(CI number, RBA) of the record with this key. Raises RecordNotFound."""
        if len(key) != self._key_length or not self.index.levels:
            raise self._not_found(key)
        _, area, slot, page = self.find(key)
        if key not in page.records:
            raise self._not_found(key)
        before = takewhile(lambda other: other != key, page.in_order())
        number = area.cis[slot]
        return number, number * self.definition.ci_size + sum(len(page.records[other]) for other in before)

    def _opened(self) -> None:
        super()._opened()
        if self.state.loading and self.writable:
            loading.resume(self)

    def _make_room(self, key: bytes, record: bytes, *, sequential: bool) -> None:
        """Put a new record whose CI has no room for it."""
        split.insert_with_split(self, key, record, sequential=sequential)

    def _loader(self) -> loading.Loader:
        return loading.Loader(self)

    def _begin(self) -> None:
        """The first control area of an empty data set."""
        base = self.extend_ca()
        self.index.start(base)
        self.rewrite(base, Page({}))

    def _key_of(self, record: bytes) -> bytes:
        if not self.writable or not self._open:
            self._require_update()
        end = self._shortest
        if not end <= len(record) <= self._longest:
            what = f"record of {len(record)} bytes, not {end} to {self._longest}"
            raise InvalidLength(what, data_set=self.definition.name)
        return record[self._key_offset : end]

    def _not_found(self, key: bytes) -> VsamError:
        name = self.definition.name
        if len(key) != self._key_length:
            return InvalidKeyLength(f"key of {len(key)} bytes, not {self._key_length}", data_set=name)
        return RecordNotFound(f"no record with key {key.hex().upper()}", data_set=name)
