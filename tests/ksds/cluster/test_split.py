"""Where records go when a control interval or control area is full, told by the CIs they end up in."""

from __future__ import annotations

import random

import pytest

from ksds.cluster.definition import ClusterDefinition
from ksds.cluster.key_sequenced import KeySequenced
from ksds.layout.control_interval import parse
from ksds.storage.device import MemoryFolder
from tests.crashes.subjects import STEM, key_of, record, tiny

FULL = tiny(free_ci_percent=0, free_ca_percent=0)


def loaded(numbers: range, definition: ClusterDefinition = FULL, length: int = 100) -> KeySequenced:
    """An open cluster that was loaded with these keys; a CI takes five records of 100 bytes."""
    folder = MemoryFolder()
    KeySequenced.create(folder, STEM, definition)
    cluster = KeySequenced.open(folder, STEM, definition, mode="w")
    cluster.load(record(number, length) for number in numbers)
    return cluster


def layout(cluster: KeySequenced) -> list[list[int]]:
    """The keys of each data CI in the order of their numbers; empty ones too."""
    count = cluster.statistics.high_used_rba // cluster.definition.ci_size
    return [[int(key_of(data)) for data in parse(cluster.read_ci("data", n))] for n in range(count)]


def sound(cluster: KeySequenced) -> None:
    assert not cluster.verify()
    cluster.close()


class TestGolden:
    def test_golden_17_sequential_insert_splits_at_the_insertion_point(self) -> None:
        """The new record stays in the old CI, all higher ones move (Using Data Sets, inserting records)."""
        cluster = loaded(range(10, 90, 10))
        assert layout(cluster) == [[10, 20, 30, 40, 50], [60, 70, 80], [], []]
        cluster.insert(record(25), sequential=True)
        assert layout(cluster) == [[10, 20, 25], [60, 70, 80], [30, 40, 50], []]
        assert cluster.statistics.ci_splits == 1
        sound(cluster)

    def test_golden_17_sequential_insert_after_the_last_record_takes_a_new_ci(self) -> None:
        cluster = loaded(range(10, 90, 10))
        cluster.insert(record(55), sequential=True)
        assert layout(cluster) == [[10, 20, 30, 40, 50], [60, 70, 80], [55], []]
        assert cluster.statistics.ci_splits == 0, "no true split"
        sound(cluster)

    def test_golden_18_an_emptied_ci_is_free_unless_it_is_the_highest_of_its_ca(self) -> None:
        cluster = loaded(range(10, 160, 10))
        assert layout(cluster) == [[10, 20, 30, 40, 50], [60, 70, 80, 90, 100], [110, 120, 130, 140, 150], []]
        free = cluster.statistics.free_space_bytes
        for number in (110, 120, 130, 140, 150):
            cluster.erase(b"%04d" % number)
        assert cluster.statistics.free_space_bytes == free, "the high-key CI stays"
        for number in (60, 70, 80, 90, 100):
            cluster.erase(b"%04d" % number)
        assert cluster.statistics.free_space_bytes == free + 512
        cluster.insert(record(75))
        assert layout(cluster) == [[10, 20, 30, 40, 50], [], [75], []], "its keys fall to the next higher CI"
        sound(cluster)


class TestControlIntervals:
    def test_direct_insert_cuts_in_half(self) -> None:
        cluster = loaded(range(10, 90, 10))
        cluster.insert(record(25))
        assert layout(cluster) == [[10, 20, 25], [60, 70, 80], [30, 40, 50], []]
        cluster = loaded(range(10, 90, 10))
        cluster.insert(record(45))
        assert layout(cluster) == [[10, 20, 30], [60, 70, 80], [40, 45, 50], []]
        sound(cluster)

    def test_half_is_measured_in_bytes(self) -> None:
        cluster = loaded(range(0))
        cluster.insert(record(10, 250))
        for number in (20, 30, 40, 50):
            cluster.insert(record(number, 55))
        cluster.insert(record(35, 60))
        assert layout(cluster) == [[10], [20, 30, 35, 40, 50], [], []]
        sound(cluster)

    def test_above_the_highest_key_the_last_ci_stays_as_it_is(self) -> None:
        cluster = loaded(range(10, 60, 10))
        cluster.insert(record(60))
        assert layout(cluster) == [[10, 20, 30, 40, 50], [60], [], []]
        assert cluster.statistics.ci_splits == 0
        sound(cluster)

    def test_a_growing_record_splits_its_ci(self) -> None:
        cluster = loaded(range(10, 60, 10))
        cluster.update(record(30, 290))
        assert layout(cluster) == [[10, 20], [30, 40, 50], [], []]
        assert cluster.get(b"0030") == record(30, 290)
        sound(cluster)

    @pytest.mark.parametrize("sequential", [False, True])
    def test_a_record_between_two_that_leave_it_no_room(self, sequential: bool) -> None:
        """No single cut leaves two parts that fit: three CIs come of one."""
        cluster = loaded(range(0))
        cluster.insert(record(10, 240))
        cluster.insert(record(30, 240))
        cluster.insert(record(20, 400), sequential=sequential)
        assert sorted(filter(None, layout(cluster))) == [[10], [20], [30]]
        sound(cluster)

    def test_the_largest_record_fills_a_ci_alone(self) -> None:
        definition = tiny(maximum_record=505)
        cluster = loaded(range(0), definition)
        for number in (5, 1, 9, 3, 7):
            cluster.insert(record(number, 505))
        assert [int(key_of(data)) for data in cluster.browse()] == [1, 3, 5, 7, 9]
        sound(cluster)


class TestControlAreas:
    def test_a_full_ca_gives_half_its_cis_away(self) -> None:
        cluster = loaded(range(10, 210, 10))
        assert [len(numbers) for numbers in layout(cluster)] == [5, 5, 5, 5]
        cluster.insert(record(25))
        after = layout(cluster)
        assert after == [[10, 20, 25], [60, 70, 80, 90, 100], [30, 40, 50], [], [110, 120, 130, 140, 150],
                         [160, 170, 180, 190, 200], [], []]  # fmt: skip
        statistics = cluster.statistics
        assert (statistics.ci_splits, statistics.ca_splits, statistics.levels) == (1, 1, 2)
        assert statistics.high_used_rba == 8 * 512
        sound(cluster)

    def test_beyond_the_highest_key_a_new_ca_is_begun(self) -> None:
        cluster = loaded(range(10, 210, 10))
        cluster.insert(record(210))
        assert layout(cluster)[:5] == [*layout(cluster)[:4], [210]]
        assert [len(numbers) for numbers in layout(cluster)] == [5, 5, 5, 5, 1, 0, 0, 0]
        assert (cluster.statistics.ci_splits, cluster.statistics.ca_splits) == (0, 0)
        sound(cluster)

    def test_a_small_index_record_limits_a_large_ca(self) -> None:
        """Long keys without a common front fill a 512-byte sequence-set record before the CA is full."""
        definition = tiny(key_length=100, key_offset=0, cis_per_ca=60, maximum_record=200)
        cluster = loaded(range(0), definition)
        rng = random.Random(4)
        for _ in range(200):
            cluster.insert(rng.randbytes(200))
        assert cluster.statistics.ca_splits == 3
        assert cluster.statistics.free_space_bytes > 60 * 512
        sound(cluster)

    @pytest.mark.parametrize("sequential", [False, True])
    def test_an_index_record_too_small_for_its_ca_is_counted(self, sequential: bool) -> None:
        """R15 = 0, reason 16: pairs of keys alike to the last character leave few entries room, CIs are wasted."""
        cluster = loaded(range(0), tiny(key_length=100, key_offset=0, cis_per_ca=60, secondary=20))
        rng = random.Random(7)
        keys = sorted(front + end for front in (rng.randbytes(99) for _ in range(20)) for end in (b"1", b"2"))
        for key in keys:
            cluster.insert(key + b"." * 300, sequential=sequential)
        assert cluster.index_full >= 4
        assert cluster.statistics.free_space_bytes > 4 * 40 * 512
        assert [data[:100] for data in cluster.browse()] == keys
        sound(cluster)

    @pytest.mark.parametrize("way", ["load", "direct", "sequential", "erase"])
    @pytest.mark.parametrize("seed", (12, 25, 38))
    def test_a_full_index_record_has_room_for_its_cap(self, seed: int, way: str) -> None:
        """Whatever fills a sequence-set record: its highest boundary may become a whole key, sections may shift."""
        rng = random.Random(seed)
        length = rng.choice((20, 50, 100, 150))
        cluster = loaded(range(0), tiny(key_length=length, key_offset=0, cis_per_ca=60, secondary=100))
        keys = sorted({(b"A" * rng.randrange(length - 2) + rng.randbytes(length))[:length] for _ in range(150)})
        if way == "load":
            cluster.load(key + b"." * 200 for key in keys)
        else:
            for key in keys if way == "sequential" else rng.sample(keys, len(keys)):
                cluster.insert(key + b"." * 200, sequential=way == "sequential")
        for key in rng.sample(keys, 130) if way == "erase" else []:
            cluster.erase(key)
        cluster.commit()
        sound(cluster)

    def test_three_index_levels(self) -> None:
        cluster = loaded(range(0), tiny(cis_per_ca=1, secondary=100, key_length=60, key_offset=0))
        rng = random.Random(1)
        keys = {rng.randbytes(60) for _ in range(400)}
        for key in keys:
            cluster.insert(key + b"." * 300)
        assert cluster.statistics.levels >= 3
        assert [data[:60] for data in cluster.browse()] == sorted(keys)
        sound(cluster)

    @pytest.mark.parametrize("seed", range(3))
    def test_any_order_of_keys_ends_in_key_order(self, seed: int) -> None:
        numbers = list(range(300))
        random.Random(seed).shuffle(numbers)
        cluster = loaded(range(0))
        for number in numbers:
            cluster.insert(record(number, 10 + number % 380), sequential=bool(number % 2))
        assert [int(key_of(data)) for data in cluster.browse()] == list(range(300))
        sound(cluster)

    def test_freed_cis_are_used_again(self) -> None:
        cluster = loaded(range(0, 1000, 10))
        used = cluster.statistics.high_used_rba
        for number in range(0, 1000, 10):
            cluster.erase(b"%04d" % number)
        for number in range(1, 1000, 10):
            cluster.insert(record(number))
        assert cluster.statistics.high_used_rba <= used + 4 * 4 * 512
        sound(cluster)
