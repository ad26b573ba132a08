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
from ksds.errors import Damaged
from ksds.layout.control_interval import build, parse_keyed
from ksds.storage.pager import Pager
from ksds.storage.sphere_files import INDEX


class KeyedCluster(OpenCluster[Page]):
    """`index` leads to the CI in which a key belongs, `pool` holds that CI's page."""

    components: ClassVar[int] = 2
    index_class: ClassVar[type[Index]] = Index

    def __init__(self, pager: Pager, definition: ClusterDefinition, *, writable: bool, buffer_bytes: int) -> None:
        self.index = self.index_class(pager, definition)
        super().__init__(pager, definition, writable=writable, buffer_bytes=buffer_bytes)

    def find(self, key: bytes) -> tuple[int, Area, int, Page]:
        """(position of the area, area, slot in it, page) where `key` belongs. The cluster is not empty."""
        index = self.index
        position = bisect_left(index.bounds, key)
        area = index.areas[position] or index.area(position)
        slot = bisect_left(area.bounds, key)
        number = area.cis[slot]
        return position, area, slot, self.pool.young.get(number) or self.pool.find(number)

    def pages_in(self, numbers: list[int]) -> list[Page]:
        """The pages that lie in these CIs, which are neighbours in key order."""
        return [self.pool.find(number) for number in numbers]

    def put_pages(self, numbers: list[int], pages: list[Page]) -> None:
        """Lay pages into CIs that are free."""
        for number, page in zip(numbers, pages, strict=True):
            self.pool.change(number, page)

    def extend_ca(self) -> int:
        """Add a control area at the end of the data component; its first CI. Raises NoSpace.

        The index records that the CA may need are allocated first, while nothing is changed yet.
        """
        self.index.reserve()
        return self.extend_data(self.definition.cis_per_ca)

    @property
    def statistics(self) -> Statistics:
        """The figures as of the last request."""
        index, pager = self.index, self.pager
        size = self.definition.index_ci_size
        data = super().statistics
        free = sum(map(self._free_cis, range(len(index.bounds))))
        return replace(
            data,
            free_space_bytes=data.free_space_bytes + free * self.definition.ci_size,
            levels=index.levels,
            index_records=pager.used[INDEX],
            index_extents=pager.extents[INDEX],
            index_high_used_rba=pager.used[INDEX] * size,
            index_high_allocated_rba=pager.allocated[INDEX] * size,
            high_level_index_rba=index.root * size,
            sequence_set_rba=(index.numbers[0] if index.numbers else 0) * size,
        )

    def _free_cis(self, position: int) -> int:
        try:
            return len(self.index.area(position).free)
        except Damaged:  # the area's record says what is wrong to whoever needs its keys
            return 0

    def state_bytes(self) -> bytes:
        """The cluster's part of the sphere state, current."""
        self.state.root, self.state.levels = self.index.root, self.index.levels
        return super().state_bytes()

    def _decode(self, image: bytes) -> Page:
        return Page(parse_keyed(image, self.definition.key_offset, self.definition.key_end))

    def _image(self, page: Page) -> bytes:
        return build(list(page.in_order().values()), self.definition.ci_size)

    def _opened(self) -> None:
        try:
            self.index.open(self.state.root, self.state.levels)
        except Damaged as error:
            if self._writable:
                raise
            self.index.distrust(self.state.root, self.state.levels, error)

    def _emptied(self) -> None:
        self.index.clear()

    def _images(self) -> list[tuple[int, int, bytes]]:
        return [*super()._images(), *self.index.images()]

    def _forget_buffers(self) -> None:
        super()._forget_buffers()
        self.index.forget_areas()
