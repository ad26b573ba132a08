"""A data control interval in memory: its records by key, and how full it is."""

from __future__ import annotations

from ksds.layout.control_interval import build, control_bytes


class Page:
    """Records of one CI. `ordered` is False while the dictionary is not in key order."""

    __slots__ = ("ordered", "records", "used")

    def __init__(self, records: dict[bytes, bytes]) -> None:
        self.records = records
        self.used = sum(map(len, records.values()))
        self.ordered = True

    def in_order(self) -> list[bytes]:
        """The records, ascending by key."""
        if not self.ordered:
            self.sort()
        return list(self.records.values())

    def sort(self) -> None:
        """Bring the dictionary into key order."""
        self.records = dict(sorted(self.records.items()))
        self.ordered = True

    def image(self, ci_size: int) -> bytes:
        """The control interval's bytes."""
        return build(self.in_order(), ci_size)

    def fits(self, key: bytes, length: int, limit: int) -> bool:
        """True if a record of `length` bytes under `key` (new, or in place of the old one) leaves
        data and control information within `limit` bytes."""
        records = self.records
        old = records.get(key)
        count, used = len(records), self.used + length
        if old is None:
            count += 1
        else:
            used -= len(old)
        if used + 3 * count + 4 <= limit:
            return True
        if used + 10 > limit:
            return False
        lengths = {**{k: len(record) for k, record in records.items()}, key: length}
        return used + control_bytes([lengths[k] for k in sorted(lengths)]) <= limit
