"""What clusters without an index share: pages in the order of their control intervals, read ahead, checked."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from typing import TypeVar

from ksds.cluster.open_cluster import OpenCluster
from ksds.cluster.verify import Finding, rebuilt_pages
from ksds.errors import PhysicalError, VsamError

READ_AHEAD = 64

Page = TypeVar("Page")


class Unindexed(OpenCluster[Page]):
    """An open cluster of one component."""

    def verify(self) -> list[Finding]:
        """Everything that is wrong with the data set; empty if it is sound."""
        findings = rebuilt_pages(self.sphere.pager, self._components())
        records = 0
        for number in range(self.data.used):
            try:
                page = self._decode(self.read_ci("data", number))
            except PhysicalError as error:
                findings.append(Finding(8, "data", number, error.what))
                continue
            records += self._count(page)
            what = self._wrong_with(number, page)
            if what:
                findings.append(Finding(8, "data", number, what))
        if not any(finding.severity > 4 for finding in findings) and records != self.state.records:
            what = f"{records} records found, {self.state.records} counted"
            findings.append(Finding(4, "data", 0, what))
        return findings

    # -- what an organization says about its pages ---------------------------------------------------------

    @abstractmethod
    def _count(self, page: Page) -> int:
        """Records in a page."""

    @abstractmethod
    def _wrong_with(self, number: int, page: Page) -> str:
        """What is wrong with a page that could be decoded; empty if nothing."""

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
            number += 1

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
