"""A system: one z/OS image in one folder, and the one door to its data sets.

    <folder>/catalog/          the catalog's cluster, its mark and its lock
    <folder>/volumes/VOL001/   the files of clusters and data sets (see `ksds.catalog.volume`)
    <folder>/spool/            output of jobs

Host file names come from the catalog only. Order of writes: a data set's files are durable before the catalog names
them, and the catalog has forgotten them before they are removed. A crash in between leaves files that nobody refers to.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TypeVar

from ksds.access.acb import Acb
from ksds.access.options import Macrf
from ksds.access.rpl import NO_EXITS, Exits
from ksds.catalog.associations import Associations
from ksds.catalog.catalog import Catalog
from ksds.catalog.changes import CatalogChanges
from ksds.catalog.compression import LibraryCompression
from ksds.catalog.diagnosis import CatalogDiagnosis
from ksds.catalog.entries import (
    AliasEntry,
    ClusterEntry,
    ComponentEntry,
    Entry,
    GdgEntry,
    IndexableEntry,
    NonVsamEntry,
    PathEntry,
    Space,
)
from ksds.catalog.generations import GenerationGroups
from ksds.catalog.names import data_set_name
from ksds.catalog.spheres import Spheres
from ksds.catalog.volume import Identity, Volume, new_file_name, owner_of
from ksds.closing import Closing
from ksds.cluster.definition import ClusterDefinition
from ksds.cluster.entry_sequenced import EntrySequenced
from ksds.cluster.key_sequenced import KeySequenced
from ksds.cluster.linear import Linear as Linear
from ksds.cluster.organizations import Cluster, Keyed, class_of
from ksds.cluster.organizations import Numbered as Numbered
from ksds.cluster.relative_record import RelativeRecord
from ksds.cluster.space import generated_name
from ksds.datasets.attributes import DataSetAttributes
from ksds.datasets.dd import DD
from ksds.datasets.partitioned import PartitionedDataSet, open_member, split_member
from ksds.datasets.sequential import SequentialDataSet
from ksds.errors import CatalogError, DataSetError, DataSetNotFound, DuplicateName, KsdsError, OpenError
from ksds.storage.device import FileFolder

VOLUME = "VOL001"
DEFAULT_NAME = "SYS1"

_SYSTEM_NAME = re.compile(r"[A-Z@#$][A-Z0-9@#$]{0,7}")
_NO_SPACE = Space()


@dataclass(frozen=True, slots=True)
class Staged:
    """A new data set that no catalog names yet. Its `data_set` is locked while open."""

    file_name: str
    data_set: SequentialDataSet


class System(Closing):
    """The data sets of one folder. Names may be given in lower case; every method checks them (InvalidName).

    Many programs may open one folder; catalog requests take turns, data sets are locked while open.
    """

    def __init__(self, folder: Path, catalog_folder: FileFolder, name: str, volume: Volume, spool: FileFolder) -> None:
        self.folder = folder
        self.catalog = Catalog.open(catalog_folder, name)
        self.name = self.catalog.system_name
        self.spool = spool
        self.generations = GenerationGroups(self.catalog, volume)
        self.changes = CatalogChanges(self.catalog, self.generations)
        self.diagnosis = CatalogDiagnosis(self.catalog, volume)
        self.compression = LibraryCompression(self.catalog, volume)
        self.associations = Associations(self.catalog, volume.folder)
        self.spheres = Spheres(self.catalog, self.associations, volume)
        self._catalog_folder = catalog_folder
        self._volume = volume

    @classmethod
    def open(cls, folder: Path | str, *, create: bool = True) -> System:
        """The system in `folder`, made on first use unless `create` is False (then FileNotFoundError).

        A new system is called after its folder: NYC for `systems/nyc`. Raises CatalogError if its catalog is gone or
        damaged.
        """
        folder = Path(folder)
        if not create and not (folder / "catalog").is_dir():
            raise FileNotFoundError(errno.ENOENT, "no system here", str(folder))
        catalog_folder = _folder(folder / "catalog")
        _folder(folder / "volumes").close()
        volume = Volume(_folder(folder / "volumes" / VOLUME))
        if not Catalog.exists(catalog_folder) and volume.folder.names():
            raise CatalogError("KSD103E", f"{folder / 'volumes'} HOLDS DATA SETS, BUT THE CATALOG IS GONE")
        name = re.sub(r"[^A-Z0-9@#$]", "", folder.resolve().name.upper())[:8]
        name = name if _SYSTEM_NAME.fullmatch(name) else DEFAULT_NAME
        return cls(folder, catalog_folder, name, volume, _folder(folder / "spool"))

    def close(self) -> None:
        """Let the folder go. Data sets opened through it stay open."""
        for folder in (self._catalog_folder, self._volume.folder, self.spool):
            folder.close()

    # -- the catalog ------------------------------------------------------------------------------------

    def entry(self, name: str) -> Entry:
        """What the catalog says of `name`; of an alias, what it says of the data set. Raises DataSetNotFound."""
        name = data_set_name(name)
        own = self.catalog.own(name)
        if own is not None:
            return own
        entry = self.catalog.find(name)
        return self.catalog.find(entry.related) if isinstance(entry, AliasEntry) else entry

    def exists(self, name: str) -> bool:
        """True if the catalog knows `name`."""
        try:
            self.entry(name)
        except DataSetNotFound:
            return False
        return True

    def entries(self, pattern: str = "**") -> list[Entry]:
        """Entries by generic name, in order: `A.*` one qualifier more, `A.**` any number. Components included."""
        return self.catalog.entries(pattern)

    def define_cluster(
        self,
        definition: ClusterDefinition,
        *,
        created: date | None = None,
        expires: date | None = None,
        owner: str = "",
        volume: str = VOLUME,
        ending: str = "",
    ) -> ClusterEntry:
        """Make an empty cluster and catalog it, in this order. Empty component names become name.DATA and name.INDEX.
        `volume` is the serial that the catalog shows; all files are in one folder. `ending`: as in `stage`.

        Raises DuplicateName, InvalidName.
        """
        definition = _named(definition)
        opener = class_of(definition)
        stem = new_file_name(definition.name, ending)
        if ending and not self.exists(definition.name):
            opener.destroy(self._volume.folder, stem)
        entry = ClusterEntry(
            name=definition.name,
            definition=definition,
            stem=stem,
            created=created,
            expires=expires,
            owner=owner,
            volume=volume,
        )
        opener.create(self._volume.folder, stem, definition)
        try:
            self.catalog.add(entry)
        except KsdsError:
            opener.destroy(self._volume.folder, stem)
            raise
        return entry

    def delete(
        self, name: str, *, purge: bool = False, today: date | None = None, erase: bool | None = None
    ) -> Sequence[Entry]:
        """Uncatalog what `name` says and all that is defined over it, then remove the files; returns what is gone,
        dependents first, a cluster behind its components.

        `erase` says whether data are overwritten with zeros before, None leaves it to a cluster's definition.

        Raises DataSetNotFound, OpenError (168) if it is in use, CatalogError if it has not expired by `today`
        (needs `purge`), is a component, or a generation data group that is not empty.
        """
        entry = self.catalog.find(data_set_name(name))
        if isinstance(entry, ComponentEntry):
            raise CatalogError("KSD104E", f"{entry.name} IS THE {entry.type} COMPONENT OF {_sphere(entry).name}")
        if entry.expires and not purge and (today is None or entry.expires > today):
            raise CatalogError("IDC3009I", f"{entry.name} EXPIRES {entry.expires:%Y.%j}", return_code=84)
        if isinstance(entry, IndexableEntry | PathEntry):
            return self.spheres.delete(entry, erase=erase)
        if isinstance(entry, NonVsamEntry):
            with self._volume.alone(entry.name, entry.file_name):
                gone = self.catalog.remove(entry)
                if erase:
                    self._volume.wipe(entry.file_name)
                self._volume.remove(entry.file_name)
            return gone
        if isinstance(entry, GdgEntry):
            return self.generations.delete(entry.name)
        return self.catalog.remove(entry)

    # -- clusters ---------------------------------------------------------------------------------------

    def cluster(self, name: str, mode: str = "r") -> Cluster:
        """Open a cluster, an alternate index or a path: "r" for input, "w" for update. A cluster opened for update
        keeps its alternate indexes up to date (`ksds.catalog.spheres`). Raises DataSetNotFound, OpenError, Damaged.

        With SHAREOPTIONS 2 to 4 a cluster opens for input while another program updates it, and shows what was
        committed by then. So does, always, the catalog under its own name.
        """
        if split_member(name)[1]:
            what = "a member or a generation is not a cluster: browse and export read it"
            raise OpenError(what, feedback=OpenError.NO_CLUSTER, data_set=name)
        name = data_set_name(name)
        if name == self.catalog.name:
            if mode != "r":
                raise OpenError("the catalog opens for input only", feedback=OpenError.NOT_AVAILABLE, data_set=name)
            return self.catalog.inside()
        entry = self.entry(name)
        if not isinstance(entry, IndexableEntry | PathEntry):
            hint = f": name a generation, such as {name}(0)" if isinstance(entry, GdgEntry) else ""
            hint = ": browse and export read it" if isinstance(entry, NonVsamEntry) else hint
            raise OpenError(f"{entry.type} is not a cluster{hint}", feedback=OpenError.NO_CLUSTER, data_set=name)
        return self.spheres.open(entry, mode)

    def acb(self, name: str, macrf: str = "KEY,SEQ,IN", *, strings: int = 1, exits: Exits = NO_EXITS) -> Acb:
        """OPEN an ACB over a cluster: requests with positions and reason codes, see `ksds.access`. `macrf` as in the
        macro ("KEY,DIR,OUT"), `strings` is STRNO, `exits` EXLST.

        Raises DataSetNotFound, OpenError (160 options, 168 in use, 232 MACRF=RST but not reusable), InvalidOptionText.
        """
        options = Macrf.parse(macrf)
        if options.index_itself:
            entry = self.entry(name)
            name = entry.over if isinstance(entry, PathEntry) else name
        cluster = self.cluster(name, mode="w" if options.output else "r")
        try:
            return Acb(cluster, options, strings=strings, exits=exits)
        except KsdsError:
            cluster.close()
            raise

    def key_sequenced(self, name: str, mode: str = "r") -> KeySequenced:
        """`cluster` for a KSDS; OpenError (160) if it is something else."""
        return _expect(KeySequenced, self.cluster(name, mode), name)

    def entry_sequenced(self, name: str, mode: str = "r") -> EntrySequenced:
        """`cluster` for an ESDS; OpenError (160) if it is something else."""
        return _expect(EntrySequenced, self.cluster(name, mode), name)

    def relative_record(self, name: str, mode: str = "r") -> RelativeRecord:
        """`cluster` for an RRDS of fixed slots; OpenError (160) if it is something else."""
        return _expect(RelativeRecord, self.cluster(name, mode), name)

    # -- sequential data sets ---------------------------------------------------------------------------

    def allocate(
        self,
        name: str,
        attributes: DataSetAttributes,
        *,
        space: Space = _NO_SPACE,
        created: date | None = None,
        expires: date | None = None,
        deferred: bool = False,
    ) -> NonVsamEntry:
        """Make an empty data set and catalog it. Raises DuplicateName, InvalidName.

        A generation of a group is rolled in, or if `deferred` waits for `generations.roll_in`.
        """
        name = data_set_name(name)
        file_name = new_file_name(name)
        entry = NonVsamEntry(
            name=name, attributes=attributes, file_name=file_name, space=space, created=created, expires=expires
        )
        self._volume.create(file_name)
        try:
            return self.generations.catalog(entry, deferred=deferred, today=created)[0]
        except KsdsError:
            self._volume.remove(file_name)
            raise

    def sequential(self, name: str, mode: str = "r") -> SequentialDataSet:
        """Open a sequential data set: "r" to read, "a" to add at the end, "w" to empty and write it.

        So opens a member, `A.LIB(MEM)`, to read it or write it anew; `close` enters it, an error inside `with` does
        not. Raises DataSetNotFound, MemberNotFound, DataSetError if it is a cluster, in use or its file is gone.
        """
        if mode not in ("r", "a", "w"):
            raise ValueError(f"mode {mode!r} is not 'r', 'a' or 'w'")
        library, member = split_member(name)
        if member:
            return open_member(self.library(library, "r" if mode == "r" else "w"), member, mode)
        entry = self.entry(name)
        if not isinstance(entry, NonVsamEntry):
            raise DataSetError(f"{entry.type} IS NOT A SEQUENTIAL DATA SET", data_set=entry.name)
        if entry.attributes.dsorg == "PO":
            raise DataSetError("THIS IS A LIBRARY: NAME A MEMBER", data_set=entry.name)
        data_set = self._volume.open(entry.file_name, entry.attributes, exclusive=mode != "r")
        if mode == "w":
            data_set.truncate(0)
        return data_set

    def library(self, name: str, mode: str = "r") -> PartitionedDataSet:
        """Open a partitioned data set: "r" to read, "w" to change its members.

        Raises DataSetNotFound, DataSetError if it is something else, in use or its file is gone.
        """
        entry = self.entry(name)
        if not isinstance(entry, NonVsamEntry) or entry.attributes.dsorg != "PO":
            raise DataSetError("THIS IS NOT A PARTITIONED DATA SET", data_set=entry.name)
        return self._volume.library(entry.file_name, entry.attributes, exclusive=mode != "r")

    def stage(self, name: str, attributes: DataSetAttributes, ending: str = "") -> Staged:
        """Make a file for data set `name` that the catalog does not know; `publish` or `discard_staged` ends this.

        The `ending` of its name is random, or given by who wants to find it again: an uncatalogued one goes first.
        """
        file_name = new_file_name(data_set_name(name), ending)
        if ending:
            self.discard_staged(file_name)
        self._volume.create(file_name)
        return Staged(file_name, self._volume.open(file_name, attributes, exclusive=True))

    def reopen_staged(self, file_name: str, attributes: DataSetAttributes) -> Staged:
        """Open a staged file again. Raises DataSetError if it is gone, in use, or catalogued by now."""
        _staged_for(self, file_name)
        return Staged(file_name, self._volume.open(file_name, attributes, exclusive=True))

    def publish(
        self,
        name: str,
        attributes: DataSetAttributes,
        file_name: str,
        *,
        space: Space = _NO_SPACE,
        created: date | None = None,
    ) -> NonVsamEntry:
        """Catalog a staged file, closed by now, as data set `name`; a sequential data set of that name is replaced.

        The file is made durable, then the entry, then the old file goes. A file published already is left as it is. A
        data set that was there keeps its dates, owner and space; `space` and `created` are for a new one.
        Raises DuplicateName if `name` is a cluster, DataSetError if the file is gone or the old one in use.
        """
        name = data_set_name(name)
        old = self.entry(name) if self.exists(name) else None
        if isinstance(old, NonVsamEntry) and old.file_name == file_name:
            return old
        if old is not None and not isinstance(old, NonVsamEntry):
            raise DuplicateName(name)
        if owner_of(file_name) != name:
            raise DataSetError(f"FILE {file_name} WAS NOT STAGED FOR THIS DATA SET", data_set=name)
        if old is not None:
            entry = replace(old, attributes=attributes, file_name=file_name)
        else:
            entry = NonVsamEntry(name=name, attributes=attributes, file_name=file_name, space=space, created=created)
        with self._volume.open(file_name, attributes, exclusive=True) as data_set:
            data_set.sync()
            self._replace(old, entry)
        return entry

    def _replace(self, old: NonVsamEntry | None, new: NonVsamEntry) -> None:
        if old is None:
            self.generations.catalog(new, today=new.created)
            return
        with self._volume.alone(old.name, old.file_name):
            self.catalog.replace(old, new)
            self._volume.remove(old.file_name)

    def discard_staged(self, file_name: str) -> None:
        """Remove a staged file; none is no error. Raises DataSetError if it is catalogued, OpenError if in use."""
        with self._volume.alone(_staged_for(self, file_name), file_name):
            self._volume.remove(file_name)

    def identity(self, name: str) -> Identity:
        """Of a data set's file, of a member's library's, or of the data component of a cluster, through a path too."""
        entry = self.entry(split_member(name)[0])
        if isinstance(entry, NonVsamEntry):
            return self._volume.identity(entry.file_name)
        return self._volume.identity(self.spheres.data_file(entry))

    # -- whatever it is ---------------------------------------------------------------------------------

    def records(self, source: str | DD) -> Iterator[bytes]:
        """Every record of a data set, member or cluster (in its own order), or of what a DD names: in-stream records,
        data sets one after the other, nothing for DUMMY. Of a generation data group, all generations in its order."""
        if isinstance(source, DD):
            if not source.dummy:
                yield from source.instream or ()
                for name in source.data_sets:
                    yield from self.records(name)
        elif not split_member(source)[1] and isinstance(self.entry(source), GdgEntry):
            for name in self.generations.group(source).names():
                yield from self.records(name)
        elif split_member(source)[1] or isinstance(self.entry(source), NonVsamEntry):
            with self.sequential(source) as data_set:
                yield from data_set.records()
        else:
            with self.cluster(source) as cluster:
                yield from _cluster_records(cluster)


def _staged_for(system: System, file_name: str) -> str:
    """The data set name of a staged file's name. Raises DataSetError if it is none, or catalogued."""
    name = owner_of(file_name)
    entry = system.entry(name) if system.exists(name) else None
    if isinstance(entry, NonVsamEntry) and entry.file_name == file_name:
        raise DataSetError("THE STAGED FILE IS CATALOGUED BY NOW", data_set=name)
    return name


def _sphere(entry: Entry) -> IndexableEntry:
    if isinstance(entry, ComponentEntry):
        return entry.cluster
    assert isinstance(entry, IndexableEntry)
    return entry


def _cluster_records(cluster: Cluster) -> Iterator[bytes]:
    if isinstance(cluster, Keyed):
        return cluster.browse()
    return (record for _, record in cluster.browse())


_Wanted = TypeVar("_Wanted")


def _expect(wanted: type[_Wanted], cluster: Cluster, name: str) -> _Wanted:
    if isinstance(cluster, wanted):
        return cluster
    cluster.close()
    raise OpenError("another organization was expected", feedback=OpenError.INCONSISTENT, data_set=data_set_name(name))


def _named(definition: ClusterDefinition) -> ClusterDefinition:
    """`definition` with checked names, the components' generated where they are empty."""
    name = data_set_name(definition.name)
    index_name = definition.index_name or generated_name(name, "INDEX")
    return replace(
        definition,
        name=name,
        data_name=data_set_name(definition.data_name or generated_name(name, "DATA")),
        index_name=data_set_name(index_name) if definition.index_ci_size else "",
    )


def _folder(path: Path) -> FileFolder:
    """The folder at `path`, made durably and private to its owner if need be. Raises OSError if it is a link."""
    if not path.is_dir():
        if not path.parent.is_dir():
            _folder(path.parent).close()
        path.mkdir(mode=0o700, exist_ok=True)
        with closing(FileFolder(path.parent)) as parent:
            parent.sync()
    if path.is_symlink():
        raise OSError(errno.ELOOP, "is a symbolic link", str(path))
    return FileFolder(path)
