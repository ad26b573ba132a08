"""A library as a folder of host files, and files of the host as members.

A member becomes the file of its name; a file becomes the member that its name begins with, up to the first period and
in capitals: `pay01.txt` is PAY01. Aliases are not files. Lines and records turn into each other as SYSOPTS of the file
side says (`host_text`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from dtf.copying.checkpoint import Shape
from dtf.copying.file_set import piece_units
from dtf.copying.host_paths import HostFileError
from dtf.copying.host_text import HostOptions, HostTextError, records_to_lines
from dtf.copying.library_rows import data_row, member_row
from dtf.copying.members import chosen
from dtf.copying.shaping import PAD, ShapeError
from ksds.datasets import PartitionedDataSet

_MEMBER = re.compile(r"[A-Z@#$][A-Z0-9@#$]{0,7}")


def files_of(
    library: PartitionedDataSet, operands: Mapping[str, str], options: HostOptions
) -> Iterator[tuple[bytes, int]]:
    """The chosen members as units of a row of files. Raises SelectionError, HostTextError."""
    members = [member for member in library.members() if not member.is_alias]
    going = chosen((member.name for member in members), operands)
    for name, there in sorted(going.items(), key=lambda pair: pair[1].name.encode()):
        yield from piece_units(there.name, records_to_lines(library.records(name), options))


def members_of(files: Iterable[tuple[str, Iterable[bytes]]], target: Shape) -> Iterator[bytes]:
    """Files (name, records) as rows of a library of this shape. Raises HostFileError, ShapeError."""
    seen: dict[str, str] = {}
    for name, records in files:
        member = name.partition(".")[0].upper()
        if not _MEMBER.fullmatch(member):
            raise HostFileError(f"{name}: {member[:20]!r} is no name of a member")
        if member in seen:
            raise HostFileError(f"{seen[member]} and {name} would both be member {member}")
        seen[member] = name
        yield member_row(member)
        try:
            for record in records:
                yield data_row(_fitting(record, target, name))
        except HostTextError as error:
            raise HostTextError(f"{name}: {error.what}") from None


def _fitting(record: bytes, target: Shape, name: str) -> bytes:
    """A record as a member of the library takes it."""
    fixed = target.recfm[:1] == "F"
    longest = {"V": target.lrecl - 4, "U": target.blksize}.get(target.recfm[:1], target.lrecl)
    if len(record) > longest:
        raise ShapeError(f"{name}: a line of {len(record)} bytes, the library takes {longest}")
    return record.ljust(longest, PAD) if fixed else record
