"""Records through a copybook, as text for people, JSON lines and CSV.

A record with faults is never left out: JSON has its `_errors` and all of its bytes as `_raw`, CSV in its last two
columns.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from ksds.codepage import CodePage
from ksds.copybook.conditions import alternative, test_of
from ksds.copybook.copying import Library, expanded, no_library
from ksds.copybook.decoder import Decoder, Fault, Values
from ksds.copybook.elementary import Exact, as_json
from ksds.copybook.entries import items
from ksds.copybook.placement import Field, Layout, layout
from ksds.copybook.scanner import scan
from ksds.errors import CopybookError

MOST_COLUMNS = 16_384
"""Of a CSV file."""
PIECE = 128 * 1024
"""Characters that are gathered before they go out."""

Report = Callable[[int, list[Fault]], object]
"""Told what is wrong with which record, counted from 1."""

_encode = json.JSONEncoder(ensure_ascii=False, check_circular=False).encode
_encode_in_ascii = json.JSONEncoder(check_circular=False).encode


def parse(text: str, source: str = "", library: Library = no_library) -> Layout:
    """The layout that a copybook describes. `source` names it in messages, `library` finds members for COPY.

    Raises CopybookError.
    """
    return layout(items(expanded(scan(text, source), library)))


@dataclass(frozen=True, slots=True)
class RecordView:
    """A layout, the code page of the records, and the choices among alternatives as they were typed."""

    layout: Layout
    page: CodePage
    choices: tuple[str, ...] = ()

    def decoder(self, exact: Exact = as_json) -> Decoder:
        """Raises CopybookError for a choice that makes no sense."""
        chosen = [alternative(text, self.layout, self.page) for text in self.choices]
        return Decoder(self.layout, self.page, exact, chosen)

    def json_lines(self, records: Iterable[bytes], report: Report) -> Iterator[bytes]:
        """A JSON object a record, one a line, in pieces of many lines."""
        decode = self.decoder().decode
        lines: list[str] = []
        size = 0
        for number, record in enumerate(records, 1):
            values, faults = decode(record)
            if faults:
                report(number, faults)
                values |= {"_errors": [described(fault) for fault in faults], "_raw": record.hex().upper()}
            line = _encode(values)
            if not line.isprintable():  # NEL and its like end a line for some readers
                line = _encode_in_ascii(values)
            lines.append(line)
            size += len(line)
            if size > PIECE:
                yield ("\n".join(lines) + "\n").encode()
                lines.clear()
                size = 0
        if lines:
            yield ("\n".join(lines) + "\n").encode()

    def csv_lines(self, records: Iterable[bytes], report: Report) -> Iterator[bytes]:
        """A line of names, then one for each record, a column for each elementary field and occurrence.

        Raises CopybookError for more than 16,384 columns.
        """
        decode = self.decoder().decode
        several = len(self.layout.records) > 1
        names = column_names(self.layout)
        piece = io.StringIO()
        write = csv.writer(piece, lineterminator="\n").writerow
        write([*names, "_errors", "_raw"])
        for number, record in enumerate(records, 1):
            values, faults = decode(record)
            row: list[object] = []
            for root in self.layout.records:
                _add_cells(root, values.get(root.key) if several or not root.is_group else values, row)
            if faults:
                report(number, faults)
            write([*row, "; ".join(map(str, faults)), record.hex().upper() if faults else ""])
            if piece.tell() > PIECE:
                yield piece.getvalue().encode()
                piece.seek(0)
                piece.truncate()
        yield piece.getvalue().encode()

    def text_lines(self, values: Values, faults: list[Fault]) -> Iterator[str]:
        """A line a field: its name, indented by level, its value, and the condition-names that are true of it."""
        wrong = {fault.path: fault.what for fault in faults}
        several = len(self.layout.records) > 1
        for record in self.layout.records:
            if several or not record.is_group:
                yield from self._text_of(record, values.get(record.key, ...), 0, record.key, wrong)
            else:
                for field in record.children():
                    yield from self._text_of(field, values.get(field.key, ...), 0, field.key, wrong)
        for fault in faults:
            if wrong.pop(fault.path, None):
                yield f"** {fault}"

    def _text_of(self, field: Field, value: object, depth: int, path: str, wrong: dict[str, str]) -> Iterator[str]:
        if not field.key or value is ...:
            return
        if isinstance(value, list):
            for number, one in enumerate(value, 1):
                yield from self._text_of(field, one, depth, f"{path}({number})", wrong)
            return
        name = "  " * depth + path.rpartition(".")[2]
        if isinstance(value, dict):
            yield name
            for child in field.children():
                yield from self._text_of(child, value.get(child.key, ...), depth + 1, f"{path}.{child.key}", wrong)
            return
        shown = printable(value)
        if value is None:
            shown = f"** {wrong.pop(path)}" if path in wrong else "-"
        true = "".join(f"  {name}" for name in self._true_conditions(field, value))
        yield f"{name:<40} {shown}{true}".rstrip()

    def _true_conditions(self, field: Field, value: object) -> Iterator[str]:
        for condition in field.item.conditions if value is not None else ():
            try:
                if test_of(condition, field, self.page).holds(value):
                    yield condition.name
            except CopybookError:  # a literal that the field cannot hold is never true
                continue


def printable(value: object) -> str:
    """A value on one line."""
    text = str(value)
    return text if text.isprintable() else "".join(c if c.isprintable() else "." for c in text)


def described(fault: Fault) -> dict[str, object]:
    """A fault for programs: field (path), offset, what."""
    return {"field": fault.path, "offset": fault.offset, "what": fault.what}


def column_names(layout: Layout) -> list[str]:
    """The columns of a table of all elementary fields and occurrences, such as ORDER.ITEM(2).PRICE."""
    several = len(layout.records) > 1
    if sum(map(_columns, layout.records)) > MOST_COLUMNS:
        raise CopybookError(f"A TABLE WOULD HAVE MORE THAN {MOST_COLUMNS} COLUMNS")
    names: list[str] = []
    for record in layout.records:
        _add_names(record, record.key if several or not record.is_group else "", names)
    return names


def _columns(field: Field) -> int:
    inner = sum(map(_columns, field.children())) if field.is_group else bool(field.key)
    return inner * field.most


def _add_names(field: Field, path: str, names: list[str]) -> None:
    for number in range(1, field.most + 1):
        here = f"{path}({number})" if field.item.occurs else path
        if not field.is_group:
            names.append(here)
        for child in field.children():
            if child.key:
                _add_names(child, f"{here}.{child.key}" if here else child.key, names)


def _add_cells(field: Field, value: object, row: list[object]) -> None:
    found = value if isinstance(value, list) else [value]
    for number in range(field.most):
        one = found[number] if number < len(found) else None
        if not field.is_group:
            row.append(one)
        for child in field.children():
            if child.key:
                _add_cells(child, one.get(child.key) if isinstance(one, dict) else None, row)
