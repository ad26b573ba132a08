"""What the catalog says of a name: a cluster, an alternate index, a component of one, a path, a data set, a group of
generations, another name."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, fields, replace
from datetime import date
from enum import IntEnum
from typing import Any

from ksds.cluster.alternate_index import AlternateIndexDefinition
from ksds.cluster.definition import ClusterDefinition
from ksds.datasets.attributes import DataSetAttributes
from ksds.errors import Damaged
from ksds.layout import catalog_record

_LETTERS = {
    **{"CLUSTER": "C", "DATA": "D", "INDEX": "I", "NONVSAM": "A"},
    **{"AIX": "G", "PATH": "R", "GDG": "B", "ALIAS": "X", "USERCATALOG": "U"},
}
_ORGANIZATIONS = {"INDEXED": "I", "NONINDEXED": "N", "NUMBERED": "R", "LINEAR": "L"}
_WORDS = {letter: word for word, letter in _ORGANIZATIONS.items()}
_UNITS = {"C": "CYLINDER", "T": "TRACK", "": ""}
_OPTIONS = {"reuse": 0x80, "spanned": 0x40, "speed": 0x20, "erase": 0x10, "no_ca_reclaim": 0x01}
_WRITE_CHECKS = {"write_check": 0x80, "index_write_check": 0x40}
_MARKS = {"inhibited": 0x08, "exported": 0x04, "uncatalogued": 0x02}
_GDG_OPTIONS = {"scratch": 0x80, "empty": 0x40, "fifo": 0x20, "purge": 0x10, "extended": 0x08}
_UNIQUE, _UPGRADE = 0x80, 0x40
_UPDATE, _ASIDE = 0x80, 0x40
_AS_THEY_ARE = {field.name for field in fields(ClusterDefinition)} - {
    "name",
    "organization",
    "space_unit",
    *_OPTIONS,
    *_WRITE_CHECKS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Space:
    """Space asked for: `unit` TRACK, CYLINDER or empty when nothing was said."""

    unit: str = ""
    primary: int = 0
    secondary: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry(ABC):
    """What every entry has. `created` None = not known, `expires` None = never."""

    name: str
    created: date | None = None
    expires: date | None = None
    owner: str = ""
    volume: str = "VOL001"

    @property
    @abstractmethod
    def type(self) -> str:
        """CLUSTER, AIX, DATA, INDEX, PATH, NONVSAM, GDG, ALIAS or USERCATALOG."""

    @property
    def is_hidden(self) -> bool:
        """True for what is on the volume only: the catalog does not find it until somebody catalogs it again."""
        return False

    @property
    def letter(self) -> str:
        """C, G, D, I, R, A, B, X, U or H, as messages and the catalog search interface show the type."""
        return _LETTERS[self.type]


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexableEntry(Entry):
    """What has components of its own: a cluster or an alternate index, `definition` as a cluster.

    `stem` + .data .index .sum .jnl are the files of its sphere on the volume, `associations` the names of the alternate
    indexes and paths over it. `inhibited`: for input only. `exported`: a copy of it was exported, and may come back.
    `uncatalogued`: on the volume only, with all that is over it.
    """

    definition: ClusterDefinition
    stem: str
    associations: tuple[str, ...] = ()
    inhibited: bool = False
    exported: bool = False
    uncatalogued: bool = False

    @property
    def is_hidden(self) -> bool:
        return self.uncatalogued

    @property
    def components(self) -> list[ComponentEntry]:
        """Its data and, if it has one, its index entry."""
        names = {"data": self.definition.data_name, "index": self.definition.index_name}
        return [self._component(component, name) for component, name in names.items() if name]

    def _component(self, component: str, name: str) -> ComponentEntry:
        return ComponentEntry(
            name=name,
            created=self.created,
            expires=self.expires,
            owner=self.owner,
            volume=self.volume,
            cluster=self,
            component=component,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterEntry(IndexableEntry):
    """A cluster with its components: member 0 of its sphere."""

    @property
    def type(self) -> str:
        return "CLUSTER"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlternateIndexEntry(IndexableEntry):
    """An alternate index of the cluster `base`, in whose sphere it is member `member`. The store of `alternate` is
    always `definition`."""

    base: str
    member: int
    alternate: AlternateIndexDefinition

    def __post_init__(self) -> None:
        object.__setattr__(self, "alternate", replace(self.alternate, store=self.definition))

    @property
    def type(self) -> str:
        return "AIX"


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentEntry(Entry):
    """The data or index component of `cluster`; `component` is "data" or "index"."""

    cluster: IndexableEntry
    component: str

    @property
    def is_hidden(self) -> bool:
        return self.cluster.is_hidden

    @property
    def type(self) -> str:
        return self.component.upper()


@dataclass(frozen=True, slots=True, kw_only=True)
class PathEntry(Entry):
    """A path over an alternate index, or over a cluster; `update`: opened for output it keeps the upgrade set up to
    date. `uncatalogued` with what it is over."""

    over: str
    update: bool = True
    uncatalogued: bool = False

    @property
    def is_hidden(self) -> bool:
        return self.uncatalogued

    @property
    def type(self) -> str:
        return "PATH"


class Status(IntEnum):
    """Where a data set stands. All but `CATALOGUED` and `UNCATALOGUED` are of generations."""

    CATALOGUED = 0
    ACTIVE = 1
    DEFERRED = 2
    """Made, not yet rolled in."""
    ROLLED_OFF = 3
    """No longer of its group, but there."""
    UNCATALOGUED = 4
    """On the volume only: the catalog does not find it until somebody catalogs it again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NonVsamEntry(Entry):
    """A sequential or partitioned data set; `file_name` is its file on the volume, empty if it is not there.

    `aliases` are the names of its alias entries.
    """

    attributes: DataSetAttributes
    file_name: str
    space: Space = Space()
    status: Status = Status.CATALOGUED
    aliases: tuple[str, ...] = ()

    @property
    def type(self) -> str:
        return "NONVSAM"

    @property
    def is_hidden(self) -> bool:
        return self.status is Status.UNCATALOGUED

    @property
    def is_generation(self) -> bool:
        """True for a data set of a generation data group, rolled in or not."""
        return self.status in (Status.ACTIVE, Status.DEFERRED, Status.ROLLED_OFF)

    @property
    def letter(self) -> str:
        return "H" if self.is_generation else "A"


@dataclass(frozen=True, slots=True, kw_only=True)
class GdgEntry(Entry):
    """The base of a generation data group: how many generations it keeps, and what becomes of the others.

    `scratch`: they are deleted, not only rolled off. `empty`: all go at once. `fifo`: the group read as a whole comes
    oldest first. `purge`: generations are scratched before they expire. `extended`: the limit may go above 255.
    """

    limit: int
    scratch: bool = False
    empty: bool = False
    fifo: bool = False
    purge: bool = False
    extended: bool = False
    altered: date | None = None

    @property
    def type(self) -> str:
        return "GDG"


@dataclass(frozen=True, slots=True, kw_only=True)
class AliasEntry(Entry):
    """Another name for `related`, a data set or a user catalog."""

    related: str

    @property
    def type(self) -> str:
        return "ALIAS"


@dataclass(frozen=True, slots=True, kw_only=True)
class UserCatalogEntry(Entry):
    """The connector of a user catalog: kept and listed. There is one catalog here, and it finds every name."""

    device: str = ""

    @property
    def type(self) -> str:
        return "USERCATALOG"


def to_record(entry: Entry) -> bytes:
    """The catalog record of a cluster or data set; of a component, the record that says whose it is."""
    header = {
        "name": entry.name,
        "type": _LETTERS[entry.type],
        "created": _from_date(entry.created),
        "expires": _from_date(entry.expires),
        "owner": entry.owner,
        "volume": entry.volume,
    }
    if isinstance(entry, ClusterEntry):
        return catalog_record.build(header, _from_indexable(entry))
    if isinstance(entry, AlternateIndexEntry):
        return catalog_record.build(header, _from_alternate_index(entry))
    if isinstance(entry, PathEntry):
        options = (_UPDATE if entry.update else 0) | (_ASIDE if entry.uncatalogued else 0)
        return catalog_record.build(header, {"over": entry.over, "options": options})
    if isinstance(entry, ComponentEntry):
        return catalog_record.build(header, {"cluster": entry.cluster.name})
    if isinstance(entry, NonVsamEntry):
        return catalog_record.build(header, _from_data_set(entry))
    if isinstance(entry, GdgEntry):
        options = sum(bit for name, bit in _GDG_OPTIONS.items() if getattr(entry, name))
        part = {"limit": entry.limit, "options": options, "altered": _from_date(entry.altered)}
        return catalog_record.build(header, part)
    if isinstance(entry, AliasEntry):
        return catalog_record.build(header, {"related": entry.related})
    assert isinstance(entry, UserCatalogEntry)
    return catalog_record.build(header, {"device": entry.device})


def _from_indexable(entry: IndexableEntry) -> dict[str, Any]:
    part = _from_definition(entry.definition)
    part["options"] |= sum(bit for name, bit in _MARKS.items() if getattr(entry, name))
    return part | {"file_name": entry.stem, "associations": entry.associations}


def _from_alternate_index(entry: AlternateIndexEntry) -> dict[str, Any]:
    alternate = entry.alternate
    return {
        "base": entry.base,
        "options": (_UNIQUE if alternate.unique else 0) | (_UPGRADE if alternate.upgrade else 0),
        "member": entry.member,
        "prime_key_length": alternate.prime_key_length,
        "alternate_offset": alternate.key_offset,
        "store": _from_indexable(entry),
    }


def _from_data_set(entry: NonVsamEntry) -> dict[str, Any]:
    attributes, space = entry.attributes, entry.space
    return {
        "dsorg": attributes.dsorg,
        "recfm": attributes.recfm,
        "lrecl": attributes.lrecl,
        "blksize": attributes.blksize,
        "space_unit": space.unit[:1],
        "status": entry.status,
        "library": attributes.pdse,
        "primary": space.primary,
        "secondary": space.secondary,
        "file_name": entry.file_name,
        "aliases": entry.aliases,
    }


def from_record(record: bytes) -> Entry | str:
    """The entry of a catalog record; of a component's record, the name of its cluster.

    Raises Damaged for a record that contradicts itself.
    """
    header, part = catalog_record.parse(record)
    try:
        common: dict[str, Any] = {
            "name": header["name"],
            "created": _to_date(header["created"]),
            "expires": _to_date(header["expires"]),
            "owner": header["owner"],
            "volume": header["volume"],
        }
        if header["type"] == "C":
            return ClusterEntry(**common, **_to_indexable(header["name"], part))
        if header["type"] == "G":
            return _to_alternate_index(common, part)
        if header["type"] == "A":
            return _to_data_set(common, part)
        if header["type"] == "B":
            options: dict[str, Any] = {name: bool(part["options"] & bit) for name, bit in _GDG_OPTIONS.items()}
            return GdgEntry(**common, **options, limit=part["limit"], altered=_to_date(part["altered"]))
    except (ValueError, KeyError) as error:
        raise Damaged(f"catalog record of {header['name']}: {error}", feedback=4, component="data") from None
    if header["type"] == "R":
        update, aside = bool(part["options"] & _UPDATE), bool(part["options"] & _ASIDE)
        return PathEntry(**common, over=part["over"], update=update, uncatalogued=aside)
    if header["type"] == "X":
        return AliasEntry(**common, related=part["related"])
    if header["type"] == "U":
        return UserCatalogEntry(**common, device=part["device"])
    return str(part["cluster"])


def _to_indexable(name: str, part: dict[str, Any]) -> dict[str, Any]:
    return {
        "definition": _to_definition(name, part),
        "stem": part["file_name"],
        "associations": tuple(part["associations"]),
        **{mark: bool(part["options"] & bit) for mark, bit in _MARKS.items()},
    }


def _to_alternate_index(common: dict[str, Any], part: dict[str, Any]) -> AlternateIndexEntry:
    values = _to_indexable(common["name"], part["store"])
    alternate = AlternateIndexDefinition(
        store=values["definition"],
        key_offset=part["alternate_offset"],
        prime_key_length=part["prime_key_length"],
        unique=bool(part["options"] & _UNIQUE),
        upgrade=bool(part["options"] & _UPGRADE),
    )
    return AlternateIndexEntry(**common, **values, base=part["base"], member=part["member"], alternate=alternate)


def _to_data_set(common: dict[str, Any], part: dict[str, Any]) -> NonVsamEntry:
    attributes = DataSetAttributes(
        part["recfm"], part["lrecl"], part["blksize"], part["dsorg"], pdse=bool(part["library"])
    )
    return NonVsamEntry(
        **common,
        attributes=attributes,
        space=Space(unit=_UNITS[part["space_unit"]], primary=part["primary"], secondary=part["secondary"]),
        file_name=part["file_name"],
        status=Status(part["status"]),
        aliases=tuple(part["aliases"]),
    )


def _from_definition(definition: ClusterDefinition) -> dict[str, Any]:
    values: dict[str, Any] = {name: getattr(definition, name) for name in _AS_THEY_ARE}
    values["organization"] = _ORGANIZATIONS[definition.organization]
    values["space_unit"] = definition.space_unit[:1]
    values["options"] = sum(bit for name, bit in _OPTIONS.items() if getattr(definition, name))
    values["write_checks"] = sum(bit for name, bit in _WRITE_CHECKS.items() if getattr(definition, name))
    return values


def _to_definition(name: str, part: dict[str, Any]) -> ClusterDefinition:
    values = {field: part[field] for field in _AS_THEY_ARE}
    values |= {option: bool(part["options"] & bit) for option, bit in _OPTIONS.items()}
    values |= {option: bool(part["write_checks"] & bit) for option, bit in _WRITE_CHECKS.items()}
    organization = _WORDS[part["organization"]]
    return ClusterDefinition(name=name, organization=organization, space_unit=_UNITS[part["space_unit"]], **values)


def _from_date(day: date | None) -> int:
    return day.year * 1000 + day.timetuple().tm_yday if day else 0


def _to_date(number: int) -> date | None:
    if not number:
        return None
    year, days = divmod(number, 1000)
    return date.fromordinal(date(year, 1, 1).toordinal() + days - 1)
