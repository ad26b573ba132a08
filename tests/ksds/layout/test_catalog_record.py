"""Catalog records: the hot path reads what the declared layouts say, of sound records and of any other."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksds.catalog.entries import (
    AliasEntry,
    AlternateIndexEntry,
    ClusterEntry,
    Entry,
    GdgEntry,
    NonVsamEntry,
    PathEntry,
    Space,
    UserCatalogEntry,
    to_record,
)
from ksds.cluster.alternate_index import AlternateIndexDefinition
from ksds.cluster.definition import ClusterDefinition
from ksds.datasets import DataSetAttributes
from ksds.errors import Damaged
from ksds.layout.catalog_record import KEY_LENGTH, PARTS, parse, parse_declared

DEFINITION = ClusterDefinition(
    name="A.K", key_length=4, average_record=50, maximum_record=200, ci_size=512, index_ci_size=512, cis_per_ca=49,
    spanned=True, data_name="A.K.DATA", index_name="A.K.INDEX",
)  # fmt: skip
CLUSTER = ClusterEntry(
    name="A.K",
    definition=DEFINITION,
    stem="A.K.01234567",
    owner="ME",
    associations=("A.X", "A.P"),
    created=date(2026, 1, 2),
)
STORE = replace(DEFINITION, key_offset=5)
ALTERNATE = AlternateIndexDefinition(store=STORE, key_offset=9, prime_key_length=4)
ENTRIES: list[Entry] = [
    CLUSTER,
    *CLUSTER.components,
    AlternateIndexEntry(
        name="A.X", definition=STORE, stem="A.K.01234567", base="A.K", member=1, alternate=ALTERNATE
    ),
    PathEntry(name="A.P", over="A.X"),
    NonVsamEntry(
        name="A.B", attributes=DataSetAttributes("FB", 80), file_name="A.B.01234567", aliases=("A.Y", "A.Z"),
        space=Space(unit="TRACK", primary=3),
    ),
    NonVsamEntry(name="A.LIB", attributes=DataSetAttributes("VB", 84, dsorg="PO", pdse=True), file_name="A.LIB.1"),
    GdgEntry(name="A.G", limit=7, altered=date(2026, 3, 4)),
    AliasEntry(name="A.Y", related="A.B"),
    UserCatalogEntry(name="U.C", volume="V1"),
]  # fmt: skip
RECORDS = list(map(to_record, ENTRIES))


def plain(fields: Any) -> Any:
    """Without what construct keeps for itself, and without reserved bytes."""
    if isinstance(fields, dict):
        return {name: plain(value) for name, value in fields.items() if name not in ("_io", "reserved")}
    return list(fields) if isinstance(fields, list) else fields


def read(how: Any, record: bytes) -> Any:
    try:
        return [plain(fields) for fields in how(record)]
    except Damaged as error:
        return str(error)


def test_every_type_of_entry_is_among_the_records() -> None:
    assert {record[KEY_LENGTH : KEY_LENGTH + 1].decode("cp037") for record in RECORDS} == set(PARTS)


@pytest.mark.parametrize("record", RECORDS, ids=[f"{entry.type} {entry.name}" for entry in ENTRIES])
def test_a_record_is_read_as_it_is_declared(record: bytes) -> None:
    assert read(parse, record) == read(parse_declared, record)
    for size in range(len(record)):
        assert read(parse, record[:size]) == read(parse_declared, record[:size])


@given(st.sampled_from(RECORDS), st.data())
def test_any_other_bytes_are_read_or_refused_alike(record: bytes, data: st.DataObject) -> None:
    changed = bytearray(record)
    for _ in range(data.draw(st.integers(1, 3))):
        changed[data.draw(st.integers(KEY_LENGTH, len(changed) - 1))] = data.draw(st.integers(0, 255))
    changed += data.draw(st.sampled_from((b"", b"\x40" * KEY_LENGTH, b"\x40" * (KEY_LENGTH - 1))))
    assert read(parse, bytes(changed)) == read(parse_declared, bytes(changed))
