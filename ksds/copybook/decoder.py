"""Records to values: a layout compiled once into parts that each fill their piece of the values.

Neighbouring elementary fields are one `Run`: struct cuts their bytes out in one call, and each goes through its own
reader. Bytes that are no value do not stop anything: the field is None and a `Fault` says where and what they were.

Alternatives (REDEFINES, several records of level 01) are all given, unless a `Choice` picks one. If one of them reads
without fault, what is wrong with the others is their not being meant, and no fault of the record.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from ksds.codepage import CodePage
from ksds.copybook.elementary import Exact, Reader, Value, error_of, reader
from ksds.copybook.placement import Area, Field, Layout

MOST_FAULTS = 1_000
"""Of a record that are told one by one."""

Values = dict[str, object]
Noted = dict[int, object]
"""What the fields that counters or choices depend on held when they were last read, by `Field.number`."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in a record, and at which offset. `subscripts`: (depth of the table's name, occurrence from 1)."""

    names: tuple[str, ...]
    offset: int
    what: str
    subscripts: tuple[tuple[int, int], ...] = ()

    @property
    def path(self) -> str:
        """ORDER.ITEM(3).PRICE"""
        occurrences = dict(self.subscripts)
        shown = (f"{name}({occurrences[at]})" if at in occurrences else name for at, name in enumerate(self.names))
        return ".".join(shown)

    def __str__(self) -> str:
        return f"{self.path} AT OFFSET {self.offset}: {self.what}"


class Choice(Protocol):
    """Picks one of alternatives."""

    @property
    def field(self) -> Field:
        """The alternative."""

    @property
    def depends_on(self) -> int | None:
        """The number of the field that decides; None if it is this alternative always."""

    def holds(self, noted: Noted) -> bool:
        """True if it is this alternative."""


class Reading:
    """What is known of the record that is being read."""

    __slots__ = ("ended", "faults", "more", "noted")

    def __init__(self, noted: Noted | None = None, *, ended: bool = False) -> None:
        self.faults: list[Fault] = []
        self.more = 0
        self.noted: Noted = {} if noted is None else noted
        self.ended = ended

    def fault(self, field: Field, at: int, what: str) -> None:
        """Something is wrong with this field at `at`. What is beyond the thousandth is only counted."""
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(Fault(field.names, at, what))
        else:
            self.more += 1

    def join(self, other: Reading) -> None:
        """What was wrong in a part that was read on its own is wrong in the record."""
        room = MOST_FAULTS - len(self.faults)
        self.faults += other.faults[:room]
        self.more += other.more + len(other.faults[room:])
        self.ended |= other.ended

    def end(self, field: Field, at: int, data: bytes) -> None:
        """The record ends before the end of this field at `at`; said once."""
        if not self.ended:
            self.ended = True
            self.fault(field, at, f"THE RECORD ENDS AT {len(data)}, BEFORE THE END OF THIS FIELD")


class Part(Protocol):
    """Fills its piece of `values` from `data` at `at`; where the next part begins."""

    def fill(self, values: Values, data: bytes, at: int, reading: Reading) -> int: ...


class Run:
    """Elementary fields without OCCURS that follow each other, slack bytes and unnamed fields between them."""

    def __init__(self, fields: Sequence[tuple[int, Field, Reader]], shape: str, noted: set[int]) -> None:
        """`fields` are (offset in the run, field, its reader)."""
        split = struct.Struct(shape)
        self._fields = fields
        self._size = split.size
        self._unpack = split.unpack_from
        self._readers = [(field.key, read) for _, field, read in fields]
        self._noted = [(field.key, field.number) for _, field, _ in fields if field.number in noted]

    def fill(self, values: Values, data: bytes, at: int, reading: Reading) -> int:
        try:
            for (key, read), raw in zip(self._readers, self._unpack(data, at), strict=True):
                values[key] = read(raw)
        except (ValueError, LookupError, struct.error):
            self._fill_one_by_one(values, data, at, reading)
        for key, number in self._noted:
            reading.noted[number] = values[key]
        return at + self._size

    def _fill_one_by_one(self, values: Values, data: bytes, at: int, reading: Reading) -> None:
        for offset, field, read in self._fields:
            values[field.key] = read_one(field, read, data, at + offset, reading)


def read_one(field: Field, read: Reader, data: bytes, at: int, reading: Reading) -> Value:
    """One occurrence of an elementary field; None, and a fault, if it is no value or not there."""
    raw = data[at : at + field.length]
    if len(raw) < field.length:
        reading.end(field, at, data)
        return None
    try:
        return read(raw)
    except (ValueError, LookupError):
        reading.fault(field, at, error_of(field.item, raw))
        return None


@dataclass(frozen=True, slots=True)
class Group:
    """A group without OCCURS."""

    key: str
    parts: list[Part]

    def fill(self, values: Values, data: bytes, at: int, reading: Reading) -> int:
        inner: Values = {}
        for part in self.parts:
            at = part.fill(inner, data, at, reading)
        values[self.key] = inner
        return at


@dataclass(frozen=True, slots=True)
class Gap:
    """Bytes that belong to no field: slack before a part, or behind the occurrences of a table."""

    size: int

    def fill(self, values: Values, data: bytes, at: int, reading: Reading) -> int:
        return at + self.size


@dataclass(frozen=True, slots=True)
class Table:
    """A field with OCCURS: a list of what `occurrence` gives."""

    field: Field
    occurrence: Callable[[bytes, int, Reading], tuple[object, int]]
    may_be_empty: bool

    def fill(self, values: Values, data: bytes, at: int, reading: Reading) -> int:
        found: list[object] = []
        field, depth = self.field, len(self.field.names) - 1
        for number in range(1, self._count(at, reading) + 1):
            if at >= len(data) and not self.may_be_empty:
                reading.end(field, at, data)
                break
            before = len(reading.faults)
            value, at = self.occurrence(data, at, reading)
            found.append(value)
            if len(reading.faults) > before:
                reading.faults[before:] = [
                    replace(fault, subscripts=((depth, number), *fault.subscripts)) for fault in reading.faults[before:]
                ]
        if field.key:
            values[field.key] = found
        return at

    def _count(self, at: int, reading: Reading) -> int:
        """How many occurrences; a counter that says nonsense is a fault, and the nearest number is taken."""
        occurs, counter = self.field.item.occurs, self.field.counter
        assert occurs is not None
        if counter is None:
            return occurs.most
        value = reading.noted.get(counter)
        count = int(str(value)) if value is not None else occurs.least
        if value is not None and not occurs.least <= count <= occurs.most:
            reading.fault(self.field, at, f"{occurs.depending[0]} IS {count}, NOT {occurs.least} TO {occurs.most}")
        return min(max(count, occurs.least), occurs.most)


@dataclass(frozen=True, slots=True)
class Overlay:
    """Alternatives for the same bytes; the first whose choice holds is the only one that is given."""

    alternatives: list[tuple[Field, list[Part]]]
    choices: list[Choice]
    length: int

    def fill(self, values: Values, data: bytes, at: int, reading: Reading) -> int:
        tried: dict[int, tuple[Values, Reading]] = {}
        for field, parts in self.alternatives:
            inner: Values = {}
            trial = Reading(reading.noted, ended=reading.ended)
            start = at
            for part in parts:
                start = part.fill(inner, data, start, trial)
            tried[field.number] = inner, trial
            for choice in self.choices:
                if choice.field is field and choice.depends_on is not None and choice.holds(reading.noted):
                    return self._take(values, at, reading, [tried[field.number]])
        for choice in self.choices:
            if choice.depends_on is None:
                return self._take(values, at, reading, [tried[choice.field.number]])
        return self._take(values, at, reading, list(tried.values()))

    def _take(self, values: Values, at: int, reading: Reading, chosen: list[tuple[Values, Reading]]) -> int:
        sound = any(not trial.faults for _, trial in chosen)
        for inner, trial in chosen:
            values.update(inner)
            if not sound:
                reading.join(trial)
        return at + self.length


@dataclass(frozen=True, slots=True)
class Whole:
    """A record from its first byte to its last."""

    field: Field
    parts: list[Part]

    def fill(self, values: Values, data: bytes, at: int, reading: Reading) -> int:
        for part in self.parts:
            at = part.fill(values, data, at, reading)
        if at < len(data):
            rest = data[at : at + 20].hex().upper() + ("..." if len(data) - at > 20 else "")
            reading.fault(self.field, at, f"{len(data) - at} BYTES BEHIND THE LAST FIELD, X'{rest}'")
        return len(data)


class Decoder:
    """Reads records of one layout."""

    def __init__(self, layout: Layout, page: CodePage, exact: Exact, choices: Iterable[Choice] = ()) -> None:
        """`exact` says what numbers become (`as_json`, `as_decimal`)."""
        self._page = page
        self._exact = exact
        self._choices = list(choices)
        self._noted = {field.counter for field in layout.fields() if field.counter is not None}
        self._noted |= {choice.depends_on for choice in self._choices if choice.depends_on is not None}
        records: list[tuple[Field, Part]] = [(record, self._record(record)) for record in layout.records]
        if len(records) == 1:
            ((_, self._root),) = records
        else:
            named = [(record, [Group(record.key, [part]) if record.is_group else part]) for record, part in records]
            self._root = Overlay(named, self._choices_among(layout.records), 0)
        self._names_from = 0 if len(records) > 1 else 1

    def decode(self, record: bytes) -> tuple[Values, list[Fault]]:
        """The values by name, groups as dictionaries and tables as lists; and what is wrong in the record."""
        values: Values = {}
        reading = Reading()
        self._root.fill(values, record, 0, reading)
        if not reading.faults:
            return values, reading.faults
        faults = [self._shortened(fault) for fault in reading.faults]
        if reading.more:
            faults.append(Fault(("THE RECORD",), 0, f"{reading.more} MORE FIELDS ARE WRONG"))
        return values, faults

    def _shortened(self, fault: Fault) -> Fault:
        """Without the name of the record, if there is only one."""
        first = self._names_from
        names = fault.names[first:] or fault.names
        return replace(fault, names=names, subscripts=tuple((at - first, number) for at, number in fault.subscripts))

    # -- compiling ---------------------------------------------------------------------------------------------

    def _record(self, record: Field) -> Part:
        if record.is_group:
            return Whole(record, self._parts(record))
        return Whole(record, self._single(record))

    def _choices_among(self, fields: Sequence[Field]) -> list[Choice]:
        return [choice for choice in self._choices if any(choice.field is field for field in fields)]

    def _parts(self, group: Field) -> list[Part]:
        parts: list[Part] = []
        pending: list[tuple[int, Field]] = []
        size = 0

        def close() -> None:
            nonlocal size
            if size:
                parts.append(self._run(pending.copy(), size) if pending else Gap(size))
            pending.clear()
            size = 0

        used = 0
        for area in group.areas:
            size += area.slack
            used += area.slack + area.length
            (field, *others) = area.fields
            if others or field.is_group or field.item.occurs:
                close()
                parts += self._area(area)
            else:
                if field.key:
                    pending.append((size, field))
                size += field.length
        size += group.length - used
        close()
        return parts

    def _area(self, area: Area) -> list[Part]:
        if len(area.fields) == 1:
            return self._single(area.fields[0])
        alternatives = [(field, self._single(field)) for field in area.fields]
        return [Overlay(alternatives, self._choices_among(area.fields), area.length)]

    def _single(self, field: Field) -> list[Part]:
        if field.item.occurs:
            return [Table(field, self._occurrence(field), may_be_empty=not field.shortest)]
        if field.is_group:
            return [Group(field.key, self._parts(field))]
        return [self._run([(0, field)] if field.key else [], field.length)]

    def _run(self, fields: list[tuple[int, Field]], size: int) -> Part:
        if not fields:
            return Gap(size)
        shape, at = "", 0
        for offset, field in fields:
            shape += f"{offset - at}x{field.length}s"
            at = offset + field.length
        readers = [(offset, field, self._reader(field)) for offset, field in fields]
        return Run(readers, f"{shape}{size - at}x", self._noted)

    def _reader(self, field: Field) -> Reader:
        return reader(field.item, self._page, self._exact)

    def _occurrence(self, field: Field) -> Callable[[bytes, int, Reading], tuple[object, int]]:
        if field.is_group:
            parts = self._parts(field)

            def group(data: bytes, at: int, reading: Reading) -> tuple[object, int]:
                inner: Values = {}
                for part in parts:
                    at = part.fill(inner, data, at, reading)
                return inner, at

            return group
        read = self._reader(field)

        def one(data: bytes, at: int, reading: Reading) -> tuple[object, int]:
            return read_one(field, read, data, at, reading), at + field.length

        return one
