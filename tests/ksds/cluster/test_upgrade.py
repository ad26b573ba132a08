"""The upgrade set: base and alternate indexes change together or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ksds.cluster.alternate_index import AlternateIndex, AlternateIndexDefinition
from ksds.cluster.definition import ClusterDefinition
from ksds.cluster.entry_sequenced import EntrySequenced
from ksds.cluster.key_sequenced import KeySequenced
from ksds.cluster.sphere import Sphere
from ksds.cluster.upgrade import UpgradedEntrySequenced, UpgradedKeySequenced, UpgradeSet, join_base
from ksds.errors import (
    Damaged,
    DuplicateKey,
    InvalidLength,
    LengthChange,
    LoadModeViolation,
    NoSpace,
    PhysicalError,
    RecordNotFound,
    TooManyPointers,
)
from ksds.storage.device import MemoryFolder
from tests.crashes.recording_device import files_of, memory_folder

BASE = ClusterDefinition(
    name="T.BASE", key_length=2, key_offset=0, average_record=20, maximum_record=200, ci_size=512, index_ci_size=512,
    cis_per_ca=4, primary=4, secondary=4,
)  # fmt: skip
ENTRIES = replace(BASE, name="T.ESDS", organization="NONINDEXED", key_length=0, index_ci_size=0)
STORE = replace(BASE, name="T.AIX", key_length=2, key_offset=5, maximum_record=100)
BY_NAME = AlternateIndexDefinition(store=STORE, key_offset=2, prime_key_length=2)
UNIQUE = AlternateIndexDefinition(store=replace(STORE, name="T.UNIQUE"), key_offset=4, prime_key_length=2, unique=True)
NARROW = AlternateIndexDefinition(
    store=replace(STORE, name="T.NARROW", maximum_record=13), key_offset=2, prime_key_length=2
)
OF_ENTRIES = AlternateIndexDefinition(store=STORE, key_offset=2, prime_key_length=0)


def keyed(*indexes: AlternateIndexDefinition) -> tuple[MemoryFolder, UpgradedKeySequenced]:
    """An empty KSDS whose upgrade set are these indexes, as if they had been built when it had records."""
    folder = MemoryFolder()
    KeySequenced.create(folder, "T", BASE)
    for index in indexes:
        Sphere.add_member(folder, "T", KeySequenced.ci_sizes(index.store))
    return folder, opened(folder, *indexes)


def opened(folder: MemoryFolder, *indexes: AlternateIndexDefinition) -> UpgradedKeySequenced:
    sphere = Sphere.open(folder, "T", writable=True)
    cluster = UpgradedKeySequenced.join(sphere, 0, BASE)
    cluster.upgrades = UpgradeSet(list(joined(sphere, indexes)))
    return cluster


def joined(sphere: Sphere, indexes: tuple[AlternateIndexDefinition, ...]) -> Iterator[AlternateIndex]:
    for member, index in enumerate(indexes, 1):
        yield AlternateIndex(index, KeySequenced.join(sphere, member, index.store))


def entries() -> UpgradedEntrySequenced:
    folder = MemoryFolder()
    EntrySequenced.create(folder, "T", ENTRIES)
    Sphere.add_member(folder, "T", KeySequenced.ci_sizes(STORE))
    sphere = Sphere.open(folder, "T", writable=True)
    cluster = UpgradedEntrySequenced.join(sphere, 0, ENTRIES)
    cluster.upgrades = UpgradeSet(list(joined(sphere, (OF_ENTRIES,))))
    return cluster


def pointers(index: AlternateIndex) -> dict[bytes, list[bytes]]:
    return {record.key: list(record.pointers) for record in index.browse()}


def test_every_request_on_the_base_changes_the_index() -> None:
    _, cluster = keyed(BY_NAME)
    (index,) = cluster.upgrades.indexes

    cluster.insert(b"01AA")
    cluster.insert(b"03AA")
    cluster.insert(b"02AA")
    assert pointers(index) == {b"AA": [b"01", b"03", b"02"]}
    cluster.update(b"03BB and more")
    assert pointers(index) == {b"AA": [b"01", b"02"], b"BB": [b"03"]}
    cluster.erase(b"02")
    cluster.update(b"01BB")
    assert pointers(index) == {b"BB": [b"03", b"01"]}
    cluster.update(b"01BB, same key")
    assert pointers(index) == {b"BB": [b"03", b"01"]}
    assert cluster.verify() == []


def test_a_second_record_of_a_key_is_announced() -> None:
    """R15 = 0, reason 8."""
    _, cluster = keyed(BY_NAME)
    announced = []
    for record in (b"01AA", b"02AA", b"03BB"):
        cluster.insert(record)
        announced.append(cluster.upgrades.duplicate)
    assert announced == [False, True, False]


def test_an_index_was_never_empty_when_its_base_is_loaded() -> None:
    _, cluster = keyed(BY_NAME)
    with pytest.raises(LoadModeViolation):
        cluster.load([b"01AA"])


def test_a_record_without_the_alternate_key_has_no_pointer() -> None:
    _, cluster = keyed(BY_NAME)
    (index,) = cluster.upgrades.indexes
    cluster.insert(b"01A")
    assert pointers(index) == {}
    cluster.update(b"01AA")
    assert pointers(index) == {b"AA": [b"01"]}
    cluster.update(b"01")
    assert pointers(index) == {}
    assert cluster.verify() == []


def test_a_unique_key_that_exists_undoes_the_request() -> None:
    """The nonunique index, which comes first, has already taken the pointer when the unique one refuses."""
    _, cluster = keyed(BY_NAME, UNIQUE)
    by_name, unique = cluster.upgrades.indexes
    cluster.insert(b"01AAxx")
    cluster.insert(b"03CCzz")
    for request, record in ((cluster.insert, b"02AAxx"), (cluster.update, b"03BBxx")):
        with pytest.raises(DuplicateKey) as error:
            request(record)
        assert (error.value.component_code, error.value.data_set) == (4, "T.UNIQUE")
    assert list(cluster.browse()) == [b"01AAxx", b"03CCzz"]
    assert pointers(by_name) == {b"AA": [b"01"], b"CC": [b"03"]}
    assert pointers(unique) == {b"xx": [b"01"], b"zz": [b"03"]}
    assert cluster.verify() == []


def test_a_duplicate_prime_key_is_the_base_clusters_to_refuse() -> None:
    _, cluster = keyed(BY_NAME, UNIQUE)
    cluster.insert(b"01AAxx")
    with pytest.raises(DuplicateKey) as error:
        cluster.insert(b"01AAxx")
    assert (error.value.component_code, error.value.data_set) == (0, "T.BASE")
    with pytest.raises(RecordNotFound):
        cluster.update(b"09AAxx")
    with pytest.raises(InvalidLength):
        cluster.insert(b"02" + bytes(300))
    assert cluster.verify() == []


def test_an_index_record_takes_no_more_pointers_than_fit() -> None:
    """148: RECORDSIZE 13 holds 5 + 2 + three prime keys of 2."""
    _, cluster = keyed(NARROW)
    for number in range(3):
        cluster.insert(b"%02dAA" % number)
    with pytest.raises(TooManyPointers) as error:
        cluster.insert(b"09AA")
    assert (error.value.feedback, error.value.component_code) == (148, 4)
    cluster.insert(b"09BB")
    with pytest.raises(TooManyPointers):
        cluster.update(b"09AA")
    assert list(cluster.browse()) == [b"00AA", b"01AA", b"02AA", b"09BB"]
    assert cluster.verify() == []


def test_no_space_in_an_index_undoes_the_request() -> None:
    small = replace(BY_NAME, store=replace(STORE, primary=1, secondary=0, cis_per_ca=1))
    _, cluster = keyed(small)
    refused = 0
    for number in range(90):
        try:
            cluster.insert(b"%02d%02d" % (number, number))
        except NoSpace as error:
            refused += 1
            assert (error.component_code, error.data_set) == (4, "T.AIX")
    assert refused and len(cluster) == 90 - refused
    assert cluster.verify() == []


def test_no_space_in_the_base_undoes_the_indexes() -> None:
    folder = MemoryFolder()
    base = replace(BASE, primary=1, secondary=0, cis_per_ca=1)
    KeySequenced.create(folder, "T", base)
    Sphere.add_member(folder, "T", KeySequenced.ci_sizes(STORE))
    sphere = Sphere.open(folder, "T", writable=True)
    cluster = UpgradedKeySequenced.join(sphere, 0, base)
    cluster.upgrades = UpgradeSet(list(joined(sphere, (BY_NAME,))))
    with pytest.raises(NoSpace) as error:
        for number in range(90):
            cluster.insert(b"%02dAA" % number + bytes(100))
    assert error.value.component_code == 0
    assert cluster.verify() == []
    with pytest.raises(NoSpace):
        cluster.update(b"00BB" + bytes(190))
    assert cluster.verify() == []


def test_a_pointer_that_was_left_behind_is_healed_by_inserting_the_record_again() -> None:
    _, cluster = keyed(BY_NAME, UNIQUE)
    for index, key in zip(cluster.upgrades.indexes, (b"AA", b"xx"), strict=True):
        index.add(key, b"01")
    assert len(cluster.verify()) == 1 + 1
    cluster.insert(b"01AAxx")
    assert cluster.verify() == []


def test_an_index_that_cannot_be_cleaned_ends_the_handle(monkeypatch: pytest.MonkeyPatch) -> None:
    """After the base has changed nothing may be refused: what was not committed is given up as a whole."""
    folder, cluster = keyed(BY_NAME)
    cluster.insert(b"01AA")
    cluster.commit()

    def damaged(index: AlternateIndex, key: bytes, pointer: bytes) -> None:
        raise Damaged("unreadable", feedback=4)

    with monkeypatch.context() as patch:
        patch.setattr(AlternateIndex, "remove", damaged)
        with pytest.raises(Damaged) as error:
            cluster.erase(b"01")
    assert error.value.component_code == 4
    with pytest.raises(PhysicalError):
        cluster.get(b"01")
    with pytest.raises(PhysicalError):
        cluster.commit()
    cluster.close()
    with opened(folder, BY_NAME) as again:
        assert list(again.browse()) == [b"01AA"]
        assert again.verify() == []


def test_damage_in_an_index_is_met_while_nothing_is_changed() -> None:
    _, cluster = keyed(BY_NAME)
    cluster.insert(b"01AA")
    (index,) = cluster.upgrades.indexes
    index.store.update(b"\x01\x02\x00\x07\x02AA01")
    for request in (lambda: cluster.erase(b"01"), lambda: cluster.update(b"01BB"), lambda: cluster.insert(b"02AA")):
        with pytest.raises(Damaged) as error:
            request()
        assert error.value.component_code == 4
    assert list(cluster.browse()) == [b"01AA"]
    assert len(list(index.store.browse())) == 1


def test_anything_else_in_the_middle_ends_the_handle(monkeypatch: pytest.MonkeyPatch) -> None:
    folder, cluster = keyed(BY_NAME)
    cluster.insert(b"01AA")
    cluster.commit()

    def interrupted(*arguments: object, **options: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(KeySequenced, "insert", interrupted)
        with pytest.raises(KeyboardInterrupt):
            cluster.insert(b"02AA")
    with pytest.raises(PhysicalError):
        cluster.commit()
    cluster.close()
    with opened(folder, BY_NAME) as again:
        assert list(again.browse()) == [b"01AA"] and again.verify() == []


def test_upgrading_counts_no_retrieval() -> None:
    _, cluster = keyed(BY_NAME)
    cluster.insert(b"01AA")
    cluster.update(b"01BB")
    cluster.erase(b"01")
    assert cluster.statistics.retrieved == 0


def test_an_entry_sequenced_base_points_by_rba() -> None:
    cluster = entries()
    (index,) = cluster.upgrades.indexes
    first, second = cluster.append(b"..AA" + bytes(96)), cluster.append(b"..AA" + bytes(180))
    third = cluster.append(b"..BB" + bytes(180))
    fourth = cluster.append(b"..BB" + bytes(180))
    assert third // 512 == 0 and fourth == 512
    assert pointers(index) == {
        b"AA": [first.to_bytes(4), second.to_bytes(4)],
        b"BB": [third.to_bytes(4), fourth.to_bytes(4)],
    }
    cluster.update(second, b"..BB" + bytes(180))
    assert pointers(index)[b"BB"][-1] == second.to_bytes(4)
    with pytest.raises(LengthChange):
        cluster.update(first, b"..CC")
    with pytest.raises(InvalidLength):
        cluster.append(bytes(300))
    assert cluster.verify() == []


def test_many_pointers_make_a_spanned_record_and_the_base_may_span_too() -> None:
    """500 pointers of 2 bytes take three intervals of 512, and so do records of the base."""
    wide = replace(STORE, name="T.WIDE", maximum_record=1400, spanned=True)
    index = replace(BY_NAME, store=wide)
    base = replace(BASE, maximum_record=1400, spanned=True)
    folder = MemoryFolder()
    KeySequenced.create(folder, "T", base)
    Sphere.add_member(folder, "T", KeySequenced.ci_sizes(wide))
    sphere = Sphere.open(folder, "T", writable=True)
    cluster = join_base(sphere, base)
    assert isinstance(cluster, UpgradedKeySequenced)
    cluster.upgrades = UpgradeSet([AlternateIndex.join(sphere, 1, index)])
    for number in range(500):
        cluster.insert(number.to_bytes(2) + b"AA" + bytes(1300 if number % 50 == 0 else 20))
    (by_name,) = cluster.upgrades.indexes
    assert len(by_name.get(b"AA").pointers) == 500
    cluster.update((50).to_bytes(2) + b"BB" + bytes(1000))
    cluster.erase((100).to_bytes(2))
    assert len(by_name.get(b"AA").pointers) == 498
    assert cluster.verify() == []
    cluster.close()


def test_spanned_entries_are_pointed_to_where_they_begin() -> None:
    base = replace(ENTRIES, maximum_record=1400, spanned=True)
    folder = MemoryFolder()
    EntrySequenced.create(folder, "T", base)
    Sphere.add_member(folder, "T", KeySequenced.ci_sizes(STORE))
    sphere = Sphere.open(folder, "T", writable=True)
    cluster = join_base(sphere, base)
    assert isinstance(cluster, UpgradedEntrySequenced)
    cluster.upgrades = UpgradeSet(list(joined(sphere, (OF_ENTRIES,))))
    rbas = [cluster.append(b"..%02d" % at + bytes(length)) for at, length in enumerate((20, 1200, 20, 900, 1300, 30))]
    assert [pointers(index) for index in cluster.upgrades.indexes] == [
        {b"%02d" % at: [rba.to_bytes(4)] for at, rba in enumerate(rbas)}
    ]
    assert cluster.verify() == []


ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(("insert", "update", "erase", "commit", "reopen")),
        st.integers(0, 30),
        st.sampled_from((b"AA", b"BB", b"CC", b"")),
        st.integers(0, 30),
        st.integers(0, 150),
    ),
    max_size=60,
)


@given(ACTIONS)
@settings(max_examples=60, deadline=None)
def test_whatever_is_refused_base_and_indexes_stay_of_one_mind(actions: list[tuple[str, int, bytes, int, int]]) -> None:
    """Against a dictionary: a request that anything refuses leaves everything as it was."""
    folder, cluster = keyed(NARROW, UNIQUE)
    model: dict[bytes, bytes] = {}
    for what, number, name, unique, length in actions:
        key = b"%02d" % number
        record = key + name + (b"%02d" % unique + bytes(length) if name else b"")
        before = dict(model)
        try:
            if what == "insert":
                model = {**model, key: record}
                cluster.insert(record)
            elif what == "update":
                model = {**model, key: record}
                cluster.update(record)
            elif what == "erase":
                model.pop(key, None)
                cluster.erase(key)
            elif what == "commit":
                cluster.commit()
            else:
                cluster.close()
                cluster = opened(folder, NARROW, UNIQUE)
        except (DuplicateKey, RecordNotFound, TooManyPointers):
            model = before
        assert list(cluster.browse()) == [model[key] for key in sorted(model)]
        assert cluster.verify() == []


def test_an_upgrade_set_of_255_indexes_survives_a_crash() -> None:
    """As many as there may be (Using Data Sets, "Alternate Indexes"). Each commit carries the state of all of them."""
    names = [replace(STORE, name=f"T.AIX{number}") for number in range(1, 256)]
    indexes = [AlternateIndexDefinition(store=store, key_offset=2, prime_key_length=2) for store in names]
    folder, cluster = keyed(*indexes)
    cluster.insert(b"01SMITH")
    cluster.commit()
    cluster.insert(b"02JONES")
    cluster.commit()
    crashed = memory_folder(files_of(folder))
    cluster.insert(b"03SMITH")
    cluster.close()
    for left, expected in ((crashed, [b"01"]), (folder, [b"01", b"03"])):
        with opened(left, *indexes) as cluster:
            assert cluster.verify() == []
            last = cluster.upgrades.indexes[-1]
            assert last.store.data.number == 510 and list(last.get(b"SM").pointers) == expected
