"""Random copybooks, random values: encoded and decoded they are the same, and the layout says where they are."""

from __future__ import annotations

import csv
import io
import re
import string
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ksds.copybook import Encoder, parse
from ksds.copybook.elementary import as_decimal, as_json, reader
from ksds.copybook.placement import Field
from tests.ksds.copybook.reading import PAGE, view

LETTERS = string.ascii_letters + string.digits + " .,;'\"{}<>äöüß@#$"
Draw = Any


@dataclass(slots=True)
class Made:
    """A copybook as it is written, line by line."""

    lines: list[str] = field(default_factory=list)
    count: int = 0

    def add(self, level: int, name: str, clauses: str) -> None:
        self.lines.append(f"{' ' * level}{level:02} {name} {clauses}.")

    def name(self) -> str:
        self.count += 1
        return f"F{self.count}"


@st.composite
def numbers(draw: Draw, digits: int, scale: int, signed: bool) -> Decimal:
    number = draw(st.integers(-(10**digits) + 1 if signed else 0, 10**digits - 1))
    return Decimal(number).scaleb(-scale) if digits <= 18 else Decimal(f"{number}E{-scale}")


@st.composite
def elementary(draw: Draw) -> tuple[str, st.SearchStrategy[Any]]:
    """Clauses and what the field can hold."""
    kind = draw(st.sampled_from(("text", "zoned", "packed", "binary", "float", "national", "edited", "pointer")))
    if kind == "text":
        size = draw(st.integers(1, 12))
        just = draw(st.booleans())
        text = st.text(LETTERS, max_size=size).map(str.lstrip if just else str.rstrip)
        return f"PIC X({size}){' JUST RIGHT' * just}", text
    if kind == "national":
        size = draw(st.integers(1, 6))
        return f"PIC N({size})", st.text("abc ÄÖ中文€", max_size=size).map(str.rstrip)
    if kind == "edited":
        return "PIC ZZ9.99-", st.sampled_from(("  1.50", "123.45-", ""))
    if kind == "pointer":
        return "POINTER", st.binary(min_size=4, max_size=4).map(lambda raw: raw.hex().upper())
    if kind == "float":
        long = draw(st.booleans())
        values = st.floats(allow_nan=False, allow_infinity=False, width=32 if not long else 64)
        bounded = values.filter(lambda value: value == 0 or 1e-60 < abs(value) < 1e60)
        return ("COMP-2", bounded) if long else ("COMP-1", st.integers(-(2**20), 2**20).map(lambda n: n / 256))
    signed = draw(st.booleans())
    whole, places = draw(st.integers(0, 9)), draw(st.integers(0, 9))
    whole += not whole + places
    picture = f"{'S' * signed}{f'9({whole})' * bool(whole)}{f'V9({places})' * bool(places)}"
    values = numbers(whole + places, places, signed)
    if kind == "packed":
        return f"PIC {picture} COMP-3", values
    if kind == "binary":
        usage = draw(st.sampled_from(("COMP", "COMP-5", "BINARY")))
        return f"PIC {picture} {usage}{draw(st.sampled_from((' SYNC', '')))}", values
    sign = draw(st.sampled_from(("", " LEADING", " LEADING SEPARATE", " TRAILING SEPARATE"))) if signed else ""
    return f"PIC {picture}{sign}", values


def plain(values: Any) -> Any:
    """Whole numbers as int, as the decoder gives them."""
    return int(values) if isinstance(values, Decimal) and values.as_tuple().exponent == 0 else values


@st.composite
def groups(draw: Draw, made: Made, level: int) -> dict[str, Any]:
    """Adds the items of a group to the copybook; their values."""
    values: dict[str, Any] = {}
    for _ in range(draw(st.integers(1, 4))):
        what = draw(st.sampled_from(("one", "one", "one", "filler", "table", "depending", "group", "redefined")))
        name = made.name()
        if what == "filler":
            made.add(level, draw(st.sampled_from(("FILLER", ""))), "PIC X(2)")
        if what == "group" and level < 20:
            made.add(level, name, "")
            values[name] = draw(groups(made, level + 5))
        if what in ("one", "redefined", "table", "depending"):
            clauses, kind = draw(elementary())
        if what in ("one", "redefined"):
            made.add(level, name, clauses)
            values[name] = plain(draw(kind))
        if what == "redefined":
            made.add(level, made.name(), f"REDEFINES {name} PIC X")
        if what == "table":
            made.add(level, name, f"{clauses} OCCURS 3 TIMES")
            values[name] = [plain(draw(kind)) for _ in range(3)]
        if what == "depending" and "SYNC" not in clauses:
            counter = made.name()
            count = draw(st.integers(0, 4))
            made.add(level, counter, "PIC 9(2) COMP")
            made.add(level, name, f"{clauses} OCCURS 0 TO 4 TIMES DEPENDING ON {counter}")
            values |= {counter: count, name: [plain(draw(kind)) for _ in range(count)]}
    if not values:
        name = made.name()
        made.add(level, name, "PIC X")
        values[name] = "X"
    return values


@st.composite
def copybooks(draw: Draw) -> tuple[str, dict[str, Any]]:
    made = Made()
    made.add(1, "RECORD-IN-HAND", "")
    values = draw(groups(made, 5))
    return "\n".join(made.lines), values


def without_alternatives(found: Any, expected: Any) -> Any:
    """What was decoded, without the redefinitions that were not encoded."""
    if isinstance(found, dict) and isinstance(expected, dict):
        return {name: without_alternatives(found[name], expected[name]) for name in expected}
    return found


def at_rest(fields: Iterator[Field]) -> Iterator[Field]:
    """Named elementary fields in no table and behind none of variable length."""
    for one in fields:
        if one.item.occurs is None and one.is_group:
            yield from at_rest(one.children())
        elif one.item.occurs is None and one.key and not one.shifted:
            yield one


@settings(max_examples=400)
@given(copybooks())
def test_values_are_what_they_were(case: tuple[str, dict[str, Any]]) -> None:
    text, values = case
    layout = parse(text)
    record = Encoder(layout, PAGE).encode(values)
    (root,) = layout.records
    assert len(record) == root.length or root.variable
    found, faults = view(layout).decoder(as_decimal).decode(record)
    assert faults == []
    assert without_alternatives(found, values) == values
    for one in at_rest(root.children()):
        value: Any = found
        for name in one.names[1:]:
            value = value[name]
        if value is not None:
            raw = record[one.offset : one.offset + one.length]
            assert reader(one.item, PAGE, as_decimal)(raw) == value, one.names
    in_json, _ = view(layout).decoder(as_json).decode(record)
    assert Encoder(layout, PAGE).encode(in_json) == record


def at_path(values: Any, path: str) -> Any:
    """The value that ORDER.ITEM(2).PRICE names; None where there is none."""
    for name, number in re.findall(r"([^.(]+)(?:\((\d+)\))?", path):
        values = values[name]
        if number:
            values = values[int(number) - 1] if int(number) <= len(values) else None
        if values is None:
            return None
    return values


@given(copybooks())
def test_each_column_holds_what_its_name_says(case: tuple[str, dict[str, Any]]) -> None:
    text, values = case
    record = Encoder(parse(text), PAGE).encode(values)
    found, _ = view(text).decoder().decode(record)
    lines = b"".join(view(text).csv_lines([record], lambda number, faults: None)).decode()
    head, row = csv.reader(io.StringIO(lines, newline=""))
    assert head[-2:] == ["_errors", "_raw"] and len(row) == len(head)
    for name, cell in zip(head[:-2], row, strict=False):
        value = at_path(found, name)
        assert cell == ("" if value is None else str(value)), name


@given(st.floats(1e-60, 1e60))
def test_every_double_is_exact_in_comp_2(number: float) -> None:
    layout = parse("01 A COMP-2.")
    record = Encoder(layout, PAGE).encode({"A": number})
    assert view(layout).decoder().decode(record)[0] == {"A": number}
