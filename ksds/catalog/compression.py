"""Libraries written anew, without the space that deleted and replaced members have left.

The members go to a new file; when it is durable the catalog names it, then the old file goes. All the while the old
file is locked, for a member added to it meanwhile would go with it. Whatever cuts this short, the library is the old
one or the new one, whole.
Source: z/OS DFSMSdfp Utilities, IEBCOPY, "Compressing a partitioned data set in place".
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace

from ksds.catalog.catalog import Catalog
from ksds.catalog.entries import NonVsamEntry
from ksds.catalog.names import data_set_name
from ksds.catalog.volume import Volume, new_file_name
from ksds.datasets.partitioned import PartitionedDataSet
from ksds.errors import DataSetError


class LibraryCompression:
    """Compresses the libraries of a catalog on its volume."""

    def __init__(self, catalog: Catalog, volume: Volume) -> None:
        self._catalog = catalog
        self._volume = volume

    def compress(self, name: str) -> int:
        """The bytes that a library has less when this is done. Raises DataSetError, OpenError if it is in use."""
        entry = self._catalog.find(data_set_name(name))
        if not isinstance(entry, NonVsamEntry) or entry.attributes.dsorg != "PO":
            raise DataSetError("THIS IS NOT A PARTITIONED DATA SET", data_set=name)
        with self._volume.library(entry.file_name, entry.attributes, exclusive=True) as old, ExitStack() as undo:
            file_name = new_file_name(entry.name)
            self._volume.create(file_name)
            undo.callback(self._volume.remove, file_name)
            with self._volume.library(file_name, entry.attributes, exclusive=True) as new:
                _copy(old, new)
            with self._volume.library(file_name, entry.attributes, exclusive=False) as new:
                gained = old.space()[0] - new.space()[0]
            undo.pop_all()  # after a failed replace nobody knows which of the two the catalog will name
            self._catalog.replace(entry, replace(entry, file_name=file_name))
            self._volume.remove(entry.file_name)
        return gained


def _copy(old: PartitionedDataSet, new: PartitionedDataSet) -> None:
    """All members with their user data, then their aliases."""
    members = old.members()
    for member in members:
        if not member.is_alias:
            with new.create(member.name, member.user_data) as writer:
                writer.append(old.records(member.name))
    for member in members:
        if member.is_alias:
            new.add_alias(member.name, member.alias_of)
            new.set_user_data(member.name, member.user_data)
