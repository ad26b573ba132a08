"""Decoded control intervals in memory: the recently used ones, and the changed ones until they are committed.

Two generations stand in for an LRU list, so that a hit in `young` costs a look-up and nothing more. When the pool is
full, each new page drives out one of `old`, first come first gone; a page of `old` that is wanted meanwhile moves to
`young`. When few are left in `old`, all of `young` queue up behind them and have to be wanted again. The pool stays
full: letting a whole generation go at once would cost a third of the hits of random reads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

Page = TypeVar("Page")


class BufferPool(Generic[Page]):
    """Pages by control interval number; `load` brings a page that is not here.

    `young` and `dirty` are public for the hot path: look in `young`, else call `find`; a changed page goes
    into `dirty` and stays in memory until `clean`.
    """

    def __init__(self, capacity: int, load: Callable[[int], Page]) -> None:
        self.young: dict[int, Page] = {}
        self.old: dict[int, Page] = {}
        self.dirty: dict[int, Page] = {}
        self._capacity = max(2, capacity)
        self._leaving: Iterator[int] = iter(())
        self._load = load

    def find(self, number: int) -> Page:
        """The page, loaded if need be, and kept."""
        page = self.young.get(number)
        if page is not None:
            return page
        page = self.old.pop(number, None)
        if page is None:
            page = self.dirty.get(number)
        if page is None:
            page = self._load(number)
        self.keep(number, page)
        return page

    def peek(self, number: int) -> Page | None:
        """The page if it is in memory; its age does not change."""
        return self.young.get(number) or self.dirty.get(number) or self.old.get(number)

    def keep(self, number: int, page: Page) -> None:
        """Hold a page as recently used."""
        if len(self.young) + len(self.old) >= self._capacity:
            self._let_one_go()
        self.young[number] = page

    def _let_one_go(self) -> None:
        if len(self.old) <= self._capacity // 8:
            self.old.update(self.young)
            self.young = {}
            self._leaving = iter(list(self.old))
        for number in self._leaving:
            if self.old.pop(number, None) is not None:
                return

    def change(self, number: int, page: Page) -> None:
        """Hold a new or changed page until it is committed."""
        self.dirty[number] = page
        self.keep(number, page)

    def forget(self, number: int) -> None:
        """What the control interval held is of the past: whoever changes it next does so under another number."""
        self.young.pop(number, None)
        self.old.pop(number, None)
        self.dirty.pop(number, None)

    def clean(self) -> None:
        """The dirty pages are committed."""
        self.dirty.clear()

    def clear(self) -> None:
        """Forget everything."""
        self.young.clear()
        self.old.clear()
        self.dirty.clear()
