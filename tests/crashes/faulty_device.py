"""A folder that fails on demand: the Nth read, write, resize or sync of its devices, or the Nth of its own calls, which
count as "open", "remove", "rename" and "names" (the sync of the folder). Once or from then on.

What a failed sync leaves differs by file system (Rebello et al., USENIX ATC 2020); `outcome` chooses:
  "lost"      the pages stay readable but are clean: what was written since the last sync goes with the next crash
  "reverts"   the file shows its old content at once
  "arrives"   everything reached the disk all the same
A failed write leaves the first half of its bytes.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass

from tests.crashes.recording_device import Call, Disk, RecordingDevice, RecordingFolder

KINDS = ("read", "write", "resize", "sync")


@dataclass(frozen=True, slots=True)
class Fault:
    """Call number `at` (from 0) of this kind fails with `errno`; with `sticky` all later ones, too."""

    kind: str
    at: int
    errno: int
    sticky: bool = False
    outcome: str = "lost"


class FaultyFolder(RecordingFolder):
    """Counts calls by kind in `calls`; set `fault` to make one fail."""

    def __init__(self, start: dict[str, bytes] | None = None) -> None:
        super().__init__(start)
        self.calls: Counter[str] = Counter()
        self.fault: Fault | None = None
        self.faults = 0

    def open(self, name: str, *, create: bool = False, writable: bool = True) -> FaultyDevice:
        self._may_fail("open")
        device = super().open(name, create=create, writable=writable)
        return FaultyDevice(self, device.inode)

    def remove(self, name: str) -> None:
        self._may_fail("remove")
        super().remove(name)

    def rename(self, old: str, new: str) -> None:
        self._may_fail("rename")
        super().rename(old, new)

    def sync(self) -> None:
        self._may_fail("names")
        super().sync()

    def _may_fail(self, kind: str) -> None:
        if self.fails(kind):
            raise self.error()

    def fails(self, kind: str) -> bool:
        """Count a call; True if it is to fail."""
        number, fault = self.calls[kind], self.fault
        self.calls[kind] += 1
        if fault is None or kind != fault.kind or number < fault.at or (number > fault.at and not fault.sticky):
            return False
        self.faults += 1
        return True

    def error(self) -> OSError:
        assert self.fault is not None
        return OSError(self.fault.errno, os.strerror(self.fault.errno))

    def revert(self, inode: int) -> None:
        """Show what is durable of a file."""
        disk = Disk.at_start(self.start)
        for call in self.log:
            disk.step(call)
        self.contents[inode][:] = disk.durable[inode]

    def after_power_cut(self) -> dict[str, bytes]:
        """The files if the power failed now and nothing unsynced had arrived."""
        disk = Disk.at_start(self.start)
        for call in self.log:
            disk.step(call)
        return {name: disk.durable[inode] for name, inode in disk.names.items()}


class FaultyDevice(RecordingDevice):
    """A device that asks its folder before each call."""

    _folder: FaultyFolder

    def read(self, offset: int, length: int) -> bytes:
        if self._folder.fails("read"):
            raise self._folder.error()
        return super().read(offset, length)

    def write(self, offset: int, data: bytes) -> None:
        if self._folder.fails("write"):
            super().write(offset, bytes(data)[: len(data) // 2])
            raise self._folder.error()
        super().write(offset, data)

    def resize(self, size: int) -> None:
        if self._folder.fails("resize"):
            raise self._folder.error()
        super().resize(size)

    def sync(self) -> None:
        folder = self._folder
        if not folder.fails("sync"):
            super().sync()
            return
        assert folder.fault is not None
        if folder.fault.outcome == "arrives":
            super().sync()
        else:
            folder.log.append(Call("lost", self.inode))
            if folder.fault.outcome == "reverts":
                folder.revert(self.inode)
        raise folder.error()
