"""Records as a Parquet file: groups are structs, tables lists, numbers int64 or decimal128 of the field's scale.

pyarrow is an extra (`pip install 'ksds-dtf[parquet]'`) and is loaded when a file is to be written, not before.
"""

from __future__ import annotations

import importlib
import importlib.util
import io
from collections.abc import Iterable, Iterator
from typing import Any

from ksds.copybook.elementary import as_decimal, capacity
from ksds.copybook.items import Usage
from ksds.copybook.literals import is_number
from ksds.copybook.placement import Field
from ksds.copybook.record_view import RecordView, Report
from ksds.errors import MissingExtra

ROWS_A_GROUP = 20_000
BYTES_A_GROUP = 16 << 20
"""Of the records, whichever comes first."""
INT64_DIGITS = 18


def parquet_pieces(view: RecordView, records: Iterable[bytes], report: Report) -> Iterator[bytes]:
    """The bytes of the file. Raises MissingExtra without pyarrow, CopybookError if the choices make no sense."""
    if importlib.util.find_spec("pyarrow") is None:
        raise MissingExtra("pyarrow", "parquet")
    arrow, parquet = importlib.import_module("pyarrow"), importlib.import_module("pyarrow.parquet")
    decode = view.decoder(as_decimal).decode
    schema = _schema(arrow, view)
    sink = io.BytesIO()
    with parquet.ParquetWriter(sink, schema) as writer:
        for numbered in _row_groups(records):
            rows: list[dict[str, object]] = []
            for number, record in numbered:
                values, faults = decode(record)
                if faults:
                    report(number, faults)
                    values |= {"_errors": [str(fault) for fault in faults], "_raw": record}
                rows.append(values)
            writer.write_batch(arrow.RecordBatch.from_pylist(rows, schema=schema))
            yield from _written(sink)
    yield from _written(sink)


def _row_groups(records: Iterable[bytes]) -> Iterator[list[tuple[int, bytes]]]:
    """The records with their numbers from 1, as many at a time as go into memory together."""
    group: list[tuple[int, bytes]] = []
    size = 0
    for number, record in enumerate(records, 1):
        group.append((number, record))
        size += len(record)
        if len(group) == ROWS_A_GROUP or size >= BYTES_A_GROUP:
            yield group
            group, size = [], 0
    if group:
        yield group


def _written(sink: io.BytesIO) -> Iterator[bytes]:
    """What pyarrow has written so far; it goes on behind it, for it keeps count of its position itself."""
    yield sink.getvalue()
    sink.seek(0)
    sink.truncate()


def _schema(arrow: Any, view: RecordView) -> Any:
    fields = _columns(arrow, view.layout.outermost())
    return arrow.schema([*fields, ("_errors", arrow.list_(arrow.string())), ("_raw", arrow.binary())])


def _columns(arrow: Any, fields: Iterable[Field]) -> list[Any]:
    """Named fields; a group of which all are unnamed is left out, for Parquet has no empty struct."""
    columns = []
    for field in fields:
        kind = _group_type(arrow, field) if field.is_group else _elementary_type(arrow, field)
        if field.key and kind is not None:
            columns.append(arrow.field(field.key, arrow.list_(kind) if field.item.occurs else kind))
    return columns


def _group_type(arrow: Any, group: Field) -> Any:
    inner = _columns(arrow, group.children())
    return arrow.struct(inner) if inner else None


def _elementary_type(arrow: Any, field: Field) -> Any:
    item, shape = field.item, field.item.picture
    if item.usage in (Usage.SHORT_FLOAT, Usage.LONG_FLOAT):
        return arrow.float64()
    if not is_number(item):
        return arrow.string()
    scale = shape.scale if shape else 0
    digits = max(capacity(item), scale) - min(scale, 0)
    if scale <= 0 and digits <= INT64_DIGITS:
        return arrow.int64()
    return arrow.decimal128(digits, max(scale, 0))
