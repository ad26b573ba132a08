"""A set of files comes to a folder so that nobody ever sees half of it.

A set is visible exactly when its `.index` is. So all files are written under staging names, made durable (the
names too) and checked; then, each step durable before the next:

    1  the old index is removed, if a set of this prefix was there
    2  files of the old set that the new one has not go
    3  the data files get their names, then `.meta`
    4  the index gets its name: the set is there
    5  `checkpoint` names it as the newest

Whoever looks finds the old set, none, or the new one. A crash between two steps is rolled forward by `publish` with
what still waits: what was done is found done. A new prefix is never without its set for a moment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Protocol

from ksds.errors import BundleError
from ksds.tensors.bundle_files import Bundle, BundleFile, BundleFolder, index_name, is_member, members
from ksds.tensors.state_file import MAXIMUM_BYTES, STATE_NAME, CheckpointState, format_state, parse_state


class StagingFile(BundleFile, Protocol):
    """A file to write; a `ksds.storage.device.Device` is one."""

    def write(self, offset: int, data: bytes) -> None: ...

    def sync(self) -> None: ...


class StagingFolder(BundleFolder, Protocol):
    """A folder to write in; a `ksds.storage.device.Folder` is one."""

    def open(self, name: str, *, create: bool = False, writable: bool = True) -> StagingFile: ...

    def remove(self, name: str) -> None: ...

    def rename(self, old: str, new: str) -> None: ...

    def sync(self) -> None: ...


def staging_name(name: str, token: str) -> str:
    """Where a file waits until its set is whole. `token` tells one try from another."""
    return f".{name}.{token}"


def publish(folder: StagingFolder, stem: str, staged: Mapping[str, str]) -> None:
    """Give the files of set `stem` their names: final name -> staging name of each that still waits, durably.

    Once more after a crash, or after it was done, it does what is left. Raises BundleError if a file is gone; OSError.
    """
    index = index_name(stem)
    if any(not is_member(stem, name) for name in staged):
        raise BundleError(f"THESE FILES ARE NOT THOSE OF A SET {stem}")
    if index not in staged:
        if not folder.exists(index):
            raise BundleError(f"THE STAGED INDEX OF {stem} IS GONE")
        return
    bundle = Bundle.open(StagedFolder(folder, staged), stem)
    data = [bundle.shard_name(shard) for shard in bundle.index.shard_bytes()]
    _make_way(folder, stem, staged, untouched=bool(data) and all(name in staged for name in data))
    _rename(folder, staged, [name for name in staged if name in data])
    _rename(folder, staged, [name for name in staged if name not in (*data, index)])
    for name in data:
        if not folder.exists(name):
            raise BundleError(f"THE STAGED FILE OF {name} IS GONE")
    _rename(folder, staged, [index])


def _make_way(folder: StagingFolder, stem: str, staged: Mapping[str, str], *, untouched: bool) -> None:
    """The set that was there goes, its index first. `untouched`: no new data file has its name yet, so all of the
    prefix that does not wait is old."""
    index = index_name(stem)
    if folder.exists(index):
        folder.remove(index)
        folder.sync()
        untouched = True
    old = [name for name in members(folder, stem) if name not in staged] if untouched else []
    for name in old:
        folder.remove(name)
    folder.sync()


def _rename(folder: StagingFolder, staged: Mapping[str, str], names: Sequence[str]) -> None:
    for name in names:
        folder.rename(staged[name], name)
    folder.sync()


def read_state(folder: BundleFolder) -> CheckpointState | None:
    """What the state file of the folder says, if there is one. Raises BundleError if it is none of TensorFlow."""
    if not folder.exists(STATE_NAME):
        return None
    with closing(folder.open(STATE_NAME, writable=False)) as file:
        return parse_state(file.read(0, MAXIMUM_BYTES + 1))


def write_state(folder: StagingFolder, state: CheckpointState, token: str) -> None:
    """Make this the state of the folder, whole or not at all."""
    waiting = staging_name(STATE_NAME, token)
    if folder.exists(waiting):
        folder.remove(waiting)
    write_durably(folder, waiting, format_state(state))
    folder.rename(waiting, STATE_NAME)
    folder.sync()


def write_durably(folder: StagingFolder, name: str, data: bytes) -> None:
    """A new file of these bytes."""
    with closing(folder.open(name, create=True)) as file:
        file.write(0, data)
        file.sync()


@dataclass(frozen=True, slots=True)
class StagedFolder:
    """A folder as it will be: a file that waits is found under the name it will have, so that it can be checked."""

    folder: BundleFolder
    staged: Mapping[str, str]

    def open(self, name: str, *, create: bool = False, writable: bool = True) -> BundleFile:
        return self.folder.open(self.staged.get(name, name), create=create, writable=writable)

    def exists(self, name: str) -> bool:
        return self.folder.exists(self.staged.get(name, name))

    def names(self) -> list[str]:
        return sorted({*self.folder.names(), *self.staged} - set(self.staged.values()))
