"""A folder in memory that logs every call, and what a disk could hold if the power failed in between.

The disk is assumed to keep only what `ksds.storage.device` promises: synced bytes, and of everything since the
last sync any part, in any order, torn at 512-byte sectors. Names are durable after `Folder.sync` only.

    folder = RecordingFolder()
    ... work on it ...
    for state in crash_states(folder.log, position, seed=1):     # the first `position` calls were made
        state.folder()                                           # a MemoryFolder as the crash left it

Which states, for the calls not yet synced at a position (`pending`, over all files):
  all of them, none, the newest alone, each one missing, every subset of up to 6 (else 64 seeded ones);
  each write torn at every sector, front kept or back kept, the others kept;
  16 times random sectors of all of them; lengths grown without content, content clipped to the old lengths;
  each unsynced creation, removal and renaming missing, and all of them.
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, product

from ksds.storage.device import Folder, MemoryFolder

SECTOR = 512
ALL_SUBSETS_UP_TO = 6
RANDOM_SUBSETS = 64
RANDOM_SECTORS = 16
TEARS_PER_WRITE = 64
"""A longer write is torn at this many seeded sectors instead of all."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call that changes something: write, resize, sync of a file; create, remove, rename, names of the folder.

    `offset` is the new size where `kind` is "resize". "names" is the sync of a folder, of the names that begin with
    `name`; "lost" is a sync that failed.
    """

    kind: str
    inode: int = -1
    offset: int = 0
    data: bytes = b""
    name: str = ""
    new_name: str = ""


class RecordingDevice:
    """One open file of a `RecordingFolder`."""

    def __init__(self, folder: RecordingFolder, inode: int) -> None:
        self._folder = folder
        self.inode = inode
        self._content = folder.contents[inode]
        self._held = 0

    def size(self) -> int:
        return len(self._content)

    def identity(self) -> tuple[int, int, int]:
        """Size, modification time (which stands still here) and inode: the same for the same name after a crash."""
        return len(self._content), 0, zlib.crc32(self._folder.name_of(self.inode).encode())

    def read(self, offset: int, length: int) -> bytes:
        return bytes(self._content[offset : offset + length])

    def write(self, offset: int, data: bytes) -> None:
        data = bytes(data)
        self._folder.log.append(Call("write", self.inode, offset, data))
        _apply_write(self._content, offset, data)

    def resize(self, size: int) -> None:
        self._folder.log.append(Call("resize", self.inode, size))
        _apply_resize(self._content, size)

    def write_back(self, offset: int, length: int) -> None:
        """A hint that promises nothing."""

    def sync(self) -> None:
        self._folder.log.append(Call("sync", self.inode))

    def lock(self, exclusive: bool, *, wait: bool = False) -> bool:
        locks = self._folder.locks
        others = locks.get(self.inode, 0) - self._held
        if others < 0 or (exclusive and others):
            return False
        self._held = -1 if exclusive else 1
        locks[self.inode] = others + self._held
        return True

    def release(self) -> None:
        if self._held:
            self._folder.locks[self.inode] -= self._held
            self._held = 0

    def close(self) -> None:
        self.release()


class RecordingFolder:
    """A folder whose `log` lists every change made through it. `start` is what is durable before the first."""

    def __init__(self, start: dict[str, bytes] | None = None) -> None:
        self.start = dict(start or {})
        self.log: list[Call] = []
        self.locks: dict[int, int] = {}
        self.contents = [bytearray(data) for data in self.start.values()]
        self._names = {name: inode for inode, name in enumerate(self.start)}

    def open(self, name: str, *, create: bool = False, writable: bool = True) -> RecordingDevice:
        if create:
            if name in self._names:
                raise FileExistsError(17, "exists", name)
            self._names[name] = len(self.contents)
            self.log.append(Call("create", self._names[name], name=name))
            self.contents.append(bytearray())
        if name not in self._names:
            raise FileNotFoundError(2, "no such file", name)
        return RecordingDevice(self, self._names[name])

    def exists(self, name: str) -> bool:
        return name in self._names

    def names(self) -> list[str]:
        return sorted(self._names)

    def remove(self, name: str) -> None:
        if name not in self._names:
            raise FileNotFoundError(2, "no such file", name)
        self.log.append(Call("remove", name=name))
        del self._names[name]

    def rename(self, old: str, new: str) -> None:
        if old not in self._names:
            raise FileNotFoundError(2, "no such file", old)
        self.log.append(Call("rename", name=old, new_name=new))
        self._names[new] = self._names.pop(old)

    def sync(self, beginning: str = "") -> None:
        self.log.append(Call("names", name=beginning))

    def name_of(self, inode: int) -> str:
        """The name of a file, "" if it has none any more."""
        return next((name for name, other in self._names.items() if other == inode), "")

    def image(self) -> dict[str, bytes]:
        """Every file as it is now."""
        return {name: bytes(self.contents[inode]) for name, inode in sorted(self._names.items())}


@dataclass(frozen=True, slots=True)
class CrashState:
    """What a disk holds after a crash, and which choice led to it."""

    files: dict[str, bytes]
    choice: str

    def key(self) -> tuple[tuple[str, int, int], ...]:
        """Equal for equal files."""
        return tuple((name, len(data), hash(data)) for name, data in sorted(self.files.items()))

    def folder(self) -> MemoryFolder:
        return memory_folder(self.files)


def memory_folder(files: dict[str, bytes]) -> MemoryFolder:
    """A folder of these files."""
    folder = MemoryFolder()
    for name, data in files.items():
        device = folder.open(name, create=True)
        device.write(0, data)
        device.close()
    return folder


def files_of(folder: Folder) -> dict[str, bytes]:
    """What a folder holds."""
    files = {}
    for name in folder.names():
        device = folder.open(name, writable=False)
        files[name] = device.read(0, device.size())
        device.close()
    return files


@dataclass(frozen=True, slots=True)
class Arrival:
    """What arrived of the calls that were not synced; with `clip` no file has grown."""

    choice: str
    calls: Sequence[Call]
    names: Sequence[Call]
    clip: bool = False


@dataclass(slots=True)
class Disk:
    """The durable image and what is pending on top of it, moved forward call by call."""

    durable: list[bytes]
    names: dict[str, int]
    pending: list[Call] = field(default_factory=list)
    pending_names: list[Call] = field(default_factory=list)

    @classmethod
    def at_start(cls, start: dict[str, bytes]) -> Disk:
        return cls(list(start.values()), {name: inode for inode, name in enumerate(start)})

    def step(self, call: Call) -> None:
        """Take the next call of the log."""
        if call.kind == "sync":
            done = [other for other in self.pending if other.inode == call.inode]
            self.durable = self.contents(done)
            self.pending = [other for other in self.pending if other.inode != call.inode]
        elif call.kind == "lost":
            self.pending = [other for other in self.pending if other.inode != call.inode]
        elif call.kind == "names":
            self.names = self.directory([c for c in self.pending_names if c.name.startswith(call.name)])
            self.pending_names = [c for c in self.pending_names if not c.name.startswith(call.name)]
        elif call.kind in ("write", "resize"):
            self.pending.append(call)
        else:
            if call.kind == "create":
                self.durable.append(b"")
            self.pending_names.append(call)

    def contents(self, calls: Sequence[Call], *, clip: bool = False) -> list[bytes]:
        """The files after these calls on top of the durable image; with `clip` no file grows."""
        changed: dict[int, bytearray] = {}
        for call in calls:
            content = changed.setdefault(call.inode, bytearray(self.durable[call.inode]))
            if call.kind == "resize":
                _apply_resize(content, call.offset)
            else:
                _apply_write(content, call.offset, call.data)
        files = list(self.durable)
        for inode, content in changed.items():
            limit = len(self.durable[inode]) if clip else len(content)
            files[inode] = bytes(content[:limit])
        return files

    def directory(self, calls: Sequence[Call]) -> dict[str, int]:
        """The names after these calls. A removal or renaming of what is not there does nothing."""
        names = dict(self.names)
        for call in calls:
            if call.kind == "create":
                names[call.name] = call.inode
            elif call.kind == "remove":
                names.pop(call.name, None)
            elif call.name in names:
                names[call.new_name] = names.pop(call.name)
        return names

    def states(self, seed: int) -> Iterator[CrashState]:
        """Every state of the list above, repetitions included."""
        return map(self.state, self.arrivals(seed))

    def state(self, arrival: Arrival) -> CrashState:
        """What the disk then holds."""
        contents = self.contents(arrival.calls, clip=arrival.clip)
        return CrashState({name: contents[i] for name, i in self.directory(arrival.names).items()}, arrival.choice)

    def arrivals(self, seed: int) -> Iterator[Arrival]:
        """What may have arrived of the pending calls: the list above."""
        pending, names = self.pending, self.pending_names
        for choice, calls in self._some_of(random.Random(seed)):
            yield Arrival(choice, calls, names)
        if pending:
            yield Arrival("lengths without content", self._growth(), names)
            yield Arrival("content without lengths", pending, names, clip=True)
        for missing in range(len(names)):
            yield Arrival(f"name call {missing} missing", pending, [*names[:missing], *names[missing + 1 :]])
        if names:
            yield Arrival("no name call", pending, [])

    def _growth(self) -> list[Call]:
        lengths = [(len(old), len(new)) for old, new in zip(self.durable, self.contents(self.pending), strict=True)]
        return [Call("resize", inode, new) for inode, (old, new) in enumerate(lengths) if new > old]

    def _some_of(self, rng: random.Random) -> Iterator[tuple[str, list[Call]]]:
        pending = self.pending
        yield "all pending", pending
        if not pending:
            return
        yield "none pending", []
        yield "newest only", pending[-1:]
        for at in range(len(pending)):
            yield f"{at} missing", pending[:at] + pending[at + 1 :]
        for subset in _subsets(len(pending), rng):
            yield f"subset {subset}", [call for call, kept in zip(pending, subset, strict=True) if kept]
        for at, call in enumerate(pending):
            for cut in _cuts(call, rng):
                for side in ("front", "back"):
                    torn = [*pending[:at], *_torn(call, cut, side), *pending[at + 1 :]]
                    yield f"{at} torn at {cut}, {side} kept", torn
        for turn in range(RANDOM_SECTORS):
            yield f"random sectors {turn}", [part for call in pending for part in _some_sectors(call, rng)]


def crash_states(
    start: dict[str, bytes], log: Sequence[Call], *, seed: int, begin: int = 0
) -> Iterator[tuple[int, CrashState]]:
    """(position, state) for each position from `begin` on: `position` calls of the log were made."""
    for position, disk, arrival in _arrivals(start, log, seed, begin):
        yield position, disk.state(arrival)


def some_crash_states(
    start: dict[str, bytes], log: Sequence[Call], count: int, *, seed: int, begin: int = 0
) -> list[tuple[int, CrashState]]:
    """A seeded choice of `count` of them; the others are not made."""
    total = sum(1 for _ in _arrivals(start, log, seed, begin))
    chosen = set(random.Random(seed).sample(range(total), min(count, total)))
    arrivals = enumerate(_arrivals(start, log, seed, begin))
    return [(position, disk.state(arrival)) for at, (position, disk, arrival) in arrivals if at in chosen]


def _arrivals(
    start: dict[str, bytes], log: Sequence[Call], seed: int, begin: int
) -> Iterator[tuple[int, Disk, Arrival]]:
    """What may have arrived at each position, and the disk as it is then."""
    disk = Disk.at_start(start)
    for position in range(len(log) + 1):
        if position:
            disk.step(log[position - 1])
        if position >= begin:
            for arrival in disk.arrivals(seed * 1_000_003 + position):
                yield position, disk, arrival


def _subsets(count: int, rng: random.Random) -> Iterator[tuple[bool, ...]]:
    if count <= ALL_SUBSETS_UP_TO:
        yield from product((False, True), repeat=count)
    else:
        for _ in range(RANDOM_SUBSETS):
            yield tuple(rng.random() < 0.5 for _ in range(count))


def _cuts(call: Call, rng: random.Random) -> Sequence[int]:
    """Offsets inside a write at which a sector begins."""
    first = call.offset - call.offset % SECTOR + SECTOR
    cuts = range(first, call.offset + len(call.data), SECTOR)
    return cuts if len(cuts) <= TEARS_PER_WRITE else rng.sample(cuts, TEARS_PER_WRITE)


def _torn(call: Call, cut: int, side: str) -> list[Call]:
    length = cut - call.offset
    if side == "front":
        return [Call("write", call.inode, call.offset, call.data[:length])]
    return [Call("write", call.inode, cut, call.data[length:])]


def _some_sectors(call: Call, rng: random.Random) -> Iterator[Call]:
    if call.kind == "resize":
        if rng.random() < 0.5:
            yield call
        return
    edges = [call.offset, *_all_cuts(call), call.offset + len(call.data)]
    for low, high in pairwise(edges):
        if rng.random() < 0.5:
            yield Call("write", call.inode, low, call.data[low - call.offset : high - call.offset])


def _all_cuts(call: Call) -> range:
    return range(call.offset - call.offset % SECTOR + SECTOR, call.offset + len(call.data), SECTOR)


def _apply_write(content: bytearray, offset: int, data: bytes) -> None:
    if offset > len(content):
        content.extend(bytes(offset - len(content)))
    content[offset : offset + len(data)] = data


def _apply_resize(content: bytearray, size: int) -> None:
    if size < len(content):
        del content[size:]
    else:
        content.extend(bytes(size - len(content)))
