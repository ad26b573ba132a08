"""Where each field of a record is: offset and length of every item, slack bytes, what shares storage with what.

A record's storage is a row of areas; an area holds one field, or several that redefine each other. Behind an OCCURS
DEPENDING ON the places of a record in hand depend on its counters; offsets and lengths here are those of the most
occurrences, as a compiler lists them.

SYNCHRONIZED puts slack bytes before a binary item (2 bytes: even; 4 or 8, COMP-1, INDEX, pointers: a multiple of 4;
COMP-2: of 8), before the group whose first item it is, and at the end of each occurrence of a table that holds one.

Source: Enterprise COBOL for z/OS Language Reference, "SYNCHRONIZED clause", "OCCURS clause", "REDEFINES clause".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from ksds.copybook.items import RENAMES, Item, Usage
from ksds.copybook.picture import Category

LONGEST_RECORD = 1 << 20
DEEPEST_TABLE = 7

_FIXED_LENGTHS = {
    Usage.SHORT_FLOAT: 4,
    Usage.LONG_FLOAT: 8,
    Usage.INDEX: 4,
    Usage.POINTER: 4,
    Usage.FUNCTION_POINTER: 4,
    Usage.PROCEDURE_POINTER: 8,
    Usage.OBJECT: 4,
}


@dataclass(frozen=True, slots=True)
class Field:
    """An item in its place. `length` is that of one occurrence; `key` its name among the values of its group ("" for an
    unnamed elementary item, which has no value); `names` the path to it, the record first.

    `shifted`: it stands behind an OCCURS DEPENDING ON; `variable`: it holds one. `counter` is the `number` of the field
    that its own OCCURS depends on.
    """

    number: int
    item: Item
    key: str
    names: tuple[str, ...]
    offset: int
    length: int
    shifted: bool
    variable: bool
    areas: tuple[Area, ...] = ()
    counter: int | None = None

    @property
    def most(self) -> int:
        """Occurrences at the most."""
        return self.item.occurs.most if self.item.occurs else 1

    @property
    def shortest(self) -> int:
        """Bytes of one occurrence when every OCCURS DEPENDING ON in it has its least."""
        if not self.variable:
            return self.length
        return sum(area.slack + max(map(_least_bytes, area.fields)) for area in self.areas)

    @property
    def is_group(self) -> bool:
        """True if it has fields below it."""
        return bool(self.areas)

    def children(self) -> Iterator[Field]:
        """The fields right below it, in the order of the copybook."""
        for area in self.areas:
            yield from area.fields

    def walk(self) -> Iterator[Field]:
        """It and all below it."""
        yield self
        for child in self.children():
            yield from child.walk()


@dataclass(frozen=True, slots=True)
class Area:
    """Storage of one field or of alternatives; `slack` bytes are before it."""

    fields: tuple[Field, ...]
    slack: int
    length: int


def _least_bytes(field: Field) -> int:
    return field.shortest * (field.item.occurs.least if field.item.occurs else 1)


@dataclass(frozen=True, slots=True)
class Renaming:
    """A level 66: another name for the bytes at `offset`."""

    name: str
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Layout:
    """The records of a copybook; several are alternatives for the same bytes."""

    records: tuple[Field, ...]
    renamings: tuple[Renaming, ...]

    def outermost(self) -> tuple[Field, ...]:
        """The fields that values begin with: those of the one record, or the records if there are several."""
        if len(self.records) == 1 and self.records[0].is_group:
            return tuple(self.records[0].children())
        return self.records

    def fields(self) -> Iterator[Field]:
        """All of them, in the order of the copybook."""
        for record in self.records:
            yield from record.walk()


def layout(roots: list[Item]) -> Layout:
    """Place all items. Items above level 01 that no 01 is before make up one record without a name.

    Raises CopybookError for a redefinition of nothing, a counter that is not there, or a record longer than 1 MiB.
    """
    records: list[Item] = []
    loose = [item for item in roots if item.level not in (1, 77)]
    if loose:
        records.append(Item(1, "", loose[0].token, children=tuple(loose)))
    records += [item for item in roots if item.level in (1, 77)]
    placer = _Placer()
    placed = []
    for key, record in zip(_keys(records), records, strict=True):
        placer.placed.clear()
        placer.shifted = False
        placed.append(placer.place(record, key, (), 0))
    renamings = [
        _renamed(child, field)
        for field in placed
        for child in field.item.children
        if child.level == RENAMES and child.renames
    ]
    return Layout(tuple(placed), tuple(renamings))


class _Placer:
    """Places the items of a copybook in their order; `placed` are the fields of this record so far."""

    def __init__(self) -> None:
        self.count = 0
        self.placed: dict[str, list[tuple[int, tuple[str, ...], Item]]] = {}
        self.shifted = False

    def place(self, item: Item, key: str, above: tuple[str, ...], at: int, tables: int = 0) -> Field:
        """`above` are the names of the groups around it, `tables` how many of them occur."""
        number = self.count
        self.count += 1
        shifted = self.shifted
        counter = self._counter(item)
        tables += item.occurs is not None
        if tables > DEEPEST_TABLE:
            raise item.error(f"IS A TABLE IN MORE THAN {DEEPEST_TABLE} DIMENSIONS")
        names = (*above, key or item.name or "FILLER")
        self.placed.setdefault(item.name, []).append((number, names, item))
        children = [child for child in item.children if child.level != RENAMES]
        areas = tuple(self._areas(children, names, at, tables)) if children else ()
        length = sum(area.slack + area.length for area in areas) if children else elementary_length(item)
        if item.occurs:
            length += -length % _widest(item)
        variable = any(field.variable or field.counter is not None for area in areas for field in area.fields)
        self.shifted |= counter is not None
        if at + length * (item.occurs.most if item.occurs else 1) > LONGEST_RECORD:
            raise item.error(f"ENDS BEHIND THE LAST OF {LONGEST_RECORD} BYTES OF A RECORD")
        return Field(number, item, key, names, at, length, shifted, variable, areas, counter)

    def _areas(self, children: list[Item], names: tuple[str, ...], at: int, tables: int) -> Iterator[Area]:
        keys = dict(zip(map(id, children), _keys(children), strict=True))
        for alternatives in _alternatives(children):
            slack = -at % _first_boundary(alternatives[0])
            at += slack
            fields = tuple(self.place(item, keys[id(item)], names, at, tables) for item in alternatives)
            if len(fields) > 1:
                for field in fields:
                    if field.variable or field.counter is not None:
                        raise field.item.error("REDEFINES OR IS REDEFINED AND HAS AN OCCURS DEPENDING ON")
            length = max(field.length * field.most for field in fields)
            yield Area(fields, slack, length)
            at += length

    def _counter(self, item: Item) -> int | None:
        """The field that holds the number of occurrences: the last one of that name before the table."""
        if item.occurs is None or not item.occurs.depending:
            return None
        name, *groups = item.occurs.depending
        for number, names, found in reversed(self.placed.get(name, [])):
            if _qualified(names[:-1], groups):
                shape = found.picture
                whole = shape is not None and shape.category is Category.NUMERIC and shape.scale <= 0
                if found.children or not whole:
                    raise item.error(f"DEPENDS ON {name}, WHICH IS NOT A WHOLE NUMBER")
                return number
        raise item.error(f"DEPENDS ON {name}, WHICH IS NOT BEFORE IT IN THE RECORD")


def elementary_length(item: Item) -> int:
    """Bytes of an elementary item."""
    usage, shape = item.usage or Usage.DISPLAY, item.picture
    if shape is None or usage in _FIXED_LENGTHS:
        return _FIXED_LENGTHS[usage]
    if usage in (Usage.BINARY, Usage.NATIVE):
        return 2 if shape.digits <= 4 else 4 if shape.digits <= 9 else 8
    if usage is Usage.PACKED:
        return shape.digits // 2 + 1
    separate = shape.category is Category.NUMERIC and shape.signed and item.sign_separate
    return (shape.size + separate) * (2 if usage in (Usage.NATIONAL, Usage.DBCS) else 1)


def _boundary(item: Item) -> int:
    """What the offset of an elementary item must be a multiple of."""
    if not item.synchronized or item.usage in (Usage.DISPLAY, Usage.PACKED, Usage.NATIONAL, Usage.DBCS, None):
        return 1
    return 8 if item.usage is Usage.LONG_FLOAT else min(4, elementary_length(item))


def _first_boundary(item: Item) -> int:
    while item.children:
        item = item.children[0]
    return _boundary(item)


def _widest(item: Item) -> int:
    if not item.children:
        return _boundary(item)
    return max(_widest(child) for child in item.children if child.level != RENAMES)


def _alternatives(children: list[Item]) -> Iterator[list[Item]]:
    """Each item that has storage of its own, with those that redefine it."""
    together: list[Item] = []
    names: set[str] = set()
    for item in children:
        if not item.redefines:
            if together:
                yield together
            together, names = [], set()
        elif item.redefines not in names:
            raise item.error(f"REDEFINES {item.redefines}, WHICH IS NOT RIGHT BEFORE IT")
        together.append(item)
        names.add(item.name)
    yield together


def _keys(items: list[Item]) -> list[str]:
    """Names for the values of a group, all different: NAME, NAME-2, NAME-3; unnamed groups are FILLER-1, FILLER-2."""
    taken = {item.name for item in items}
    counts: Counter[str] = Counter()
    keys: list[str] = []
    for item in items:
        name = key = item.name or ("FILLER" if item.children else "")
        counts[name] += 1
        if name and (counts[name] > 1 or not item.name):
            while (key := f"{name}-{counts[name]}") in taken:
                counts[name] += 1
            taken.add(key)
        keys.append(key)
    return keys


def _qualified(above: tuple[str, ...], groups: list[str]) -> bool:
    """True if the qualifiers are names of groups around it, from the inside out."""
    names = iter(reversed(above))
    return all(group in names for group in groups)


def _renamed(item: Item, record: Field) -> Renaming:
    first, last = item.renames or ("", "")
    found = {field.item.name: field for field in record.walk()}
    if first not in found or last not in found:
        raise item.error(f"RENAMES {first if first not in found else last}, WHICH IS NOT IN THE RECORD")
    start, end = found[first], found[last]
    stop = end.offset + end.length * end.most
    if stop <= start.offset:
        raise item.error(f"RENAMES {first} THROUGH {last}, WHICH IS BEFORE IT")
    return Renaming(item.name, start.offset, stop - start.offset)
