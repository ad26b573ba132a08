"""A relative-record data set (RRDS): fixed slots, numbered from 1, each full or empty.

Every CI has the same number of slots and one RDF for each (X'04' = empty); an empty slot is zeros. The data set
grows by whole control areas of empty slots. Source: z/OS DFSMS Using Data Sets, "Fixed-Length Relative-Record
Data Sets".
"""

from __future__ import annotations

from collections.abc import Iterator

from ksds.cluster.definition import ClusterDefinition
from ksds.cluster.sphere import Sphere
from ksds.cluster.unindexed import Unindexed
from ksds.errors import Damaged, DuplicateKey, InvalidLength, InvalidRecordNumber, RecordNotFound
from ksds.layout.control_interval import build_slots, parse_slots, slots_per_ci
from ksds.layout.sphere_state import MAXIMUM_BYTES

Slots = list[bytes | None]


class RelativeRecord(Unindexed[Slots]):
    """An open RRDS. Record numbers start at 1; a record has exactly the maximum record length."""

    def __init__(self, sphere: Sphere, member: int, definition: ClusterDefinition, *, buffer_bytes: int) -> None:
        super().__init__(sphere, member, definition, buffer_bytes=buffer_bytes)
        self._slots = slots_per_ci(definition.maximum_record, definition.ci_size)
        self._lowest = 1  # no slot below this one is empty

    def get(self, number: int) -> bytes:
        """The record in this slot. Raises RecordNotFound (8/16) if it is empty, InvalidRecordNumber (8/192)."""
        _, page, slot = self._find(number)
        record = page[slot] if page else None
        if record is None:
            raise self._not_found(number)
        self.state.retrieved += 1
        return record

    def put(self, number: int, record: bytes) -> None:
        """Store a record, whether the slot is empty or not. Raises InvalidLength (8/108), InvalidRecordNumber
        (8/192), NoSpace (8/28)."""
        self._store(number, record, new=True, old=True)

    def insert(self, number: int, record: bytes) -> None:
        """Store a record in an empty slot. Raises DuplicateKey (8/8) if it is not, and what `put` raises."""
        self._store(number, record, new=True, old=False)

    def update(self, number: int, record: bytes) -> None:
        """Replace the record in a slot. Raises RecordNotFound (8/16) if it is empty, and what `put` raises."""
        self._store(number, record, new=False, old=True)

    def erase(self, number: int) -> bytes:
        """Empty a slot and return its record. Raises RecordNotFound (8/16), InvalidRecordNumber (8/192)."""
        self._require_update()
        ci, page, slot = self._find(number)
        record = page[slot] if page else None
        if record is None:
            raise self._not_found(number)
        with self.health:
            page[slot] = None
            self._lowest = min(self._lowest, number)
            self.state.records -= 1
            self.state.deleted += 1
            self._change(ci, page)
        return record

    def browse(self, start: int = 1) -> Iterator[tuple[int, bytes]]:
        """(number, record) of the full slots, ascending, from slot `start`. A control interval is read as a whole, as
        in a key-sequenced browse. Raises InvalidRecordNumber (8/192)."""
        return self._records(start, self._place(start)[0])

    def _records(self, start: int, first: int) -> Iterator[tuple[int, bytes]]:
        for ci, page in self._pages(first):
            for number, record in enumerate(tuple(page), ci * self._slots + 1):
                if record is not None and number >= start:
                    self.state.retrieved += 1
                    yield number, record

    def full_from(self, number: int) -> tuple[int, bytes] | None:
        """(number, record) of the first full slot from `number` on, None after the last. Raises InvalidRecordNumber."""
        ci, slot = self._place(number)
        while ci < self.data.used:
            page = self.pool.find(ci)
            for at in range(slot, self._slots):
                record = page[at]
                if record is not None:
                    self.state.retrieved += 1
                    return ci * self._slots + at + 1, record
            ci, slot = ci + 1, 0
        return None

    def full_down_from(self, number: int | None = None) -> tuple[int, bytes] | None:
        """(number, record) of the last full slot up to `number` (None: of all), None before the first."""
        end = self.data.used * self._slots
        ci, slot = divmod((end if number is None else min(number, end)) - 1, self._slots)
        while ci >= 0:
            page = self.pool.find(ci)
            for at in range(slot, -1, -1):
                record = page[at]
                if record is not None:
                    self.state.retrieved += 1
                    return ci * self._slots + at + 1, record
            ci, slot = ci - 1, self._slots - 1
        return None

    def locate(self, number: int) -> tuple[int, int]:
        """(CI number, RBA) of a slot, whether it is there yet or not. Raises InvalidRecordNumber (8/192)."""
        ci, slot = self._place(number)
        return ci, ci * self.definition.ci_size + slot * self.definition.maximum_record

    def first_free(self) -> int:
        """The lowest number of an empty slot, existing or yet to be made."""
        if self.sphere.in_turns:
            self._lowest = 1  # others may have erased records
        ci, slot = self._place(self._lowest)
        for number, page in self._pages(ci):
            first = slot if number == ci else 0
            if None in page[first:]:
                self._lowest = number * self._slots + page.index(None, first) + 1
                return self._lowest
        self._lowest = self.data.used * self._slots + 1
        return self._lowest

    def reset(self) -> None:
        super().reset()
        self._lowest = 1

    def _store(self, number: int, record: bytes, *, new: bool, old: bool) -> None:
        self._require_update()
        if len(record) != self.definition.maximum_record:
            what = f"record of {len(record)} bytes in slots of {self.definition.maximum_record}"
            raise InvalidLength(what, data_set=self.definition.name)
        ci, page, slot = self._find(number)
        full = bool(page) and page[slot] is not None
        if full and not old:
            raise DuplicateKey(f"slot {number} is not empty", data_set=self.definition.name)
        if not full and not new:
            raise self._not_found(number)
        with self.health:
            if not page:
                self._grow(ci)
                page = self.pool.find(ci)
            page[slot] = record
            if full:
                self.state.updated += 1
            else:
                self.state.records += 1
                self.state.inserted += 1
            self._change(ci, page)

    def _grow(self, ci: int) -> None:
        """Add control areas of empty slots up to the one that holds `ci`."""
        area = self.definition.cis_per_ca
        while self.data.used <= ci:
            first = self.extend_data(area)
            for number in range(first, first + area):
                self.pool.change(number, [None] * self._slots)
            self._spill_if_full()

    def _find(self, number: int) -> tuple[int, Slots, int]:
        """(CI, its slots or none if it is not there yet, slot)."""
        ci, slot = self._place(number)
        return ci, self.pool.find(ci) if ci < self.data.used else [], slot

    def _place(self, number: int) -> tuple[int, int]:
        ci, slot = divmod(number - 1, self._slots)
        if ci < 0 or (ci + 1) * self.definition.ci_size > MAXIMUM_BYTES:
            raise InvalidRecordNumber(f"relative record number {number}", data_set=self.definition.name)
        return ci, slot

    def _not_found(self, number: int) -> RecordNotFound:
        return RecordNotFound(f"slot {number} is empty", data_set=self.definition.name)

    def _decode(self, image: bytes) -> Slots:
        slots = parse_slots(image, self.definition.maximum_record)
        if not slots:
            what = "software end of file below the high-used RBA"
            raise Damaged(what, feedback=Damaged.READ_DATA, component="data")
        return slots

    def _image(self, page: Slots) -> bytes:
        return build_slots(page, self.definition.maximum_record, self.definition.ci_size)
