"""Values to records: what `Decoder` gives, back to bytes.

What is not given, or None, becomes what VALUE says, else zeros in numbers and blanks elsewhere. Of alternatives the
first that is given counts. A table has as many occurrences as its counter says.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from ksds.codepage import CodePage
from ksds.copybook.elementary import Value, writer
from ksds.copybook.literals import initial
from ksds.copybook.placement import Area, Field, Layout
from ksds.errors import CopybookError


class Encoder:
    """Makes records of one layout."""

    def __init__(self, layout: Layout, page: CodePage) -> None:
        self._layout = layout
        self._page = page
        self._counters = {field.counter for field in layout.fields() if field.counter is not None}
        self._counts: dict[int, int] = {}
        self._writers = {field.number: writer(field.item, page) for field in layout.fields() if not field.is_group}

    def encode(self, values: Mapping[str, object]) -> bytes:
        """The record. Raises CopybookError for a name that is no field's, or a value that its field cannot hold."""
        self._counts.clear()
        records = self._layout.records
        if len(records) == 1 and not records[0].is_group:
            return self._one(records[0], values.get(records[0].key))
        if len(records) == 1:
            return self._group(records[0], values)
        given = [record for record in records if values.get(record.key) is not None]
        if not given or len(values) > len(given):
            names = ", ".join(record.key for record in records)
            raise CopybookError(f"A RECORD IS ONE OF {names[:200]}")
        return self._one(given[0], values[given[0].key])

    def _group(self, field: Field, values: Mapping[str, object]) -> bytes:
        unknown = values.keys() - {child.key for child in field.children() if child.key}
        if unknown:
            raise CopybookError(f"{min(unknown)[:60]!r} IS NOT A FIELD OF {field.key or 'THE RECORD'}")
        data = b"".join(self._area(area, values) for area in field.areas)
        return data if field.variable else data.ljust(field.length, b"\0")

    def _area(self, area: Area, values: Mapping[str, object]) -> bytes:
        given = [field for field in area.fields if values.get(field.key) is not None]
        field = given[0] if given else area.fields[0]
        value = values.get(field.key)
        data = self._table(field, value) if field.item.occurs else self._one(field, value)
        if len(area.fields) > 1:
            data += self._page.encode(" ") * (area.length - len(data))
        return bytes(area.slack) + data

    def _table(self, field: Field, value: object) -> bytes:
        assert field.item.occurs is not None
        found = value if value is not None else []
        if not isinstance(found, list):
            raise field.item.error("IS A TABLE, AND NOT GIVEN AS A LIST")
        least, most = field.item.occurs.least, field.item.occurs.most
        if field.counter is not None:
            count = self._counts.get(field.counter, 0)
            if len(found) not in (count, 0):
                raise field.item.error(f"HAS {len(found)} OCCURRENCES, {field.item.occurs.depending[0]} SAYS {count}")
        else:
            count = most
        if not max(least, len(found)) <= count <= most:
            raise field.item.error(f"CANNOT HAVE {max(count, len(found))} OCCURRENCES")
        return b"".join(self._one(field, one) for one in [*found, *[None] * (count - len(found))])

    def _one(self, field: Field, value: object) -> bytes:
        """One occurrence."""
        if field.is_group:
            if not isinstance(value, Mapping | None):
                raise field.item.error("IS A GROUP, AND NOT GIVEN AS AN OBJECT")
            return self._group(field, value or {})
        if isinstance(value, list | dict | bool):
            raise field.item.error("IS NEITHER A GROUP NOR A TABLE NOR A TRUTH VALUE")
        return self._bytes(field, value)

    def _bytes(self, field: Field, value: object) -> bytes:
        assert value is None or isinstance(value, Value)
        if value is None:
            value = initial(field, self._page)
        data = self._writers[field.number](value)
        if field.number in self._counters:
            self._counts[field.number] = int(Decimal(str(value)))
        return data
