"""The files of a sphere: NAME.data, for a KSDS NAME.index, the checksums NAME.sum and the journal NAME.jnl.

The lock on the journal is the lock on the sphere. The journal is made last and removed last: without it there is
no data set.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator, Sequence

from ksds.errors import Damaged, NoSpace, OpenError, PhysicalError
from ksds.layout import sphere_state
from ksds.storage.device import Device, Folder
from ksds.storage.journal import Journal

DATA, INDEX = 0, 1
COMPONENT_NAMES = ("data", "index")
READ_CODE = (Damaged.READ_DATA, Damaged.READ_SEQUENCE_SET)
WRITE_CODE = (PhysicalError.WRITE_DATA, PhysicalError.WRITE_SEQUENCE_SET)

SUM_BASE = 128
"""Journal entries of component 128 + c are checksum pages of component c."""

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""Errors that mean: no more space."""


def names(stem: str, components: int) -> list[str]:
    """File names, in the order in which they are made."""
    return [f"{stem}.{name}" for name in (*COMPONENT_NAMES[:components], "sum", "jnl")]


def create(folder: Folder, stem: str, ci_sizes: Sequence[int], state: bytes) -> None:
    """Make the files of an empty sphere durable, or none of them.

    Raises FileExistsError if one of them is there, NoSpace (8/28) or PhysicalError (12/16).
    """
    rows = [sphere_state.Component(size, 0, 0, 0) for size in ci_sizes]
    sphere = sphere_state.build(sphere_state.Sphere(rows, state))
    made: list[str] = []
    try:
        for name in names(stem, len(ci_sizes)):
            device = folder.open(name, create=True)
            made.append(name)
            try:
                if name.endswith(".jnl"):
                    Journal.create(device, sphere)
                else:
                    device.sync()
            finally:
                device.close()
        folder.sync()
    except OSError as error:
        for name in made:
            folder.remove(name)
        if isinstance(error, FileExistsError):
            raise
        if error.errno in FULL:
            raise NoSpace("the volume is full", component=COMPONENT_NAMES[0]) from error
        raise PhysicalError(f"write failed: {error.strerror or error}", feedback=WRITE_CODE[0]) from error


def destroy(folder: Folder, stem: str) -> None:
    """Remove a sphere's files. Files already gone are no error."""
    for name in names(stem, len(COMPONENT_NAMES)):
        if folder.exists(name):
            folder.remove(name)
    folder.sync()


def open_locked(folder: Folder, stem: str, components: int, *, writable: bool) -> Iterator[Device]:
    """The journal, locked, then the checksum file, then the components. Raises OpenError(168) if it is in use."""
    *component_names, side, journal = names(stem, components)
    device = folder.open(journal)
    yield device
    if not device.lock(writable):
        wanted = "update" if writable else "input"
        raise OpenError(f"in use elsewhere, not available for {wanted}", feedback=OpenError.NOT_AVAILABLE)
    for name in (side, *component_names):
        yield folder.open(name)
