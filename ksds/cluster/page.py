"""A data control interval in memory: its records in key order, and how full it is."""

from __future__ import annotations

from bisect import bisect_left

from ksds.layout.control_interval import CIDF_LENGTH, RDF_LENGTH, control_bytes


class Page:
    """Records of one CI: `records[i]` has key `keys[i]`, `used` bytes of data in all.

    `lookup` is the same as a dictionary, made when the page is first read by key and kept true afterwards; None
    until then. (Two lists are cheaper to insert into, to cut and to write; a dictionary is cheaper to read.)
    """

    __slots__ = ("keys", "lookup", "records", "used")

    def __init__(self, keys: list[bytes], records: list[bytes]) -> None:
        self.keys = keys
        self.records = records
        self.used = sum(map(len, records))
        self.lookup: dict[bytes, bytes] | None = None

    def by_key(self) -> dict[bytes, bytes]:
        """The records by key."""
        if self.lookup is None:
            self.lookup = dict(zip(self.keys, self.records, strict=True))
        return self.lookup

    def position(self, key: bytes) -> tuple[int, bool]:
        """(where `key` is or would be, whether it is there)."""
        at = bisect_left(self.keys, key)
        return at, at < len(self.keys) and self.keys[at] == key

    def insert(self, at: int, key: bytes, record: bytes) -> None:
        """Put a new record at position `at`."""
        self.keys.insert(at, key)
        self.records.insert(at, record)
        self.used += len(record)
        if self.lookup is not None:
            self.lookup[key] = record

    def replace(self, at: int, record: bytes) -> None:
        """Put `record` in place of the one at position `at`, which has the same key."""
        self.used += len(record) - len(self.records[at])
        self.records[at] = record
        if self.lookup is not None:
            self.lookup[self.keys[at]] = record

    def remove(self, at: int) -> bytes:
        """Take out the record at position `at`."""
        record = self.records.pop(at)
        key = self.keys.pop(at)
        self.used -= len(record)
        if self.lookup is not None:
            del self.lookup[key]
        return record

    def fits(self, at: int, length: int, limit: int, *, replaces: bool) -> bool:
        """True if a record of `length` bytes, put at `at` or in place of the one there, keeps data and control
        information within `limit` bytes."""
        used = self.used + length
        count = len(self.records) + 1
        if replaces:
            used -= len(self.records[at])
            count -= 1
        if used + RDF_LENGTH * count + CIDF_LENGTH <= limit:
            return True
        if used + 2 * RDF_LENGTH + CIDF_LENGTH > limit:
            return False
        lengths = list(map(len, self.records))
        lengths[at : at + replaces] = [length]
        return used + control_bytes(lengths) <= limit
