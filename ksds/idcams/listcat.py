"""LISTCAT: which entries, in which order, at which depth.

ENTRIES lists each name, or each that a generic name covers, with its components indented under it, under an alternate
index its paths as well. LEVEL lists everything below a name, alphabetically, all flush left. Without either everything
is listed as by ENTRIES. Types filter what prints.

Source: z/OS DFSMS Access Method Services Commands, LISTCAT; layout in `listcat_layout`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date

from ksds.catalog.entries import (
    AliasEntry,
    AlternateIndexEntry,
    ComponentEntry,
    Entry,
    GdgEntry,
    IndexableEntry,
    NonVsamEntry,
    PathEntry,
    UserCatalogEntry,
)
from ksds.cluster.open_cluster import Statistics
from ksds.errors import DataSetNotFound, KsdsError
from ksds.idcams.commands import ListCatalog
from ksds.idcams.invocation import Invocation, Refusal, catalog_code
from ksds.idcams.listcat_layout import TOTALS_LINES, entry_lines, totals_lines
from ksds.idcams.print_output import output_listing

_WARNING = 4
_WITHOUT_VOLUME = {"ALIAS", "GENERATIONDATAGROUP", "PATH"}
_TYPES = {"ALTERNATEINDEX": "AIX", "GENERATIONDATAGROUP": "GDG"}


def list_catalog(invocation: Invocation, command: ListCatalog) -> int:
    """List the entries asked for, then how many there were. 4 if a name was not found."""
    counts, code, begun = Counter[str](), _refused_details(invocation, command), False
    catalog = invocation.system.catalog.name
    known: dict[str, Statistics | None] = {}
    with output_listing(invocation, command.output) as listing:
        for entry, indented in _selected(invocation, command):
            if isinstance(entry, int):
                code = max(code, entry)
                continue
            if not begun:
                listing.begin_listing(f"{'':29}LISTING FROM CATALOG -- {catalog}")
                begun = True
            counts[entry.type] += 1
            statistics = None
            if command.detail in ("ALLOCATION", "ALL") and isinstance(entry, ComponentEntry):
                cluster = entry.cluster.name
                if cluster not in known:
                    known[cluster] = _statistics(invocation, entry.cluster)
                statistics = known[cluster]
                code = code if statistics else max(code, _WARNING)
            related = _related(invocation, entry) if command.detail == "ALL" else []
            for control, line in entry_lines(entry, catalog, command.detail, statistics, related, indented=indented):
                listing.line(line, control)
        listing.keep_together(TOTALS_LINES)
        for control, line in totals_lines(counts):
            listing.line(line, control)
    return code


def _refused_details(invocation: Invocation, command: ListCatalog) -> int:
    """Details that no entry of the types asked for has."""
    code = 0
    if command.types and set(command.types) <= _WITHOUT_VOLUME and command.detail in ("VOLUME", "ALLOCATION"):
        code = invocation.report(Refusal(("IDC2563I",), code=8))
    if command.expiration is not None and command.types and set(command.types) <= {"ALIAS"}:
        code = max(code, invocation.report(Refusal(("IDC1569I",), code=_WARNING)))
    return code


def _selected(invocation: Invocation, command: ListCatalog) -> Iterator[tuple[Entry | int, bool]]:
    """Entries to list, each with whether it is indented; a condition code for what was reported instead."""
    today = invocation.now.date()
    types = {_TYPES.get(word, word) for word in command.types}

    def wanted(entry: Entry) -> bool:
        if types and entry.type not in types:
            return False
        if command.creation is not None and (not entry.created or (today - entry.created).days < command.creation):
            return False
        return command.expiration is None or _expires_within(entry, command.expiration, today)

    word, *names = command.where or ("ALL",)
    if word == "ALL":
        yield from (found for found in _with_dependents(invocation, invocation.system.entries()) if wanted(found[0]))
        return
    for name in names:
        if not _is_generic_name(name) or (word == "LEVEL" and name.endswith("*")):
            yield invocation.report(Refusal(("IDC3568I", name))), False
            continue
        if word == "LEVEL":
            depth = name.count(".")
            below = (entry for entry in invocation.system.entries(f"{name}.**") if entry.name.count(".") > depth)
            yield from ((entry, False) for entry in below if wanted(entry))
            continue
        generic = "*" in name or "%" in name
        found = invocation.system.entries(name) if generic else _exactly(invocation, name)
        listed = [pair for pair in _with_dependents(invocation, found) if wanted(pair[0])]
        yield from listed
        if not found:
            refusal = Refusal(("IDC3012I", name), catalog_code(8, "IGG0CLEG-42"), code=_WARNING)
            yield invocation.report(refusal), False
        elif not listed and not generic:
            yield invocation.report(Refusal(("IDC1565I", name), ("IDC1566I", name), code=_WARNING)), False


def _is_generic_name(name: str) -> bool:
    """An asterisk stands for a whole qualifier, and only one does."""
    return "*" not in name or (name.count("*") == 1 and "*" in name.split("."))


def _expires_within(entry: Entry, days: int, today: date) -> bool:
    """EXPIRATION(days): what expires by then; 9999 lists everything."""
    return days == 9999 or (entry.expires is not None and (entry.expires - today).days <= days)


def _exactly(invocation: Invocation, name: str) -> list[Entry]:
    system = invocation.system
    try:
        return [system.catalog.own(name) or system.catalog.find(name)]
    except DataSetNotFound:
        return []


def _with_dependents(invocation: Invocation, entries: list[Entry]) -> Iterator[tuple[Entry, bool]]:
    """Each entry followed by its components, an alternate index by its paths too, a group by its generations; what
    follows is not listed twice."""
    above = {entry.name for entry in entries if isinstance(entry, IndexableEntry)}
    indexes = {entry.name for entry in entries if isinstance(entry, AlternateIndexEntry)}
    groups = {entry.name: invocation.system.generations.group(entry.name) for entry in entries if entry.type == "GDG"}
    generations = {entry.name for group in groups.values() for entry in group.active}
    for entry in entries:
        if isinstance(entry, ComponentEntry) and entry.cluster.name in above:
            continue
        if (isinstance(entry, PathEntry) and entry.over in indexes) or entry.name in generations:
            continue
        yield entry, False
        if isinstance(entry, IndexableEntry):
            yield from ((component, True) for component in entry.components)
        if isinstance(entry, AlternateIndexEntry):
            yield from ((path, True) for path in invocation.system.catalog.find_all(entry.associations))
        if entry.name in groups:
            yield from ((generation, True) for generation in groups[entry.name].active)


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
    if isinstance(entry, GdgEntry):
        return list(invocation.system.generations.group(entry.name).active)
    if isinstance(entry, AliasEntry):
        return find([entry.related])
    if isinstance(entry, NonVsamEntry):
        return find(entry.aliases)
    if isinstance(entry, UserCatalogEntry):
        return list(invocation.system.catalog.aliases(entry))
    if not isinstance(entry, IndexableEntry):
        return []
    base = find([entry.base]) if isinstance(entry, AlternateIndexEntry) else []
    return [*entry.components, *base, *find(entry.associations)]


def _components(entry: Entry) -> list[ComponentEntry]:
    return entry.components if isinstance(entry, IndexableEntry) else []


def _statistics(invocation: Invocation, entry: IndexableEntry) -> Statistics | None:
    """A cluster's figures as last committed; None, with a message, if it cannot be opened."""
    system = invocation.system
    try:
        if entry.name != system.catalog.name:
            return system.spheres.statistics(entry)
        with system.catalog.inside() as catalog:
            return catalog.statistics
    except KsdsError as error:
        invocation.listing.message("KSD303E", f"NO STATISTICS OF {entry.name}: {error}")
        return None
