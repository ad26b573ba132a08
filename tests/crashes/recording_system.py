"""A system whose two folders, of the catalog and of the volume, are one log: the order of what happens to both counts.

The names of the log are `catalog:...` and `volume:...`; a sync of one folder makes only its own names durable.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

from ksds.catalog.volume import Volume
from ksds.storage.device import Device, FileFolder, MemoryFolder
from ksds.system import System
from tests.crashes.recording_device import RecordingFolder


class SubFolder:
    """The files of `folder` whose names begin with `prefix`, without it."""

    def __init__(self, folder: RecordingFolder | MemoryFolder, prefix: str) -> None:
        self._folder = folder
        self._prefix = prefix

    def open(self, name: str, *, create: bool = False, writable: bool = True) -> Device:
        return self._folder.open(self._prefix + name, create=create, writable=writable)

    def exists(self, name: str) -> bool:
        return self._folder.exists(self._prefix + name)

    def names(self) -> list[str]:
        return [name.removeprefix(self._prefix) for name in self._folder.names() if name.startswith(self._prefix)]

    def remove(self, name: str) -> None:
        self._folder.remove(self._prefix + name)

    def rename(self, old: str, new: str) -> None:
        self._folder.rename(self._prefix + old, self._prefix + new)

    def sync(self) -> None:
        if isinstance(self._folder, RecordingFolder):
            self._folder.sync(self._prefix)

    def close(self) -> None:
        """Nothing is held."""


@contextmanager
def opened(folder: RecordingFolder | MemoryFolder) -> Iterator[System]:
    """The system in a folder, made on first use."""
    parts = {name: cast(FileFolder, SubFolder(folder, f"{name}:")) for name in ("catalog", "volume", "spool")}
    with System(Path("nyc"), parts["catalog"], "NYC", Volume(parts["volume"]), parts["spool"]) as system:
        yield system
