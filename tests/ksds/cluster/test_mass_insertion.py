"""Mass insertion keeps FREESPACE; told by the control intervals the records end up in: CISIZE 512, four CIs a CA."""

from __future__ import annotations

import random

import pytest

from ksds.cluster.definition import ClusterDefinition
from ksds.cluster.key_sequenced import KeySequenced
from ksds.layout.control_interval import parse
from ksds.storage.device import MemoryFolder
from tests.crashes.subjects import STEM, key_of, record, tiny

SHARED = tiny(free_ci_percent=39, free_ca_percent=50)
"""Three records of 100 bytes to a CI, two CIs to a CA."""


def opened(definition: ClusterDefinition = SHARED) -> KeySequenced:
    folder = MemoryFolder()
    KeySequenced.create(folder, STEM, definition)
    return KeySequenced.open(folder, STEM, definition, mode="w")


def layout(cluster: KeySequenced) -> list[list[int]]:
    count = cluster.statistics.high_used_rba // 512
    return [[int(key_of(data)) for data in parse(cluster.read_ci("data", n))] for n in range(count)]


def put(cluster: KeySequenced, *numbers: int) -> None:
    for number in numbers:
        cluster.insert(record(number), sequential=True)


def test_records_put_in_order_lie_as_a_load_lays_them() -> None:
    records = [record(number) for number in range(40)]
    with opened() as loaded, opened() as filled:
        loaded.load(records)
        put(filled, *range(40))
        assert layout(filled) == layout(loaded)
        assert layout(filled)[:8] == [[0, 1, 2], [3, 4, 5], [], [], [6, 7, 8], [9, 10, 11], [], []]
        assert (filled.statistics.ci_splits, filled.statistics.ca_splits) == (0, 0)
        assert not filled.verify()


def test_direct_insertion_uses_the_free_space() -> None:
    with opened() as cluster:
        for number in range(5):
            cluster.insert(record(number))
        assert layout(cluster) == [[0, 1, 2, 3, 4], [], [], []]


def test_it_begins_with_the_second_record() -> None:
    """One record at the end of a CI takes free space; the one after it goes by the share."""
    with opened() as cluster:
        cluster.load(record(number) for number in range(0, 60, 10))
        put(cluster, 21, 22, 23)
        assert layout(cluster) == [[0, 10, 20, 21], [30, 40, 50], [22, 23], []]
        assert cluster.statistics.ci_splits == 0
        assert not cluster.verify()


def test_between_records_of_a_ci_the_space_is_for_taking() -> None:
    """Only what extends the high end of a CI keeps free space."""
    with opened() as cluster:
        cluster.load(record(number) for number in range(0, 60, 10))
        put(cluster, 11, 12)
        assert layout(cluster) == [[0, 10, 11, 12, 20], [30, 40, 50], [], []]


def test_another_insertion_between_two_ends_it() -> None:
    with opened() as cluster:
        put(cluster, 1, 2)
        cluster.insert(record(4))
        put(cluster, 3)
        assert layout(cluster) == [[1, 2, 3, 4], [], [], []]


@pytest.mark.parametrize("seed", range(5))
def test_any_runs_of_records(seed: int) -> None:
    rng = random.Random(seed)
    spans = rng.random() < 0.5
    shape = {"maximum_record": 1200, "spanned": True} if spans else {}
    definition = tiny(free_ci_percent=rng.choice((0, 30, 100)), free_ca_percent=rng.choice((0, 50, 100)), **shape)
    numbers = set[int]()
    with opened(definition) as cluster:
        for _ in range(60):
            start = rng.randrange(5000)
            for number in range(start, start + rng.randrange(1, 12)):
                if number not in numbers:
                    numbers.add(number)
                    cluster.insert(record(number, rng.choice((30, 100, 300))), sequential=rng.random() < 0.8)
        assert [int(key_of(data)) for data in cluster.browse()] == sorted(numbers)
        assert not cluster.verify()
