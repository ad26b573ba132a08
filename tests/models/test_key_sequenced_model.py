"""A key-sequenced cluster beside a SortedDict: whatever is asked in whatever order, both answer the same.

Control intervals are tiny, so that a few dozen requests split CIs and CAs; `verify` runs after every request. A
crash keeps the last commit's disk image and, of what came after, what the journal happens to hold.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sortedcontainers import SortedDict

from ksds.cluster.definition import ClusterDefinition
from ksds.cluster.key_sequenced import KeySequenced
from ksds.cluster.spanned_key_sequenced import SpannedKeySequenced
from ksds.errors import (
    DuplicateKey,
    InvalidAccess,
    InvalidKeyLength,
    InvalidLength,
    LoadModeViolation,
    OutOfSequence,
    RecordNotFound,
)
from tests.crashes.recording_device import Disk, RecordingFolder
from tests.crashes.subjects import small_limits

SCALE = float(os.environ.get("KSDS_TEST_SCALE", "1"))
KEY_LENGTH, KEY_OFFSET, MAXIMUM, STEM = 3, 1, 300, "M"

key_bytes = st.sampled_from([0x00, 0x01, 0x41, 0x42, 0xFE, 0xFF])
keys = st.one_of(
    st.lists(key_bytes, min_size=KEY_LENGTH, max_size=KEY_LENGTH).map(bytes),
    st.integers(0, 400).map(lambda number: number.to_bytes(KEY_LENGTH)),
)
parts = st.lists(key_bytes, min_size=1, max_size=KEY_LENGTH).map(bytes)
lengths = st.sampled_from([4, 5, 40, 80, 81, 150, 299, 300])
shapes = st.tuples(st.sampled_from([1, 2, 3, 7]), st.sampled_from([0, 30, 100]), st.sampled_from([0, 50]))


def make(key: bytes, length: int, fill: int) -> bytes:
    return b"*" + key + bytes([fill]) * (length - KEY_LENGTH - KEY_OFFSET)


class Cluster(RuleBasedStateMachine):
    """`model` is what the data set holds, `hard` the contents a crash may leave: the last commit and all since."""

    kind: ClassVar[type[KeySequenced]] = KeySequenced
    longer: ClassVar[dict[int, int]] = {}  # what becomes of the lengths drawn
    fewest_cis = 1

    def __init__(self) -> None:
        super().__init__()
        self.maximum = self.longer.get(MAXIMUM, MAXIMUM)
        self.folder = RecordingFolder()
        self.model: SortedDict = SortedDict()
        self.hard: list[list[bytes]] = [[]]
        self.shape: tuple[int, int, int] | None = None
        self.turn = 0

    @precondition(lambda self: self.shape is None)
    @rule(shape=shapes)
    def define(self, shape: tuple[int, int, int]) -> None:
        self.shape = shape
        self.definition = ClusterDefinition(
            name="MODEL", key_length=KEY_LENGTH, key_offset=KEY_OFFSET, average_record=80, maximum_record=self.maximum,
            ci_size=512, index_ci_size=512, cis_per_ca=max(self.fewest_cis, shape[0]), free_ci_percent=shape[1],
            free_ca_percent=shape[2], primary=2, secondary=3, reuse=True, spanned=self.maximum > 505,
        )  # fmt: skip
        self.kind.create(self.folder, STEM, self.definition)
        self.open()

    def open(self) -> None:
        self.cluster = self.kind.open(self.folder, STEM, self.definition, mode="w", buffer_bytes=0)

    def make(self, key: bytes, length: int, fill: int) -> bytes:
        return make(key, self.longer.get(length, length), fill)

    def changed(self) -> None:
        self.hard.append(list(self.model.values()))

    # -- requests that change ---------------------------------------------------------------------------

    @precondition(lambda self: self.shape)
    @rule(key=keys, length=lengths, fill=st.integers(0, 255), sequential=st.booleans())
    def insert(self, key: bytes, length: int, fill: int, sequential: bool) -> None:
        record = self.make(key, length, fill)
        if key in self.model:
            with pytest.raises(DuplicateKey):
                self.cluster.insert(record, sequential=sequential)
        else:
            self.cluster.insert(record, sequential=sequential)
            self.model[key] = record
            self.changed()

    @precondition(lambda self: self.shape)
    @rule(first=st.integers(0, 60000), count=st.integers(1, 12), length=lengths, sequential=st.booleans())
    def insert_a_run(self, first: int, count: int, length: int, sequential: bool) -> None:
        for number in range(first, first + count):
            self.insert(number.to_bytes(KEY_LENGTH), length, number % 256, sequential)

    @precondition(lambda self: self.model)
    @rule(data=st.data(), length=lengths, fill=st.integers(0, 255))
    def update(self, data: st.DataObject, length: int, fill: int) -> None:
        record = self.make(data.draw(st.sampled_from(list(self.model))), length, fill)
        self.cluster.update(record)
        self.model[record[1:4]] = record
        self.changed()

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def erase(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(list(self.model)))
        assert self.cluster.erase(key) == self.model.pop(key)
        self.changed()

    @precondition(lambda self: self.model)
    @rule(part=parts)
    def erase_all_below(self, part: bytes) -> None:
        for key in [key for key in self.model if key.startswith(part)]:
            self.cluster.erase(key)
            del self.model[key]
            self.changed()

    @precondition(lambda self: self.shape)
    @rule(new=st.lists(st.tuples(keys, lengths), max_size=30, unique_by=lambda pair: pair[0]))
    def load(self, new: list[tuple[bytes, int]]) -> None:
        records = [self.make(key, length, 7) for key, length in sorted(new)]
        if self.cluster.index.levels:
            with pytest.raises(LoadModeViolation):
                self.cluster.load(records)
        else:
            assert self.cluster.load(records) == len(records)
            self.model.update((record[1:4], record) for record in records)
            self.hard = [list(self.model.values())]

    @precondition(lambda self: self.shape and not self.cluster.index.levels)
    @rule(key=keys)
    def load_out_of_sequence(self, key: bytes) -> None:
        with pytest.raises((OutOfSequence, DuplicateKey)):
            self.cluster.load([self.make(key, 50, 1), self.make(min(key, b"AB\x00"), 50, 1)])

    @precondition(lambda self: self.shape)
    @rule()
    def reset(self) -> None:
        self.cluster.reset()
        self.model.clear()
        self.hard = [[]]

    # -- life and death ---------------------------------------------------------------------------------

    @precondition(lambda self: self.shape)
    @rule()
    def commit(self) -> None:
        self.cluster.commit()
        self.hard = [list(self.model.values())]

    @precondition(lambda self: self.shape)
    @rule()
    def reopen(self) -> None:
        self.cluster.close()
        self.hard = [list(self.model.values())]
        self.open()

    @precondition(lambda self: self.shape)
    @rule(seed=st.integers(0, 1000))
    def crash(self, seed: int) -> None:
        disk = Disk.at_start(self.folder.start)
        for call in self.folder.log:
            disk.step(call)
        states = list(disk.states(seed))
        self.folder = RecordingFolder(states[seed % len(states)].files)
        self.open()
        content = list(self.cluster.browse())
        assert content in self.hard
        self.model = SortedDict((record[1:4], record) for record in content)
        self.hard = [content]

    # -- requests that read -----------------------------------------------------------------------------

    @precondition(lambda self: self.shape)
    @rule(key=keys)
    def get(self, key: bytes) -> None:
        if key in self.model:
            assert self.cluster.get(key) == self.model[key]
            number, rba = self.cluster.locate(key)
            image = self.cluster.read_ci("data", number)
            displacement = rba - number * 512
            in_ci = min(len(self.model[key]), 502) if len(self.model[key]) > 505 else len(self.model[key])
            assert image[displacement : displacement + in_ci] == self.model[key][:in_ci]
        else:
            for request in (self.cluster.get, self.cluster.erase, self.cluster.locate):
                with pytest.raises(RecordNotFound):
                    request(key)
            with pytest.raises(RecordNotFound):
                self.cluster.update(self.make(key, 20, 0))

    @precondition(lambda self: self.shape)
    @rule(start=st.none() | parts, stop=st.none() | parts, reverse=st.booleans())
    def browse(self, start: bytes | None, stop: bytes | None, reverse: bool) -> None:
        low = start.ljust(KEY_LENGTH, b"\0") if start else b""
        high = stop.ljust(KEY_LENGTH, b"\xff") if stop else b"\xff" * KEY_LENGTH
        expected = [record for key, record in self.model.items() if low <= key <= high]
        found = list(self.cluster.browse(start, stop, reverse=reverse))
        assert found == (expected[::-1] if reverse else expected)

    @precondition(lambda self: self.shape)
    @rule(prefix=parts, reverse=st.booleans())
    def browse_generic(self, prefix: bytes, reverse: bool) -> None:
        expected = [record for key, record in self.model.items() if key.startswith(prefix)]
        found = list(self.cluster.browse(prefix=prefix, reverse=reverse))
        assert found == (expected[::-1] if reverse else expected)

    @precondition(lambda self: self.shape)
    @rule(reverse=st.booleans(), every=st.integers(1, 3))
    def erase_while_browsing(self, reverse: bool, every: int) -> None:
        """Positions hold while CIs vanish behind the browse."""
        expected = list(self.model.values())[:: -1 if reverse else 1]
        seen = []
        for at, record in enumerate(self.cluster.browse(reverse=reverse)):
            seen.append(record)
            if at % every == 0:
                self.cluster.erase(record[1:4])
                del self.model[record[1:4]]
                self.changed()
        assert seen == expected

    @precondition(lambda self: self.model)
    @rule(reverse=st.booleans())
    def grow_while_browsing(self, reverse: bool) -> None:
        """Positions hold while CIs split under the browse: every record there before is seen once."""
        expected = list(self.model)[:: -1 if reverse else 1]
        seen = []
        for record in self.cluster.browse(reverse=reverse):
            seen.append(record[1:4])
            longer = self.make(record[1:4], MAXIMUM, 9)
            self.cluster.update(longer)
            self.model[record[1:4]] = longer
            self.changed()
        assert seen == expected

    @precondition(lambda self: self.shape)
    @rule()
    def wrong_arguments_change_nothing(self) -> None:
        for key in (b"", b"AB", b"ABCD"):
            with pytest.raises(InvalidKeyLength):
                self.cluster.get(key)
        for record in (b"*AB", b"*ABC" + bytes(self.maximum)):
            with pytest.raises(InvalidLength):
                self.cluster.insert(record)

    @precondition(lambda self: self.shape)
    @rule()
    def a_reader_sees_the_same(self) -> None:
        self.reopen()
        self.cluster.close()
        with self.kind.open(self.folder, STEM, self.definition) as reader:
            assert list(reader.browse()) == list(self.model.values())
            with pytest.raises(InvalidAccess):
                reader.insert(self.make(b"ABC", 20, 0))
        self.open()

    # -- always -----------------------------------------------------------------------------------------

    @invariant()
    def is_sound(self) -> None:
        if self.shape:
            assert len(self.cluster) == len(self.model) == self.cluster.statistics.records
            self.turn += 1
            if self.turn % 4:  # verify brings changed CIs into the journal: let some requests share a group
                return
            findings = self.cluster.verify()
            assert not findings, [str(finding) for finding in findings]

    def teardown(self) -> None:
        if self.shape:
            self.cluster.close()


class SpannedCluster(Cluster):
    """The same requests where half of the records are too long for a control interval."""

    kind = SpannedKeySequenced
    longer: ClassVar[dict[int, int]] = {80: 505, 81: 506, 150: 1004, 299: 1005, 300: 1506}
    fewest_cis = 3


@pytest.fixture
def limits() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        small_limits(patch, checkpoint_bytes=48 << 10)
        yield


@pytest.mark.usefixtures("limits")
@pytest.mark.parametrize("machine", [Cluster, SpannedCluster])
def test_any_sequence_of_requests_matches_a_sorted_dictionary(machine: type[Cluster]) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=max(5, round(150 * SCALE)),
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
