"""Spanned records in an ESDS: CISIZE 512, segments of 502 bytes, five CIs to a control area."""

from __future__ import annotations

import random

import pytest

from ksds.cluster.definition import ClusterDefinition
from ksds.cluster.organizations import class_of
from ksds.cluster.spanned_entry_sequenced import SpannedEntrySequenced
from ksds.errors import InconsistentSpanned, InvalidLength, InvalidRba, LengthChange
from ksds.layout import segment
from ksds.layout.control_interval import empty
from ksds.layout.journal_group import IMAGE
from ksds.storage.device import MemoryFolder

STEM = "T"
DEFINITION = ClusterDefinition(
    name="TEST.SPANNED", organization="NONINDEXED", average_record=100, maximum_record=2000, ci_size=512, cis_per_ca=5,
    primary=2, secondary=20, spanned=True, reuse=True,
)  # fmt: skip


def opened(folder: MemoryFolder | None = None) -> SpannedEntrySequenced:
    if folder is None:
        folder = MemoryFolder()
        SpannedEntrySequenced.create(folder, STEM, DEFINITION)
    return SpannedEntrySequenced.open(folder, STEM, DEFINITION, mode="w")


def record(length: int, seed: int = 0) -> bytes:
    return random.Random(seed).randbytes(length)


def test_the_class_follows_the_definition() -> None:
    assert class_of(DEFINITION) is SpannedEntrySequenced


def test_a_long_record_begins_a_ci_and_nothing_follows_it_there() -> None:
    with opened() as cluster:
        assert [cluster.append(record(length)) for length in (100, 1306, 100, 100)] == [0, 512, 2048, 2148]
        assert [len(parse.data) for at in (1, 2, 3) if (parse := segment.parse(cluster.read_ci("data", at)))] == [
            502,
            502,
            302,
        ]
        assert [rba for rba, _ in cluster.browse()] == [0, 512, 2048, 2148]
        assert cluster.get(512) == record(1306)
        assert not cluster.verify()


def test_all_segments_are_in_one_control_area() -> None:
    """Two CIs are left of five, three are needed: they stay empty."""
    with opened() as cluster:
        assert [cluster.append(record(1306)) for _ in range(2)] == [0, 5 * 512]
        assert [cluster.read_ci("data", number) for number in (3, 4)] == [empty(512)] * 2
        assert not cluster.verify()


@pytest.mark.parametrize("rba", [100, 1024, 1536, 4096])
def test_no_record_begins_at_a_later_segment(rba: int) -> None:
    with opened() as cluster:
        cluster.append(record(100))
        cluster.append(record(1306))
        with pytest.raises(InvalidRba):
            cluster.get(rba)


def test_every_segment_counts_the_updates() -> None:
    with opened() as cluster:
        cluster.append(record(1306))
        for seed in (1, 2):
            cluster.update(0, record(1306, seed))
        with pytest.raises(LengthChange):
            cluster.update(0, record(1305))
        parts = [segment.parse(cluster.read_ci("data", number)) for number in range(3)]
        assert [part and part.update for part in parts] == [2, 2, 2]
        assert cluster.get(0) == record(1306, 2)
        with pytest.raises(InvalidLength):
            cluster.append(record(2001))


@pytest.mark.parametrize("seed", range(6))
def test_any_requests_beside_a_dictionary(seed: int) -> None:
    rng = random.Random(seed)
    folder = MemoryFolder()
    SpannedEntrySequenced.create(folder, STEM, DEFINITION)
    cluster, model = opened(folder), dict[int, bytes]()
    for _ in range(150):
        kind = rng.choice(("append", "append", "update", "reopen", "reset"))
        if kind == "append":
            data = rng.randbytes(rng.choice((1, 50, 300, 505, 506, 1004, 1005, 2000)))
            model[cluster.append(data)] = data
        elif kind == "update" and model:
            rba = rng.choice(list(model))
            model[rba] = rng.randbytes(len(model[rba]))
            cluster.update(rba, model[rba])
        elif kind == "reopen" and rng.random() < 0.3:
            cluster.close()
            cluster = opened(folder)
        elif kind == "reset" and rng.random() < 0.05:
            cluster.reset()
            model.clear()
        assert dict(cluster.browse()) == model
        assert all(cluster.get(rba) == data for rba, data in model.items())
    assert not cluster.verify()
    cluster.close()


def test_segments_of_two_states_are_no_record() -> None:
    with opened() as cluster:
        for seed in range(2):
            cluster.append(record(1306, seed))
        cluster.append(record(100))
        cluster.commit()
        images = segment.build(record(1306), 512, 7)
        cluster.sphere.pager.commit([(0, IMAGE, 1, images[1])], cluster.sphere.state_bytes(), sync=True)
        cluster.pool.clear()
        with pytest.raises(InconsistentSpanned) as caught:
            cluster.get(0)
        assert (caught.value.feedback, caught.value.rba) == (140, 0)
        with pytest.raises(InconsistentSpanned):
            list(cluster.browse())
        assert cluster.get(5 * 512) == record(1306, 1)
        assert [finding.severity for finding in cluster.verify()] == [8]
