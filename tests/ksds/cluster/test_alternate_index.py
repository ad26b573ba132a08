"""Alternate indexes by themselves: what can be defined, pointers put in and taken out, building from a base."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ksds.cluster.alternate_index import AlternateIndex, AlternateIndexDefinition
from ksds.cluster.key_sequenced import KeySequenced
from ksds.errors import Damaged, DuplicateKey, LoadModeViolation, RecordNotFound, TooManyPointers
from ksds.layout import aix_record
from ksds.storage.device import MemoryFolder
from tests.ksds.cluster.test_upgrade import BY_NAME, NARROW, STORE, UNIQUE, entries, keyed, pointers


def index(definition: AlternateIndexDefinition = BY_NAME) -> AlternateIndex:
    folder = MemoryFolder()
    KeySequenced.create(folder, "X", definition.store)
    return AlternateIndex(definition, KeySequenced.open(folder, "X", definition.store, mode="w"))


def test_a_definition_must_hold_its_records() -> None:
    with pytest.raises(ValueError, match="is at 5, not 0"):
        AlternateIndexDefinition(store=replace(STORE, key_offset=0), key_offset=2, prime_key_length=2)
    with pytest.raises(ValueError, match="does not hold one pointer"):
        AlternateIndexDefinition(store=replace(STORE, maximum_record=8), key_offset=2, prime_key_length=2)


def test_how_many_pointers_a_record_can_take() -> None:
    assert NARROW.most_pointers == 3
    assert UNIQUE.most_pointers == 1
    by_rba = replace(BY_NAME, prime_key_length=0)
    assert by_rba.pointer_length == 4 and by_rba.most_pointers == (100 - 7) // 4
    wide = replace(STORE, maximum_record=200_000, spanned=True, cis_per_ca=400, index_ci_size=8192)
    widest = replace(BY_NAME, store=wide)
    assert widest.most_pointers == 32767


def test_pointers_come_and_go_with_their_record() -> None:
    found = index()
    assert [found.add(b"AA", b"01"), found.add(b"AA", b"02"), found.add(b"AA", b"01")] == [1, 2, 0]
    assert found.get(b"AA").pointers == (b"01", b"02")
    found.remove(b"AA", b"09")
    found.remove(b"BB", b"01")
    found.remove(b"AA", b"01")
    assert found.get(b"AA").pointers == (b"02",)
    found.remove(b"AA", b"02")
    with pytest.raises(RecordNotFound):
        found.get(b"AA")
    assert len(found.store) == 0 and not found.is_empty


def test_what_an_index_refuses() -> None:
    unique, narrow = index(UNIQUE), index(NARROW)
    unique.add(b"AA", b"01")
    assert unique.add(b"AA", b"01") == 0
    with pytest.raises(DuplicateKey):
        unique.add(b"AA", b"02")
    for number in range(3):
        narrow.add(b"AA", b"%02d" % number)
    with pytest.raises(TooManyPointers):
        narrow.add(b"AA", b"09")
    assert narrow.get(b"AA").pointers == (b"00", b"01", b"02")


def test_a_record_that_is_no_alternate_index_record_is_damage() -> None:
    found = index()
    found.store.insert(b"\x01\x02\x00\x05\x02AA01")
    for request in (lambda: found.get(b"AA"), lambda: found.add(b"AA", b"01"), lambda: found.remove(b"AA", b"01")):
        with pytest.raises(Damaged):
            request()


def test_building_sorts_keys_and_keeps_the_order_of_arrival() -> None:
    _, base = keyed()
    for number, name in ((5, b"CC"), (3, b"AA"), (9, b"AA"), (1, b"CC"), (7, b"BB"), (4, b"")):
        base.insert(b"%02d" % number + name)
    found = index()
    report = found.build(base)
    assert pointers(found) == {b"AA": [b"03", b"09"], b"BB": [b"07"], b"CC": [b"01", b"05"]}
    assert (report.missing, report.duplicates, report.excess) == ([b"04"], [], [])
    with pytest.raises(LoadModeViolation):
        found.build(base)


def test_building_over_entries_points_by_rba() -> None:
    base = entries()
    rbas = [base.append(b"..%s" % name) for name in (b"BB", b"AA", b"BB")]
    found = index(replace(BY_NAME, prime_key_length=0))
    found.build(base)
    assert pointers(found) == {b"AA": [rbas[1].to_bytes(4)], b"BB": [rbas[0].to_bytes(4), rbas[2].to_bytes(4)]}
    assert [record.prime_keys for record in found.browse(reverse=True)] == [False, False]


def test_what_building_leaves_out_is_reported() -> None:
    _, base = keyed()
    for number in range(5):
        base.insert(b"%02dAAxx" % number)
    unique, narrow = index(UNIQUE), index(NARROW)
    assert unique.build(base).duplicates == [(b"xx", b"%02d" % number) for number in range(1, 5)]
    assert narrow.build(base).excess == [(b"AA", 2)]
    assert [len(record) for record in narrow.store.browse()] == [aix_record.record_length(2, 2, 3)]
