"""The control intervals of an open KSDS: data pages, found through the index.

What the modules that move records about (`split`, `load`, `browse`, `verify`) work on; `key_sequenced` puts the
requests on top.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import replace
from typing import ClassVar

from ksds.cluster.definition import ClusterDefinition
from ksds.cluster.index import Index
from ksds.cluster.index_records import Area
from ksds.cluster.open_cluster import OpenCluster, Statistics
from ksds.cluster.page import Page
from ksds.cluster.sphere import Sphere
from ksds.errors import Damaged
from ksds.layout import record_edit
from ksds.layout.cluster_state import ClusterState
from ksds.layout.control_interval import build, parse_keyed
from ksds.layout.journal_group import EDIT, EMPTY, IMAGE, Entry
from ksds.storage.component import Component


class KeyedCluster(OpenCluster[Page]):
    """`index` leads to the CI in which a key belongs, `pool` holds that CI's page.

    `index_full` counts the insertions that met a sequence-set record too small for all CIs of its control area, so that
    a new one was taken while this one has free CIs: R15 = 0, reason 16.
    """

    components: ClassVar[int] = 2
    index_class: ClassVar[type[Index]] = Index

    def __init__(self, sphere: Sphere, member: int, definition: ClusterDefinition, *, buffer_bytes: int) -> None:
        super().__init__(sphere, member, definition, buffer_bytes=buffer_bytes)
        self.index = self.index_class(self.data, sphere.pager.component(2 * member + 1), definition)
        self.index_full = 0
        self.put_edit = record_edit.put(definition.key_offset, definition.key_length)
        self.erase_edit = record_edit.erase(definition.key_offset, definition.key_length)

    def find(self, key: bytes) -> tuple[int, Area, int, Page]:
        """(position of the area, area, slot in it, page) where `key` belongs. The cluster is not empty."""
        index = self.index
        position = bisect_left(index.bounds, key)
        area = index.areas[position] or index.area(position)
        slot = bisect_left(area.bounds, key)
        number = area.cis[slot]
        return position, area, slot, self.pool.young.get(number) or self.pool.find(number)

    def read_cis(self, numbers: list[int]) -> list[bytes | None]:
        """The image of each CI, None for one whose page is in memory, where it stays until the next request.

        Raises Damaged.
        """
        self.sphere.spill()
        peek, read = self.pool.peek, self.data.read
        return [None if peek(number) is not None else read(number) for number in numbers]

    def move_cis(self, old: list[int], new: list[int], images: list[bytes | None]) -> None:
        """Move what lies in CIs `old`, of which `read_cis` gave the images, to CIs `new`, which are empty.

        What is not in memory is logged at once, and takes no room there.
        """
        component = self.data.number
        entries = [(component, IMAGE, n, image) for n, image in zip(new, images, strict=True) if image is not None]
        entries += [(component, EMPTY, number, b"") for number in old]
        for number in new:  # what is in memory of a control area that is used again is of the past
            self.pool.forget(number)
        self.move_pages(old, new)
        self.sphere.pager.spill(entries)

    def move_pages(self, old: list[int], new: list[int]) -> None:
        """The pages in memory go under their new numbers."""
        pages = [self.pool.take(number) for number in old]
        for after, page in zip(new, pages, strict=True):
            if page is not None:
                self.rewrite(after, page)

    def extend_ca(self) -> int:
        """A control area that waits to be used again, else a new one at the end of the data component; its first CI.

        The index records that the CA may need are allocated first, while nothing is changed yet. Raises NoSpace.
        """
        self.index.reserve()
        if self.state.reclaimed:
            area = self.index.take_back(self.state.reclaimed - 1)
            self.state.reclaimed = 0 if area.next is None else area.next + 1
            self.state.ca_reuses += 1
            return area.base
        return self.extend_data(self.definition.cis_per_ca)

    @property
    def statistics(self) -> Statistics:
        """The figures as of the last request."""
        index, component = self.index, self.index.component
        size = self.definition.index_ci_size
        data = super().statistics
        waiting = self.state.ca_reclaims - self.state.ca_reuses
        free = sum(map(self._free_cis, range(len(index.bounds)))) + waiting * self.definition.cis_per_ca
        return replace(
            data,
            free_space_bytes=data.free_space_bytes + free * self.definition.ci_size,
            ca_reclaims=self.state.ca_reclaims,
            ca_reuses=self.state.ca_reuses,
            levels=index.levels,
            index_records=component.used,
            index_extents=component.extents,
            index_high_used_rba=component.used * size,
            index_high_allocated_rba=component.allocated * size,
            high_level_index_rba=index.root * size,
            sequence_set_rba=(index.numbers[0] if index.numbers else 0) * size,
        )

    def _free_cis(self, position: int) -> int:
        try:
            return len(self.index.area(position).free)
        except Damaged:  # the area's record says what is wrong to whoever needs its keys
            return 0

    def rewrite(self, number: int, page: Page) -> None:
        """Hold a page that is new, or another than the one last logged under this number."""
        self.pool.change(number, page)

    def note_put(self, number: int, page: Page, record: bytes) -> None:
        """A record went into a page, or took the place of one of it."""
        self.pool.dirty[number] = page
        if number not in self.pool.whole:
            self.edits.append((self.data.number, EDIT, number, self.put_edit + record))

    def current_state(self) -> ClusterState:
        """The cluster's part of the sphere state."""
        index = self.index
        self.state.root, self.state.levels = (0, 0) if self.state.loading else (index.root, index.levels)
        self.state.emptied = index.emptied[-1] + 1 if index.emptied else 0
        return self.state

    def _components(self) -> list[Component]:
        return [self.data, self.index.component]

    def _decode(self, image: bytes) -> Page:
        return Page(parse_keyed(image, self.definition.key_offset, self.definition.key_end))

    def _image(self, page: Page) -> bytes:
        return build(list(page.in_order().values()), self.definition.ci_size)

    def _opened(self) -> None:
        try:
            self.index.open(self.state.root, self.state.levels, self.state.emptied)
        except Damaged as error:
            if self.writable:
                raise
            self.index.distrust(self.state.root, self.state.levels, self.state.reclaimed, error)

    def _emptied(self) -> None:
        self.index.clear()

    def _index_changes(self) -> tuple[list[Entry], list[Entry]]:
        return self.index.changes()

    def _index_image(self, number: int) -> bytes | None:
        return self.index.image(number)

    def _index_unmaterialized(self) -> list[Entry]:
        return self.index.unmaterialized()

    def forget_buffers(self) -> None:
        """The pager answers no more: nothing may be answered from memory either."""
        super().forget_buffers()
        self.index.forget_areas()
