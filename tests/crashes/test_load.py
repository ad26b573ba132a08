"""A load that is cut: SPEED leaves nothing, RECOVERY the control areas that were complete, and it can go on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ksds.cluster import load as load_module
from ksds.cluster.definition import ClusterDefinition
from ksds.cluster.key_sequenced import KeySequenced
from ksds.errors import OutOfSequence
from ksds.storage.device import MemoryFolder
from tests.crashes.recording_device import RecordingFolder, crash_states
from tests.crashes.subjects import STEM, record, small_limits, tiny

RECORDS = [record(number, 90 + number % 50) for number in range(90)]
SEED = 5


@pytest.fixture(autouse=True)
def limits() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        small_limits(patch)
        patch.setattr(load_module, "MARK_BYTES", 2 * 4 * 512)
        yield


def shape(**changes: object) -> ClusterDefinition:
    return tiny(free_ci_percent=10, free_ca_percent=25, secondary=3, **changes)


def crashed_loads(definition: ClusterDefinition) -> Iterator[MemoryFolder]:
    """Every state that a crash of this load, or of the close after it, can leave."""
    folder = RecordingFolder()
    KeySequenced.create(folder, STEM, definition)
    begin = len(folder.log)
    with KeySequenced.open(folder, STEM, definition, mode="w") as cluster:
        cluster.load(RECORDS)
    seen = set()
    for _, state in crash_states(folder.start, folder.log, seed=SEED, begin=begin):
        if state.key() not in seen:
            seen.add(state.key())
            yield state.folder()


def test_recovery_leaves_complete_control_areas_and_goes_on() -> None:
    definition, found = shape(), set()
    for folder in crashed_loads(definition):
        with KeySequenced.open(folder, STEM, definition) as reader:
            assert len(list(reader.browse())) in (0, len(RECORDS)), "without an index there is nothing to read"
        with KeySequenced.open(folder, STEM, definition, mode="w") as cluster:
            content = list(cluster.browse())
            found.add(len(content))
            assert content == RECORDS[: len(content)]
            assert len(cluster) == len(content)
            assert cluster.verify() == []
            for data in RECORDS[len(content) :]:
                cluster.insert(data, sequential=True)
            assert list(cluster.browse()) == RECORDS
            assert cluster.verify() == []
        with KeySequenced.open(folder, STEM, definition) as cluster:
            assert list(cluster.browse()) == RECORDS
    assert {0, len(RECORDS)} < found and len(found) > 4, found


def test_speed_leaves_all_or_nothing() -> None:
    definition = shape(speed=True)
    for folder in crashed_loads(definition):
        with KeySequenced.open(folder, STEM, definition, mode="w") as cluster:
            content = list(cluster.browse())
            assert content in ([], RECORDS)
            assert cluster.verify() == []
            if not content:
                assert cluster.load(RECORDS) == len(RECORDS)


def test_an_error_after_a_mark_leaves_nothing() -> None:
    definition, folder = shape(), MemoryFolder()
    KeySequenced.create(folder, STEM, definition)
    with KeySequenced.open(folder, STEM, definition, mode="w") as cluster:
        with pytest.raises(OutOfSequence):
            cluster.load([*RECORDS, RECORDS[5]])
        assert len(cluster) == 0 == cluster.statistics.high_used_rba
    with KeySequenced.open(folder, STEM, definition, mode="w") as cluster:
        assert list(cluster.browse()) == []
        assert cluster.load(RECORDS) == len(RECORDS)
        assert cluster.verify() == []
