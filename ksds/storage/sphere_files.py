"""The files of a sphere: the components and checksums of each member, and one journal for all of them.

A sphere is a base cluster, member 0, and its alternate indexes, members 1 and up. Member m has component 2m, its data,
and unless it has no index component 2m + 1:

    NAME.data    NAME.index    NAME.sum       the base
    NAME.m1.data NAME.m1.index NAME.m1.sum    its first alternate index
    NAME.jnl                                  the journal, made last and removed last: without it there is no data set

Two locks. That on the journal is held by a writer, alone, and by a reader that wants no writer beside it. That on the
base's checksums is held by a reader that does not mind one: it keeps checkpoints away, so that what it read at open
stays where it is (see `ksds.storage.pager`).
"""

from __future__ import annotations

import errno
import re
from collections.abc import Sequence
from contextlib import closing, suppress
from typing import Literal

from ksds.errors import Damaged, NoSpace, OpenError, PhysicalError
from ksds.layout import sphere_state
from ksds.layout.journal_group import GROUPS_AT
from ksds.storage.device import Device, Folder
from ksds.storage.journal import Journal

ComponentName = Literal["data", "index"]
COMPONENT_NAMES: tuple[ComponentName, ComponentName] = ("data", "index")
READ_CODE = (Damaged.READ_DATA, Damaged.READ_SEQUENCE_SET)
WRITE_CODE = (PhysicalError.WRITE_DATA, PhysicalError.WRITE_SEQUENCE_SET)

SUM_BASE = 0x8000
"""Journal entries of component SUM_BASE + c are checksum pages of component c."""

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""Errors that mean: no more space."""


def component_file(stem: str, component: int) -> str:
    """The file of component number `component`."""
    return f"{_member_stem(stem, component // 2)}.{COMPONENT_NAMES[component % 2]}"


def checksum_file(stem: str, member: int) -> str:
    """The file of a member's checksums."""
    return f"{_member_stem(stem, member)}.sum"


def journal_file(stem: str) -> str:
    """The sphere's journal."""
    return f"{stem}.jnl"


def work_file(stem: str) -> str:
    """What sorting for one of its alternate indexes needs beside memory, while that lasts."""
    return f"{stem}.work"


def _member_stem(stem: str, member: int) -> str:
    return f"{stem}.m{member}" if member else stem


def member_files(stem: str, member: int, ci_sizes: Sequence[int]) -> list[str]:
    """The files of one member, in the order in which they are made."""
    components = [component_file(stem, 2 * member + at) for at in range(len(ci_sizes))]
    return [*components, checksum_file(stem, member)]


def at_rest(folder: Folder, stem: str) -> bytes:
    """The headers of a journal that holds no group: every commit since would have made them others. b"" if it holds
    one, or cannot be read; opening the sphere says why."""
    try:
        with closing(folder.open(journal_file(stem), writable=False)) as device:
            headers = device.read(0, GROUPS_AT + 1)
    except OSError:
        return b""
    return headers if len(headers) == GROUPS_AT else b""


def create(folder: Folder, stem: str, ci_sizes: Sequence[int], state: bytes) -> None:
    """Make the files of an empty sphere of one member durable, or none of them.

    Raises FileExistsError if one of them is there, NoSpace (8/28) or PhysicalError (12/16).
    """
    rows = [sphere_state.Component(size, 0, 0, 0) for size in ci_sizes]
    sphere = sphere_state.build(sphere_state.Sphere(rows, state))
    _make(folder, [*member_files(stem, 0, ci_sizes), journal_file(stem)], sphere)


def create_member(folder: Folder, stem: str, member: int, ci_sizes: Sequence[int]) -> None:
    """Make the files of one more member durable, or none of them; the sphere's state does not count it yet.

    What an earlier attempt left is removed. Raises NoSpace (8/28) or PhysicalError (12/16).
    """
    destroy_member(folder, stem, member)
    _make(folder, member_files(stem, member, ci_sizes), b"")


def _make(folder: Folder, names: Sequence[str], sphere: bytes) -> None:
    made: list[str] = []
    try:
        for name in names:
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
            with suppress(OSError):  # the first error is told; what is left, no catalog entry leads to
                folder.remove(name)
        if isinstance(error, FileExistsError):
            raise
        if error.errno in FULL:
            raise NoSpace("the volume is full", component=COMPONENT_NAMES[0]) from error
        raise PhysicalError(f"write failed: {error.strerror or error}", feedback=WRITE_CODE[0]) from error


def destroy(folder: Folder, stem: str) -> None:
    """Remove a sphere's files, the journal last. Files already gone are no error."""
    belongs = re.compile(rf"{re.escape(stem)}(\.m\d+)?\.(data|index|sum|work)")
    for name in [*filter(belongs.fullmatch, folder.names()), journal_file(stem)]:
        if folder.exists(name):
            folder.remove(name)
    folder.sync()


def destroy_member(folder: Folder, stem: str, member: int) -> None:
    """Remove the files of a member that the sphere's state no longer counts."""
    for name in member_files(stem, member, (0, 0)):
        if folder.exists(name):
            folder.remove(name)
    folder.sync()


def lock(journal: Device, checksums: Device, *, writable: bool, beside: bool) -> None:
    """Take the lock that goes with this kind of open. Raises OpenError (168) if it is in use."""
    if beside and not writable:
        checksums.lock(False, wait=True)
    elif not journal.lock(writable):
        wanted = "update" if writable else "input"
        raise OpenError(f"in use elsewhere, not available for {wanted}", feedback=OpenError.NOT_AVAILABLE)
