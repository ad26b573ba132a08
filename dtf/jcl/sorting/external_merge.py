"""Sorting more than fits in memory (`ksds.external_sort`): runs go to work data sets. SUM adds up records with equal
keys as they leave the merge."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from dtf.jcl.programs import WORK
from dtf.jcl.sorting.formats import encode_number, summed
from dtf.jcl.sorting.language import SortError
from ksds import external_sort
from ksds.datasets import DataSetAttributes
from ksds.external_sort import Key
from ksds.system import System


@dataclass(frozen=True, slots=True)
class WorkSpace:
    """Where runs go: `new` gives the name of a work data set, deleted when the step ends."""

    system: System
    new: Callable[[DataSetAttributes], str]
    run_bytes: int = external_sort.RUN_BYTES

    def spill(self, run: list[bytes]) -> Iterator[bytes]:
        """Keep a sorted run in a work data set; its records again."""
        name = self.new(WORK)
        with self.system.sequential(name, "w") as output:
            output.append(run)
        return self._records(name)

    def _records(self, name: str) -> Iterator[bytes]:
        with self.system.sequential(name) as run:
            yield from run.records()


def sort_records(records: Iterable[bytes], key: Key, work: WorkSpace) -> Iterator[bytes]:
    """The records in the order of their keys; equal ones as they came."""
    return external_sort.sort_records(records, key, work.spill, work.run_bytes)


def merge_records(streams: Iterable[tuple[str, Iterable[bytes]]], key: Key) -> Iterator[bytes]:
    """Streams that are in order already, with the names of their data sets, as one. Raises SortError."""
    return heapq.merge(*(in_sequence(records, key, name) for name, records in streams), key=key)


def in_sequence(records: Iterable[bytes], key: Key, name: str) -> Iterator[bytes]:
    """The records, if each belongs where it stands. Raises SortError."""
    last = b""
    for record in records:
        found = key(record)
        if found < last:
            raise SortError("ICE068A", f"OUT OF SEQUENCE {name}")
        last = found
        yield record


@dataclass(frozen=True, slots=True)
class SumField:
    """A field of SUM FIELDS=; `position` from 0."""

    position: int
    length: int
    kind: str
    written: str
    """The format of the sum: ZDF for a ZD that is printable."""


def sum_records(records: Iterable[bytes], key: Key, fields: list[SumField]) -> Iterator[bytes]:
    """One record for each key, the first, with the fields added up.

    A sum that does not fit, or of a record that does not reach to the end of the field, leaves both records.
    """
    current: bytes | None = None
    current_key = b""
    for record in records:
        record_key = key(record)
        if current is None or record_key != current_key:
            if current is not None:
                yield current
            current, current_key = record, record_key
            continue
        added = _added(current, record, fields)
        if added is None:
            yield current
            current = record
        else:
            current = added
    if current is not None:
        yield current


def _added(one: bytes, other: bytes, fields: list[SumField]) -> bytes | None:
    total = bytearray(one)
    for field in fields:
        end = field.position + field.length
        if min(len(one), len(other)) < end:
            return None
        worth = summed(field.kind)
        value = encode_number(
            worth(one[field.position : end]) + worth(other[field.position : end]), field.written, field.length
        )
        if value is None:
            return None
        total[field.position : end] = value
    return bytes(total)
