"""Reading in key order, a control interval at a time, in both directions.

A short browse keeps the CIs it passes in the buffer pool; after `POOLED` of them it is taken for a scan: it
reads ahead and leaves the pool alone. When CIs change places under way (a split, a reclaim) the browse looks
its place up again by the boundary of the CI it last gave.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from typing import TypeVar

from ksds.cluster.index_records import Area
from ksds.cluster.keyed_cluster import KeyedCluster
from ksds.cluster.page import Page
from ksds.errors import InvalidKeyLength, VsamError
from ksds.layout.control_interval import parse, parse_run

_Taken = TypeVar("_Taken")

POOLED = 32
READ_AHEAD = 64


def limits(
    key_length: int, start: bytes | None, stop: bytes | None, prefix: bytes | None
) -> tuple[bytes | None, bytes | None]:
    """The lowest and highest key wanted, full length, or None. Raises InvalidKeyLength (8/112)."""
    if prefix is not None:
        if start is not None or stop is not None:
            raise ValueError("a prefix takes the place of start and stop")
        start = stop = prefix
    for argument in (start, stop):
        if argument is not None and not 1 <= len(argument) <= key_length:
            raise InvalidKeyLength(f"key argument of {len(argument)} bytes, not 1 to {key_length}")
    low = start.ljust(key_length, b"\0") if start is not None else None
    high = stop.ljust(key_length, b"\xff") if stop is not None else None
    return low, high


class Reader:
    """One browse: its range, `low` to `high` both included, and the images read ahead of it."""

    def __init__(self, cluster: KeyedCluster, low: bytes | None, high: bytes | None) -> None:
        self._cluster = cluster
        self._index = cluster.index
        self._low = low
        self._high = high
        self._passed = 0
        self._ahead: dict[int, bytes] = {}
        self._ahead_at = -1

    def records(self, *, reverse: bool) -> Iterator[bytes]:
        """The records of the range, ascending or descending."""
        return chain.from_iterable(self.backward() if reverse else self.forward())

    def forward(self) -> Iterator[list[bytes]]:
        """Records in the order of their keys, a control interval's at a time."""
        index, high = self._index, self._high
        position, slot = self._seek(self._low) if self._low is not None else (0, 0)
        low, floor = self._low, None
        while position < len(index.areas):
            area = index.area(position)
            while slot < len(area.cis):
                bound, version = area.bounds[slot], index.version
                found = self._read(area, slot)
                if low is not None:
                    found = found[self._count_below(found, low, inclusive=False) :]
                    low = None
                if floor is not None:
                    found = found[self._count_below(found, floor, inclusive=True) :]
                    floor = None
                ends = high is not None and bound >= high
                if ends and high is not None:
                    found = found[: self._count_below(found, high, inclusive=True)]
                yield found
                if ends:
                    return
                slot += 1
                if index.version != version:
                    floor = bound
                    position, slot = self._after(bound)
                    break
            else:
                position, slot = position + 1, 0

    def backward(self) -> Iterator[list[bytes]]:
        """The same from the last to the first."""
        index = self._index
        if not index.areas:
            return
        high = self._high if self._high is not None else index.top
        position, slot = self._seek(high)
        while 0 <= position < len(index.areas):
            area = index.area(position)
            slot %= len(area.cis)
            below = self._lower_bound(position, slot)
            version = index.version
            found = self._read(area, slot)
            found = found[: self._count_below(found, high, inclusive=True)]
            if self._low is not None:
                found = found[self._count_below(found, self._low, inclusive=False) :]
            found.reverse()
            yield found
            if below is None or (self._low is not None and below < self._low):
                return
            high = below
            if index.version != version:
                position, slot = self._seek(high)
            elif slot:
                slot -= 1
            else:
                position, slot = position - 1, -1

    def runs(self, length: int) -> Iterator[bytes | list[bytes]]:
        """All of a cluster open for input, ascending: the records of a control area back to back, or the list of those
        of a CI where one has not `length` bytes. What can be read before an error comes before it."""
        take = partial(parse_run, length=length)
        for position in range(len(self._index.areas)):
            area = self._index.area(position)
            pieces: list[bytes] = []
            try:
                for slot in range(len(area.cis)):
                    found = self._scan(area, slot, take)
                    if isinstance(found, bytes):
                        pieces.append(found)
                        continue
                    yield self._joined(pieces, length)
                    pieces = []
                    self._cluster.state.retrieved += len(found)
                    yield found
            except VsamError:
                yield self._joined(pieces, length)
                raise
            yield self._joined(pieces, length)

    def _joined(self, pieces: list[bytes], length: int) -> bytes:
        run = b"".join(pieces)
        self._cluster.state.retrieved += len(run) // length
        return run

    def _lower_bound(self, position: int, slot: int) -> bytes | None:
        """The boundary below a CI: all its keys are higher."""
        if slot:
            return self._index.area(position).bounds[slot - 1]
        return self._index.bounds[position - 1] if position else None

    def _seek(self, key: bytes) -> tuple[int, int]:
        position = bisect_left(self._index.bounds, key)
        if position == len(self._index.areas):
            return position, 0
        return position, bisect_left(self._index.area(position).bounds, key)

    def _after(self, bound: bytes) -> tuple[int, int]:
        position = bisect_right(self._index.bounds, bound)
        if position == len(self._index.areas):
            return position, 0
        return position, bisect_right(self._index.area(position).bounds, bound)

    def _count_below(self, found: list[bytes], key: bytes, *, inclusive: bool) -> int:
        definition = self._cluster.definition
        keys = [record[definition.key_offset : definition.key_end] for record in found]
        return bisect_right(keys, key) if inclusive else bisect_left(keys, key)

    def _read(self, area: Area, slot: int) -> list[bytes]:
        """The records of one CI, ascending."""
        cluster, number = self._cluster, area.cis[slot]
        page = self._pooled(number)
        found = list(page.in_order().values()) if page is not None else self._scan(area, slot, parse)
        cluster.state.retrieved += len(found)
        return found

    def _pooled(self, number: int) -> Page | None:
        """The page, if it is in memory or this browse is so short that it should be."""
        self._passed += 1
        page = self._cluster.pool.peek(number)
        if page is None and self._passed <= POOLED:
            page = self._cluster.pool.find(number)
        return page

    def _scan(self, area: Area, slot: int, take: Callable[[bytes], _Taken]) -> _Taken:
        """What `take` makes of one CI's image, read ahead."""
        cluster, number = self._cluster, area.cis[slot]
        try:
            if number not in self._ahead or self._ahead_at != cluster.sphere.pager.version:
                self._read_ahead(area, slot)
            return take(self._ahead.pop(number))
        except VsamError as error:
            cluster.place(error, number)
            raise

    def _read_ahead(self, area: Area, slot: int) -> None:
        cluster = self._cluster
        numbers = area.cis[slot : slot + READ_AHEAD]
        first, count = numbers[0], 1
        while count < len(numbers) and numbers[count] == first + count:
            count += 1
        cluster.state.excps += 1
        self._ahead_at = cluster.sphere.pager.version
        try:
            images = cluster.data.read_run(first, count)
        except VsamError:
            images = [cluster.data.read(first)]
        self._ahead = dict(enumerate(images, first))
