"""A linear data set is bytes: control intervals without control information, or a window on any of them."""

from __future__ import annotations

import random

import pytest

from ksds.cluster.definition import ClusterDefinition
from ksds.cluster.linear import Linear
from ksds.errors import Damaged, InvalidAccess, InvalidLength, InvalidRba, NoSpace
from ksds.storage.device import Folder, MemoryFolder

SIZE = 4096
STEM = "L"


def definition(**changes: object) -> ClusterDefinition:
    fields: dict[str, object] = {
        "name": "TEST.LINEAR", "organization": "LINEAR", "average_record": 0, "maximum_record": 0, "ci_size": SIZE,
        "cis_per_ca": 12, "primary": 1, "secondary": 1,
    }  # fmt: skip
    return ClusterDefinition(**{**fields, **changes})  # type: ignore[arg-type]


def opened(folder: Folder, mode: str = "w", **changes: object) -> Linear:
    shape = definition(**changes)
    if not folder.exists(f"{STEM}.data"):
        Linear.create(folder, STEM, shape)
    return Linear.open(folder, STEM, shape, mode=mode)


def test_control_intervals_by_rba() -> None:
    folder = MemoryFolder()
    with opened(folder) as data_set:
        assert [data_set.append(bytes([letter]) * SIZE) for letter in b"abc"] == [0, 4096, 8192]
        data_set.update(4096, b"B" * SIZE)
        assert data_set.get(4096) == b"B" * SIZE
        assert [rba for rba, _ in data_set.browse(4096)] == [4096, 8192]
        assert data_set.verify() == []
    assert content(folder).rstrip(b"\0") == b"a" * SIZE + b"B" * SIZE + b"c" * SIZE, "the file is the data and no more"


def content(folder: MemoryFolder) -> bytes:
    device = folder.open(f"{STEM}.data")
    return device.read(0, device.size())


def test_a_window_reads_and_writes_across_intervals() -> None:
    with opened(MemoryFolder()) as data_set:
        assert data_set.read(0, 100) == b""
        data_set.write(SIZE - 3, b"across")
        assert data_set.size == 2 * SIZE
        assert data_set.read(SIZE - 4, 8) == b"\0across\0"
        assert data_set.read(2 * SIZE - 2, 10) == b"\0\0", "no further than the end"
        assert data_set.read(2 * SIZE, 10) == b""


def test_random_writes_are_those_of_a_byte_array_also_after_reopening() -> None:
    seed = 11
    print("seed", seed)
    dice, folder, model = random.Random(seed), MemoryFolder(), bytearray()
    for _ in range(5):
        with opened(folder) as data_set:
            for _ in range(20):
                offset, data = dice.randint(0, 60_000), dice.randbytes(dice.randint(0, 9000))
                data_set.write(offset, data)
                grown = -(-(offset + len(data)) // SIZE) * SIZE if data else len(model)
                model.extend(bytes(max(0, grown - len(model))))
                model[offset : offset + len(data)] = data
                at, length = dice.randint(0, 70_000), dice.randint(0, 10_000)
                assert data_set.read(at, length) == model[at : at + length]
        with opened(folder, "r") as data_set:
            assert data_set.read(0, 1 << 20) == model
            assert data_set.verify() == []


def test_what_is_refused() -> None:
    folder = MemoryFolder()
    with opened(folder, secondary=0) as data_set:
        data_set.append(bytes(SIZE))
        for rba in (1, SIZE, -SIZE):
            with pytest.raises(InvalidRba, match="FEEDBACK 32"):
                data_set.get(rba)
        for data in (b"", bytes(SIZE - 1), bytes(SIZE + 1)):
            with pytest.raises(InvalidLength, match="FEEDBACK 108"):
                data_set.append(data)
            with pytest.raises(InvalidLength, match="FEEDBACK 108"):
                data_set.update(0, data)
        for request in (lambda: data_set.read(-1, 5), lambda: data_set.write(-1, b"x")):
            with pytest.raises(InvalidRba, match="FEEDBACK 32"):
                request()
        with pytest.raises(NoSpace):
            data_set.write(13 * SIZE, b"the primary space holds twelve")
    with opened(folder, "r", secondary=0) as data_set, pytest.raises(InvalidAccess):
        data_set.append(bytes(SIZE))


def test_a_damaged_interval_is_reported_and_its_neighbours_stay_readable() -> None:
    folder = MemoryFolder()
    with opened(folder) as data_set:
        for letter in b"abc":
            data_set.append(bytes([letter]) * SIZE)
    folder.open(f"{STEM}.data").write(SIZE + 5, b"?")
    with opened(folder, "r") as data_set:
        assert [str(finding) for finding in data_set.verify()] == [
            "data CI 1: the control interval does not match its checksum"
        ]
        assert (data_set.get(0)[:1], data_set.get(2 * SIZE)[:1]) == (b"a", b"c")
        with pytest.raises(Damaged, match="FEEDBACK 4"):
            data_set.get(SIZE)


def test_the_control_interval_size_is_a_multiple_of_4096() -> None:
    with pytest.raises(ValueError, match="multiple of 4096"):
        definition(ci_size=2048)
