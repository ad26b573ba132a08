"""The index set in memory: records of level 2 and up as `Node`s, all read at open.

A record's entries lead to those of the level below; the last boundary of a record is its entry's one level up.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_left

from ksds.cluster.definition import ClusterDefinition
from ksds.cluster.index_records import Area, IndexForm, Node
from ksds.errors import Damaged
from ksds.layout import index_record
from ksds.layout.index_record import IndexRecord
from ksds.storage.component import Component


class IndexSet(ABC):
    """The tree above the sequence set, empty while there is one record only. `_dirty` are records of all levels that
    have to be logged. `emptied` are the records that nothing is under any more, each leading to the one before it: the
    last is the next to be used again."""

    def __init__(self, component: Component, definition: ClusterDefinition) -> None:
        self.component = component
        self._definition = definition
        self._form = IndexForm(definition)
        self.nodes: dict[int, Node] = {}
        self.root = 0
        self.levels = 0
        self.emptied: list[int] = []
        self._dirty: dict[int, Area | Node] = {}

    @abstractmethod
    def _new_ci(self) -> int:
        """An index CI for a new record."""

    def _rewrite(self, record: Area | Node) -> None:
        """Log the whole record next time."""
        if isinstance(record, Area):
            record.edits = None
        self._dirty[record.number] = record

    def _read_node(self, number: int, level: int) -> Node:
        if number in self.nodes:
            raise self._damaged(number, "an index record is its own ancestor or has two")
        record = self._read(number, level)
        bounds = [self._form.padded(boundary) for boundary, _ in record.entries]
        node = Node(number, level, bounds, [pointer for _, pointer in record.entries], self._form.following(record))
        self.nodes[number] = node
        return node

    def _check_level(self, nodes: list[Node], bounds: list[bytes]) -> None:
        for node, bound in zip(nodes, bounds, strict=True):
            if not node.bounds or node.bounds[-1] != bound:
                raise self._damaged(node.number, "its last boundary is not that of the level above")

    def _read(self, number: int, level: int | None) -> IndexRecord:
        if number >= self.component.used:
            raise self._damaged(number, "an index pointer leads past the high-used RBA")
        try:
            record = index_record.decode(self.component.read(number), self._definition.key_length)
        except Damaged as error:
            error.feedback = Damaged.READ_SEQUENCE_SET if level == 1 else Damaged.READ_INDEX_SET
            error.data_set = self._definition.name
            error.rba = number * self._definition.index_ci_size
            raise
        if record.level < 2 if level is None else record.level != level:
            raise self._damaged(number, f"level {record.level} where {level or 'an index-set record'} belongs")
        return record

    def _damaged(self, number: int, what: str) -> Damaged:
        rba = number * self._definition.index_ci_size
        return Damaged(
            f"index: {what}",
            feedback=Damaged.READ_INDEX_SET,
            component="index",
            rba=rba,
            data_set=self._definition.name,
        )

    def _raise_entry(self, level: int, left: int, low: bytes, right: int, high: bytes) -> None:
        """At `level`, the entry (high, left) becomes (low, left), (high, right); records split as needed."""
        if level > self.levels:
            root = Node(self._new_ci(), level, [low, high], [left, right], None)
            self.nodes[root.number] = root
            self._rewrite(root)
            self.root, self.levels = root.number, level
            return
        node = self._node_over(high, level)
        at = bisect_left(node.bounds, high)
        node.bounds[at : at + 1] = [low, high]
        node.children[at : at + 1] = [left, right]
        self._rewrite(node)
        if self._form.node_fits(node):
            return
        half = len(node.bounds) // 2
        new = Node(self._new_ci(), level, node.bounds[half:], node.children[half:], node.next)
        del node.bounds[half:], node.children[half:]
        node.next = new.number
        self.nodes[new.number] = new
        self._rewrite(new)
        self._raise_entry(level + 1, node.number, node.bounds[-1], new.number, new.bounds[-1])

    def _node_over(self, bound: bytes, level: int) -> Node:
        node = self.nodes[self.root]
        while node.level > level:
            node = self.nodes[node.children[bisect_left(node.bounds, bound)]]
        return node

    def _drop_entry(self, bound: bytes) -> bool:
        """Take the entry of the sequence-set record that ends at `bound` out; its keys fall to the next one. A record
        above it that leads nowhere else goes, too, to be used again.

        False, and nothing is changed, if one above has no room for the boundary that it gets: a record ends lower once
        its last entry is gone.
        """
        gone: list[Node] = []
        node = self._node_over(bound, 2)
        while len(node.bounds) == 1 and node.number != self.root:
            gone.append(node)
            node = self._node_over(bound, node.level + 1)
        if len(node.bounds) == 1:
            return False
        at = bisect_left(node.bounds, bound)
        changed = [(node, node.bounds[:at] + node.bounds[at + 1 :], node.children[:at] + node.children[at + 1 :])]
        ends_lower = at == len(node.bounds) - 1
        while ends_lower:
            low = changed[-1][1][-1]
            node = self._node_over(bound, node.level + 1)
            at = bisect_left(node.bounds, bound)
            changed.append((node, [*node.bounds[:at], low, *node.bounds[at + 1 :]], node.children))
            ends_lower = at == len(node.bounds) - 1
        for old, bounds, children in changed:
            if not self._form.node_fits(Node(old.number, old.level, bounds, children, old.next)):
                return False
        for old, bounds, children in changed:
            old.bounds, old.children = bounds, children
            self._rewrite(old)
        for node in gone:
            self._give_up(node)
        return True

    def _give_up(self, node: Node) -> None:
        """A record without entries leaves its level. What it says from now on is where the one before it is."""
        for before in self.nodes.values():
            if before.next == node.number and before.level == node.level:
                before.next = node.next
                self._rewrite(before)
        del self.nodes[node.number]
        node.bounds, node.children = [b"\xff" * self._definition.key_length], [node.number]
        node.next = self.emptied[-1] if self.emptied else None
        self.emptied.append(node.number)
        self._rewrite(node)

    def _read_emptied(self, first: int) -> None:
        """The records that were given up, from index CI `first` - 1 on, 0 = none. Nothing needs them: if one cannot be
        trusted, they are not used again."""
        self.emptied = []
        found: list[int] = []
        number = first - 1 if first else None
        while number is not None:
            if number in self.nodes or number in found:
                return
            try:
                record = self._read(number, None)
            except Damaged:
                return
            found.append(number)
            number = self._form.following(record)
        self.emptied = found[::-1]
