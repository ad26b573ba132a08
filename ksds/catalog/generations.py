"""Generation data groups: names, order, relative numbers, and what rolls off when a new generation rolls in.

    base                A.B.LOG                 an entry, at most 35 characters: `.GnnnnVnn` goes behind it
    generation          A.B.LOG.G0007V00        number 1 to 9999, version 0 to 99; one version of a number counts
    relative            0 the newest, -1 the one before, +1 one not made yet

Which generations a group has is not written down anywhere: they are the data sets below the base whose status is
active, in the order of their numbers. After 9999 comes 1, and as long as a group has numbers above 9000, those below
1000 are newer.

A job fixes what its relative numbers mean at the first use of the group: `Group` is that moment. Rolling in and off is
one turn with the catalog; only after it are scratched files removed.

Source: z/OS DFSMS Using Data Sets, "Processing Generation Data Groups"; Access Method Services Commands, DEFINE GDG.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from ksds.catalog.catalog import Catalog, Turn
from ksds.catalog.entries import Entry, GdgEntry, NonVsamEntry, Status
from ksds.catalog.names import data_set_name
from ksds.catalog.volume import Volume
from ksds.errors import CatalogError, DataSetNotFound, DuplicateName, OpenError

BASE_LENGTH = 35
HIGHEST_NUMBER = 9999
HIGHEST_LIMIT = 255
HIGHEST_EXTENDED_LIMIT = 999

_GENERATION = re.compile(r"(.{1,35})\.G(\d{4})V(\d{2})", re.ASCII)
_RELATIVE = re.compile(r"([^()]+)\(([+-]?\d{1,3})\)", re.ASCII)
_LATE, _EARLY = 9000, 1000


@dataclass(frozen=True, slots=True)
class GenerationName:
    """The parts of an absolute name."""

    base: str
    number: int
    version: int = 0

    def __str__(self) -> str:
        return f"{self.base}.G{self.number:04}V{self.version:02}"


def parse_generation(name: str) -> GenerationName | None:
    """The parts of `name` if it has the form of a generation's."""
    found = _GENERATION.fullmatch(name)
    if not found or found.group(2) == "0000":
        return None
    return GenerationName(found.group(1), int(found.group(2)), int(found.group(3)))


def in_order(entries: Iterable[NonVsamEntry]) -> list[NonVsamEntry]:
    """Generations of one group, oldest first."""
    named = [(parse_generation(entry.name), entry) for entry in entries]
    numbered = [(name.number, name.version, entry) for name, entry in named if name]
    wrapped = any(number > _LATE for number, _, _ in numbered)

    def age(item: tuple[int, int, NonVsamEntry]) -> tuple[int, int]:
        number, version, _ = item
        return (number + HIGHEST_NUMBER if wrapped and number < _EARLY else number, version)

    return [entry for _, _, entry in sorted(numbered, key=age)]


@dataclass(frozen=True, slots=True)
class Group:
    """A group at one moment: its base and its active generations, oldest first."""

    base: GdgEntry
    active: tuple[NonVsamEntry, ...]

    def relative(self, number: int) -> str:
        """The absolute name of generation `number`: 0 newest, negative older, positive not made yet.

        Raises DataSetNotFound if there is no such generation, CatalogError for a number that cannot be.
        """
        if not -HIGHEST_EXTENDED_LIMIT <= number <= HIGHEST_LIMIT:
            raise CatalogError("KSD107E", f"{self.base.name}({number:+}): RELATIVE NUMBERS ARE -999 TO +255")
        if number > 0:
            newest = parse_generation(self.active[-1].name) if self.active else None
            last = newest.number if newest else 0
            return str(GenerationName(self.base.name, (last + number - 1) % HIGHEST_NUMBER + 1))
        if -number >= len(self.active):
            raise DataSetNotFound(f"{self.base.name}({number})")
        return self.active[number - 1].name

    def names(self) -> list[str]:
        """All generations, as a program reads the group as a whole: newest first, or for FIFO oldest first."""
        names = [entry.name for entry in self.active]
        return names if self.base.fifo else names[::-1]


class RolledOff(NamedTuple):
    """A generation that left its group; `scratched` means that the data set is gone."""

    entry: NonVsamEntry
    scratched: bool


class GenerationGroups:
    """The groups of one system."""

    def __init__(self, catalog: Catalog, volume: Volume) -> None:
        self._catalog = catalog
        self._volume = volume

    def group(self, name: str) -> Group:
        """The group `name` as it is now. Raises DataSetNotFound, CatalogError if it is no group, InvalidName."""
        name = data_set_name(name)
        with self._catalog.turn("r") as turn:
            base = turn.get(name)
            if base is None:
                raise DataSetNotFound(name)
            if not isinstance(base, GdgEntry):
                raise CatalogError("KSD106E", f"{name} IS NO GENERATION DATA GROUP BUT {base.type}")
            return Group(base, tuple(_active(turn, name)))

    def absolute(self, name: str) -> str:
        """The absolute name of `A.B.LOG(0)` or `A.B.LOG(+1)`; any other name as it is. Raises as `relative` does."""
        found = _RELATIVE.fullmatch(name)
        return self.group(found.group(1)).relative(int(found.group(2))) if found else name

    def define(self, entry: GdgEntry) -> None:
        """Catalog a base. Raises DuplicateName, CatalogError (IDC3523I) for a name too long, ValueError for a limit."""
        if len(data_set_name(entry.name)) > BASE_LENGTH:
            raise CatalogError("IDC3523I", "GENERATION DATA GROUP NAMES CANNOT EXCEED 35 CHARACTERS")
        if not 1 <= entry.limit <= (HIGHEST_EXTENDED_LIMIT if entry.extended else HIGHEST_LIMIT):
            raise ValueError(f"LIMIT({entry.limit})")
        with self._catalog.turn() as turn:
            turn.add(entry)

    def alter(self, name: str, change: Callable[[Entry], Entry], *, today: date | None = None) -> list[RolledOff]:
        """Put what `change` makes of a base in its place; returns the generations above its limit, which roll off.

        Raises DataSetNotFound; what `change` raises leaves everything as it was.
        """
        with ExitStack() as held:
            with self._catalog.turn() as turn:
                base = turn.get(data_set_name(name))
                if not isinstance(base, GdgEntry):
                    raise DataSetNotFound(name)
                changed = change(base)
                assert isinstance(changed, GdgEntry)
                turn.put(changed)
                active = _active(turn, base.name)
                excess = max(0, len(active) - changed.limit)
                rolled = self._roll_off(turn, changed, active[:excess], held, today)
            self.scratch(rolled)
        return rolled

    def catalog(
        self, entry: NonVsamEntry, *, deferred: bool = False, today: date | None = None
    ) -> tuple[NonVsamEntry, list[RolledOff]]:
        """Catalog a data set; a generation of a group is rolled in unless `deferred`.

        Returns its entry and the generations that rolled off. A deferred generation of that name that nobody has open
        gives way. Raises DuplicateName.
        """
        with ExitStack() as held:
            with self._catalog.turn() as turn:
                base = _base(turn, entry.name)
                if base is None:
                    turn.add(entry)
                    return entry, []
                old = turn.get(entry.name)
                gone = []
                if isinstance(old, NonVsamEntry) and old.status is Status.DEFERRED and self._alone(old, held):
                    turn.erase(old)
                    gone = [old]
                elif old is not None:
                    raise DuplicateName(entry.name)
                rolled: list[RolledOff] = []
                if deferred:
                    entry = replace(entry, status=Status.DEFERRED)
                    turn.put(entry)
                else:
                    entry, rolled = self._roll_in(turn, base, entry, held, today)
            self._remove(gone + [entry for entry, scratched in rolled if scratched])
        return entry, rolled

    def roll_in(self, name: str, *, today: date | None = None) -> list[RolledOff]:
        """Make a deferred or rolled-off generation an active one; returns those that rolled off.

        An active generation stays as it is. Raises DataSetNotFound, CatalogError (KSD106E) if there is no group.
        """
        name = data_set_name(name)
        with ExitStack() as held:
            with self._catalog.turn() as turn:
                entry, base = turn.get(name), _base(turn, name)
                if not isinstance(entry, NonVsamEntry) or entry.status is Status.UNCATALOGUED:
                    raise DataSetNotFound(name)
                if base is None:
                    raise CatalogError("KSD106E", f"{name} IS NOT OF A GENERATION DATA GROUP")
                if entry.status is Status.ACTIVE:
                    return []
                entry, rolled = self._roll_in(turn, base, entry, held, today)
            self.scratch(rolled)
        return rolled

    def enter(
        self, turn: Turn, entry: NonVsamEntry, held: ExitStack, *, without: str = "", today: date | None = None
    ) -> list[RolledOff]:
        """Put a data set into the catalog in a turn that changes more: a generation of a group is rolled in.

        `without` is a name that goes in the same turn. When the turn is over, `scratch` removes what rolled off; until
        `held` ends nobody else opens that.
        """
        base = _base(turn, entry.name)
        if base is None:
            turn.put(entry)
            return []
        return self._roll_in(turn, base, entry, held, today, without)[1]

    def scratch(self, rolled: list[RolledOff]) -> None:
        """Remove the files of generations that are gone."""
        self._remove([entry for entry, scratched in rolled if scratched])

    def delete(self, name: str, *, force: bool = False, recovery: bool = False) -> list[NonVsamEntry | GdgEntry]:
        """Forget a base; returns what was deleted, the base last.

        A group with generations needs `force`, which deletes them too, or `recovery`, which leaves them on the volume.
        Raises DataSetNotFound, CatalogError, OpenError (168) if a generation to delete is in use.
        """
        name = data_set_name(name)
        with ExitStack() as held:
            with self._catalog.turn() as turn:
                base = turn.get(name)
                if not isinstance(base, GdgEntry):
                    raise DataSetNotFound(name)
                generations = [entry for entry in _generations(turn, name) if entry.status is not Status.UNCATALOGUED]
                if generations and not (force or recovery):
                    raise CatalogError("IDC3014I", f"{name} HAS {len(generations)} GENERATIONS, SAY FORCE OR RECOVERY")
                for entry in generations:
                    if recovery:
                        turn.put(replace(entry, status=Status.UNCATALOGUED))
                    elif self._alone(entry, held):
                        turn.erase(entry)
                    else:
                        raise OpenError("in use elsewhere", feedback=OpenError.NOT_AVAILABLE, data_set=entry.name)
                turn.erase(base)
            self._remove([] if recovery else generations)
        return [*generations, base]

    def _roll_in(
        self,
        turn: Turn,
        base: GdgEntry,
        entry: NonVsamEntry,
        held: ExitStack,
        today: date | None,
        without: str = "",
    ) -> tuple[NonVsamEntry, list[RolledOff]]:
        entry = replace(entry, status=Status.ACTIVE)
        others = [one for one in _active(turn, base.name) if one.name not in (entry.name, without)]
        leaving = _leaving(base, others, entry)
        rolled = self._roll_off(turn, base, [old for old in leaving if old.name != entry.name], held, today)
        if len(rolled) < len(leaving):
            entry = replace(entry, status=Status.ROLLED_OFF)
            rolled.insert(0, RolledOff(entry, scratched=False))
        turn.put(entry)
        return entry, rolled

    def _roll_off(
        self, turn: Turn, base: GdgEntry, leaving: list[NonVsamEntry], held: ExitStack, today: date | None
    ) -> list[RolledOff]:
        rolled = []
        for old in leaving:
            unexpired = old.expires and not base.purge and (today is None or old.expires > today)
            scratch = base.scratch and not unexpired and self._alone(old, held)
            rolled.append(RolledOff(replace(old, status=Status.ROLLED_OFF), scratch))
            if scratch:
                turn.erase(old)
            else:
                turn.put(rolled[-1].entry)
        return rolled

    def _alone(self, entry: NonVsamEntry, held: ExitStack) -> bool:
        """Lock a data set's file until `held` ends; False if somebody uses it."""
        try:
            held.enter_context(self._volume.alone(entry.name, entry.file_name))
        except OpenError:
            return False
        return True

    def _remove(self, entries: list[NonVsamEntry]) -> None:
        for entry in entries:
            self._volume.remove(entry.file_name)


def _base(turn: Turn, name: str) -> GdgEntry | None:
    """The base of the group that `name` would be a generation of, if there is one."""
    parts = parse_generation(name)
    base = turn.get(parts.base) if parts else None
    return base if isinstance(base, GdgEntry) else None


def _generations(turn: Turn, base: str) -> Iterator[NonVsamEntry]:
    for entry in turn.below(f"{base}.G"):
        if isinstance(entry, NonVsamEntry):
            parts = parse_generation(entry.name)
            if parts and parts.base == base:
                yield entry


def _active(turn: Turn, base: str) -> list[NonVsamEntry]:
    return in_order(entry for entry in _generations(turn, base) if entry.status is Status.ACTIVE)


def _leaving(base: GdgEntry, active: list[NonVsamEntry], new: NonVsamEntry) -> list[NonVsamEntry]:
    """What rolls off when `new` joins: its other version; then, above the limit, the oldest ones or all the others."""
    number = _number(new)
    replaced = [entry for entry in active if _number(entry) == number]
    others = [entry for entry in active if entry not in replaced]
    excess = len(others) + 1 - base.limit
    if excess <= 0:
        return replaced
    return replaced + (others if base.empty else in_order([*others, new])[:excess])


def _number(entry: NonVsamEntry) -> int:
    parts = parse_generation(entry.name)
    return parts.number if parts else 0
