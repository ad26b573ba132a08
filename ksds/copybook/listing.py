"""The layout of a copybook, field by field: for people as a table, for programs as objects."""

from __future__ import annotations

from collections.abc import Iterator

from ksds.copybook.items import Item, Usage
from ksds.copybook.placement import Field, Layout

HEADINGS = ("Level", "Name", "Picture", "Usage", "Offset", "Length", "Remarks")


def rows(layout: Layout) -> Iterator[tuple[str, ...]]:
    """The cells of a line for each field. An offset with + moves with the occurrences before it."""
    for record in layout.records:
        for field in record.walk():
            item = field.item
            depth = len(field.names) - 1
            yield (
                f"{item.level:02}",
                "  " * depth + (item.name or "FILLER"),
                item.picture.text if item.picture else "",
                str(item.usage or "") if not field.is_group else "",
                f"{field.offset}{'+' if field.shifted else ''}",
                f"{field.length * field.most}{'-' if field.variable or field.counter is not None else ''}",
                ", ".join(remarks(field)),
            )
            for condition in item.conditions:
                values = " ".join(low if low == high else f"{low} THRU {high}" for low, high in condition.values)
                yield "88", "  " * (depth + 1) + condition.name, "", "", "", "", f"VALUE {values}"
    for renaming in layout.renamings:
        yield "66", f"  {renaming.name}", "", "", str(renaming.offset), str(renaming.length), "RENAMES"


def remarks(field: Field) -> Iterator[str]:
    """The other clauses that matter for its bytes."""
    item = field.item
    if item.redefines:
        yield f"REDEFINES {item.redefines}"
    if item.occurs and item.occurs.depending:
        yield f"OCCURS {item.occurs.least} TO {item.occurs.most} DEPENDING ON {item.occurs.depending[0]}"
    elif item.occurs:
        yield f"OCCURS {item.occurs.most}"
    if not field.is_group:
        yield from _own_clauses(item)


def _own_clauses(item: Item) -> Iterator[str]:
    if sign := sign_of(item):
        yield f"SIGN {sign}"
    if item.synchronized and item.usage not in (Usage.DISPLAY, Usage.PACKED, Usage.NATIONAL, Usage.DBCS):
        yield "SYNC"
    if item.justified:
        yield "JUST"
    if item.blank_when_zero:
        yield "BLANK WHEN ZERO"


def sign_of(item: Item) -> str:
    """Where the sign of a zoned number is, if not over its last digit."""
    if item.picture is None or not item.picture.signed or item.usage not in (Usage.DISPLAY, Usage.NATIONAL):
        return ""
    where = "LEADING" if item.sign_leading else "TRAILING"
    return f"{where} SEPARATE" if item.sign_separate else where if item.sign_leading else ""


def objects(layout: Layout) -> Iterator[dict[str, object]]:
    """The members of these are a promise. `length` is that of one occurrence, at most; `path` is the name among the
    values, null for what has no value; `moves` says that the offset depends on occurrences before it."""
    first = 1 if len(layout.records) == 1 else 0
    for record in layout.records:
        for field in record.walk():
            item, occurs = field.item, field.item.occurs
            yield {
                "level": item.level,
                "name": item.name or None,
                "path": ".".join(field.names[first:] or field.names) if field.key else None,
                "picture": item.picture.text if item.picture else None,
                "usage": str(item.usage) if item.usage and not field.is_group else None,
                "offset": field.offset,
                "length": field.length,
                "moves": field.shifted,
                "occurs": occurs and {"least": occurs.least, "most": occurs.most, "depending": list(occurs.depending)},
                "redefines": item.redefines or None,
                "sign": sign_of(item) or None,
                "conditions": {one.name: [list(pair) for pair in one.values] for one in item.conditions},
            }
    for renaming in layout.renamings:
        empty = dict.fromkeys(("path", "picture", "usage", "occurs", "redefines", "sign"))
        place = {"offset": renaming.offset, "length": renaming.length, "moves": False}
        yield {"level": 66, "name": renaming.name, "conditions": {}, **place, **empty}
