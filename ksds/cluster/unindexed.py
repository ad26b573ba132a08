"""What clusters without an index share: pages in the order of their control intervals, read ahead, checked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from ksds.cluster.open_cluster import OpenCluster
from ksds.errors import VsamError

READ_AHEAD = 64

Page = TypeVar("Page")


class Unindexed(OpenCluster[Page]):
    """An open cluster of one component."""

    # -- for the organizations ---------------------------------------------------------------------------------

    def _pages(self, number: int) -> Iterator[tuple[int, Page]]:
        """The pages from CI `number` to the end, read ahead where memory does not hold them."""
        ahead: dict[int, Page] = {}
        ahead_at = -1
        while number < self.data.used:
            page = self.pool.peek(number)
            if page is None:
                if number not in ahead or ahead_at != self.sphere.pager.version:
                    ahead, ahead_at = self._read_ahead(number), self.sphere.pager.version
                page = ahead.pop(number)
            yield number, page
            number += self._width(page)

    def _width(self, page: Page) -> int:
        """Control intervals that a page covers."""
        return 1

    def _read_ahead(self, first: int) -> dict[int, Page]:
        count = 1
        most = min(READ_AHEAD, self.data.used - first)
        while count < most and self.pool.peek(first + count) is None:
            count += 1
        self.state.excps += 1
        try:
            images = self.data.read_run(first, count)
            return {first + at: self._decode(image) for at, image in enumerate(images)}
        except VsamError:
            return {first: self._load_page(first)}

    def _change(self, number: int, page: Page) -> None:
        """A request is done and changed this page."""
        self.pool.change(number, page)
        self._spill_if_full()
