"""Does the catalog agree with itself, and with what is on the volume?

    of an entry   its record is sound; what it names (components, related names, what it is over) is there and names it
                  back; its files are there
    of a file     some entry names it: else it is left over from a crash, or staged by somebody who still works

Nothing is repaired.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ksds.catalog.catalog import Catalog, Turn
from ksds.catalog.entries import (
    AliasEntry,
    AlternateIndexEntry,
    ClusterEntry,
    Entry,
    IndexableEntry,
    NonVsamEntry,
    PathEntry,
    UserCatalogEntry,
)
from ksds.catalog.volume import Volume


@dataclass(frozen=True, slots=True)
class EntryDiagnosis:
    """An entry and what is wrong with it."""

    entry: Entry
    errors: tuple[str, ...]


class CatalogDiagnosis:
    """What can be asked of a catalog and the volume of its data sets."""

    def __init__(self, catalog: Catalog, volume: Volume) -> None:
        self._catalog = catalog
        self._volume = volume

    def entries(self) -> list[EntryDiagnosis]:
        """Every entry, in the order of their names. Raises Damaged for a record that cannot be read."""
        with self._catalog.turn("r") as turn:
            files = set(self._volume.folder.names())
            return [EntryDiagnosis(entry, tuple(_errors(turn, entry, files))) for entry in turn.below("")]

    def left_over(self) -> list[str]:
        """Files on the volume that no entry names."""
        with self._catalog.turn("r") as turn:
            entries = turn.below("")
            names = self._volume.folder.names()
        whole = {entry.file_name for entry in entries if isinstance(entry, NonVsamEntry)}
        stems = tuple(f"{entry.stem}." for entry in entries if isinstance(entry, ClusterEntry))
        return sorted(name for name in names if name not in whole and not name.startswith(stems))


def _errors(turn: Turn, entry: Entry, files: set[str]) -> Iterator[str]:
    if isinstance(entry, NonVsamEntry):
        if entry.file_name and entry.file_name not in files:
            yield f"FILE {entry.file_name} NOT FOUND"
        for name in entry.aliases:
            alias = turn.get(name)
            if not isinstance(alias, AliasEntry) or alias.related != entry.name:
                yield f"ALIAS {name} NOT FOUND"
    if isinstance(entry, ClusterEntry):
        for component in ("data", "jnl"):
            if f"{entry.stem}.{component}" not in files:
                yield f"FILE {entry.stem}.{component} NOT FOUND"
    if isinstance(entry, IndexableEntry):
        for part in entry.components:
            if turn.get(part.name) != part:
                yield f"{part.type} COMPONENT {part.name} NOT FOUND"
        for name in entry.associations:
            if turn.get(name) is None:
                yield f"ASSOCIATED ENTRY {name} NOT FOUND"
    if isinstance(entry, AliasEntry):
        related = turn.get(entry.related)
        if not isinstance(related, NonVsamEntry | UserCatalogEntry):
            yield f"RELATED ENTRY {entry.related} NOT FOUND"
    over = entry.base if isinstance(entry, AlternateIndexEntry) else entry.over if isinstance(entry, PathEntry) else ""
    if over:
        below = turn.get(over)
        if not isinstance(below, IndexableEntry) or entry.name not in below.associations:
            yield f"ENTRY {over}, WHICH IT IS OVER, DOES NOT NAME IT"
