"""CI and CA reclaim: what erasing gives back, and that it is used again before the data set grows."""

from __future__ import annotations

import hashlib
import random
from dataclasses import replace

import pytest

from ksds.cluster.definition import ClusterDefinition
from ksds.cluster.key_sequenced import KeySequenced
from ksds.cluster.organizations import class_of
from ksds.cluster.spanned_key_sequenced import SpannedKeySequenced
from ksds.cluster.variable_record import VariableRelativeRecord
from ksds.errors import Damaged
from ksds.storage.device import MemoryFolder
from tests.crashes.recording_device import files_of, memory_folder
from tests.crashes.subjects import STEM, key_of, record, tiny

FULL = tiny(free_ci_percent=0, free_ca_percent=0, secondary=50)
"""Four records of 120 bytes to a CI, four CIs to a CA: a hundred records are seven CAs."""
LENGTH = 120


def loaded(count: int = 100, definition: ClusterDefinition = FULL, folder: MemoryFolder | None = None) -> KeySequenced:
    folder = folder or MemoryFolder()
    class_of(definition).create(folder, STEM, definition)
    cluster = class_of(definition).open(folder, STEM, definition, mode="w")
    assert isinstance(cluster, KeySequenced)
    cluster.load(record(number, LENGTH) for number in range(count))
    return cluster


def erase(cluster: KeySequenced, *numbers: int) -> None:
    for number in numbers:
        cluster.erase(b"%04d" % number)


def sound(cluster: KeySequenced) -> None:
    findings = cluster.verify()
    assert not findings, [str(finding) for finding in findings]


def reclaimed(cluster: KeySequenced) -> tuple[int, int]:
    return cluster.statistics.ca_reclaims, cluster.statistics.ca_reuses


class TestGivenBack:
    def test_an_empty_ca_leaves_the_index_and_is_used_again(self) -> None:
        with loaded() as cluster:
            used, free = cluster.statistics.high_used_rba, cluster.statistics.free_space_bytes
            erase(cluster, *range(16, 32))
            assert reclaimed(cluster) == (1, 0)
            assert cluster.statistics.free_space_bytes == free + 4 * 512
            sound(cluster)
            for number in range(200, 216):
                cluster.insert(record(number, LENGTH))
            assert reclaimed(cluster) == (1, 1)
            assert cluster.statistics.high_used_rba == used, "nothing new was allocated"
            sound(cluster)

    @pytest.mark.parametrize("order", [1, -1])
    def test_whichever_ci_empties_last(self, order: int) -> None:
        with loaded() as cluster:
            erase(cluster, *range(16, 32)[::order])
            assert reclaimed(cluster) == (1, 0)
            sound(cluster)

    def test_its_keys_fall_to_the_next_ca(self) -> None:
        with loaded() as cluster:
            erase(cluster, *range(16, 32))
            cluster.insert(record(20, LENGTH))
            assert cluster.locate(b"0020")[0] // 4 == cluster.locate(b"0032")[0] // 4
            assert [int(key_of(data)) for data in cluster.browse(b"0015", b"0033")] == [15, 20, 32, 33]
            assert [int(key_of(data)) for data in cluster.browse(b"0015", b"0033", reverse=True)] == [33, 32, 20, 15]
            sound(cluster)

    def test_the_first_and_the_highest_ca_stay(self) -> None:
        with loaded(96) as cluster:
            erase(cluster, *range(96))
            assert reclaimed(cluster) == (4, 0), "of six control areas"
            assert list(cluster.browse()) == []
            sound(cluster)

    def test_a_ca_with_one_record_stays(self) -> None:
        with loaded() as cluster:
            erase(cluster, *range(16, 31))
            assert reclaimed(cluster) == (0, 0)
            sound(cluster)

    def test_ascending_keys_do_not_march_through_the_disk(self) -> None:
        """A queue: records come at the high end and go at the low end, and the data set stays as large as it is."""
        with loaded() as cluster:
            used = cluster.statistics.high_used_rba
            for number in range(100, 2000):
                cluster.insert(record(number, LENGTH))
                erase(cluster, number - 100)
            assert cluster.statistics.high_used_rba <= used + 3 * 4 * 512
            assert cluster.statistics.ca_reuses > 90
            sound(cluster)


class TestIndexSet:
    """Four levels: a control area holds three records, an index-set record about five entries."""

    TALL = tiny(key_length=60, key_offset=0, cis_per_ca=1, maximum_record=150, secondary=500, free_ci_percent=0)

    def key(self, number: int) -> bytes:
        """Four in a row have all but the last digits in common, so that few boundaries are short."""
        group = b"%04d" % (number // 4)
        return group + hashlib.sha512(group).digest()[:50] + b"%06d" % number

    def tall(self, folder: MemoryFolder, count: int = 500) -> KeySequenced:
        KeySequenced.create(folder, STEM, self.TALL)
        cluster = KeySequenced.open(folder, STEM, self.TALL, mode="w")
        cluster.load(self.key(number) + bytes(80) for number in range(count))
        assert cluster.statistics.levels >= 4
        return cluster

    def test_a_record_that_nothing_is_under_is_used_again(self) -> None:
        folder = MemoryFolder()
        with self.tall(folder) as cluster:
            used, records = cluster.statistics.high_used_rba, cluster.statistics.index_records
            nodes = len(cluster.index.nodes)
            for number in range(10, 490):
                cluster.erase(self.key(number))
            emptied = len(cluster.index.emptied)
            assert emptied > 10 and len(cluster.index.nodes) == nodes - emptied
            assert cluster.statistics.ca_reclaims == 159, "every control area that had no other"
            sound(cluster)
        with KeySequenced.open(folder, STEM, self.TALL, mode="w") as cluster:
            assert len(cluster.index.emptied) == emptied
            sound(cluster)
            for number in range(10, 490):
                cluster.insert(self.key(number) + bytes(80), sequential=True)
            assert cluster.statistics.ca_reuses == 159
            assert cluster.statistics.high_used_rba <= used + 5 * 512
            assert cluster.statistics.index_records <= records + 5
            assert cluster.index.emptied == []
            sound(cluster)
            assert [data[:60] for data in cluster.browse()] == [self.key(number) for number in range(500)]

    def test_a_damaged_chain_of_them_is_found_out_and_in_nobodys_way(self) -> None:
        folder = MemoryFolder()
        with self.tall(folder) as cluster:
            for number in range(10, 300):
                cluster.erase(self.key(number))
            last = cluster.index.emptied[-1]
        files = files_of(folder)
        index = bytearray(files[f"{STEM}.index"])
        index[last * 512 + 20] ^= 1
        damaged = memory_folder({**files, f"{STEM}.index": bytes(index)})
        with KeySequenced.open(damaged, STEM, self.TALL) as cluster:
            assert last in [finding.ci for finding in cluster.verify() if finding.component == "index"]
        with KeySequenced.open(damaged, STEM, self.TALL, mode="w") as cluster:
            for number in range(10, 300):
                cluster.insert(self.key(number) + bytes(80))
            assert [data[:60] for data in cluster.browse()] == [self.key(number) for number in range(500)]
            assert {finding.message for finding in cluster.verify()} == {"no entry leads to this record"}


def test_not_with_noreclaimca() -> None:
    with loaded(definition=replace(FULL, no_ca_reclaim=True)) as cluster:
        free = cluster.statistics.free_space_bytes
        erase(cluster, *range(16, 32))
        assert reclaimed(cluster) == (0, 0)
        assert cluster.statistics.free_space_bytes == free + 3 * 512, "control intervals are given back all the same"
        sound(cluster)


def test_not_in_a_variable_length_rrds() -> None:
    """CA reclaim is for KSDS, alternate indexes and catalogs (IBM information APAR II14640)."""
    definition = replace(FULL, organization="NUMBERED", key_length=4, key_offset=0, index_ci_size=512)
    folder = MemoryFolder()
    VariableRelativeRecord.create(folder, STEM, definition)
    with VariableRelativeRecord.open(folder, STEM, definition, mode="w") as cluster:
        for number in range(1, 101):
            cluster.put(number, bytes(LENGTH))
        for number in range(17, 33):
            cluster.erase(number)
        assert cluster.statistics.ca_reclaims == 0
        assert cluster.verify() == []


class TestDurable:
    def test_what_waits_is_found_again(self) -> None:
        folder = MemoryFolder()
        with loaded(folder=folder) as cluster:
            erase(cluster, *range(16, 64))
            used = cluster.statistics.high_used_rba
        with KeySequenced.open(folder, STEM, FULL, mode="w") as cluster:
            assert reclaimed(cluster) == (3, 0)
            sound(cluster)
            for number in range(300, 350):
                cluster.insert(record(number, LENGTH))
            assert reclaimed(cluster) == (3, 3)
            assert cluster.statistics.high_used_rba == used
            sound(cluster)

    def test_a_damaged_record_of_the_chain_is_reported_not_guessed(self) -> None:
        folder = MemoryFolder()
        with loaded(folder=folder) as cluster:
            erase(cluster, *range(16, 32))
            number = cluster.state.reclaimed - 1
        files = files_of(folder)
        index = bytearray(files[f"{STEM}.index"])
        index[number * 512 + 20] ^= 1
        damaged = memory_folder({**files, f"{STEM}.index": bytes(index)})
        with KeySequenced.open(damaged, STEM, FULL, mode="w") as cluster:
            assert any(finding.component == "index" and finding.ci == number for finding in cluster.verify())
            with pytest.raises(Damaged):
                for number in range(300, 340):
                    cluster.insert(record(number, LENGTH))

    def test_a_damaged_index_set_does_not_hide_the_sequence_set(self) -> None:
        """What waits has a chain of its own: the records that count are still found in key order, by a reader."""
        folder = MemoryFolder()
        with loaded(folder=folder) as cluster:
            erase(cluster, *range(16, 32), *range(64, 80))
            root = cluster.state.root
            expected = list(cluster.browse())
        files = files_of(folder)
        index = bytearray(files[f"{STEM}.index"])
        index[root * 512 + 20] ^= 1
        damaged = memory_folder({**files, f"{STEM}.index": bytes(index)})
        with KeySequenced.open(damaged, STEM, FULL) as cluster:
            assert list(cluster.browse()) == expected
            assert [finding.ci for finding in cluster.verify()] == [root]

    def test_reset_forgets_them(self) -> None:
        with loaded() as cluster:
            erase(cluster, *range(16, 32))
            cluster.reset()
            assert cluster.load(record(number) for number in range(50)) == 50
            sound(cluster)


class TestManyLevels:
    @pytest.mark.parametrize("seed", range(4))
    @pytest.mark.parametrize("spanned", [False, True])
    def test_any_order_of_erasing_and_inserting(self, seed: int, spanned: bool) -> None:
        """Three index levels; entries go from the middle and the ends of their records."""
        rng = random.Random(seed)
        shape = {"cis_per_ca": 3, "maximum_record": 1500, "spanned": True} if spanned else {"cis_per_ca": 1 + seed % 2}
        definition = tiny(key_length=60, key_offset=0, secondary=500, **{"maximum_record": 400, **shape})
        folder = MemoryFolder()
        kind = SpannedKeySequenced if spanned else KeySequenced
        kind.create(folder, STEM, definition)
        keys: list[bytes] = []
        with kind.open(folder, STEM, definition, mode="w") as cluster:
            for turn in range(3):
                for key in [rng.randbytes(60) for _ in range(250)]:
                    cluster.insert(key + bytes(rng.choice((100, 300, 900) if spanned else (100, 300))))
                    keys.append(key)
                keys.sort()
                first = rng.randrange(100)
                gone = keys[first : first + 300]
                for key in rng.sample(gone, len(gone)) if turn % 2 else gone:
                    cluster.erase(key)
                keys = [key for key in keys if key not in set(gone)]
                assert [data[:60] for data in cluster.browse()] == keys
                assert [data[:60] for data in cluster.browse(reverse=True)] == keys[::-1]
                sound(cluster)
            assert cluster.statistics.ca_reuses > 5
