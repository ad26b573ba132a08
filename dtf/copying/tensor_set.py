"""TensorFlow checkpoint sets at either end of a COPY: FILE= names the prefix, one step moves all files of the set.

    FROM (FILE=/models/model.ckpt-55695)        there is no such file, but /models/model.ckpt-55695.index
    TO   (FILE=/served/model.ckpt-55695)        the prefix there, or a folder: the prefix stays the same

The files travel as a row of files does (`file_set`) and are staged so. When all have arrived, and before anything is
said to be done, every tensor in the staged files is held against the index that came with them. Then the set comes to
its folder as `ksds.tensors.publication` orders it: never half of it is seen, the index is the last to get its name, and
the state file `checkpoint` is written anew with the paths of that folder. Only the files that the index needs go, and
`.meta`, if it is there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from datetime import date

from dtf.copying.checkpoint import CheckpointRecord, Shape
from dtf.copying.file_set import PIECE_BYTES, FileRow, SetDamaged, SetTarget
from dtf.copying.host_paths import HostFileError, HostPaths
from dtf.copying.host_text import host_options
from dtf.copying.open_source import OpenSource
from dtf.copying.shaping import TENSORS
from dtf.copying.sources import Source, UnitSource
from dtf.copying.targets import Target, TargetExists
from dtf.errors import StepError
from dtf.protocol.events import FileSide
from ksds.errors import BundleError
from ksds.host_folder import FileFolder
from ksds.tensors.bundle_files import INDEX, Bundle, index_name, is_member, meta_name
from ksds.tensors.publication import StagedFolder, publish, read_state, write_state
from ksds.tensors.state_file import STATE_NAME, with_newest

SET = Shape(TENSORS, "U", 0, 0)
_UNFINISHED = re.compile(r"part-\d{5}-of-\d{5}")


class TensorSetError(StepError):
    """The set is not whole, or its data are not what its index says."""

    default_id = "DTX211E"


def is_tensor_set(paths: HostPaths, side: FileSide) -> bool:
    """True if the path is no file but a set's prefix. Raises HostFileError."""
    folder, name = paths.readable(side.name)
    with closing(folder):
        return bool(name) and not folder.exists(name) and folder.exists(index_name(name))


class TensorSetSource(OpenSource):
    """The set of FROM, whose index was read and whose files are all there; to be deleted it must be writable.

    Raises HostFileError, TensorSetError.
    """

    shape = SET

    def __init__(self, paths: HostPaths, side: FileSide) -> None:
        self._paths = paths
        self._path = side.name
        with ExitStack() as opened:
            self._folder, stem = paths.readable(side.name)
            opened.callback(self._folder.close)
            if _UNFINISHED.fullmatch(stem):
                raise TensorSetError(f"{side.name} is part of a set that is still being written")
            try:
                bundle = Bundle.open(self._folder, stem)
                bundle.check_whole()
            except BundleError as error:
                raise TensorSetError(str(error)) from None
            except OSError as error:
                raise HostFileError(f"{side.name}: its files cannot be read: {error.strerror}") from None
            self._row = FileRow(self._folder, sorted(bundle.names(), key=str.encode), side.name)
            self.identity = self._row.identity()
            if "DELETE" in side.disposition:
                paths.writable(side.name)[0].close()
            self._opened = opened.pop_all()

    def cursor(self, target: Shape, mode: str, there: FileSide) -> Source:
        """The files as units."""
        return UnitSource(self._units, PIECE_BYTES)

    def _units(self) -> Iterator[tuple[bytes, int]]:
        yield from self._row.units()
        if self._row.identity() != self.identity:
            raise TensorSetError(f"{self._path} was written while it was sent")

    def close(self) -> None:
        self._opened.close()

    def _remove(self) -> None:
        """The index first: then nobody sees a set without its data."""
        folder, stem = self._paths.writable(self._path)
        with closing(folder):
            folder.remove(index_name(stem))
            folder.sync()
            for name in self._row.names:
                if name != index_name(stem):
                    folder.remove(name)
            folder.sync()


def open_tensor_target(
    paths: HostPaths, side: FileSide, running: CheckpointRecord, token: str, *, complete: bool
) -> Target:
    """The set that TO names, or in the folder that it names the set of FROM's name. Raises TargetExists and others."""
    status = side.disposition[0] or "NEW"
    if status == "MOD":
        raise TensorSetError(f"{side.name}: a set is replaced, nothing is added to it")
    folder, stem = paths.writable(side.name)
    if stem in folder.folders():
        folder.close()
        folder, stem = paths.writable(side.name + "/")
    stem = stem or running.source_name.rpartition("/")[2]
    stamp = f"{running.source.mtime / 1_000_000_000:.7f}"
    permissions = host_options(dict(side.operands)).permissions
    with ExitStack() as undo:
        undo.callback(folder.close)
        target = TensorSetTarget(
            folder, stem, token, stamp=stamp, new=status == "NEW", complete=complete, permissions=permissions
        )
        undo.pop_all()
    return target


class TensorSetTarget(SetTarget):
    """The set `stem` in `folder`, which is closed with it. `stamp`: seconds, for the state file."""

    def __init__(
        self,
        folder: FileFolder,
        stem: str,
        token: str,
        *,
        stamp: str,
        new: bool,
        complete: bool,
        permissions: int | None,
    ) -> None:
        super().__init__(folder, token, new=new, complete=complete, permissions=permissions)
        self._stem = stem
        self._stamp = stamp
        if not complete:
            self._check_free([])

    def accept(self) -> None:
        """Every tensor that was staged is what the staged index says, and the state file is one of TensorFlow."""
        if self._complete:
            return
        self._let_go()
        waiting = self._waiting()
        try:
            bundle = Bundle.open(StagedFolder(self._folder, waiting), self._stem)
            if set(bundle.names()) - {meta_name(self._stem)} != set(waiting) - {meta_name(self._stem)}:
                raise BundleError(f"THE FILES THAT CAME ARE NOT THOSE OF THE INDEX: {' '.join(waiting)}"[:200])
            bundle.check_whole()
            bundle.check_data(lambda count: None)
            read_state(self._folder)
        except BundleError as error:
            raise TensorSetError(str(error)) from None

    def publish(self, today: date) -> None:
        self._let_go()
        if not self._complete:
            self._check_free([])
        try:
            publish(self._folder, self._stem, self._waiting())
            write_state(self._folder, with_newest(read_state(self._folder), self._stem, self._stamp), self.token)
        except BundleError as error:
            raise TensorSetError(str(error)) from None

    def _waiting(self) -> dict[str, str]:
        """The name that each staged file will have -> the name that it has."""
        names = self._staged()
        if not names and self._complete:
            return {}
        stems = [name.removesuffix(INDEX) for name in names if name.endswith(INDEX)]
        if len(stems) != 1 or not all(is_member(stems[0], name) for name in names):
            raise SetDamaged(f"the files that came are not those of one set: {' '.join(names)[:200]}")
        return {self._stem + name[len(stems[0]) :]: self._staged_name(name) for name in names}

    def _next_file(self, name: str) -> None:
        if name == STATE_NAME:
            raise SetDamaged(f"{STATE_NAME} is no file of a set")
        super()._next_file(name)

    def _staged(self) -> list[str]:
        return [name for name in super()._staged() if name != STATE_NAME]

    def _check_free(self, names: Sequence[str]) -> None:
        """The set is there if its index is, whatever else is."""
        if self._new and self._folder.exists(index_name(self._stem)):
            raise TargetExists(f"{self._folder.path / self._stem} exists and DISP=NEW was asked for")
