"""What the control statements of one run are compiled for: the time, the kind of its records, orders, windows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dtf.jcl.sorting.formats import AS_IT_IS

CENTURY = 100
SLIDING = 80
"""Y2PAST unless it is said."""


@dataclass(frozen=True, slots=True)
class Context:
    """The time of the run; `variable` if records carry a descriptor."""

    now: datetime
    variable: bool = False
    sequence: bytes = AS_IT_IS
    """The order of AQ fields."""
    fill: bytes = b"\x40"
    """What stands for bytes of a field that a record has not (VLFILL)."""
    past: int = SLIDING
    """Y2PAST: the first year of the century window (1000 and more), or how many years ago that was."""

    def year(self, two_digits: int) -> int:
        """The year in the century window that ends in these digits."""
        first = self.past if self.past >= CENTURY + 1 else self.now.year - self.past
        year = first // CENTURY * CENTURY + two_digits
        return year if year >= first else year + CENTURY
