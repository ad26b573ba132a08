"""Condition-names (level 88), and choices among alternatives that depend on them or on the value of a field.

    NAME                    always this alternative
    NAME if FIELD=VALUE     this alternative where FIELD, in it or before it, holds VALUE
    NAME if CONDITION       where the condition-name is true

Source: Enterprise COBOL for z/OS Language Reference, "VALUE clause", "Condition-name condition".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from ksds.codepage import CodePage
from ksds.copybook.decoder import Noted
from ksds.copybook.items import Condition, Item, Usage
from ksds.copybook.literals import HEXADECIMAL, is_number, plain
from ksds.copybook.placement import Field, Layout
from ksds.errors import CopybookError, DataSetError

Comparable = Decimal | bytes | str

_CHOICE = re.compile(r"\s*(?P<name>[^\s=]+)(?:\s+if\s+(?P<on>[^\s=]+)\s*(?:=(?P<value>.*))?)?\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Test:
    """True of the values from `low` to `high` of any of its ranges."""

    item: Item
    page: CodePage
    length: int
    ranges: tuple[tuple[Comparable, Comparable], ...]

    def holds(self, value: object) -> bool:
        if value is None or isinstance(value, list | dict):
            return False
        found = comparable(self.item, str(value), self.length, self.page)
        return any(low <= found <= high for low, high in self.ranges)  # type: ignore[operator]


def test_of(condition: Condition, field: Field, page: CodePage) -> Test:
    """When a condition-name is true. Raises CopybookError if its literals are none that the field could hold."""
    ranges = []
    for pair in condition.values:
        low, high = (comparable(field.item, plain(text, field, page), field.length, page) for text in pair)
        ranges.append((low, high))
    return Test(field.item, page, field.length, tuple(ranges))


def comparable(item: Item, text: str, length: int, page: CodePage) -> Comparable:
    """A value of the item in a form that compares as COBOL does: numbers by value, text by the code page."""
    try:
        if is_number(item):
            return Decimal(text)
        if item.usage in HEXADECIMAL:
            return text.upper()
        return text.ljust(length // 2) if item.usage is Usage.NATIONAL else page.pad(text, length)
    except (InvalidOperation, DataSetError):
        raise item.error(f"CANNOT BE {text[:40]!r}") from None


@dataclass(frozen=True, slots=True)
class Alternative:
    """One of several fields for the same bytes, always (`depends_on` None) or if a field's value passes the test."""

    field: Field
    depends_on: int | None = None
    test: Test | None = None

    def holds(self, noted: Noted) -> bool:
        return self.test is None or (self.depends_on is not None and self.test.holds(noted.get(self.depends_on)))


def alternative(text: str, layout: Layout, page: CodePage) -> Alternative:
    """A choice as it is typed, such as `HEADER-RECORD if RECORD-TYPE=H`. Raises CopybookError if it makes no sense."""
    match = _CHOICE.fullmatch(text)
    if match is None:
        raise CopybookError(f"{text[:60]!r} IS NOT NAME, NAME if FIELD=VALUE OR NAME if CONDITION")
    name, on, value = match["name"].upper(), (match["on"] or "").upper(), match["value"]
    field, record = _one_of_several(name, layout)
    if not on:
        return Alternative(field)
    near = [*field.walk(), *reversed([one for one in record.walk() if one.number < field.number])]
    for one in near:
        if value is not None and one.item.name == on and not one.is_group:
            literal = comparable(one.item, value.strip().strip("'\""), one.length, page)
            return Alternative(field, one.number, Test(one.item, page, one.length, ((literal, literal),)))
        for condition in one.item.conditions if value is None else ():
            if condition.name == on and not one.is_group:
                return Alternative(field, one.number, test_of(condition, one, page))
    what = "CONDITION" if value is None else "FIELD"
    raise CopybookError(f"{what} {on[:60]} IS NOT IN {name} NOR BEFORE IT IN ITS RECORD")


def _one_of_several(name: str, layout: Layout) -> tuple[Field, Field]:
    """(alternative, its record)"""
    if len(layout.records) > 1:
        for record in layout.records:
            if name in (record.item.name, record.key):
                return record, record
    for record in layout.records:
        for field in record.walk():
            for area in field.areas:
                for one in area.fields if len(area.fields) > 1 else ():
                    if name in (one.item.name, one.key):
                        return one, record
    raise CopybookError(f"{name[:60]} IS NEITHER A REDEFINITION, NOR REDEFINED, NOR ONE OF SEVERAL RECORDS")
