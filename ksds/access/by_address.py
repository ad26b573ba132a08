"""Addressed access: places are RBAs. An ESDS knows no other way to a record; a KSDS is read in physical order."""

from __future__ import annotations

from ksds.access.addressing import Addressing, Argument, Found, number_of
from ksds.access.by_key import interval_of
from ksds.access.options import Optcd
from ksds.cluster import physical_order
from ksds.cluster.entry_sequenced import EntrySequenced
from ksds.cluster.key_sequenced import KeySequenced
from ksds.errors import InvalidInsertion, InvalidRba, KeyChange, LengthChange, LogicalError


class ByAddress(Addressing):
    """Records by RBA: what ESDS and KSDS have in common."""

    kind = "ADR"

    def __init__(self, cluster: physical_order.Addressable) -> None:
        super().__init__(cluster.definition.ci_size)
        self._records = cluster

    def span(self, argument: Argument, optcd: Optcd, key_length: int | None) -> tuple[int, int]:
        rba = number_of(argument)
        if rba is None or rba < 0:
            raise InvalidRba("ARG is not an RBA")
        return rba, rba

    def first(self, low: int, high: int | None = None) -> Found | None:
        found = physical_order.first_from(self._records, low)
        return Found(found[0], found[1], found[0]) if found and (high is None or found[0] <= high) else None

    def last(self, high: int | None, low: int = 0) -> Found | None:
        found = physical_order.last_upto(self._records, high)
        return Found(found[0], found[1], found[0]) if found and found[0] >= low else None

    def past(self, number: int, *, forward: bool) -> int | None:
        return (number + 1) * self.ci_size if forward else number * self.ci_size - 1

    def absent(self, place: int) -> LogicalError:
        return InvalidRba(f"no record begins at RBA {place}", component="data")

    def _require_same_length(self, old: Found, record: bytes) -> None:
        if len(record) != len(old.record):
            raise LengthChange(f"record of {len(record)} bytes in place of {len(old.record)}")


class EntriesByAddress(ByAddress):
    """An ESDS: records are added behind the last one, whatever the position, and never erased."""

    def __init__(self, cluster: EntrySequenced) -> None:
        super().__init__(cluster)
        self._cluster = cluster

    def interval(self, found: Found) -> int:
        return found.place // self.ci_size

    def intended(self, record: bytes, argument: Argument, optcd: Optcd, after: int | None) -> Found:
        self._require_length(len(record), 1, self._cluster.definition.maximum_record)
        end = self._cluster.next_rba(record)
        return Found(end, record, end)

    def insert(self, new: Found, *, sequential: bool) -> Found:
        rba = self._cluster.append(new.record)
        return Found(rba, new.record, rba)

    def replace(self, old: Found, record: bytes) -> Found:
        self._require_same_length(old, record)
        self._cluster.update(old.place, record)
        return Found(old.place, record, old.place)


class KeysByAddress(ByAddress):
    """A KSDS: records are read, updated in their length and erased by RBA; new ones need their key."""

    reads_spanned = False

    def __init__(self, cluster: KeySequenced) -> None:
        super().__init__(cluster)
        self._cluster = cluster

    def interval(self, found: Found) -> int:
        """A split may have moved the record from the RBA where it was found."""
        return interval_of(self._cluster, self._key(found.record))

    def _key(self, record: bytes) -> bytes:
        return record[self._cluster.definition.key_offset : self._cluster.definition.key_end]

    def intended(self, record: bytes, argument: Argument, optcd: Optcd, after: int | None) -> Found:
        raise InvalidInsertion("records are inserted into a key-sequenced data set by key")

    def insert(self, new: Found, *, sequential: bool) -> Found:
        raise InvalidInsertion("records are inserted into a key-sequenced data set by key")

    def replace(self, old: Found, record: bytes) -> Found:
        self._require_same_length(old, record)
        if self._key(record) != self._key(old.record):
            raise KeyChange(f"the record's key is not {self._key(old.record).hex().upper()}")
        self._cluster.update(record)
        return Found(old.place, record, old.place)

    def erase(self, old: Found) -> None:
        self._cluster.erase(self._key(old.record))
