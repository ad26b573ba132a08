"""The documents say what the code does.

A byte table in `docs/` follows a line ``Layout: `package.module.NAME` `` naming the construct it describes. Its columns
begin `offset | size | field`. The rows must name the fields of that construct in their order, with offsets and sizes as
it computes them; a field whose size depends on the data has a word there instead of a number, and so has every
offset after it.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from construct import BitStruct, Construct, SizeofError, Struct

import ksds.layout

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted((ROOT / "docs").rglob("*.md"))
LAYOUT_MODULES = [
    *(f"ksds.layout.{module.name}" for module in pkgutil.iter_modules(ksds.layout.__path__)),
    "dtf.copying.checkpoint",
    "dtf.protocol.frames",
    "dtf.record_layouts",
    "dtf.library_unload",
]


@dataclass(frozen=True, slots=True)
class ByteTable:
    """One documented layout: its construct's dotted name and (offset, size, field) as written."""

    page: str
    layout: str
    rows: list[tuple[str, str, str]]


def byte_tables() -> list[ByteTable]:
    found = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for match in re.finditer(r"^Layout: `([\w.]+)`\n\n((?:\|.*\n)+)", text, re.MULTILINE):
            lines = match[2].splitlines()
            assert cells(lines[0])[:3] == ["offset", "size", "field"], f"{page.name}: table of {match[1]}"
            rows = [cells(line) for line in lines[2:]]
            found.append(ByteTable(page.name, match[1], [(row[0], row[1], row[2].strip("`")) for row in rows]))
    return found


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def named(dotted: str) -> Construct:
    """`package.module.NAME`, or `package.module.NAME.field` for the layout that repeats in a field."""
    match = re.fullmatch(r"([a-z_.]+)\.([A-Z_]+)((?:\.\w+)*)", dotted)
    assert match, f"{dotted} is not module.NAME or module.NAME.field"
    found = getattr(importlib.import_module(match[1]), match[2])
    for field in match[3].split(".")[1:]:
        found = next(member for member in found.subcons if member.name == field)
        while not hasattr(found, "subcons"):
            found = found.subcon
    assert isinstance(found, Construct)
    return found


def layout_rows(layout: Construct) -> list[tuple[int | None, int | None, str]]:
    """(offset, size, field) as construct computes them; None where they depend on the data."""
    rows: list[tuple[int | None, int | None, str]] = []
    offset: int | None = 0
    for member in layout.subcons:
        if not member.name:
            continue
        try:
            size: int | None = member.sizeof()
        except (SizeofError, KeyError, AttributeError):
            size = None
        rows.append((offset, size, member.name))
        offset = None if offset is None or size is None else offset + size
    return rows


def is_layout(value: object) -> bool:
    return isinstance(value, Struct) and not isinstance(value, type(BitStruct()))


@pytest.mark.parametrize("table", byte_tables(), ids=lambda table: table.layout)
def test_a_byte_table_agrees_with_its_construct(table: ByteTable) -> None:
    computed = layout_rows(named(table.layout))
    assert [field for _, _, field in table.rows] == [field for _, _, field in computed], table.page
    for (offset, size, field), (real_offset, real_size, _) in zip(table.rows, computed, strict=True):
        for written, real, what in ((offset, real_offset, "offset"), (size, real_size, "size")):
            number = int(written) if written.isdecimal() else None
            assert number == real, f"{table.page}: {table.layout}.{field} has {what} {real}, not {written}"


def test_every_layout_has_its_byte_table() -> None:
    documented = {table.layout for table in byte_tables()}
    declared = {
        f"{module}.{name}"
        for module in LAYOUT_MODULES
        for name, value in vars(importlib.import_module(module)).items()
        if not name.startswith("_") and is_layout(value)
    }
    assert declared - documented == set()


def test_links_between_documents_lead_somewhere() -> None:
    broken = []
    for page in [ROOT / "README.md", ROOT / "CHANGELOG.md", *PAGES]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            if not (page.parent / target).exists():
                broken.append(f"{page.name} -> {target}")
    assert broken == []


def test_names_of_modules_in_the_documents_exist() -> None:
    """Backquoted paths such as `ksds/cluster/split.py` are files of the project."""
    missing = []
    for page in [ROOT / "README.md", *PAGES]:
        text = page.read_text(encoding="utf-8")
        for path in re.findall(r"`((?:ksds|dtf|tests|docs|jcl_samples)/[\w./-]*)`", text):
            if not (ROOT / path).exists():
                missing.append(f"{page.name} names {path}")
    assert missing == []
