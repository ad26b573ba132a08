"""The set of files that a prefix names, and nothing else of its folder.

    P.index  P.data-NNNNN-of-MMMMM  P.meta (if the saver was asked for it)

Files are found by these exact names, never by what begins alike: `model.ckpt-20` is not of `model.ckpt-2`. No name in
an index is ever used as a path. The set is there if its index is; it is whole if each data file that a tensor lies in
is there and long enough.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

from ksds.errors import BundleError, TensorDamaged
from ksds.tensors import table
from ksds.tensors.entries import Entry
from ksds.tensors.tensor_data import Advance, DataFile, check_data
from ksds.tensors.tensor_index import Tensor, TensorIndex, shown

INDEX, META = ".index", ".meta"
_SUFFIX = re.compile(r"\.(index|meta|data-\d{5,}-of-\d{5,})")


class BundleFile(DataFile, Protocol):
    """One file to read; a `ksds.storage.device.Device` is one."""

    def close(self) -> None: ...


class BundleFolder(Protocol):
    """A flat folder of files; a `ksds.storage.device.Folder` is one."""

    def open(self, name: str, *, create: bool = False, writable: bool = True) -> BundleFile: ...

    def exists(self, name: str) -> bool: ...

    def names(self) -> list[str]: ...


def index_name(stem: str) -> str:
    """The file of the set `stem` that says what is where."""
    return stem + INDEX


def meta_name(stem: str) -> str:
    """The file of the set `stem` that holds the graph, if there is one."""
    return stem + META


def shard_name(stem: str, shard: int, shards: int) -> str:
    """The data file `shard`, from 0, of `shards`."""
    return f"{stem}.data-{shard:05d}-of-{shards:05d}"


def is_member(stem: str, name: str) -> bool:
    """True if `name` is one that a file of the set `stem` can have."""
    return name.startswith(stem) and _SUFFIX.fullmatch(name, len(stem)) is not None


def members(folder: BundleFolder, stem: str) -> list[str]:
    """The files in the folder that belong to the prefix, whatever their index says of them."""
    return [name for name in folder.names() if is_member(stem, name)]


@dataclass(frozen=True, slots=True)
class Bundle:
    """The set `stem` in a folder, its index read and checked."""

    folder: BundleFolder
    stem: str
    index: TensorIndex
    image: bytes
    """The bytes of the index file."""

    @classmethod
    def open(cls, folder: BundleFolder, stem: str) -> Bundle:
        """Read the index. Raises BundleError if there is none, or a wrong one; OSError."""
        name = index_name(stem)
        if not folder.exists(name):
            raise _no_set(folder, stem)
        with closing(folder.open(name, writable=False)) as file:
            if file.size() > table.MAXIMUM_BYTES:
                raise BundleError(f"{file.size()} BYTES ARE TOO MANY FOR AN INDEX", file=name)
            image = file.read(0, file.size())
        try:
            return cls(folder, stem, TensorIndex.from_bytes(image), image)
        except BundleError as error:
            raise BundleError(error.what, file=name, offset=error.offset) from None

    def shard_name(self, shard: int) -> str:
        """The name of the data file `shard` of this set."""
        return shard_name(self.stem, shard, self.index.header.shards)

    def names(self) -> list[str]:
        """The files of the set: those with data that tensors lie in, then `.meta` if it is there, the index last."""
        found = [self.shard_name(shard) for shard in sorted(self.index.shard_bytes())]
        found += [meta_name(self.stem)] if self.folder.exists(meta_name(self.stem)) else []
        return [*found, index_name(self.stem)]

    def check_whole(self) -> None:
        """Raises BundleError if a data file is not there or too short, or tensors share some of their bytes."""
        for shard, size in sorted(self.index.shard_bytes().items()):
            with closing(self._open(shard)) as file:
                if file.size() < size:
                    raise BundleError(f"{file.size()} BYTES, THE INDEX NEEDS {size}", file=self.shard_name(shard))
        places = sorted(
            ((e.shard, e.offset, e.size, e.dtype, e.shape, e.crc) for t in self.index.tensors for e in t.places),
            key=lambda place: place[:3],
        )
        for one, other in pairwise(place for place in places if place[2]):
            if one != other and one[0] == other[0] and one[1] + one[2] > other[1]:
                raise BundleError("TENSORS SHARE SOME OF THEIR BYTES", file=self.shard_name(one[0]), offset=other[1])

    def damage(self, advance: Advance) -> Iterator[tuple[Tensor, BundleError | None]]:
        """Each tensor, and what is wrong with its data, all of which is read."""
        seen: dict[tuple[int, int, int], Entry] = {}
        for tensor in self.index.tensors:
            found: BundleError | None = None
            for entry in tensor.places:
                place = entry.shard, entry.offset, entry.size
                if found is None and seen.get(place) != entry:
                    found = self._checked(tensor, entry, advance)
                    seen[place] = entry
            yield tensor, found

    def check_data(self, advance: Advance) -> None:
        """Raises TensorDamaged for the first tensor whose data are not what the index says."""
        for _, found in self.damage(advance):
            if found is not None:
                raise found

    def _checked(self, tensor: Tensor, entry: Entry, advance: Advance) -> BundleError | None:
        name = self.shard_name(entry.shard)
        try:
            with closing(self._open(entry.shard)) as file:
                check_data(file, entry, big_endian=self.index.header.big_endian, advance=advance)
        except TensorDamaged as error:
            return TensorDamaged(f"TENSOR {shown(tensor.name)}: {error.what}", file=name, offset=error.offset)
        except BundleError as error:
            return TensorDamaged(f"TENSOR {shown(tensor.name)}: {error.what}", file=name)
        return None

    def _open(self, shard: int) -> BundleFile:
        name = self.shard_name(shard)
        try:
            return self.folder.open(name, writable=False)
        except FileNotFoundError:
            raise BundleError(f"THE DATA FILE {name} IS NOT THERE") from None


def _no_set(folder: BundleFolder, stem: str) -> BundleError:
    """Why there is no set of this name, for whoever typed it."""
    known = _SUFFIX.search(stem)
    if known and known.end() == len(stem):
        return BundleError(f"{stem} IS A FILE OF A SET: NAME THE SET, {stem[: known.start()]}")
    if folder.exists(stem):
        return BundleError(f"{stem} IS NO PREFIX OF A SET, BUT A FILE (A CHECKPOINT OF FORMAT V1 IS NOT READ)")
    return BundleError(f"THERE IS NO SET {stem}: {index_name(stem)} IS NOT THERE")
