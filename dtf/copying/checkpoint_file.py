"""The CKPT cluster: one record per Process, filed by the receiver of a copy (connect-direct.md 2.4, 3.6).

`file` returns only when the record is durable; the caller has made the target durable before and acknowledges
after. A record that a younger session wrote is never overwritten by an older one (rule 11).
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from dtf.copying.checkpoint import (
    KEY_BYTES,
    STATE_DONE,
    CheckpointDamaged,
    CheckpointRecord,
    decode,
    encode,
    key_of,
    session_of,
)
from dtf.errors import StepError
from ksds.closing import Closing
from ksds.errors import PhysicalError, RecordNotFound
from ksds.system import System

NAME = "DTF.CKPT"
DEFINE = f"""  DEFINE CLUSTER(NAME({NAME}) INDEXED KEYS(28 0) -
         RECORDSIZE(256 4089) CYLINDERS(1 1) FREESPACE(10 10) -
         SHAREOPTIONS(2 3) REUSE) -
         DATA(NAME({NAME}.DATA) CONTROLINTERVALSIZE(4096)) -
         INDEX(NAME({NAME}.INDEX))
"""
DEFAULT_DAYS = 4
_STATE_AT = 34
_DAY_NS = 86_400_000_000_000


class StaleSession(StepError):
    """A younger session has taken over this Process."""

    default_id = "DTX212E"


class CheckpointFile(Closing):
    """The open CKPT cluster of `system`; mode "w" for the receiver, "r" to look."""

    def __init__(self, system: System, mode: str = "r") -> None:
        self._cluster = system.key_sequenced(NAME, mode)

    def close(self) -> None:
        self._cluster.close()

    def find(self, key: bytes) -> CheckpointRecord | None:
        """The record with this key, or None. Raises CheckpointDamaged if it is not sound."""
        try:
            return decode(self._cluster.get(key))
        except RecordNotFound:
            return None

    def records(self) -> list[tuple[bytes, CheckpointRecord | CheckpointDamaged]]:
        """Every record as it is filed, with its decoded form or what is wrong with it."""
        found: list[tuple[bytes, CheckpointRecord | CheckpointDamaged]] = []
        for raw in self._cluster.browse():
            try:
                found.append((raw, decode(raw)))
            except CheckpointDamaged as error:
                found.append((raw, error))
        return found

    def file(self, record: CheckpointRecord, stored: Callable[[bytes], bytes] = bytes) -> None:
        """Insert or replace the Process's record, durably. `stored` gives the bytes that the disk really gets.

        Raises StaleSession, VsamError.
        """
        try:
            filed = self._cluster.get(record.key)
        except RecordNotFound:
            self._cluster.insert(stored(encode(record)))
        else:
            if session_of(filed) > record.session:
                raise StaleSession(f"Process {record.number}: a younger session files its checkpoints")
            self._cluster.update(stored(encode(record)))
        self._cluster.commit()

    def remove(self, pnode: str, number: int, submitted: int) -> bool:
        """Delete the Process's record, durably; False if there is none."""
        try:
            self._cluster.erase(key_of(pnode, number, submitted))
        except RecordNotFound:
            return False
        self._cluster.commit()
        return True

    def remove_done(self, pnode: str, number: int) -> None:
        """The Process has ended: delete a record that only says its copy was done, if a crash left one."""
        with suppress(PhysicalError):  # a damaged file says nothing; whoever needs it finds out
            for raw in list(self._cluster.browse(prefix=key_of(pnode, number, 0)[:20])):
                if raw[_STATE_AT : _STATE_AT + 1] == STATE_DONE.encode("cp037"):
                    self._cluster.erase(raw[:KEY_BYTES])
                    self._cluster.commit()

    def purge(self, now: int, days: int = DEFAULT_DAYS) -> list[CheckpointRecord]:
        """Delete the records not updated for `days` (CKPT.DAYS; done at DTF initialization); what was deleted."""
        old = [
            record
            for _, record in self.records()
            if isinstance(record, CheckpointRecord) and now - record.updated > days * _DAY_NS
        ]
        for record in old:
            self._cluster.erase(record.key)
        if old:
            self._cluster.commit()
        return old
