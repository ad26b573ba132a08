"""The journal by itself: groups come back whole or not at all, and nothing comes back that should not."""

from __future__ import annotations

from itertools import pairwise
from typing import cast

import google_crc32c
import pytest

from ksds.errors import Damaged
from ksds.layout import journal_group as layout
from ksds.storage.device import Device, MemoryDevice, MemoryFolder
from ksds.storage.journal import PREWRITTEN, Commit, Journal


def new_device() -> MemoryDevice:
    device = MemoryFolder().open("J", create=True)
    Journal.create(device, b"state 0")
    return device


def copy_of(device: MemoryDevice) -> MemoryDevice:
    other = MemoryFolder().open("J", create=True)
    other.write(0, device.read(0, device.size()))
    return other


def image(number: int, length: int = 512) -> layout.Entry:
    return number % 2, layout.IMAGE, number, bytes([number % 256]) * length


def commits_in(device: MemoryDevice) -> list[Commit]:
    return list(Journal.open(device).scan())


def states_in(device: MemoryDevice) -> list[bytes]:
    return [commit.state for commit in commits_in(device)]


def test_groups_come_back_in_order_with_their_images() -> None:
    device = new_device()
    journal = Journal.open(device)
    first = journal.append([image(1), image(2, 4096)], b"state 1")
    journal.append([image(n) for n in range(150)], b"state 2")
    journal.sync()
    one, two = commits_in(device)
    assert (one.state, two.state) == (b"state 1", b"state 2")
    assert [entry.offset for entry in one.entries] == first
    stored = [(e.component, e.kind, e.number, device.read(e.offset, e.length)) for e in two.entries]
    assert stored == [image(number) for number in range(150)]
    assert all(google_crc32c.value(device.read(e.offset, e.length)) == e.crc for e in one.entries + two.entries)


def test_continued_groups_count_with_the_last_one_or_not_at_all() -> None:
    device = new_device()
    journal = Journal.open(device)
    journal.append([image(1)], b"state 1")
    end = journal.end
    journal.append([image(2)], b"", continued=True)
    journal.append([image(3)], b"", continued=True)
    assert states_in(device) == [b"state 1"]
    again = Journal.open(copy_of(device))
    assert len(list(again.scan())) == 1 and again.end == end, "the next commit takes their place"
    journal.append([image(4)], b"state 2")
    _, two = commits_in(device)
    assert [entry.number for entry in two.entries] == [2, 3, 4]


def test_forgotten_groups_stay_forgotten() -> None:
    device = new_device()
    journal = Journal.open(device)
    journal.append([image(1)], b"state 1")
    journal.append([image(2)], b"state 2")
    journal.forget(b"home")
    assert states_in(device) == []
    assert Journal.open(device).header.state == b"home"
    journal.append([image(3)], b"state 3")
    assert states_in(device) == [b"state 3"]


@pytest.mark.parametrize("slot", [0, 1])
def test_one_damaged_header_copy_costs_nothing(slot: int) -> None:
    """Both copies are equal at rest. Once the older copy was left with the older state: a wrong bit in the newer
    one then brought the old state back, which after a load was an empty data set."""
    device = new_device()
    journal = Journal.open(device)
    journal.append([image(1)], b"state 1")
    journal.forget(b"home")
    device.write(slot * layout.HEADER_BYTES + 40, b"?")
    assert Journal.open(device).header.state == b"home"


def test_both_header_copies_damaged_is_damage() -> None:
    device = new_device()
    for slot in (0, 1):
        device.write(slot * layout.HEADER_BYTES, b"?")
    with pytest.raises(Damaged):
        Journal.open(device)


def test_a_torn_last_group_is_the_end() -> None:
    device = new_device()
    journal = Journal.open(device)
    journal.append([image(1)], b"state 1")
    journal.sync()
    end = journal.end
    journal.append([image(2)], b"state 2")
    device.write(end + 100, b"torn")
    assert states_in(device) == [b"state 1"]


def test_a_broken_group_that_was_durable_is_damage() -> None:
    device = new_device()
    journal = Journal.open(device)
    for number in (1, 2, 3):
        journal.append([image(number)], b"state")
        journal.sync()
    device.write(layout.GROUPS_AT + 100, b"?")
    with pytest.raises(Damaged, match="group 1 is damaged"):
        commits_in(device)


def test_a_group_behind_a_lost_one_never_comes_back() -> None:
    """Two groups were written and not synced; the crash kept only the second. The next run wrote a first group of
    the same length over the lost one, was cut too, and recovery took the stale second one for its successor."""
    device = new_device()
    journal = Journal.open(device)
    lost = journal.end
    journal.append([image(1)], b"state 1")
    journal.append([image(2)], b"stale")
    device.write(lost, bytes(layout.GROUP_HEADER_BYTES))
    journal = Journal.open(device)
    assert list(journal.scan()) == []
    journal.cut_tail()
    journal.append([image(5)], b"state 5")
    assert states_in(device) == [b"state 5"]


def test_cutting_the_tail_keeps_what_was_found() -> None:
    device = new_device()
    journal = Journal.open(device)
    journal.append([image(1)], b"state 1")
    device.write(journal.end + 512, b"rest of an earlier life")
    journal = Journal.open(device)
    found = list(journal.scan())
    journal.cut_tail()
    assert device.size() == journal.end
    assert commits_in(copy_of(device)) == found


def test_a_tidy_journal_is_its_headers() -> None:
    device = new_device()
    journal = Journal.open(device)
    journal.append([image(1)], b"state 1")
    journal.tidy()
    assert device.size() > layout.GROUPS_AT, "a group that is pending must stay"
    journal.forget(b"home")
    journal.tidy()
    assert device.size() == layout.GROUPS_AT


def test_strange_bytes_behind_the_headers_are_no_groups() -> None:
    device = new_device()
    device.write(layout.GROUPS_AT, bytes(range(256)) * 64)
    assert states_in(device) == []


class Counted:
    """A device whose reads are counted."""

    def __init__(self, device: MemoryDevice) -> None:
        self._device = device
        self.reads = 0

    def __getattr__(self, name: str) -> object:
        return getattr(self._device, name)

    def read(self, offset: int, length: int) -> bytes:
        self.reads += 1
        return self._device.read(offset, length)


def test_the_end_is_found_in_few_reads_however_much_was_written_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every reader beside a writer looks behind the last group for one that depends on a lost one."""
    monkeypatch.setattr("ksds.storage.journal._FIRST_WRITTEN", PREWRITTEN)
    Journal.open(device := new_device()).append([image(1)], b"state 1")
    assert device.size() > PREWRITTEN
    counted = Counted(device)
    assert [commit.state for commit in Journal.open(cast(Device, counted)).scan()] == [b"state 1"]
    assert counted.reads < 20


def test_little_is_written_ahead_of_a_first_group_and_more_of_later_ones() -> None:
    """Most programs commit once or twice and close: they waited for a MiB of zeros."""
    journal = Journal.open(device := new_device())
    sizes = set()
    for n in range(600):
        journal.append([image(n, 4096)], b"state")
        sizes.add(device.size())
    steps = [later - earlier for earlier, later in pairwise(sorted(sizes))]
    assert min(sizes) < PREWRITTEN // 10
    assert steps == sorted(steps)
    assert steps[-1] == PREWRITTEN


def test_a_later_group_is_found_wherever_it_stands() -> None:
    device = new_device()
    journal = Journal.open(device)
    journal.append([image(n, 4096) for n in range(70)], b"state 1")
    journal.sync()
    journal.append([image(71)], b"state 2")
    device.write(2 * layout.HEADER_BYTES, b"JGRP" * 128)
    with pytest.raises(Damaged, match="later groups depend on it"):
        states_in(device)
