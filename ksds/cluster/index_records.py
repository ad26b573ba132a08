"""Index records in memory: `Area`, a sequence-set record, and `Node`, one of the index set above.

Boundaries are kept padded with X'FF' to the key length, so that plain comparison of bytes is the search
rule "first entry whose key is not below the argument". The record on disk holds them without the padding,
which is what rear compression means. The last boundary of all is all X'FF': no key is above it.
"""

from __future__ import annotations

from itertools import pairwise

from ksds.cluster.definition import ClusterDefinition
from ksds.layout import index_record
from ksds.layout.index_record import IndexRecord

NODE_POINTER_BYTES = 3


class Area:
    """A sequence-set record: `bounds[i]` is the highest key that belongs in data CI `cis[i]`.

    `number` is its own index CI, `base` the first data CI of the CA, `free` the CA's free CIs, descending
    as on disk, `next` the index CI of the next sequence-set record or None. `plain` and `compressed` are the
    bytes of all entries without and with front compression, -1 until they are needed. `edits` are the changes since
    the record was last logged (`ksds.layout.index_edit`), None if it must be logged whole.
    """

    __slots__ = ("base", "bounds", "cis", "compressed", "edits", "free", "next", "number", "plain")

    def __init__(
        self, number: int, base: int, bounds: list[bytes], cis: list[int], free: list[int], following: int | None
    ) -> None:
        self.number = number
        self.base = base
        self.bounds = bounds
        self.cis = cis
        self.free = free
        self.next = following
        self.plain = self.compressed = -1
        self.edits: list[bytes] | None = None

    @classmethod
    def of_one_ci(cls, number: int, base: int, bound: bytes, following: int | None, cis_per_ca: int) -> Area:
        """A CA of `cis_per_ca` CIs of which the first is used, for keys up to `bound`."""
        return cls(number, base, [bound], [base], list(range(cis_per_ca - 1, 0, -1)), following)

    def forget_sizes(self) -> None:
        """Entries went away: the sizes are counted anew when needed."""
        self.plain = self.compressed = -1


class Node:
    """An index-set record of `level` >= 2: `bounds[i]` is the highest key below index CI `children[i]`."""

    __slots__ = ("bounds", "children", "level", "next", "number")

    def __init__(
        self, number: int, level: int, bounds: list[bytes], children: list[int], following: int | None
    ) -> None:
        self.number = number
        self.level = level
        self.bounds = bounds
        self.children = children
        self.next = following


class IndexForm:
    """How the records of one index become control intervals, and whether one more entry still fits.

    A record gets an entry only while all its entries, front-compressed in one section, leave room for one more whole
    key. What can follow without asking then fits as well: the highest boundary becomes a longer one (the CA is capped),
    entries go away (a CI is reclaimed, a CA split), for taking an entry out never lengthens the rest by more than
    the entry had.
    """

    def __init__(self, definition: ClusterDefinition) -> None:
        self._definition = definition
        self._key_length = definition.key_length
        self._pointer_bytes = index_record.pointer_bytes_for(definition.cis_per_ca)
        self._reserve = definition.key_length + 2  # a whole key, and the field of the section

    def padded(self, boundary: bytes) -> bytes:
        """A boundary as it is kept in memory."""
        return boundary.ljust(self._key_length, b"\xff")

    def following(self, record: IndexRecord) -> int | None:
        """The index CI that a record's horizontal pointer leads to."""
        return record.next_rba // self._definition.index_ci_size if record.next_rba else None

    def image(self, record: Area | Node) -> bytes:
        """The record's control interval."""
        made = self._area_record(record) if isinstance(record, Area) else self._node_record(record)
        return index_record.encode_fitting(made, self._definition.index_ci_size, self._key_length)

    def _area_record(self, area: Area) -> IndexRecord:
        base = area.base
        entries = self._entries(area.bounds, [number - base for number in area.cis])
        base_rba = base * self._definition.ci_size
        sections = self._sections(entries, len(area.free)) if self._definition.spanned else None
        return IndexRecord(1, base_rba, self._rba(area.next), self._pointer_bytes, entries, area.free, sections)

    def _sections(self, entries: list[tuple[bytes, int]], free: int) -> list[int]:
        return index_record.whole_sections([boundary for boundary, _ in entries], free)

    def _node_record(self, node: Node) -> IndexRecord:
        entries = self._entries(node.bounds, node.children)
        return IndexRecord(node.level, 0, self._rba(node.next), NODE_POINTER_BYTES, entries, [])

    def _entries(self, bounds: list[bytes], pointers: list[int]) -> list[tuple[bytes, int]]:
        return [(bound.rstrip(b"\xff"), pointer) for bound, pointer in zip(bounds, pointers, strict=True)]

    def _rba(self, number: int | None) -> int:
        return 0 if number is None else number * self._definition.index_ci_size

    def node_fits(self, node: Node) -> bool:
        """True if the record has room for its entries."""
        return self._all(node.bounds, NODE_POINTER_BYTES) + self._reserve <= self._capacity(0)

    def room_for(self, area: Area, position: int, bound: bytes) -> bool:
        """True if the record has room for one more boundary at `position`, now that a free pointer goes.

        Asked for every split, so the cheap answer comes first: without front compression.
        """
        room = self._capacity(len(area.free) - 1) - self._reserve
        return self._plain_with(area, bound) <= room or self._compressed_with(area, position, bound) <= room

    def holds(self, area: Area, bounds: list[bytes]) -> bool:
        """True if the record would have room for these boundaries, for which it gives free CIs away."""
        free = len(area.free) - (len(bounds) - len(area.bounds))
        return self._all(bounds, self._pointer_bytes) + self._reserve <= self._capacity(free)

    def _all(self, bounds: list[bytes], pointer_bytes: int) -> int:
        """Bytes of the entries, front-compressed in one section."""
        stored = [bound.rstrip(b"\xff") for bound in bounds]
        return sum(index_record.entry_bytes(*each, pointer_bytes) for each in pairwise([b"", *stored]))

    def note_entry(self, area: Area, position: int, bound: bytes) -> None:
        """An entry is about to be put in at `position`: keep the sizes true."""
        area.plain = self._plain_with(area, bound)
        if area.compressed >= 0:
            area.compressed = self._compressed_with(area, position, bound)

    def _plain_with(self, area: Area, bound: bytes) -> int:
        each = 2 + self._pointer_bytes
        if area.plain < 0:
            area.plain = sum(len(other.rstrip(b"\xff")) + each for other in area.bounds)
        return area.plain + len(bound.rstrip(b"\xff")) + each

    def _compressed_with(self, area: Area, position: int, bound: bytes) -> int:
        if area.compressed < 0:
            area.compressed = self._all(area.bounds, self._pointer_bytes)
        before = area.bounds[position - 1] if position else b""
        after = area.bounds[position]
        change = self._entry_bytes(before, bound) + self._entry_bytes(bound, after) - self._entry_bytes(before, after)
        return area.compressed + change

    def _entry_bytes(self, previous: bytes, bound: bytes) -> int:
        return index_record.entry_bytes(previous.rstrip(b"\xff"), bound.rstrip(b"\xff"), self._pointer_bytes)

    def _capacity(self, free: int) -> int:
        return self._definition.index_ci_size - 7 - index_record.HEADER_LENGTH - free * self._pointer_bytes


def separator(low: bytes, high: bytes) -> bytes:
    """The boundary between two neighbouring keys, padded to their length."""
    return index_record.rear_compressed(low, high).ljust(len(low), b"\xff")
