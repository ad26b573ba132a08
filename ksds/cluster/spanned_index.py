"""The index of a data set with spanned records: the slots of a record's segments have one boundary in common.

A *run* is a CI of whole records, or the CIs of one spanned record, in the order of its segments. A search ends at the
first slot of a run, for a bisection finds the lowest of equal boundaries.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from ksds.cluster.index import Index
from ksds.cluster.index_records import Area


class SpannedIndex(Index):
    """An index whose areas hold runs."""

    def run(self, area: Area, slot: int) -> tuple[int, int]:
        """First slot of the run at `slot`, and the slot after its last."""
        bounds = area.bounds
        return bisect_left(bounds, bounds[slot]), bisect_right(bounds, bounds[slot])

    def edge(self, area: Area, slot: int) -> int:
        """The slot at which a run begins, next to `slot`; not 0."""
        first, end = self.run(area, slot)
        return first or end

    def area_over(self, number: int) -> Area:
        """The area, read before, that governs data CI `number`."""
        base = number - number % self._definition.cis_per_ca
        return next(area for area in self.areas if area is not None and area.base == base)

    def take(self, area: Area, slot: int, bounds: list[bytes]) -> list[int] | None:
        """Put free CIs into the slots from `slot` on, after which the area's boundaries are `bounds`; their numbers.

        None, and nothing is changed, if the CA has too few or its index record no room.
        """
        count = len(bounds) - len(area.bounds)
        if count > len(area.free) or not self._form.holds(area, bounds):
            return None
        numbers = [area.base + area.free.pop() for _ in range(count)]
        area.cis[slot:slot] = numbers
        area.bounds[:] = bounds
        self._changed(area)
        return numbers

    def give_back(self, area: Area, first: int, end: int) -> list[int]:
        """Free the CIs of the slots from `first` to below `end`; their numbers."""
        numbers = area.cis[first:end]
        area.free = sorted([*area.free, *(number - area.base for number in numbers)], reverse=True)
        del area.cis[first:end], area.bounds[first:end]
        self._changed(area)
        return numbers

    def _changed(self, area: Area) -> None:
        area.forget_sizes()
        self._rewrite(area)
        self.version += 1
