"""Power cuts under a base cluster with alternate indexes: no crash leaves one without the other.

The same harness as for clusters by themselves (`tests/crashes/test_store.py`). The data set under proof is a base with
an index of unique and one of nonunique alternate keys in its upgrade set; `verify` compares the pointers of both with
the records of the base, whatever a crash left.
"""

from __future__ import annotations

import random
import time
from abc import ABC
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, ClassVar

import pytest

from ksds.cluster import load as load_module
from ksds.cluster.alternate_index import AlternateIndex, AlternateIndexDefinition
from ksds.cluster.correspondence import disagreements
from ksds.cluster.definition import ClusterDefinition
from ksds.cluster.key_sequenced import KeySequenced
from ksds.cluster.sphere import Sphere
from ksds.cluster.upgrade import UpgradedEntrySequenced, UpgradedKeySequenced, UpgradeSet, join_base
from ksds.errors import VsamError
from ksds.external_sort import sort_records
from ksds.layout.journal_group import IMAGE
from ksds.storage.device import FileFolder, Folder
from ksds.storage.journal import Journal
from ksds.storage.sphere_files import work_file
from ksds.storage.work_file import WorkFile
from tests.crashes import test_io_errors, test_kill, test_readers
from tests.crashes.faulty_device import KINDS
from tests.crashes.recording_device import RecordingFolder, crash_states
from tests.crashes.store_trace import Judge, Trace
from tests.crashes.subjects import (
    STEM,
    Arriving,
    Keyed,
    Model,
    Request,
    Subject,
    small_limits,
    tiny,
    to_load,
    unindexed,
)
from tests.crashes.test_store import SCALE, report

pytestmark = pytest.mark.crash

SEEDS = max(1, round(2 * SCALE))


@pytest.fixture(autouse=True)
def limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small, and fewer repetitions than clusters by themselves get."""
    small_limits(monkeypatch)
    for module, name, count in ((test_io_errors, "EACH", 12), (test_kill, "KILLS", 6), (test_readers, "DATA_SETS", 8)):
        monkeypatch.setattr(module, name, max(2, round(count * SCALE)))


def store(name: str, key_length: int) -> ClusterDefinition:
    return tiny(name=name, key_length=key_length, key_offset=5, reuse=False)


BY_DIGITS = AlternateIndexDefinition(store=store("TEST.DIGITS", 2), key_offset=4, prime_key_length=4)
"""The last two digits of the prime key: many records a key, never changed by an update."""
BY_BODY = AlternateIndexDefinition(store=store("TEST.BODY", 3), key_offset=6, prime_key_length=4, unique=False)
"""A key that changes with the length of a record."""
BY_NUMBER = AlternateIndexDefinition(store=store("TEST.NUMBER", 4), key_offset=2, prime_key_length=4, unique=True)
BY_FIRST_BYTE = AlternateIndexDefinition(store=store("TEST.BYTE", 1), key_offset=0, prime_key_length=0)


class WithIndexes(Subject, ABC):
    """A base that is created with built indexes and opened with its upgrade set. Nobody resets one: that
    request is one more commit."""

    indexes: ClassVar[Sequence[AlternateIndexDefinition]]

    def create(self, folder: Folder) -> None:
        super().create(folder)
        for index in self.indexes:
            Sphere.add_member(folder, STEM, KeySequenced.ci_sizes(index.store))
        with self.open(folder) as cluster:
            for index in cluster.upgrades.indexes:
                index.add(bytes(index.definition.store.key_length), bytes(index.definition.pointer_length))
                index.remove(bytes(index.definition.store.key_length), bytes(index.definition.pointer_length))

    def open(self, folder: Folder, mode: str = "w", *, beside: bool = False, buffer_bytes: int = 0) -> Any:
        try:
            sphere = Sphere.open(folder, STEM, writable=mode == "w", beside=beside)
        except VsamError as error:
            error.data_set = self.definition.name
            raise
        cluster = self.kind.join(sphere, 0, self.definition, buffer_bytes=buffer_bytes)
        members = [
            KeySequenced.join(sphere, member, index.store, buffer_bytes=buffer_bytes)
            for member, index in enumerate(self.indexes, 1)
        ]
        pairs = zip(self.indexes, members, strict=True)
        cluster.upgrades = UpgradeSet([AlternateIndex(definition, member) for definition, member in pairs])
        return cluster

    def perform(self, cluster: Any, request: Request) -> None:
        super().perform(cluster, Request("commit") if request.what == "reset" else request)

    def on_model(self, model: Model, request: Request) -> None:
        if request.what != "reset":
            super().on_model(model, request)


class KeyedWithIndexes(WithIndexes, Keyed):
    """A KSDS; nothing loads it, for a base with built indexes was never empty."""

    kind = UpgradedKeySequenced
    indexes = (BY_DIGITS, BY_BODY, BY_NUMBER)

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


@every_subject
@pytest.mark.parametrize("seed", range(SEEDS))
def test_no_crash_leaves_a_base_without_its_indexes(subject: Subject, seed: int) -> None:
    began = time.perf_counter()
    trace = Trace.begin(subject)
    trace.run(subject.requests(seed, 30))
    report(f"random work on a {subject}, seed {seed}", [Judge(trace, seed).judge(most=400)], began)


@every_subject
@pytest.mark.parametrize("kind", KINDS)
def test_every_call_fails_once_and_for_good(subject: Subject, kind: str) -> None:
    test_io_errors.test_every_call_fails_once_and_for_good(subject, kind, seed=1)


@every_subject
def test_a_killed_process_leaves_base_and_indexes_of_one_mind(
    subject: Subject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(FileFolder(tmp_path)) as folder:
        test_kill.test_a_killed_process_loses_nothing_it_announced(subject, folder, monkeypatch)


@every_subject
def test_a_reader_beside_a_writer_sees_base_and_indexes_of_one_commit(subject: Subject) -> None:
    test_readers.test_a_reader_sees_one_commit_from_open_to_close(subject)


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
        "TEST.DIGITS: alternate key 3031 is missing",
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
    trace.run(SUBJECTS[0].requests(3, 5))
    judge = Judge(trace, 3).judge(most=200)
    assert any("where no such record is" in line for line in judge.bad)


def test_no_crash_while_an_index_is_built_leaves_half_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """BLDINDEX loads: the index is as empty as it was, or whole; the base is what it was. What was sorted beside memory
    is gone, or goes with the next sort."""
    monkeypatch.setattr(load_module, "BATCH", 1)
    monkeypatch.setattr(load_module, "MARK_BYTES", 1)
    base = Keyed("KSDS", tiny(reuse=False))
    folder = RecordingFolder()
    base.create(folder)
    with base.open(folder) as cluster:
        cluster.load(to_load(200))
    Sphere.add_member(folder, STEM, KeySequenced.ci_sizes(BY_NUMBER.store))
    begun = len(folder.log)
    sphere = Sphere.open(folder, STEM, writable=True)
    built = join_base(sphere, base.definition)
    index = AlternateIndex.join(sphere, 1, BY_NUMBER)
    with WorkFile(folder, work_file(STEM), BY_NUMBER.row_length) as work:
        index.build(built, lambda rows: sort_records(rows, BY_NUMBER.row_key, work.spill, run_bytes=1))
    built.close()
    assert work_file(STEM) not in folder.names()

    outcomes = set()
    for position, state in crash_states({}, folder.log, seed=1, begin=begun):
        sphere = Sphere.open(state.folder(), STEM, writable=True)
        cluster, index = join_base(sphere, base.definition), AlternateIndex.join(sphere, 1, BY_NUMBER)
        assert list(cluster.browse()) == to_load(200), f"position {position}: {state.choice}"
        assert index.is_empty or not disagreements(index, cluster), f"position {position}: {state.choice}"
        outcomes.add(index.is_empty)
        cluster.close()
        WorkFile(state.folder(), work_file(STEM), 8)
    assert outcomes == {True, False}


def test_no_crash_while_members_come_and_go_touches_the_base() -> None:
    base = Keyed("KSDS", tiny(reuse=False))
    folder = RecordingFolder()
    base.create(folder)
    with base.open(folder) as cluster:
        cluster.load(to_load(9))
    begun = len(folder.log)
    for _ in range(2):
        Sphere.add_member(folder, STEM, KeySequenced.ci_sizes(BY_DIGITS.store))
    Sphere.remove_member(folder, STEM, 1)
    for position, state in crash_states({}, folder.log, seed=1, begin=begun):
        with base.open(state.folder()) as cluster:
            assert list(cluster.browse()) == to_load(9), f"position {position}: {state.choice}"
            cluster.insert(b"R:9999")


def test_no_crash_touches_the_base_while_its_state_outgrows_the_journals_headers() -> None:
    """The 29th alternate index makes the headers wide: both copies move, and so does where groups begin."""
    base = Keyed("KSDS", tiny(reuse=False))
    folder = RecordingFolder()
    base.create(folder)
    with base.open(folder) as cluster:
        cluster.load(to_load(9))
    sizes = KeySequenced.ci_sizes(BY_DIGITS.store)
    while Sphere.add_member(folder, STEM, sizes) < 28:
        pass
    begun = len(folder.log)
    assert Sphere.add_member(folder, STEM, sizes) == 29
    with base.open(folder) as cluster:
        cluster.insert(b"R:9998")
        cluster.commit()
    members = set()
    states = list(crash_states({}, folder.log, seed=1, begin=begun))
    for position, state in random.Random(1).sample(states, min(len(states), round(50 * SCALE))):
        left = state.folder()
        with base.open(left) as cluster:
            members.add(len(cluster.sphere.states))
            assert [*cluster.browse()][:9] == to_load(9), f"position {position}: {state.choice}"
            cluster.insert(b"R:9999")
        with base.open(left) as cluster:
            assert b"R:9999" in [*cluster.browse()], f"position {position}: {state.choice}"
    assert members == {29, 30}


def test_no_crash_loses_the_state_while_headers_become_wide() -> None:
    folder = RecordingFolder()
    device = folder.open("J", create=True)
    folder.sync()
    Journal.create(device, b"narrow")
    journal = Journal.open(device)
    journal.append([(0, IMAGE, 1, bytes(200_000))], b"old")
    journal.forget(b"narrow")
    begun = len(folder.log)
    wide = b"wide" * 2000
    journal.forget(wide)
    journal.append([(0, IMAGE, 2, bytes(512))], b"new")
    journal.sync()
    seen = set()
    for position, state in crash_states({}, folder.log, seed=1, begin=begun):
        device = state.folder().open("J")
        found = Journal.open(device)
        commits = [commit.state for commit in found.scan()]
        seen.add((found.header.state[:6], *commits))
        found.cut_tail()
        found.append([(0, IMAGE, 3, bytes(512))], b"later")
        again = [commit.state for commit in Journal.open(device).scan()]
        assert again == [*commits, b"later"], f"position {position}: {state.choice}"
    assert seen == {(b"narrow",), (b"widewi",), (b"widewi", b"new")}
