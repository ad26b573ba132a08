"""The journal file of a sphere: two header copies, then groups of changes to control intervals.

    0      4096   8192
    | hdr0 | hdr1 | group | group | ... |        each group starts on a 512-byte boundary

Headers are of 4096 bytes, or of 65536 where the state of the sphere is too long for that.

A commit is one group, or several of which all but the last are `continued`: whole, or it never happened. Both
header and body of a group carry a CRC-32C, and its salt must be that of the newest header. Bodies hold the sphere's
state after the commit, a table of entries, then what the entries stand for, in the order of the table: the whole image
of a control interval, nothing for an empty one, or one change to it (`ksds.layout.record_edit`, `index_edit`).

construct declares the layouts; struct does the work; a property test holds the two equal.
All numbers are big-endian and unsigned.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import google_crc32c
from construct import Bytes, Const, Int8ub, Int16ub, Int32ub, Int64ub, Struct

HEADER_BYTES = 4096
WIDE_HEADER_BYTES = 65536
GROUPS_AT = 2 * HEADER_BYTES
ALIGNMENT = 512
FORMAT_VERSION = 2

HEADER_MAGIC = b"KSDSJNL\x01"
GROUP_MAGIC = b"JGRP"

JOURNAL_HEADER = Struct(
    "magic" / Const(HEADER_MAGIC),
    "version" / Int16ub,
    "state_length" / Int16ub,
    "salt" / Int32ub,
    "epoch" / Int64ub,
    "sequence" / Int64ub,
    "sphere" / Bytes(16),
    "crc" / Int32ub,
)
GROUP_HEADER = Struct(
    "magic" / Const(GROUP_MAGIC),
    "salt" / Int32ub,
    "sequence" / Int64ub,
    "durable" / Int64ub,
    "body_length" / Int64ub,
    "entries" / Int32ub,
    "state_length" / Int16ub,
    "continued" / Int16ub,
    "body_crc" / Int32ub,
    "header_crc" / Int32ub,
)
GROUP_ENTRY = Struct(
    "component" / Int16ub,
    "kind" / Int8ub,
    "reserved" / Int8ub,
    "number" / Int32ub,
    "length" / Int32ub,
)

_HEADER = struct.Struct(">8sHHIQQ16sI")
_GROUP = struct.Struct(">4sIQQQIHHII")
_ENTRY = struct.Struct(">HBBII")

GROUP_HEADER_BYTES = _GROUP.size
ENTRY_BYTES = _ENTRY.size

IMAGE, EDIT, EMPTY = 0, 1, 2
"""Kinds of entry: a whole control interval; one `record_edit` or `index_edit` to be made to its newest image; an empty
control interval, of which nothing need be said."""

Entry = tuple[int, int, int, bytes]
"""Component, kind, number of the control interval, image or edit."""


@dataclass(frozen=True, slots=True)
class JournalHeader:
    """One header copy: which groups count (`salt`), and the sphere's state when they began.

    `epoch` rises by one at each rewrite, the higher of two valid copies rules. `sequence` is the number
    of the last group whose images are all home.
    """

    salt: int
    epoch: int
    sequence: int
    sphere: bytes
    state: bytes


@dataclass(frozen=True, slots=True)
class GroupHeader:
    """`durable` is the number of the newest group known to be synced when this one was written. `continued` says that
    the commit goes on in the next group, and has not happened without it."""

    salt: int
    sequence: int
    durable: int
    body_length: int
    entries: int
    state_length: int
    continued: bool
    body_crc: int


def header_bytes(state_length: int) -> int:
    """The length of a header that carries a state of so many bytes."""
    return HEADER_BYTES if _HEADER.size + state_length <= HEADER_BYTES else WIDE_HEADER_BYTES


def build_header(header: JournalHeader) -> bytes:
    """The bytes of a header copy; the CRC covers all of them with its own field zero."""
    fields = (
        HEADER_MAGIC, FORMAT_VERSION, len(header.state), header.salt, header.epoch, header.sequence, header.sphere,
    )  # fmt: skip
    padding = bytes(header_bytes(len(header.state)) - _HEADER.size - len(header.state))
    blank = _HEADER.pack(*fields, 0) + header.state + padding
    return _HEADER.pack(*fields, google_crc32c.value(blank)) + header.state + padding


def parse_header(data: bytes) -> JournalHeader | None:
    """The header, or None where the bytes are not a valid copy."""
    if len(data) < HEADER_BYTES:
        return None
    magic, version, state_length, salt, epoch, sequence, sphere, crc = _HEADER.unpack_from(data)
    end = _HEADER.size + state_length
    if magic != HEADER_MAGIC or version != FORMAT_VERSION or len(data) != header_bytes(state_length):
        return None
    blank = data[: _HEADER.size - 4] + bytes(4) + data[_HEADER.size :]
    if google_crc32c.value(blank) != crc:
        return None
    return JournalHeader(salt, epoch, sequence, sphere, data[_HEADER.size : end])


def build_group_header(group: GroupHeader) -> bytes:
    """The 52 bytes before a group's body."""
    fields = (
        GROUP_MAGIC, group.salt, group.sequence, group.durable, group.body_length, group.entries,
        group.state_length, group.continued, group.body_crc,
    )  # fmt: skip
    return _GROUP.pack(*fields, google_crc32c.value(_GROUP.pack(*fields, 0)))


def parse_group_header(data: bytes) -> GroupHeader | None:
    """The group header at the start of `data`, or None where there is none."""
    if len(data) < GROUP_HEADER_BYTES:
        return None
    magic, salt, sequence, durable, length, entries, state_length, continued, body_crc, crc = _GROUP.unpack_from(data)
    if magic != GROUP_MAGIC or continued > 1:
        return None
    if google_crc32c.value(data[: GROUP_HEADER_BYTES - 4] + bytes(4)) != crc:
        return None
    if length < state_length + entries * ENTRY_BYTES:
        return None
    return GroupHeader(salt, sequence, durable, length, entries, state_length, bool(continued), body_crc)


def group_headers(data: bytes) -> Iterator[GroupHeader]:
    """Every group header in `data`, which begins where a group may start."""
    at = data.find(GROUP_MAGIC)
    while at >= 0:
        if at % ALIGNMENT == 0 and (header := parse_group_header(data[at : at + GROUP_HEADER_BYTES])) is not None:
            yield header
        at = data.find(GROUP_MAGIC, at + 1)


def build_entries(entries: Sequence[Entry]) -> bytes:
    """The table of a group's entries."""
    pack = _ENTRY.pack
    return b"".join([pack(component, kind, 0, number, len(data)) for component, kind, number, data in entries])


def parse_entries(table: bytes) -> list[tuple[int, int, int, int]] | None:
    """(component, kind, number, length) of each entry, or None for a kind that this version does not know."""
    rows = list(_ENTRY.iter_unpack(table))
    if any(kind not in (IMAGE, EDIT, EMPTY) for _, kind, _, _, _ in rows):
        return None
    return [(component, kind, number, length) for component, kind, _, number, length in rows]


def aligned(length: int) -> int:
    """`length` rounded up to where the next group starts."""
    return -(-length // ALIGNMENT) * ALIGNMENT
