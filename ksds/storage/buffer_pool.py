"""Decoded control intervals in memory: the recently used ones, and changed ones until their image is logged.

Two generations stand in for an LRU list, so that a hit in `young` costs a look-up and nothing more. When the pool is
full, each new page drives out one of `old`, first come first gone; a page of `old` that is wanted meanwhile moves to
`young`. When few are left in `old`, all of `young` queue up behind them and have to be wanted again. The pool stays
full: letting a whole generation go at once would cost a third of the hits of random reads.

A page that is driven out while it is newer than its newest image waits in `leaving`, until somebody has logged it. A
page is in one of `young`, `old` and `leaving`; `dirty` and `whole` only mark. It is put where it goes before it is
taken from where it was, so that an interrupt (Ctrl-C) while somebody reads leaves it in two places, never in none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

Page = TypeVar("Page")

LEAVING = 64
"""Pages that wait in `leaving` before they are worth a journal group."""


class BufferPool(Generic[Page]):
    """Pages by control interval number; `load` brings a page that is not here.

    `young`, `dirty`, `whole` and `leaving` are public for the hot path: look in `young`, else call `find`; put a
    changed page in `dirty`; log those in `leaving` when there are more than LEAVING. `dirty` are the pages newer than
    their newest image, `whole` the numbers of those of which no edits tell what changed.
    """

    def __init__(self, capacity: int, load: Callable[[int], Page]) -> None:
        self.young: dict[int, Page] = {}
        self.old: dict[int, Page] = {}
        self.leaving: dict[int, Page] = {}
        self.dirty: dict[int, Page] = {}
        self.whole: set[int] = set()
        self._capacity = max(2, capacity)
        self._next: Iterator[int] = iter(())
        self._load = load

    def find(self, number: int) -> Page:
        """The page, loaded if need be, and kept."""
        page = self.young.get(number)
        if page is not None:
            return page
        page = self.old.get(number)
        if page is not None:
            self.young[number] = page
            del self.old[number]
            return page
        page = self.leaving.get(number)
        if page is None:
            page = self._load(number)
        self._keep(number, page)
        self.leaving.pop(number, None)
        return page

    def peek(self, number: int) -> Page | None:
        """The page if it is in memory; its age does not change."""
        for pages in (self.young, self.old, self.leaving):
            page = pages.get(number)
            if page is not None:
                return page
        return None

    def _keep(self, number: int, page: Page) -> None:
        if len(self.young) + len(self.old) >= self._capacity:
            self._let_one_go()
        self.young[number] = page

    def _let_one_go(self) -> None:
        if len(self.old) <= self._capacity // 8:
            self._next = iter([*self.old, *self.young])
            self.old.update(self.young)
            self.young = {}
        for number in self._next:
            page = self.old.get(number)
            if page is not None:
                if number in self.dirty:
                    self.leaving[number] = page
                del self.old[number]
                return

    def change(self, number: int, page: Page) -> None:
        """Hold a new page, or one in place of another, to be logged whole."""
        self.dirty[number] = page
        self.whole.add(number)
        for pages in (self.young, self.old, self.leaving):  # the page in whose place it comes must not leave as changed
            pages.pop(number, None)
        self._keep(number, page)

    def forget(self, number: int) -> None:
        """What the control interval held is of the past: whoever changes it next does so under another number."""
        for pages in (self.young, self.old, self.leaving, self.dirty):
            pages.pop(number, None)
        self.whole.discard(number)

    def take(self, number: int) -> Page | None:
        """The page if it is in memory, which now forgets it."""
        page = self.peek(number)
        self.forget(number)
        return page

    def evict(self) -> dict[int, Page]:
        """Let go of the pages in `leaving`; those among them whose image must be logged now."""
        pages = {number: page for number, page in self.leaving.items() if number in self.dirty}
        for number in pages:
            del self.dirty[number]
        self.whole.difference_update(pages)
        self.leaving.clear()
        return pages

    def take_whole(self) -> list[tuple[int, Page]]:
        """The pages to be logged whole, which they are from now on."""
        pages = [(number, self.dirty.pop(number)) for number in self.whole]
        self.whole.clear()
        return pages

    def clear(self) -> None:
        """Forget everything."""
        for pages in (self.young, self.old, self.leaving, self.dirty, self.whole):
            pages.clear()
