"""Records as the sort handles them: variable ones carry their descriptor, four bytes with the length, in front."""

from __future__ import annotations

DESCRIPTOR_BYTES = 4
"""A variable record carries its length in front of its data."""


def with_descriptor(record: bytes) -> bytes:
    """A variable record whose first two bytes say how long it is."""
    return len(record).to_bytes(2, "big") + b"\0\0" + record[DESCRIPTOR_BYTES:]
