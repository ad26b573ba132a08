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
from ksds.copybook.copying import Library, after_replace, expanded, no_library
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
    return layout(items(after_replace(expanded(scan(text, source), library))))


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
            if "\x85" in line or "\u2028" in line or "\u2029" in line:  # they end a line for some readers
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
        names = column_names(self.layout)
        fill = _row_filler(self.layout.outermost())
        piece = io.StringIO()
        write = csv.writer(piece, lineterminator="\n").writerow
        write([*names, "_errors", "_raw"])
        for number, record in enumerate(records, 1):
            values, faults = decode(record)
            row: list[object] = []
            fill(values, row)
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
        for field in self.layout.outermost():
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
    fields = [field for field in layout.outermost() if field.key]
    if sum(map(_columns, fields)) > MOST_COLUMNS:
        raise CopybookError(f"A TABLE WOULD HAVE MORE THAN {MOST_COLUMNS} COLUMNS")
    return [name for field in fields for name in _names(field, field.key)]


def _columns(field: Field) -> int:
    inner = sum(map(_columns, field.children())) if field.is_group else bool(field.key)
    return inner * field.most


def _names(field: Field, path: str) -> Iterator[str]:
    for number in range(1, field.most + 1):
        here = f"{path}({number})" if field.item.occurs else path
        if not field.is_group:
            yield here
        for child in field.children():
            if child.key:
                yield from _names(child, f"{here}.{child.key}")


def _row_filler(fields: Iterable[Field]) -> Callable[[Values, list[object]], None]:
    """What adds the cells of these fields to a row: None where there is no value, table or occurrence."""
    steps: list[tuple[list[str], int, Callable[[Values, list[object]], None] | None]] = []
    for field in fields:
        if field.key and (field.is_group or field.item.occurs):
            steps.append(([field.key], field.most, _row_filler(field.children()) if field.is_group else None))
        elif field.key and steps and not steps[-1][1]:
            steps[-1][0].append(field.key)
        elif field.key:
            steps.append(([field.key], 0, None))

    def fill(values: Values, row: list[object]) -> None:
        for keys, most, inner in steps:
            if not most:
                row.extend(map(values.get, keys))
                continue
            value = values.get(keys[0])
            found = value if isinstance(value, list) else [value]
            for number in range(most):
                one = found[number] if number < len(found) else None
                if inner is None:
                    row.append(one)
                else:
                    inner(one if isinstance(one, dict) else {}, row)

    return fill
