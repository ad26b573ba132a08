"""A data control interval in memory: its records by key, and how full it is."""

from __future__ import annotations

from ksds.layout.control_interval import CIDF_LENGTH, RDF_LENGTH, control_bytes


class Page:
    """Records of one CI by key, `used` bytes of data in all.

    `ordered` says whether the dictionary is in key order: an insertion does not care, and whoever needs the order
    asks by `in_order`. (A dictionary beat two sorted lists at everything but splits; docs/PERFORMANCE.md.)
    """

    __slots__ = ("ordered", "records", "used")

    def __init__(self, records: dict[bytes, bytes]) -> None:
        self.records = records
        self.used = sum(map(len, records.values()))
        self.ordered = True

    def in_order(self) -> dict[bytes, bytes]:
        """The records by key, ascending."""
        if not self.ordered:
            records = self.records
            self.records = {key: records[key] for key in sorted(records)}
            self.ordered = True
        return self.records

    def put(self, key: bytes, record: bytes) -> None:
        """Add a record, or put it in place of the one with the same key."""
        old = self.records.get(key)
        if old is None:
            self.ordered = False
        else:
            self.used -= len(old)
        self.used += len(record)
        self.records[key] = record

    def append(self, key: bytes, record: bytes) -> None:
        """Add a record above all others of a page that is in order."""
        self.records[key] = record
        self.used += len(record)

    def fits(self, key: bytes, length: int, limit: int) -> bool:
        """True if a record of `length` bytes under `key`, new or in place of the old one, keeps data and control
        information within `limit` bytes."""
        old = self.records.get(key)
        count, used = len(self.records), self.used + length
        if old is None:
            count += 1
        else:
            used -= len(old)
        if used + RDF_LENGTH * count + CIDF_LENGTH <= limit:
            return True
        if used + 2 * RDF_LENGTH + CIDF_LENGTH > limit:
            return False
        lengths = {other: len(record) for other, record in self.records.items()}
        lengths[key] = length
        return used + control_bytes([lengths[other] for other in sorted(lengths)]) <= limit
