"""Requests on a key-sequenced cluster as a program issues them, and the codes when they cannot be honoured."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ksds.cluster import index, member
from ksds.cluster.definition import ClusterDefinition
from ksds.cluster.key_sequenced import KeySequenced
from ksds.errors import (
    DuplicateKey,
    EndOfData,
    InvalidAccess,
    InvalidKeyLength,
    InvalidLength,
    KeyChange,
    NoSpace,
    OpenError,
    OutOfSequence,
    RecordNotFound,
    VsamError,
)
from ksds.storage.device import MemoryFolder
from tests.crashes.subjects import STEM, record, tiny


def open_new(definition: ClusterDefinition, folder: MemoryFolder | None = None) -> KeySequenced:
    folder = folder or MemoryFolder()
    KeySequenced.create(folder, STEM, definition)
    return KeySequenced.open(folder, STEM, definition, mode="w")


@pytest.fixture
def cluster() -> Iterator[KeySequenced]:
    with open_new(tiny()) as cluster:
        yield cluster


def refused(error: type[VsamError], cluster: KeySequenced, request: object) -> VsamError:
    """The error of a request that must leave data set and statistics as they were."""
    before, records = cluster.statistics, list(cluster.browse())
    with pytest.raises(error) as caught:
        request()  # type: ignore[operator]
    assert list(cluster.browse()) == records
    after = cluster.statistics
    for figure in ("records", "inserted", "deleted", "updated", "ci_splits", "ca_splits", "high_used_rba"):
        assert getattr(after, figure) == getattr(before, figure), figure
    assert not cluster.verify()
    return caught.value


class TestRequests:
    def test_a_record_comes_back_as_it_went_in(self, cluster: KeySequenced) -> None:
        cluster.insert(record(7))
        assert cluster.get(b"0007") == record(7)
        assert len(cluster) == 1

    def test_update_changes_content_and_length(self, cluster: KeySequenced) -> None:
        cluster.insert(record(7, 30))
        for length in (31, 400, 6):
            cluster.update(record(7, length))
            assert cluster.get(b"0007") == record(7, length)
        assert (len(cluster), cluster.statistics.updated) == (1, 3)

    def test_erase_gives_the_record_back(self, cluster: KeySequenced) -> None:
        cluster.insert(record(7))
        assert cluster.erase(b"0007") == record(7)
        assert len(cluster) == 0
        cluster.insert(record(7, 50))
        assert cluster.get(b"0007") == record(7, 50)

    def test_locate_says_where_a_record_stands(self, cluster: KeySequenced) -> None:
        cluster.load(record(number) for number in range(20))
        number, rba = cluster.locate(b"0013")
        image = cluster.read_ci("data", number)
        assert image[rba % 512 : rba % 512 + 100] == record(13)

    def test_keys_are_bytes_not_text(self) -> None:
        definition = tiny(key_length=1, key_offset=0)
        with open_new(definition) as cluster:
            for value in range(255, -1, -1):
                cluster.insert(bytes([value]) + b"x" * 30)
            assert [data[0] for data in cluster.browse()] == list(range(256))
            assert not cluster.verify()

    def test_what_is_closed_answers_nothing(self, cluster: KeySequenced) -> None:
        cluster.insert(record(7))
        cluster.close()
        cluster.close()
        for request in (
            lambda: cluster.get(b"0007"),
            lambda: list(cluster.browse()),
            lambda: cluster.insert(record(8)),
            lambda: cluster.erase(b"0007"),
            cluster.commit,
            cluster.reset,
        ):
            with pytest.raises(InvalidAccess):
                request()


class TestCodes:
    def test_golden_19_feedback_codes(self) -> None:
        codes = {
            error.feedback for error in (EndOfData, DuplicateKey, OutOfSequence, RecordNotFound, NoSpace, KeyChange)
        }
        assert codes == {4, 8, 12, 16, 28, 96}

    def test_duplicate_is_8(self, cluster: KeySequenced) -> None:
        cluster.insert(record(7))
        assert refused(DuplicateKey, cluster, lambda: cluster.insert(record(7, 50))).feedback == 8

    def test_not_found_is_16(self, cluster: KeySequenced) -> None:
        for _ in range(2):  # without and with records
            for request in (
                lambda: cluster.get(b"0008"),
                lambda: cluster.erase(b"0008"),
                lambda: cluster.update(record(8)),
                lambda: cluster.locate(b"0008"),
            ):
                assert refused(RecordNotFound, cluster, request).feedback == 16
            if not len(cluster):
                cluster.insert(record(7))

    def test_wrong_key_length_is_112(self, cluster: KeySequenced) -> None:
        cluster.insert(record(7))
        for key in (b"", b"007", b"00007", b"0007" * 70):
            for request in (lambda: cluster.get(key), lambda: cluster.erase(key), lambda: cluster.locate(key)):  # noqa: B023
                assert refused(InvalidKeyLength, cluster, request).feedback == 112

    def test_wrong_record_length_is_108(self, cluster: KeySequenced) -> None:
        cluster.insert(record(7))
        for data in (b"", b"R:000", record(8, 401), record(7, 512)):
            assert refused(InvalidLength, cluster, lambda: cluster.insert(data)).feedback == 108  # noqa: B023
            assert refused(InvalidLength, cluster, lambda: cluster.update(data)).feedback == 108  # noqa: B023

    def test_input_only_is_68(self) -> None:
        folder = MemoryFolder()
        with open_new(tiny(), folder) as cluster:
            cluster.insert(record(7))
        with KeySequenced.open(folder, STEM, tiny()) as cluster:
            assert cluster.get(b"0007") == record(7)
            for request in (
                lambda: cluster.insert(record(8)),
                lambda: cluster.update(record(7, 50)),
                lambda: cluster.erase(b"0007"),
                lambda: cluster.load([]),
                cluster.commit,
                cluster.reset,
            ):
                assert refused(InvalidAccess, cluster, request).feedback == 68

    def test_no_secondary_space_is_28_and_nothing_changes(self) -> None:
        with open_new(tiny(primary=2, secondary=0)) as cluster:
            numbers = iter(range(0, 9000, 7))
            for number in numbers:
                try:
                    cluster.insert(record(number, 200))
                except NoSpace:
                    break
            error = refused(NoSpace, cluster, lambda: cluster.insert(record(number, 200)))
            assert (error.return_code, error.feedback) == (8, 28)
            assert cluster.statistics.high_used_rba == cluster.statistics.high_allocated_rba == 2 * 4 * 512
            cluster.erase(b"0000")
            cluster.insert(record(1, 200))
            assert not cluster.verify()

    def test_space_grows_by_secondary_up_to_123_extents(self) -> None:
        definition = tiny(cis_per_ca=1, primary=1, secondary=1, index_ci_size=4096)
        with open_new(definition) as cluster:
            with pytest.raises(NoSpace):
                for number in range(1000):
                    cluster.insert(record(number, 400))
            assert cluster.statistics.extents == 123
            assert len(cluster) == 123


class TestOpen:
    def test_one_writer_or_many_readers(self) -> None:
        folder = MemoryFolder()
        open_new(tiny(), folder).close()
        with KeySequenced.open(folder, STEM, tiny()), KeySequenced.open(folder, STEM, tiny()):
            self.not_available(folder, "w")
        with KeySequenced.open(folder, STEM, tiny(), mode="w"):
            self.not_available(folder, "w")
            self.not_available(folder, "r")
        KeySequenced.open(folder, STEM, tiny(), mode="w").close()

    @staticmethod
    def not_available(folder: MemoryFolder, mode: str) -> None:
        with pytest.raises(OpenError) as caught:
            KeySequenced.open(folder, STEM, tiny(), mode=mode)
        assert (caught.value.return_code, caught.value.feedback) == (8, 168)

    def test_a_mode_is_r_or_w(self) -> None:
        with pytest.raises(ValueError, match="not 'r' or 'w'"):
            KeySequenced.open(MemoryFolder(), STEM, tiny(), mode="a")

    def test_reset_needs_reuse_or_emptiness(self) -> None:
        with open_new(tiny(reuse=False)) as cluster:
            cluster.reset()
            cluster.insert(record(1))
            assert refused(OpenError, cluster, cluster.reset).feedback == 232

    def test_reset_empties_and_keeps_the_space(self, cluster: KeySequenced) -> None:
        cluster.load(record(number) for number in range(60))
        cluster.commit()
        allocated = cluster.statistics.high_allocated_rba
        cluster.reset()
        statistics = cluster.statistics
        assert (len(cluster), list(cluster.browse()), statistics.high_used_rba) == (0, [], 0)
        assert statistics.high_allocated_rba == allocated
        cluster.load(record(number) for number in range(100, 130))
        assert len(list(cluster.browse())) == 30
        assert not cluster.verify()

    def test_create_does_not_overwrite(self) -> None:
        folder = MemoryFolder()
        KeySequenced.create(folder, STEM, tiny())
        with pytest.raises(FileExistsError):
            KeySequenced.create(folder, STEM, tiny())
        assert folder.names() == ["T.data", "T.index", "T.jnl", "T.sum"]
        KeySequenced.destroy(folder, STEM)
        KeySequenced.destroy(folder, STEM)
        assert folder.names() == []

    def test_close_makes_everything_hard(self) -> None:
        folder = MemoryFolder()
        with open_new(tiny(), folder) as cluster:
            for number in range(50):
                cluster.insert(record(number))
        with KeySequenced.open(folder, STEM, tiny()) as cluster:
            assert [data[2:6] for data in cluster.browse()] == [b"%04d" % number for number in range(50)]


class TestStatistics:
    def test_counts(self, cluster: KeySequenced) -> None:
        for number in range(20):
            cluster.insert(record(number))
        cluster.erase(b"0003")
        cluster.update(record(4, 50))
        cluster.get(b"0004")
        list(cluster.browse())
        statistics = cluster.statistics
        assert (statistics.records, statistics.inserted, statistics.deleted, statistics.updated) == (19, 20, 1, 1)
        assert statistics.retrieved == 20

    def test_counts_survive_closing(self) -> None:
        folder = MemoryFolder()
        with open_new(tiny(), folder) as cluster:
            for number in range(100):
                cluster.insert(record(number * 37 % 1000))
            before = cluster.statistics
        with KeySequenced.open(folder, STEM, tiny()) as cluster:
            after = cluster.statistics
        for figure in ("records", "inserted", "ci_splits", "ca_splits", "levels", "extents", "high_used_rba"):
            assert getattr(after, figure) == getattr(before, figure), figure

    def test_rbas_count_control_intervals(self, cluster: KeySequenced) -> None:
        assert cluster.statistics.high_allocated_rba == 0
        cluster.insert(record(1))
        statistics = cluster.statistics
        assert statistics.high_used_rba == 4 * 512, "one CA"
        assert statistics.high_allocated_rba == 2 * 4 * 512, "primary of two"
        assert (statistics.levels, statistics.index_records, statistics.index_high_used_rba) == (1, 1, 512)
        assert statistics.free_space_bytes == 7 * 512

    def test_read_ci_ends_at_the_high_used_rba(self, cluster: KeySequenced) -> None:
        cluster.insert(record(1))
        assert cluster.read_ci("data", 3)[-4:] == bytes.fromhex("000001FC"), "a free CI is formatted empty"
        for number in (-1, 4):
            with pytest.raises(IndexError):
                cluster.read_ci("data", number)


def test_updates_of_long_records_that_nobody_commits_wait_in_little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(member, "UNLOGGED_BYTES", 4 << 20)
    definition = tiny(ci_size=32768, maximum_record=32000, average_record=32000, reuse=False)
    with open_new(definition) as cluster:
        cluster.load(record(number, 32000) for number in range(20))
        most = 0
        for turn in range(200):
            cluster.update(record(turn % 20, 32000))
            most = max(most, len(cluster.edits))
        assert 100 < most < 140
        assert cluster.get(b"0019") == record(19, 32000)


def test_the_index_grows_as_long_as_its_data_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many small control areas in one large extent: the index is not at the end of its own extents before."""
    monkeypatch.setattr(index, "EXTENT_CIS", 1)
    with open_new(tiny(primary=1000, reuse=False)) as cluster:
        for number in range(1000):
            cluster.insert(record(number, 399))
        assert cluster.statistics.index_records > 250 and cluster.verify() == []
