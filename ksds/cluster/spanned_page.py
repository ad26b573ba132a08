"""A spanned record in memory: a page of one record that lies in several control intervals."""

from __future__ import annotations

from ksds.cluster.page import Page
from ksds.layout import segment


class SpannedPage(Page):
    """One record by its key. `numbers` are the CIs of its segments, in order; `update` its update number."""

    __slots__ = ("numbers", "update")

    def __init__(self, key: bytes, record: bytes, numbers: list[int], update: int) -> None:
        super().__init__({key: record})
        self.numbers = numbers
        self.update = update

    def images(self, ci_size: int) -> list[tuple[int, bytes]]:
        """(CI number, image) of each segment."""
        (record,) = self.records.values()
        return list(zip(self.numbers, segment.build(record, ci_size, self.update), strict=True))
