"""PRINT: records as characters, hexadecimal digits, or both side by side.

    CHARACTER   120 characters a line
    HEX         60 bytes a line
    DUMP        000020  C5D94040 40404040 40404040 40404040   40404040 40404040 40404040 40404040   *ER              *

A record begins with a line that says which it is: its key, RBA, relative record number or place in the sequence.
Source: z/OS DFSMS Access Method Services Commands, PRINT, and real listings.
"""

from __future__ import annotations

from collections.abc import Iterator

from ksds.cluster.organizations import Keyed
from ksds.codepage import code_page
from ksds.idcams.commands import Print
from ksds.idcams.invocation import FAILED, Invocation, Refusal, acting
from ksds.idcams.listing import Listing
from ksds.idcams.print_output import output_listing
from ksds.idcams.record_source import RecordSource, open_source

CHARACTERS_PER_LINE = 120
BYTES_PER_HEX_LINE = 60
BYTES_PER_DUMP_LINE = 32
BEYOND_THE_END = 4
"""COUNT asked for records and there is none: jobs find out so whether a data set is empty."""

_PAGE = code_page()


def print_records(invocation: Invocation, command: Print) -> int:
    """List the records of a range on SYSPRINT, or on the DD that OUTFILE names."""
    count, code = 0, 0
    with output_listing(invocation, command.output) as output:
        try:
            with open_source(invocation, *command.source) as source, acting(source.name):
                records = source.numbered(command)
                output.begin_listing(f"LISTING OF DATA SET -{source.name}")
                for number, record in records:
                    _print_one(output, _identity(source, number, record, command), record, command.layout)
                    count += 1
        except Refusal as refusal:
            code = max(invocation.report(refusal), FAILED)
    invocation.listing.message("IDC0005I", count)
    if not count and not code and command.stop is not None and command.stop[0] == "COUNT":
        invocation.listing.message("IDC11462I")
        code = BEYOND_THE_END
    return code


def _print_one(output: Listing, identity: str, record: bytes, layout: str) -> None:
    output.line(identity, "0")
    for line in record_lines(record, layout):
        output.line(line)


def _identity(source: RecordSource, number: int, record: bytes, command: Print) -> str:
    if isinstance(source.cluster, Keyed) and not source.is_addressed(command):
        definition = source.cluster.definition
        key = record[definition.key_offset : definition.key_end]
        return f"KEY OF RECORD - {_PAGE.printable(key) if command.layout == 'CHARACTER' else key.hex().upper()}"
    if source.organization in ("ESDS", "LDS") or source.is_addressed(command):
        return f"RBA OF RECORD - {number:>16}"
    if source.organization == "RRDS":
        return f"RELATIVE RECORD NUMBER - {number}"
    return f"RECORD SEQUENCE NUMBER - {number}"


def record_lines(record: bytes, layout: str) -> Iterator[str]:
    """A record as PRINT shows it; `layout` is CHARACTER, HEX or DUMP."""
    if layout == "DUMP":
        yield from (dump_line(record, at) for at in range(0, len(record), BYTES_PER_DUMP_LINE))
        return
    text = _PAGE.printable(record) if layout == "CHARACTER" else record.hex().upper()
    width = CHARACTERS_PER_LINE if layout == "CHARACTER" else 2 * BYTES_PER_HEX_LINE
    yield from (text[at : at + width] for at in range(0, len(text), width))


def dump_line(record: bytes, at: int) -> str:
    """The 32 bytes from offset `at`: offset, eight groups of four bytes, characters."""
    part = record[at : at + BYTES_PER_DUMP_LINE]
    digits = part.hex().upper().ljust(2 * BYTES_PER_DUMP_LINE)
    groups = [digits[group : group + 8] for group in range(0, len(digits), 8)]
    text = _PAGE.printable(part).ljust(BYTES_PER_DUMP_LINE)
    return f"{at:06X}  {' '.join(groups[:4])}   {' '.join(groups[4:])}   *{text}*"
