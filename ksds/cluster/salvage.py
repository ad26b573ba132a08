"""Everything that can still be read of a damaged cluster, and what is lost.

The index is not needed: a free control interval (CI) of a keyed cluster holds nothing, so that reading all CIs gives
each record once, and their lowest keys give the order. Only where the segments of a spanned record lie is told by the
sequence set, whose records are looked for one by one, for the way down to them may be what is damaged.

A CI that does not match its checksum, or contradicts itself, is lost as a whole: what stands in it may be anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import groupby
from operator import itemgetter

from ksds.cluster.cluster_image import ClusterImage
from ksds.errors import Damaged, InconsistentSpanned, KsdsError
from ksds.layout import index_record, segment
from ksds.layout.control_interval import parse, parse_slots
from ksds.layout.segment import Segment
from ksds.storage.sphere_files import ComponentName

LEFT_OVER = "a segment of a spanned record whose others are lost"


@dataclass(frozen=True, slots=True)
class Loss:
    """CIs `first` to `last` of a component, RBA `start` to below `end`, and why. For data of a keyed cluster whose
    boundaries can be read, `keys` are the boundary below and the highest key that can have been there."""

    component: ComponentName
    first: int
    last: int
    start: int
    end: int
    why: str
    keys: tuple[bytes, bytes] | None = None

    def __str__(self) -> str:
        what = "only the index is damaged" if self.component == "index" else "lost"
        span = f"{self.component.upper()} RBA {self.start} TO {self.end - 1} {what}: {self.why}"
        if self.keys is None:
            return span
        low, high = (f"X'{key.hex().upper()}'" for key in self.keys)
        return f"{span}, keys above {low} up to {high}" if self.keys[0] else f"{span}, keys up to {high}"


@dataclass(slots=True)
class Salvage:
    """One pass over an image. `losses` and `written` are complete once `rows` is exhausted. `bare` says why the cluster
    could not be opened, if it could not: then the image is of its component files alone."""

    image: ClusterImage
    bare: str = ""
    losses: list[Loss] = field(default_factory=list)
    written: int = 0
    _ranges: dict[int, tuple[bytes, bytes]] = field(default_factory=dict)

    @property
    def condition_code(self) -> int:
        """8 if data is lost, 4 if only the index is damaged or the cluster did not open, 0 if nothing is wrong."""
        return max((8 if loss.component == "data" else 4 for loss in self.losses), default=4 if self.bare else 0)

    def rows(self) -> Iterator[tuple[int, bytes]]:
        """(RBA, record) in the order of keys or of an ESDS; (number, record) of an RRDS; (RBA, CI) of an LDS."""
        found = {
            "INDEXED": self._keyed,
            "NONINDEXED": self._entries,
            "NUMBERED": self._slots,
            "LINEAR": self._intervals,
        }[self.image.definition.organization]()
        prefix = self.image.prefix
        for place, record in found:
            self.written += 1
            yield (int.from_bytes(record[:prefix], "big"), record[prefix:]) if prefix else (place, record)
        self.losses = _merged(self.losses)

    # -- without an index -------------------------------------------------------------------------------

    def _intervals(self) -> Iterator[tuple[int, bytes]]:
        for number in range(self.image.data_cis):
            try:
                yield number * self.image.definition.ci_size, self.image.read("data", number)
            except Damaged as error:
                self._lose("data", number, error.what)

    def _slots(self) -> Iterator[tuple[int, bytes]]:
        length, size = self.image.definition.maximum_record, self.image.definition.ci_size
        for rba, ci in self._intervals():
            try:
                slots = parse_slots(ci, length)
            except Damaged as error:
                self._lose("data", rba // size, error.what)
                continue
            first = rba // size * len(slots) + 1
            yield from ((number, slot) for number, slot in enumerate(slots, first) if slot is not None)

    def _entries(self) -> Iterator[tuple[int, bytes]]:
        size, pending, began = self.image.definition.ci_size, list[Segment | None](), 0
        for rba, ci in self._intervals():
            number = rba // size
            try:
                part = segment.parse(ci)
                records = [] if part else parse(ci)
            except Damaged as error:
                self._lose("data", number, error.what)
                continue
            if part is None or part.place == segment.FIRST or number != began + len(pending):
                self._give_up(pending, began)
                pending, began = [], number
            pending += [part] if part else []
            if part is not None and part.place == segment.LAST:
                yield from self._joined(pending, list(range(began, number + 1)))
                pending = []
            yield from _placed(records, rba)
        self._give_up(pending, began)

    def _give_up(self, pending: list[Segment | None], began: int) -> None:
        """Segments of a record that does not end."""
        for number in range(began, began + len(pending)):
            self._lose("data", number, LEFT_OVER)

    def _joined(self, parts: list[Segment | None], numbers: list[int]) -> Iterator[tuple[int, bytes]]:
        try:
            yield numbers[0] * self.image.definition.ci_size, segment.join(parts)[0]
        except InconsistentSpanned as error:
            for number in numbers:
                self._lose("data", number, error.what)

    # -- with an index ----------------------------------------------------------------------------------

    def _keyed(self) -> Iterator[tuple[int, bytes]]:
        spanned = self._read_sequence_set()
        order = sorted(self._units(spanned))
        for _, numbers in order:
            if len(numbers) > 1:
                yield from self._joined([segment.parse(self.image.read("data", n)) for n in numbers], numbers)
            else:
                records = parse(self.image.read("data", numbers[0]))
                yield from _placed(records, numbers[0] * self.image.definition.ci_size)

    def _read_sequence_set(self) -> list[list[int]]:
        """Look at every index CI: note the key range of each data CI, and the CIs of each spanned record."""
        definition, spanned = self.image.definition, []
        for number in range(self.image.index_cis):
            try:
                record = index_record.decode(self.image.read("index", number), definition.key_length)
            except Damaged as error:
                self._lose("index", number, error.what)
                continue
            if record.level != 1:
                continue
            base, below = record.base_rba // definition.ci_size, b""
            for boundary, entries in groupby(record.entries, key=itemgetter(0)):
                numbers = [base + pointer for _, pointer in entries]
                high = boundary.ljust(definition.key_length, b"\xff")
                self._ranges.update((one, (below, high)) for one in numbers)
                spanned += [numbers] if len(numbers) > 1 else []
                below = high
        return spanned

    def _units(self, spanned: list[list[int]]) -> Iterator[tuple[bytes, list[int]]]:
        """(lowest key, CIs) of each CI with records and each spanned record that can be read."""
        definition = self.image.definition
        key = slice(definition.key_offset, definition.key_end)
        groups = {number: numbers for numbers in spanned for number in numbers}
        for number in range(self.image.data_cis):
            try:
                ci = self.image.read("data", number)
                part = segment.parse(ci)
                records = [] if part else parse(ci)
            except Damaged as error:
                self._lose("data", number, error.what)
                continue
            if part is None and records:
                yield records[0][key], [number]
            elif part is not None:
                group = groups.get(number, [])
                if not group or not all(map(self._readable, group)):
                    self._lose("data", number, LEFT_OVER)
                elif number == group[0]:
                    yield part.data[key], group

    def _readable(self, number: int) -> bool:
        try:
            return segment.parse(self.image.read("data", number)) is not None
        except (KsdsError, IndexError):
            return False

    def _lose(self, component: ComponentName, number: int, why: str) -> None:
        definition = self.image.definition
        size = definition.ci_size if component == "data" else definition.index_ci_size
        keys = self._ranges.get(number) if component == "data" else None
        self.losses.append(Loss(component, number, number, number * size, (number + 1) * size, why, keys))


def _placed(records: list[bytes], rba: int) -> Iterator[tuple[int, bytes]]:
    for record in records:
        yield rba, record
        rba += len(record)


def _merged(losses: list[Loss]) -> list[Loss]:
    """Neighbours that are lost for one reason as one range; index first, then data, ascending."""
    merged: list[Loss] = []
    for loss in sorted(set(losses), key=lambda loss: (loss.component == "data", loss.first)):
        last = merged[-1] if merged else None
        alike = last is not None and (last.component, last.end, last.why) == (loss.component, loss.start, loss.why)
        if last is None or not alike:
            merged.append(loss)
        elif last.keys is None and loss.keys is None:
            merged[-1] = replace(last, last=loss.last, end=loss.end)
        elif last.keys and loss.keys and last.keys[1] == loss.keys[0]:
            merged[-1] = replace(last, last=loss.last, end=loss.end, keys=(last.keys[0], loss.keys[1]))
        else:
            merged.append(loss)
    return merged
