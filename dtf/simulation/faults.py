"""Injected failures: `ACTION@WHERE`, as given to `--fault` (DESIGN.md section 4).

    session@3M          the link is lost once 3,000,000 bytes were sent
    kill-receiver@ckpt:2   the operating system process ends at once after the second checkpoint record is durable
    kill-sender@record:500 ... after 500 blocks (block mode) or records
    disk-full@percent:40   the target's disk is full at 40 percent of the source
    corrupt@random:7       one bit of one buffer is turned on its way, at a place drawn from seed 7
    corrupt-target@3M      one bit of what is written to the target is turned by its disk, unnoticed
    corrupt-ckpt@ckpt:2    one bit of the second checkpoint record is
    ckpt-full@ckpt:2       the disk of the checkpoint file is full for it
    session@link:70000     the link is lost behind the 70,000th byte that goes over it, whatever that is part of
    corrupt@link:70000     one bit of that byte is turned

A fault strikes once. `kill-*` is SIGKILL of this very process: nothing is flushed, no handler runs.
Each node carries out its own faults: `kill-receiver` strikes where the target is written. Both nodes of an in-process
run are one process, so both kinds of kill end both.
"""

from __future__ import annotations

import errno
import os
import random
import re
import signal
from collections.abc import Iterable
from dataclasses import dataclass

from dtf.copying.checkpoint import KEY_BYTES
from dtf.copying.progress import CKPT, LinkCut, Progress
from dtf.errors import NodeError, SessionLost

ACTIONS = (
    *("session", "kill-sender", "kill-receiver", "disk-full", "corrupt"),
    *("corrupt-target", "corrupt-ckpt", "ckpt-full"),
)
_WHERE = re.compile(r"(?:(ckpt|record|percent|random|link):(\d{1,18})|(\d{1,18})([KMG]?))", re.IGNORECASE)
_UNITS = {"": 1, "K": 1_000, "M": 1_000_000, "G": 1_000_000_000}


class FaultSpecError(NodeError):
    """The text is no fault."""

    default_id = "DTX340E"


@dataclass(frozen=True, slots=True)
class Fault:
    """One failure: `action` at `value` of `unit` (byte, ckpt, record, percent, random)."""

    action: str
    unit: str
    value: int

    def __str__(self) -> str:
        return f"{self.action}@{self.value}" if self.unit == "byte" else f"{self.action}@{self.unit}:{self.value}"


def parse_fault(spec: str) -> Fault:
    """The fault that `spec` describes. K, M, G are thousands, as in CKPT=. Raises FaultSpecError."""
    action, at, where = spec.partition("@")
    match = _WHERE.fullmatch(where)
    if not at or action.lower() not in ACTIONS or not match:
        raise FaultSpecError(
            f"fault {spec[:60]!r} is not ACTION@WHERE; ACTION is one of {' '.join(ACTIONS)}, "
            "WHERE a byte offset (3M), ckpt:N, record:N, percent:N, random:SEED or link:N"
        )
    if match[1]:
        unit, value = match[1].lower(), int(match[2])
    else:
        unit, value = "byte", int(match[3]) * _UNITS[match[4].upper()]
    if unit == "percent" and value > 100:
        raise FaultSpecError(f"fault {spec!r}: percent is 0 to 100")
    return Fault(action.lower(), unit, value)


class FaultPlan:
    """The faults of one run: an Observer of the copy. A due fault strikes and is spent."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._pending = list(faults)
        self.link_bytes = 0  # carried so far, both ways
        self.data_bytes = 0  # of data sent so far, those sent again counted again

    @property
    def pending(self) -> tuple[Fault, ...]:
        """The faults that have not struck yet."""
        return tuple(self._pending)

    def sent(self, progress: Progress) -> None:
        self._strike(progress, "session", "kill-sender")

    def filed(self, progress: Progress) -> None:
        self._strike(progress, "session", "kill-receiver")

    def writing(self, progress: Progress) -> None:
        """Raises OSError ENOSPC when the target's disk is to be full."""
        self._strike(progress, "kill-receiver")
        if fault := self._due(progress, "disk-full"):
            raise OSError(errno.ENOSPC, f"{os.strerror(errno.ENOSPC)} (injected {fault})")

    def stored(self, progress: Progress, where: str, data: bytes) -> bytes:
        """The bytes, one bit turned where that is due; of a checkpoint record behind its key. Raises OSError ENOSPC."""
        if where == CKPT and (fault := self._due(progress, "ckpt-full")):
            raise OSError(errno.ENOSPC, f"{os.strerror(errno.ENOSPC)} (injected {fault})")
        fault = self._due(progress, f"corrupt-{where}")
        if fault is None or not data:
            return data
        key = KEY_BYTES if where == CKPT else 0
        return data[:key] + flip_bit(data[key:], fault.value)

    def payload(self, progress: Progress, payload: bytes) -> bytes:
        """The payload, with one bit turned when that is due."""
        self.data_bytes += len(payload)
        fault = self._due(progress, "corrupt")
        return flip_bit(payload, fault.value) if fault and payload else payload

    def carried(self, data: bytes) -> bytes:
        """The bytes, damaged or cut where that is due. Raises LinkCut."""
        before = self.link_bytes
        self.link_bytes += len(data)
        for fault in [f for f in self._pending if f.unit == "link" and before < f.value <= self.link_bytes]:
            self._pending.remove(fault)
            at = fault.value - before
            if fault.action == "corrupt":
                data = data[: at - 1] + bytes([data[at - 1] ^ 1 << fault.value % 8]) + data[at:]
            elif fault.action == "session":
                self.link_bytes = fault.value
                raise LinkCut(f"session lost (injected {fault})", data[:at])
            elif fault.action.startswith("kill"):
                os.kill(os.getpid(), signal.SIGKILL)
        return data

    def _strike(self, progress: Progress, *actions: str) -> None:
        fault = self._due(progress, *actions)
        if fault is None:
            return
        if fault.action == "session":
            raise SessionLost(f"session lost (injected {fault})")
        os.kill(os.getpid(), signal.SIGKILL)

    def _due(self, progress: Progress, *actions: str) -> Fault | None:
        for fault in self._pending:
            if fault.action in actions and fault.unit != "link" and _reached(fault, progress):
                self._pending.remove(fault)
                return fault
        return None


def flip_bit(data: bytes, seed: int) -> bytes:
    """`data` with one bit turned."""
    damaged = bytearray(data)
    place = random.Random(seed).randrange(len(damaged) * 8)
    damaged[place // 8] ^= 1 << place % 8
    return bytes(damaged)


def _reached(fault: Fault, progress: Progress) -> bool:
    if fault.unit == "ckpt":
        return progress.checkpoints >= fault.value
    if fault.unit == "record":
        return progress.records >= fault.value
    if fault.unit == "percent":
        return progress.sent * 100 >= fault.value * progress.total
    if fault.unit == "random":
        return progress.sent >= random.Random(fault.value).randrange(max(1, progress.total))
    return progress.sent >= fault.value
