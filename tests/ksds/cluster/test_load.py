"""Initial load: FREESPACE kept, order enforced, all or nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ksds.cluster.definition import ClusterDefinition
from ksds.cluster.key_sequenced import KeySequenced
from ksds.errors import DuplicateKey, InvalidLength, LoadModeViolation, NoSpace, OutOfSequence, VsamError
from ksds.layout.control_interval import parse
from ksds.storage.device import MemoryFolder
from tests.crashes.subjects import STEM, record, tiny


def open_new(definition: ClusterDefinition) -> KeySequenced:
    folder = MemoryFolder()
    KeySequenced.create(folder, STEM, definition)
    return KeySequenced.open(folder, STEM, definition, mode="w")


def counts(cluster: KeySequenced) -> list[int]:
    """Records of each data CI, by number."""
    count = cluster.statistics.high_used_rba // cluster.definition.ci_size
    return [len(parse(cluster.read_ci("data", number))) for number in range(count)]


def page_sized(free_ci_percent: int, free_ca_percent: int, cis_per_ca: int = 10) -> ClusterDefinition:
    return tiny(
        ci_size=4096, index_ci_size=1024, free_ci_percent=free_ci_percent, free_ca_percent=free_ca_percent,
        cis_per_ca=cis_per_ca,
    )  # fmt: skip


class TestFreespace:
    def test_golden_06_ten_percent_of_4096_leaves_18_records_of_200(self) -> None:
        with open_new(page_sized(10, 0)) as cluster:
            cluster.load(record(number, 200) for number in range(100))
            assert counts(cluster) == [18, 18, 18, 18, 18, 10, 0, 0, 0, 0]

    def test_without_freespace_a_ci_is_filled(self) -> None:
        with open_new(page_sized(0, 0)) as cluster:
            cluster.load(record(number, 200) for number in range(25))
            assert counts(cluster)[:2] == [20, 5]

    def test_a_share_of_each_control_area_stays_free(self) -> None:
        """25 percent of 10 CIs, fraction dropped: 2 stay free in every CA."""
        with open_new(page_sized(0, 25)) as cluster:
            cluster.load(record(number, 400) for number in range(100))
            assert counts(cluster) == [10, 10, 10, 10, 10, 10, 10, 10, 0, 0] + [10, 10] + [0] * 8
            assert cluster.statistics.free_space_bytes >= 10 * 4096
            assert not cluster.verify()

    def test_100_100_is_one_record_a_ci_and_one_ci_a_ca(self) -> None:
        with open_new(page_sized(100, 100, cis_per_ca=3)) as cluster:
            cluster.load(record(number) for number in range(4))
            assert counts(cluster) == [1, 0, 0] * 4
            assert not cluster.verify()

    def test_what_is_free_takes_later_inserts_without_a_split(self) -> None:
        with open_new(page_sized(20, 0)) as cluster:
            cluster.load(record(number, 200) for number in range(0, 160, 10))
            cluster.insert(record(5, 200))
            assert (cluster.statistics.ci_splits, counts(cluster)[0]) == (0, 17)


class TestLoading:
    @pytest.mark.parametrize("count", [0, 1, 4, 5, 16, 17, 1000])
    def test_any_number_of_records(self, count: int) -> None:
        with open_new(tiny()) as cluster:
            assert cluster.load(record(number, 90 + number % 17) for number in range(count)) == count
            assert len(cluster) == count == len(list(cluster.browse()))
            assert not cluster.verify()
            cluster.insert(record(9999))
            assert cluster.get(b"9999") == record(9999)

    def test_one_extent_at_a_time(self) -> None:
        with open_new(tiny(free_ci_percent=0, free_ca_percent=0)) as cluster:
            cluster.load(record(number) for number in range(100))
            statistics = cluster.statistics
            assert (statistics.high_used_rba, statistics.extents) == (5 * 4 * 512, 4), "primary 2 CAs, then 1 each"
            assert (statistics.records, statistics.levels, statistics.ca_splits) == (100, 2, 0)

    def test_only_into_an_empty_data_set(self) -> None:
        with open_new(tiny()) as cluster:
            cluster.insert(record(5))
            with pytest.raises(LoadModeViolation) as caught:
                cluster.load([record(6)])
            assert caught.value.feedback == 116
            assert len(cluster) == 1

    def test_what_is_loaded_survives_closing(self) -> None:
        folder, definition = MemoryFolder(), tiny()
        KeySequenced.create(folder, STEM, definition)
        with KeySequenced.open(folder, STEM, definition, mode="w") as cluster:
            cluster.load(record(number) for number in range(300))
        with KeySequenced.open(folder, STEM, definition) as cluster:
            assert list(cluster.browse()) == [record(number) for number in range(300)]
            assert not cluster.verify()


def interrupted() -> Iterator[bytes]:
    for number in range(200):
        yield record(number)
    raise KeyboardInterrupt


class TestAllOrNothing:
    @pytest.mark.parametrize(
        "last, error, feedback",
        [
            (record(299), DuplicateKey, 8),
            (record(150), OutOfSequence, 12),
            (record(300, 401), InvalidLength, 108),
            (b"R:03", InvalidLength, 108),
        ],
    )
    def test_a_wrong_record_at_the_end_leaves_nothing(self, last: bytes, error: type[VsamError], feedback: int) -> None:
        with open_new(tiny()) as cluster:
            with pytest.raises(error) as caught:
                cluster.load([*(record(number) for number in range(300)), last])
            assert caught.value.feedback == feedback
            self.is_empty_and_works(cluster)

    def test_a_full_data_set_leaves_nothing(self) -> None:
        with open_new(tiny(secondary=0)) as cluster:
            with pytest.raises(NoSpace):
                cluster.load(record(number) for number in range(300))
            self.is_empty_and_works(cluster)

    def test_an_interruption_leaves_nothing(self) -> None:
        with open_new(tiny()) as cluster:
            with pytest.raises(KeyboardInterrupt):
                cluster.load(interrupted())
            self.is_empty_and_works(cluster)

    @staticmethod
    def is_empty_and_works(cluster: KeySequenced) -> None:
        assert len(cluster) == cluster.statistics.high_used_rba == cluster.statistics.index_records == 0
        assert list(cluster.browse()) == []
        assert cluster.load([record(1), record(2)]) == 2
        assert list(cluster.browse()) == [record(1), record(2)]
        assert not cluster.verify()
