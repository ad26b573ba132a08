"""The target that can only grow: an ESDS, RRDS or VRRDS, written in place.

RPL empties it first (the cluster must have REUSE); any other DISP adds behind what is there, and the checkpoint record
remembers how far that went: records of an ESDS, the highest number of an RRDS. Records from another RRDS bring their
numbers, which count from there, so its empty slots stay empty; any others are numbered as they come.

Nothing is ever taken away again, so a restart finds records behind its position that an earlier try has written: each
is compared with the one that comes again, and passed over. Even a restart from the beginning needs the checkpoint
record, so it is kept when the session is lost before the first checkpoint.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import islice

from dtf.copying.checkpoint import TARGET_BASE, PositionSet, Shape
from dtf.copying.prefixes import true_of_units
from dtf.copying.shaping import NUMBER, record_shaper, split_described
from dtf.errors import StepError
from ksds import EntrySequenced
from ksds.system import Numbered

Appendable = EntrySequenced | Numbered


class OtherRecord(StepError):
    """A record that an earlier try has written is not the one that comes now."""

    default_id = "DTX204E"


class AppendedTarget:
    """See above. `filed`: the items of the record of an earlier try; `numbered`: records come behind their numbers."""

    token = ""
    last_key = b""

    def __init__(
        self, cluster: Appendable, disposition: str, filed: Mapping[int, bytes], *, numbered: bool = False
    ) -> None:
        self._cluster = cluster
        self._replace = disposition == "RPL"
        self._numbered = numbered and isinstance(cluster, Numbered)
        self.grows = not self._replace
        base = filed.get(TARGET_BASE)
        self._base = int.from_bytes(base, "big") if base else 0 if self._replace else self._highest()
        self._there: Iterator[bytes] = iter(())
        self._written = 0

    def begin(self) -> None:
        if self._replace:
            self._cluster.reset()
        self._go_behind(0)

    def items(self) -> Mapping[int, bytes]:
        return {TARGET_BASE: self._base.to_bytes(8, "big")}

    def verified(self, sets: Sequence[PositionSet]) -> list[bool]:
        shape = record_shaper(Shape("VS", "", self._cluster.definition.maximum_record + NUMBER))
        return true_of_units(map(shape, self._delivered()), sets)

    def resume(self, position: PositionSet) -> None:
        self._go_behind(position.records)

    def write(self, payload: bytes) -> None:
        for record in split_described(payload):
            there = next(self._there, None)
            self._written += 1
            if there is None:
                self._append(record)
            elif there != record:
                name = self._cluster.definition.name
                raise OtherRecord(f"{name}: a record of {len(record)} bytes is not what an earlier try has written")

    def secure(self) -> int:
        self._cluster.commit()
        return self._cluster.statistics.high_used_rba

    def accept(self) -> None:
        if next(self._there, None) is not None:
            raise OtherRecord(f"{self._cluster.definition.name}: an earlier try has written more than came now")

    def publish(self, today: date) -> None:
        """The cluster has its name already."""

    def close(self, *, keep: bool) -> None:
        self._cluster.close()

    def _go_behind(self, records: int) -> None:
        """What stands behind so many records of this copy is to be compared, then the end is written on."""
        self._written = records
        self._there = iter(list(islice(self._delivered(), records, None)))

    def _append(self, record: bytes) -> None:
        if isinstance(self._cluster, EntrySequenced):
            self._cluster.append(record)
        elif self._numbered:
            number = int.from_bytes(record[:NUMBER], "big")
            self._cluster.insert(self._base + number, record[NUMBER:])
        else:
            self._cluster.insert(self._base + self._written, record)

    def _delivered(self) -> Iterator[bytes]:
        """The records behind the base, in the form in which they came."""
        if isinstance(self._cluster, EntrySequenced):
            return (record for _, record in islice(self._cluster.browse(), self._base, None))
        behind = self._cluster.browse(self._base + 1)
        if self._numbered:
            return ((number - self._base).to_bytes(NUMBER, "big") + record for number, record in behind)
        return (record for _, record in behind)

    def _highest(self) -> int:
        if isinstance(self._cluster, EntrySequenced):
            return self._cluster.statistics.records
        return max((number for number, _ in self._cluster.browse()), default=0)
