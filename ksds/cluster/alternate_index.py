"""An alternate index (AIX): a KSDS whose records lead from an alternate key to records of a base cluster.

The alternate key is a field of fixed place and length in the base's records. Its AIX record holds a pointer for each
base record that has it, in order of arrival (`ksds.layout.aix_record`). A base record too short to have the field has
no pointer. An AIX is empty until it is built; an empty one is not kept up to date.

Source: z/OS DFSMS Using Data Sets, "Defining Alternate Indexes" and "Building an Alternate Index".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import groupby, islice
from operator import itemgetter

from ksds.cluster.definition import ClusterDefinition
from ksds.cluster.entry_sequenced import EntrySequenced
from ksds.cluster.key_sequenced import KeySequenced
from ksds.cluster.spanned_key_sequenced import SpannedKeySequenced
from ksds.cluster.sphere import Sphere
from ksds.errors import DuplicateKey, RecordNotFound, TooManyPointers
from ksds.layout import aix_record
from ksds.layout.aix_record import HEADER_LENGTH, MAXIMUM_POINTERS, RBA_LENGTH, AixRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class AlternateIndexDefinition:
    """What DEFINE ALTERNATEINDEX fixed: `store` is the AIX as a KSDS, `key_offset` (AXRKP) the place of its key in a
    base record. `prime_key_length` is that of the base's key, 0 for an entry-sequenced base.

    Raises ValueError if the store cannot hold such records.
    """

    store: ClusterDefinition
    key_offset: int
    prime_key_length: int
    unique: bool = False
    upgrade: bool = True

    def __post_init__(self) -> None:
        if self.store.key_offset != HEADER_LENGTH:
            raise ValueError(f"the key of an alternate index record is at {HEADER_LENGTH}, not {self.store.key_offset}")
        if self.store.maximum_record < self.length_with(1):
            raise ValueError(f"RECORDSIZE {self.store.maximum_record} does not hold one pointer")

    @property
    def name(self) -> str:
        return self.store.name

    @property
    def pointer_length(self) -> int:
        """Bytes of a pointer: the prime key, or an RBA over an ESDS."""
        return self.prime_key_length or RBA_LENGTH

    @property
    def most_pointers(self) -> int:
        """Pointers that one record can take."""
        room = (self.store.maximum_record - self.length_with(0)) // self.pointer_length
        return 1 if self.unique else min(room, MAXIMUM_POINTERS)

    def length_with(self, pointers: int) -> int:
        """Bytes of a record with so many pointers."""
        return aix_record.record_length(self.store.key_length, self.pointer_length, pointers)

    @property
    def row_length(self) -> int:
        """Bytes of a row of key and pointer, which an index is built of."""
        return self.store.key_length + self.pointer_length

    @property
    def row_key(self) -> Callable[[bytes], bytes]:
        """What takes the alternate key off a row."""
        return itemgetter(slice(self.store.key_length))

    def key_of(self, record: bytes) -> bytes | None:
        """The alternate key of a base record; None if the record ends before it does."""
        end = self.key_offset + self.store.key_length
        return record[self.key_offset : end] if len(record) >= end else None


Order = Callable[[Iterable[bytes]], Iterable[bytes]]
"""Puts rows of alternate key and pointer into the order of the keys."""


@dataclass(slots=True)
class BuildReport:
    """What BLDINDEX could not put into an index: `missing` the pointers of base records without the alternate key,
    `duplicates` (key, pointer) beyond the first of a unique key, `excess` (key, pointers that its record could not
    take)."""

    missing: list[bytes] = field(default_factory=list)
    duplicates: list[tuple[bytes, bytes]] = field(default_factory=list)
    excess: list[tuple[bytes, int]] = field(default_factory=list)


class AlternateIndex:
    """An open alternate index: `store` is its KSDS."""

    __slots__ = ("definition", "store")

    def __init__(self, definition: AlternateIndexDefinition, store: KeySequenced) -> None:
        self.definition = definition
        self.store = store

    @classmethod
    def join(cls, sphere: Sphere, member: int, definition: AlternateIndexDefinition) -> AlternateIndex:
        """Open member number `member` of an open sphere. Raises OpenError (160) if it is not what `definition` says.

        It is loaded as with SPEED: what a crash left of a build must not pass for an index.
        """
        kind = SpannedKeySequenced if definition.store.spanned else KeySequenced
        return cls(definition, kind.join(sphere, member, replace(definition.store, speed=True)))

    def get(self, key: bytes) -> AixRecord:
        """The record of an alternate key. Raises RecordNotFound (8/16), InvalidKeyLength (8/112), Damaged (12)."""
        return aix_record.parse(self.store.get(key))

    def browse(
        self, start: bytes | None = None, stop: bytes | None = None, *, reverse: bool = False
    ) -> Iterator[AixRecord]:
        """Records in order of their keys, as `KeySequenced.browse`."""
        return map(aix_record.parse, self.store.browse(start, stop, reverse=reverse))

    def check(self, key: bytes) -> None:
        """Read the record of an alternate key, if there is one. Raises Damaged (12)."""
        self._stored(key)

    def add(self, key: bytes, pointer: bytes) -> int:
        """Point from `key` to one more base record; how many pointers the key has now, 0 if it had this one already.

        Raises DuplicateKey (8/8) if keys are unique, TooManyPointers (8/148), NoSpace (8/28).
        """
        old = self._stored(key)
        if old is None:
            record = AixRecord(key, (pointer,), bool(self.definition.prime_key_length))
            self.store.insert(aix_record.build(record))
            return 1
        if aix_record.find(old, pointer) >= 0:
            return 0
        if self.definition.unique:
            raise DuplicateKey(f"alternate key {key.hex().upper()} exists", data_set=self.definition.name)
        count = aix_record.pointer_count(old) + 1
        if count > self.definition.most_pointers:
            what = f"alternate key {key.hex().upper()} has {count - 1} pointers, the most its record can take"
            raise TooManyPointers(what, data_set=self.definition.name)
        self.store.update(aix_record.with_pointer(old, pointer))
        return count

    def remove(self, key: bytes, pointer: bytes) -> None:
        """No longer point from `key` to this base record. A pointer that is not there is no error."""
        old = self._stored(key)
        at = -1 if old is None else aix_record.find(old, pointer)
        if old is None or at < 0:
            return
        rest = aix_record.without_pointer(old, at)
        if rest:
            self.store.update(rest)
        else:
            self.store.erase(key)

    @property
    def is_empty(self) -> bool:
        """True if it was never built."""
        return not self.store.data.used

    def build(self, base: KeySequenced | EntrySequenced, order: Order | None = None) -> BuildReport:
        """Fill an empty index from its base. `order` sorts rows by their first bytes, as many as the key has, and
        leaves equal ones in their order; without one that happens in memory.

        A unique key keeps its first pointer, a record the pointers that it can take; the report tells the rest. Raises
        LoadModeViolation (8/116) if the index is not empty, NoSpace (8/28).
        """
        report = BuildReport()
        rows = self._rows(base, report)
        in_order = order(rows) if order else sorted(rows, key=self.definition.row_key)
        self.store.load(self._records(in_order, report))
        return report

    def _rows(self, base: KeySequenced | EntrySequenced, report: BuildReport) -> Iterator[bytes]:
        """Alternate key and pointer of each base record that has one."""
        for pointer, record in pointed(base):
            key = self.definition.key_of(record)
            if key is None:
                report.missing.append(pointer)
            else:
                yield key + pointer

    def _records(self, rows: Iterable[bytes], report: BuildReport) -> Iterator[bytes]:
        definition = self.definition
        most, length = definition.most_pointers, definition.store.key_length
        for key, group in groupby(rows, key=definition.row_key):
            pointers = [row[length:] for row in islice(group, most)]
            if definition.unique:
                report.duplicates += [(key, row[length:]) for row in group]
            elif excess := sum(1 for _ in group):
                report.excess.append((key, excess))
            yield aix_record.build(AixRecord(key, tuple(pointers), bool(definition.prime_key_length)))

    def _stored(self, key: bytes) -> bytes | None:
        try:
            record = self.store.get(key)
        except RecordNotFound:
            return None
        aix_record.check(record)
        return record


def pointed(base: KeySequenced | EntrySequenced) -> Iterator[tuple[bytes, bytes]]:
    """The base's records in its order, each behind its pointer."""
    if isinstance(base, EntrySequenced):
        return ((rba.to_bytes(RBA_LENGTH), record) for rba, record in base.browse())
    key = slice(base.definition.key_offset, base.definition.key_end)
    return ((record[key], record) for record in base.browse())
