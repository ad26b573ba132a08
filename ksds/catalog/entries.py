"""What the catalog says of a name: a cluster, a component of one, or a sequential data set."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from ksds.cluster.definition import ClusterDefinition
from ksds.datasets.attributes import DataSetAttributes
from ksds.errors import Damaged
from ksds.layout import catalog_record

_LETTERS = {"CLUSTER": "C", "DATA": "D", "INDEX": "I", "NONVSAM": "A"}
_ORGANIZATIONS = {"INDEXED": "I", "NONINDEXED": "N", "NUMBERED": "R", "LINEAR": "L"}
_WORDS = {letter: word for word, letter in _ORGANIZATIONS.items()}
_UNITS = {"C": "CYLINDER", "T": "TRACK", "": ""}
_OPTIONS = {"reuse": 0x80, "spanned": 0x40, "speed": 0x20, "erase": 0x10}
_AS_THEY_ARE = {field.name for field in fields(ClusterDefinition)} - {"name", "organization", "space_unit", *_OPTIONS}


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
        """CLUSTER, DATA, INDEX or NONVSAM."""

    @property
    def letter(self) -> str:
        """C, D, I or A, as messages and the catalog search interface show the type."""
        return _LETTERS[self.type]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterEntry(Entry):
    """A cluster with its components. `stem` + .data .index .sum .jnl are its files on the volume."""

    definition: ClusterDefinition
    stem: str

    @property
    def type(self) -> str:
        return "CLUSTER"

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
class ComponentEntry(Entry):
    """The data or index component of `cluster`; `component` is "data" or "index"."""

    cluster: ClusterEntry
    component: str

    @property
    def type(self) -> str:
        return self.component.upper()


@dataclass(frozen=True, slots=True, kw_only=True)
class NonVsamEntry(Entry):
    """A sequential data set; `file_name` is its file on the volume."""

    attributes: DataSetAttributes
    file_name: str
    space: Space = Space()

    @property
    def type(self) -> str:
        return "NONVSAM"


def to_record(entry: Entry) -> bytes:
    """The catalog record of a cluster or data set; of a component, the record that says whose it is."""
    header = {
        "name": entry.name,
        "type": entry.letter,
        "created": _from_date(entry.created),
        "expires": _from_date(entry.expires),
        "owner": entry.owner,
        "volume": entry.volume,
    }
    if isinstance(entry, ClusterEntry):
        return catalog_record.build(header, _from_definition(entry.definition) | {"file_name": entry.stem})
    if isinstance(entry, ComponentEntry):
        return catalog_record.build(header, {"cluster": entry.cluster.name})
    assert isinstance(entry, NonVsamEntry)
    attributes, space = entry.attributes, entry.space
    return catalog_record.build(
        header,
        {
            "dsorg": attributes.dsorg,
            "recfm": attributes.recfm,
            "lrecl": attributes.lrecl,
            "blksize": attributes.blksize,
            "space_unit": space.unit[:1],
            "primary": space.primary,
            "secondary": space.secondary,
            "file_name": entry.file_name,
        },
    )


def from_record(record: bytes) -> ClusterEntry | NonVsamEntry | str:
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
            return ClusterEntry(**common, definition=_to_definition(header["name"], part), stem=part["file_name"])
        if header["type"] == "A":
            attributes = DataSetAttributes(part["recfm"], part["lrecl"], part["blksize"], part["dsorg"])
            space = Space(unit=_UNITS[part["space_unit"]], primary=part["primary"], secondary=part["secondary"])
            return NonVsamEntry(**common, attributes=attributes, space=space, file_name=part["file_name"])
    except (ValueError, KeyError) as error:
        raise Damaged(f"catalog record of {header['name']}: {error}", feedback=4, component="data") from None
    return str(part["cluster"])


def _from_definition(definition: ClusterDefinition) -> dict[str, Any]:
    values: dict[str, Any] = {name: getattr(definition, name) for name in _AS_THEY_ARE}
    values["organization"] = _ORGANIZATIONS[definition.organization]
    values["space_unit"] = definition.space_unit[:1]
    values["options"] = sum(bit for name, bit in _OPTIONS.items() if getattr(definition, name))
    return values


def _to_definition(name: str, part: dict[str, Any]) -> ClusterDefinition:
    values = {field: part[field] for field in _AS_THEY_ARE}
    values |= {option: bool(part["options"] & bit) for option, bit in _OPTIONS.items()}
    organization = _WORDS[part["organization"]]
    return ClusterDefinition(name=name, organization=organization, space_unit=_UNITS[part["space_unit"]], **values)


def _from_date(day: date | None) -> int:
    return day.year * 1000 + day.timetuple().tm_yday if day else 0


def _to_date(number: int) -> date | None:
    if not number:
        return None
    year, days = divmod(number, 1000)
    return date.fromordinal(date(year, 1, 1).toordinal() + days - 1)
