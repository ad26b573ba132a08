"""Power cuts under a base cluster with alternate indexes: no crash leaves one without the other.

The same harness as for clusters by themselves (`tests/crashes/test_store.py`). The data set under proof is a base with
an index of unique and one of nonunique alternate keys in its upgrade set; `verify` compares the pointers of both with
the records of the base, whatever a crash left.
"""

from __future__ import annotations

import time
from abc import ABC
from collections.abc import Sequence
from typing import Any, ClassVar

import pytest

from ksds.cluster.alternate_index import AlternateIndex, AlternateIndexDefinition
from ksds.cluster.correspondence import disagreements
from ksds.cluster.definition import ClusterDefinition
from ksds.cluster.key_sequenced import KeySequenced
from ksds.cluster.sphere import Sphere
from ksds.cluster.upgrade import UpgradedEntrySequenced, UpgradedKeySequenced, UpgradeSet, join_base
from ksds.storage.device import Folder
from tests.crashes.recording_device import RecordingFolder, crash_states
from tests.crashes.store_trace import Judge, Trace
from tests.crashes.subjects import STEM, Arriving, Keyed, Model, Subject, small_limits, tiny, to_load, unindexed
from tests.crashes.test_store import SCALE, report

pytestmark = pytest.mark.crash

SEEDS = max(1, round(2 * SCALE))


@pytest.fixture(autouse=True)
def limits(monkeypatch: pytest.MonkeyPatch) -> None:
    small_limits(monkeypatch)


def store(name: str, key_length: int) -> ClusterDefinition:
    return tiny(name=name, key_length=key_length, key_offset=5, reuse=False)


BY_LAST_DIGIT = AlternateIndexDefinition(store=store("TEST.DIGIT", 1), key_offset=5, prime_key_length=4)
"""Ten keys for all records; never changed by an update."""
BY_BODY = AlternateIndexDefinition(store=store("TEST.BODY", 3), key_offset=6, prime_key_length=4, unique=False)
"""A key that changes with the length of a record."""
BY_NUMBER = AlternateIndexDefinition(store=store("TEST.NUMBER", 4), key_offset=2, prime_key_length=4, unique=True)
BY_FIRST_BYTE = AlternateIndexDefinition(store=store("TEST.BYTE", 1), key_offset=0, prime_key_length=0)


class WithIndexes(Subject, ABC):
    """A base that is created with built indexes and opened with its upgrade set."""

    indexes: ClassVar[Sequence[AlternateIndexDefinition]]

    def create(self, folder: Folder) -> None:
        super().create(folder)
        for index in self.indexes:
            Sphere.add_member(folder, STEM, KeySequenced.ci_sizes(index.store))
        with self.open(folder) as cluster:
            for index in cluster.upgrades.indexes:
                index.add(bytes(index.definition.store.key_length), bytes(index.definition.pointer_length))
                index.remove(bytes(index.definition.store.key_length), bytes(index.definition.pointer_length))

    def open(self, folder: Folder, mode: str = "w", *, buffer_bytes: int = 0) -> Any:
        sphere = Sphere.open(folder, STEM, writable=mode == "w")
        cluster = self.kind.join(sphere, 0, self.definition, buffer_bytes=buffer_bytes)
        members = [
            KeySequenced.join(sphere, member, index.store, buffer_bytes=buffer_bytes)
            for member, index in enumerate(self.indexes, 1)
        ]
        pairs = zip(self.indexes, members, strict=True)
        cluster.upgrades = UpgradeSet([AlternateIndex(definition, member) for definition, member in pairs])
        return cluster


class KeyedWithIndexes(WithIndexes, Keyed):
    """A KSDS; nothing loads it, for a base with built indexes was never empty."""

    kind = UpgradedKeySequenced
    indexes = (BY_LAST_DIGIT, BY_BODY, BY_NUMBER)

    def _first(self, rng: object, model: Model) -> Any:
        yield from ()


class ArrivingWithIndex(WithIndexes, Arriving):
    """An ESDS."""

    kind = UpgradedEntrySequenced
    indexes = (BY_FIRST_BYTE,)


SUBJECTS: list[Subject] = [
    KeyedWithIndexes("KSDS with indexes", tiny(reuse=False)),
    ArrivingWithIndex("ESDS with an index", unindexed("NONINDEXED")),
]
every_subject = pytest.mark.parametrize("subject", SUBJECTS, ids=str)


def without_resets(requests: Any) -> list[Any]:
    return [request for request in requests if request.what != "reset"]


@every_subject
@pytest.mark.parametrize("seed", range(SEEDS))
def test_no_crash_leaves_a_base_without_its_indexes(subject: Subject, seed: int) -> None:
    began = time.perf_counter()
    trace = Trace.begin(subject)
    trace.run(without_resets(subject.requests(seed, 30)))
    report(f"random work on a {subject}, seed {seed}", [Judge(trace, seed).judge(most=400)], began)


def test_the_harness_sees_an_index_that_was_not_upgraded() -> None:
    """A base changed behind its indexes' backs is what the other tests would report."""
    subject = SUBJECTS[0]
    trace = Trace.begin(subject)
    behind = Keyed("KSDS", tiny(reuse=False))
    cluster = behind.open(trace.folder)
    cluster.insert(b"R:0001" + bytes(50))
    cluster.close()
    with subject.open(trace.folder, "r") as cluster:
        found = cluster.verify()
    assert [finding.message for finding in found] == [
        "TEST.DIGIT: alternate key 31 is missing",
        "TEST.BODY: alternate key 000000 is missing",
        "TEST.NUMBER: alternate key 30303031 is missing",
    ]


def test_a_commit_between_an_index_and_its_base_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """A planted bug: what a request does to the indexes is committed before the base has changed."""
    add = AlternateIndex.add

    def add_and_commit(index: AlternateIndex, key: bytes, pointer: bytes) -> int:
        count = add(index, key, pointer)
        index.store.commit()
        return count

    monkeypatch.setattr(AlternateIndex, "add", add_and_commit)
    trace = Trace.begin(SUBJECTS[0])
    trace.run(without_resets(SUBJECTS[0].requests(3, 5)))
    judge = Judge(trace, 3).judge(most=200)
    assert any("where no such record is" in line for line in judge.bad)


def test_no_crash_while_an_index_is_built_leaves_half_of_it() -> None:
    """BLDINDEX loads: the index is as empty as it was, or whole; the base is what it was."""
    base = Keyed("KSDS", tiny(reuse=False))
    folder = RecordingFolder()
    base.create(folder)
    with base.open(folder) as cluster:
        cluster.load(to_load(25))
    Sphere.add_member(folder, STEM, KeySequenced.ci_sizes(BY_LAST_DIGIT.store))
    begun = len(folder.log)
    sphere = Sphere.open(folder, STEM, writable=True)
    built = join_base(sphere, base.definition)
    AlternateIndex.join(sphere, 1, BY_LAST_DIGIT).build(built)
    built.close()

    outcomes = set()
    for position, state in crash_states({}, folder.log, seed=1, begin=begun):
        sphere = Sphere.open(state.folder(), STEM, writable=True)
        cluster, index = join_base(sphere, base.definition), AlternateIndex.join(sphere, 1, BY_LAST_DIGIT)
        assert list(cluster.browse()) == to_load(25), f"position {position}: {state.choice}"
        assert index.is_empty or not disagreements(index, cluster), f"position {position}: {state.choice}"
        outcomes.add(index.is_empty)
        cluster.close()
    assert outcomes == {True, False}


def test_no_crash_while_members_come_and_go_touches_the_base() -> None:
    base = Keyed("KSDS", tiny(reuse=False))
    folder = RecordingFolder()
    base.create(folder)
    with base.open(folder) as cluster:
        cluster.load(to_load(9))
    begun = len(folder.log)
    for _ in range(2):
        Sphere.add_member(folder, STEM, KeySequenced.ci_sizes(BY_LAST_DIGIT.store))
    Sphere.remove_member(folder, STEM, 1)
    for position, state in crash_states({}, folder.log, seed=1, begin=begun):
        with base.open(state.folder()) as cluster:
            assert list(cluster.browse()) == to_load(9), f"position {position}: {state.choice}"
            cluster.insert(b"R:9999")
