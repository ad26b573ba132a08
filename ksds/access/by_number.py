"""Keyed access to relative-record data sets: places are record numbers, from 1.

PUT in sequence goes to the number behind the position, which must be free; SKP and DIR say the number in ARG.
"""

from __future__ import annotations

from abc import abstractmethod

from ksds.access.addressing import Addressing, Argument, Found, number_of
from ksds.access.by_key import interval_of, nearest, past_interval
from ksds.access.options import Optcd
from ksds.cluster.definition import NUMBER_LENGTH
from ksds.cluster.organizations import Numbered
from ksds.cluster.relative_record import RelativeRecord
from ksds.cluster.variable_record import VariableRelativeRecord
from ksds.errors import InvalidRecordNumber, LengthChange, LogicalError, RecordNotFound
from ksds.layout.control_interval import slots_per_ci


class ByNumber(Addressing):
    """Records by relative record number: what both kinds of data set have in common."""

    kind = "KEY"
    loads_directly = True

    def __init__(self, cluster: Numbered) -> None:
        super().__init__(cluster.definition.ci_size)
        self._records = cluster

    def span(self, argument: Argument, optcd: Optcd, key_length: int | None) -> tuple[int, int]:
        number = number_of(argument)
        if number is None:
            raise InvalidRecordNumber("ARG is not a relative record number")
        self._require_number(number)
        return number, number

    @abstractmethod
    def _require_number(self, number: int) -> None:
        """Raises InvalidRecordNumber (8/192)."""

    def absent(self, place: int) -> LogicalError:
        return RecordNotFound(f"no record {place}")

    @abstractmethod
    def _require_record(self, record: bytes) -> None:
        """Raises InvalidLength (8/108)."""

    def intended(self, record: bytes, argument: Argument, optcd: Optcd, after: int | None) -> Found:
        self._require_record(record)
        if optcd.order == "SEQ":
            number = 1 if after is None else after
            self._require_number(number)
        else:
            number, _ = self.span(argument, optcd, None)
        return Found(number, record, 0)

    def insert(self, new: Found, *, sequential: bool) -> Found:
        self._records.insert(new.place, new.record)
        return self._found(new.place, new.record)

    def _found(self, number: int, record: bytes) -> Found:
        return Found(number, record, self._records.locate(number)[1])

    def replace(self, old: Found, record: bytes) -> Found:
        self._records.update(old.place, record)
        return self._found(old.place, record)

    def erase(self, old: Found) -> None:
        self._records.erase(old.place)


class BySlot(ByNumber):
    """An RRDS: slots of one length."""

    def __init__(self, cluster: RelativeRecord) -> None:
        super().__init__(cluster)
        self._cluster = cluster

    def _require_number(self, number: int) -> None:
        self._cluster.locate(number)

    def _require_record(self, record: bytes) -> None:
        length = self._cluster.definition.maximum_record
        self._require_length(len(record), length, length)

    def first(self, low: int, high: int | None = None) -> Found | None:
        found = self._cluster.full_from(max(1, low))
        return self._found(*found) if found and (high is None or found[0] <= high) else None

    def last(self, high: int | None, low: int = 0) -> Found | None:
        found = self._cluster.full_down_from(high)
        return self._found(*found) if found and found[0] >= low else None

    def past(self, number: int, *, forward: bool) -> int | None:
        slots = slots_per_ci(self._cluster.definition.maximum_record, self.ci_size)
        return (number + 1) * slots + 1 if forward else number * slots

    def interval(self, found: Found) -> int:
        return self._cluster.locate(found.place)[0]

    def replace(self, old: Found, record: bytes) -> Found:
        if len(record) != len(old.record):
            raise LengthChange(f"record of {len(record)} bytes in place of {len(old.record)}")
        return super().replace(old, record)


class ByVariableNumber(ByNumber):
    """A VRRDS: a key-sequenced data set underneath, its keys the numbers."""

    def __init__(self, cluster: VariableRelativeRecord) -> None:
        super().__init__(cluster)
        self._cluster = cluster

    @property
    def index_full(self) -> int:
        return self._cluster.keyed.index_full

    def _require_number(self, number: int) -> None:
        self._cluster.browse(number)  # refuses a wrong number, and reads nothing before it is consumed

    def _require_record(self, record: bytes) -> None:
        self._require_length(len(record), 1, self._cluster.definition.maximum_record)

    def first(self, low: int, high: int | None = None) -> Found | None:
        return self._nearest(low, high, reverse=False)

    def last(self, high: int | None, low: int = 0) -> Found | None:
        return self._nearest(low, high, reverse=True)

    def _nearest(self, low: int, high: int | None, *, reverse: bool) -> Found | None:
        found = nearest(self._cluster.keyed, low, high, reverse=reverse)
        if found is None:
            return None
        stored, rba = found
        return Found(int.from_bytes(stored[:NUMBER_LENGTH], "big"), stored[NUMBER_LENGTH:], rba)

    def insert(self, new: Found, *, sequential: bool) -> Found:
        self._cluster.insert(new.place, new.record, sequential=sequential)
        return self._found(new.place, new.record)

    def past(self, number: int, *, forward: bool) -> int | None:
        return past_interval(self._cluster.keyed, number, forward=forward)

    def interval(self, found: Found) -> int:
        return interval_of(self._cluster.keyed, found.place.to_bytes(NUMBER_LENGTH, "big"))
