"""Keyed access through a path: records by alternate key, those that share one in the order of arrival, backward too.

A place is the alternate key, then twice the pointer counted from 1: even places are records, the odd ones between them
are "behind this record" forward and "before this one" backward, zero and all ones behind a key are its two ends. Places
of one key do not stand in order. So the next record is looked up in the key's pointers; of a record that was erased
the one that stood before it is remembered, and behind that one it goes on.
"""

from __future__ import annotations

from ksds.access.addressing import Addressing, Argument, Found
from ksds.access.by_key import interval_of, key_span
from ksds.access.options import Optcd
from ksds.cluster.entry_sequenced import EntrySequenced
from ksds.cluster.key_sequenced import KeySequenced
from ksds.cluster.path import Path
from ksds.errors import LogicalError, RecordNotFound
from ksds.layout.aix_record import RBA_LENGTH, AixRecord


class ByPath(Addressing):
    """Records of a base cluster by the alternate key of a path."""

    kind = "KEY"

    def __init__(self, path: Path) -> None:
        super().__init__(path.definition.ci_size)
        self._path = path
        self._key_length = path.definition.key_length
        self._width = path.index.definition.pointer_length
        self._bits = 8 * self._width + 2
        self._gone: dict[int | None, int | None] = {}
        self._pointers = 0

    @property
    def duplicate(self) -> bool:
        return self._path.more

    @property
    def pointers(self) -> int:
        return self._pointers

    @property
    def index_full(self) -> int:
        base = self._path.base
        return base.index_full if isinstance(base, KeySequenced) else 0

    # -- finding ----------------------------------------------------------------------------------------

    def span(self, argument: Argument, optcd: Optcd, key_length: int | None) -> tuple[int, int]:
        low, high = key_span(argument, optcd, key_length, self._key_length)
        return low << self._bits, (high + 1 << self._bits) - 1

    def first(self, low: int, high: int | None = None) -> Found | None:
        key, rest = divmod(low, 1 << self._bits)
        found = self._among(key, low - rest % 2, behind=rest % 2) if rest else self._of_key(key, reverse=False)
        if found is None and rest:
            found = self._of_key(key + 1, reverse=False)
        return found if found and (high is None or found.place <= high) else None

    def last(self, high: int | None, low: int = 0) -> Found | None:
        if high is None:
            return self._of_key(None, reverse=True)
        key, rest = divmod(high, 1 << self._bits)
        whole = rest == (1 << self._bits) - 1
        found = self._of_key(key, reverse=True) if whole else self._among(key, high + rest % 2, behind=rest % 2)
        if found is None and not whole:
            found = self._of_key(key - 1, reverse=True)
        return found if found and found.place >= low else None

    def _among(self, key: int, place: int, *, behind: int) -> Found | None:
        """The record at `place`, or `behind` it, in the order of arrival of its key; None if there is none."""
        try:
            record = self._path.index.get(self._key(key))
        except RecordNotFound:
            return None
        places = [self._place(key, pointer) for pointer in record.pointers]
        number = places.index(place) if place in places and not behind else self._behind(place, places)
        return self._found(record, number) if number < len(places) else None

    def _behind(self, place: int, places: list[int]) -> int:
        """Where it goes on among `places`: at the end behind one that somebody else has erased."""
        before: int | None = place
        while before in self._gone:
            before = self._gone[before]
        if before is None:
            return 0
        return places.index(before) + 1 if before in places else len(places)

    def _of_key(self, key: int | None, *, reverse: bool) -> Found | None:
        """The first to arrive of the next key from `key` on, or with `reverse` of the highest up to it."""
        if key is not None and not 0 <= key < 1 << 8 * self._key_length:
            return None
        limit = None if key is None else self._key(key)
        start, stop = (None, limit) if reverse else (limit, None)
        record = next(self._path.index.browse(start, stop, reverse=reverse), None)
        return None if record is None else self._found(record, 0)

    def _found(self, record: AixRecord, number: int) -> Found:
        pointer = record.pointers[number]
        self._pointers = len(record.pointers)
        self._path.more = number + 1 < len(record.pointers)
        data, place = self._path.at(pointer), self._place(int.from_bytes(record.key), pointer)
        self._gone.pop(place, None)
        return Found(place, data, self._path.locate(pointer)[1])

    def _key(self, key: int) -> bytes:
        return key.to_bytes(self._key_length)

    def _place(self, key: int, pointer: bytes) -> int:
        return (key << self._bits) + 2 * (int.from_bytes(pointer) + 1)

    def _pointer(self, found: Found) -> bytes:
        return (found.place % (1 << self._bits) // 2 - 1).to_bytes(self._width)

    def absent(self, place: int) -> LogicalError:
        return RecordNotFound(f"no record with alternate key {self.shown(place).hex().upper()}")

    def shown(self, place: int) -> bytes:
        return self._key(place >> self._bits)

    # -- writing ----------------------------------------------------------------------------------------

    def interval(self, found: Found) -> int:
        base, pointer = self._path.base, self._pointer(found)
        return found.rba // self.ci_size if isinstance(base, EntrySequenced) else interval_of(base, pointer)

    def intended(self, record: bytes, argument: Argument, optcd: Optcd, after: int | None) -> Found:
        base, definition = self._path.base, self._path.base.definition
        self._require_length(len(record), max(1, definition.key_end), definition.maximum_record)
        rba = 0
        if isinstance(base, EntrySequenced):
            rba = base.next_rba(record)
            pointer = rba.to_bytes(RBA_LENGTH)
        else:
            pointer = record[definition.key_offset : definition.key_end]
        key = self._path.index.definition.key_of(record) or b""
        return Found(self._place(int.from_bytes(key), pointer), record, rba)

    def insert(self, new: Found, *, sequential: bool) -> Found:
        self._path.insert(new.record, sequential=sequential)
        self._path.more = self._path.duplicate_created
        return Found(new.place, new.record, self._path.locate(self._pointer(new))[1])

    def replace(self, old: Found, record: bytes) -> Found:
        self._path.update(record, self._pointer(old))
        self._path.more = self._path.duplicate_created
        return Found(old.place, record, self._path.locate(self._pointer(old))[1])

    def erase(self, old: Found) -> None:
        pointer = self._pointer(old)
        pointers = self._path.pointers(self.shown(old.place))
        self._path.erase_at(pointer)
        at, key = pointers.index(pointer), old.place >> self._bits
        before = self._place(key, pointers[at - 1]) if at else None
        self._gone.pop(before, None)
        self._gone[old.place] = before
