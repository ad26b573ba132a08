"""The files of one volume: each belongs to a data set and is called after it, with a random ending.

    <data set name>.<8 hex digits>              a sequential data set
    <data set name>.<8 hex digits>.<component>  a cluster's files

The ending makes every new file a new name: what a crash left behind is never taken for something made later.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import NamedTuple

from ksds.catalog.names import data_set_name
from ksds.datasets.attributes import DataSetAttributes
from ksds.datasets.partitioned import PartitionedDataSet
from ksds.datasets.sequential import RUN_BYTES, SequentialDataSet
from ksds.errors import DataSetError, DataSetInUse, InvalidName, OpenError
from ksds.storage.device import FileDevice, FileFolder

_FILE_NAME = re.compile(r"(.{1,44})\.[0-9a-f]{8}")


class Identity(NamedTuple):
    """What tells whether a file is still the one it was: size in bytes, modification time in ns, inode."""

    size: int
    mtime_ns: int
    inode: int


def new_file_name(name: str, ending: str = "") -> str:
    """A file name for data set `name`, never used before unless its `ending` (eight hexadecimal digits) was."""
    return f"{name}.{ending or secrets.token_hex(4)}"


def owner_of(file_name: str) -> str:
    """The data set name that a file was named after. Raises DataSetError if it was not made by `new_file_name`."""
    found = _FILE_NAME.fullmatch(file_name)
    try:
        if found and data_set_name(found.group(1)) == found.group(1):
            return found.group(1)
    except InvalidName:
        pass
    raise DataSetError(f"{file_name[:60]!r} IS NOT THE FILE OF A DATA SET")


class Volume:
    """The files of `folder`. Missing and linked files are DataSetErrors that name the data set."""

    def __init__(self, folder: FileFolder) -> None:
        self.folder = folder

    def create(self, file_name: str) -> None:
        """Make an empty file, durably."""
        self.folder.open(file_name, create=True).close()
        self.folder.sync()

    def remove(self, file_name: str) -> None:
        """Remove a file, durably; none is no error."""
        if file_name and self.folder.exists(file_name):
            self.folder.remove(file_name)
            self.folder.sync()

    def wipe(self, file_name: str) -> None:
        """Write zeros over a file, durably; none is no error."""
        if file_name and self.folder.exists(file_name):
            with closing(self._device(file_name, writable=True)) as device:
                for offset in range(0, device.size(), RUN_BYTES):
                    device.write(offset, bytes(min(RUN_BYTES, device.size() - offset)))
                device.sync()

    def open(self, file_name: str, attributes: DataSetAttributes, *, exclusive: bool) -> SequentialDataSet:
        """The data set in a file, locked: alone to write it, with other readers to read it."""
        return SequentialDataSet(self._locked(file_name, exclusive), attributes, owner_of(file_name))

    def library(self, file_name: str, attributes: DataSetAttributes, *, exclusive: bool) -> PartitionedDataSet:
        """The partitioned data set in a file, locked: alone to change it, with other readers to read it."""
        return PartitionedDataSet(
            self._locked(file_name, exclusive), attributes, owner_of(file_name), writable=exclusive
        )

    def identity(self, file_name: str) -> Identity:
        """Of any file of the volume."""
        with closing(self._device(file_name, writable=False)) as device:
            return Identity(*device.identity())

    @contextmanager
    def alone(self, name: str, file_name: str) -> Iterator[None]:
        """Keep everybody else from opening a file of data set `name`. Raises OpenError (168) if one has.

        A missing file is nobody's.
        """
        if not file_name or not self.folder.exists(file_name):
            yield
            return
        device = self._device(file_name, writable=True)
        try:
            if not device.lock(True):
                raise OpenError("in use elsewhere", feedback=OpenError.NOT_AVAILABLE, data_set=name)
            yield
        finally:
            device.close()

    def _locked(self, file_name: str, exclusive: bool) -> FileDevice:
        if not file_name:
            raise DataSetError("IT IS CATALOGUED, BUT NOT ON THE VOLUME")
        name = owner_of(file_name)
        device = self._device(file_name, writable=exclusive)
        if not device.lock(exclusive):
            device.close()
            raise DataSetInUse("IN USE ELSEWHERE", data_set=name)
        return device

    def _device(self, file_name: str, *, writable: bool) -> FileDevice:
        try:
            return self.folder.open(file_name, writable=writable)
        except OSError as error:
            owner = _FILE_NAME.match(file_name)  # a cluster's files have a suffix behind that
            raise DataSetError(
                f"FILE {file_name} CANNOT BE OPENED: {error.strerror}", data_set=owner.group(1) if owner else None
            ) from error
