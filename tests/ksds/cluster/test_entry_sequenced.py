"""An ESDS is a log: what was appended is found at its RBA for ever, in order, also after reopening and crashes."""

from __future__ import annotations

import random

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from ksds.cluster.definition import ClusterDefinition
from ksds.cluster.entry_sequenced import EntrySequenced
from ksds.errors import (
    Damaged,
    InvalidAccess,
    InvalidLength,
    InvalidRba,
    LengthChange,
    NoSpace,
    OpenError,
    PhysicalError,
)
from ksds.layout.control_interval import decode
from ksds.storage.device import FileFolder, MemoryDevice, MemoryFolder


def log_definition(**changes) -> ClusterDefinition:
    fields = {
        "name": "SYS1.STATS",
        "organization": "NONINDEXED",
        "average_record": 80,
        "maximum_record": 505,
        "ci_size": 512,
        "cis_per_ca": 4,
        "reuse": True,
    }
    return ClusterDefinition(**{**fields, **changes})


def opened(folder, mode="w", definition=None, **options) -> EntrySequenced:
    definition = definition or log_definition()
    if not folder.exists("LOG.data"):
        EntrySequenced.create(folder, "LOG", definition)
    return EntrySequenced.open(folder, "LOG", definition, mode=mode, **options)


def as_after_a_crash(folder: MemoryFolder) -> MemoryFolder:
    """The files as they stand, without the open handle."""
    copy = MemoryFolder()
    for name in folder.names():
        source = folder.open(name)
        copy.open(name, create=True).write(0, source.read(0, source.size()))
    return copy


def test_records_are_known_by_their_rba():
    with opened(MemoryFolder()) as log:
        assert [log.append(b"A" * 200), log.append(b"B" * 300), log.append(b"C" * 20)] == [0, 200, 512]
        assert log.get(200) == b"B" * 300
        assert list(log.browse()) == [(0, b"A" * 200), (200, b"B" * 300), (512, b"C" * 20)]
        assert list(log.browse(512)) == [(512, b"C" * 20)]
        assert list(log.browse(532)) == []
        assert len(log) == log.statistics.records == 3


def test_equal_records_share_their_rdfs_so_more_fit():
    with opened(MemoryFolder()) as log:
        rbas = [log.append(b"X" * 10) for _ in range(51)]
        assert rbas == [*range(0, 500, 10), 512]
        assert len(decode(log.read_ci("data", 0)).rdfs) == 2


def test_the_file_holds_only_control_intervals_and_ends_with_seof(tmp_path):
    with opened(FileFolder(tmp_path)) as log:
        log.append(b"HELLO")
        assert log.statistics.high_used_rba == 512
        assert log.statistics.high_allocated_rba == 2048
    data = (tmp_path / "LOG.data").read_bytes()
    assert data[:512] == b"HELLO" + bytes(500) + bytes.fromhex("000005 0005 01F4")
    assert data[512:] == bytes(1536)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["LOG.data", "LOG.jnl", "LOG.sum"]


def test_an_update_keeps_the_length():
    with opened(MemoryFolder()) as log:
        rba = log.append(b"STATE=OPEN")
        log.update(rba, b"STATE=DONE")
        with pytest.raises(LengthChange) as caught:
            log.update(rba, b"STATE=FAILED")
        assert (caught.value.return_code, caught.value.feedback) == (8, 100)
        assert log.get(rba) == b"STATE=DONE"
        assert log.statistics.updated == 1


@pytest.mark.parametrize("rba", [-1, 1, 4, 10, 512, 10**12])
def test_an_rba_where_no_record_begins(rba: int):
    with opened(MemoryFolder()) as log:
        log.append(b"0123456789")
        for request in (log.get, log.browse):
            if rba != 10 or request == log.get:
                with pytest.raises(InvalidRba, match=r"SYS1\.STATS"):
                    request(rba)
        with pytest.raises(InvalidRba):
            log.update(rba, b"0123456789")


@pytest.mark.parametrize("length", [0, 506])
def test_records_of_impossible_length(length: int):
    with opened(MemoryFolder()) as log:
        with pytest.raises(InvalidLength):
            log.append(b"X" * length)
        log.append(b"X" * 505)
        assert len(log) == 1


def test_input_only_and_closed_handles_refuse_to_write():
    folder = MemoryFolder()
    with opened(folder) as log:
        log.append(b"ONE")
    with opened(folder, "r") as log:
        assert log.get(0) == b"ONE"
        for request in (lambda: log.append(b"TWO"), lambda: log.update(0, b"TWO"), log.commit, log.reset):
            with pytest.raises(InvalidAccess):
                request()
    with pytest.raises(InvalidAccess, match="closed"):
        log.append(b"TWO")


def test_a_second_writer_is_refused():
    folder = MemoryFolder()
    with opened(folder), pytest.raises(OpenError) as caught:
        opened(folder)
    assert caught.value.feedback == 168


def test_reuse_empties_and_others_refuse():
    folder = MemoryFolder()
    with opened(folder) as log:
        log.append(b"OLD")
        log.commit()
        log.reset()
        assert list(log.browse()) == []
        assert log.append(b"NEW") == 0
    with opened(folder) as log:
        assert list(log.browse()) == [(0, b"NEW")]
        assert log.verify() == []
    with opened(folder, definition=log_definition(reuse=False)) as log, pytest.raises(OpenError) as caught:
        log.reset()
    assert caught.value.feedback == 232


def test_no_secondary_space_is_no_space():
    with opened(MemoryFolder(), definition=log_definition(secondary=0)) as log:
        with pytest.raises(NoSpace) as caught:
            for _ in range(5):
                log.append(b"X" * 505)
        assert caught.value.feedback == 28
        assert len(log) == 4
        log.commit()
        assert log.verify() == []


def test_a_crash_keeps_what_was_committed():
    folder = MemoryFolder()
    log = opened(folder)
    for number in range(100):
        log.append(b"RECORD %03d" % number)
    log.commit()
    for number in range(100, 120):
        log.append(b"RECORD %03d" % number)
    with opened(as_after_a_crash(folder), "r") as after:
        assert [record for _, record in after.browse()] == [b"RECORD %03d" % number for number in range(100)]
        assert after.verify() == []


def test_browsing_a_growing_log_goes_on_to_the_new_end():
    with opened(MemoryFolder()) as log:
        for _ in range(3):
            log.append(b"A" * 500)
        seen = []
        for rba, _ in log.browse():
            seen.append(rba)
            if len(seen) <= 3:
                log.append(b"B" * 500)
        assert seen == [512 * number for number in range(6)]


def test_flipped_bytes_of_the_data_file_are_damage_with_a_place(tmp_path):
    with opened(FileFolder(tmp_path)) as log:
        for number in range(100):
            log.append(b"RECORD %03d" % number)
        used = log.statistics.high_used_rba
    path = tmp_path / "LOG.data"
    sound = path.read_bytes()
    rng = random.Random(20)
    for at in rng.sample(range(used), 40):
        damaged = bytearray(sound)
        damaged[at] ^= 1 << rng.randrange(8)
        path.write_bytes(damaged)
        with opened(FileFolder(tmp_path), "r") as log:
            with pytest.raises(Damaged) as caught:
                list(log.browse())
            assert caught.value.rba == at // 512 * 512
            assert [finding.ci for finding in log.verify()] == [at // 512]


def test_verify_counts_what_is_there():
    with opened(MemoryFolder()) as log:
        log.append(b"ONE")
        assert log.verify() == []
        log.state.records = 2
        assert [(finding.severity, finding.message) for finding in log.verify()] == [
            (4, "1 records, but 2 are counted")
        ]
        log.state.end = 2
        assert "data ends at RBA 3, not at 2" in log.verify()[0].message


def test_after_a_failed_sync_nothing_is_answered_until_it_is_opened_again(monkeypatch):
    folder = MemoryFolder()
    log = opened(folder)
    log.append(b"COMMITTED")
    log.commit()
    log.append(b"IN DOUBT")

    def failing(device: MemoryDevice) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(MemoryDevice, "sync", failing)
        with pytest.raises(PhysicalError) as caught:
            log.commit()
        assert (caught.value.return_code, caught.value.feedback) == (12, 16)
    for request in (log.commit, lambda: log.get(0), lambda: log.append(b"X"), lambda: list(log.browse())):
        with pytest.raises(PhysicalError):
            request()
    log.close()
    with opened(folder) as log:
        assert log.get(0) == b"COMMITTED"
        assert log.verify() == []


class LogModel(RuleBasedStateMachine):
    """Against a list of (RBA, record)."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = MemoryFolder()
        self.log = opened(self.folder)
        self.model: list[tuple[int, bytes]] = []
        self.committed = 0

    @rule(length=st.sampled_from((1, 7, 7, 80, 80, 250, 505)), fill=st.integers(0, 255), many=st.integers(1, 12))
    def append(self, length: int, fill: int, many: int):
        for _ in range(many):
            record = bytes([fill]) * length
            self.model.append((self.log.append(record), record))

    @rule(choice=st.integers(0, 10**6), fill=st.integers(0, 255))
    def update(self, choice: int, fill: int):
        if self.model:
            at = choice % len(self.model)
            rba, old = self.model[at]
            self.model[at] = rba, bytes([fill]) * len(old)
            self.log.update(*self.model[at])

    @rule(choice=st.integers(0, 10**6))
    def browse_from(self, choice: int):
        if self.model:
            at = choice % len(self.model)
            assert list(self.log.browse(self.model[at][0])) == self.model[at:]
            assert self.log.get(self.model[at][0]) == self.model[at][1]

    @rule()
    def commit(self):
        self.log.commit()

    @rule()
    def reopen(self):
        self.log.close()
        self.log = opened(self.folder, buffer_bytes=512)

    @rule()
    def crash_after_commit(self):
        self.log.commit()
        self.folder = as_after_a_crash(self.folder)
        self.log = opened(self.folder)

    @rule()
    def reset(self):
        self.log.reset()
        self.model = []

    @invariant()
    def same_content(self):
        assert list(self.log.browse()) == self.model
        assert len(self.log) == len(self.model)
        rbas = [rba for rba, _ in self.model]
        assert rbas == sorted(set(rbas))
        assert self.log.verify() == []


TestLogModel = LogModel.TestCase
TestLogModel.settings = settings(max_examples=40, stateful_step_count=20, deadline=None)
