"""The pages of one open cluster, as the sphere that they are committed with sees them.

Pages come from the data component through the buffer pool. What is changed is logged as edits of records where the
organization knows such, else as images, and index images go with them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from itertools import chain
from typing import Generic, TypeVar

from ksds.cluster.definition import ClusterDefinition
from ksds.errors import VsamError
from ksds.layout.cluster_state import ClusterState
from ksds.layout.journal_group import EDIT, IMAGE, Entry
from ksds.storage.buffer_pool import BufferPool
from ksds.storage.component import Component

Page = TypeVar("Page")


class Member(ABC, Generic[Page]):
    """`data` are the control intervals, `pool` the pages made of them, `state` the counters beside them."""

    def __init__(self, data: Component, definition: ClusterDefinition, state: ClusterState, buffer_bytes: int) -> None:
        self.definition = definition
        self.data = data
        self.state = state
        self.pool: BufferPool[Page] = BufferPool(max(16, buffer_bytes // definition.page_bytes), self._load_page)

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

    def _edits(self, page: Page) -> list[bytes] | None:
        """The changes to a page since it was last logged (see `ksds.layout.record_edit`), given once; None if its whole
        image should be logged."""
        return None

    def _changes_of(self, number: int, page: Page) -> list[Entry]:
        """Every image that a page makes."""
        return [(self.data.number, IMAGE, number, self._image(page))]

    def _components(self) -> list[Component]:
        """Data, and index where there is one."""
        return [self.data]

    # -- for the sphere -----------------------------------------------------------------------------------

    def changes(self) -> tuple[list[Entry], Iterable[Entry]] | None:
        """Edits and images of what changed since the last call, None if nothing did. All of them must be logged."""
        pool, component = self.pool, self.data.number
        edits, index_images = self._index_changes()
        if not pool.touched and not index_images and not edits:
            return None
        whole: dict[int, Page] = {}
        for number, page in pool.touched.items():
            changed = self._edits(page)
            if changed is None:
                whole[number] = page
                pool.edited.pop(number, None)
            else:
                edits += [(component, EDIT, number, edit) for edit in changed]
                pool.edited[number] = page
        pool.touched.clear()
        self.state.excps += len(whole) + len(index_images)
        images = chain.from_iterable(self._changes_of(number, page) for number, page in whole.items())
        return edits, chain(images, index_images)

    def evicted(self) -> list[Entry]:
        """Images of changed pages that memory has no room for. They must be logged."""
        images: list[Entry] = []
        for number, page in self.pool.evict().items():
            self._edits(page)
            images += self._changes_of(number, page)
        self.state.excps += len(images)
        return images

    def unmaterialized(self) -> Iterable[Entry]:
        """Images of pages that are logged as edits only. They must be logged."""
        while self.pool.edited:
            number, page = self.pool.edited.popitem()
            self.state.excps += 1
            yield from self._changes_of(number, page)
        yield from self._index_unmaterialized()

    def current_state(self) -> ClusterState:
        """The cluster's part of the sphere state."""
        return self.state

    def forget_buffers(self) -> None:
        """The pager answers no more: nothing may be answered from memory either."""
        self.pool.clear()

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
