"""Strings: where each request of an ACB stands, and which control intervals it has to itself.

A string (the macros say placeholder) belongs to an RPL while it keeps a position or has read a record for update. What
becomes of the position when a request fails is a table in the manual, here `after_failure`.

Exclusive control is kept by record, not by interval: a split may move the record that a string has read for update, and
its interval is wherever it is now.

Sources: z/OS DFSMStvs Administration Guide, "Positioning following logical errors"; Using Data Sets, "Retaining and
Positioning Data Buffers".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol
from weakref import WeakKeyDictionary

from ksds.access.addressing import Addressing, Found
from ksds.errors import ExclusiveControl, NoString, VsamError

After = Literal["kept", "lost", "new"]

_AFTER: dict[int, tuple[After, After, After]] = {  # feedback: SEQ, DIR, SKP
    4: ("kept", "lost", "kept"),
    8: ("kept", "lost", "new"),
    12: ("kept", "kept", "kept"),
    16: ("lost", "lost", "lost"),
    20: ("kept", "lost", "lost"),  # SEQ: unpredictable
    24: ("kept", "lost", "lost"),
    28: ("kept", "lost", "kept"),
    32: ("lost", "lost", "lost"),
    36: ("kept", "lost", "new"),
    40: ("kept", "lost", "lost"),
    44: ("kept", "new", "kept"),
}
_COLUMNS = {"SEQ": 0, "DIR": 1, "SKP": 2}


def after_failure(error: VsamError, order: str) -> After:
    """What a request of this order (SEQ, DIR, SKP) that failed leaves of the position before it.

    Codes that the table does not have are found out before anything moves: the position is kept.
    """
    row = _AFTER.get(error.feedback) if error.return_code == 8 else None
    return row[_COLUMNS[order]] if row else "kept"


@dataclass(frozen=True, slots=True)
class Position:
    """At `place` of one way of addressing, looking one way; `passed` if the record there was given already."""

    kind: str
    direction: str
    place: int
    passed: bool

    @property
    def next_place(self) -> int:
        """Where the next record in this direction may begin."""
        if not self.passed:
            return self.place
        return self.place + 1 if self.direction == "FWD" else self.place - 1


@dataclass(frozen=True, slots=True)
class Hold:
    """A record read for update: nobody else gets its control interval for update until it is let go."""

    addressing: Addressing
    found: Found

    @property
    def interval(self) -> int:
        return self.addressing.interval(self.found)


class Owner(Protocol):
    """An RPL, for whom a string stands by."""

    name: str


@dataclass(slots=True, eq=False)
class Placeholder:
    """One string. `used` says that it has been positioned once: only then does SEQ need a POINT."""

    used: bool = False
    position: Position | None = None
    hold: Hold | None = None
    owner: Owner | None = None

    def forget(self) -> None:
        self.position = self.hold = None


class Strings:
    """The strings of one ACB: `count` of them, of which `most` were in use at one time."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.most = 0
        self._free = [Placeholder() for _ in range(count)]
        self._taken: list[Placeholder] = []
        self._last: WeakKeyDictionary[Owner, Placeholder] = WeakKeyDictionary()

    @property
    def active(self) -> int:
        """Strings that keep a position or a hold."""
        return len(self._taken)

    @property
    def holding(self) -> bool:
        """True while one of them has read a record for update."""
        return any(string.hold is not None for string in self._taken)

    def of(self, rpl: Owner) -> Placeholder:
        """The string that an RPL has, or a free one for it: the one it had last, one never used, any. Raises NoString
        (8/64)."""
        last = self._last.get(rpl)
        if last is not None and last.owner is rpl:
            return last
        if not self._free:
            raise NoString(f"all {len(self._taken)} strings hold positions")
        if last not in self._free:
            last = next((string for string in self._free if not string.used), self._free[0])
        self._free.remove(last)
        self._taken.append(last)
        self.most = max(self.most, len(self._taken))
        self._last[rpl] = last
        last.owner = rpl
        return last

    def release(self, rpl: Owner) -> None:
        """End position and hold of an RPL, if it has a string; another RPL may have the string."""
        string = self._last.get(rpl)
        if string is not None and string.owner is rpl:
            string.forget()
            string.owner = None
            self._taken.remove(string)
            self._free.append(string)

    def require_interval(self, string: Placeholder, interval: int) -> None:
        """Raises ExclusiveControl (8/20) if another string holds this control interval."""
        for other in self._taken:
            if other is not string and other.hold is not None and other.hold.interval == interval:
                name = other.owner.name if other.owner else ""
                raise ExclusiveControl(f"{name} holds control interval {interval}")
