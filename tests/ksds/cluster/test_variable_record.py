"""A variable-length RRDS: records of any length under numbers from 1, kept in order, in a KSDS nobody sees."""

from __future__ import annotations

import random

import pytest

from ksds.cluster.definition import ClusterDefinition
from ksds.cluster.variable_record import VariableRelativeRecord
from ksds.errors import (
    DuplicateKey,
    InvalidAccess,
    InvalidLength,
    InvalidRecordNumber,
    LoadModeViolation,
    OutOfSequence,
    RecordNotFound,
)
from ksds.layout.control_interval import parse
from ksds.storage.device import Folder, MemoryFolder

STEM = "V"


def definition(**changes: object) -> ClusterDefinition:
    """Records of 1 to 400 bytes in CIs of 512, four to a CA."""
    fields: dict[str, object] = {
        "name": "TEST.VRRDS", "organization": "NUMBERED", "key_length": 4, "average_record": 80,
        "maximum_record": 400, "ci_size": 512, "index_ci_size": 512, "cis_per_ca": 4, "primary": 2, "secondary": 1,
        "reuse": True,
    }  # fmt: skip
    return ClusterDefinition(**{**fields, **changes})  # type: ignore[arg-type]


def opened(folder: Folder, mode: str = "w", **changes: object) -> VariableRelativeRecord:
    shape = definition(**changes)
    if not folder.exists(f"{STEM}.data"):
        VariableRelativeRecord.create(folder, STEM, shape)
    return VariableRelativeRecord.open(folder, STEM, shape, mode=mode)


@pytest.fixture
def cluster() -> VariableRelativeRecord:
    return opened(MemoryFolder())


def test_a_record_is_stored_read_replaced_and_erased(cluster: VariableRelativeRecord) -> None:
    cluster.insert(7, b"seven")
    cluster.insert(3, b"three, and longer")
    assert (cluster.get(7), cluster.get(3), len(cluster)) == (b"seven", b"three, and longer", 2)
    cluster.update(7, b"another length")
    cluster.put(3, b"3")
    cluster.put(9, b"nine")
    assert list(cluster.browse()) == [(3, b"3"), (7, b"another length"), (9, b"nine")]
    assert list(cluster.browse(4)) == [(7, b"another length"), (9, b"nine")]
    assert cluster.erase(7) == b"another length"
    cluster.insert(7, b"the number is free again")
    assert cluster.verify() == []


def test_what_is_refused_has_the_code_of_a_relative_record_data_set(cluster: VariableRelativeRecord) -> None:
    cluster.insert(1, b"one")
    with pytest.raises(DuplicateKey, match=r"FEEDBACK 8 .*record 1 exists"):
        cluster.insert(1, b"again")
    for request in (cluster.get, cluster.erase):
        with pytest.raises(RecordNotFound, match="no record 2"):
            request(2)
    with pytest.raises(RecordNotFound, match="no record 2"):
        cluster.update(2, b"two")
    for number in (0, -1, 1 << 32):
        with pytest.raises(InvalidRecordNumber, match="FEEDBACK 192"):
            cluster.get(number)
    for record in (b"", bytes(401)):
        with pytest.raises(InvalidLength, match="FEEDBACK 108"):
            cluster.insert(2, record)
    assert list(cluster.browse()) == [(1, b"one")]


def test_an_input_handle_changes_nothing() -> None:
    folder = MemoryFolder()
    opened(folder).close()
    with opened(folder, "r") as cluster, pytest.raises(InvalidAccess):
        cluster.insert(1, b"one")


def test_a_control_interval_holds_numbers_before_records(cluster: VariableRelativeRecord) -> None:
    cluster.insert(258, b"abc")
    assert parse(cluster.read_ci("data", 0)) == [b"\x00\x00\x01\x02abc"]
    assert cluster.locate(258) == (0, 0)
    assert cluster.statistics.levels == 1, "there is an index"


def test_the_lowest_free_number_is_found_again_after_an_erase(cluster: VariableRelativeRecord) -> None:
    assert cluster.first_free() == 1
    for number in (1, 2, 3, 5):
        cluster.insert(number, b"x")
    assert cluster.first_free() == 4
    cluster.insert(4, b"x")
    assert cluster.first_free() == 6
    cluster.erase(2)
    assert cluster.first_free() == 2
    cluster.reset()
    assert cluster.first_free() == 1


def test_a_load_keeps_free_space_and_must_ascend() -> None:
    full, spacious = opened(MemoryFolder()), opened(MemoryFolder(), free_ci_percent=50)
    records = [(number, bytes(50)) for number in range(10, 50, 10)]
    for cluster in (full, spacious):
        assert cluster.load(records) == 4
        assert list(cluster.browse()) == records
        with pytest.raises(LoadModeViolation):
            cluster.load(records)
    assert len(parse(full.read_ci("data", 0))) == 4
    assert len(parse(spacious.read_ci("data", 0))) == 4, "54 x 4 and 10 bytes of control information fit in 256"
    assert len(parse(opened_with_load(free_ci_percent=60).read_ci("data", 0))) == 3
    with pytest.raises(OutOfSequence):
        opened(MemoryFolder()).load([(2, b"two"), (1, b"one")])


def opened_with_load(**changes: object) -> VariableRelativeRecord:
    cluster = opened(MemoryFolder(), **changes)
    cluster.load((number, bytes(50)) for number in range(1, 5))
    return cluster


def test_many_random_requests_are_those_of_a_dictionary_also_after_reopening() -> None:
    seed = 7
    print("seed", seed)
    dice, folder, model = random.Random(seed), MemoryFolder(), dict[int, bytes]()
    for _ in range(4):
        with opened(folder) as cluster:
            for _ in range(150):
                number, record = dice.randint(1, 60), dice.randbytes(dice.randint(1, 400))
                if number in model and dice.random() < 0.4:
                    assert cluster.erase(number) == model.pop(number)
                else:
                    cluster.put(number, record)
                    model[number] = record
            assert list(cluster.browse()) == sorted(model.items())
            assert cluster.verify() == []
            assert cluster.statistics.ca_splits
    with opened(folder, "r") as cluster:
        assert list(cluster.browse()) == sorted(model.items())


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"maximum_record": 502}, "RECORDSIZE 502 does not fit"),
        ({"key_length": 8}, "not those of record numbers"),
        ({"key_offset": 2}, "not those of record numbers"),
    ],
)
def test_a_definition_that_cannot_be(wrong: dict[str, object], why: str) -> None:
    definition(maximum_record=501)
    with pytest.raises(ValueError, match=why):
        definition(**wrong)
