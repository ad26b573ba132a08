"""The pages of one open cluster, as the sphere that they are committed with sees them.

Pages come from the data component through the buffer pool. What is changed is logged as edits of records where the
organization notes such in `edits`, else as images of the pages in `pool.whole`; index changes go with them. The edits
of a page that has become one of those are left out, because its image has them. So nothing may leave `pool.whole`, be
it by an image or because the page goes elsewhere, before the edits noted so far are logged: `unlogged_edits` is first.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable
from itertools import chain
from operator import itemgetter
from typing import Generic, TypeVar

from ksds.cluster.definition import ClusterDefinition
from ksds.errors import VsamError
from ksds.layout.cluster_state import ClusterState
from ksds.layout.journal_group import IMAGE, Entry
from ksds.storage.buffer_pool import BufferPool
from ksds.storage.component import Component

Page = TypeVar("Page")

LEAST_PAGES = 16
"""A pool has room for so many, however little memory it is given."""

UNLOGGED = 1 << 16
"""Edits that wait in memory before they are worth a journal group; fewer, if they could take UNLOGGED_BYTES."""

UNLOGGED_BYTES = 128 << 20

MANY_EDITS = 5
"""More edits of a page at a time than this take longer to log than its image."""


class Member(ABC, Generic[Page]):
    """`data` are the control intervals, `pool` the pages made of them, `state` the counters beside them. While it is
    not `writable`, whoever wants to change something asks the sphere first."""

    def __init__(self, data: Component, definition: ClusterDefinition, state: ClusterState, buffer_bytes: int) -> None:
        self.definition = definition
        self.data = data
        self.state = state
        self.writable = False
        self.edits: list[Entry] = []
        self.most_edits = min(UNLOGGED, UNLOGGED_BYTES // max(1, definition.maximum_record))
        pages = max(LEAST_PAGES, buffer_bytes // definition.page_bytes)
        self.pool: BufferPool[Page] = BufferPool(pages, self._load_page)

    # -- what an organization says of itself --------------------------------------------------------------

    @abstractmethod
    def _decode(self, image: bytes) -> Page:
        """The page of a control interval's bytes. Raises Damaged."""

    @abstractmethod
    def _image(self, page: Page) -> bytes:
        """The control interval's bytes of a page."""

    def _index_changes(self) -> tuple[list[Entry], list[Entry]]:
        """Edits and images of what changed beside pages, given once."""
        return [], []

    def _index_image(self, number: int) -> bytes | None:
        """The image of an index record that is logged as edits only; None for others."""
        return None

    def _index_unmaterialized(self) -> list[Entry]:
        """As `unmaterialized`, for what is beside pages."""
        return []

    def _changes_of(self, number: int, page: Page) -> list[Entry]:
        """Every image that a page makes."""
        return [(self.data.number, IMAGE, number, self._image(page))]

    def _components(self) -> list[Component]:
        """Data, and index where there is one."""
        return [self.data]

    # -- for the sphere -----------------------------------------------------------------------------------

    def unlogged_edits(self) -> list[Entry]:
        """The edits noted since the last call, but those of pages that have so many that their image is less. They must
        be logged."""
        whole, edits = self.pool.whole, self.edits
        self.edits = []
        if len(edits) > MANY_EDITS:
            counts = Counter(map(itemgetter(2), edits))
            whole.update(
                [number for number, count in counts.items() if count > MANY_EDITS and number in self.pool.dirty]
            )
        return [edit for edit in edits if edit[2] not in whole] if whole else edits

    def changes(self) -> tuple[list[Entry], Iterable[Entry]] | None:
        """Edits and images of what changed since the last call, None if nothing did. All of them must be logged."""
        index_edits, index_images = self._index_changes()
        edits = self.unlogged_edits() + index_edits
        whole = self.pool.take_whole()
        if not (edits or whole or index_images):
            return None
        self.state.excps += len(whole) + len(index_images)
        images = chain.from_iterable(self._changes_of(number, page) for number, page in whole)
        return edits, chain(images, index_images)

    def evicted(self) -> list[Entry]:
        """Edits noted, and images of changed pages that memory has no room for. They must be logged in this order."""
        entries = self.unlogged_edits()
        pages = self.pool.evict()
        self.state.excps += len(pages)
        for number, page in pages.items():
            entries += self._changes_of(number, page)
        return entries

    def unmaterialized(self) -> Iterable[Entry]:
        """Images of pages that are logged as edits only. They must be logged."""
        dirty = self.pool.dirty
        self.state.excps += len(dirty)
        while dirty:
            number, page = dirty.popitem()
            yield from self._changes_of(number, page)
        yield from self._index_unmaterialized()

    def current_state(self) -> ClusterState:
        """The cluster's part of the sphere state."""
        return self.state

    def refresh(self, state: ClusterState) -> None:
        """Others have changed the data set, which is now in this state: nothing in memory is true any more."""
        self.state = state
        self.forget_buffers()

    def forget_buffers(self) -> None:
        """The pager answers no more: nothing may be answered from memory either."""
        self.pool.clear()
        self.edits = []

    # -- reading ----------------------------------------------------------------------------------------

    def place(self, error: VsamError, number: int) -> None:
        """Let an error name this data set and, if it names no place yet, data CI `number`."""
        error.data_set = self.definition.name
        if error.rba is None:
            error.rba = number * self.definition.ci_size

    def _load_page(self, number: int) -> Page:
        self.state.excps += 1
        try:
            return self._decode(self.data.read(number))
        except VsamError as error:
            self.place(error, number)
            raise
