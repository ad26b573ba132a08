"""How a library travels: as a row of records, whole or by SELECT and EXCLUDE.

Each stands behind an RDW, and its first byte says what it is:

    M  name(8) replace(1) user data     a member begins; replace is R, N or blank
    D  data                             a record of it
    F  data                             records of it back to back, where RECFM is F or FB
    A  alias(8) name(8) user data       a second name for a member
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from itertools import zip_longest

from dtf.copying.checkpoint import Shape
from dtf.copying.members import chosen
from dtf.copying.sources import Unit
from dtf.errors import StepError
from ksds.datasets import DataSetAttributes, PartitionedDataSet, SequentialDataSet
from ksds.errors import DataSetError

LONGEST_RECORD = 32700
UNIT_BYTES = 32_000
STAGED_AS = Shape("PS", "VB", 32756, 32760)
_MEMBER, _DATA, _FIXED, _ALIAS = (letter.encode("cp037") for letter in "MDFA")
_NAME = 8
_RDW, _DATA_ROW = struct.Struct(">HH"), struct.Struct(">HH1s")


class LibraryError(StepError):
    """A member may not be replaced, or the row of records is not one."""

    default_id = "DTX206E"


def member_row(name: str, replace: str = " ", user_data: bytes = b"") -> bytes:
    """The row with which a member begins; `replace` is R, N or blank."""
    return _MEMBER + _padded(name) + replace.encode("cp037") + user_data


def data_row(record: bytes) -> bytes:
    """The row of one record of a member."""
    return _DATA + record


def unloaded(library: PartitionedDataSet, operands: Mapping[str, str]) -> Iterator[Unit]:
    """The chosen members as units of whole rows behind their RDWs. Raises SelectionError, LibraryError."""
    members = library.members()
    going = chosen((m.name for m in members), operands)
    with_aliases = operands.get("ALIAS", "Y").upper().startswith("Y") and "SELECT" not in operands
    for member in members:
        if member.name not in going or (member.is_alias and with_aliases and member.alias_of in going):
            continue
        there = going[member.name]
        replace = {"NR": "N", "R": "R"}.get(there.replace, " ")
        yield _one_row(member_row(there.name, replace, member.user_data))
        yield from _data_rows(library.open(member.name))
    for member in members if with_aliases else ():
        if member.is_alias and member.name in going and member.alias_of in going:
            yield _one_row(_ALIAS + _padded(member.name) + _padded(going[member.alias_of].name) + member.user_data)


def _one_row(row: bytes) -> Unit:
    return _RDW.pack(len(row) + 4, 0) + row, 1


def _data_rows(member: SequentialDataSet) -> Iterator[Unit]:
    """The records of one member, as many in a unit as fit any buffer."""
    if member.attributes.kind == "F":
        yield from _fixed_rows(member)
        return
    for start, run in member.runs():
        records = member.split(run, start)
        longest = _checked(max(map(len, records), default=0), member.name)
        many = max(1, UNIT_BYTES // (longest + 5))
        for at in range(0, len(records), many):
            some = records[at : at + many]
            yield b"".join([_DATA_ROW.pack(len(record) + 5, 0, _DATA) + record for record in some]), len(some)


def _fixed_rows(member: SequentialDataSet) -> Iterator[Unit]:
    lrecl = _checked(member.attributes.lrecl, member.name)
    step = max(1, UNIT_BYTES // lrecl) * lrecl
    for _, run in member.runs():
        for at in range(0, len(run), step):
            some = run[at : at + step]
            yield _one_row(_FIXED + some)[0], len(some) // lrecl


def _checked(length: int, name: str) -> int:
    if length > LONGEST_RECORD:
        raise LibraryError(f"{name}: a record of {length} bytes is too long")
    return length


def load(library: PartitionedDataSet, records: Iterator[bytes], *, replacing: bool, again: bool) -> None:
    """Enter what the row holds; the caller's `close` commits it, an error forgets it. `again`: an earlier try may have
    entered all of it."""
    row = next(records, None)
    while row is not None:
        kind, name = row[:1], _text(row[1 : 1 + _NAME])
        if kind == _ALIAS:
            if name in library:
                library.delete(name)
            library.add_alias(name, _text(row[9:17]))
            library.set_user_data(name, row[17:])
            row = next(records, None)
            continue
        if kind != _MEMBER or len(row) < 2 + _NAME:
            raise LibraryError(f"a record X'{row[:16].hex().upper()}' stands where a member begins")
        replace = row[9:10] == "R".encode("cp037") or (replacing and row[9:10] != "N".encode("cp037"))
        there = name in library and not replace
        if there and not again:
            raise LibraryError(f"{library.name}({name}) is there and is not to be replaced")
        member = _Member(records, library.attributes, f"{library.name}({name})")
        if not there:
            with library.create(name, row[10:]) as writer:
                member.write(writer)
        elif any(old != new for old, new in zip_longest(library.records(name), member)):
            raise LibraryError(f"{library.name}({name}) is there and is not to be replaced")
        row = member.row


class _Member:
    """The records of one member, once; `row` is what stands next in the row, in the end what comes behind them."""

    def __init__(self, rows: Iterator[bytes], attributes: DataSetAttributes, name: str) -> None:
        self._rows = rows
        self._lrecl = attributes.lrecl if attributes.kind == "F" else 0
        self._name = name
        self.row = next(rows, None)

    def __iter__(self) -> Iterator[bytes]:
        while self.row is not None:
            if self.row[:1] == _DATA:
                yield self.row[1:]
            elif self.row[:1] == _FIXED:
                run = self._run(self.row)
                yield from (run[at : at + self._lrecl] for at in range(0, len(run), self._lrecl))
            else:
                return
            self.row = next(self._rows, None)

    def write(self, writer: SequentialDataSet) -> None:
        """Append all of them."""
        while self.row is not None and self.row[:1] == _FIXED:
            writer.append_back_to_back(self._run(self.row))
            self.row = next(self._rows, None)
        writer.append(self)

    def _run(self, row: bytes) -> bytes:
        if not self._lrecl or (len(row) - 1) % self._lrecl:
            raise LibraryError(f"{self._name}: {len(row) - 1} bytes are no records of {self._lrecl or 'one length'}")
        return row[1:]


def _padded(name: str) -> bytes:
    return name.encode("cp037").ljust(_NAME, b"\x40")


def _text(name: bytes) -> str:
    try:
        return name.decode("cp037").rstrip()
    except UnicodeDecodeError:
        raise DataSetError("A MEMBER WITHOUT A NAME") from None
