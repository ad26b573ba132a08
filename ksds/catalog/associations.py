"""What is defined over a cluster: its alternate indexes, and the paths over it and over those.

The record of a cluster or alternate index (AIX) names what is directly over it; the record of an AIX or path names what
it is over. Both change in one turn with the catalog. An AIX is a member of its base's sphere: DEFINE gives the sphere
the member, then catalogs it; DELETE forgets it, then takes the member out. A crash in between leaves a member that no
entry names; the next DEFINE over that base removes it.

Source: z/OS DFSMS Access Method Services Commands, DEFINE ALTERNATEINDEX, DEFINE PATH, DELETE.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date

from ksds.catalog.catalog import Catalog, Turn
from ksds.catalog.entries import AlternateIndexEntry, ClusterEntry, Entry, IndexableEntry, PathEntry
from ksds.catalog.names import data_set_name
from ksds.cluster.alternate_index import AlternateIndexDefinition
from ksds.cluster.key_sequenced import KeySequenced
from ksds.cluster.sphere import Sphere
from ksds.errors import CatalogError, DataSetNotFound, DuplicateName, KsdsError
from ksds.storage.device import Folder

MOST_INDEXES = 255
"""Alternate indexes over one base, as many as an upgrade set may have (Using Data Sets, "Alternate Indexes")."""
MOST_ASSOCIATIONS = 700
"""Alternate indexes and paths directly over one entry: more do not fit its record."""

_WITH_INDEXES = ("INDEXED", "NONINDEXED")


class Associations:
    """The alternate indexes and paths of a catalog; their files are in `folder`."""

    def __init__(self, catalog: Catalog, folder: Folder) -> None:
        self._catalog = catalog
        self._folder = folder

    # -- defining ---------------------------------------------------------------------------------------

    def base(self, name: str) -> ClusterEntry:
        """The entry of a cluster that may have alternate indexes. Raises DataSetNotFound, CatalogError."""
        entry = self._catalog.find(data_set_name(name))
        if not isinstance(entry, ClusterEntry) or entry.definition.organization not in _WITH_INDEXES:
            raise CatalogError("KSD111E", f"{entry.name} IS NOT A KEY-SEQUENCED OR ENTRY-SEQUENCED CLUSTER")
        if entry.definition.reuse:
            raise CatalogError("KSD112E", f"{entry.name} IS REUSABLE AND CANNOT HAVE AN ALTERNATE INDEX")
        return entry

    def define_alternate_index(
        self,
        base: str,
        definition: AlternateIndexDefinition,
        *,
        created: date | None = None,
        expires: date | None = None,
        owner: str = "",
        volume: str = "",
    ) -> AlternateIndexEntry:
        """Make an empty alternate index over `base` and catalog it.

        Raises DataSetNotFound, DuplicateName, CatalogError, OpenError (168) if the base is in use.
        """
        over = self.base(base)
        member = self._add_member(over, definition)
        entry = AlternateIndexEntry(
            name=definition.name,
            definition=definition.store,
            stem=over.stem,
            created=created,
            expires=expires,
            owner=owner,
            volume=volume or over.volume,
            base=over.name,
            member=member,
            alternate=definition,
        )
        try:
            self._associate(entry, over)
        except KsdsError:
            self.remove_member(entry)
            raise
        return entry

    def _add_member(self, over: ClusterEntry, definition: AlternateIndexDefinition) -> int:
        known = {entry.member for entry in self.indexes(over)}
        if len(known) >= MOST_INDEXES:
            raise CatalogError("KSD113E", f"{over.name} HAS {len(known)} ALTERNATE INDEXES, THE MOST THERE CAN BE")
        with closing(Sphere.open(self._folder, over.stem, writable=True, partial=True)) as sphere:
            there = {number // 2 for number, row in enumerate(sphere.pager.rows) if row.ci_size}
        for orphan in there - known - {0}:
            Sphere.remove_member(self._folder, over.stem, orphan)
        return Sphere.add_member(self._folder, over.stem, KeySequenced.ci_sizes(definition.store))

    def remove_member(self, entry: AlternateIndexEntry) -> None:
        """Take an alternate index that the catalog does not know out of its sphere. Raises OpenError (168)."""
        Sphere.remove_member(self._folder, entry.stem, entry.member)

    def define_path(
        self,
        name: str,
        over: str,
        *,
        update: bool = True,
        created: date | None = None,
        expires: date | None = None,
        owner: str = "",
    ) -> PathEntry:
        """Catalog a path over an alternate index or a cluster. Raises DataSetNotFound, DuplicateName, CatalogError."""
        below = self._catalog.find(data_set_name(over))
        if not isinstance(below, IndexableEntry):
            raise CatalogError("KSD114E", f"{below.name} IS NEITHER A CLUSTER NOR AN ALTERNATE INDEX")
        entry = PathEntry(
            name=data_set_name(name),
            over=below.name,
            update=update,
            created=created,
            expires=expires,
            owner=owner,
            volume="",
        )
        self._associate(entry, below)
        return entry

    def _associate(self, entry: AlternateIndexEntry | PathEntry, over: IndexableEntry) -> None:
        """Catalog an entry, and its name with what it is over."""
        with self._catalog.turn() as turn:
            current = turn.get(over.name)
            if not isinstance(current, IndexableEntry) or current.stem != over.stem:
                raise DataSetNotFound(over.name)
            if len(current.associations) >= MOST_ASSOCIATIONS:
                what = f"{over.name} HAS {MOST_ASSOCIATIONS} ALTERNATE INDEXES AND PATHS, THE MOST ITS ENTRY CAN NAME"
                raise CatalogError("KSD113E", what)
            turn.add(entry)
            turn.put(replace(current, associations=(*current.associations, entry.name)))

    # -- finding ----------------------------------------------------------------------------------------

    def directly_over(self, entry: Entry) -> list[AlternateIndexEntry | PathEntry]:
        """The alternate indexes and paths whose RELATE or PATHENTRY is this entry, in the order of their definition."""
        names = entry.associations if isinstance(entry, IndexableEntry) else ()
        found = self._catalog.find_all(names) if names else []
        return [one for one in found if isinstance(one, AlternateIndexEntry | PathEntry)]

    def indexes(self, entry: Entry) -> list[AlternateIndexEntry]:
        """The alternate indexes of a base."""
        return [one for one in self.directly_over(entry) if isinstance(one, AlternateIndexEntry)]

    # -- out of the catalog, and in again -----------------------------------------------------------------

    def set_aside(self, entry: ClusterEntry) -> list[Entry]:
        """Uncatalog a cluster with everything over it, as one change, and leave all of it on the volume; what is gone,
        as `forget` has it. Raises DataSetNotFound if `entry` is no longer what the catalog says."""
        with self._catalog.turn() as turn:
            if turn.get(entry.name) != entry:
                raise DataSetNotFound(entry.name)
            gone = [*_over(turn, entry), entry]
            for one in gone:
                turn.put(_aside(one, uncatalogued=True))
        return [part for one in gone for part in (*_components(one), one)]

    def bring_back(self, name: str, organization: str | None = None) -> ClusterEntry:
        """Catalog a cluster that was set aside again, with everything over it. Raises DuplicateName if the name is in
        the catalog, DataSetNotFound, CatalogError if the cluster is of another organization."""
        with self._catalog.turn() as turn:
            entry = turn.get(data_set_name(name))
            if entry is not None and not entry.is_hidden:
                raise DuplicateName(entry.name)
            if not isinstance(entry, ClusterEntry):
                raise DataSetNotFound(name)
            if organization not in (None, entry.definition.organization):
                raise CatalogError("KSD118E", f"{entry.name} IS {entry.definition.organization}, NOT {organization}")
            for one in (*_over(turn, entry), entry):
                turn.put(_aside(one, uncatalogued=False))
        return replace(entry, uncatalogued=False)

    # -- forgetting -------------------------------------------------------------------------------------

    def forget(self, entry: IndexableEntry | PathEntry) -> list[Entry]:
        """Take an entry and everything over it out of the catalog, as one change; what is gone, dependents first, each
        behind its components. Raises DataSetNotFound if `entry` is no longer what the catalog says."""
        with self._catalog.turn() as turn:
            if turn.get(entry.name) != entry:
                raise DataSetNotFound(entry.name)
            gone = [*_over(turn, entry), entry]
            for one in gone:
                turn.erase(one)
            if not isinstance(entry, ClusterEntry):
                below = turn.get(entry.over if isinstance(entry, PathEntry) else _base_of(entry))
                if isinstance(below, IndexableEntry):
                    kept = tuple(name for name in below.associations if name != entry.name)
                    turn.put(replace(below, associations=kept))
        return [part for one in gone for part in (*_components(one), one)]


def _over(turn: Turn, entry: Entry) -> Iterator[Entry]:
    """Everything over an entry, what depends on another first."""
    for name in entry.associations if isinstance(entry, IndexableEntry) else ():
        found = turn.get(name)
        if found is not None:
            yield from _over(turn, found)
            yield found


def _aside(entry: Entry, *, uncatalogued: bool) -> Entry:
    assert isinstance(entry, IndexableEntry | PathEntry)
    return replace(entry, uncatalogued=uncatalogued)


def _base_of(entry: IndexableEntry) -> str:
    assert isinstance(entry, AlternateIndexEntry)
    return entry.base


def _components(entry: Entry) -> list[Entry]:
    return [*entry.components] if isinstance(entry, IndexableEntry) else []
