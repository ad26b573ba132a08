"""Changes to what is catalogued already: other names, other attributes, out of the catalog and in again.

Each is one turn with the catalog. A cluster keeps its files through all of it: they are called after the name it had
first. A generation that gets another name leaves its group, and a data set that gets the name of one joins it.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import date

from ksds.catalog.catalog import Catalog, Turn
from ksds.catalog.entries import (
    AliasEntry,
    AlternateIndexEntry,
    ComponentEntry,
    Entry,
    IndexableEntry,
    NonVsamEntry,
    PathEntry,
    Status,
)
from ksds.catalog.generations import GenerationGroups, RolledOff
from ksds.catalog.names import data_set_name
from ksds.cluster.definition import ClusterDefinition
from ksds.errors import CatalogError, DataSetNotFound, DuplicateName


class CatalogChanges:
    """The changes of one system's catalog."""

    def __init__(self, catalog: Catalog, generations: GenerationGroups) -> None:
        self._catalog = catalog
        self._generations = generations

    def alter(self, name: str, change: Callable[[Entry], Entry]) -> Entry:
        """Put what `change` makes of the entry of `name` in its place; returns it. Raises DataSetNotFound.

        Of a component `change` gets the cluster or alternate index. What it raises leaves everything as it was.
        """
        with self._catalog.turn() as turn:
            entry = _current(turn, data_set_name(name))
            changed = change(entry.cluster if isinstance(entry, ComponentEntry) else entry)
            turn.put(changed)
        return changed

    def rename(self, old: str, new: str) -> Entry:
        """Give an entry another name; returns it as it is then. Raises DataSetNotFound, DuplicateName, CatalogError."""
        old, new = data_set_name(old), data_set_name(new)
        rolled: list[RolledOff] = []
        with ExitStack() as held:
            with self._catalog.turn() as turn:
                entry = _current(turn, old)
                if turn.get(new) is not None:
                    raise DuplicateName(new)
                if isinstance(entry, ComponentEntry):
                    return _rename_component(turn, entry, new)
                if entry.type in ("GDG", "USERCATALOG"):
                    raise CatalogError("KSD116E", f"{entry.type} {old} CANNOT BE RENAMED")
                turn.erase(entry)
                renamed = replace(entry, name=new)
                if isinstance(renamed, NonVsamEntry):
                    rolled = self._generations.enter(turn, _of_no_group(renamed), held, without=old)
                elif isinstance(renamed, IndexableEntry):
                    turn.put(with_definition(renamed, replace(renamed.definition, name=new)))
                else:
                    turn.put(renamed)
                _rename_in_others(turn, entry, new)
            self._generations.scratch(rolled)
        return self._catalog.find(new)

    def uncatalog(self, name: str) -> NonVsamEntry:
        """Take a data set out of the catalog, and leave it on the volume; returns what it was.

        Raises DataSetNotFound, CatalogError for what is no sequential or partitioned data set.
        """
        with self._catalog.turn() as turn:
            entry = _current(turn, data_set_name(name))
            if not isinstance(entry, NonVsamEntry):
                raise CatalogError("KSD117E", f"{entry.type} {entry.name} CANNOT BE UNCATALOGUED, ONLY DELETED")
            turn.erase(entry)
            if entry.file_name:
                turn.put(replace(entry, status=Status.UNCATALOGUED, aliases=()))
        return entry

    def catalog(self, entry: NonVsamEntry, *, today: date | None = None, again: bool = False) -> NonVsamEntry:
        """Catalog a data set that is on the volume uncatalogued, or else one that is not here at all.

        A generation is rolled in. Raises DuplicateName; DataSetNotFound if one that is not here was catalogued `again`.
        """
        with ExitStack() as held:
            with self._catalog.turn() as turn:
                there = turn.get(entry.name)
                if isinstance(there, NonVsamEntry) and there.is_hidden:
                    turn.erase(there)
                    entry = replace(
                        there, owner=entry.owner, created=entry.created, expires=entry.expires, volume=entry.volume
                    )
                elif there is not None:
                    raise DuplicateName(entry.name)
                elif again:
                    raise DataSetNotFound(entry.name)
                cleared = replace(entry, status=Status.CATALOGUED)
                rolled = self._generations.enter(turn, cleared, held, today=today)
            self._generations.scratch(rolled)
        found = self._catalog.find(entry.name)
        assert isinstance(found, NonVsamEntry)
        return found


def _of_no_group(entry: NonVsamEntry) -> NonVsamEntry:
    return replace(entry, status=Status.CATALOGUED) if entry.is_generation else entry


def with_definition(entry: IndexableEntry, definition: ClusterDefinition) -> IndexableEntry:
    """The entry of a cluster or alternate index with another definition."""
    if isinstance(entry, AlternateIndexEntry):
        return replace(entry, definition=definition, alternate=replace(entry.alternate, store=definition))
    return replace(entry, definition=definition)


def _current(turn: Turn, name: str) -> Entry:
    entry = turn.get(name)
    if entry is None or entry.is_hidden:
        raise DataSetNotFound(name)
    return entry


def _rename_component(turn: Turn, entry: ComponentEntry, new: str) -> ComponentEntry:
    field = f"{entry.component}_name"
    changed = with_definition(entry.cluster, replace(entry.cluster.definition, **{field: new}))  # type: ignore[arg-type]
    turn.erase(entry)
    turn.put(changed)
    return next(one for one in changed.components if one.component == entry.component)


def _rename_in_others(turn: Turn, entry: Entry, new: str) -> None:
    """Entries that name a renamed one: the data set of an alias, what paths and alternate indexes are over."""
    if isinstance(entry, AliasEntry):
        related = turn.get(entry.related)
        if isinstance(related, NonVsamEntry):
            names = tuple(new if name == entry.name else name for name in related.aliases)
            turn.put(replace(related, aliases=names))
    over = entry.base if isinstance(entry, AlternateIndexEntry) else entry.over if isinstance(entry, PathEntry) else ""
    below = turn.get(over) if over else None
    if isinstance(below, IndexableEntry):
        names = tuple(new if name == entry.name else name for name in below.associations)
        turn.put(replace(below, associations=names))
    for name in entry.associations if isinstance(entry, IndexableEntry) else ():
        above = turn.get(name)
        if isinstance(above, AlternateIndexEntry):
            turn.put(replace(above, base=new))
        elif isinstance(above, PathEntry):
            turn.put(replace(above, over=new))
