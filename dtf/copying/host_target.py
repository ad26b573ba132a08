"""A file of the host as the target of a COPY: staged beside its place, published whole by rename.

The staged file is `.NAME.TOKEN` in the same folder; the token comes from the Process and the step, so a restart finds
its own file and nobody else's. MOD begins it with a copy of the old file, and the checkpoint record keeps how long
that was. With a record in state D (all has arrived) and no staged file, the file of that name is the published one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import date

from dtf.copying.checkpoint import STATE_DONE, TARGET_BASE, TARGET_TOKEN, CheckpointRecord, PositionSet, Shape
from dtf.copying.file_set import SetTarget
from dtf.copying.host_paths import HostFileError, HostPaths, has_wildcards
from dtf.copying.host_text import host_options
from dtf.copying.prefixes import READ_BYTES, true_of_bytes
from dtf.copying.shaping import FILE, FILES
from dtf.copying.targets import Target, TargetExists
from dtf.protocol.events import FileSide
from ksds.host_folder import FileDevice, FileFolder
from ksds.tensors.bundle_files import index_name

STAGED = ".dtf-"
"""How the last part of a staged file's name begins: all of ours can be found by it."""


def token_of(process: bytes, step: int) -> str:
    """The token of the files that a step stages. `process`: the key of its checkpoint record."""
    return STAGED[1:] + hashlib.sha256(process + step.to_bytes(2, "big")).hexdigest()[:16]


def asked_host_shape(paths: HostPaths, side: FileSide) -> Shape:
    """A file, or files if the path is a folder. Raises HostFileError if it may not be written or is not there."""
    folder, name = paths.writable(side.name)
    try:
        if has_wildcards(name):
            raise HostFileError(f"{side.name}: wildcards stand for what is there, so only FROM has them")
        if not name or name in folder.folders():
            return Shape(FILES, "U", 0, 0)
        if side.disposition[0] in ("OLD", "SHR") and not _is_there(folder, name):
            raise HostFileError(f"{side.name} is not there and DISP={side.disposition[0]}")
    finally:
        folder.close()
    return Shape(FILE, "V" if host_options(dict(side.operands)).text else "U", 0, 0)


def _is_there(folder: FileFolder, name: str) -> bool:
    """A file of the name, or a checkpoint set of this prefix."""
    return folder.exists(name) or folder.exists(index_name(name))


def open_host_target(
    paths: HostPaths, side: FileSide, shape: Shape, token: str, filed: CheckpointRecord | None
) -> Target:
    """The file or the folder. `filed`: the record of an earlier try whose positions may be true."""
    status = side.disposition[0] or "NEW"
    options = host_options(dict(side.operands))
    complete = filed is not None and filed.state == STATE_DONE
    if shape.organization == FILES:
        folder, _ = paths.writable(side.name.rstrip("/") + "/")
        new = status == "NEW"
        return SetTarget(folder, token, new=new, complete=complete, permissions=options.permissions)
    folder, name = paths.writable(side.name)
    items = filed.items if filed else {}
    return HostTarget(folder, name, status, token, items, complete=complete, permissions=options.permissions)


class HostTarget:
    """See above. `folder` is closed with it. `items`: of the record of an earlier try; `complete`: it had all."""

    grows = False
    last_key = b""

    def __init__(
        self,
        folder: FileFolder,
        name: str,
        disposition: str,
        token: str,
        items: Mapping[int, bytes],
        *,
        complete: bool,
        permissions: int | None,
    ) -> None:
        self.token = f".{name}.{token}"
        self._folder = folder
        self._name = name
        self._append = disposition == "MOD"
        self._permissions = permissions
        self._base = int.from_bytes(items.get(TARGET_BASE, b""), "big")
        self._published = complete and not folder.exists(self.token)
        self._file: FileDevice | None = None
        self._end = 0
        self._new = disposition == "NEW"
        self._check_free()

    def begin(self) -> None:
        self._remove_staged()
        self._published = False
        try:
            self._file = self._folder.open(self.token, create=True)
        except OSError as error:
            raise HostFileError(f"{self._folder.path / self._name} cannot be made: {error.strerror}") from error
        self._folder.sync()
        self._base = self._end = 0
        if self._folder.exists(self._name):
            self._take_over()
        if self._permissions is not None:
            self._file.permit(self._permissions)

    def items(self) -> Mapping[int, bytes]:
        return {
            TARGET_TOKEN: self.token.encode("cp037", "backslashreplace"),
            TARGET_BASE: self._base.to_bytes(8, "big"),
        }

    def verified(self, sets: Sequence[PositionSet]) -> list[bool]:
        try:
            self._file = self._folder.open(self._name if self._published else self.token, writable=not self._published)
        except OSError:
            return [False] * len(sets)
        self._end = self._file.size()
        return true_of_bytes(self._file, self._base, self._end, sets)

    def resume(self, position: PositionSet) -> None:
        if not self._published:
            self._open().resize(position.target)
            self._end = position.target

    def write(self, payload: bytes) -> None:
        self._open().write(self._end, payload)
        self._open().write_back(self._end, len(payload))
        self._end += len(payload)

    def secure(self) -> int:
        if not self._published:
            self._open().sync()
        return self._end

    def accept(self) -> None:
        """Whatever came is right."""

    def publish(self, today: date) -> None:
        if self._published:
            return
        self._check_free()
        if self._append and self._folder.exists(self._name) and self._size_now() != self._base:
            raise HostFileError(f"{self._folder.path / self._name} has changed since its end was copied")
        self._open().sync()
        self._folder.rename(self.token, self._name)
        self._folder.sync()
        self._published = True

    def close(self, *, keep: bool) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
        if not keep and not self._published:
            self._remove_staged()
        self._folder.close()

    def _open(self) -> FileDevice:
        if self._file is None:
            raise HostFileError(f"{self._name}: the target is not open")
        return self._file

    def _check_free(self) -> None:
        if self._new and not self._published and self._folder.exists(self._name):
            raise TargetExists(f"{self._folder.path / self._name} exists and DISP=NEW was asked for")

    def _take_over(self) -> None:
        """What stays of the old file: its permissions, with MOD its contents."""
        new = self._open()
        with closing(self._old()) as old:
            new.permit(old.permitted())
            while self._append and (data := old.read(self._end, READ_BYTES)):
                new.write(self._end, data)
                self._end += len(data)
        self._base = self._end

    def _size_now(self) -> int:
        with closing(self._old()) as old:
            return old.size()

    def _old(self) -> FileDevice:
        try:
            return self._folder.open(self._name, writable=False)
        except OSError as error:
            raise HostFileError(f"{self._folder.path / self._name} cannot be replaced: {error.strerror}") from None

    def _remove_staged(self) -> None:
        if self._folder.exists(self.token):
            self._folder.remove(self.token)
            self._folder.sync()
