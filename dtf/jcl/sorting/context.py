"""What the control statements of one run are compiled for: the time, the records they see, orders, windows.

No field may lie beyond the end of a record. Where all records have one length that shows before any is read; a variable
record that is too short ends the sort when it is met, unless VLSHRT or VLSCMP takes it (ICE218A, code 16).
Source: z/OS DFSORT Application Programming Guide, "OPTION control statement", "INCLUDE control statement" example 4.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from dtf.jcl.sorting.formats import AS_IT_IS
from dtf.jcl.sorting.language import MAXIMUM_POSITION, SortError
from dtf.jcl.sorting.records import DESCRIPTOR_BYTES

CENTURY = 100
SLIDING = 80
"""Y2PAST unless it is said."""


@dataclass(slots=True)
class Reach:
    """How far fields reach into a record; `length` is that of the records if all have one."""

    length: int | None = None
    end: int = 0
    shift: int = 0
    """Bytes in front of the record that are none of its own: what PARSE found."""

    def field(self, position: int, length: int) -> None:
        """Note a field; `position` from 0. Raises SortError beyond the end of the records."""
        if length < 1 or position + length > self.shift + MAXIMUM_POSITION:
            raise SortError("ICE221A", f"INVALID FIELD OR CONSTANT {position + 1 - self.shift},{length}")
        self.end = max(self.end, position + length - self.shift)
        if self.length is not None and self.end > self.length:
            raise _too_short("FIXED", self.length, self.end)


def long_enough(record: bytes, end: int) -> None:
    """Raises SortError for a variable record that does not reach to `end`."""
    if len(record) < end:
        raise _too_short("VARIABLE", len(record), end)


def check_column(column: int, context: Context) -> None:
    """Nothing may be put over the descriptor of a variable record; `column` from 0. Raises SortError."""
    if context.variable and column < DESCRIPTOR_BYTES:
        raise SortError("ICE251A", f"MISSING RDW OR DATA: COLUMN {column + 1} IS PART OF THE DESCRIPTOR")


def _too_short(kind: str, length: int, end: int) -> SortError:
    return SortError("ICE218A", f"{length} BYTE {kind} RECORD IS SHORTER THAN {end} BYTE MINIMUM FOR FIELDS")


@dataclass(frozen=True, slots=True)
class Context:
    """The time of the run; `variable` if records carry a descriptor."""

    now: datetime
    variable: bool = False
    reach: Reach = field(default_factory=Reach)
    fills: bool = False
    """Bytes of BUILD fields that a variable record has not are filled: VLFILL, VTOF, IFTHEN."""
    takes_short: bool = False
    """VLSHRT: short fields sort as if they ended in X'00', and make a condition false."""
    pads_comparisons: bool = False
    """VLSCMP: short fields compare as if they ended in X'00'."""
    sequence: bytes = AS_IT_IS
    """The order of AQ fields."""
    fill: bytes = b"\x40"
    """What stands for bytes of a field that a record has not (VLFILL)."""
    past: int = SLIDING
    """Y2PAST: the first year of the century window (1000 and more), or how many years ago that was."""

    def of_length(self, length: int | None, shift: int = 0) -> Context:
        """For records of another length (None: of several), or for other fields of the same."""
        return replace(self, reach=Reach(length, shift=shift))

    def year(self, two_digits: int) -> int:
        """The year in the century window that ends in these digits."""
        first = self.past if self.past >= CENTURY + 1 else self.now.year - self.past
        year = first // CENTURY * CENTURY + two_digits
        return year if year >= first else year + CENTURY
