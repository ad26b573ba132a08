"""Two nodes on one machine whose disk is in memory and keeps a log of every call: its power can be cut anywhere.

    start = Machine.installed()                        NYC and LON with their DTF files, that know each other
    Machine(RecordingFolder(start.disk.files))         every call on any file of either is in one log
    Machine(CopyOnWrite(state.files))                  the machine as a crash left it

All files lie in one folder; what a system takes for its folders (catalog, volume, spool) are parts of it,
told apart by the beginning of the names. Everything above the devices is the real code.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest

from dtf import netmap, statistics_log, transmission_queue
from dtf.copying import checkpoint_file
from dtf.initparms import Initparms
from dtf.netmap import FOLDER, AdjacentNode, Netmap
from dtf.node import Node, local
from dtf.simulation.faults import FaultPlan
from dtf.transport import memory
from ksds import idcams
from ksds.catalog.volume import Volume
from ksds.storage.device import Folder
from ksds.system import VOLUME, System
from tests.crashes.recording_system import SubFolder
from tests.dtf import node_pair

NOW = 1_790_000_000.0
PARTS = ("catalog", f"volumes/{VOLUME}", "spool")


class CopyOnWrite:
    """A folder that begins as `files`; a file is copied when it is first changed."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files: dict[str, bytes | bytearray] = dict(files)
        self.locks: dict[str, int] = {}

    def open(self, name: str, *, create: bool = False, writable: bool = True) -> LazyDevice:
        if create and name in self.files:
            raise FileExistsError(17, "exists", name)
        if create:
            self.files[name] = bytearray()
        if name not in self.files:
            raise FileNotFoundError(2, "no such file", name)
        return LazyDevice(self, name)

    def exists(self, name: str) -> bool:
        return name in self.files

    def names(self) -> list[str]:
        return sorted(self.files)

    def remove(self, name: str) -> None:
        del self.files[name]

    def rename(self, old: str, new: str) -> None:
        self.files[new] = self.files.pop(old)

    def sync(self) -> None:
        """Nothing more is lost."""

    def image(self) -> dict[str, bytes]:
        """Every file as it is now."""
        return {name: bytes(data) for name, data in self.files.items()}


class LazyDevice:
    """One open file of a `CopyOnWrite`."""

    def __init__(self, folder: CopyOnWrite, name: str) -> None:
        self._folder = folder
        self._name = name
        self._held = 0

    def _content(self) -> bytearray:
        content = self._folder.files[self._name]
        if isinstance(content, bytes):
            content = self._folder.files[self._name] = bytearray(content)
        return content

    def size(self) -> int:
        return len(self._folder.files[self._name])

    def read(self, offset: int, length: int) -> bytes:
        return bytes(self._folder.files[self._name][offset : offset + length])

    def write(self, offset: int, data: bytes) -> None:
        content = self._content()
        if offset > len(content):
            content.extend(bytes(offset - len(content)))
        content[offset : offset + len(data)] = data

    def resize(self, size: int) -> None:
        content = self._content()
        del content[size:]
        content.extend(bytes(size - len(content)))

    def write_back(self, offset: int, length: int) -> None:
        """A hint that promises nothing."""

    def identity(self) -> tuple[int, int, int]:
        """Size, modification time (which stands still here) and inode."""
        return self.size(), 0, zlib.crc32(self._name.encode())

    def sync(self) -> None:
        """Nothing more is lost."""

    def lock(self, exclusive: bool, *, wait: bool = False) -> bool:
        locks = self._folder.locks
        others = locks.get(self._name, 0) - self._held
        if others < 0 or (exclusive and others):
            return False
        self._held = -1 if exclusive else 1
        locks[self._name] = others + self._held
        return True

    def release(self) -> None:
        if self._held:
            self._folder.locks[self._name] -= self._held
            self._held = 0

    def close(self) -> None:
        self.release()


def define_small(system: System) -> None:
    """The DTF's files, with control areas of twelve control intervals instead of 180: `install` finds them there."""
    pairs = (statistics_log.define(number) for number in range(1, Initparms().stat_file_pairs + 1))
    for statements in (checkpoint_file.DEFINE, netmap.DEFINE, transmission_queue.DEFINE, *pairs):
        assert idcams.run(system, statements.replace("CYLINDERS", "TRACKS"), now=datetime(2026, 1, 1)).max_cc == 0


def system_on(disk: Folder, name: str) -> System:
    """The system whose files on this disk begin with `name`."""
    catalog, volume, spool = (SubFolder(disk, f"{name}/{part}/") for part in PARTS)
    return System(Path("/") / name, catalog, name.upper(), Volume(volume), spool)


class Machine:
    """The two systems on one disk, and a DTF at NYC to work them."""

    def __init__(self, disk: Folder) -> None:
        self.disk = disk
        self.nyc, self.lon = system_on(disk, "nyc"), system_on(disk, "lon")

    @classmethod
    def installed(cls) -> Machine:
        """With their DTF files, small ones, each in the other's netmap."""
        machine = cls(CopyOnWrite({}))
        for system, partner in ((machine.nyc, "lon"), (machine.lon, "nyc")):
            define_small(system)
            local.install(system, NOW)
            with Netmap(system, "w") as nodes:
                nodes.add(AdjacentNode(partner.upper(), FOLDER, f"/{partner}"))
        return machine

    @contextmanager
    def node(self, plan: FaultPlan) -> Iterator[Node]:
        """The DTF of NYC; it calls LON in this process."""
        with (
            the_only_disk(self.disk),
            Node.open(self.nyc, clock=lambda: NOW, connect=memory.connect, observer=plan) as node,
        ):
            yield node


@contextmanager
def the_only_disk(disk: Folder) -> Iterator[None]:
    """Meanwhile a neighbour's system, opened by its folder, is one on `disk`."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (local, node_pair):
            patch.setattr(module, "System", Opener(disk))
        yield


class Opener:
    """Stands in for `System` where a neighbour's folder is opened by its name."""

    def __init__(self, disk: Folder) -> None:
        self._disk = disk

    def open(self, folder: str, *, create: bool) -> System:
        name = Path(folder).name
        if not any(file.startswith(f"{name}/") for file in self._disk.names()):
            raise FileNotFoundError(2, "no system here", str(folder))
        return system_on(self._disk, name)
