"""Sorting more than fits in memory: sorted runs on work data sets, then one merge.

Records are gathered until their estimated size passes RUN_BYTES; then they are sorted and written as a run. Equal keys
keep the order in which they came. SUM adds up records with equal keys as they leave the merge.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice

from dtf.jcl.programs import WORK
from dtf.jcl.sorting.formats import encode_number, number_of
from ksds.datasets import DataSetAttributes
from ksds.system import System

RUN_BYTES = 256 << 20
"""Estimated size of a run; what it really takes is about three quarters of that."""
_OVERHEAD = 150
"""What Python keeps beside the bytes of a record while it sorts: two objects and their places in lists."""
_BATCH = 4096
Key = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class WorkSpace:
    """Where runs go: `new` gives the name of a work data set, deleted when the step ends."""

    system: System
    new: Callable[[DataSetAttributes], str]
    run_bytes: int = RUN_BYTES


def sort_records(records: Iterable[bytes], key: Key, work: WorkSpace) -> Iterator[bytes]:
    """The records in the order of their keys; equal ones as they came."""
    iterator = iter(records)
    runs: list[str] = []
    while True:
        run = _gather(iterator, work.run_bytes)
        run.sort(key=key)
        last = next(iterator, None)
        if last is None and not runs:
            yield from run
            return
        name = work.new(WORK)
        with work.system.sequential(name, "w") as output:
            output.append(run)
        runs.append(name)
        del run
        if last is None:
            break
        iterator = _before(last, iterator)
    with ExitStack() as opened:
        streams = [opened.enter_context(work.system.sequential(name)).records() for name in runs]
        yield from heapq.merge(*streams, key=key)


def _gather(iterator: Iterator[bytes], limit: int) -> list[bytes]:
    run: list[bytes] = []
    size = 0
    while size < limit and (batch := list(islice(iterator, _BATCH))):
        run += batch
        size += sum(map(len, batch)) + _OVERHEAD * len(batch)
    return run


def _before(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def merge_records(streams: Iterable[Iterable[bytes]], key: Key) -> Iterator[bytes]:
    """Streams that are in order already, as one."""
    return heapq.merge(*streams, key=key)


@dataclass(frozen=True, slots=True)
class SumField:
    """A field of SUM FIELDS=; `position` from 0."""

    position: int
    length: int
    kind: str
    written: str
    """The format of the sum: ZDF for a ZD that is printable."""


def sum_records(records: Iterable[bytes], key: Key, fields: list[SumField]) -> Iterator[bytes]:
    """One record for each key, the first, with the fields added up; a sum that does not fit leaves both records."""
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
        worth = number_of(field.kind)
        value = encode_number(
            worth(one[field.position : end]) + worth(other[field.position : end]), field.written, field.length
        )
        if value is None:
            return None
        total[field.position : end] = value
    return bytes(total)
