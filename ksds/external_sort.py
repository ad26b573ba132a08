"""Sorting more than fits in memory: sorted runs are spilled, one merge brings them back.

Records are gathered until their estimated size passes a limit; then they are sorted and spilled as a run. Equal keys
keep the order in which they came. What fits in one run is not spilled at all.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice

RUN_BYTES = 256 << 20
"""Estimated size of a run; what it really takes is about three quarters of that."""
_OVERHEAD = 150
"""What Python keeps beside the bytes of a record while it sorts: two objects and their places in lists."""
_BATCH = 4096

Key = Callable[[bytes], bytes]
Spill = Callable[[list[bytes]], Iterable[bytes]]
"""Keeps a run somewhere; what it returns gives the run back, once."""


def sort_records(records: Iterable[bytes], key: Key, spill: Spill, run_bytes: int = RUN_BYTES) -> Iterator[bytes]:
    """The records in the order of their keys; equal ones as they came."""
    iterator = iter(records)
    runs: list[Iterable[bytes]] = []
    while True:
        run = _gather(iterator, run_bytes)
        run.sort(key=key)
        following = next(iterator, None)
        if following is None and not runs:
            yield from run
            return
        runs.append(spill(run))
        del run
        if following is None:
            break
        iterator = chain([following], iterator)
    yield from heapq.merge(*runs, key=key)


def _gather(iterator: Iterator[bytes], limit: int) -> list[bytes]:
    run: list[bytes] = []
    size = 0
    while size < limit and (batch := list(islice(iterator, _BATCH))):
        run += batch
        size += sum(map(len, batch)) + _OVERHEAD * len(batch)
    return run
