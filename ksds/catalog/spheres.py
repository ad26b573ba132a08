"""What the catalog knows of a sphere, opened and deleted: a base with its upgrade set, an alternate index, a path.

A base opened for output opens its upgrade set with it: the alternate indexes (AIX) defined with UPGRADE that have been
built. An AIX that was never built is not kept up to date. A path opens its AIX, the base and, for output and unless it
says NOUPDATE, the upgrade set. An AIX opened under its own name is a KSDS like others.

Source: z/OS DFSMS Using Data Sets, "Maintaining Alternate Indexes"; Access Method Services Commands, DEFINE PATH and
BLDINDEX.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace

from ksds.catalog.associations import Associations
from ksds.catalog.catalog import Catalog
from ksds.catalog.entries import AlternateIndexEntry, ClusterEntry, ComponentEntry, Entry, IndexableEntry, PathEntry
from ksds.catalog.volume import Volume
from ksds.cluster.alternate_index import AlternateIndex, BuildReport
from ksds.cluster.cluster_image import ClusterImage
from ksds.cluster.definition import NUMBER_LENGTH
from ksds.cluster.foreign_image import bare_image
from ksds.cluster.open_cluster import Statistics
from ksds.cluster.organizations import Cluster, class_of
from ksds.cluster.path import Path
from ksds.cluster.sphere import Sphere
from ksds.cluster.upgrade import Upgraded, UpgradeSet, join_base
from ksds.cluster.variable_record import stored_form
from ksds.errors import NeverLoaded, OpenError
from ksds.external_sort import RUN_BYTES, sort_records
from ksds.storage import sphere_files
from ksds.storage.work_file import WorkFile

Openable = IndexableEntry | PathEntry


class Spheres:
    """Opens and deletes entries of a catalog whose files are on `volume`."""

    def __init__(self, catalog: Catalog, associations: Associations, volume: Volume) -> None:
        self._catalog = catalog
        self._associations = associations
        self._volume = volume

    def open(self, entry: Openable, mode: str = "r") -> Cluster | Path:
        """Open an entry for input ("r") or update ("w").

        Raises OpenError (ACBERFLG 168 in use, 196 a path whose index was never built), DataSetNotFound, Damaged.
        """
        if isinstance(entry, AlternateIndexEntry):
            with self._sphere(entry, mode, members=[entry.member]) as sphere:
                return AlternateIndex.join(sphere, entry.member, entry.alternate).store
        if not isinstance(entry, PathEntry):
            return self._cluster(entry, mode, upgrade=True)
        below = self._catalog.find(entry.over)
        if isinstance(below, AlternateIndexEntry):
            return self._path(entry, below, mode)
        assert isinstance(below, ClusterEntry)
        return self._cluster(below, mode, upgrade=entry.update)

    def statistics(self, entry: IndexableEntry) -> Statistics:
        """The figures of a cluster or alternate index as they were last committed, whoever has it open. Raises
        OpenError (168) without its files, Damaged."""
        if isinstance(entry, AlternateIndexEntry):
            with self._sphere(entry, "r", beside=True, members=[entry.member]) as sphere:
                cluster: Cluster = AlternateIndex.join(sphere, entry.member, entry.alternate).store
        else:
            cluster = class_of(entry.definition).open(self._volume.folder, entry.stem, entry.definition, beside=True)
        with cluster:
            return cluster.statistics

    @contextmanager
    def bare(self, entry: ClusterEntry) -> Iterator[ClusterImage]:
        """The component files of a cluster as they are, for one that does not open. Raises OpenError (168) without a
        data file."""
        folder, definition = self._volume.folder, entry.definition
        stored = stored_form(definition) if definition.is_variable else definition
        names = [sphere_files.component_file(entry.stem, number) for number in (0, 1)]
        if not folder.exists(names[0]):
            raise OpenError(f"{names[0]} is missing", feedback=OpenError.NOT_AVAILABLE, data_set=entry.name)
        with ExitStack() as opened:
            devices = [folder.open(name, writable=False) if folder.exists(name) else None for name in names]
            for device in devices:
                opened.callback(device.close) if device else None
            data, index = devices
            assert data is not None
            prefix = NUMBER_LENGTH if definition.is_variable else 0
            yield replace(bare_image(stored, data, index if definition.index_ci_size else None), prefix=prefix)

    def data_file(self, entry: Entry) -> str:
        """The file of the data component: of a component's owner, of the base that a path leads to."""
        if isinstance(entry, PathEntry):
            below = self._catalog.find(entry.over)
            return self.data_file(self._base_of(below) if isinstance(below, AlternateIndexEntry) else below)
        owner = entry.cluster if isinstance(entry, ComponentEntry) else entry
        assert isinstance(owner, IndexableEntry)
        return sphere_files.component_file(owner.stem, 2 * _member(owner))

    def build(self, entry: AlternateIndexEntry, *, sort_bytes: int = RUN_BYTES) -> BuildReport:
        """Fill an alternate index from its base (BLDINDEX), with about `sort_bytes` of memory for the sort; the rest of
        its keys waits in a work file on the volume. One that is not empty is emptied first if it is reusable.

        Raises NeverLoaded if the base is empty, OpenError (168 in use, 232 neither empty nor reusable), NoSpace (8/28).
        """
        base = self._base_of(entry)
        with self._sphere(base, "w", in_turns=False) as sphere:
            if base.definition.cross_region > 2:
                _require_alone(sphere, base)
            cluster = _upgraded(sphere, base, [])
            if not cluster.data.used:
                raise NeverLoaded(f"{base.name} is empty", data_set=base.name)
            index = _alternate(sphere, entry, base)
            if not index.is_empty:
                index.store.reset()
            report = self._built(index, cluster, sphere_files.work_file(base.stem), sort_bytes)
            cluster.close()
            return report

    def _built(self, index: AlternateIndex, base: Upgraded, name: str, sort_bytes: int) -> BuildReport:
        definition = index.definition
        with WorkFile(self._volume.folder, name, definition.row_length) as work:
            return index.build(base, lambda rows: sort_records(rows, definition.row_key, work.spill, sort_bytes))

    def delete(self, entry: Openable, *, erase: bool | None = None) -> list[Entry]:
        """Uncatalog an entry and everything over it, then remove the files; what is gone, dependents and components
        first. `erase`: overwrite data with zeros before, also those in the journal; None leaves it to the definition.

        Raises OpenError (168) if the sphere is in use, DataSetNotFound.
        """
        if isinstance(entry, PathEntry):
            return self._associations.forget(entry)
        folder, alone = self._volume.folder, self._volume.alone
        with (
            alone(entry.name, sphere_files.journal_file(entry.stem)),
            alone(entry.name, sphere_files.checksum_file(entry.stem, 0)),
        ):
            gone = self._associations.forget(entry)
            erased = [one for one in gone if isinstance(one, IndexableEntry)]
            erased = [one for one in erased if (one.definition.erase if erase is None else erase)]
            for one in erased:
                self._volume.wipe(self.data_file(one))
            if not isinstance(entry, AlternateIndexEntry):
                if erased:
                    self._volume.wipe(sphere_files.journal_file(entry.stem))
                class_of(entry.definition).destroy(folder, entry.stem)
        if isinstance(entry, AlternateIndexEntry):
            with suppress(OpenError):  # somebody was quick: the next DEFINE removes the member
                self._associations.remove_member(entry)
        return gone

    def require_free(self, entry: IndexableEntry) -> None:
        """Raises OpenError (168) if anybody has the sphere open."""
        with (
            self._volume.alone(entry.name, sphere_files.journal_file(entry.stem)),
            self._volume.alone(entry.name, sphere_files.checksum_file(entry.stem, 0)),
        ):
            pass

    def _cluster(self, entry: IndexableEntry, mode: str, *, upgrade: bool) -> Cluster:
        upgrades = self._upgrades(entry) if upgrade and mode == "w" else []
        if upgrades:
            with self._sphere(entry, mode) as sphere:
                return _upgraded(sphere, entry, upgrades)
        _require_not_inhibited(entry, mode)
        definition = entry.definition
        return class_of(definition).open(
            self._volume.folder,
            entry.stem,
            definition,
            mode=mode,
            beside=definition.cross_region > 1,
            in_turns=definition.cross_region > 2,
        )

    def _path(self, path: PathEntry, over: AlternateIndexEntry, mode: str) -> Path:
        base = self._base_of(over)
        upgrades = self._upgrades(base) if path.update and mode == "w" else []
        with self._sphere(base, mode, members=[over.member]) as sphere:
            cluster = _upgraded(sphere, base, upgrades)
            known = {index.definition.name: index for index in cluster.upgrades.indexes}
            index = known.get(over.name) or _alternate(sphere, over, base)
            if index.is_empty:
                what = f"{over.name} was never built"
                raise OpenError(what, feedback=OpenError.EMPTY_PATH, data_set=path.name)
            return Path(path.name, cluster, index)

    def _base_of(self, entry: AlternateIndexEntry) -> ClusterEntry:
        base = self._catalog.find(entry.base)
        assert isinstance(base, ClusterEntry)
        return base

    def _upgrades(self, base: IndexableEntry) -> list[AlternateIndexEntry]:
        return [index for index in self._associations.indexes(base) if index.alternate.upgrade]

    @contextmanager
    def _sphere(
        self,
        entry: IndexableEntry,
        mode: str,
        *,
        beside: bool = False,
        in_turns: bool = True,
        members: Collection[int] | None = None,
    ) -> Iterator[Sphere]:
        """The sphere of an entry, open; closed again if what is done with it fails. Not `in_turns`: the only writer.
        `members`: the alternate indexes that a reader looks at."""
        _require_not_inhibited(entry, mode)
        share = entry.definition.cross_region
        beside, in_turns = beside or share > 1, in_turns and share > 2
        try:
            sphere = Sphere.open(
                self._volume.folder,
                entry.stem,
                writable=mode == "w",
                beside=beside,
                in_turns=in_turns,
                members=members,
            )
        except OpenError as error:
            error.data_set = entry.name
            raise
        try:
            yield sphere
        except BaseException:
            sphere.pager.close()
            raise


def _member(entry: IndexableEntry) -> int:
    return entry.member if isinstance(entry, AlternateIndexEntry) else 0


def _require_not_inhibited(entry: IndexableEntry, mode: str) -> None:
    if mode == "w" and entry.inhibited:
        raise OpenError("INHIBIT: for input only", feedback=OpenError.INCONSISTENT, data_set=entry.name)


def _require_alone(sphere: Sphere, base: IndexableEntry) -> None:
    """Whoever took turns with us would not keep a new index up to date."""
    with sphere.pager.alone() as alone:
        if not alone:
            raise OpenError("in use elsewhere", feedback=OpenError.NOT_AVAILABLE, data_set=base.name)


def _upgraded(sphere: Sphere, base: IndexableEntry, upgrades: Iterable[AlternateIndexEntry]) -> Upgraded:
    """The base of a sphere, with its upgrade set, of which those are kept up to date that have been built."""
    cluster = join_base(sphere, base.definition)
    cluster.upgrades = UpgradeSet((), [_alternate(sphere, entry, base) for entry in upgrades])
    return cluster


def _alternate(sphere: Sphere, entry: AlternateIndexEntry, base: IndexableEntry) -> AlternateIndex:
    """An alternate index whose pointers are those of its base, which ALTER may have given other keys since."""
    try:
        definition = replace(entry.alternate, prime_key_length=base.definition.key_length)
    except ValueError as error:
        raise OpenError(str(error), feedback=OpenError.INCONSISTENT, data_set=entry.name) from None
    return AlternateIndex.join(sphere, entry.member, definition)
