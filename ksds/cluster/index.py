"""The index component in memory: sequence-set records as `Area`s, over them `ksds.cluster.index_set`.

Each data control area (CA) has one sequence-set record; here an `Area` with two parallel lists, the boundary
keys and the CI numbers they lead to. A search is a bisection of all areas' boundaries, then of one area's.
Areas are read when first needed, the index set (small) at open.

What must hold, and `ksds.cluster.verify` checks: boundaries ascend in every record; the last boundary of a
record is its entry's boundary one level up; used + free CIs of an area = CIs per CA; horizontal pointers
chain each level in key order.
"""

from __future__ import annotations

from bisect import bisect_left

from ksds.cluster import sequence_set
from ksds.cluster.definition import ClusterDefinition
from ksds.cluster.index_records import Area, Node
from ksds.cluster.index_set import IndexSet
from ksds.errors import Damaged
from ksds.layout import index_edit
from ksds.layout.journal_group import EDIT, IMAGE, Entry
from ksds.storage.component import Component

EXTENT_CIS = 64
"""Index CIs allocated at a time; an eighth of what there is once that is more, for extents are few."""

MAXIMUM_LEVELS = 8

MAXIMUM_EDITS = 20
"""More new entries than this in one commit are logged as the image of their record."""


class Index(IndexSet):
    """All of the index. `bounds[i]` is the last boundary of `areas[i]`, which is None until it is read.

    `version` changes whenever CIs change places, so that a browse knows to look again.
    """

    def __init__(self, data: Component, component: Component, definition: ClusterDefinition) -> None:
        super().__init__(component, definition)
        self._data = data
        self._given_back: int | None = None
        self.top = b"\xff" * definition.key_length
        self.bounds: list[bytes] = []
        self.areas: list[Area | None] = []
        self.numbers: list[int] = []
        self.version = 0
        self._edited: dict[int, Area] = {}

    # -- reading ----------------------------------------------------------------------------------------

    def open(self, root: int, levels: int, emptied: int = 0) -> None:
        """Read the index set. Raises Damaged if pointers or levels make no tree."""
        self.clear()
        self.root, self.levels = root, levels
        if levels == 0:
            return
        if levels > MAXIMUM_LEVELS:
            raise self._damaged(root, f"{levels} index levels")
        bounds, numbers = [self.top], [root]
        for level in range(levels, 1, -1):
            nodes = [self._read_node(number, level) for number in numbers]
            self._check_level(nodes, bounds)
            bounds = [bound for node in nodes for bound in node.bounds]
            numbers = [child for node in nodes for child in node.children]
        if len(set(numbers)) != len(numbers):
            raise self._damaged(root, "two entries lead to one record")
        self._read_emptied(emptied)
        self.bounds, self.numbers, self.areas = bounds, numbers, [None] * len(numbers)

    def distrust(self, root: int, levels: int, reclaimed: int, error: Damaged) -> None:
        """The index set is damaged: read by the sequence set if that is whole, else meet every search with `error`."""
        self.clear()
        self.root, self.levels = root, levels
        found = sequence_set.chain(
            self.component.read,
            self.component.used,
            self._definition.index_ci_size,
            self._definition.key_length,
            reclaimed,
            self._data.used // self._definition.cis_per_ca,
        )
        if found is None:
            self.areas = sequence_set.OutOfReach(error)
            return
        self.bounds, self.numbers = [bound for bound, _ in found], [number for _, number in found]
        self.areas = [None] * len(found)

    def clear(self) -> None:
        """No records, no levels."""
        self.bounds, self.areas, self.numbers = [], [], []
        self.nodes, self._dirty, self._edited = {}, {}, {}
        self._given_back = None
        self.emptied = []
        self.root = self.levels = 0
        self.version += 1

    def forget_areas(self) -> None:
        """Read every sequence-set record again when it is next wanted; unwritten changes are lost."""
        if self.bounds:
            self.areas = [None] * len(self.bounds)
        self._dirty, self._edited = {}, {}

    def area(self, position: int) -> Area:
        """The sequence-set record at `position`, read if need be."""
        area = self.areas[position]
        if area is None:
            area = self._read_area(self.numbers[position])
            if not area.bounds or area.bounds[-1] != self.bounds[position]:
                raise self._damaged(area.number, "its last boundary is not that of the level above")
            self.areas[position] = area
        return area

    def _read_area(self, number: int) -> Area:
        record = self._read(number, 1)
        base, rest = divmod(record.base_rba, self._definition.ci_size)
        per_ca = self._definition.cis_per_ca
        pointers = [pointer for _, pointer in record.entries]
        inside = all(pointer < per_ca for pointer in (*pointers, *record.free))
        if rest or base % per_ca or not inside or base + per_ca > self._data.used:
            raise self._damaged(number, "it leads outside its control area")
        if len({*pointers, *record.free}) != len(pointers) + len(record.free):
            raise self._damaged(number, "a control interval is used twice, or used and free")
        bounds = [self._form.padded(boundary) for boundary, _ in record.entries]
        if len(set(bounds)) != len(bounds) and not self._definition.spanned:
            raise self._damaged(number, "a boundary repeats in a data set without spanned records")
        area = Area(number, base, bounds, [base + p for p in pointers], record.free, self._form.following(record))
        area.edits = None if self._definition.spanned else []
        return area

    # -- one area ---------------------------------------------------------------------------------------

    def start(self, base: int) -> Area:
        """The first record of an empty index: one CI in use, infinitely high."""
        area = Area.of_one_ci(self._new_ci(), base, self.top, None, self._definition.cis_per_ca)
        self.bounds, self.areas, self.numbers = [self.top], [area], [area.number]
        self.root, self.levels = area.number, 1
        self._rewrite(area)
        self.version += 1
        return area

    def room_for(self, area: Area, position: int, bound: bytes) -> bool:
        """True if the CA has a free CI and its record has room for one more boundary at `position`."""
        return bool(area.free) and self._form.room_for(area, position, bound)

    def add_ci(self, area: Area, position: int, bound: bytes) -> int:
        """Take the CA's lowest free CI for the keys above `bound` that CI `position` held. Its number."""
        self._form.note_entry(area, position, bound)
        number = area.base + area.free.pop()
        area.bounds.insert(position, bound)
        area.cis.insert(position + 1, number)
        if area.edits is not None:
            edit = index_edit.part(len(self.top), position, number - area.base, bound.rstrip(b"\xff"))
            area.edits.append(edit)
        self._dirty[area.number] = area
        self.version += 1
        return number

    def edge(self, area: Area, slot: int) -> int:
        """The slot, not 0, next to `slot` at which an area of several CIs can be parted."""
        return max(1, slot)

    def remove_ci(self, area: Area, position: int) -> None:
        """Give CI `position` back; its key range falls to the next higher CI of the CA."""
        pointer = area.cis.pop(position) - area.base
        del area.bounds[position]
        area.free.append(pointer)
        area.free.sort(reverse=True)
        area.forget_sizes()
        self._rewrite(area)
        self.version += 1

    def drop_area(self, position: int, following: int | None) -> Area | None:
        """Take an area of one empty CI out; its keys fall to the area above. Its record keeps its place in the index
        component, as the last one that was given back leads to the one before, `following`.

        None, and nothing is changed, if the index set could not be without the entry. Raises Damaged.
        """
        area, before = self.area(position), self.area(position - 1) if position else None
        if not self._drop_entry(self.bounds[position]):
            return None
        if before is not None:
            before.next = area.next
            self._rewrite(before)
        del self.bounds[position], self.areas[position], self.numbers[position]
        area.bounds[:], area.next = [self.top], following
        area.forget_sizes()
        self._rewrite(area)
        self.version += 1
        return area

    def take_back(self, number: int) -> Area:
        """A record that `drop_area` gave back, whose CA is used again: the next new record takes its place.

        Raises Damaged.
        """
        record = self._dirty.pop(number, None)
        area = record if isinstance(record, Area) else self._read_area(number)
        self._given_back = number
        return area

    # -- areas and the index set -------------------------------------------------------------------------

    def add_area(self, position: int, keep: int, base: int, moved: list[int]) -> Area:
        """Move the entries of area `position` from `keep` on to a new area over the CA at data CI `base`.

        `moved` are the new places of the moved CIs. The old area keeps its first `keep` entries, `keep` >= 1.
        """
        area = self.area(position)
        per_ca = self._definition.cis_per_ca
        taken = {number - base for number in moved}
        free = [pointer for pointer in range(per_ca - 1, -1, -1) if pointer not in taken]
        new = Area(self._new_ci(), base, area.bounds[keep:], moved, free, area.next)
        vacated = [number - area.base for number in area.cis[keep:]]
        area.free = sorted([*area.free, *vacated], reverse=True)
        del area.bounds[keep:], area.cis[keep:]
        area.forget_sizes()
        self._link(position, area, new)
        return new

    def append_area(self, position: int, base: int, bound: bytes) -> Area:
        """Cap area `position` at `bound`; a new area over the CA at data CI `base` takes the keys above."""
        area = self.area(position)
        high = area.bounds[-1]
        new = Area.of_one_ci(self._new_ci(), base, high, area.next, self._definition.cis_per_ca)
        first = bisect_left(area.bounds, high)
        area.bounds[first:] = [bound] * (len(area.bounds) - first)
        area.forget_sizes()
        self._link(position, area, new)
        return new

    def prepend_area(self, position: int, base: int, bound: bytes) -> Area:
        """Before area `position` a new one over the CA at data CI `base`, for its keys up to `bound`."""
        before = self.area(position - 1) if position else None
        following, high = self.numbers[position], self.bounds[position]
        new = Area.of_one_ci(self._new_ci(), base, bound, following, self._definition.cis_per_ca)
        if before is not None:
            before.next = new.number
            self._rewrite(before)
        self._rewrite(new)
        self.bounds.insert(position, bound)
        self.areas.insert(position, new)
        self.numbers.insert(position, new.number)
        self.version += 1
        self._raise_entry(2, new.number, bound, following, high)
        return new

    def _link(self, position: int, area: Area, new: Area) -> None:
        area.next = new.number
        self._rewrite(area)
        self._rewrite(new)
        high = self.bounds[position]
        self.bounds[position] = area.bounds[-1]
        self.bounds.insert(position + 1, high)
        self.areas.insert(position + 1, new)
        self.numbers.insert(position + 1, new.number)
        self.version += 1
        self._raise_entry(2, area.number, area.bounds[-1], new.number, high)

    def reserve(self) -> None:
        """Allocate what one more area can need: its record, a split on each level, a new root. Raises NoSpace."""
        self.component.reserve(self.levels + 2, unit=self._unit)

    @property
    def _unit(self) -> int:
        return max(EXTENT_CIS, self.component.allocated // 8)

    def _new_ci(self) -> int:
        number, self._given_back = self._given_back, None
        if number is not None:
            return number
        if self.emptied:
            return self.emptied.pop()
        return self.component.extend(1, unit=self._unit)

    # -- writing ----------------------------------------------------------------------------------------

    def changes(self) -> tuple[list[Entry], list[Entry]]:
        """Edits and images of the records changed since the last call. All of them must be logged."""
        edits: list[Entry] = []
        images: list[Entry] = []
        component = self.component.number
        for number, record in self._dirty.items():
            if isinstance(record, Area) and record.edits is not None and len(record.edits) <= MAXIMUM_EDITS:
                edits += [(component, EDIT, number, edit) for edit in record.edits]
                record.edits = []
                self._edited[number] = record
            else:
                images.append(self._entry(record))
                self._edited.pop(number, None)
        self._dirty = {}
        return edits, images

    def image(self, number: int) -> bytes | None:
        """The current image of a record that is logged as edits only; None for others."""
        record = self._edited.get(number)
        return None if record is None else self._form.image(record)

    def unmaterialized(self) -> list[Entry]:
        """Images of the records that are logged as edits only. They must be logged."""
        images = [self._entry(record) for record in self._edited.values()]
        self._edited = {}
        return images

    def _entry(self, record: Area | Node) -> Entry:
        if isinstance(record, Area) and not self._definition.spanned:
            record.edits = []
        return self.component.number, IMAGE, record.number, self._form.image(record)
