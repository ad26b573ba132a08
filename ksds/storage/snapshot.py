"""A sphere that another program is updating, copied into memory as one of its commits left it.

The writer holds the lock, so the copy is made without one, and checked instead: the journal is read before and after
the other files. If it did not change, no commit came in between. Then a home that is not the image of the last
checkpoint was just being written from that journal, which heals it in the copy as it would after a crash.
"""

from __future__ import annotations

from contextlib import closing

from ksds.storage.device import Folder, MemoryFolder

MAXIMUM_BYTES = 64 << 20
"""The largest sphere that is copied."""

_TRIES = 50


def snapshot(folder: Folder, stem: str) -> MemoryFolder | None:
    """The files of sphere `stem`, all of one moment; None if they are too large or never stood still.

    Raises OSError.
    """
    journal = f"{stem}.jnl"
    others = [name for name in folder.names() if name.startswith(f"{stem}.") and name != journal]
    for _ in range(_TRIES):
        if sum(_size(folder, name) for name in (journal, *others)) > MAXIMUM_BYTES:
            return None
        before = _content(folder, journal)
        contents = {name: _content(folder, name) for name in others}
        if _content(folder, journal) == before:
            return memory_folder(contents | {journal: before})
    return None


def memory_folder(contents: dict[str, bytes]) -> MemoryFolder:
    """A folder in memory with these files."""
    folder = MemoryFolder()
    for name, content in contents.items():
        with closing(folder.open(name, create=True)) as device:
            device.write(0, content)
    return folder


def _size(folder: Folder, name: str) -> int:
    with closing(folder.open(name, writable=False)) as device:
        return device.size()


def _content(folder: Folder, name: str) -> bytes:
    with closing(folder.open(name, writable=False)) as device:
        return device.read(0, device.size())
