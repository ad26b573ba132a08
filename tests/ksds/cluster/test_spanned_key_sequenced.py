"""Spanned records in a KSDS, told by the control intervals they end up in: CISIZE 512, segments of 502 bytes."""

from __future__ import annotations

import random

import pytest

from ksds.cluster.definition import ClusterDefinition
from ksds.cluster.organizations import class_of
from ksds.cluster.spanned_key_sequenced import SpannedKeySequenced
from ksds.errors import DuplicateKey, InconsistentSpanned, InvalidLength, NoSpace, RecordNotFound
from ksds.layout import index_record, segment
from ksds.layout.control_interval import decode, parse
from ksds.layout.journal_group import IMAGE
from ksds.storage.device import MemoryFolder
from tests.crashes.subjects import STEM, key_of, record, tiny

PLACES = {segment.FIRST: "first", segment.INTERMEDIATE: "middle", segment.LAST: "last"}
SPANNED = tiny(spanned=True, maximum_record=2008, free_ci_percent=0, free_ca_percent=0, secondary=20)


def opened(definition: ClusterDefinition = SPANNED, folder: MemoryFolder | None = None) -> SpannedKeySequenced:
    if folder is None:
        folder = MemoryFolder()
        SpannedKeySequenced.create(folder, STEM, definition)
    return SpannedKeySequenced.open(folder, STEM, definition, mode="w")


def loaded(*records: tuple[int, int], definition: ClusterDefinition = SPANNED) -> SpannedKeySequenced:
    """An open cluster that was loaded with these (key, length)s."""
    cluster = opened(definition)
    cluster.load(record(number, length) for number, length in records)
    return cluster


def layout(cluster: SpannedKeySequenced) -> list[object]:
    """What each data CI holds by number: the keys of whole records, or the place of a segment."""
    found: list[object] = []
    for at in range(cluster.statistics.high_used_rba // 512):
        part = segment.parse(cluster.read_ci("data", at))
        if part is None:
            found.append([int(key_of(data)) for data in parse(cluster.read_ci("data", at))])
            continue
        found.append(PLACES[part.place])
    return found


def sound(cluster: SpannedKeySequenced) -> None:
    findings = cluster.verify()
    assert not findings, [str(finding) for finding in findings]
    cluster.close()


class TestLayout:
    def test_golden_07_a_record_of_1306_bytes(self) -> None:
        """Segments of 502, 502 and 302 bytes in CIs of their own; 200 bytes of the last one are free and stay so."""
        cluster = opened()
        cluster.insert(record(10, 1306))
        cluster.insert(record(20, 100))
        assert layout(cluster) == ["first", "middle", "last", [20]]
        decoded = [decode(cluster.read_ci("data", number)) for number in range(3)]
        assert [len(each.records[0]) for each in decoded] == [502, 502, 302]
        assert [each.free_length for each in decoded] == [0, 0, 200]
        assert [len(each.rdfs) for each in decoded] == [2, 2, 2]
        assert cluster.get(b"0010") == record(10, 1306)
        sound(cluster)

    def test_a_record_that_fits_in_a_ci_lies_with_others(self) -> None:
        cluster = loaded((10, 100), (20, 100), (30, 506), (40, 100))
        assert layout(cluster) == [[10, 20], "first", "last", [40]]
        sound(cluster)

    def test_every_segment_has_an_entry_under_one_boundary(self) -> None:
        cluster = loaded((10, 100), (30, 1306))
        entries = index_record.decode(cluster.read_ci("index", 0), 4).entries
        assert entries == [(b"001", 0), (b"", 1), (b"", 2), (b"", 3)]
        cluster.insert(record(40, 600))
        entries = index_record.decode(cluster.read_ci("index", 0), 4).entries
        assert entries == [(b"001", 0), (b"003", 1), (b"003", 2), (b"003", 3)]
        sound(cluster)

    def test_the_class_follows_the_definition(self) -> None:
        assert class_of(SPANNED) is SpannedKeySequenced

    def test_the_longest_record_fills_a_control_area(self) -> None:
        cluster = opened()
        for number in (20, 10, 30):
            cluster.insert(record(number, 2008))
        assert layout(cluster) == ["first", "middle", "middle", "last"] * 3
        with pytest.raises(InvalidLength):
            cluster.insert(record(40, 2009))
        assert [int(key_of(data)) for data in cluster.browse()] == [10, 20, 30]
        sound(cluster)


class TestInserting:
    def test_segments_take_free_cis_wherever_they_are(self) -> None:
        cluster = loaded((10, 500), (20, 500), (30, 500))
        cluster.erase(b"0010")
        cluster.insert(record(25, 600))
        assert layout(cluster) == ["first", [20], [30], "last"]
        sound(cluster)

    def test_the_whole_record_goes_where_there_is_room_for_it(self) -> None:
        """One CI is free, three are needed: what lies above moves to a new CA, the record stays in one."""
        cluster = loaded((10, 500), (20, 500), (30, 500))
        cluster.insert(record(15, 1100))
        assert layout(cluster) == [[10], "middle", "last", "first", [20], [30], [], []]
        sound(cluster)

    def test_beyond_the_highest_key_it_begins_a_new_ca(self) -> None:
        cluster = loaded((10, 500), (20, 500), (30, 500))
        cluster.insert(record(40, 2008))
        assert layout(cluster) == [[10], [20], [30], [], "first", "middle", "middle", "last"]
        sound(cluster)

    @pytest.mark.parametrize("new", [5, 15, 25, 35])
    def test_a_short_record_between_long_ones(self, new: int) -> None:
        cluster = loaded((10, 2008), (20, 2008), (30, 2008))
        cluster.insert(record(new))
        assert [int(key_of(data)) for data in cluster.browse()] == sorted([10, 20, 30, new])
        assert cluster.get(b"%04d" % new) == record(new)
        sound(cluster)

    def test_a_key_that_exists_is_refused(self) -> None:
        cluster = loaded((10, 1306))
        with pytest.raises(DuplicateKey):
            cluster.insert(record(10, 700))
        sound(cluster)

    def test_no_space_changes_nothing(self) -> None:
        cluster = opened(tiny(spanned=True, maximum_record=2008, primary=2, secondary=0))
        for number in (10, 20):
            cluster.insert(record(number, 1900))
        for number in (5, 15, 25):
            with pytest.raises(NoSpace):
                cluster.insert(record(number, 700))
            with pytest.raises(NoSpace):
                cluster.insert(record(number, 70))
        assert [int(key_of(data)) for data in cluster.browse()] == [10, 20]
        sound(cluster)


class TestUpdating:
    def test_every_segment_counts_the_updates(self) -> None:
        cluster = opened()
        cluster.insert(record(10, 1306))
        for _ in range(3):
            cluster.update(record(10, 1306))
        parts = [segment.parse(cluster.read_ci("data", number)) for number in range(3)]
        assert [part and part.update for part in parts] == [3, 3, 3]
        sound(cluster)

    @pytest.mark.parametrize(
        ("old", "new", "after"),
        [
            (600, 1306, ["first", "middle", "last", []]),
            (1306, 600, ["first", "last", [], []]),
            (1306, 505, [[10], [], [], []]),
            (505, 1306, ["first", "middle", "last", []]),
        ],
    )
    def test_growing_and_shrinking(self, old: int, new: int, after: list[object]) -> None:
        cluster = opened()
        cluster.insert(record(10, old))
        cluster.update(record(10, new))
        assert layout(cluster) == after
        assert cluster.get(b"0010") == record(10, new)
        sound(cluster)

    def test_a_record_that_grows_leaves_its_neighbours(self) -> None:
        cluster = loaded((10, 100), (20, 100), (30, 100))
        cluster.update(record(20, 700))
        assert [int(key_of(data)) for data in cluster.browse()] == [10, 20, 30]
        assert sorted(map(str, layout(cluster))) == ["[10]", "[30]", "first", "last"]
        sound(cluster)

    def test_only_records_that_exist(self) -> None:
        cluster = loaded((10, 1306))
        for number in (5, 15):
            with pytest.raises(RecordNotFound):
                cluster.update(record(number, 1306))
        sound(cluster)


class TestErasing:
    def test_the_cis_are_free_again(self) -> None:
        cluster = loaded((10, 1306), (20, 100))
        free = cluster.statistics.free_space_bytes
        assert cluster.erase(b"0010") == record(10, 1306)
        assert layout(cluster) == [[], [], [], [20]]
        assert cluster.statistics.free_space_bytes == free + 3 * 512
        sound(cluster)

    def test_the_highest_ci_of_the_ca_stays(self) -> None:
        cluster = loaded((10, 100), (20, 1306))
        free = cluster.statistics.free_space_bytes
        cluster.erase(b"0020")
        assert cluster.statistics.free_space_bytes == free + 2 * 512
        cluster.insert(record(25))
        assert layout(cluster) == [[10], [25], [], []]
        sound(cluster)


class TestReading:
    def test_browsing_both_ways_and_ranges(self) -> None:
        lengths = [90, 506, 505, 1306, 2008, 40, 1004]
        cluster = loaded(*((10 * at, lengths[at % 7]) for at in range(70)))
        every = [record(10 * at, lengths[at % 7]) for at in range(70)]
        assert list(cluster.browse()) == every
        assert list(cluster.browse(reverse=True)) == every[::-1]
        assert list(cluster.browse(b"0125", b"0400")) == every[13:41]
        assert list(cluster.browse(b"0125", b"0400", reverse=True)) == every[13:41][::-1]
        assert list(cluster.browse(prefix=b"03")) == every[30:40]
        sound(cluster)

    def test_a_new_handle_reads_the_same(self) -> None:
        folder = MemoryFolder()
        SpannedKeySequenced.create(folder, STEM, SPANNED)
        with opened(folder=folder) as cluster:
            for number in random.Random(5).sample(range(1000), 60):
                cluster.insert(record(number, 6 + number * 2))
            expected = list(cluster.browse())
        with SpannedKeySequenced.open(folder, STEM, SPANNED) as cluster:
            assert list(cluster.browse()) == expected
            assert all(cluster.get(key_of(data)) == data for data in expected)

    def test_a_torn_update_is_told_from_a_record(self) -> None:
        """Segments of two states have different update numbers: feedback 140; the other records stay readable."""
        cluster = loaded((10, 100), (20, 1306), (30, 100))
        images = segment.build(record(20, 1306), 512, 9)
        cluster.sphere.pager.commit([(0, IMAGE, 2, images[1])], cluster.sphere.state_bytes(), sync=True)
        cluster.pool.clear()
        with pytest.raises(InconsistentSpanned) as caught:
            cluster.get(b"0020")
        assert (caught.value.feedback, caught.value.rba) == (140, 512)
        assert cluster.get(b"0030") == record(30)
        assert [finding.severity for finding in cluster.verify()] == [8]


class TestLoading:
    def test_what_a_ca_has_left_may_be_too_little(self) -> None:
        cluster = loaded((10, 100), (20, 1100), (30, 1100), (40, 300))
        assert layout(cluster) == [[10], "first", "middle", "last", "first", "middle", "last", [40]]
        sound(cluster)

    def test_the_share_of_a_ca_stays_free_unless_one_record_needs_it(self) -> None:
        definition = tiny(spanned=True, maximum_record=2008, free_ca_percent=50, free_ci_percent=0)
        cluster = loaded((10, 500), (20, 500), (30, 500), (40, 2008), definition=definition)
        assert layout(cluster) == [[10], [20], [], [], [30], [], [], [], "first", "middle", "middle", "last"]
        sound(cluster)

    @pytest.mark.parametrize("seed", range(4))
    def test_any_mix_of_lengths(self, seed: int) -> None:
        rng = random.Random(seed)
        records = [record(number, rng.choice((6, 200, 505, 506, 1400, 2008))) for number in range(0, 900, 5)]
        cluster = opened(tiny(spanned=True, maximum_record=2008, cis_per_ca=rng.choice((4, 5, 9)), secondary=9))
        assert cluster.load(records) == len(records)
        assert list(cluster.browse()) == records
        sound(cluster)


class TestDefinition:
    @pytest.mark.parametrize(
        ("changes", "says"),
        [
            ({"maximum_record": 2009}, "does not fit 4 segments of 502"),
            ({"key_offset": 500, "maximum_record": 2008}, "do not lie in a first segment"),
            ({"organization": "NUMBERED", "key_length": 0, "index_ci_size": 0}, "cannot be SPANNED"),
            ({"cis_per_ca": 200, "maximum_record": 2008}, "cannot address a record of a whole control area"),
        ],
    )
    def test_what_cannot_be(self, changes: dict[str, object], says: str) -> None:
        with pytest.raises(ValueError, match=says):
            tiny(spanned=True, **changes)
