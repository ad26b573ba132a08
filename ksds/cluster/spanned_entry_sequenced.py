"""An entry-sequenced data set with spanned records (DEFINE ... SPANNED): they may be longer than a control interval.

A record that fits in a control interval (CI) lies there with others, as in any ESDS. A longer one begins a new CI and
lies in segments in this and the next ones, all in one control area (CA); what the CA has left, if that is too
little, stays empty. Its RBA is that of its first segment. In memory it is one page under the number of its first CI;
a CI that holds a later segment is a `Part`, where no record begins.

Source: z/OS DFSMS Using Data Sets, "Spanned Records", "Control Field Values for Spanned ... Data Sets".
"""

from __future__ import annotations

from collections.abc import Iterator

from ksds.cluster.entry_sequenced import EntrySequenced
from ksds.errors import InconsistentSpanned, VsamError
from ksds.layout import segment
from ksds.layout.journal_group import IMAGE, Entry


class Part(list[bytes]):
    """A CI with one segment: no records."""

    def __init__(self, held: segment.Segment) -> None:
        super().__init__()
        self.segment = held


class SpannedRecord(list[bytes]):
    """A page of one record that lies in several CIs; `update` is its update number."""

    def __init__(self, record: bytes, update: int = 0) -> None:
        super().__init__([record])
        self.update = update


class SpannedEntrySequenced(EntrySequenced):
    """An open ESDS whose records may span control intervals."""

    _last_segment = -1  # the CI of the last segment that this handle added: nothing may follow in it

    def append(self, record: bytes) -> int:
        """Add a record after the last one; its RBA. Raises InvalidLength (8/108), NoSpace (8/28), InvalidAccess."""
        size = self.definition.ci_size
        count = segment.count(len(record), size)
        if count == 1 or len(record) > self.definition.maximum_record:
            return super().append(record)
        self._require_update()
        with self.health:
            number = self._first_ci(count)
            self.extend_data(number + count - self.data.used)
            self._last_segment = number + count - 1
            self.state.end = self._last_segment * size + len(record) - (count - 1) * segment.capacity(size)
            self.state.records += 1
            self.state.inserted += 1
            self._change(number, SpannedRecord(record))
        return number * size

    def next_rba(self, record: bytes) -> int:
        """Where `append` will put this record."""
        count = segment.count(len(record), self.definition.ci_size)
        if count > 1 or self._last_segment == self.data.used - 1:
            return self._first_ci(count) * self.definition.ci_size
        return super().next_rba(record)

    def _first_ci(self, count: int) -> int:
        """Where a record of so many segments begins: behind the last CI, or in the next CA."""
        number = self.data.used
        left = -number % self.definition.cis_per_ca
        return number if not left or count <= left else number + left

    def update(self, rba: int, record: bytes) -> None:
        """Replace the record at this RBA by one of the same length. Raises LengthChange (8/100), InvalidRba."""
        self._require_update()
        page, at = self._find(rba)
        if isinstance(page, SpannedRecord) and len(page[at]) == len(record):
            page.update += 1
        super().update(rba, record)

    def _fits(self, page: list[bytes], used: int, record: bytes) -> bool:
        return not isinstance(page, Part) and super()._fits(page, used, record)

    def _emptied(self) -> None:
        super()._emptied()
        self._last_segment = -1

    def _width(self, page: list[bytes]) -> int:
        return segment.count(len(page[0]), self.definition.ci_size) if isinstance(page, SpannedRecord) else 1

    def _pages(self, number: int) -> Iterator[tuple[int, list[bytes]]]:
        first = 0
        parts: list[segment.Segment | None] = []
        for at, page in super()._pages(number):
            if isinstance(page, Part) and (parts or page.segment.place == segment.FIRST):
                first = first if parts else at
                parts.append(page.segment)
                if page.segment.place == segment.LAST:
                    yield first, self._joined(first, parts)
                    parts = []
            elif not isinstance(page, Part):
                if parts:
                    self._joined(first, [*parts, None])
                yield at, page
        if parts:
            self._joined(first, [*parts, None])

    def _joined(self, first: int, parts: list[segment.Segment | None]) -> SpannedRecord:
        try:
            return SpannedRecord(*segment.join(parts))
        except InconsistentSpanned as error:
            self.place(error, first)
            raise

    def _load_page(self, number: int) -> list[bytes]:
        page = super()._load_page(number)
        if not isinstance(page, Part) or page.segment.place != segment.FIRST:
            return page
        parts: list[segment.Segment | None] = [page.segment]
        last = min(number + self.definition.cis_per_ca, self.data.used) - 1
        while parts[-1] is not None and parts[-1].place != segment.LAST and number + len(parts) <= last:
            try:
                parts.append(segment.parse(self.data.read(number + len(parts))))
            except VsamError as error:
                self.place(error, number + len(parts))
                raise
        return self._joined(number, parts)

    def _decode(self, image: bytes) -> list[bytes]:
        part = segment.parse(image)
        return super()._decode(image) if part is None else Part(part)

    def _changes_of(self, number: int, page: list[bytes]) -> list[Entry]:
        if not isinstance(page, SpannedRecord):
            return super()._changes_of(number, page)
        images = segment.build(page[0], self.definition.ci_size, page.update)
        for later in range(number + 1, number + len(images)):
            self.pool.forget(later)  # what was read there before there was an image
        return [(self.data.number, IMAGE, each, image) for each, image in enumerate(images, number)]
