"""How LISTCAT prints an entry: groups of fields in a grid of four cells, 24 columns each.

    columns 8-31, 37-60, 66-89, 95-118: a name at the left, its value at the right, hyphens between

Our clusters are shown as those of a system without SMS. Places on the volume (CCHH) do not exist here and show zeros.

Source: LISTCAT ALL of a real system (2022); z/OS DFSMS Access Method Services Commands, "LISTCAT Output Listing".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from math import isqrt

from ksds.catalog.entries import (
    AliasEntry,
    AlternateIndexEntry,
    ClusterEntry,
    ComponentEntry,
    Entry,
    GdgEntry,
    NonVsamEntry,
    PathEntry,
    UserCatalogEntry,
)
from ksds.cluster.definition import ClusterDefinition
from ksds.cluster.open_cluster import Statistics
from ksds.cluster.space import blocks_per_track, cis_per_ca, index_allocation, physical_record
from ksds.layout.control_interval import slots_per_ci

CELL = 24
DEVICE_3390 = "X'3010200F'"
NO_TIMESTAMP = "X'0000000000000000'"
MOST_BYTES = 0xFFFFFFFF
"""A data set that is not extended addressable ends here."""
NO_PLACE = "X'00000000'"

TOTALS_LINES = 18
"""Lines of the trailer, with its spacing: it stands on one page."""

Line = tuple[str, str]
"""Carriage control and text."""

_COUNTED = (
    *("AIX", "ALIAS", "CLUSTER", "DATA", "GDG", "INDEX", "NONVSAM", "PAGESPACE", "PATH", "SPACE", "USERCATALOG"),
    *("TAPELIBRARY", "TAPEVOLUME"),
)


_TITLES = {"GDG": "GDG BASE"}
_ASSOCIATED = {"USERCATALOG": "USERCAT"}


def cell(name: str, value: object) -> str:
    """`name`, hyphens, `value`: 24 columns."""
    return f"{name}{value!s:->{CELL - len(name)}}"


def grid(*cells: str) -> str:
    """Up to four cells side by side, from column 8."""
    return "       " + "     ".join(text.ljust(CELL) for text in cells).rstrip()


def group(title: str) -> Line:
    """The line that begins a group of fields."""
    return " ", "     " + title


def entry_lines(
    entry: Entry,
    catalog: str,
    detail: str,
    statistics: Statistics | None,
    related: Sequence[Entry] = (),
    *,
    indented: bool,
) -> Iterator[Line]:
    """An entry at the depth `detail`: NAME, HISTORY, VOLUME, ALLOCATION or ALL. `related` are its associations."""
    kind = ("   " if indented else "") + _TITLES.get(entry.type, entry.type) + " "
    yield "0", f"{kind:-<15} {entry.name}"
    yield " ", f"     IN-CAT --- {catalog}"
    if detail == "NAME":
        return
    yield from _history(entry, everything=detail == "ALL")
    if detail == "ALL" and not isinstance(entry, GdgEntry | AliasEntry):
        yield " ", "     PROTECTION-PSWD-----(NULL)     RACF----------------(NO)"
    if detail == "ALL" and isinstance(entry, GdgEntry):
        yield group("ATTRIBUTES")
        yield " ", _group_words(entry)
    if detail in ("ALL", "VOLUME", "ALLOCATION"):
        yield from _volumes(entry)
    if detail == "ALL" and isinstance(entry, AlternateIndexEntry):
        yield group("ATTRIBUTES")
        yield " ", grid("UPGRADE" if entry.alternate.upgrade else "NOUPGRADE")
    if related:
        yield group("ASSOCIATIONS")
        yield from ((" ", f"       {_ASSOCIATED.get(other.type, other.type):-<9}{other.name}") for other in related)
    if isinstance(entry, ComponentEntry):
        yield from _component(entry, detail, statistics)
    elif detail == "ALL" and isinstance(entry, PathEntry):
        yield group("ATTRIBUTES")
        yield " ", grid("UPDATE" if entry.update else "NOUPDATE")
    elif detail == "ALL" and isinstance(entry, NonVsamEntry):
        if not related:
            yield " ", "     " + "ASSOCIATIONS--------(NULL)"
        yield group("ATTRIBUTES")


def _history(entry: Entry, *, everything: bool) -> Iterator[Line]:
    yield group("HISTORY")
    if isinstance(entry, AliasEntry):
        yield " ", grid(cell("RELEASE", 2))
        return
    owner = entry.owner or "(NULL)"
    yield " ", grid(cell("DATASET-OWNER", owner), cell("CREATION", _day(entry.created)))
    if isinstance(entry, GdgEntry):
        yield " ", grid(cell("RELEASE", 2), cell("LAST ALTER", _day(entry.altered)))
        return
    yield " ", grid(cell("RELEASE", 2), cell("EXPIRATION", _day(entry.expires)))
    if everything and isinstance(entry, NonVsamEntry) and entry.is_generation:
        yield " ", grid(cell("STATUS", entry.status.name.replace("_", "-")))
    if isinstance(entry, ClusterEntry):
        yield " ", grid(cell("BWO STATUS", "(NULL)"), cell("BWO TIMESTAMP", "(NULL)"))
        yield " ", grid(cell("BWO", "(NULL)"))
    if isinstance(entry, AlternateIndexEntry):
        yield " ", grid(cell("SMS MANAGED", "(NO)"))
    if isinstance(entry, AlternateIndexEntry) or (isinstance(entry, ClusterEntry) and entry.definition.no_ca_reclaim):
        yield " ", grid(cell("CA-RECLAIM", "(NO)" if entry.definition.no_ca_reclaim else "(YES)"))
    if isinstance(entry, ComponentEntry) and entry.component == "data":
        yield " ", "       " + f"ACCOUNT-INFO{entry.cluster.definition.account or '(NULL)':->41}"


def _day(day: date | None) -> str:
    return f"{day:%Y.%j}" if day else "0000.000"


def _volumes(entry: Entry) -> Iterator[Line]:
    if isinstance(entry, NonVsamEntry | UserCatalogEntry):
        yield group("VOLUMES")
        yield " ", grid(cell("VOLSER", entry.volume), cell("DEVTYPE", DEVICE_3390), cell("FSEQN", 0))


def _group_words(entry: GdgEntry) -> str:
    """The limit in a cell, then words in columns 38, 49, 60, 71 and 82."""
    words = [
        ("" if entry.scratch else "NO") + "SCRATCH",
        ("" if entry.empty else "NO") + "EMPTY",
        "FIFO" if entry.fifo else "LIFO",
        ("" if entry.purge else "NO") + "PURGE",
        ("" if entry.extended else "NO") + "EXTENDED",
    ]
    return f"{grid(cell('LIMIT', entry.limit)):<37}{''.join(word.ljust(11) for word in words)}".rstrip()


def _component(entry: ComponentEntry, detail: str, statistics: Statistics | None) -> Iterator[Line]:
    if detail == "ALL":
        yield from _attributes(entry)
    if detail == "VOLUME":
        yield group("VOLUMES")
        yield " ", grid(cell("VOLSER", entry.volume), cell("DEVTYPE", DEVICE_3390), cell("VOLFLAG", "PRIME"))
    if statistics is None:
        return
    space = _Space(entry, statistics)
    if detail == "ALL":
        yield from _statistics(entry, statistics, space)
    yield from _allocation(space)
    yield from _volume(entry, space)


def _attributes(entry: ComponentEntry) -> Iterator[Line]:
    definition, data = entry.cluster.definition, entry.component == "data"
    size = definition.ci_size if data else definition.index_ci_size
    buffers = (definition.buffer_space or definition.least_buffer_space) if data else 0
    exit_name = (definition.exception_exit if data else definition.index_exception_exit) or "(NULL)"
    checked = definition.write_check if data else definition.index_write_check
    average = definition.average_record if data else 0
    maximum = definition.maximum_record if data else size - 7
    cis = definition.cis_per_ca if data else cis_per_ca(size, 1)
    rkp = definition.key_offset if data else 0
    yield group("ATTRIBUTES")
    yield (
        " ",
        grid(
            cell("KEYLEN", definition.key_length),
            cell("AVGLRECL", average),
            cell("BUFSPACE", buffers),
            cell("CISIZE", size),
        ),
    )
    yield (
        " ",
        grid(cell("RKP", rkp), cell("MAXLRECL", maximum), cell("EXCPEXIT", exit_name), cell("CI/CA", cis)),
    )
    if data and definition.organization == "NUMBERED" and definition.average_record == definition.maximum_record:
        per_ci = slots_per_ci(definition.maximum_record, definition.ci_size)
        yield " ", grid(cell("RECORDS/CI", per_ci), cell("MAXRECS", MOST_BYTES // definition.ci_size * per_ci))
    alternate = entry.cluster.alternate if isinstance(entry.cluster, AlternateIndexEntry) else None
    if data and alternate:
        yield " ", grid(cell("AXRKP", alternate.key_offset))
    options = f"SHROPTNS({definition.cross_region},{definition.cross_system})"
    erase = "ERASE" if data and definition.erase else "NOERASE"
    words = [options, "SPEED" if definition.speed else "RECOVERY", "UNIQUE", erase]
    words += [definition.organization] if data else []
    words += ["WRITECHK" if checked else "NOWRITECHK", "UNORDERED", "REUSE" if definition.reuse else "NOREUSE"]
    yield " ", grid(*_pairs(words))
    if data:
        words = ["SPANNED" if definition.spanned else "NONSPANNED"]
        words += ["UNIQUEKEY" if alternate.unique else "NONUNIQKEY"] if alternate else []
        words += ["INH-UPDATE"] if entry.cluster.inhibited else []
        words += ["TEMP-EXP"] if entry.cluster.exported else []
        yield " ", grid(*_pairs(words))


def _pairs(words: list[str]) -> list[str]:
    """Attribute words two to a cell: one at its left, one at its right."""
    words = words + [""] * (len(words) % 2)
    return [f"{left}{right:>{CELL - len(left)}}" for left, right in zip(words[::2], words[1::2], strict=True)]


class _Space:
    """What a component has: quantities asked for, bytes allocated and used.

    Nothing is on disk before the first load, and an index's file grows in steps of its own; LISTCAT shows the primary
    quantity and whole secondary ones all the same.
    """

    def __init__(self, entry: ComponentEntry, statistics: Statistics) -> None:
        definition = entry.cluster.definition
        self.definition: ClusterDefinition = definition
        if entry.component == "data":
            self.ci_size = definition.ci_size
            self.unit, self.primary, self.secondary = definition.space_unit, definition.primary, definition.secondary
            self.ca_tracks, self.cis_per_ca = definition.ca_tracks, definition.cis_per_ca
            self.used, on_disk = statistics.high_used_rba, statistics.high_allocated_rba
        else:
            self.ci_size = definition.index_ci_size
            asked = index_allocation(definition)
            self.unit, self.primary, self.secondary, self.ca_tracks = "TRACK", asked.primary, asked.secondary, 1
            self.cis_per_ca = cis_per_ca(self.ci_size, 1)
            self.used, on_disk = statistics.index_high_used_rba, statistics.index_high_used_rba
        first, more = self._bytes(self.primary), self._bytes(self.secondary)
        self.extents = 1 + -(-max(0, on_disk - first) // more) if more else 1
        self.allocated = first + (self.extents - 1) * more

    def _bytes(self, quantity: int) -> int:
        tracks = quantity * (15 if self.unit == "CYLINDER" else 1)
        return tracks // self.ca_tracks * self.cis_per_ca * self.ci_size

    def ranges(self) -> Iterator[tuple[int, int]]:
        """First byte and the byte behind the last of each extent."""
        first, more = self._bytes(self.primary), self._bytes(self.secondary)
        at = 0
        for number in range(self.extents):
            end = at + (more if number else first)
            yield at, end
            at = end

    def tracks(self, size: int) -> int:
        """Tracks that `size` bytes take."""
        return -(-size // (self.cis_per_ca * self.ci_size)) * self.ca_tracks


def _statistics(entry: ComponentEntry, statistics: Statistics, space: _Space) -> Iterator[Line]:
    data, definition = entry.component == "data", space.definition
    unallocated = space.allocated - statistics.high_allocated_rba
    free = statistics.free_space_bytes + unallocated if data else space.allocated - space.used
    first = {
        "REC-TOTAL": statistics.records if data else statistics.index_records,
        "REC-DELETED": statistics.deleted if data else 0,
        "REC-INSERTED": statistics.inserted if data else 0,
        "REC-UPDATED": statistics.updated if data else 0,
        "REC-RETRIEVED": statistics.retrieved if data else 0,
    }
    second = {
        "SPLITS-CI": statistics.ci_splits if data else 0,
        "SPLITS-CA": statistics.ca_splits if data else 0,
        "FREESPACE-%CI": definition.free_ci_percent if data else 0,
        "FREESPACE-%CA": definition.free_ca_percent if data else 0,
        "FREESPC": free,
    }
    third = [
        cell("EXCPS", statistics.excps if data else 0),
        cell("EXTENTS", space.extents),
        "SYSTEM-TIMESTAMP:",
        f"{NO_TIMESTAMP:>{CELL}}",
        "",
    ]
    fourth = [""] * 5 if data else _index_figures(definition, statistics)
    yield group("STATISTICS")
    for one, two, three, four in zip(first.items(), second.items(), third, fourth, strict=True):
        yield " ", f"{grid(cell(*one), cell(*two), three):<89}{four}".rstrip()


def _index_figures(definition: ClusterDefinition, statistics: Statistics) -> list[str]:
    """What stands behind column 89 of an index's statistics: five lines, the last two four columns further left."""
    return [
        "     INDEX:",
        "     " + cell("LEVELS", statistics.levels),
        "     " + cell("ENTRIES/SECT", isqrt(definition.cis_per_ca)),
        f" SEQ-SET-RBA{statistics.sequence_set_rba:->17}",
        f" HI-LEVEL-RBA{statistics.high_level_index_rba:->16}",
    ]


def _allocation(space: _Space) -> Iterator[Line]:
    yield group("ALLOCATION")
    yield " ", grid(cell("SPACE-TYPE", space.unit), cell("HI-A-RBA", space.allocated))
    yield " ", grid(cell("SPACE-PRI", space.primary), cell("HI-U-RBA", space.used))
    yield " ", grid(cell("SPACE-SEC", space.secondary))


def _volume(entry: ComponentEntry, space: _Space) -> Iterator[Line]:
    block = physical_record(space.ci_size)
    yield group("VOLUME")
    cells = (
        ("VOLSER", entry.volume),
        ("PHYREC-SIZE", block),
        ("HI-A-RBA", space.allocated),
        ("EXTENT-NUMBER", space.extents),
    )
    yield " ", grid(*(cell(*pair) for pair in cells))
    per_track = blocks_per_track(block)
    second = ("DEVTYPE", DEVICE_3390), ("PHYRECS/TRK", per_track), ("HI-U-RBA", space.used), ("EXTENT-TYPE", "X'00'")
    yield " ", grid(*(cell(*pair) for pair in second))
    yield " ", grid(cell("VOLFLAG", "PRIME"), cell("TRACKS/CA", space.ca_tracks))
    yield " ", grid("EXTENTS:")
    for low, end in space.ranges():
        yield " ", grid(cell("LOW-CCHH", NO_PLACE), cell("LOW-RBA", low), cell("TRACKS", space.tracks(end - low)))
        yield " ", grid(cell("HIGH-CCHH", NO_PLACE), cell("HIGH-RBA", end - 1))


def totals_lines(counts: Mapping[str, int]) -> Iterator[Line]:
    """The trailer: how many entries of each type were listed."""
    yield "0", "         THE NUMBER OF ENTRIES PROCESSED WAS:"
    for name, count in [*((name, counts.get(name, 0)) for name in _COUNTED), ("TOTAL", sum(counts.values()))]:
        yield " ", f"{'':19}{name} {count:->{CELL - 1 - len(name)}}"
    yield "0", "         THE NUMBER OF PROTECTED ENTRIES SUPPRESSED WAS 0"
