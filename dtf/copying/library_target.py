"""A library, or one member of it, as the target of a COPY.

The receiver stages the row of records that a library travels as (`library_rows`) as it stages any sequential data set,
with the same checkpoints and the same restart to the byte, and at the end loads all of it into the library in one
commit: so no half-copied library is ever seen, and a member is replaced whole or not at all. A single member is staged
the same way and entered at the end.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from dtf.copying.checkpoint import PositionSet, Shape
from dtf.copying.library_rows import STAGED_AS, load
from dtf.copying.targets import SequentialTarget, TargetExists
from ksds.catalog.entries import Space
from ksds.datasets import DataSetAttributes
from ksds.system import System


@dataclass(frozen=True, slots=True)
class NewLibrary:
    """How a library that is not there is made."""

    space: Space
    pdse: bool


class EnteredTarget(SequentialTarget, ABC):
    """What is staged as a sequential data set and then entered into a library in one commit.

    `complete`: an earlier try has received all. If then nothing is staged any more, it was entered too.
    """

    def __init__(
        self, system: System, name: str, shape: Shape, mode: str, token: str, *, complete: bool, ending: str = ""
    ) -> None:
        super().__init__(system, name, shape, "RPL", mode, token, ending=ending)
        self._complete = complete
        self._entered: PositionSet | None = None

    def verified(self, sets: Sequence[PositionSet]) -> list[bool]:
        if self._complete and not self._reopen():
            self._entered = sets[0]
            return [s == sets[0] for s in sets]
        return super().verified(sets)

    def resume(self, position: PositionSet) -> None:
        if self._entered is None:
            super().resume(position)

    def secure(self) -> int:
        return super().secure() if self._entered is None else self._entered.target

    def publish(self, today: date) -> None:
        if self._entered is None:
            self._enter(self._open().records(), today)
        self.close(keep=False)

    @abstractmethod
    def _enter(self, records: Iterator[bytes], today: date) -> None:
        """Put the staged records into the library, in one commit."""


class LibraryTarget(EnteredTarget):
    """A whole library. `replacing`: members that are there may be replaced (REPLACE, the default)."""

    def __init__(
        self,
        system: System,
        name: str,
        shape: Shape,
        disposition: str,
        token: str,
        made_as: NewLibrary,
        *,
        replacing: bool,
        complete: bool,
        ending: str = "",
    ) -> None:
        super().__init__(system, name, STAGED_AS, "R", token, complete=complete, ending=ending)
        shown = shape.recfm, shape.lrecl, shape.blksize
        self._library_attributes = DataSetAttributes(*shown, dsorg="PO", pdse=made_as.pdse)
        self._made_in = made_as.space
        self._replacing = replacing
        if disposition == "NEW" and system.exists(name):
            raise TargetExists(f"{name} exists and DISP=NEW was asked for")

    def _enter(self, records: Iterator[bytes], today: date) -> None:
        if not self._system.exists(self._name):
            self._system.allocate(self._name, self._library_attributes, created=today, space=self._made_in)
        with self._system.library(self._name, "w") as library:
            load(library, records, replacing=self._replacing, again=self._complete)


class MemberTarget(EnteredTarget):
    """One member of a library that is there."""

    def __init__(
        self,
        system: System,
        name: str,
        member: str,
        shape: Shape,
        disposition: str,
        mode: str,
        token: str,
        *,
        complete: bool,
        ending: str = "",
    ) -> None:
        with system.library(name) as library:
            if disposition == "NEW" and member in library:
                raise TargetExists(f"{name}({member}) exists and DISP=NEW was asked for")
        super().__init__(system, name, shape, mode, token, complete=complete, ending=ending)
        self._member = member

    def _enter(self, records: Iterator[bytes], today: date) -> None:
        with self._system.library(self._name, "w") as library, library.create(self._member) as writer:
            writer.append(records)
