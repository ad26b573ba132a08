"""Decoded control intervals in memory: the recently used ones, and the changed ones until they are committed.

Two generations stand in for an LRU list. A page found is in `young` at no cost beyond the look-up; when
`young` is full it becomes `old` and whatever `old` still held is let go; a hit in `old` moves the page back.
So a page stays at least half a capacity of misses after its last use.
"""

from __future__ import annotations

from collections.abc import Callable
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
        self._generation = max(1, capacity // 2)
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
        if len(self.young) >= self._generation:
            self.old = self.young
            self.young = {}
        self.young[number] = page

    def change(self, number: int, page: Page) -> None:
        """Hold a new or changed page until it is committed."""
        self.dirty[number] = page
        self.keep(number, page)

    def clean(self) -> None:
        """The dirty pages are committed."""
        self.dirty.clear()

    def clear(self) -> None:
        """Forget everything."""
        self.young.clear()
        self.old.clear()
        self.dirty.clear()
