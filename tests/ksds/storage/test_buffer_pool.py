"""The buffer pool keeps what is used and never loses what is changed."""

from __future__ import annotations

import contextlib
import itertools
import random

from ksds.storage.buffer_pool import BufferPool
from tests.crashes.test_interrupts import Interrupt


class Disk:
    """Counts what is loaded; a page is a list that says its number."""

    def __init__(self) -> None:
        self.loads = 0

    def load(self, number: int) -> list[int]:
        self.loads += 1
        return [number]


def test_a_page_is_loaded_once_while_there_is_room() -> None:
    disk = Disk()
    pool = BufferPool(10, disk.load)
    for number in [*range(10), *range(10)]:
        assert pool.find(number) == [number]
    assert disk.loads == 10


def test_the_pool_stays_full_and_never_fuller() -> None:
    disk = Disk()
    pool = BufferPool(100, disk.load)
    source = random.Random(1)
    for _ in range(5000):
        assert pool.find(number := source.randrange(110)) == [number]
        assert len(pool.young) + len(pool.old) <= 100
    assert len(pool.young) + len(pool.old) == 100
    assert disk.loads < 5000 * 0.2, "nine in ten pages are here, so about nine in ten requests should hit"


def test_a_page_in_steady_use_stays() -> None:
    disk = Disk()
    pool = BufferPool(16, disk.load)
    for number in range(1, 1000):
        pool.find(0)
        pool.find(number)
    assert disk.loads <= 1001


def test_a_changed_page_waits_until_it_is_evicted() -> None:
    disk = Disk()
    pool = BufferPool(4, disk.load)
    page = pool.find(0)
    pool.change(0, page)
    for number in range(1, 100):
        pool.find(number)
    assert list(pool.leaving) == [0]
    assert pool.peek(0) is page and pool.find(0) is page
    assert not pool.leaving
    for number in range(1, 100):
        pool.find(number)
    assert pool.evict() == {0: page}
    assert pool.peek(0) is None and not pool.dirty
    assert pool.evict() == {}


def test_a_page_in_place_of_another_leaves_no_trace_of_it() -> None:
    """A split puts a new page under a number whose old page was about to leave: that one must not be logged."""
    disk = Disk()
    pool = BufferPool(4, disk.load)
    pool.change(0, pool.find(0))
    for number in range(1, 100):
        pool.find(number)
    new = ["new"]
    pool.change(0, new)  # type: ignore[arg-type]
    assert pool.peek(0) is new and not pool.leaving
    for number in range(1, 100):
        pool.find(number)
    assert pool.evict() == {0: new}


def test_a_page_in_place_of_a_young_one_leaves_no_trace_of_it() -> None:
    """The pool is full and turns over at this very change: the old page must not leave as the changed one."""
    disk = Disk()
    for capacity in (2, 3, 4, 8):
        pool = BufferPool(capacity, disk.load)
        for number in range(capacity):
            pool.find(number)
        logged = {}
        for number in range(capacity):
            pool.change(number, [number, "new"])  # type: ignore[arg-type, list-item]
            logged.update(pool.evict())
        for number in range(100, 200):
            pool.find(number)
        assert logged | pool.evict() == {number: [number, "new"] for number in range(capacity)}


def test_clear_forgets_everything() -> None:
    disk = Disk()
    pool = BufferPool(4, disk.load)
    pool.change(1, [1])
    pool.find(2)
    pool.clear()
    assert pool.peek(1) is None and pool.peek(2) is None
    for number in range(10):
        assert pool.find(number) == [number]


def test_no_interrupt_takes_a_changed_page_away() -> None:
    for at in itertools.count(1):
        pool: BufferPool[list[int]] = BufferPool(4, lambda number: [number])
        for number in range(8):
            pool.change(number, [number])
        with contextlib.suppress(KeyboardInterrupt), Interrupt(at) as interrupt:
            for number in (0, 7, 3, 9, 1):
                pool.find(number)
        assert all(pool.peek(number) is pool.dirty[number] for number in range(8)), at
        if interrupt.count < at:
            break
    assert at > 100
