"""The target that can only grow: an ESDS or RRDS, written in place.

RPL empties it first (the cluster must have REUSE); any other DISP adds behind what is there, and the checkpoint record
remembers how many records that were. Nothing is ever taken away again, so a restart finds records behind its position
that an earlier try has written: each is compared with the one that comes again, and passed over. Even a restart
from the beginning needs that record, so it is kept when the session is lost before the first checkpoint.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import islice

from google_crc32c import extend as crc_extend

from dtf.copying.checkpoint import TARGET_BASE, PositionSet, Shape
from dtf.copying.shaping import record_shaper, split_described
from dtf.errors import StepError
from ksds import EntrySequenced, RelativeRecord

Appendable = EntrySequenced | RelativeRecord


class OtherRecord(StepError):
    """A record that an earlier try has written is not the one that comes now."""

    default_id = "DTX204E"


class AppendedTarget:
    """See above. `filed`: the items of the record of an earlier try."""

    token = ""
    last_key = b""

    def __init__(self, cluster: Appendable, disposition: str, filed: Mapping[int, bytes]) -> None:
        self._cluster = cluster
        self._replace = disposition == "RPL"
        self.grows = not self._replace
        base = filed.get(TARGET_BASE)
        self._base = int.from_bytes(base, "big") if base else 0 if self._replace else self._count()
        self._there: Iterator[bytes] = iter(())
        self._slot = 0

    def begin(self) -> None:
        if self._replace:
            self._cluster.reset()
        self._go_behind(0)

    def items(self) -> Mapping[int, bytes]:
        return {TARGET_BASE: self._base.to_bytes(8, "big")}

    def verified(self, sets: Sequence[PositionSet]) -> list[bool]:
        shape = record_shaper(Shape("VS", "", self._cluster.definition.maximum_record))
        wanted = {s.records for s in sets}
        crcs: dict[int, int] = {}
        crc = 0
        for count, record in enumerate(islice(self._records(), self._base, self._base + max(wanted, default=0)), 1):
            crc = crc_extend(crc, shape(record))
            if count in wanted:
                crcs[count] = crc
        return [crcs.get(s.records) == s.crc for s in sets]

    def resume(self, position: PositionSet) -> None:
        self._go_behind(position.records)

    def write(self, payload: bytes) -> None:
        for record in split_described(payload):
            there = next(self._there, None)
            if there is None:
                self._append(record)
            elif there != record:
                name = self._cluster.definition.name
                raise OtherRecord(f"{name}: a record of {len(record)} bytes is not what an earlier try has written")

    def secure(self) -> int:
        self._cluster.commit()
        return self._cluster.statistics.high_used_rba

    def publish(self, today: date) -> None:
        """The cluster has its name already."""

    def close(self, *, keep: bool) -> None:
        self._cluster.close()

    def _go_behind(self, records: int) -> None:
        """What stands behind so many records of this copy is to be compared, then the end is written on."""
        there = list(islice(self._records(), self._base + records, None))
        self._there = iter(there)
        if not isinstance(self._cluster, EntrySequenced):
            last = self._cluster.full_down_from()
            self._slot = last[0] if last else 0

    def _append(self, record: bytes) -> None:
        if isinstance(self._cluster, EntrySequenced):
            self._cluster.append(record)
        else:
            self._slot += 1
            self._cluster.insert(self._slot, record)

    def _records(self) -> Iterator[bytes]:
        return (record for _, record in self._cluster.browse())

    def _count(self) -> int:
        return self._cluster.statistics.records
