"""Keyed access to a key-sequenced data set: places are keys, read as big-endian numbers."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import islice

from ksds.access.addressing import Addressing, Argument, Found
from ksds.access.options import Optcd
from ksds.cluster import physical_order
from ksds.cluster.key_sequenced import KeySequenced
from ksds.cluster.upgrade import made_duplicate
from ksds.errors import InvalidKeyLength, KeyChange, LogicalError, RecordNotFound


class ByKey(Addressing):
    """Records of a KSDS by prime key."""

    kind = "KEY"

    def __init__(self, cluster: KeySequenced) -> None:
        super().__init__(cluster.definition.ci_size)
        self._cluster = cluster
        self._definition = cluster.definition
        self._duplicate = False

    @property
    def duplicate(self) -> bool:
        return self._duplicate

    @property
    def index_full(self) -> int:
        return self._cluster.index_full

    def span(self, argument: Argument, optcd: Optcd, key_length: int | None) -> tuple[int, int]:
        return key_span(argument, optcd, key_length, self._definition.key_length)

    def first(self, low: int, high: int | None = None) -> Found | None:
        return self._nearest(low, high, reverse=False)

    def last(self, high: int | None, low: int = 0) -> Found | None:
        return self._nearest(low, high, reverse=True)

    def _nearest(self, low: int, high: int | None, *, reverse: bool) -> Found | None:
        self._duplicate = False
        found = nearest(self._cluster, low, high, reverse=reverse)
        return None if found is None else Found(_number(self._key(found[0])), *found)

    def _stored(self, record: bytes) -> Found:
        key = self._key(record)
        return Found(_number(key), record, rba_of(self._cluster, key))

    def _key(self, record: bytes) -> bytes:
        return record[self._definition.key_offset : self._definition.key_end]

    def past(self, number: int, *, forward: bool) -> int | None:
        return past_interval(self._cluster, number, forward=forward)

    def absent(self, place: int) -> LogicalError:
        return RecordNotFound(f"no record with key {self.shown(place).hex().upper()}")

    def interval(self, found: Found) -> int:
        return interval_of(self._cluster, self.shown(found.place))

    def intended(self, record: bytes, argument: Argument, optcd: Optcd, after: int | None) -> Found:
        return Found(self._place(record), record, 0)

    def _place(self, record: bytes) -> int:
        definition = self._definition
        self._require_length(len(record), definition.key_end, definition.maximum_record)
        return _number(self._key(record))

    def insert(self, new: Found, *, sequential: bool) -> Found:
        self._cluster.insert(new.record, sequential=sequential)
        self._duplicate = made_duplicate(self._cluster)
        return self._stored(new.record)

    def replace(self, old: Found, record: bytes) -> Found:
        if self._place(record) != old.place:
            raise KeyChange(f"the record's key is not {self.shown(old.place).hex().upper()}")
        self._cluster.update(record)
        self._duplicate = made_duplicate(self._cluster)
        return self._stored(record)

    def erase(self, old: Found) -> None:
        self._cluster.erase(self.shown(old.place))

    def shown(self, place: int) -> bytes:
        return place.to_bytes(self._definition.key_length, "big")


def key_span(argument: Argument, optcd: Optcd, key_length: int | None, whole: int) -> tuple[int, int]:
    """The lowest and highest key of `whole` bytes, as numbers, that ARG and KEYLEN mean. Raises InvalidKeyLength."""
    if not isinstance(argument, bytes):
        raise InvalidKeyLength("ARG is not a key")
    if optcd.search == "GEN":
        length = len(argument) if key_length is None else key_length
        if not 1 <= length <= min(whole, len(argument)):
            raise InvalidKeyLength(f"generic key of {length} bytes, not 1 to {min(whole, len(argument))}")
        prefix = argument[:length]
        return _number(prefix.ljust(whole, b"\0")), _number(prefix.ljust(whole, b"\xff"))
    if len(argument) != whole:
        raise InvalidKeyLength(f"key of {len(argument)} bytes, not {whole}")
    return _number(argument), _number(argument)


def nearest(cluster: KeySequenced, low: int, high: int | None, *, reverse: bool) -> tuple[bytes, int] | None:
    """(record, RBA) of the first in key order, or with `reverse` the last, whose key is in low..high as a number."""
    length = cluster.definition.key_length
    highest = (1 << 8 * length) - 1
    high = highest if high is None else min(high, highest)
    if not cluster.index.levels or low > high:
        return None
    first, last = low.to_bytes(length, "big"), high.to_bytes(length, "big")
    key, rba = _in_interval(cluster, last if reverse else first, reverse=reverse)
    if not key:
        return _beyond_interval(cluster, first, last, reverse=reverse)
    return (cluster.get(key), rba) if first <= key <= last else None


def _in_interval(cluster: KeySequenced, wanted: bytes, *, reverse: bool) -> tuple[bytes, int]:
    """(key, RBA) of the record next to `wanted` in the CI where that belongs; no key if none of them is."""
    _, area, slot, page = cluster.find(wanted)
    records = page.in_order()
    keys = list(records)
    at = bisect_right(keys, wanted) - 1 if reverse else bisect_left(keys, wanted)
    if not 0 <= at < len(keys):
        return b"", 0
    return keys[at], area.cis[slot] * cluster.definition.ci_size + sum(map(len, islice(records.values(), at)))


def _beyond_interval(cluster: KeySequenced, first: bytes, last: bytes, *, reverse: bool) -> tuple[bytes, int] | None:
    retrieved = cluster.state.retrieved
    record = next(cluster.reader(first, last).records(reverse=reverse), None)
    cluster.state.retrieved = retrieved + (record is not None)  # browse counts the whole control interval
    if record is None:
        return None
    return record, rba_of(cluster, record[cluster.definition.key_offset : cluster.definition.key_end])


def rba_of(cluster: KeySequenced, key: bytes) -> int:
    """The RBA of the record with this key, which is there."""
    return _in_interval(cluster, key, reverse=False)[1]


def past_interval(cluster: KeySequenced, number: int, *, forward: bool) -> int | None:
    """The lowest key, as a number, above what CI `number` may hold, or the highest below; None if it is free."""
    keys = physical_order.keys_of(cluster, number)
    if keys is None:
        return None
    below, highest = keys
    if forward:
        return _number(highest) + 1
    return -1 if below is None else _number(below)


def interval_of(cluster: KeySequenced, key: bytes) -> int:
    """The CI where a key belongs; 0 in an empty data set, which has none yet."""
    if not cluster.index.levels:
        return 0
    _, area, slot, _ = cluster.find(key)
    return area.cis[slot]


def _number(key: bytes) -> int:
    return int.from_bytes(key, "big")
