"""Libraries as source and target: whole, by SELECT and EXCLUDE, or one member.

A whole library travels as a row of records, each behind an RDW, whose first byte says what it is:

    M  name(8) replace(1) user data     a member begins; replace is R, N or blank
    D  data                             a record of it
    A  alias(8) name(8) user data       a second name for a member

The receiver stages that row as it stages any sequential data set, with the same checkpoints and the same restart to
the byte, and at the end loads all of it into the library in one commit: so no half-copied library is ever seen, and a
member is replaced whole or not at all. A single member is staged the same way and entered at the end.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from dtf.copying.checkpoint import Shape
from dtf.copying.members import chosen
from dtf.copying.targets import SequentialTarget, TargetExists
from dtf.errors import StepError
from ksds.datasets import DataSetAttributes, PartitionedDataSet
from ksds.errors import DataSetError
from ksds.system import System

LONGEST_RECORD = 32700
STAGED_AS = Shape("PS", "VB", 32756, 32760)
_MEMBER, _DATA, _ALIAS = (letter.encode("cp037") for letter in "MDA")
_NAME = 8


class LibraryError(StepError):
    """A member may not be replaced, or the row of records is not one."""

    default_id = "DTX206E"


def unloaded(library: PartitionedDataSet, operands: Mapping[str, str]) -> Iterator[bytes]:
    """The chosen members as a row of records. Raises SelectionError, LibraryError."""
    members = library.members()
    going = chosen((m.name for m in members), operands)
    with_aliases = operands.get("ALIAS", "Y").upper().startswith("Y") and "SELECT" not in operands
    for member in members:
        if member.name not in going or (member.is_alias and with_aliases and member.alias_of in going):
            continue
        there = going[member.name]
        replace = {"NR": "N", "R": "R"}.get(there.replace, " ").encode("cp037")
        yield _MEMBER + _padded(there.name) + replace + member.user_data
        for record in library.records(member.name):
            if len(record) > LONGEST_RECORD:
                raise LibraryError(f"{library.name}({member.name}): a record of {len(record)} bytes is too long")
            yield _DATA + record
    for member in members if with_aliases else ():
        if member.is_alias and member.name in going and member.alias_of in going:
            yield _ALIAS + _padded(member.name) + _padded(going[member.alias_of].name) + member.user_data


class LibraryTarget(SequentialTarget):
    """A whole library. `replacing`: members that are there may be replaced (REPLACE, the default)."""

    def __init__(
        self, system: System, name: str, shape: Shape, disposition: str, token: str, *, replacing: bool
    ) -> None:
        super().__init__(system, name, STAGED_AS, "RPL", "R", token)
        self._library_attributes = DataSetAttributes(shape.recfm, shape.lrecl, shape.blksize, dsorg="PO")
        self._replacing = replacing
        if disposition == "NEW" and system.exists(name):
            raise TargetExists(f"{name} exists and DISP=NEW was asked for")

    def publish(self, today: date) -> None:
        staged = self._open()
        if not self._system.exists(self._name):
            self._system.allocate(self._name, self._library_attributes, created=today)
        with self._system.library(self._name, "w") as library:
            _load(library, staged.records(), replacing=self._replacing)
        self.close(keep=False)


class MemberTarget(SequentialTarget):
    """One member of a library that is there."""

    def __init__(
        self, system: System, name: str, member: str, shape: Shape, disposition: str, mode: str, token: str
    ) -> None:
        with system.library(name) as library:
            if disposition == "NEW" and member in library:
                raise TargetExists(f"{name}({member}) exists and DISP=NEW was asked for")
        super().__init__(system, name, shape, "RPL", mode, token)
        self._member = member

    def publish(self, today: date) -> None:
        staged = self._open()
        with self._system.library(self._name, "w") as library, library.create(self._member) as writer:
            writer.append(staged.records())
        self.close(keep=False)


def _load(library: PartitionedDataSet, records: Iterator[bytes], *, replacing: bool) -> None:
    """Enter what the row holds; the caller's `close` commits it, an error forgets it."""
    record = next(records, None)
    while record is not None:
        kind, name = record[:1], _text(record[1 : 1 + _NAME])
        if kind == _ALIAS:
            if name in library:
                library.delete(name)
            library.add_alias(name, _text(record[9:17]))
            library.set_user_data(name, record[17:])
            record = next(records, None)
            continue
        if kind != _MEMBER or len(record) < 2 + _NAME:
            raise LibraryError(f"a record X'{record[:16].hex().upper()}' stands where a member begins")
        replace = record[9:10] == "R".encode("cp037") or (replacing and record[9:10] != "N".encode("cp037"))
        if name in library and not replace:
            raise LibraryError(f"{library.name}({name}) is there and is not to be replaced")
        with library.create(name, record[10:]) as writer:
            record = next(records, None)
            while record is not None and record[:1] == _DATA:
                writer.append([record[1:]])
                record = next(records, None)


def _padded(name: str) -> bytes:
    return name.encode("cp037").ljust(_NAME, b"\x40")


def _text(name: bytes) -> str:
    try:
        return name.decode("cp037").rstrip()
    except UnicodeDecodeError:
        raise DataSetError("A MEMBER WITHOUT A NAME") from None
