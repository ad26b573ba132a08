"""Entries and their catalog records."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksds.catalog.entries import (
    AliasEntry,
    AlternateIndexEntry,
    ClusterEntry,
    GdgEntry,
    NonVsamEntry,
    PathEntry,
    Space,
    Status,
    UserCatalogEntry,
    from_record,
    to_record,
)
from ksds.cluster.alternate_index import AlternateIndexDefinition
from ksds.cluster.definition import ClusterDefinition
from ksds.datasets import DataSetAttributes
from ksds.errors import Damaged
from ksds.layout import catalog_record

ACCOUNTS = ClusterEntry(
    name="PROD.ACCTS",
    created=date(2026, 11, 23),
    expires=date(2028, 12, 31),
    owner="KSDS",
    stem="PROD.ACCTS.0123abcd",
    definition=ClusterDefinition(
        name="PROD.ACCTS",
        key_length=11,
        average_record=300,
        maximum_record=300,
        ci_size=18432,
        index_ci_size=512,
        cis_per_ca=45,
        space_unit="CYLINDER",
        ca_tracks=15,
        secondary=5,
        free_ci_percent=10,
        free_ca_percent=20,
        cross_region=2,
        reuse=True,
        data_name="PROD.ACCTS.DATA",
        index_name="PROD.ACCTS.INDEX",
    ),
)
UNLOAD = NonVsamEntry(
    name="PROD.UNLOAD",
    attributes=DataSetAttributes("VB", 304),
    file_name="PROD.UNLOAD.89abcdef",
    space=Space(unit="CYLINDER", primary=1, secondary=2),
)


LIBRARY = NonVsamEntry(
    name="PROD.LIB.G0001V00",
    attributes=DataSetAttributes("FB", 80, dsorg="PO", pdse=True),
    file_name="PROD.LIB.G0001V00.89abcdef",
    status=Status.DEFERRED,
    aliases=("PROD.A", "PROD.B"),
)
BY_NAME = AlternateIndexDefinition(
    store=replace(
        ACCOUNTS.definition,
        name="PROD.ACCTS.AIX",
        key_length=26,
        key_offset=5,
        spanned=True,
        maximum_record=32600,
        data_name="PROD.ACCTS.AIX.DATA",
        index_name="PROD.ACCTS.AIX.INDEX",
    ),
    key_offset=16,
    prime_key_length=11,
    upgrade=False,
)
OTHERS = [
    AlternateIndexEntry(
        name="PROD.ACCTS.AIX",
        definition=BY_NAME.store,
        stem=ACCOUNTS.stem,
        associations=("PROD.ACCTS.PATH", "PROD.ACCTS.PATH2"),
        base="PROD.ACCTS",
        member=3,
        alternate=BY_NAME,
    ),
    replace(ACCOUNTS, associations=("PROD.ACCTS.AIX",)),
    PathEntry(name="PROD.ACCTS.PATH", over="PROD.ACCTS.AIX"),
    PathEntry(name="PROD.ACCTS.PATH2", over="PROD.ACCTS", update=False),
    GdgEntry(name="PROD.LOG", limit=999, extended=True, fifo=True, altered=date(2026, 11, 23)),
    AliasEntry(name="PROD.A", related="PROD.UNLOAD"),
    UserCatalogEntry(name="UCAT.PROD", device="3390"),
]


@pytest.mark.parametrize("entry", [ACCOUNTS, UNLOAD, LIBRARY, *OTHERS], ids=lambda entry: entry.name)
def test_an_entry_comes_back_from_its_record(entry):
    assert from_record(to_record(entry)) == entry


@pytest.mark.parametrize(
    "change",
    [
        {"organization": "NONINDEXED", "key_length": 0, "index_name": ""},
        {"organization": "NUMBERED", "key_length": 0, "index_name": "", "index_ci_size": 0},
        {"spanned": True, "maximum_record": 32600},
        {"speed": True, "erase": True, "reuse": False, "space_unit": "TRACK"},
    ],
)
def test_every_kind_of_cluster_comes_back(change):
    entry = replace(ACCOUNTS, definition=replace(ACCOUNTS.definition, **change))
    assert from_record(to_record(entry)) == entry


def test_a_cluster_has_its_components():
    data, index = ACCOUNTS.components
    assert (data.name, data.type, data.letter, data.cluster) == ("PROD.ACCTS.DATA", "DATA", "D", ACCOUNTS)
    assert (index.name, index.type, index.letter, index.created) == ("PROD.ACCTS.INDEX", "INDEX", "I", ACCOUNTS.created)
    assert from_record(to_record(data)) == "PROD.ACCTS"


def test_a_cluster_record_begins_with_its_name():
    record = to_record(ACCOUNTS)
    assert record[:44].decode("cp037") == "PROD.ACCTS".ljust(44)
    assert catalog_record.key("PROD.ACCTS") == record[:44]


def test_what_changes_in_an_alternate_index_changes_in_its_store():
    index = OTHERS[0]
    renamed = replace(index, definition=replace(index.definition, name="PROD.AIX"))
    assert renamed.alternate.name == "PROD.AIX"


@given(st.dates(min_value=date(1, 1, 1)))
def test_dates_come_back(day):
    entry = replace(UNLOAD, created=day)
    assert from_record(to_record(entry)) == entry


def test_a_longest_name_fits():
    name = "A2345678." * 4 + "A2345678"
    entry = replace(UNLOAD, name=name[:44], file_name=f"{name[:44]}.01234567")
    assert from_record(to_record(entry)) == entry


@pytest.mark.fuzz
@pytest.mark.parametrize("entry", [ACCOUNTS, UNLOAD, ACCOUNTS.components[0], LIBRARY, *OTHERS])
@given(st.data())
def test_a_record_with_any_byte_changed_is_an_entry_or_damaged(entry, data):
    record = bytearray(to_record(entry))
    record[data.draw(st.integers(0, len(record) - 1))] ^= data.draw(st.integers(1, 255))
    record = record[: data.draw(st.integers(0, len(record)) | st.just(len(record)))]
    try:
        from_record(bytes(record))
    except Damaged as error:
        assert "\n" not in str(error)
