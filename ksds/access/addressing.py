"""How a request names records: the four ways are by key, by relative record number, by RBA, by control interval.

Each way orders what it can reach by a *place*, a whole number: a key read as a big-endian number, a record number, an
RBA. So the record after place p is the first one from p + 1 on, whatever the way, and a position is a place and a
direction. That is all the request rules (`ksds.access.requests`) need to know.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from ksds.access.options import Optcd
from ksds.errors import InvalidErase, InvalidLength, LogicalError
from ksds.layout import segment

Argument = bytes | int | None


@dataclass(frozen=True, slots=True)
class Found:
    """A record (or control interval) and where it is: `place` in its own order, `rba` in the data component."""

    place: int
    record: bytes
    rba: int


class Addressing(ABC):
    """One way to the records of one open cluster. Places are compared only with places of the same way."""

    kind: ClassVar[str]
    loads_directly: ClassVar[bool] = False
    """True if load mode takes SKP and DIR beside SEQ."""
    reads_spanned: ClassVar[bool] = True

    def __init__(self, ci_size: int) -> None:
        self.ci_size = ci_size

    @property
    def duplicate(self) -> bool:
        """True if the request just made found, or made, one of several records with the same alternate key."""
        return False

    @property
    def pointers(self) -> int:
        """How many records have the alternate key of the one just found; 0 where there are no alternate keys."""
        return 0

    @property
    def index_full(self) -> int:
        """How many insertions so far met a sequence-set record too small for all CIs of its control area."""
        return 0

    def is_spanned(self, found: Found) -> bool:
        """True if a record takes more than one control interval."""
        return segment.count(len(found.record), self.ci_size) > 1

    @abstractmethod
    def span(self, argument: Argument, optcd: Optcd, key_length: int | None) -> tuple[int, int]:
        """The lowest and the highest place that a search argument means. Raises 112, 192 or 32 if it means none."""

    @abstractmethod
    def first(self, low: int, high: int | None = None) -> Found | None:
        """The lowest record from place `low` on, if it is not above `high`. Raises Damaged."""

    @abstractmethod
    def last(self, high: int | None, low: int = 0) -> Found | None:
        """The highest record not above place `high` (None: of all), if it is not below `low`. Raises Damaged."""

    def past(self, number: int, *, forward: bool) -> int | None:
        """The place from which the records behind control interval `number` are found (before it, if not `forward`);
        None if this way does not know."""
        return None

    @abstractmethod
    def absent(self, place: int) -> LogicalError:
        """The error that says that nothing is at `place`."""

    @abstractmethod
    def interval(self, found: Found) -> int:
        """The control interval where a record is by now, or would be put: what exclusive control locks."""

    @abstractmethod
    def intended(self, record: bytes, argument: Argument, optcd: Optcd, after: int | None) -> Found:
        """Where PUT would insert `record`; `after` is the place behind the string's position, None if it has none.

        Raises LogicalError if records cannot be inserted this way (76) or the record or argument is wrong.
        """

    @abstractmethod
    def insert(self, new: Found, *, sequential: bool) -> Found:
        """Add an intended record. Raises DuplicateKey (8/8), NoSpace (8/28)."""

    @abstractmethod
    def replace(self, old: Found, record: bytes) -> Found:
        """Put a record in place of one that was read for update. Raises KeyChange (8/96), LengthChange (8/100)..."""

    def erase(self, old: Found) -> None:
        """Remove a record that was read for update. Raises InvalidErase (8/80) where records stay."""
        raise InvalidErase("records cannot be erased this way")

    def shown(self, place: int) -> int | bytes:
        """What identifies a record to people: its key, or the place itself."""
        return place

    def _require_length(self, length: int, lowest: int, highest: int) -> None:
        if not lowest <= length <= highest:
            raise InvalidLength(f"record of {length} bytes, not {lowest} to {highest}")


def number_of(argument: Argument) -> int | None:
    """An RBA or record number as ARG holds it: a number, or four or eight bytes, big-endian."""
    if isinstance(argument, bytes):
        return int.from_bytes(argument, "big") if len(argument) in (4, 8) else None
    return argument
