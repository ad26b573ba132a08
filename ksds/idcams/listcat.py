"""LISTCAT: which entries, in which order, at which depth.

ENTRIES lists each name, or each that a generic name covers, with its components indented under it, under an alternate
index its paths as well. LEVEL lists everything below a name, alphabetically, all flush left. Without either everything
is listed as by ENTRIES. Types filter what prints.

Source: z/OS DFSMS Access Method Services Commands, LISTCAT; layout in `listcat_layout`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ksds.catalog.entries import AlternateIndexEntry, ComponentEntry, Entry, IndexableEntry, PathEntry
from ksds.cluster.open_cluster import Statistics
from ksds.errors import DataSetNotFound, KsdsError
from ksds.idcams.commands import ListCatalog
from ksds.idcams.invocation import Invocation, Refusal, catalog_code
from ksds.idcams.listcat_layout import entry_lines, totals_lines

_WARNING = 4
_TYPES = {"ALTERNATEINDEX": "AIX", "GENERATIONDATAGROUP": "GDG"}


def list_catalog(invocation: Invocation, command: ListCatalog) -> int:
    """List the entries asked for, then how many there were. 4 if a name was not found."""
    listing, counts, code, begun = invocation.listing, Counter[str](), 0, False
    catalog = invocation.system.catalog.name
    known: dict[str, Statistics | None] = {}
    wanted = {_TYPES.get(word, word) for word in command.types}
    for entry, indented in _selected(invocation, command):
        if entry is None:
            code = _WARNING
            continue
        if wanted and entry.type not in wanted:
            continue
        if not begun:
            listing.begin_listing(f"{'':29}LISTING FROM CATALOG -- {catalog}")
            begun = True
        counts[entry.type] += 1
        statistics = None
        if command.detail in ("ALLOCATION", "ALL") and isinstance(entry, ComponentEntry):
            cluster = entry.cluster.name
            if cluster not in known:
                known[cluster] = _statistics(invocation, cluster)
            statistics = known[cluster]
            code = code if statistics else _WARNING
        related = _related(invocation, entry) if command.detail == "ALL" else []
        for control, line in entry_lines(entry, catalog, command.detail, statistics, related, indented=indented):
            listing.line(line, control)
    for control, line in totals_lines(counts):
        listing.line(line, control)
    return code


def _selected(invocation: Invocation, command: ListCatalog) -> Iterator[tuple[Entry | None, bool]]:
    """Entries to list, each with whether it is indented; None for a name that is not there, already reported."""
    if command.where is None:
        yield from _with_dependents(invocation, invocation.system.entries())
        return
    word, *names = command.where
    if word == "LEVEL":
        (level,) = names
        depth = level.count(".")
        for entry in invocation.system.entries(f"{level}.**"):
            if entry.name.count(".") > depth:
                yield entry, False
        return
    for name in names:
        found = invocation.system.entries(name) if "*" in name or "%" in name else _exactly(invocation, name)
        if not found:
            invocation.report(Refusal(("IDC3012I", name), catalog_code(8, "IGG0CLEG-42")))
            yield None, False
        yield from _with_dependents(invocation, found)


def _exactly(invocation: Invocation, name: str) -> list[Entry]:
    try:
        return [invocation.system.entry(name)]
    except DataSetNotFound:
        return []


def _with_dependents(invocation: Invocation, entries: list[Entry]) -> Iterator[tuple[Entry, bool]]:
    """Each entry followed by its components, an alternate index by its paths too; what follows is not listed twice."""
    above = {entry.name for entry in entries if isinstance(entry, IndexableEntry)}
    indexes = {entry.name for entry in entries if isinstance(entry, AlternateIndexEntry)}
    for entry in entries:
        if isinstance(entry, ComponentEntry) and entry.cluster.name in above:
            continue
        if isinstance(entry, PathEntry) and entry.over in indexes:
            continue
        yield entry, False
        if isinstance(entry, IndexableEntry):
            yield from ((component, True) for component in entry.components)
        if isinstance(entry, AlternateIndexEntry):
            yield from ((path, True) for path in invocation.system.catalog.find_all(entry.associations))


def _related(invocation: Invocation, entry: Entry) -> list[Entry]:
    """What ASSOCIATIONS names: of a component whose it is, of others their components and what is over and under them;
    of a path the index it goes through and the components of index and base."""
    find = invocation.system.catalog.find_all
    if isinstance(entry, ComponentEntry):
        return [entry.cluster]
    if isinstance(entry, PathEntry):
        found: list[Entry] = []
        for below in find([entry.over]):
            bases = find([below.base]) if isinstance(below, AlternateIndexEntry) else []
            found += [below, *_components(below), *(part for base in bases for part in _components(base))]
        return found
    if not isinstance(entry, IndexableEntry):
        return []
    base = find([entry.base]) if isinstance(entry, AlternateIndexEntry) else []
    return [*entry.components, *base, *find(entry.associations)]


def _components(entry: Entry) -> list[ComponentEntry]:
    return entry.components if isinstance(entry, IndexableEntry) else []


def _statistics(invocation: Invocation, name: str) -> Statistics | None:
    """A cluster's figures; None, with a message, if it cannot be opened."""
    try:
        with invocation.system.cluster(name) as cluster:
            return cluster.statistics
    except KsdsError as error:
        invocation.listing.message("KSD303E", f"NO STATISTICS OF {name}: {error}")
        return None
