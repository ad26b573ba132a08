"""Paths: base records by an alternate key, and what may be written through one."""

from __future__ import annotations

import pytest

from ksds.cluster.path import Path
from ksds.errors import (
    DuplicateKey,
    InvalidErase,
    InvalidKeyLength,
    KeyChange,
    NoBaseRecord,
    NotReadForUpdate,
    OpenError,
    RecordNotFound,
)
from tests.ksds.cluster.test_upgrade import BY_NAME, UNIQUE, entries, keyed, pointers

PEOPLE = (b"01BB", b"02AA", b"03BB", b"04CC", b"05BB")


@pytest.fixture
def by_name() -> Path:
    """Records whose alternate key is bytes 2 and 3."""
    _, base = keyed(BY_NAME, UNIQUE)
    for person in PEOPLE:
        base.insert(person + person[:2])
    return Path("T.PATH", base, base.upgrades.indexes[0])


@pytest.fixture
def over_entries() -> Path:
    """The same over an entry-sequenced base; record n is at RBA 6 n."""
    base = entries()
    for person in PEOPLE:
        base.append(person + person[:2])
    return Path("T.PATH", base, base.upgrades.indexes[0])


@pytest.fixture(params=["by_name", "over_entries"])
def path(request: pytest.FixtureRequest) -> Path:
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Path)
    return found


def test_the_first_record_of_a_key_and_whether_more_follow(path: Path) -> None:
    assert [(path.get(key), path.more) for key in (b"BB", b"AA")] == [(b"01BB01", True), (b"02AA02", False)]
    with pytest.raises(RecordNotFound) as missing:
        path.get(b"XX")
    assert missing.value.component_code == 2
    with pytest.raises(InvalidKeyLength):
        path.get(b"B")


def test_records_come_in_order_of_alternate_keys_then_of_arrival(path: Path) -> None:
    forward = [b"02AA02", b"01BB01", b"03BB03", b"05BB05", b"04CC04"]
    assert list(path.browse()) == forward
    assert list(path.browse(b"B", b"B")) == forward[1:4]
    assert list(path.browse(prefix=b"C")) == forward[4:]
    assert list(path.browse(b"BX")) == forward[4:]


def test_backward_the_records_of_one_key_still_come_in_order_of_arrival(path: Path) -> None:
    assert list(path.browse(reverse=True)) == [b"04CC04", b"01BB01", b"03BB03", b"05BB05", b"02AA02"]


def test_the_records_of_one_key_one_by_one(path: Path) -> None:
    assert [path.at(pointer) for pointer in path.pointers(b"BB")] == [b"01BB01", b"03BB03", b"05BB05"]
    for pointer, record in path.pointed():
        number, rba = path.locate(pointer)
        assert (number, path.at(pointer)) == (0, record)
        assert path.read_ci("data", number)[rba : rba + 6] == record


def test_a_pointer_without_its_record(by_name: Path) -> None:
    """144, with RPLCMPON 2."""
    by_name.index.add(b"ZZ", b"77")
    with pytest.raises(NoBaseRecord) as error:
        by_name.get(b"ZZ")
    assert (error.value.feedback, error.value.component_code) == (144, 2)
    assert len(by_name.verify()) == 1


def test_an_update_through_a_path_changes_the_base_and_its_other_indexes(by_name: Path) -> None:
    by_name.update(b"03BBnew and longer")
    assert by_name.at(b"03") == b"03BBnew and longer"
    unique = by_name.base.upgrades.indexes[1]
    assert b"ne" in pointers(unique) and b"03" not in pointers(unique)
    assert by_name.verify() == by_name.base.verify() == []


def test_an_update_may_change_neither_prime_key_nor_the_paths_key(by_name: Path) -> None:
    with pytest.raises(KeyChange) as error:
        by_name.update(b"03XX03")
    assert error.value.feedback == 96
    with pytest.raises(KeyChange):
        by_name.update(b"03BB03", pointer=b"01")
    with pytest.raises(RecordNotFound):
        by_name.update(b"99BB03")
    assert list(by_name.base.browse()) == [person + person[:2] for person in PEOPLE]


def test_an_update_over_entries_needs_to_know_which_record(over_entries: Path) -> None:
    over_entries.update(b"..AA..")
    assert over_entries.get(b"AA") == b"..AA.."
    with pytest.raises(NotReadForUpdate) as error:
        over_entries.update(b"..BB..")
    assert error.value.feedback == 92
    over_entries.update(b"..BB..", pointer=over_entries.pointers(b"BB")[1])
    assert list(over_entries.browse(b"BB", b"BB")) == [b"01BB01", b"..BB..", b"05BB05"]
    with pytest.raises(KeyChange):
        over_entries.update(b"..DD..", pointer=over_entries.pointers(b"BB")[1])
    assert over_entries.verify() == []


def test_records_are_inserted_and_erased_through_a_path(by_name: Path) -> None:
    by_name.insert(b"00BB00")
    assert by_name.pointers(b"BB")[-1] == b"00"
    assert by_name.erase(b"BB") == b"01BB01"
    assert [by_name.erase(b"BB") for _ in range(3)] == [b"03BB03", b"05BB05", b"00BB00"]
    with pytest.raises(RecordNotFound):
        by_name.erase(b"BB")
    assert list(by_name.base.browse()) == [b"02AA02", b"04CC04"]
    with pytest.raises(DuplicateKey):
        by_name.insert(b"09AA02")
    assert by_name.verify() == by_name.base.verify() == []


def test_records_of_an_entry_sequenced_base_are_added_and_never_erased(over_entries: Path) -> None:
    over_entries.insert(b"06AA06")
    assert list(over_entries.browse(b"AA", b"AA")) == [b"02AA02", b"06AA06"]
    with pytest.raises(InvalidErase) as error:
        over_entries.erase(b"AA")
    assert error.value.feedback == 80


def test_a_path_looks_like_its_base_seen_by_the_alternate_key(path: Path) -> None:
    assert (path.definition.name, path.definition.key_length, path.definition.key_offset) == ("T.PATH", 2, 2)
    assert len(path) == path.statistics.records == 5
    with pytest.raises(OpenError) as error:
        path.reset()
    assert error.value.feedback == 232


def test_commit_and_close_are_those_of_the_sphere(by_name: Path) -> None:
    with by_name as path:
        path.insert(b"00AA00")
        path.commit()
    with pytest.raises(Exception, match="closed"):
        by_name.get(b"AA")
