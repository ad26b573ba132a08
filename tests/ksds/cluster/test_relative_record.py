"""An RRDS is an array of slots: full or empty, numbered from 1, in place for ever, also after reopening and crashes."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from ksds.cluster.definition import ClusterDefinition
from ksds.cluster.relative_record import RelativeRecord
from ksds.errors import (
    Damaged,
    DuplicateKey,
    InvalidAccess,
    InvalidLength,
    InvalidRecordNumber,
    NoSpace,
    OpenError,
    RecordNotFound,
)
from ksds.layout.control_interval import decode
from ksds.storage.device import FileFolder, MemoryFolder
from tests.ksds.cluster.test_entry_sequenced import as_after_a_crash


def queue_definition(**changes) -> ClusterDefinition:
    """Three slots of 500 in a CI of 1536, two CIs in a CA: six slots at a time."""
    fields = {
        "name": "DTF.TCQ",
        "organization": "NUMBERED",
        "average_record": 500,
        "maximum_record": 500,
        "ci_size": 1536,
        "cis_per_ca": 2,
        "reuse": True,
    }
    return ClusterDefinition(**{**fields, **changes})


def opened(folder, mode="w", definition=None, **options) -> RelativeRecord:
    definition = definition or queue_definition()
    if not folder.exists("TCQ.data"):
        RelativeRecord.create(folder, "TCQ", definition)
    return RelativeRecord.open(folder, "TCQ", definition, mode=mode, **options)


def record(text: str) -> bytes:
    return text.encode("cp037").ljust(500, b"\x40")


def test_a_slot_is_empty_filled_replaced_and_emptied():
    with opened(MemoryFolder()) as queue:
        queue.insert(2, record("SECOND"))
        with pytest.raises(DuplicateKey):
            queue.insert(2, record("AGAIN"))
        queue.put(2, record("REPLACED"))
        queue.put(1, record("FIRST"))
        queue.update(1, record("UPDATED"))
        assert list(queue.browse()) == [(1, record("UPDATED")), (2, record("REPLACED"))]
        assert list(queue.browse(2)) == [(2, record("REPLACED"))]
        assert queue.erase(1) == record("UPDATED")
        for request in (queue.get, queue.erase, lambda number: queue.update(number, record("X"))):
            with pytest.raises(RecordNotFound) as caught:
                request(1)
            assert caught.value.feedback == 16
        assert len(queue) == 1
        figures = queue.statistics
        assert (figures.records, figures.inserted, figures.updated, figures.deleted) == (1, 2, 2, 1)


def test_the_file_holds_every_slot_of_a_control_area(tmp_path):
    with opened(FileFolder(tmp_path)) as queue:
        queue.put(2, record("TWO"))
    data = (tmp_path / "TCQ.data").read_bytes()
    assert data[500:1000] == record("TWO")
    assert data[1536 - 13 : 1536] == bytes.fromhex("0401F4 0001F4 0401F4 05DC0017")
    assert decode(data[1536:3072]).free_offset == 1500
    assert [rdf.is_empty_slot for rdf in decode(data[1536:3072]).rdfs] == [True, True, True]


def test_an_erased_slot_is_zeros(tmp_path):
    with opened(FileFolder(tmp_path)) as queue:
        queue.put(1, record("SECRET"))
        queue.erase(1)
    assert (tmp_path / "TCQ.data").read_bytes()[:1500] == bytes(1500)


def test_the_first_free_slot():
    with opened(MemoryFolder()) as queue:
        assert queue.first_free() == 1
        for number in range(1, 7):
            queue.insert(queue.first_free(), record(f"{number}"))
        assert queue.first_free() == 7
        queue.erase(4)
        queue.erase(2)
        assert queue.first_free() == 2
        queue.put(2, record("2"))
        assert queue.first_free() == 4


def test_a_far_slot_makes_the_control_areas_before_it():
    with opened(MemoryFolder(), definition=queue_definition(secondary=200), buffer_bytes=0) as queue:
        queue.put(1000, record("FAR"))
        assert list(queue.browse()) == [(1000, record("FAR"))]
        assert queue.statistics.high_used_rba == 334 * 1536
        assert queue.first_free() == 1
        assert queue.verify() == []
        with pytest.raises(RecordNotFound):
            queue.get(1001)
        with pytest.raises(RecordNotFound):
            queue.get(10**6)


@pytest.mark.parametrize("number", [0, -1, 10**9])
def test_numbers_that_no_slot_can_have(number: int):
    with opened(MemoryFolder()) as queue:
        for request in (queue.get, queue.erase, queue.browse, lambda n: queue.put(n, record("X"))):
            with pytest.raises(InvalidRecordNumber) as caught:
                request(number)
            assert caught.value.feedback == 192
        assert queue.statistics.high_used_rba == 0


@pytest.mark.parametrize("length", [0, 499, 501])
def test_records_that_are_not_the_size_of_a_slot(length: int):
    with opened(MemoryFolder()) as queue, pytest.raises(InvalidLength):
        queue.put(1, bytes(length))


def test_input_only_handles_refuse_to_write():
    folder = MemoryFolder()
    with opened(folder) as queue:
        queue.put(1, record("ONE"))
    with opened(folder, "r") as queue:
        assert queue.get(1) == record("ONE")
        for request in (lambda: queue.put(1, record("X")), lambda: queue.erase(1), queue.commit, queue.reset):
            with pytest.raises(InvalidAccess):
                request()


def test_a_wrong_ci_size_is_refused_and_the_files_are_let_go():
    folder = MemoryFolder()
    opened(folder).close()
    with pytest.raises(OpenError) as caught:
        opened(folder, definition=queue_definition(ci_size=2048))
    assert caught.value.feedback == 160
    opened(folder).close()


def test_a_missing_file_is_said_so():
    folder = MemoryFolder()
    opened(folder).close()
    folder.remove("TCQ.sum")
    with pytest.raises(OpenError, match=r"TCQ\.sum is missing"):
        opened(folder)


def test_no_secondary_space_is_no_space():
    with opened(MemoryFolder(), definition=queue_definition(secondary=0)) as queue:
        queue.put(6, record("LAST"))
        with pytest.raises(NoSpace):
            queue.put(7, record("BEYOND"))
        assert len(queue) == 1
        assert queue.verify() == []


def test_a_crash_keeps_what_was_committed():
    folder = MemoryFolder()
    queue = opened(folder)
    queue.put(1, record("QUEUED"))
    queue.commit()
    queue.put(1, record("CHANGED"))
    queue.put(50, record("NEVER COMMITTED"))
    with opened(as_after_a_crash(folder), "r") as after:
        assert list(after.browse()) == [(1, record("QUEUED"))]
        assert after.verify() == []


def test_a_flipped_byte_is_damage(tmp_path):
    with opened(FileFolder(tmp_path)) as queue:
        queue.put(4, record("FOUR"))
    path = tmp_path / "TCQ.data"
    data = bytearray(path.read_bytes())
    data[1536 + 7] ^= 1
    path.write_bytes(data)
    with opened(FileFolder(tmp_path), "w") as queue:
        with pytest.raises(Damaged) as caught:
            queue.get(4)
        assert (caught.value.rba, caught.value.data_set) == (1536, "DTF.TCQ")
        with pytest.raises(Damaged):
            queue.put(4, record("X"))
        assert [(finding.severity, finding.ci) for finding in queue.verify()] == [(8, 1)]
        queue.put(1, record("OTHER CI"))


class QueueModel(RuleBasedStateMachine):
    """Against a dictionary."""

    numbers = st.one_of(st.integers(1, 14), st.integers(1, 130))

    def __init__(self) -> None:
        super().__init__()
        self.folder = MemoryFolder()
        self.queue = opened(self.folder)
        self.model: dict[int, bytes] = {}

    @rule(number=numbers, text=st.text("ABC", max_size=3))
    def put(self, number: int, text: str):
        self.queue.put(number, record(text))
        self.model[number] = record(text)

    @rule(number=numbers)
    def insert(self, number: int):
        if number in self.model:
            with pytest.raises(DuplicateKey):
                self.queue.insert(number, record("NEW"))
        else:
            self.queue.insert(number, record("NEW"))
            self.model[number] = record("NEW")

    @rule(number=numbers)
    def erase(self, number: int):
        if number in self.model:
            assert self.queue.erase(number) == self.model.pop(number)
        else:
            with pytest.raises(RecordNotFound):
                self.queue.erase(number)

    @rule()
    def fill_the_first_free(self):
        number = self.queue.first_free()
        assert number == next(n for n in range(1, 1000) if n not in self.model)
        self.put(number, "FREE")

    @rule(start=numbers)
    def browse_from(self, start: int):
        assert list(self.queue.browse(start)) == sorted(item for item in self.model.items() if item[0] >= start)

    @rule()
    def reopen(self):
        self.queue.close()
        self.queue = opened(self.folder, buffer_bytes=0)

    @rule()
    def crash_after_commit(self):
        self.queue.commit()
        self.folder = as_after_a_crash(self.folder)
        self.queue = opened(self.folder)

    @rule()
    def reset(self):
        self.queue.reset()
        self.model = {}

    @invariant()
    def same_content(self):
        assert list(self.queue.browse()) == sorted(self.model.items())
        assert len(self.queue) == len(self.model)
        assert self.queue.verify() == []


TestQueueModel = QueueModel.TestCase
TestQueueModel.settings = settings(max_examples=40, stateful_step_count=20, deadline=None)
