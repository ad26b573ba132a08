"""A partitioned data set's own bytes: header, directory blocks with member entries, ISPF statistics, member header.

    0      512   LIBRARY_HEADER
    512    512   LIBRARY_HEADER         the one with the higher sequence and a right checksum counts
    1024         members and directories, each from a multiple of 256

Directory block and entry are those of a real PDS: a count of the bytes in use, then entries in the order of their
names in EBCDIC; the last entry of the last block has a name of X'FF's. An entry's TTR counts units of 256 bytes here.
construct declares all of it; directories and member headers, of which there are many, are read and written without.

Source: z/OS DFSMS Using Data Sets, "PDS directory"; z/OS ISPF Messages and Codes, "ISPF statistics entry".
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import google_crc32c
from construct import (
    Bytes,
    BytesInteger,
    Const,
    Construct,
    ConstructError,
    FixedSized,
    GreedyRange,
    Int8ub,
    Int16ub,
    Int32ub,
    Int64ub,
    Padding,
    Struct,
    this,
)

from ksds.errors import DataSetError

UNIT = 256
HEADER_BYTES = 512
FIRST_UNIT = 2 * HEADER_BYTES // UNIT
MEMBER_HEADER_BYTES = 16
NAME_LENGTH = 8
MAXIMUM_USER_DATA = 62

ALIAS = 0x80
_HALFWORDS = 0x1F
_LAST_NAME = b"\xff" * NAME_LENGTH
_STATISTICS_BYTES = (30, 40)

LIBRARY_HEADER = Struct(
    "magic" / Const(b"KSDSPO01"),
    "sequence" / Int64ub,
    "directory" / Int32ub,  # unit where the directory begins
    "blocks" / Int32ub,
    "end" / Int32ub,  # first unit behind everything
    "checksum" / Int32ub,  # CRC-32C of the directory
    "reserved" / Padding(HEADER_BYTES - 36),
    "crc" / Int32ub,  # CRC-32C of what stands before
)
DIRECTORY_ENTRY = Struct(
    "name" / Bytes(NAME_LENGTH),
    "ttr" / BytesInteger(3),
    "indicator" / Int8ub,  # X'80' alias, X'1F' halfwords of user data
    "user_data" / Bytes(2 * (this.indicator & _HALFWORDS)),
)
DIRECTORY_BLOCK = Struct(
    "used" / Int16ub,
    "entries" / FixedSized(this.used - 2, GreedyRange(DIRECTORY_ENTRY)),
    "unused" / Padding(UNIT - this.used),
)
MEMBER_HEADER = Struct(
    "length" / Int64ub,
    "checksum" / Int32ub,  # CRC-32C of the member's bytes
    "reserved" / Padding(4),
)
_MEMBER_HEADER = struct.Struct(">QI4x")
ISPF_DATE = Struct(
    "century" / Int8ub,  # 0 = 19xx, 1 = 20xx
    "day" / Bytes(3),  # yyddd and a sign, packed
)
ISPF_STATISTICS = Struct(
    "version" / Int8ub,
    "modification" / Int8ub,
    "flags" / Int8ub,  # X'20': 40 bytes, with line counts above 65,535
    "second" / Bytes(1),
    "created" / ISPF_DATE,
    "changed" / ISPF_DATE,
    "time" / Bytes(2),  # hh mm, packed without a sign
    "lines" / Int16ub,
    "initial" / Int16ub,
    "modified" / Int16ub,
    "user" / Bytes(7),
    "filler" / Bytes(3),  # blanks
)


@dataclass(frozen=True, slots=True)
class Header:
    """Which directory counts. Places are in units of 256 bytes."""

    sequence: int
    directory: int
    blocks: int
    end: int
    checksum: int


@dataclass(frozen=True, slots=True)
class DirectoryEntry:
    """`name` in EBCDIC, 8 bytes with blanks; `ttr` in units of 256 bytes."""

    name: bytes
    ttr: int
    alias: bool = False
    user_data: bytes = b""


@dataclass(frozen=True, slots=True)
class IspfStatistics:
    """What ISPF keeps of a member: version.modification, dates, lines now, at first and changed, who."""

    version: int
    modification: int
    created: date
    changed: datetime
    lines: int
    initial: int
    modified: int
    user: bytes


def build_header(header: Header) -> bytes:
    """The header as bytes, its checksum last."""
    fields = {name: getattr(header, name) for name in ("sequence", "directory", "blocks", "end", "checksum")}
    data: bytes = LIBRARY_HEADER.build({**fields, "crc": 0})
    crc: int = google_crc32c.value(data[:-4])
    return data[:-4] + crc.to_bytes(4, "big")


def parse_header(data: bytes) -> Header | None:
    """None if the bytes are not a whole header."""
    if len(data) != HEADER_BYTES or google_crc32c.value(data[:-4]) != int.from_bytes(data[-4:], "big"):
        return None
    try:
        fields = LIBRARY_HEADER.parse(data)
    except ConstructError:
        return None
    return Header(fields.sequence, fields.directory, fields.blocks, fields.end, fields.checksum)


def build_member_header(length: int, checksum: int) -> bytes:
    """What stands before the bytes of a member."""
    return _MEMBER_HEADER.pack(length, checksum)


def build_directory(entries: Sequence[DirectoryEntry]) -> bytes:
    """Blocks of 256 bytes. `entries` are in the order of their names."""
    blocks: list[bytes] = []
    block: list[bytes] = []
    used = 2
    for entry in [*entries, DirectoryEntry(_LAST_NAME, 0)]:
        size = 12 + len(entry.user_data)
        if used + size > UNIT:
            blocks.append(_directory_block(used, block))
            block, used = [], 2
        used += size
        indicator = (ALIAS if entry.alias else 0) | len(entry.user_data) // 2
        block += (entry.name, entry.ttr.to_bytes(3, "big"), bytes([indicator]), entry.user_data)
    blocks.append(_directory_block(used, block))
    return b"".join(blocks)


def _directory_block(used: int, parts: list[bytes]) -> bytes:
    return b"".join([used.to_bytes(2, "big"), *parts]).ljust(UNIT, b"\0")


def parse_directory(data: bytes) -> list[DirectoryEntry]:
    """The entries up to the last one. Raises DataSetError for what cannot be a directory."""
    found: list[DirectoryEntry] = []
    for at in range(0, len(data), UNIT):
        end = at + int.from_bytes(data[at : at + 2], "big")
        if not at + 2 <= end <= at + UNIT <= len(data):
            raise DataSetError("THE DIRECTORY BLOCK IS DAMAGED", offset=at)
        for entry in _entries(data, at + 2, end):
            if entry.name == _LAST_NAME:
                return found
            found.append(entry)
    raise DataSetError("THE DIRECTORY HAS NO END", offset=len(data))


def _entries(data: bytes, at: int, end: int) -> Iterator[DirectoryEntry]:
    """The whole entries of a block."""
    while at + 12 <= end:
        indicator = data[at + 11]
        following = at + 12 + 2 * (indicator & _HALFWORDS)
        if following > end:
            return
        name, ttr = data[at : at + NAME_LENGTH], int.from_bytes(data[at + NAME_LENGTH : at + 11], "big")
        yield DirectoryEntry(name, ttr, bool(indicator & ALIAS), data[at + 12 : following])
        at = following


def build_statistics(statistics: IspfStatistics) -> bytes:
    """30 bytes of user data; lines above 65,535 are shown as 65,535."""
    changed = statistics.changed
    data: bytes = ISPF_STATISTICS.build(
        {
            "version": statistics.version,
            "modification": statistics.modification,
            "flags": 0,
            "second": _digits(changed.second),
            "created": _from_day(statistics.created),
            "changed": _from_day(changed.date()),
            "time": _digits(changed.hour) + _digits(changed.minute),
            "lines": min(statistics.lines, 0xFFFF),
            "initial": min(statistics.initial, 0xFFFF),
            "modified": min(statistics.modified, 0xFFFF),
            "user": statistics.user[:7].ljust(7, b"\x40"),
            "filler": b"\x40" * 3,
        }
    )
    return data


def parse_statistics(user_data: bytes) -> IspfStatistics | None:
    """None if the user data are something else."""
    if len(user_data) not in _STATISTICS_BYTES:
        return None
    fields = ISPF_STATISTICS.parse(user_data[:30])
    try:
        hour, minute, second = (int(byte.hex()) for byte in (fields.time[:1], fields.time[1:], fields.second))
        day = _to_day(fields.changed)
        return IspfStatistics(
            fields.version,
            fields.modification,
            _to_day(fields.created),
            datetime(day.year, day.month, day.day, hour, minute, second),
            fields.lines,
            fields.initial,
            fields.modified,
            fields.user,
        )
    except (ValueError, OverflowError):
        return None


def units(length: int) -> int:
    """Units that `length` bytes take."""
    return -(-length // UNIT)


def free_runs(taken: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """First unit and number of units of every gap between runs (first unit, units), from the lowest."""
    gaps, at = [], FIRST_UNIT
    for first, count in sorted(taken):
        if first > at:
            gaps.append((at, first - at))
        at = max(at, first + count)
    return gaps


def _digits(number: int) -> bytes:
    return bytes.fromhex(f"{number:02}")


def _from_day(day: date) -> dict[str, object]:
    return {"century": max(0, day.year // 100 - 19), "day": bytes.fromhex(f"{day:%y%j}F")}


def _to_day(fields: Construct) -> date:
    digits = fields.day.hex()
    year = 1900 + 100 * fields.century + int(digits[:2])
    day = date.fromordinal(date(year, 1, 1).toordinal() + int(digits[2:5]) - 1)
    if day.year != year:
        raise ValueError(f"day {digits[2:5]} of {year}")
    return day
