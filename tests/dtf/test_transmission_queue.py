"""The TCQ: what is queued is there after the next open, and a half-written Process is not."""

from dataclasses import replace

import pytest

from dtf.queue_listing import listing
from dtf.transmission_queue import Document, QueuedProcess, QueueError, TransmissionQueue, clear, ready, repair

DOCUMENT = Document(
    text="PAYDAY PROCESS SNODE=LON\n" * 400, symbols={"A": "ü|"}, intrinsics={}, overrides={"PRTY": "3"}
)
PROCESS = QueuedProcess(number=0, submitted=5, name="PAYDAY", snode="LON", submitter="ME")


@pytest.fixture
def system(pair):
    return pair.nyc


def test_a_process_comes_back_as_it_was_submitted(system):
    with TransmissionQueue(system, "w") as queue:
        filed = queue.add(replace(PROCESS, codes={"ONE": 0, "TWO": 8}, text="why"), DOCUMENT)
        assert len(filed.pieces) == 3
        changed = queue.update(replace(filed, queue="TI", status="RE", retries=2, due=10**18, at=3, restart=True))
    with TransmissionQueue(system) as queue:
        assert queue.find(1) == changed
        assert queue.document(changed) == DOCUMENT
        assert queue.find(2) is None


def test_numbers_rise_survive_removal_and_wrap(system):
    with TransmissionQueue(system, "w") as queue:
        first = queue.add(PROCESS, DOCUMENT)
        queue.remove(first)
        assert queue.add(PROCESS, DOCUMENT).number == 2
    with TransmissionQueue(system, "w") as queue:
        queue._set_control(99_998, 0)
        assert [queue.add(PROCESS, DOCUMENT).number for _ in range(3)] == [99_999, 1, 3]


def test_session_ids_rise_over_opens(system):
    seen = []
    for _ in range(3):
        with TransmissionQueue(system, "w") as queue:
            seen += [queue.next_session(), queue.next_session()]
    assert seen == sorted(set(seen))


def test_a_process_of_more_than_43_records_is_refused_and_leaves_nothing(system):
    with TransmissionQueue(system, "w") as queue:
        with pytest.raises(QueueError, match="no room"):
            queue.add(PROCESS, replace(DOCUMENT, text="X" * 200_000))
        assert queue.processes() == []
        assert queue.add(PROCESS, replace(DOCUMENT, text="X" * 160_000)).number == 1


def test_pieces_that_a_crash_left_without_a_head_are_freed(system):
    with TransmissionQueue(system, "w") as queue:
        filed = queue.add(PROCESS, DOCUMENT)
        queue._cluster.erase(filed.slot)
    with TransmissionQueue(system, "w") as queue:
        assert queue.processes() == []
        assert [slot for slot, _ in queue._cluster.browse()] == [1]


def test_a_damaged_record_is_one_clear_error(system):
    with TransmissionQueue(system, "w") as queue:
        filed = queue.add(PROCESS, DOCUMENT)
        record = bytearray(queue._cluster.get(filed.slot))
        record[40] ^= 1
        queue._cluster.put(filed.pieces[0], bytes(4089))
        with pytest.raises(QueueError):
            queue.document(filed)
        queue._cluster.put(filed.slot, bytes(record))
        queue._cluster.commit()
    for mode in ("r", "w"):
        with (
            pytest.raises(QueueError, match="CRC-32C: dtf repair removes it"),
            TransmissionQueue(system, mode) as queue,
        ):
            queue.processes()


def test_repair_removes_what_is_damaged_and_keeps_the_rest(system):
    with TransmissionQueue(system, "w") as queue:
        good, torn, headless = (queue.add(PROCESS, DOCUMENT) for _ in range(3))
        queue._cluster.put(torn.pieces[0], bytes(4089))
        queue._cluster.put(headless.slot, queue._cluster.get(headless.slot)[:-1] + b"\xff")
        queue._cluster.commit()
    lines = repair(system)
    assert len(lines) == 3
    assert any("CRC-32C" in line for line in lines)
    with TransmissionQueue(system, "w") as queue:
        assert [p.number for p in queue.processes()] == [good.number]
        assert queue.document(good) == DOCUMENT
        assert queue.add(PROCESS, DOCUMENT).number == 4
    assert repair(system) == []


def test_a_cold_start_empties_the_queue_and_goes_on_counting(system):
    with TransmissionQueue(system, "w") as queue:
        queue.add(PROCESS, DOCUMENT)
        queue.add(PROCESS, DOCUMENT)
    assert [p.number for p in clear(system)] == [1, 2]
    with TransmissionQueue(system, "w") as queue:
        assert queue.processes() == []
        assert queue.add(PROCESS, DOCUMENT).number == 3


def test_waiting_processes_run_by_priority_then_by_age():
    def process(number, priority, queue="WA"):
        return replace(PROCESS, number=number, priority=priority, queue=queue)

    queue = [process(1, 5), process(2, 9), process(3, 9), process(4, 15, "HO")]
    assert [p.number for p in ready(queue)] == [2, 3, 1]


def test_the_listing_has_one_line_for_each_process():
    lines = listing([replace(PROCESS, number=7), replace(PROCESS, number=8, queue="HO", status="RH")])
    assert len(lines) == 3
    assert lines[1].split()[:5] == ["PAYDAY", "7", "WA", "WC", "LON"]
