"""Whether an alternate index and its base agree: each base record with the alternate key has its pointer, each pointer
leads to a record with that key."""

from __future__ import annotations

from collections.abc import Iterator

from ksds.cluster.alternate_index import AlternateIndex, pointed
from ksds.cluster.entry_sequenced import EntrySequenced
from ksds.cluster.findings import MAJOR, Finding
from ksds.cluster.key_sequenced import KeySequenced
from ksds.errors import VsamError


def disagreements(index: AlternateIndex, base: KeySequenced | EntrySequenced) -> list[Finding]:
    """What is wrong with the pointers of an index; empty if it agrees with its base. A damaged interval of either ends
    the search."""
    name = index.definition.name
    try:
        return [Finding(MAJOR, "data", 0, f"{name}: {what}") for what in _disagreements(index, base)]
    except VsamError as error:
        return [Finding(MAJOR, "data", 0, f"{name} cannot be compared with its base: {error.what}")]


def _disagreements(index: AlternateIndex, base: KeySequenced | EntrySequenced) -> Iterator[str]:
    wanted: dict[bytes, set[bytes]] = {}
    for pointer, record in pointed(base):
        key = index.definition.key_of(record)
        if key is not None:
            wanted.setdefault(key, set()).add(pointer)
    for entry in index.browse():
        shown = entry.key.hex().upper()
        expected = wanted.pop(entry.key, set())
        for pointer in entry.pointers:
            if pointer not in expected:
                yield f"alternate key {shown} points to {pointer.hex().upper()}, where no such record is"
        for pointer in sorted(expected.difference(entry.pointers)):
            yield f"alternate key {shown} does not point to {pointer.hex().upper()}"
    for key in sorted(wanted):
        yield f"alternate key {key.hex().upper()} is missing"
