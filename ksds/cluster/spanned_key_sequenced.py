"""A key-sequenced data set with spanned records (DEFINE ... SPANNED): they may be longer than a control interval.

A record that fits in a control interval (CI) lies there with others, as in any KSDS. A longer one lies in segments,
each alone in a CI of one and the same control area, under boundaries that are all alike in the sequence set (see
`ksds.cluster.spanned_index`). In memory it is one page, under the number of its first CI; so finding and reading it
is the same as for other records, and only what changes CIs differs.

Source: z/OS DFSMS Using Data Sets, "Spanned Records", "Control Field Values for Spanned ... Data Sets".
"""

from __future__ import annotations

from typing import ClassVar

from ksds.cluster.browse import Reader
from ksds.cluster.index import Index
from ksds.cluster.index_records import Area
from ksds.cluster.key_sequenced import KeySequenced
from ksds.cluster.load import Loader
from ksds.cluster.page import Page
from ksds.cluster.reclaim import reclaim
from ksds.cluster.spanned_index import SpannedIndex
from ksds.cluster.spanned_load import SpannedLoader
from ksds.cluster.spanned_page import SpannedPage
from ksds.cluster.spanning import set_apart, stretch
from ksds.errors import VsamError
from ksds.layout import segment
from ksds.layout.journal_group import IMAGE, Entry


class SpannedKeySequenced(KeySequenced):
    """An open KSDS whose records may span control intervals."""

    index_class: ClassVar[type[Index]] = SpannedIndex
    index: SpannedIndex

    def update(self, record: bytes) -> None:
        """Replace the record with the same key; its length may change. Raises as `insert`, RecordNotFound."""
        key = self._key_of(record)
        if not self.index.levels:
            raise self._not_found(key)
        page = self.find(key)[3]
        if key not in page.records:
            raise self._not_found(key)
        if not isinstance(page, SpannedPage) and self._segments(record) == 1:
            super().update(record)
            return
        with self.health:
            self._lay(key, record)
            self.state.updated += 1
        self._spill_if_full()

    def erase(self, key: bytes) -> bytes:
        """Remove the record with this key and return it. Raises RecordNotFound."""
        self._require_update()
        if len(key) != self._key_length or not self.index.levels:
            raise self._not_found(key)
        position, area, slot, page = self.find(key)
        if not isinstance(page, SpannedPage) or key not in page.records:
            return super().erase(key)
        with self.health:
            first, end = self.index.run(area, slot)
            numbers = self.index.give_back(area, first + 1, end)
            for number in (area.cis[first], *numbers):
                self.rewrite(number, Page({}))
            reclaim(self, position, area, first)
            self.state.records -= 1
            self.state.deleted += 1
        self._spill_if_full()
        return page.records[key]

    def read_cis(self, numbers: list[int]) -> list[bytes | None]:
        """The image of each CI, None for one whose page is in memory. The CIs are whole runs. Raises Damaged."""
        images = super().read_cis(numbers)
        for at, number in enumerate(numbers):
            page = self.pool.peek(number)
            if isinstance(page, SpannedPage):
                images[at : at + len(page.numbers)] = [None] * len(page.numbers)
        return images

    def move_pages(self, old: list[int], new: list[int]) -> None:
        """The pages in memory go under their new numbers."""
        pages = [self.pool.take(number) for number in old]
        for at, page in enumerate(pages):
            if isinstance(page, SpannedPage):
                page.numbers = new[at : at + len(page.numbers)]
                self._hold(page)
            elif page is not None:
                self.rewrite(new[at], page)

    def _make_room(self, key: bytes, record: bytes, *, sequential: bool) -> None:
        """Put a new record where there is no room for it as things are."""
        if self._segments(record) == 1 and not isinstance(self.find(key)[3], SpannedPage):
            super()._make_room(key, record, sequential=sequential)
        else:
            self._lay(key, record)

    def _lay(self, key: bytes, record: bytes) -> None:
        """Put a record, new or changed, in CIs of its own. Raises NoSpace (8/28)."""
        set_apart(self, self.index, key)
        old = self.find(key)[3]
        numbers = stretch(self, self.index, key, self._segments(record))
        if len(numbers) == 1:
            self.rewrite(numbers[0], Page({key: record}))
        else:
            update = old.update + 1 if isinstance(old, SpannedPage) else 0
            self._hold(SpannedPage(key, record, numbers, update))

    def _hold(self, page: SpannedPage) -> None:
        """A changed page; what the pool has for its other CIs is of the past."""
        first, *others = page.numbers
        self.sphere.spill()
        for number in others:
            self.pool.forget(number)
        self.rewrite(first, page)

    def _segments(self, record: bytes) -> int:
        return segment.count(len(record), self.definition.ci_size)

    # -- control intervals ------------------------------------------------------------------------------

    def _changes_of(self, number: int, page: Page) -> list[Entry]:
        if isinstance(page, SpannedPage):
            return [(self.data.number, IMAGE, each, image) for each, image in page.images(self.definition.ci_size)]
        return super()._changes_of(number, page)

    def read_page(self, number: int) -> Page:
        """The page of a CI, past the buffer pool. Raises Damaged, InconsistentSpanned (8/140)."""
        return self._load_page(number)

    def _load_page(self, number: int) -> Page:
        area = self.index.area_over(number)
        first, end = self.index.run(area, area.cis.index(number))
        if end - first == 1:
            return super()._load_page(number)
        numbers = area.cis[first:end]
        self.state.excps += 1
        try:
            if numbers == list(range(number, number + len(numbers))):
                images = self.data.read_run(number, len(numbers))
            else:
                images = [self.data.read(each) for each in numbers]
            record, update = segment.join(list(map(segment.parse, images)))
        except VsamError as error:
            self.place(error, number)
            raise
        return SpannedPage(record[self._key_offset : self._shortest], record, numbers, update)

    def _loader(self) -> Loader:
        return SpannedLoader(self, self.index)

    def reader(self, low: bytes | None, high: bytes | None) -> Reader:
        return SpannedReader(self, low, high)


class SpannedReader(Reader):
    """A browse that meets runs: a record is read at its first segment."""

    def __init__(self, cluster: SpannedKeySequenced, low: bytes | None, high: bytes | None) -> None:
        super().__init__(cluster, low, high)
        self._spanned = cluster

    def _read(self, area: Area, slot: int) -> list[bytes]:
        first, end = self._spanned.index.run(area, slot)
        if end - first == 1:
            return super()._read(area, slot)
        if slot != first:
            return []
        number = area.cis[first]
        page = self._pooled(number) or self._spanned.read_page(number)
        self._cluster.state.retrieved += 1
        return list(page.records.values())
